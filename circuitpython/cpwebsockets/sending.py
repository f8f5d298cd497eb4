"""Bytes to and from the socket, and frames out (RFC 6455 §5). "Nothing yet", "the end" and "failed" are told apart, and every wait
has a bound. What the socket does not take within a call leaves with the next calls: no timeout ever breaks a
frame. What does not fit the buffer is kept by reference, and masked as it goes.

A call of a function with more than 11 slots (locals, operands, and three for each try) takes memory of MicroPython's heap, which costs as
much as a hundred operations: what runs for every message stays below that."""
from os import urandom
from struct import pack_into
import time


# Milliseconds, from a clock that wraps around on boards.
try:
    from time import ticks_diff, ticks_ms as now
except ImportError:
    from .clock import now, ticks_diff  # noqa: F401

try:
    # Masks payload in place (RFC 6455 §5.3): MicroPython's viper makes machine code of it. CircuitPython and CPython have none.
    exec("""
import micropython
@micropython.viper
def mask(buf, index: int, count: int, key):
    to = ptr8(buf)
    by = ptr8(key)
    end = index + count
    i = 0
    while index < end:
        to[index] ^= by[i & 3]
        index += 1
        i += 1
""", globals())
except Exception:
    from .masking import mask


def move(self, mode, buf, timeout):
    """Bytes read or written; 0 if none could be within `timeout` milliseconds (None: no limit); -1 at the end, or if the socket
    failed. `mode` is what select.poll() waits for: 1 to read, 4 to write."""
    call = self._recv if mode == 1 else self._send
    try:
        if timeout != self._limit and (self._limit or not self._polls):
            self._limit = timeout = 0 if self._polls else timeout
            self._set_limit(timeout if timeout is None else timeout / 1000)
        # Where the last read has taken all there was, a wait costs less than a look that is in vain, and then the wait.
        count = None if mode == 1 and timeout != 0 and self._drained else call(buf)
        if count is None:
            if timeout == 0:
                return 0
            if mode != self._polled:
                import select
                self._poll = select.poll()
                self._poll.register(self._sock, mode)
                self._polled = mode
            for _ in self._poll.ipoll(-1 if timeout is None else timeout):
                count = call(buf)
            if count is None:
                return 0
        if 0 < count <= len(buf):
            if mode == 1 and self._polls:
                self._drained = count < len(buf)
            return count
        if count == 0:
            return 0 if mode == 4 else -1
        self._error = -count  # an error of TLS, reported as a count
    except (OSError, RuntimeError) as e:
        code = e.args[0] if e.args else None
        # EAGAIN, ETIMEDOUT (Linux's and newlib's), EINPROGRESS (both); CPython's time-outs and TLS have no such number.
        if code in (11, 110, 115, 116, 119) or isinstance(e, OSError) and ("timed out" in str(e) or "did not complete" in str(e)):
            return 0
        if mode == 4 or code not in (107, 128):  # ENOTCONN: Espressif's end of stream
            self._error = e
    return -1


def clear(self):
    self._first = self._last = 0  # what waits in the buffer
    self._rest = None  # the message whose rest waits behind it
    self._at = self._size = 0  # of that rest
    self._left_out = 0  # bytes of its frame that are still to come
    self._pong = None  # waits for the end of the frame


def enter(self):
    """Begins a call; `_begun` tells when, and None that there is none."""
    if self._begun is not None:
        fails(self, "busy")
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


def fails(self, name, *args):
    """So is what happens when something is wrong."""
    from . import failing
    getattr(failing, name)(self, *args)


def push(self):
    """Sends what waits. False if the time is up before all of it is gone."""
    while self._first < self._last or refill(self):
        timeout = left(self)
        if self._stuck is not None and (timeout is None or timeout > 100):
            timeout = 100
        count = self._out[self._first:self._last]
        try:
            count = move(self, 4, count, timeout)
        except BaseException:  # from outside: nobody knows what has gone
            fails(self, "interrupted")
            raise
        if count > 0:
            self._first += count
            self._stuck = None
            continue
        if count < 0:
            fails(self, "write_failed")
        if self._stuck is None:
            self._stuck = now()
        elif ticks_diff(now(), self._stuck) >= 30000:  # a server that takes no byte is given up
            fails(self, "stopped")
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
        fails(self, "too_late")
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
