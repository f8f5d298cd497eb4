"""How a connection ends: the closing handshake (RFC 6455 §7), violations, losses, and the words for them. It is loaded when
something ends."""
import time

from .errors import ProtocolError
from .protocol import ConnectionClosed
from .receiving import begin_frame, frame_ended, take
from .sending import clear, enter, left, post
from .stream import move, now, ticks_diff
from .payload import is_utf8

_READ = 1
_CLOSE_TIMEOUT = 5000  # ms, for the server's close frame, and again for its end of stream


def check_close(code, reason):
    """The payload of a close frame, or ValueError (RFC 6455 §7.4)."""
    if not isinstance(reason, str):
        raise TypeError("a reason is a str")
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError("a close code is 1000-1003, 1007-1014 or 3000-4999")
    payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
    if len(payload) > 125 or not is_utf8(payload[2:]):
        raise ValueError("a reason is UTF-8 of at most 123 bytes")
    return payload


def shut(ws):
    sock, ws._sock, ws._poll = ws._sock, None, None
    ws._recv = ws._send = None
    ws.open = False
    clear(ws)
    if sock:
        sock.close()


def finish(ws, code, reason, by, kind=ConnectionClosed, told=None):
    """Closes the socket, and keeps how it ended."""
    if ws.close_code is None:
        ws.close_code = code
        ws.close_reason = reason
    if ws._end is None:
        ws._end = kind, told or code, reason, by
    shut(ws)


def _raise(ws):
    raise ws._end[0](*ws._end[1:])


def lost(ws, why):
    """Ends the connection without a closing handshake. `why`: words, or None for what the socket told."""
    if why is None:
        error = ws._error
        number = error.args[0] if isinstance(error, Exception) and error.args else error
        if error is None:
            why = "the connection ended without a close frame"
        elif number == 104:
            why = "Connection reset by peer"
        else:
            why = "the socket failed: " + str(error)
    finish(ws, 1006, why, "network")
    _raise(ws)


def write_failed(ws):
    """There may be a close frame that came before."""
    error = ws._error
    clear(ws)
    if not getattr(ws, "_write_failed", False):
        ws._write_failed = True
        try:
            ws._look()
        except ConnectionClosed:
            if ws.close_code != 1006:
                raise
            ws.close_code = ws._end = None
    ws._error = error
    lost(ws, None)


def keep_rest(ws):
    """The program may change what it sent: the rest is copied."""
    try:
        ws._rest = memoryview(bytes(ws._rest[ws._at:]))
    except MemoryError:
        finish(ws, 1006, "no memory for a message", "us")
        raise
    ws._size -= ws._at
    ws._at = 0


def broken(ws):
    """What is wrong with the header at the beginning of the buffer."""
    header = bytes(ws._in[ws._begin:ws._end])
    first = header[0]
    opcode = first & 15
    if first & 0x70:
        return "a reserved bit is set that no extension uses"
    if opcode & 7 > 2:
        return "the opcode is reserved"
    if opcode > 7 and first < 0x80:
        return "a control frame is fragmented"
    if opcode == 0 and ws._opcode is None:
        return "a continuation frame without a message to continue"
    if 0 < opcode < 8 and ws._opcode is not None:
        return "a new message started inside a fragmented message"
    if (header[1] > 0x7F) == ws.is_client:
        return "the server sent a masked frame" if ws.is_client else "the client sent an unmasked frame"
    if opcode > 7:
        return "a control frame is longer than 125 bytes"
    if header[1] & 0x7F == 127 and header[2] > 0x7F:
        return "the top bit of the payload length is set"
    return "the payload length is not in its shortest form"


def fail(ws, code, why=None):
    """The peer broke the protocol: it is told, and nothing more is read (RFC 6455 §7.1.7)."""
    if why is None:
        why = broken(ws) if code == 1002 else "text is not valid UTF-8" if code == 1007 else "a message is larger than the limit"
    ws._in_frame = True  # nothing more is parsed
    if ws._sent_close is None:
        try:
            _send_close(ws, bytes((code >> 8, code & 0xFF)), code)
            _discard(ws, 1000)
        except (ConnectionClosed, OSError):
            pass
    finish(ws, 1006, why, "us", ProtocolError, code)
    _raise(ws)


def no_memory(ws):
    try:
        fail(ws, 1009, "no memory for a message")
    except ProtocolError:
        ws._end = ConnectionClosed, 1006, "no memory for a message", "us"
        raise MemoryError("no memory for a message of that size")


def _send_close(ws, payload, code, limit=_CLOSE_TIMEOUT):
    """Behind what waits; OSError if that takes too long."""
    ws._timeout, ws._begun = limit, now()
    post(ws, 0x88, payload)
    ws._sent_close = code


def _discard(ws, limit):
    """Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1)."""
    if hasattr(ws._sock, "never_ends"):
        return
    begun = now()
    while ws.open:
        left = max(0, limit - ticks_diff(now(), begun))
        count = move(ws, ws._recv, _READ, ws._in, left)
        if count < 0 or not left:
            return
        if not count:
            time.sleep(0.001)


def on_close(ws, payload):
    """The peer's close frame."""
    code, reason = 1005, ""
    if len(payload) == 1:
        fail(ws, 1002, "a close frame with a payload of one byte")
    if payload:
        code = payload[0] << 8 | payload[1]
        if not is_utf8(memoryview(payload)[2:]):
            fail(ws, 1007)
        reason = str(payload[2:], "utf-8")
        try:
            check_close(code, reason)
        except ValueError:
            fail(ws, 1002, "a close code that must not be sent")
    by = "us" if ws._sent_close is not None else "peer"
    ws.close_code, ws.close_reason = code, reason
    ws._end = ConnectionClosed, code, reason, by
    ws._in_frame = True  # nothing more is parsed
    try:
        if ws._sent_close is None:
            _send_close(ws, payload[:2], code)
        _discard(ws, _CLOSE_TIMEOUT)
    except (ConnectionClosed, OSError):
        pass
    finish(ws, code, reason, by)
    _raise(ws)


def begin_closing(ws, payload):
    """Sends a close frame, to whose answer the program reads on."""
    code = payload[0] << 8 | payload[1] if payload else 1005
    post(ws, 0x88, bytes(payload))
    ws._sent_close = code
    ws._closing = now()
    ws._keepalive = min(ws._timeout or _CLOSE_TIMEOUT, _CLOSE_TIMEOUT)


def close(ws, code, reason):
    payload = check_close(code, reason)
    if not ws.open:
        return
    enter(ws)
    try:
        limit = min(ws._timeout or _CLOSE_TIMEOUT, _CLOSE_TIMEOUT)
        if ws._sent_close is None:
            _send_close(ws, payload, code, limit)
        ws._timeout, ws._begun = limit, now()
        while True:  # until the close frame, the end of the stream, or the end of the wait
            if ws._left_in:
                took = take(ws, ws._in)
            else:
                if ws._in_frame:
                    frame_ended(ws)
                took = begin_frame(ws)
            if not took and left(ws) == 0:
                lost(ws, "the server did not finish the closing handshake in time")
    except ConnectionClosed:
        pass
    except OSError:
        finish(ws, 1006, "a frame could not be sent to its end", "network")
    except BaseException:
        finish(ws, 1006, "the closing handshake was interrupted", "network")
        raise
    finally:
        ws._begun = None
