"""Stands in for CircuitPython's socketpool over MicroPython's socket: recv_into() and partial send() with a timeout,
OSError(110) when it is over, OSError(11) without one."""
import select
import socket


class Socket:
    def __init__(self, family, kind):
        self.raw = socket.socket(family, kind)
        self.raw.setblocking(False)
        self.type = kind  # for ssl
        self._timeout = None
        self._poll = select.poll()

    def settimeout(self, timeout):
        self._timeout = timeout

    def setsockopt(self, level, name, value):
        pass  # Linux's loopback needs no TCP_NODELAY here

    def connect(self, address):
        self.raw.setblocking(True)
        self.raw.connect(socket.getaddrinfo(address[0], address[1], 0, socket.SOCK_STREAM)[0][-1])
        self.raw.setblocking(False)

    def wait(self, stream, flag):
        if self._timeout == 0:
            raise OSError(11)
        self._poll.register(stream, flag)
        if not self._poll.poll(-1 if self._timeout is None else int(self._timeout * 1000)):
            raise OSError(110)

    def recv_into(self, buffer, size=0):
        view = memoryview(buffer)[:min(size or len(buffer), 1460)]  # one pbuf at most
        while True:
            count = self.raw.readinto(view)
            if count is not None:
                return count
            self.wait(self.raw, select.POLLIN)

    def send(self, data):
        while True:
            count = self.raw.write(memoryview(data)[:1460])
            if count is not None:
                return count
            self.wait(self.raw, select.POLLOUT)

    def close(self):
        self.raw.close()


class SocketPool:
    AF_INET = socket.AF_INET
    SOCK_STREAM = socket.SOCK_STREAM
    IPPROTO_TCP = 6
    TCP_NODELAY = 1

    def __init__(self, radio):
        if radio is None:
            raise ValueError("no radio")

    def getaddrinfo(self, host, port, family=0, kind=0):
        return [(self.AF_INET, kind, 6, "", (host, port))]

    def socket(self, family=AF_INET, kind=SOCK_STREAM):
        return Socket(family, kind)
