"""WebSocket messages and the closing handshake (RFC 6455), in plain Python.

For CircuitPython and MicroPython boards with stock firmware; runs on CPython as well. Strict: the first violation by the
server closes the connection with the code that says why. A receive that times out loses nothing.
"""
from .codes import *  # noqa: F403  all of it is part of this module's interface
from .frames import CLOSE_TIMEOUT, Frames
from .payload import is_utf8
from .stream import Deadline
from .uri import URI, urlparse  # noqa: F401  part of this module's interface

_EAGAIN = const(11)
_ETIMEDOUT = const(110)


class Websocket(Frames):
    """One connection over a connected socket: of CircuitPython, MicroPython, CPython, or any object with
    send() or write(), recv_into(), recv() or readinto(), settimeout() or setblocking(), and close()."""

    def __init__(self, sock, *, timeout=None, max_size=None, buffer_size=2048, keepalive=None):
        super().__init__(sock, max_size, buffer_size, keepalive)
        self.subprotocol = None  # the one that the server chose
        self.more = False  # recv_into(): the message goes on
        self.is_text = False  # recv_into(): the message is text
        self._sending = None  # opcode of the message that send(more=True) began
        self._data = None  # what recv() has of a message
        self._have = 0
        self.settimeout(timeout)

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

    def _allocate(self, size):
        try:
            return bytearray(size)
        except (MemoryError, OverflowError):
            try:
                self._fail(CLOSE_TOO_BIG, "no memory for a message")
            except ProtocolError:
                raise MemoryError("no memory for a message of that size")

    def recv_into(self, buffer):
        """A part of the next message, as much as has come and fits; the number of bytes. `more` tells if the message
        goes on, `is_text` what it is. None when nothing came in time."""
        self._check_open()
        deadline = Deadline(self._timeout)
        view = memoryview(buffer)
        view[:0] = b""  # TypeError for what cannot be written to
        if not len(view):
            raise ValueError("the buffer has no room")
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

    def write_frame(self, opcode, data=b"", fin=True):
        """Sends one frame. A close frame starts the closing handshake: recv() goes on to its end."""
        self._check_open()
        if opcode == OP_CLOSE:
            self._begin_closing(data[0] << 8 | data[1] if data else CLOSE_NO_STATUS)
        if not self._send_frame(opcode, data, fin, Deadline(self._timeout)):
            raise OSError(_EAGAIN if self._timeout == 0 else _ETIMEDOUT)

    def close(self, code=CLOSE_OK, reason=""):
        """The closing handshake: tells the server, waits up to 5 s for its answer, and ends the stream. Messages that
        come meanwhile are dropped. Closing what is closed does nothing."""
        payload = check_close(code, reason)
        if not self.open:
            return
        self._begin_closing(code)
        try:
            self._send_frame(OP_CLOSE, payload, True, Deadline(CLOSE_TIMEOUT))
            while True:  # until the close frame, the end of the stream, or the end of the wait
                if self._left:
                    self._take(memoryview(self._out), self._closing)
                else:
                    self._message_ended()
                    self._begin_frame(self._closing)
        except ConnectionClosed:
            self._stream.close()
