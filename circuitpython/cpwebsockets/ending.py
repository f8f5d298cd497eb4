"""How a connection ends: the closing handshake (RFC 6455 §7). It is loaded when one begins."""
import time

from .protocol import ConnectionClosed
from .receiving import begin_frame, frame_ended, take
from .sending import clear, enter, fails, left, move, now, post, ticks_diff

_READ = 1
_CLOSE_TIMEOUT = 5000  # ms, for the server's close frame, and again for its end of stream


def _is_utf8(view, length):
    if length == len(view):
        return True  # ASCII
    from .payload import is_utf8
    return is_utf8(view)


def check_close(code, reason):
    """The payload of a close frame, or ValueError (RFC 6455 §7.4)."""
    if not isinstance(reason, str):
        raise TypeError("a reason is a str")
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError("a close code is 1000-1003, 1007-1014 or 3000-4999")
    try:
        payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
    except UnicodeError:  # CPython's
        payload = bytes(126)
    if len(payload) > 125 or not _is_utf8(memoryview(payload)[2:], len(reason)):
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


def raise_end(ws):
    raise ws._end[0](*ws._end[1:])


def send_close(ws, payload, code, limit=_CLOSE_TIMEOUT):
    """Behind what waits; OSError if that takes too long."""
    ws._timeout, ws._begun = limit, now()
    post(ws, 0x88, payload)
    ws._sent_close = code


def discard(ws, limit):
    """Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1)."""
    if hasattr(ws._sock, "never_ends"):
        return
    begun = now()
    while ws.open:
        left = max(0, limit - ticks_diff(now(), begun))
        count = move(ws, _READ, ws._in, left)
        if count < 0 or not left:
            return
        if not count:
            time.sleep(0.001)


def on_close(ws, payload):
    """The peer's close frame."""
    code, reason = 1005, ""
    if len(payload) == 1:
        fails(ws, "fail", 1002, "a close frame with a payload of one byte")
    if payload:
        code = payload[0] << 8 | payload[1]
        try:
            reason = str(payload[2:], "utf-8")
            valid = _is_utf8(memoryview(payload)[2:], len(reason))
        except UnicodeError:
            valid = False
        if not valid:
            fails(ws, "fail", 1007)
        try:
            check_close(code, reason)
        except ValueError:
            fails(ws, "fail", 1002, "a close code that must not be sent")
    by = "us" if ws._sent_close is not None else "peer"
    ws.close_code, ws.close_reason = code, reason
    ws._end = ConnectionClosed, code, reason, by
    ws._in_frame = True  # nothing more is parsed
    # A call that may not wait, as in a loop of asyncio, waits a moment only.
    limit = _CLOSE_TIMEOUT if ws._timeout is None else max(100, min(ws._timeout, _CLOSE_TIMEOUT))
    try:
        if ws._sent_close is None:
            send_close(ws, payload[:2], code, limit)
        discard(ws, limit)
    except (ConnectionClosed, OSError):
        pass
    finish(ws, code, reason, by)
    raise_end(ws)


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
            send_close(ws, payload, code, limit)
        ws._timeout, ws._begun = limit, now()
        while True:  # until the close frame, the end of the stream, or the end of the wait
            if ws._left_in:
                took = take(ws, ws._in)
            else:
                if ws._in_frame:
                    frame_ended(ws)
                took = begin_frame(ws)
            if not took and left(ws) == 0:
                fails(ws, "lost", "the server did not finish the closing handshake in time")
    except ConnectionClosed:
        pass
    except OSError:
        finish(ws, 1006, "a frame could not be sent to its end", "network")
    except BaseException:
        finish(ws, 1006, "the closing handshake was interrupted", "network")
        raise
    finally:
        ws._begun = None
