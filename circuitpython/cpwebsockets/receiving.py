"""Frames in (RFC 6455 §5), and control frames. A pull parser: nothing of a frame is used up before it can be used, so that any
call may time out and be repeated."""
import time

from .sending import ends, fails, left, move, now, push


def receive(self, buf):
    """At least one byte into `buf`, 0 when the time is up; keepalive and the closing handshake do their work meanwhile."""
    while True:
        if self._rest is not None or self._first < self._last or self._pong is not None:
            flush(self)
        timeout = left(self)
        self._turns += 1
        if timeout == 0 and self._turns > 32:  # whatever comes
            return 0
        if self._keepalive:
            from .keepalive import bounded
            timeout = bounded(self, timeout)
        if self._stuck is not None and (timeout is None or timeout > 50):
            timeout = 50
        count = move(self, 1, buf, timeout)
        if count > 0:
            self._heard = self._looked = now()
            return count
        if count < 0:
            fails(self, "lost", None)
        if self._keepalive:
            bounded(self, timeout)
        if left(self) == 0:
            return 0
        time.sleep(0.001)  # a socket that does not wait by itself


def flush(self):
    """Sends what goes without waiting."""
    timeout, self._timeout = self._timeout, 0
    try:
        push(self)
    finally:
        self._timeout = timeout


def look(self):
    """What has come, without waiting: control frames are answered, data stays where it is."""
    self._looked = now()
    timeout, self._timeout = self._timeout, 0
    try:
        if not self._in_frame:
            begin_frame(self)
        if self._keepalive:
            from .keepalive import bounded
            bounded(self, 0)
    finally:
        self._timeout = timeout


def need(self, end):
    """`end` bytes in the buffer, from _begin on. False when the time is up."""
    while True:
        count = self._end_in - self._begin
        if count >= end:
            return True
        if not count:
            self._begin = self._end_in = 0
        elif self._begin + end > len(self._in):
            self._in[:count] = bytes(self._in[self._begin:self._end_in])
            self._begin, self._end_in = 0, count
        count = receive(self, self._in[self._end_in:] if count else self._in)
        if not count:
            return False
        self._end_in += count


def begin_frame(self):
    """Goes to the payload of the next data frame; control frames on the way are answered. False when the time is up. What is wrong
    with a header is told by ending.broken(), as soon as the byte is there."""
    buf = self._in
    while need(self, 1):
        code = buf[self._begin]
        opcode = code & 15
        if code & 0x70 or opcode & 7 > 2 or (code < 0x80 if opcode > 7 else (opcode == 0) == (self._opcode is None)):
            fails(self, "fail", 1002)
        if not need(self, 2):
            break
        count = buf[self._begin + 1]
        if (count < 0x80) != (self._mask > 0):
            fails(self, "fail", 1002)
        count &= 0x7F
        index = 2
        if count > 125:
            index = 4 if count == 126 else 10
            if opcode > 7:
                fails(self, "fail", 1002)
            if not need(self, 3):
                break
            if index > 4 and buf[self._begin + 2] > 0x7F:
                fails(self, "fail", 1002)
            if not need(self, index):
                break
            count = extended(self, index)
            if count < (126 if index == 4 else 65536):
                fails(self, "fail", 1002)
        if not self._mask:
            index += 4
        if not need(self, index + count if opcode > 7 else index):  # a control frame is taken as a whole, or stays
            break
        self._turns += 1
        index += self._begin
        if not self._mask:
            self._key, self._at_in = bytes(buf[index - 4:index]), 0
        if opcode > 7:
            control(self, opcode, index, count)
            if self._turns > 32 and left(self) == 0:
                break
            continue
        if opcode:
            self._total = 0
            self._opcode = opcode
            self._text = b"" if opcode == 1 else None
        self._total += count
        if self._max_size is not None and self._total > self._max_size:
            fails(self, "fail", 1009)
        self._begin = index
        self._head_in = code
        self._left_in = count
        self._in_frame = True
        return True
    return False


def extended(self, end):
    """The length that stands in the header up to `end`."""
    return int.from_bytes(self._in[self._begin + 2:self._begin + end], "big")


def control(self, opcode, index, count):
    """A control frame: its payload stands at `index`."""
    self._begin = index + count
    payload = bytearray(self._in[index:self._begin])
    if not self._mask:
        from .payload import unmask
        unmask(self, payload)
    if opcode == 8:
        ends(self, "on_close", payload)
    from .keepalive import on_control
    on_control(self, opcode, payload)


def take(self, buf):
    """Some of the current frame's payload into `buf`, checked; 0 when the time is up."""
    end = min(len(buf), self._left_in)
    count = min(end, self._end_in - self._begin)
    if count:
        buf[:count] = self._in[self._begin:self._begin + count]
        self._begin += count
    else:
        count = receive(self, buf[:end])
        if not count:
            return 0
    self._left_in -= count
    if not self._mask or self._text is not None:
        from .payload import checked
        checked(self, buf[:count])
    return count


def frame_ended(self):
    """Leaves the frame behind; True at the end of the message."""
    done = self._head_in > 0x7F
    if done and self._text:
        fails(self, "fail", 1007)
    self._in_frame = False
    if done:
        self._opcode = None
    return done
