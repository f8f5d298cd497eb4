"""WebSocket messages (RFC 6455), in plain Python.

For CircuitPython and MicroPython boards with stock firmware; runs on CPython as well. Strict: the first violation by the
server closes the connection with the code that says why. A receive that times out loses nothing. What few programs use, or
only its beginning or end, is in modules of its own, which are loaded when it is asked for.
"""
from .receiving import begin_frame, frame_ended, look, take
from .sending import clear, ends, enter, fails, not_in_time, now, post

_CALLS = ("recv_into", "read_frame", "write_frame", "ping")
_BINARY = (bytes, bytearray, memoryview)


def __getattr__(name):
    if name in ("URI", "urlparse"):
        from . import uri
        return getattr(uri, name)
    if name.isupper():
        from . import constants
        return getattr(constants, name)
    from . import errors
    return getattr(errors, name)


def is_utf8(data):
    from .payload import is_utf8
    return is_utf8(data)


def keep_rest(self):
    from .parts import keep_rest
    keep_rest(self)


def text_of(view):
    try:
        text = str(view, "utf-8")
        if len(text) == len(view) or is_utf8(view):
            return text
    except UnicodeError:
        pass


class ConnectionClosed(Exception):
    """The connection has ended. `code` and `reason` say why, `by` who ended it: "us", "peer" or "network"."""

    def __init__(self, code=1006, reason="", by="network"):
        super().__init__(code, reason, by)
        self.code = code
        self.reason = reason
        self.by = by

    def __str__(self):
        return ("closed by %s: %d %s" % (self.by, self.code, self.reason)).rstrip()


class Websocket:
    """One connection over a connected socket: of CircuitPython, MicroPython, CPython, or any object with
    send() or write(), recv_into(), recv() or readinto(), settimeout() or setblocking(), and close()."""

    is_client = False
    open = False  # when the connection has ended
    close_code = None  # of the close frame that the peer sent; 1006 if the stream ended without one
    close_reason = ""
    latency = None  # seconds, of the last ping that was answered
    subprotocol = None  # the one that the server chose
    more = False  # recv_into(): the message goes on
    is_text = False  # recv_into(): the message is text
    _look = look

    def __init__(self, sock, *, timeout=None, max_size=None, buffer_size=2048, keepalive=None, frame_size=1048576):
        if buffer_size < 1024 or frame_size < 1 or max_size is not None and max_size < 0:
            fails(self, "wrong_size", buffer_size, frame_size)
        self.settimeout(keepalive)
        self._keepalive = self._timeout
        self.settimeout(timeout)
        self._max_size = max_size
        self._frame_size = frame_size
        self._mask = 0x80 if self.is_client else 0
        self._end = None  # class and args of the exception that every call raises after the end
        self._turns = 0  # reads and frames of a call
        self._begun = None  # when the call began that is going on
        self._stuck = None  # since when the socket takes nothing
        self._sent_close = None
        self._heard = self._looked = now()  # when something came; when that was looked for
        self._out = memoryview(bytearray(buffer_size // 2))
        clear(self)
        self._in = memoryview(bytearray(buffer_size // 2))
        self._begin = self._end_in = 0  # what was read and is not used
        self._in_frame = False
        self._left_in = 0  # bytes of the data frame that are still to come
        self._opcode = None  # of the message that is being received
        self._text = None  # the bytes of a code point that is not whole yet; None: no text
        self._sending = None  # opcode of the message that send(more=True) began
        self._data = None  # what recv() has of a message
        self._have = 0
        if sock is not None:  # as connect() begins
            from .sockets import use
            use(self, sock)

    def __getattr__(self, name):
        if name == "pending_bytes":
            return self._last - self._first + self._size - self._at  # that send() has taken and the socket has not
        if name not in _CALLS:
            raise AttributeError(name)
        from . import parts
        return parts.bound(self, name)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.recv()
        except ConnectionClosed as closed:
            if closed.code in (1000, 1001, 1005) and closed.by != "network":
                raise StopIteration
            raise

    def settimeout(self, timeout):
        """Seconds that recv() and send() may wait: None without end, 0 not at all."""
        if timeout is not None:
            if not 0 <= timeout < 1000000:
                fails(self, "wrong_timeout")
            timeout = int(timeout * 1000)
        self._timeout = timeout

    def close(self, code=1000, reason=""):
        """The closing handshake: tells the server, waits up to 5 s for its answer, and ends the stream. Messages that come
        meanwhile are dropped. Closing what is closed does nothing."""
        ends(self, "close", code, reason)

    def send(self, buf, *, more=False):
        """Sends a message: str as text, bytes, bytearray or memoryview as binary. more=True sends a part of it, and the
        message ends with the first part sent without. OSError(11 or 110): it could not be taken in time, nothing of it was."""
        enter(self)
        try:
            self._take(buf, more)
        finally:
            self._begun = None

    def _take(self, buf, more):
        opcode = 2
        if isinstance(buf, str):
            opcode = 1
            data = buf.encode("utf-8", "surrogatepass")
            if len(data) != len(buf) and not is_utf8(data):
                fails(self, "no_text")
        elif isinstance(buf, _BINARY):
            data = buf
        else:
            fails(self, "wrong_type")
        if (self._sending or opcode) != opcode:
            fails(self, "mixed")
        if len(data) > 125:
            data = memoryview(data)
        post(self, (0 if self._sending else opcode) | (0 if more else 0x80), data)
        self._sending = opcode if more else None
        if self._rest is not None and not isinstance(buf, (str, bytes)):
            keep_rest(self)

    def recv(self):
        """The next message: str or bytes. With a timeout of 0, None when there is none; OSError(110) when none came
        in time, and the next call goes on where this one stopped; ConnectionClosed at the end."""
        enter(self)
        try:
            return self._next()
        finally:
            self._begun = None

    def _next(self):
        while self._in_frame or begin_frame(self):
            size = self._left_in
            if self._data is None and size <= self._end_in - self._begin and self._head_in > 0x7F and not self._text and self._mask:
                message = self._in[self._begin:self._begin + size]  # all of it is in the buffer
                self._begin += size
                self._left_in = 0
            else:
                message = self._collected()
                if message is None:
                    break
            if self._head_in > 0x7F and not self._text:
                message = bytes(message) if self._text is None else text_of(message)
                if message is None:
                    fails(self, "fail", 1007)
            if frame_ended(self):
                self._data, self._have = None, 0
                return message
        return self._not_yet()

    def _collected(self):
        """A message of several reads or frames, as far as its frames have come; None while one is not whole."""
        size = self._have + self._left_in
        if self._data is None or len(self._data) < size:
            self._grow(size)
        while self._left_in:
            count = take(self, memoryview(self._data)[self._have:])
            if not count:
                return None
            self._have += count
        return memoryview(self._data)[:size]

    def _not_yet(self):
        if self._timeout != 0:
            not_in_time()

    def _grow(self, size):
        """Room for a message: at once at its final size, if this is its last frame."""
        try:
            data = bytearray(size if self._head_in > 0x7F else max(size, self._have * 3 // 2))
            data[:self._have] = memoryview(self._data or b"")[:self._have]
            self._data = data
        except (MemoryError, OverflowError):
            fails(self, "no_memory")
