"""The server's opening handshake (RFC 6455 §4.2.2), or its refusal. The 101 is judged strictly; a refusal need not be textbook
HTTP. Fields are read one by one: only those that matter have to fit the buffer."""
import hashlib

from .errors import HandshakeError
from .protocol import ConnectionClosed
from .receiving import need
from .request import base64, is_token
from .sending import left

_MAX_HEADER = 65536  # bytes of the server's header
_MAX_KEPT = 2048  # bytes of a refusal's fields
_MAX_BODY = 512  # bytes of a refusal's body
_MATTERS = ("upgrade", "connection", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions")
_TOO_LARGE = "the peer's handshake header is larger than the limit"
_MALFORMED = "the peer's handshake header is malformed"
_NO_HTTP = "the peer does not answer in HTTP/1.1"


class _Reader:
    def __init__(self, ws):
        self.ws = ws

    def need(self, size):
        if not need(self.ws, size) or left(self.ws) == 0:
            raise HandshakeError("the opening handshake took too long")

    def pieces(self):
        """The next line with its end, in pieces as large as the buffer."""
        ws = self.ws
        ended = False
        while not ended:
            at = bytes(ws._in[ws._begin:ws._end_in]).find(b"\n")
            have = ws._end_in - ws._begin
            if at < 0 and have < len(ws._in):
                self.need(have + 1)
                continue
            ended = at >= 0
            end = ws._begin + at + 1 if ended else ws._end_in
            piece = bytes(ws._in[ws._begin:end])
            self.left -= len(piece)
            if self.left < 0:
                raise HandshakeError(_TOO_LARGE)
            ws._begin = end
            yield piece

    def status(self):
        """Of the status line: the version's last digit and the status."""
        ws, self.left = self.ws, _MAX_HEADER
        while True:  # what is no HTTP may never come to the end of a line
            have = bytes(ws._in[ws._begin:min(ws._end_in, ws._begin + 7)])
            if not b"HTTP/1.".startswith(have):
                raise HandshakeError(_NO_HTTP)
            if len(have) == 7:
                break
            self.need(len(have) + 1)
        line = b""
        for piece in self.pieces():
            line = line or piece
        self.ended_well = line.endswith(b"\r\n")
        line = line.rstrip(b"\r\n")
        digits = line[9:12]
        if not line[7:8].isdigit() or line[8:9] != b" ":
            raise HandshakeError(_NO_HTTP)
        if len(digits) != 3 or not digits.isdigit() or not b"100" <= digits < b"600" or line[12:13] not in (b"", b" "):
            raise HandshakeError(_MALFORMED)
        return line[7:8], int(digits)

    def fields(self, strict):
        """A list of pairs, with names in lower case: all that matter, of a refusal all that fit."""
        fields, kept = [], 0
        while True:
            line, whole = None, True
            for piece in self.pieces():
                if strict and any(c < 32 and c != 9 or c == 127 for c in piece.rstrip(b"\r\n")) or (
                        strict and piece.endswith(b"\n") and piece[-2:-1] != b"\r"):
                    raise HandshakeError(_MALFORMED)
                if line is None:
                    line = piece
                else:
                    whole = False
            line = line.rstrip(b"\r\n") if whole else line
            if not line:
                return fields
            name, colon, value = line.partition(b":")
            if line[:1] in b" \t" and not strict:
                if fields:  # a folded field
                    fields[-1] = fields[-1][0], fields[-1][1] + b" " + line.strip(b" \t")
                continue
            try:
                name = str(name, "utf-8")
            except UnicodeError:
                name = ""
            if not colon or not is_token(name):
                if strict:
                    raise HandshakeError(_MALFORMED)
                continue
            name = name.lower()
            if strict and name not in _MATTERS:
                continue
            if not whole:
                if strict:
                    raise HandshakeError(_TOO_LARGE)
                continue
            kept += len(line)
            if strict or kept <= _MAX_KEPT:
                fields.append((name, value.strip(b" \t")))


def _has_token(value, token):
    return any(part.strip(b" \t").lower() == token for part in value.split(b","))


def _check(fields, key, subprotocols):
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
    data = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()
    digest = hashlib.sha1(data) if hasattr(hashlib, "sha1") else hashlib.new("sha1", data)  # CircuitPython
    if accepts[0] != base64(digest.digest()).encode():
        raise HandshakeError("Sec-WebSocket-Accept does not match the key")
    chosen = all_of("sec-websocket-protocol")
    if not chosen:
        return None
    for name in subprotocols or ():
        if len(chosen) == 1 and chosen[0] == name.encode():
            return name
    raise HandshakeError("the server chose a subprotocol that was not offered")


def _body(reader, status, fields):
    """The first bytes of a refusal's body, decoded, as many as come in time."""
    ws, body = reader.ws, bytearray()
    if status in (204, 304):
        return b""
    fields = dict(fields)

    def take(size):
        while size > 0 and len(body) < _MAX_BODY:
            reader.need(1)
            count = min(size, ws._end_in - ws._begin, _MAX_BODY - len(body))
            body.extend(bytes(ws._in[ws._begin:ws._begin + count]))
            ws._begin += count
            size -= count

    try:
        if _has_token(fields.get("transfer-encoding", b""), b"chunked"):
            size = 1
            while size and len(body) < _MAX_BODY:
                line = b"".join(reader.pieces()).split(b";")[0].strip()
                size = int(str(line, "ascii") or "0", 16)
                take(size)
                if size and len(body) < _MAX_BODY:
                    b"".join(reader.pieces())
        else:
            length = fields.get("content-length", b"")
            take(min(int(length), _MAX_BODY) if length.isdigit() and len(length) < 9 else _MAX_BODY)
    except (ConnectionClosed, HandshakeError, ValueError):
        pass  # what came is there
    return bytes(body)


def read_answer(ws, key, subprotocols):
    reader = _Reader(ws)
    status = 100
    while status < 200 and status != 101:  # interim responses may come first
        version, status = reader.status()
        if status == 101 and version != b"1":
            raise HandshakeError(_NO_HTTP)
        if status == 101 and not reader.ended_well:
            raise HandshakeError(_MALFORMED)
        fields = reader.fields(status == 101)
    if status != 101:
        headers = {name: "".join(chr(c) if c < 128 else "?" for c in value) for name, value in fields}
        body = _body(reader, status, fields)
        raise HandshakeError("handshake refused: HTTP %d (expected 101)" % status, status, headers, body)
    return _check(fields, key, subprotocols)
