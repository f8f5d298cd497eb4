"""WebSocket client: connect() and the opening handshake (RFC 6455 §4), in plain Python.

    import wifi
    import cpwebsockets.client

    with cpwebsockets.client.connect("wss://example.com/feed", wifi.radio) as ws:
        ws.send("hello")
        print(ws.recv())
"""
import binascii
import os

from .protocol import ConnectionClosed, Websocket
from .stream import Deadline
from .uri import split, urlparse  # noqa: F401  part of this module's interface

try:
    import adafruit_logging as logging
    LOGGER = logging.getLogger("cpwebsockets")
except ImportError:
    LOGGER = None

_HANDSHAKE_TIMEOUT = 10  # seconds, when `timeout` is None or 0
_MAX_HEADER = 8192  # bytes of the server's header, or buffer_size if that is more
_MAX_BODY = 512  # bytes of a refusal's body
_TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RESERVED = ("host", "upgrade", "connection", "content-length", "transfer-encoding", "sec-websocket-")


class HandshakeError(OSError):
    """The server did not open. When it refused: `status` is its HTTP status, `headers` its fields in lower case, and
    `body` the first bytes of what it said."""

    def __init__(self, message, status=0, headers=None, body=b""):
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = body


class WebsocketClient(Websocket):
    """What connect() returns."""

    is_client = True


def _sha1(data):
    import hashlib
    if hasattr(hashlib, "sha1"):
        return hashlib.sha1(data).digest()
    return hashlib.new("sha1", data).digest()  # CircuitPython


def _base64(data):
    return binascii.b2a_base64(data).strip().decode()


def _unquote(text):
    """Percent-encoded text to bytes."""
    raw, at = bytearray(), 0
    while at < len(text):
        if text[at] == "%":
            raw.append(int(text[at + 1:at + 3], 16))
            at += 3
        else:
            raw.append(ord(text[at]))
            at += 1
    return bytes(raw)


def _check_headers(headers):
    for name, value in headers:
        if not name or not all(c in _TOKEN for c in name):
            raise ValueError("a header name is not an HTTP token")
        if any(ord(c) < 32 and c != "\t" or ord(c) == 127 for c in value):
            raise ValueError("a header value contains a control character")
        if any(name.lower() == word or (word[-1] == "-" and name.lower().startswith(word)) for word in _RESERVED):
            raise ValueError("the header is written by the handshake itself and cannot be set")


def _pairs(headers):
    fields = list(headers.items() if isinstance(headers, dict) else headers or ())
    for field in fields:
        if not isinstance(field, (tuple, list)) or len(field) != 2 or not all(isinstance(part, str) for part in field):
            raise TypeError("headers are a dict or pairs of str")
    return fields


def _request(uri, host, user, key, origin, headers, subprotocols):
    lines = ["GET %s HTTP/1.1" % uri.path, "Host: " + host, "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: " + key, "Sec-WebSocket-Version: 13"]
    fields = _pairs(headers)
    if origin is not None and not isinstance(origin, str):
        raise TypeError("origin is a str")
    if origin:
        fields.append(("Origin", origin))
    _check_headers(fields)
    if user is not None:
        name, _, password = user.partition(":")
        fields.append(("Authorization", "Basic " + _base64(_unquote(name) + b":" + _unquote(password))))
    if isinstance(subprotocols, str) or not all(isinstance(p, str) for p in subprotocols or ()):
        raise TypeError("subprotocols is a list of str")
    if subprotocols:
        if len(set(subprotocols)) != len(subprotocols) or not all(p and all(c in _TOKEN for c in p) for p in subprotocols):
            raise ValueError("a subprotocol is not an HTTP token or is listed twice")
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    lines += ["%s: %s" % field for field in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read_line(ws, deadline, left):
    """The next line of the header, without its end; it must fit the buffer."""
    size = 0
    while True:
        if not ws._need(size + 1, deadline):
            raise HandshakeError("the opening handshake took too long")
        size = ws._end - ws._begin
        line = bytes(ws._view[ws._begin:ws._end])
        end = line.find(b"\r\n")
        if end >= 0:
            ws._begin += end + 2
            return line[:end]
        if size >= len(ws._in) or size > left:
            raise HandshakeError("the server's header is larger than the limit")


def _read_header(ws, deadline):
    """Status and fields, a list of pairs with names in lower case."""
    left, fields = max(_MAX_HEADER, len(ws._in)), []
    while not ws._begin < ws._end or bytes(ws._view[ws._begin:ws._end])[:9] != b"HTTP/1.1 ":
        have = bytes(ws._view[ws._begin:ws._end])[:9]
        if not b"HTTP/1.1 ".startswith(have):
            raise HandshakeError("the server does not answer in HTTP/1.1")
        if not ws._need(len(have) + 1, deadline):
            raise HandshakeError("the opening handshake took too long")
    line = _read_line(ws, deadline, left)
    digits = line[9:12]
    if len(digits) != 3 or not digits.isdigit() or not 100 <= int(digits) < 600 or line[12:13] not in (b"", b" ") or b"\n" in line:
        raise HandshakeError("the server's header is malformed")
    while True:
        left -= len(line) + 2
        line = _read_line(ws, deadline, left)
        if left < 0:
            raise HandshakeError("the server's header is larger than the limit")
        if not line:
            return int(digits), fields
        name, colon, value = line.partition(b":")
        value = value.strip(b" \t")
        if not colon or not name or not all(chr(c) in _TOKEN for c in name) or any(c < 32 and c != 9 or c == 127 for c in value):
            raise HandshakeError("the server's header is malformed")
        fields.append((str(name, "ascii").lower(), value))


def _has_token(value, token):
    return any(part.strip(b" \t").lower() == token for part in value.split(b","))


def _check_answer(fields, key, subprotocols):
    """The subprotocol that the server chose, or HandshakeError."""
    def all_of(name):
        return [value for field, value in fields if field == name]

    upgrades = all_of("upgrade")
    if not upgrades or any(value.lower() != b"websocket" for value in upgrades):
        raise HandshakeError("the header 'Upgrade: websocket' is missing or wrong")
    if any(all_of("sec-websocket-extensions")):
        raise HandshakeError("the server chose an extension that was not offered")
    if not any(_has_token(value, b"upgrade") for value in all_of("connection")):
        raise HandshakeError("the header 'Connection: Upgrade' is missing or wrong")
    accepts = all_of("sec-websocket-accept")
    if len(accepts) != 1:
        raise HandshakeError("the header Sec-WebSocket-Accept is missing or repeated")
    if accepts[0].decode() != _base64(_sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())):
        raise HandshakeError("Sec-WebSocket-Accept does not match the key")
    chosen = all_of("sec-websocket-protocol")
    if not chosen:
        return None
    name = chosen[0].decode()
    if len(chosen) > 1 or name not in (subprotocols or ()):
        raise HandshakeError("the server chose a subprotocol that was not offered")
    return name


def _read_body(ws, fields, deadline):
    """The first bytes of a refusal's body, as many as come."""
    fields = dict(fields)
    length = fields.get("content-length", b"")
    wanted = min(int(length), _MAX_BODY) if length.isdigit() and len(length) < 9 else _MAX_BODY
    wanted = min(wanted, len(ws._in))
    try:
        ws._need(wanted, deadline)
    except ConnectionClosed:
        pass
    return bytes(ws._view[ws._begin:min(ws._end, ws._begin + wanted)])


def _handshake(ws, request, key, subprotocols, limit):
    deadline = Deadline(int(limit * 1000))
    if not ws._write(memoryview(request), deadline):
        raise HandshakeError("the opening handshake took too long")
    status = 100
    while status < 200 and status != 101:  # interim responses may come first
        status, fields = _read_header(ws, deadline)
    if status != 101:
        body = _read_body(ws, fields, deadline)
        headers = {name: "".join(chr(c) if c < 128 else "?" for c in value) for name, value in fields}
        raise HandshakeError("handshake refused: HTTP %d (expected 101)" % status, status, headers, body)
    ws.subprotocol = _check_answer(fields, key, subprotocols)


def _pool_of(radio):
    """The socket pool (or module) for what connect() was given."""
    if radio is None:
        import socket
        return socket
    if hasattr(radio, "getaddrinfo") and hasattr(radio, "socket"):
        return radio
    import socketpool
    return socketpool.SocketPool(radio)


def _open_socket(pool, uri, ssl_context, limit):
    """A connected socket, with TLS for wss."""
    context = None
    if uri.protocol == "wss":
        context = ssl_context
        if context is None:
            import ssl
            if not hasattr(ssl, "create_default_context"):
                raise ValueError("wss needs ssl_context=, with the CAs to trust")
            context = ssl.create_default_context()
    info = pool.getaddrinfo(uri.hostname, uri.port, 0, pool.SOCK_STREAM)[0]
    sock = pool.socket(info[0], info[1])
    try:
        if hasattr(sock, "settimeout"):
            sock.settimeout(limit)
        if hasattr(sock, "setsockopt") and hasattr(pool, "TCP_NODELAY"):
            sock.setsockopt(getattr(pool, "IPPROTO_TCP", 6), pool.TCP_NODELAY, 1)
        if context is None:
            sock.connect(info[-1])
        elif hasattr(sock, "recv_into") and not hasattr(sock, "makefile"):
            # CircuitPython: TLS begins in connect(), which takes the name to verify.
            sock = context.wrap_socket(sock, server_hostname=uri.hostname)
            sock.connect((uri.hostname, uri.port))
        else:
            sock.connect(info[-1])
            sock = context.wrap_socket(sock, server_hostname=uri.hostname)
    except BaseException:
        sock.close()
        raise
    return sock


def connect(uri, radio=None, *, ssl_context=None, headers=None, subprotocols=None, origin=None, timeout=None,
            max_size=None, buffer_size=2048, keepalive=None):
    """Connects to a ws:// or wss:// URL; returns a WebsocketClient.

    radio: wifi.radio, a socket pool, or None for the socket module. ssl_context: for wss; the default one of the firmware
    otherwise. headers: a dict or pairs. subprotocols: in order of preference. timeout: seconds, for connecting and then
    for each recv() and send(); None waits without end (10 s for connecting), 0 not at all. max_size: bytes of a message.
    buffer_size: bytes, parted between reading and writing; a line of the server's header must fit a half. keepalive:
    seconds of silence after which the server is pinged, and again until it is given up.

    ValueError: a wrong argument. OSError: no connection; its subclass HandshakeError: the server did not open.
    """
    parts, host, user = split(uri)
    key = _base64(os.urandom(16))
    request = _request(parts, host, user, key, origin, headers, subprotocols)
    limit = timeout or _HANDSHAKE_TIMEOUT
    if LOGGER:
        LOGGER.debug("connecting to %s:%d", parts.hostname, parts.port)
    sock = _open_socket(_pool_of(radio), parts, ssl_context, limit)
    try:
        ws = WebsocketClient(sock, timeout=timeout, max_size=max_size, buffer_size=buffer_size, keepalive=keepalive)
        _handshake(ws, request, key, subprotocols, limit)
    except ConnectionClosed:
        raise HandshakeError("the connection ended during the opening handshake")
    except BaseException:
        sock.close()
        raise
    return ws
