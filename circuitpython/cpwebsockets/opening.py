"""connect(), step by step: each is in a module of its own, whose memory is given back before the next."""
import gc
import sys

from .client import WebsocketClient
from .protocol import ConnectionClosed
from .sending import ends, now

try:
    import adafruit_logging as logging
    LOGGER = logging.getLogger("cpwebsockets")
except ImportError:
    LOGGER = None


def give_back(name):
    """A module that was needed once."""
    package = __name__[:-8]
    if sys.implementation.name != "cpython" and sys.modules.pop(package + "." + name, None):
        delattr(sys.modules[package], name)
        gc.collect()  # now: what stays lies together then


def once(name, function, *args):
    """Calls what is in a module, and gives the module back."""
    full = __name__[:-7] + name
    try:
        __import__(full)
        return getattr(sys.modules[full], function)(*args)
    finally:
        give_back(name)


def connect(uri, radio, *, ssl_context=None, headers=None, subprotocols=None, origin=None, **options):
    ws = WebsocketClient(None, **options)  # first, as its buffers are the largest pieces of memory
    uri, host, user = once("uri", "split", uri)
    data, key, subprotocols = once("request", "request", uri, host, user, origin, headers, subprotocols)
    timeout, keepalive = ws._timeout, ws._keepalive
    ws._timeout, ws._keepalive = timeout or 10000, None
    if LOGGER:
        LOGGER.debug("connecting to %s:%d", uri.hostname, uri.port)
    sock, spent = once("dial", "dial", uri, radio, ssl_context, ws._timeout)
    once("sockets", "use", ws, sock)
    try:
        fields = once("answer", "shake_hands", ws, data, spent)
        ws.subprotocol = once("accept", "check", fields, key, subprotocols)
    except ConnectionClosed:
        from .errors import HandshakeError
        raise HandshakeError("the connection ended during the opening handshake")
    except BaseException:
        ends(ws, "shut")
        raise
    ws._timeout, ws._keepalive, ws._heard, ws._begun = timeout, keepalive, now(), None
    return ws
