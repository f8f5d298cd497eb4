"""Stands in for CircuitPython's ssl, over MicroPython's tls: it wraps any socket that has CircuitPython's methods and `type`, TLS
begins in connect(), and close() does nothing after a handshake that has failed. CPWS_CACERT names the CA that a firmware brings."""
import io
import os
import time

import tls

_POLL = 3  # MP_STREAM_POLL


class _Stream(io.IOBase):
    """What tls reads and writes, without waiting."""

    def __init__(self, sock):
        self._sock = sock

    def readinto(self, buffer):
        self._sock.settimeout(0)
        try:
            return self._sock.recv_into(buffer)
        except OSError as error:
            if error.args[0] == 11:
                return None
            raise

    def write(self, data):
        return self._sock.send(bytes(data))

    def ioctl(self, request, argument):
        return argument if request == _POLL else 0


class SSLSocket:
    def __init__(self, context, sock, name):
        for method in ("accept", "bind", "close", "connect", "listen", "recv_into", "send", "settimeout", "setsockopt", "type"):
            if not hasattr(sock, method):
                raise AttributeError(method)
        self._context, self._sock, self._name, self._tls, self._timeout = context, sock, name, None, None

    def connect(self, address):
        self._sock.connect(address)
        try:
            self._tls = self._context.wrap_socket(_Stream(self._sock), server_hostname=self._name)
        except ValueError as error:  # CircuitPython's raises mbedTLS's number
            raise OSError(-0x2700, str(error))

    def settimeout(self, timeout):
        self._timeout = timeout

    def setsockopt(self, *args):
        return self._sock.setsockopt(*args)

    def _wait(self, call, buffer):
        begin = time.time()
        while True:
            count = call(buffer)
            if count is not None:
                return count
            if self._timeout == 0:
                raise OSError(11)
            if self._timeout is not None and time.time() - begin > self._timeout:
                raise OSError(110)
            time.sleep(0.001)

    def recv_into(self, buffer, size=0):
        return self._wait(self._tls.readinto, memoryview(buffer)[:size or len(buffer)])

    def send(self, data):
        return self._wait(self._tls.write, data)

    def close(self):
        if self._tls is not None:
            self._tls.close()
            self._sock.close()


class SSLContext:
    def __init__(self):
        self._context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        self._context.verify_mode = tls.CERT_REQUIRED
        with open(os.getenv("CPWS_CACERT"), "rb") as file:
            self._context.load_verify_locations(file.read())

    def wrap_socket(self, sock, *, server_hostname):
        return SSLSocket(self._context, sock, server_hostname)


def create_default_context():
    return SSLContext()
