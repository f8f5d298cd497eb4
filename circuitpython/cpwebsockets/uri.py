"""WebSocket URLs (RFC 6455 §3, RFC 3986)."""
from collections import namedtuple

URI = namedtuple("URI", ("protocol", "hostname", "port", "path"))

_UNRESERVED = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_PATH = _UNRESERVED + b"!$&'()*+,;=:@/?%"
_HEX = b"0123456789abcdefABCDEF"


def made_of(text, allowed):
    # As bytes: MicroPython keeps every character of a str that it meets for ever.
    text = text.encode("utf-8", "surrogatepass")
    if not all(c in allowed for c in text):
        return False
    index = text.find(b"%")
    while index >= 0:
        if len(text) < index + 3 or text[index + 1] not in _HEX or text[index + 2] not in _HEX:
            return False
        index = text.find(b"%", index + 1)
    return True


def split(uri):
    """(URI, value of the Host header, user information or None), or ValueError."""
    if not isinstance(uri, str):
        raise TypeError("the URL is a str")
    scheme, colon, rest = uri.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in ("ws", "wss"):
        raise ValueError("the URL must start with ws:// or wss://")
    if "#" in rest:
        raise ValueError("a WebSocket URL has no fragment: write %23 for '#'")
    end = min(rest.find(c) if c in rest else len(rest) for c in "/?")
    authority, path = rest[:end], rest[end:]
    user = None
    if "@" in authority:
        user, authority = authority.rsplit("@", 1)
        if not made_of(user, _UNRESERVED + b"!$&'()*+,;=:%"):
            raise ValueError("the URL's user information is malformed")
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        ok = bracket and ":" in host and made_of(host, _HEX + b":.") and (not port or port.startswith(":"))
        port = port[1:] if port else None
    else:
        host, colon, port = authority.partition(":")
        ok = host and not host.startswith(".") and ".." not in host and made_of(host, _UNRESERVED)
        port = port if colon else None
    if not ok:
        raise ValueError("the URL's host is missing or malformed")
    if port is None:
        port = 443 if scheme == "wss" else 80
    elif not port or not made_of(port, b"0123456789") or len(port) > 5 or not 0 < int(port) < 65536:
        raise ValueError("the URL's port is not a number from 1 to 65535")
    if not made_of(path, _PATH):
        raise ValueError("the URL's path or query holds a character that must be percent-encoded")
    return URI(scheme, host, int(port), path if path.startswith("/") else "/" + path), authority, user


def urlparse(uri):
    """Splits a ws:// or wss:// URL; `path` has the query as well. ValueError says what is wrong with it."""
    return split(uri)[0]
