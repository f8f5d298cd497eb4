"""The fields of a 101, judged (RFC 6455 §4.1)."""
import binascii
import hashlib


def _refuse(words):
    from .errors import HandshakeError
    raise HandshakeError(words)


def _has_token(value, token):
    return any(part.strip(b" \t").lower() == token for part in value.split(b","))


def check(fields, key, subprotocols):
    """The subprotocol that the server chose, or HandshakeError."""
    def all_of(name):
        return [value for field, value in fields if field == name]

    upgrades = all_of("upgrade")
    if not upgrades or any(value.lower() != b"websocket" for value in upgrades):
        _refuse("the header 'Upgrade: websocket' is missing or wrong")
    if any(all_of("sec-websocket-extensions")):
        _refuse("the server chose an extension that was not offered")
    if not any(_has_token(value, b"upgrade") for value in all_of("connection")):
        _refuse("the header 'Connection: Upgrade' is missing or wrong")
    accepts = all_of("sec-websocket-accept")
    if len(accepts) != 1:
        _refuse("the header Sec-WebSocket-Accept is missing or repeated")
    data = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()
    digest = hashlib.sha1(data) if hasattr(hashlib, "sha1") else hashlib.new("sha1", data)  # CircuitPython
    if accepts[0] != binascii.b2a_base64(digest.digest()).strip():
        _refuse("Sec-WebSocket-Accept does not match the key")
    chosen = all_of("sec-websocket-protocol")
    if not chosen:
        return None
    for name in subprotocols or ():
        if len(chosen) == 1 and chosen[0] == name.encode():
            return name
    _refuse("the server chose a subprotocol that was not offered")
