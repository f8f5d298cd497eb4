"""WebSocket frames, messages and the closing handshake (RFC 6455), in plain Python.

For CircuitPython and MicroPython boards with stock firmware; runs on CPython as well. Strict: the first violation by the
server closes the connection with the code that says why. A receive that times out loses nothing.
"""
import os
import time

try:
    from micropython import const
except ImportError:
    def const(value):
        return value

from .payload import STEP, Utf8, is_utf8, mask_into
from .stream import Deadline, Stream, now, since
from .uri import URI, urlparse  # noqa: F401  part of this module's interface

OP_CONT = const(0x0)
OP_TEXT = const(0x1)
OP_BYTES = const(0x2)
OP_CLOSE = const(0x8)
OP_PING = const(0x9)
OP_PONG = const(0xA)

CLOSE_OK = const(1000)
CLOSE_GOING_AWAY = const(1001)
CLOSE_PROTOCOL_ERROR = const(1002)
CLOSE_DATA_NOT_SUPPORTED = const(1003)
CLOSE_NO_STATUS = const(1005)  # never sent: the close frame had no code
CLOSE_ABNORMAL = const(1006)  # never sent: there was no close frame
CLOSE_BAD_DATA = const(1007)
CLOSE_POLICY_VIOLATION = const(1008)
CLOSE_TOO_BIG = const(1009)
CLOSE_MISSING_EXTN = const(1010)
CLOSE_BAD_CONDITION = const(1011)

_EAGAIN = const(11)
_ETIMEDOUT = const(110)
_CLOSE_TIMEOUT = const(5000)  # ms, for the server's close frame, and again for its end of stream
_SEND_TIMEOUT = const(30000)  # ms, for the rest of a frame that is half sent


class NoDataException(Exception):
    """read_frame(): nothing has come within the timeout. Nothing is lost: call again."""


class ConnectionClosed(Exception):
    """The connection has ended. `code` and `reason` say why, `by` who ended it: "us", "peer" or "network"."""

    def __init__(self, code=CLOSE_ABNORMAL, reason="", by="network"):
        super().__init__(f"closed by {by}: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason
        self.by = by


class ProtocolError(ConnectionClosed):
    """The server broke the protocol; `code` is what it was told (RFC 6455 §7.4.1)."""


def _check_close(code, reason):
    """The payload of a close frame, or ValueError (RFC 6455 §7.4)."""
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError("a close code is 1000-1003, 1007-1014 or 3000-4999")
    payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
    if len(payload) > 125 or not is_utf8(payload[2:]):
        raise ValueError("a reason is UTF-8 of at most 123 bytes")
    return payload


class Websocket:
    """One connection over a connected socket: of CircuitPython, MicroPython, CPython, or any object with
    send() or write(), recv_into(), recv() or readinto(), settimeout() or setblocking(), and close()."""

    is_client = False

    def __init__(self, sock, *, timeout=None, max_size=None, buffer_size=1024, keepalive=None):
        if buffer_size < 256:
            raise ValueError("buffer_size is at least 256")
        self.subprotocol = None  # the one that the server chose
        self.close_code = None  # of the close frame that the peer sent; 1006 if the stream ended without one
        self.close_reason = ""
        self.latency = None  # seconds, of the last ping that was answered
        self.more = False  # recv_into(): the message goes on
        self.is_text = False  # recv_into(): the message is text
        self._stream = Stream(sock)
        self._timeout = None
        self._max_size = max_size
        self._keepalive = None if not keepalive else int(keepalive * 1000)
        self._heard = now()
        self._pinged = None  # when a keepalive ping went out that nothing has answered
        self._ping_payload = None
        self._ping_sent = 0
        self._in = bytearray(buffer_size)
        self._view = memoryview(self._in)
        self._begin = self._end = 0  # what was read and is not used
        self._out = bytearray(buffer_size)
        self._sent_close = None
        self._by = "network"  # who ended it
        self._closing = None  # the wait for the peer's close frame
        self._sending = None  # opcode of the message that send(more=True) began
        self._left = 0  # bytes of the data frame that are still to come
        self._fin = True
        self._opcode = None  # of the message that is being received
        self._frame_opcode = None
        self._utf8 = None
        self._size = 0  # of that message, as far as its frames were announced
        self._data = None  # what recv() has of it
        self._have = 0
        self.settimeout(timeout)

    @property
    def open(self):
        """False when the connection has ended."""
        return self._stream.is_open

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        self.close()

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.recv()
        except ConnectionClosed as closed:
            if closed.code in (CLOSE_OK, CLOSE_GOING_AWAY, CLOSE_NO_STATUS) and closed.by != "network":
                raise StopIteration
            raise

    def settimeout(self, timeout):
        """Seconds that recv() and send() may wait: None without end, 0 not at all."""
        if timeout is not None and not 0 <= timeout < 1000000:
            raise ValueError("a timeout is None or 0 and more, in seconds")
        self._timeout = None if timeout is None else int(timeout * 1000)

    # --- The stream ---

    def _receive(self, view, deadline):
        """At least one byte into `view`, 0 when the time is up; lets keepalive and the closing handshake do their work
        meanwhile."""
        while True:
            limit = deadline.left()
            if self._closing is not None or self._keepalive:
                ours = self._limit()
                if limit is None or ours is not None and ours < limit:
                    limit = ours
            count = self._io(self._stream.read, view, limit)
            if count > 0:
                self._heard, self._pinged = now(), None
                return count
            if count == 0:
                self._lost("the connection ended without a close frame")
            if self._limit() == 0:
                self._time_is_up()
            if deadline.left() == 0:
                return 0

    def _limit(self):
        """Milliseconds until the connection itself has something to do; None for never."""
        if self._closing is not None:
            return self._closing.left()
        if not self._keepalive or not self.open:
            return None
        return max(0, self._keepalive - since(self._heard if self._pinged is None else self._pinged))

    def _time_is_up(self):
        if self._closing is not None:
            self._lost("the server did not finish the closing handshake in time")
        if self._pinged is not None:
            self._lost("the peer went silent: no byte came after a ping")
        self.ping()
        self._pinged = now()

    def _write(self, view, deadline):
        """All of `view`. False if not one byte went out in time; a rest that cannot follow ends the connection."""
        at, size = 0, len(view)
        while at < size:
            limit = deadline.left()
            count = self._io(self._stream.write, view[at:], limit)
            at += count
            if not count:
                if deadline.left() != 0:
                    time.sleep(0.001)  # a socket that does not wait by itself
                elif not at:
                    return False
                elif deadline.limit == _SEND_TIMEOUT:
                    self._lost("a frame could not be sent to its end")
                else:
                    deadline = Deadline(_SEND_TIMEOUT)
        return True

    def _io(self, call, view, limit):
        try:
            return call(view, limit)
        except OSError as error:
            number = error.args[0] if error.args else None
            self._lost("Connection reset by peer" if number == 104 else "the socket failed: " + str(error))

    def _finish(self, code, reason, by):
        """Closes the socket, and keeps how it ended."""
        if self.close_code is None:
            self.close_code, self.close_reason, self._by = code, reason, by
        self._stream.close()

    def _lost(self, why):
        self._finish(CLOSE_ABNORMAL, why, "network")
        raise ConnectionClosed(CLOSE_ABNORMAL, why, "network")

    def _check_open(self):
        if not self.open:
            raise ConnectionClosed(self.close_code, self.close_reason, self._by)

    # --- Frames out ---

    def write_frame(self, opcode, data=b"", fin=True):
        """Sends one frame. A close frame starts the closing handshake: recv() goes on to its end."""
        self._check_open()
        if opcode == OP_CLOSE:
            self._begin_closing(data[0] << 8 | data[1] if data else CLOSE_NO_STATUS)
        if not self._send_frame(opcode, data, fin, Deadline(self._timeout)):
            raise OSError(_EAGAIN if self._timeout == 0 else _ETIMEDOUT)

    def _send_frame(self, opcode, data, fin, deadline):
        """False if nothing of it was sent in time. Once it has begun, it goes out as a whole, or the connection ends."""
        out, size = self._out, len(data)
        out[0] = opcode | (0x80 if fin else 0)
        mask_bit = 0x80 if self.is_client else 0
        if size < 126:
            out[1] = size | mask_bit
            at = 2
        elif size < 65536:
            out[1] = 126 | mask_bit
            out[2], out[3] = size >> 8, size & 0xFF
            at = 4
        else:
            out[1] = 127 | mask_bit
            out[2:10] = size.to_bytes(8, "big")
            at = 10
        key = b""
        if self.is_client:
            key = os.urandom(4)
            out[at:at + 4] = key
            at += 4
        source, done = memoryview(data), 0
        while True:
            count = size - done
            if count > len(out) - at:
                count = (len(out) - at) & ~(STEP - 1)  # the next piece begins with the key's first byte again
            piece = source[done:done + count]
            if key:
                mask_into(out, at, piece, key)
            else:
                out[at:at + count] = piece
            whole = False
            try:
                if not self._write(memoryview(out)[:at + count], deadline):
                    whole = True  # nothing of this part: the stream is still between frames, if it is the first
                    if done == 0:
                        return False
                    self._lost("a frame could not be sent to its end")
                whole = True
            finally:
                if not whole:  # an exception from outside, in the middle of a frame
                    self._finish(CLOSE_ABNORMAL, "a frame could not be sent to its end", "us")
            done += count
            if done >= size:
                return True
            at = 0
            deadline = Deadline(_SEND_TIMEOUT)

    def send(self, buf, *, more=False):
        """Sends a message: str as text, bytes, bytearray or memoryview as binary. more=True sends a part of it, and
        the message ends with the first part sent without. OSError(11 or 110) if nothing of it could be sent in time."""
        self._check_open()
        if isinstance(buf, str):
            opcode, buf = OP_TEXT, buf.encode()
            if not is_utf8(memoryview(buf)):
                raise ValueError("text must be UTF-8")
        elif isinstance(buf, (bytes, bytearray, memoryview)):
            opcode = OP_BYTES
        else:
            raise TypeError("send() takes str, bytes, bytearray or memoryview")
        if self._sending not in (None, opcode):
            raise TypeError("the parts of a message are all str, or all binary")
        if not self._send_frame(OP_CONT if self._sending is not None else opcode, buf, not more, Deadline(self._timeout)):
            raise OSError(_EAGAIN if self._timeout == 0 else _ETIMEDOUT)
        self._sending = opcode if more else None

    def ping(self, data=b""):
        """Sends a ping of at most 125 bytes; `latency` tells when its pong has come."""
        self._check_open()
        if len(data) > 125:
            raise ValueError("a ping has at most 125 bytes")
        self._ping_payload = bytes(data) or os.urandom(4)
        self._ping_sent = now()
        self._control(OP_PING, self._ping_payload)

    def _control(self, opcode, data):
        if not self._send_frame(opcode, data, True, Deadline(_SEND_TIMEOUT)):
            self._lost("a frame could not be sent to its end")

    # --- Frames in ---

    def _need(self, size, deadline):
        """`size` bytes in the buffer, from _begin on. False when the time is up."""
        if self._end - self._begin >= size:
            return True
        while self._end - self._begin < size:
            if len(self._in) - self._begin < size or self._begin == self._end:
                rest = self._end - self._begin
                if rest:
                    self._in[:rest] = self._in[self._begin:self._end]
                self._begin, self._end = 0, rest
            count = self._receive(self._view[self._end:], deadline)
            if not count:
                return False
            self._end += count
        return True

    def _fail(self, code, why):
        """The peer broke the protocol: it is told, and nothing more is read (RFC 6455 §7.1.7)."""
        if self._sent_close is None:
            self._sent_close = code
            try:
                self._send_frame(OP_CLOSE, _check_close(code, ""), True, Deadline(_CLOSE_TIMEOUT))
                self._discard(1000)
            except ConnectionClosed:
                pass
        self._finish(CLOSE_ABNORMAL, why, "us")
        raise ProtocolError(code, why, "us")

    def _next_header(self, deadline):
        """(opcode, fin, length, key) of the next frame, checked; None when the time is up. What was judged wrong was
        judged by its first bytes, as soon as they are there."""
        if not self._need(1, deadline):
            return None
        first = self._in[self._begin]
        opcode, fin = first & 0x0F, first >= 0x80
        if first & 0x70:
            self._fail(CLOSE_PROTOCOL_ERROR, "a reserved bit is set that no extension uses")
        if opcode & 0x07 > 2:
            self._fail(CLOSE_PROTOCOL_ERROR, "the opcode is reserved")
        if opcode >= 8 and not fin:
            self._fail(CLOSE_PROTOCOL_ERROR, "a control frame is fragmented")
        if opcode == OP_CONT and self._opcode is None:
            self._fail(CLOSE_PROTOCOL_ERROR, "a continuation frame without a message to continue")
        if 0 < opcode < 8 and self._opcode is not None:
            self._fail(CLOSE_PROTOCOL_ERROR, "a new message started inside a fragmented message")
        if not self._need(2, deadline):
            return None
        second = self._in[self._begin + 1]
        if (second >= 0x80) == self.is_client:
            self._fail(CLOSE_PROTOCOL_ERROR, "the server sent a masked frame" if self.is_client else "the client sent an unmasked frame")
        length, at = second & 0x7F, 2
        if length > 125:
            if opcode >= 8:
                self._fail(CLOSE_PROTOCOL_ERROR, "a control frame is longer than 125 bytes")
            at = 4 if length == 126 else 10
            if at == 10 and self._need(3, deadline) and self._in[self._begin + 2] >= 0x80:
                self._fail(CLOSE_PROTOCOL_ERROR, "the top bit of the payload length is set")
            if not self._need(at, deadline):
                return None
            length = int.from_bytes(self._view[self._begin + 2:self._begin + at], "big")
            if length < (126 if at == 4 else 65536):
                self._fail(CLOSE_PROTOCOL_ERROR, "the payload length is not in its shortest form")
        key = None
        if second >= 0x80:
            if not self._need(at + 4, deadline):
                return None
            key = bytes(self._view[self._begin + at:self._begin + at + 4])
            at += 4
        if opcode >= 8:
            # A control frame is taken as a whole, or stays for the next call.
            if not self._need(at + length, deadline):
                return None
        elif self._max_size is not None and length > self._max_size - (self._size if opcode == OP_CONT else 0):
            self._fail(CLOSE_TOO_BIG, "a message is larger than the limit")
        self._begin += at
        return opcode, fin, length, key

    def _begin_frame(self, deadline):
        """Goes to the payload of the next data frame; control frames on the way are answered. False when the time
        is up."""
        while True:
            header = self._next_header(deadline)
            if header is None:
                return False
            opcode, fin, length, key = header
            if opcode < 8:
                if opcode != OP_CONT:
                    self._opcode = opcode
                    self._utf8 = Utf8() if opcode == OP_TEXT else None
                    self._size = 0
                self._size += length
                self._frame_opcode = opcode
                self._left, self._fin, self._key, self._at = length, fin, key, 0
                return True
            payload = bytearray(self._view[self._begin:self._begin + length])
            self._begin += length
            if key:
                mask_into(payload, 0, memoryview(bytes(payload)), key)
            if opcode == OP_PING and self._sent_close is None:
                self._control(OP_PONG, payload)
            elif opcode == OP_PONG and self._ping_payload == payload:
                self.latency = since(self._ping_sent) / 1000
                self._ping_payload = None
            elif opcode == OP_CLOSE:
                self._on_close(payload)

    def _on_close(self, payload):
        code, reason = CLOSE_NO_STATUS, ""
        if len(payload) == 1:
            self._fail(CLOSE_PROTOCOL_ERROR, "a close frame with a payload of one byte")
        if payload:
            code = payload[0] << 8 | payload[1]
            if not is_utf8(memoryview(payload)[2:]):
                self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
            reason = str(payload[2:], "utf-8")
            try:
                _check_close(code, reason)
            except ValueError:
                self._fail(CLOSE_PROTOCOL_ERROR, "a close code that must not be sent")
        by = "us" if self._sent_close is not None else "peer"
        self.close_code, self.close_reason, self._by = code, reason, by
        if self._sent_close is None:
            self._sent_close = code
            try:
                self._send_frame(OP_CLOSE, payload[:2], True, Deadline(_CLOSE_TIMEOUT))
            except ConnectionClosed:
                pass
        self._discard(_CLOSE_TIMEOUT)
        self._stream.close()
        raise ConnectionClosed(code, reason, by)

    def _discard(self, limit):
        """Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1)."""
        deadline = Deadline(limit)
        while self._stream.is_open:
            try:
                count = self._stream.read(self._view, deadline.left())
            except OSError:
                return
            if count == 0 or (count < 0 and deadline.left() == 0):
                return

    def _take(self, view, deadline):
        """Some of the current frame's payload into `view`, checked; 0 when the time is up."""
        room = min(len(view), self._left)
        count = min(room, self._end - self._begin)
        if count:
            view[:count] = self._view[self._begin:self._begin + count]
            self._begin += count
        else:
            count = self._receive(view[:room], deadline)
            if not count:
                return 0
        if self._key:
            turn = self._at & 3
            mask_into(view, 0, memoryview(bytes(view[:count])), self._key[turn:] + self._key[:turn])
            self._at += count
        self._left -= count
        if self._utf8 and not self._utf8.takes(view[:count]):
            self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
        return count

    def _message_ended(self):
        """True at the end of the message, which is then left behind."""
        if self._left or not self._fin:
            return False
        if self._utf8 and self._utf8.missing:
            self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
        self._opcode = None
        return True

    def read_frame(self, max_size=None):
        """(fin, opcode, data) of the next data frame; ping, pong and close frames are handled. NoDataException when
        nothing came in time, ConnectionClosed at the end."""
        self._check_open()
        deadline = Deadline(self._timeout)
        if self._data is None:
            if not self._begin_frame(deadline):
                raise NoDataException("no frame has come yet")
            if max_size is not None and self._left > max_size:
                self._fail(CLOSE_TOO_BIG, "a frame is larger than the limit")
            self._data, self._have = self._allocate(self._left), 0
        view = memoryview(self._data)
        while self._left:
            count = self._take(view[self._have:], deadline)
            if not count:
                raise NoDataException("the frame has not come to its end yet")
            self._have += count
        fin = self._message_ended()
        data, self._data, self._have = self._data, None, 0
        return fin, self._frame_opcode, bytes(data)

    def _allocate(self, size):
        try:
            return bytearray(size)
        except (MemoryError, OverflowError):
            try:
                self._fail(CLOSE_TOO_BIG, "no memory for a message")
            except ProtocolError:
                raise MemoryError("no memory for a message of that size")

    def recv(self):
        """The next message: str or bytes. With a timeout of 0, None when there is none; OSError(110) when none came
        in time, and the next call goes on where this one stopped; ConnectionClosed at the end."""
        self._check_open()
        deadline = Deadline(self._timeout)
        if self._data is None:
            self._data, self._have = b"", 0
        while True:
            if self._opcode is None or not self._left:
                if not self._begin_frame(deadline):
                    return self._not_yet()
                if self._left:
                    # Once, at its final size, when the message is one frame.
                    data = self._allocate(self._have + self._left)
                    data[:self._have] = self._data
                    self._data = data
            view = memoryview(self._data)
            while self._left:
                count = self._take(view[self._have:], deadline)
                if not count:
                    return self._not_yet()
                self._have += count
            text = self._opcode == OP_TEXT
            if self._message_ended():
                data, self._data, self._have = self._data, None, 0
                return str(data, "utf-8") if text else bytes(data)

    def _not_yet(self):
        if self._timeout == 0:
            return None
        raise OSError(_ETIMEDOUT)

    def recv_into(self, buffer):
        """A part of the next message, as much as has come and fits; the number of bytes. `more` tells if the message
        goes on, `is_text` what it is. None when nothing came in time."""
        self._check_open()
        deadline = Deadline(self._timeout)
        view = memoryview(buffer)
        if self._have:  # a recv() that timed out has collected the beginning
            count = min(self._have, len(view))
            view[:count] = memoryview(self._data)[:count]
            self._data, self._have = self._data[count:self._have], self._have - count
            self.is_text, self.more = self._opcode == OP_TEXT, True
            return count
        self._data = None
        while True:
            if self._opcode is None or not self._left:
                if not self._begin_frame(deadline):
                    return self._not_yet()
            self.is_text = self._opcode == OP_TEXT
            count = self._take(view, deadline) if self._left else 0
            if not count and self._left:
                return self._not_yet()
            self.more = not self._message_ended()
            if count or not self.more:
                return count

    # --- The end ---

    def close(self, code=CLOSE_OK, reason=""):
        """The closing handshake: tells the server, waits up to 5 s for its answer, and ends the stream. Messages that
        come meanwhile are dropped. Closing what is closed does nothing."""
        payload = _check_close(code, reason)
        if not self.open:
            return
        self._begin_closing(code)
        try:
            self._send_frame(OP_CLOSE, payload, True, Deadline(_CLOSE_TIMEOUT))
            while True:  # until the close frame, the end of the stream, or the end of the wait
                if self._left:
                    self._take(memoryview(self._out), self._closing)
                else:
                    self._message_ended()
                    self._begin_frame(self._closing)
        except ConnectionClosed:
            self._stream.close()

    def _begin_closing(self, code):
        self._sent_close = code
        limit = self._timeout or _CLOSE_TIMEOUT
        self._closing = Deadline(min(limit, _CLOSE_TIMEOUT))
