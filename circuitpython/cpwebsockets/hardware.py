"""Network hardware whose sockets are written in Python has ways of its own; here it gets the usual ones: recv_into() raises
OSError(11) when nothing is there yet and returns 0 at the end, send() returns what it took, and what fails is an OSError."""
_EAGAIN = 11


class _Adapter:
    def __init__(self, sock):
        self._sock = sock
        self.send = sock.send
        self.close = sock.close
        self.connect = sock.connect
        self.recv = getattr(sock, "recv", None)  # Adafruit's TLS looks for it

    def settimeout(self, timeout):
        self._sock.settimeout(timeout)


class _RecvOnly(_Adapter):
    """Any socket that has recv() alone."""

    def recv_into(self, view):
        data = self._sock.recv(len(view))
        view[:len(data)] = data
        return len(data)


class _AirLift(_Adapter):
    """adafruit_esp32spi, also under the TLS of adafruit_connection_manager: 0 bytes may be the end, or nothing yet, and a
    recv_into() that waits would never notice the end."""

    def __init__(self, sock):
        super().__init__(sock)
        sock.settimeout(0)
        inner = getattr(sock, "_socket", sock)
        self._is_connected = getattr(inner, "_connected", None) or inner.connected

    def settimeout(self, timeout):
        pass

    def recv_into(self, view):
        count = self._sock.recv_into(view)
        if not count and self._is_connected():
            raise OSError(_EAGAIN)
        return count


class _Wiznet(_Adapter):
    """adafruit_wiznet5k: a send() without a time-out waits for the chip without end, and one that is over raises the same
    RuntimeError as a lost connection."""

    def __init__(self, sock):
        super().__init__(sock)
        self.recv_into = sock.recv_into
        self.send = self._send_in_time
        self._timeout = None

    def settimeout(self, timeout):
        self._timeout = timeout
        self._sock.settimeout(timeout)

    def _send_in_time(self, view):
        # The chip has to tell that it has sent what it took: less than a second may be too short for that.
        self._sock.settimeout(max(1, self._timeout or 0))
        try:
            return self._sock.send(view)
        except RuntimeError as error:
            if str(error).startswith("Unable to write") and self._sock._connected:
                raise OSError(_EAGAIN)
            raise
        finally:
            self._sock.settimeout(self._timeout)


class _AtControl(_Adapter):
    """adafruit_espatcontrol: no bytes are nothing yet, the end is not told, its time-out must not be 0, and its errors are
    of no usual kind."""

    never_ends = True

    def settimeout(self, timeout):
        self._sock.settimeout(min(1, max(0.02, 1 if timeout is None else timeout)))

    def _call(self, method, *args):
        try:
            return method(*args)
        except OSError:
            raise
        except Exception as error:
            raise OSError(" ".join(str(part) for part in error.args))

    def __init__(self, sock):
        super().__init__(sock)
        self.connect = self._connect
        self.send = self._send
        self.close = self._close

    def _connect(self, *address):
        self._call(self._sock.connect, *address)

    def recv_into(self, view):
        data = self._call(self._sock.recv, len(view))
        if not data:
            raise OSError(_EAGAIN)
        view[:len(data)] = data
        return len(data)

    def _send(self, view):
        self._call(self._sock.send, bytes(view))
        return len(view)

    def _close(self):
        self.settimeout(0)  # it reads once more
        self._call(self._sock.close)


def adapted(sock):
    inner = getattr(sock, "_socket", sock)
    if isinstance(inner, _AtControl):
        return inner
    if not hasattr(sock, "recv_into"):
        return (_AtControl if hasattr(sock, "readline") else _RecvOnly)(sock)
    if callable(getattr(inner, "_connected", None)) or callable(getattr(inner, "connected", None)):
        return _AirLift(sock)
    if hasattr(sock, "_connected"):
        return _Wiznet(sock)
    return sock
