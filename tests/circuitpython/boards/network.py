"""What lies behind a played chip: TCP connections to this machine, read and written without waiting, on CPython and
MicroPython."""
import socket
import time

_AGAIN = (11, 115)  # EAGAIN, EINPROGRESS
# Linux's numbers; MicroPython's socket has no names for them. A small buffer: a server that does not read is felt at once.
_OPTIONS = ((1, 7, 4096), (6, 1, 1))  # SO_SNDBUF, TCP_NODELAY


class Link:
    """One connection. `arrived` has come and was not read; `ended` and `failed` tell how the stream stands behind it."""

    def __init__(self, window):
        self.window = window  # more than this the chip does not hold
        self.arrived = b""
        self.ended = self.failed = False
        self._socket = None
        self._is_stuck = False

    def connect(self, address, port):
        """False if nobody listens. `address` is four bytes."""
        self._socket = socket.socket()
        try:
            for option in _OPTIONS:
                self._socket.setsockopt(*option)
            self._socket.connect(socket.getaddrinfo("%d.%d.%d.%d" % tuple(address), port)[0][-1])
        except OSError:
            self.close()
            return False
        self._socket.setblocking(False)
        return True

    @property
    def is_open(self):
        return self._socket is not None

    def poll(self):
        """Takes what has come, as far as the chip has room."""
        while self._socket is not None and not self.ended and len(self.arrived) < self.window:
            try:
                data = self._socket.recv(self.window - len(self.arrived))
            except OSError as error:
                if error.args[0] not in _AGAIN:
                    self.ended = self.failed = True
                return
            if not data:
                self.ended = True
            self.arrived += data

    def read(self, count):
        data, self.arrived = self.arrived[:count], self.arrived[count:]
        return data

    def send_all(self, data):
        """The number of bytes that were taken when the network has had its time."""
        done, begin = 0, time.time()
        while done < len(data):
            count = self.send(data[done:])
            if count < 0 or count == 0 and (self._is_stuck or time.time() - begin > 0.5):
                self._is_stuck = True  # it is not waited for again
                break
            done += count
        return done

    def send(self, data):
        """The number of bytes that were taken at once; -1 after the end."""
        if self._socket is None or self.failed:
            return -1
        try:
            return self._socket.send(data)
        except OSError as error:
            if error.args[0] in _AGAIN:
                return 0
            self.ended = self.failed = True
            return -1

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Names:
    """The names that a played chip resolves, and what it was asked."""

    def __init__(self):
        self.known = {"localhost": bytes([127, 0, 0, 1])}

    def find(self, name):
        """Four bytes, or None."""
        parts = name.split(".")
        if len(parts) == 4 and all(part.isdigit() for part in parts):
            return bytes(int(part) for part in parts)
        return self.known.get(name)
