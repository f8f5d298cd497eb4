"""Frames out (RFC 6455 §5). What the socket does not take within a call leaves with the next calls: no timeout ever breaks a
frame. What does not fit the buffer is kept by reference, and masked as it goes."""
from os import urandom
from struct import pack_into
import time

from .masking import mask
from .stream import move, now, ticks_diff


def clear(self):
    self._first = self._last = 0  # what waits in the buffer
    self._rest = None  # the message whose rest waits behind it
    self._at = self._size = 0  # of that rest
    self._left_out = 0  # bytes of its frame that are still to come
    self._pong = None  # waits for the end of the frame


def enter(self):
    """Begins a call; `_begun` tells when, and None that there is none."""
    if self._begun is not None:
        raise RuntimeError("another call is using this connection")
    if self._end:
        raise self._end[0](*self._end[1:])
    self._begun = now()
    self._turns = 0


def left(self):
    """Milliseconds that the call may still wait: None without end."""
    timeout = self._timeout
    if timeout:
        timeout -= ticks_diff(now(), self._begun)
        if timeout < 0:
            return 0
    return timeout


def not_in_time(code=110):
    e = OSError(code)
    if e.errno is None:  # CPython
        from .clock import NumberedError
        e = NumberedError(code)
    raise e


def ends(self, name, *args):
    """What happens at the end of a connection is loaded then."""
    from . import ending
    return getattr(ending, name)(self, *args)


def push(self):
    """Sends what waits. False if the time is up before all of it is gone."""
    while self._first < self._last or refill(self):
        timeout = left(self)
        if self._stuck is not None and (timeout is None or timeout > 100):
            timeout = 100
        try:
            count = move(self, self._send, 4, self._out[self._first:self._last], timeout)
        except BaseException:  # from outside: nobody knows what has gone
            ends(self, "finish", 1006, "a frame could not be sent to its end", "us")
            raise
        if count > 0:
            self._first += count
            self._stuck = None
            continue
        if count < 0:
            ends(self, "write_failed")
        if self._stuck is None:
            self._stuck = now()
        elif ticks_diff(now(), self._stuck) >= 30000:  # a server that takes no byte is given up
            ends(self, "lost", "a frame could not be sent to its end")
        if left(self) == 0:
            return False
        if ticks_diff(now(), self._looked) >= 100:
            self._look()
        time.sleep(0.001)  # a socket that does not wait by itself
    return True


def refill(self):
    """More of what waits, into the empty buffer. False if there is no more."""
    self._first = self._last = 0
    end = self._size - self._at
    if not self._left_out:
        if self._pong is not None:
            data, self._pong = self._pong, None
            header(self, 0x8A, len(data))
            put(self, data)
            return True
        if self._rest is None:
            return False
        self._left_out = count = min(end, self._frame_size)
        header(self, self._head if count == end else self._head & 0x7F, count)
        self._head &= 0x80  # of the frames that follow
    count = len(self._out) - self._last
    if count < self._left_out:
        count &= ~3  # the next piece begins with the key's first byte
    else:
        count = self._left_out
    put(self, self._rest if count == self._size else self._rest[self._at:self._at + count])
    self._left_out -= count
    self._at += count
    if count == end:
        self._rest = None
        self._at = self._size = 0
    return True


def header(self, code, count):
    buf, index = self._out, self._last
    buf[index] = code
    code = self._mask
    if count < 126:
        buf[index + 1] = code | count
        index += 2
    elif count < 65536:
        pack_into(">BH", buf, index + 1, code | 126, count)
        index += 4
    else:
        pack_into(">BQ", buf, index + 1, code | 127, count)
        index += 10
    if code:
        self._key = urandom(4)
        buf[index:index + 4] = self._key
        index += 4
    self._last = index


def put(self, data):
    """Payload into the buffer."""
    index = self._last
    self._last += len(data)
    self._out[index:self._last] = data
    if self._mask:
        mask(self._out, index, len(data), self._key)


def post(self, code, data):
    """Takes a frame or message as a whole, or OSError; what the socket does not take in time follows with later calls. `code`: the
    first byte of its header."""
    if self._sent_close is not None:
        raise RuntimeError("nothing can be sent after the close frame")
    if ticks_diff(self._begun, self._looked) >= 100:
        self._look()
    count = len(data)
    if not push(self):
        if self._rest is not None or count > min(len(self._out) - self._last - 14, self._frame_size):
            not_in_time(110 if self._timeout else 11)
        header(self, code, count)  # beside what waits
        put(self, data)
    else:
        self._head, self._rest, self._size = code, data, count
        push(self)
