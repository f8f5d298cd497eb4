"""The server's opening handshake (RFC 6455 §4.2.2), or its refusal. The 101 is judged strictly; a refusal need not be textbook
HTTP. Fields are read one by one: only those that matter have to fit the buffer."""
import time

from .protocol import ConnectionClosed
from .receiving import need
from .sending import fails, left, move, now

_MAX_HEADER = 65536  # bytes of the server's header
_MAX_KEPT = 2048  # bytes of a refusal's fields
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MATTERS = ("upgrade", "connection", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions")
_TOO_LARGE = "the peer's handshake header is larger than the limit"
_MALFORMED = "the peer's handshake header is malformed"
_NO_HTTP = "the peer does not answer in HTTP/1.1"


def _refused(*args):
    from .errors import HandshakeError
    return HandshakeError(*args)


class _Reader:
    def __init__(self, ws):
        self.ws, self.left = ws, _MAX_HEADER  # interim responses count

    def need(self, size):
        if not need(self.ws, size) or left(self.ws) == 0:
            raise _refused("the opening handshake took too long")

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
                raise _refused(_TOO_LARGE)
            ws._begin = end
            yield piece

    def status(self):
        """Of the status line: the version's last digit and the status."""
        ws = self.ws
        while True:  # what is no HTTP may never come to the end of a line
            have = bytes(ws._in[ws._begin:min(ws._end_in, ws._begin + 7)])
            if not b"HTTP/1.".startswith(have):
                raise _refused(_NO_HTTP)
            if len(have) == 7:
                break
            self.need(len(have) + 1)
        line = b""
        for piece in self.pieces():
            line = line or piece
        self.ended_well = piece.endswith(b"\r\n")
        line = line.rstrip(b"\r\n")
        digits = line[9:12]
        if not line[7:8].isdigit() or line[8:9] != b" ":
            raise _refused(_NO_HTTP)
        if len(digits) != 3 or not digits.isdigit() or digits < b"100" or line[12:13] not in (b"", b" "):
            raise _refused(_MALFORMED)
        return line[7:8], int(digits)

    def fields(self, fields, strict):
        """Appends pairs, with names in lower case: all that matter, of a refusal all that fit."""
        kept = 0
        while True:
            line, whole = None, True
            for piece in self.pieces():
                if strict and any(c < 32 and c != 9 or c == 127 for c in piece.rstrip(b"\r\n")) or (
                        strict and piece.endswith(b"\n") and piece[-2:-1] != b"\r"):
                    raise _refused(_MALFORMED)
                if line is None:
                    line = piece
                else:
                    whole = False
            line = line.rstrip(b"\r\n") if whole else line
            if not line:
                return
            name, colon, value = line.partition(b":")
            if line[:1] in b" \t" and not strict:
                if fields:  # a folded field
                    fields[-1] = fields[-1][0], fields[-1][1] + b" " + line.strip(b" \t")
                continue
            if not colon or not name or not all(c in _TOKEN for c in name):
                if strict:
                    raise _refused(_MALFORMED)
                continue
            name = str(name.lower(), "utf-8")
            if strict and name not in _MATTERS:
                continue
            if not whole:
                if strict:
                    raise _refused(_TOO_LARGE)
                continue
            kept += len(line)
            if strict or kept <= _MAX_KEPT:
                fields.append((name, value.strip(b" \t")))


def shake_hands(ws, data, spent):
    """The request out and the answer in, in what is left of the time; the fields that matter."""
    ws._begun, ws._turns = now() - spent, 0
    view = memoryview(data)
    while view:
        count = move(ws, 4, view, left(ws))
        if count < 0:
            fails(ws, "lost", None)
        if not count:
            if not left(ws):
                raise _refused("the opening handshake took too long")
            time.sleep(0.001)
        view = view[count:]
    reader = _Reader(ws)
    status = 100
    while status < 200 and status != 101:  # interim responses may come first
        version, status = reader.status()
        if status == 101 and version != b"1":
            raise _refused(_NO_HTTP)
        if status == 101 and not reader.ended_well:
            raise _refused(_MALFORMED)
        fields, is_cut = [], False
        try:
            reader.fields(fields, status == 101)
        except (ConnectionClosed, OSError):
            if status < 200:
                raise
            is_cut = True  # a refusal is told with what has come of it
    if status != 101:
        from .refusal import refuse
        refuse(reader, status, fields, is_cut)
    return fields
