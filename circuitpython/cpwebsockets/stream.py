"""The byte stream under a connection: sockets of CircuitPython, MicroPython, CPython, and what their calls have in
common. Every wait has a bound."""
import time

_NOTHING_YET = (11, 110, 115, 116, 119)  # EAGAIN, ETIMEDOUT (two values), EINPROGRESS (two values)
_ENDED = (107, 128)  # ENOTCONN (two values): Espressif's end of stream

# Milliseconds, from a clock that wraps around on MicroPython.
if hasattr(time, "ticks_ms"):
    now = time.ticks_ms

    def since(then):
        return time.ticks_diff(time.ticks_ms(), then)
else:
    def now():
        return time.monotonic_ns() // 1000000

    def since(then):
        return now() - then


class Deadline:
    """A wait in milliseconds; None waits without end."""

    def __init__(self, limit):
        self.begin = now()
        self.limit = limit

    def left(self):
        """Milliseconds, 0 when it is over; None without end."""
        return None if self.limit is None else max(0, self.limit - since(self.begin))


class Stream:
    """Reads and writes with a limit in milliseconds; None waits without end."""

    def __init__(self, sock):
        self._sock = sock
        # MicroPython's sockets are read without waiting, and poll waits: their readinto() waits until the buffer is full,
        # and so does the recv_into() that some of their TLS sockets have.
        self._polls = hasattr(sock, "readinto")
        if self._polls:
            self._read, self._write = sock.readinto, sock.write
        else:
            self._read, self._write = getattr(sock, "recv_into", self._recv_into), sock.send
        self._poller = None
        self._polled = None  # the event that it waits for
        self._limit = -1  # set on the socket; -1: not known

    @property
    def is_open(self):
        return self._sock is not None

    def close(self):
        if self._sock is not None:
            sock, self._sock, self._poller = self._sock, None, None
            sock.close()

    def read(self, view, limit):
        """Bytes read, 0 at the end of the stream, -1 if nothing came within the limit."""
        count = self._try(self._read, view, limit)
        if count < 0 and self._polls and limit != 0 and self._wait_for("POLLIN", limit):
            count = self._try(self._read, view, limit)
        if count > len(view):
            self.close()
            raise OSError(-count)  # an error of TLS, reported as a count
        return count

    def write(self, view, limit):
        """Bytes written, 0 if none could be within the limit."""
        count = self._try(self._write, view, limit)
        if count <= 0 and self._polls and limit != 0 and self._wait_for("POLLOUT", limit):
            count = self._try(self._write, view, limit)
        return max(0, count)

    def _recv_into(self, view):
        data = self._sock.recv(len(view))
        view[:len(data)] = data
        return len(data)

    def _try(self, call, view, limit):
        if limit != self._limit and not (self._polls and self._limit == 0):
            self._set_limit(limit)
        try:
            count = call(view)
            return -1 if count is None else count
        except OSError as error:
            number = error.args[0] if error.args else None
            if number in _NOTHING_YET or not isinstance(number, int):  # a time-out of CPython has no number
                return -1
            if number in _ENDED and call is self._read:
                return 0
            self.close()
            raise

    def _set_limit(self, limit):
        self._limit = limit = 0 if self._polls else limit
        if hasattr(self._sock, "settimeout"):
            self._sock.settimeout(None if limit is None else limit / 1000)
        else:
            self._sock.setblocking(limit != 0)

    def _wait_for(self, event, limit):
        import select
        if self._poller is None:
            self._poller = select.poll()
        if event != self._polled:
            self._poller.register(self._sock, getattr(select, event))
            self._polled = event
        return bool(self._poller.poll(-1 if limit is None else limit))
