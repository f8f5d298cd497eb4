"""The client's opening handshake (RFC 6455 §4.1)."""
import binascii
from os import urandom

_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RESERVED = ("host", "upgrade", "connection", "content-length", "transfer-encoding", "sec-websocket-")


def base64(data):
    return binascii.b2a_base64(data).strip().decode()


def is_token(text):
    return bool(text) and all(c in _TOKEN for c in text.encode("utf-8", "surrogatepass"))


def _unquote(text):
    """Percent-encoded text to bytes."""
    first, *others = text.split("%")
    return first.encode() + b"".join(bytes((int(part[:2], 16),)) + part[2:].encode() for part in others)


def _pairs(headers):
    fields = list(headers.items() if isinstance(headers, dict) else headers or ())
    for field in fields:
        if not isinstance(field, (tuple, list)) or len(field) != 2 or not all(isinstance(part, str) for part in field):
            raise TypeError("headers are a dict or pairs of str")
        name, value = field
        if not is_token(name):
            raise ValueError("a header name is not an HTTP token")
        if any(c < 32 and c != 9 or c == 127 for c in value.encode("utf-8", "surrogatepass")):
            raise ValueError("a header value contains CR, LF, NUL or another control character")
        name = name.lower()
        if any(name == word or (word[-1] == "-" and name.startswith(word)) for word in _RESERVED):
            raise ValueError("the header is written by the handshake itself and cannot be set")
    return fields


def request(uri, host, user, origin, headers, subprotocols):
    """The request, its key, and the subprotocols as a list."""
    key = base64(urandom(16))
    lines = ["GET %s HTTP/1.1" % uri.path, "Host: " + host, "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: " + key, "Sec-WebSocket-Version: 13"]
    if origin is not None and not isinstance(origin, str):
        raise TypeError("origin is a str")
    fields = _pairs(headers)
    if origin:
        fields += _pairs((("Origin", origin),))
    if user is not None and not any(name.lower() == "authorization" for name, _ in fields):
        name, _, password = user.partition(":")
        fields.append(("Authorization", "Basic " + base64(_unquote(name) + b":" + _unquote(password))))
    if isinstance(subprotocols, str):
        raise TypeError("subprotocols is a list of str")
    subprotocols = list(subprotocols or ())
    if not all(isinstance(name, str) for name in subprotocols):
        raise TypeError("subprotocols is a list of str")
    if subprotocols:
        if len(set(subprotocols)) != len(subprotocols) or not all(is_token(name) for name in subprotocols):
            raise ValueError("a subprotocol is not an HTTP token or is listed twice")
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    lines += ["%s: %s" % (field[0], field[1]) for field in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), key, subprotocols
