"""connect(): arguments, address, socket, TLS, opening handshake (RFC 6455 §4)."""
import gc
import os
import sys
import time

from .client import WebsocketClient
from .errors import HandshakeError
from .protocol import ConnectionClosed
from .request import base64, request
from .sending import ends, left
from .sockets import use
from .stream import move, now
from .uri import split

try:
    import adafruit_logging as logging
    LOGGER = logging.getLogger("cpwebsockets")
except ImportError:
    LOGGER = None

_WRITE = 4  # POLLOUT
_HANDSHAKE_TIMEOUT = 10  # seconds, when `timeout` is None or 0


def connect(uri, radio, **options):
    try:
        return _connect(uri, radio, **options)
    finally:
        if sys.implementation.name != "cpython":
            _unload()


def _unload():
    """Gives back the memory of what only connect() needs."""
    package = __name__[:-8]
    for name in ("opening", "request", "uri", "dial", "answer", "sockets"):
        if sys.modules.pop(package + "." + name, None):
            delattr(sys.modules[package], name)
    gc.collect()


def _connect(uri, radio, *, ssl_context=None, headers=None, subprotocols=None, origin=None, **options):
    parts, host, user = split(uri)
    key = base64(os.urandom(16))
    if isinstance(subprotocols, str):
        raise TypeError("subprotocols is a list of str")
    subprotocols = list(subprotocols or ())
    if not all(isinstance(name, str) for name in subprotocols):
        raise TypeError("subprotocols is a list of str")
    data = request(parts, host, user, key, origin, headers, subprotocols)
    ws = WebsocketClient(None, **options)  # what is wrong with an option is told before there is a socket
    limit = options.get("timeout") or _HANDSHAKE_TIMEOUT
    if LOGGER:
        LOGGER.debug("connecting to %s:%d", parts.hostname, parts.port)
    from .answer import read_answer
    from .dial import context_of, dial, pool_of
    pool = pool_of(radio)
    begun = now()
    use(ws, dial(pool, parts, context_of(ssl_context, pool) if parts.protocol == "wss" else None, limit))
    timeout, keepalive = ws._timeout, ws._keepalive
    try:
        ws._timeout, ws._keepalive, ws._begun, ws._turns = int(limit * 1000), None, begun, 0
        _send(ws, data)
        ws.subprotocol = read_answer(ws, key, subprotocols)
    except ConnectionClosed:
        raise HandshakeError("the connection ended during the opening handshake")
    except BaseException:
        ends(ws, "shut")
        raise
    ws._timeout, ws._keepalive, ws._heard, ws._begun = timeout, keepalive, now(), None
    return ws


def _send(ws, data):
    view = memoryview(data)
    while view:
        count = move(ws, ws._send, _WRITE, view, left(ws))
        if count < 0:
            ends(ws, "lost", None)
        if not count:
            if not left(ws):
                raise HandshakeError("the opening handshake took too long")
            time.sleep(0.001)
        view = view[count:]
