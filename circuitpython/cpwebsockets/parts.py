"""Calls of a connection that few programs use: parts of messages, single frames, pings."""
import os

from .keepalive import set_ping
from .receiving import begin_frame, frame_ended, take
from .sending import ends, enter, fails, post


def bound(ws, name):
    """The call as a method of the connection."""
    call = globals()[name]
    def method(*args, **options):
        enter(ws)
        try:
            return call(ws, *args, **options)
        finally:
            ws._begun = None
    return method


def recv_into(ws, buffer):
    """A part of the next message, as much as has come and fits; the number of bytes. `more` tells if the message goes on,
    `is_text` what it is. None when nothing came in time."""
    view = memoryview(buffer)
    view[:0] = b""  # TypeError for what cannot be written to
    if not len(view):
        raise ValueError("the buffer has no room")
    while ws._in_frame or begin_frame(ws):
        ws.is_text = ws._text is not None
        count = min(ws._have, len(view))
        if count:  # a recv() that timed out has collected the beginning
            view[:count] = memoryview(ws._data)[:count]
            ws._data, ws._have = ws._data[count:ws._have], ws._have - count
        else:
            ws._data = None
            count = take(ws, view) if ws._left_in else 0
            if not count and ws._left_in:
                break
        ws.more = bool(ws._have or ws._left_in) or not frame_ended(ws)
        if count or not ws.more:
            return count
    return ws._not_yet()


def read_frame(ws, max_size=None):
    """(fin, opcode, data) of the next data frame; ping, pong and close frames are handled. NoDataException when nothing
    came in time, ConnectionClosed at the end."""
    if max_size is not None and max_size < 0:
        raise ValueError("max_size is None or 0 and more")
    while ws._in_frame or begin_frame(ws):
        if max_size is not None and ws._have + ws._left_in > max_size:
            fails(ws, "fail", 1009, "a frame is larger than the limit")
        if ws._left_in:
            if ws._data is None or len(ws._data) < ws._have + ws._left_in:
                ws._grow(ws._have + ws._left_in)
            count = take(ws, memoryview(ws._data)[ws._have:])
            if not count:
                break
            ws._have += count
        if not ws._left_in:
            data = bytes(memoryview(ws._data or b"")[:ws._have])
            opcode = ws._head_in & 15
            fin = ws._head_in > 0x7F
            frame_ended(ws)
            ws._data, ws._have = None, 0
            return fin, opcode, data
    from .errors import NoDataException
    raise NoDataException("no whole frame has come yet")


def ping(ws, data=b""):
    """Sends a ping of at most 125 bytes; `latency` tells when its pong has come."""
    if len(data) > 125:
        raise ValueError("a ping has at most 125 bytes")
    data = bytes(data) or os.urandom(4)
    post(ws, 0x89, data)
    set_ping(ws, data)


def write_frame(ws, opcode, data=b"", fin=True):
    """Sends one frame. A close frame starts the closing handshake: recv() goes on to its end."""
    if opcode > 7:
        if not fin:
            raise ValueError("a control frame is one frame")
        if len(data) > 125 or opcode > 10:
            raise ValueError("the payload cannot stand in such a frame")
        if opcode == 8:
            ends(ws, "begin_closing", data)
        else:
            post(ws, 0x80 | opcode, bytes(data))
            if opcode == 9:
                set_ping(ws, bytes(data))
        return
    if opcode > 2:
        raise ValueError("the opcode is reserved")
    if (opcode == 0) == (ws._sending is None):
        raise ValueError("a message is begun by text or binary, and goes on with continuation frames")
    post(ws, opcode | (0x80 if fin else 0), memoryview(data))
    if ws._rest is not None:
        ends(ws, "keep_rest")
    ws._sending = None if fin else opcode or ws._sending


def keep_rest(ws):
    """The program may change what it sent: the rest is copied."""
    try:
        ws._rest = memoryview(bytes(ws._rest[ws._at:]))
    except MemoryError:
        ends(ws, "finish", 1006, "no memory for a message", "us")
        raise
    ws._size -= ws._at
    ws._at = 0
