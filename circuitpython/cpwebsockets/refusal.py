"""A server that does not open: what it says."""
from .errors import HandshakeError
from .protocol import ConnectionClosed

_MAX_BODY = 512  # bytes of a refusal's body


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
        if b"chunked" in fields.get("transfer-encoding", b"").lower():
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
    except (ConnectionClosed, OSError, ValueError):
        pass  # what came is there
    return bytes(body)


def refuse(reader, status, fields, is_cut):
    headers = {name: "".join(chr(c) if c < 128 else "?" for c in value) for name, value in fields}
    raise HandshakeError("handshake refused: HTTP %d (expected 101)" % status, status, headers,
                         b"" if is_cut else _body(reader, status, fields))
