"""Stands in for CircuitPython's ssl over MicroPython's tls: a socket is wrapped first, and TLS begins in connect(). The
CA to trust, which a board's firmware brings, is the file that CPWS_CACERT names."""
import os
import select

import tls


class SSLSocket:
    def __init__(self, context, sock, name):
        self._context, self._sock, self._name, self._tls = context, sock, name, None

    def connect(self, address):
        self._sock.connect(address)
        self._sock.raw.setblocking(True)
        self._tls = self._context.wrap_socket(self._sock.raw, server_hostname=self._name)
        self._tls.setblocking(False)

    def settimeout(self, timeout):
        self._sock.settimeout(timeout)

    def recv_into(self, buffer, size=0):
        while True:
            count = self._tls.readinto(memoryview(buffer)[:size or len(buffer)])
            if count is not None:
                return count
            self._sock.wait(self._tls, select.POLLIN)

    def send(self, data):
        while True:
            count = self._tls.write(data)
            if count is not None:
                return count
            self._sock.wait(self._tls, select.POLLOUT)

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
