"""connect() tries every address of a name, within its one timeout, and leaves no socket open when it fails: sockets are counted,
and no collector may close them. Beside server.py; with stand-ins for CircuitPython's socketpool and ssl on MicroPython."""
import gc
import os
import socket
import sys
import time

import cpwebsockets.client

PORT = int(os.getenv("SERVER_PORT"))
SILENT_PORT = int(os.getenv("SILENT_PORT"))
IS_MICROPYTHON = sys.implementation.name == "micropython"
QUICK = 2
ETIMEDOUT, ECONNREFUSED, EAFNOSUPPORT = 110, 111, 97
NOBODY = 1  # a port


def connect(pool, url=None, **options):
    options.setdefault("timeout", 20)
    return cpwebsockets.client.connect(url or "ws://localhost:%d/echo" % PORT, pool, **options)


def raises(kind, call, *args, **options):
    try:
        call(*args, **options)
    except kind as error:
        return error
    raise AssertionError("no %s" % (kind,))


def open_files():
    return len(os.listdir("/proc/self/fd"))


class Counting:
    """The interpreter's sockets, which it keeps, so that only close() closes them. `ports`: where each address of a name leads."""

    SOCK_STREAM = socket.SOCK_STREAM

    def __init__(self, *ports):
        self.ports = ports
        self.sockets = []

    def getaddrinfo(self, host, port, family=0, kind=0):
        found = []
        for at in self.ports or (port,):
            found += socket.getaddrinfo("127.0.0.1", at, socket.AF_INET, socket.SOCK_STREAM)[:1]
        return found

    def socket(self, *args):
        sock = socket.socket(*args[:2])
        self.sockets.append(sock)
        return sock


def talks(ws):
    ws.send("hello")
    assert ws.recv() == "hello"
    ws.close()


def dead_addresses_first():
    before = open_files()
    pool = Counting(NOBODY, NOBODY, PORT)
    talks(connect(pool))
    assert len(pool.sockets) == 3 and open_files() == before


def an_unknown_family_first():
    """As IPv6 is on most boards."""
    class NoIpv6(Counting):
        def socket(self, *args):
            if not self.sockets:
                self.sockets.append(None)
                raise OSError(EAFNOSUPPORT)
            return super().socket(*args)

    pool = NoIpv6(PORT, PORT)
    talks(connect(pool))
    assert len(pool.sockets) == 2


def ipv6_first():
    """::1, where nobody listens, as many systems have it for localhost."""
    class Both(Counting):
        def getaddrinfo(self, *args):
            try:
                other = socket.getaddrinfo("::1", PORT, socket.AF_INET6, socket.SOCK_STREAM)[:1]
            except OSError:  # a machine without IPv6
                other = []
            return other + super().getaddrinfo(*args)

    talks(connect(Both(PORT)))


def all_are_dead():
    before = open_files()
    pool = Counting(NOBODY, NOBODY, NOBODY)
    error = raises(OSError, connect, pool)
    assert len(pool.sockets) == 3 and open_files() == before
    assert error.args[0] == ECONNREFUSED, error.args
    pool = Counting()
    pool.getaddrinfo = lambda *args: []
    raises(OSError, connect, pool)


class Hole:
    """A socket whose connect() is never answered: it waits as long as it may."""

    def __init__(self, pool):
        self.pool, self.limit, self.is_open = pool, None, True

    def settimeout(self, limit):
        self.limit = limit

    def connect(self, address):
        assert self.limit, "connect() without a limit"
        self.pool.waited.append(self.limit)
        time.sleep(self.limit)
        raise OSError(ETIMEDOUT)

    def send(self, data):
        raise OSError(ETIMEDOUT)

    def recv_into(self, buffer, size=0):
        raise OSError(ETIMEDOUT)

    def close(self):
        self.is_open = False


class Holes:
    SOCK_STREAM = 1

    def __init__(self, addresses):
        self.addresses = addresses
        self.waited, self.sockets = [], []

    def getaddrinfo(self, host, port, family=0, kind=0):
        return [(2, kind, 6, "", (host, port))] * self.addresses

    def socket(self, *args):
        self.sockets.append(Hole(self))
        return self.sockets[-1]


def one_timeout_for_all():
    for addresses in (1, 2, 5):
        pool = Holes(addresses)
        begin = time.time()
        error = raises(OSError, connect, pool, timeout=0.4)
        assert error.args[0] == ETIMEDOUT and error.errno == ETIMEDOUT, error.args
        assert time.time() - begin < 0.4 + QUICK and sum(pool.waited) < 0.4 + 0.1, pool.waited
        assert not any(sock.is_open for sock in pool.sockets)


def one_who_does_not_answer():
    """TCP is there, as a full backlog or a busy server has it, and nothing comes, neither HTTP nor TLS."""
    before = open_files()
    for url, options in (("ws://localhost:%d/", {}), ("wss://localhost:%d/", {"ssl_context": tls_context()})):
        pool = Counting()
        begin = time.time()
        error = raises(OSError, connect, pool, url % SILENT_PORT, timeout=0.4, **options)
        assert 0.35 < time.time() - begin < 0.4 + QUICK, error
        assert open_files() == before, url


def every_failure_leaves_nothing():
    before = open_files()
    gc.collect()
    gc.disable()
    kept = []
    for _ in range(10):
        pool = Counting()
        kept.append(pool)
        raises(OSError, connect, pool, "ws://localhost:%d/" % NOBODY)
        raises(cpwebsockets.client.HandshakeError, connect, pool, "ws://localhost:%d/nothing" % PORT)
        raises(OSError, connect, pool, "wss://localhost:%d/" % PORT, ssl_context=tls_context())  # it answers in HTTP
        assert len(pool.sockets) == 3
        assert open_files() == before, (open_files(), before)
    gc.enable()


def tls_context():
    if not IS_MICROPYTHON:
        import ssl
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
    import tls
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE
    return context


class CircuitPythonContext:
    """As CircuitPython's: the socket is wrapped first, TLS begins in connect(), and after a handshake that has failed close() does
    nothing, neither to TLS nor to the socket below."""

    class Wrapped:
        def __init__(self, sock):
            self.sock = sock
            self.settimeout, self.send, self.recv_into = sock.settimeout, sock.send, sock.recv_into

        def connect(self, address):
            self.sock.connect(address)
            raise OSError(-0x7780, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE")

        def close(self):
            pass

    def wrap_socket(self, sock, server_hostname=None):
        assert server_hostname == "localhost"
        return self.Wrapped(sock)


def failed_tls_of_circuitpython():
    import socketpool
    pool = socketpool.SocketPool("radio")
    before = open_files()
    gc.collect()
    gc.disable()
    kept = []
    for _ in range(10):
        error = raises(OSError, connect, pool, "wss://localhost:%d/" % PORT, ssl_context=CircuitPythonContext())
        kept.append(error)
        assert error.args[0] == -0x7780, error.args
        assert open_files() == before, (open_files(), before)
    gc.enable()


def main(*chosen):
    failed = 0
    tests = [dead_addresses_first, an_unknown_family_first, ipv6_first, all_are_dead, one_timeout_for_all, one_who_does_not_answer, every_failure_leaves_nothing]
    if IS_MICROPYTHON:
        tests.append(failed_tls_of_circuitpython)
    for test in tests:
        if chosen and test.__name__ not in chosen:
            continue
        begin = time.time()
        try:
            test()
            print("ok     %-28s %.2f s" % (test.__name__, time.time() - begin))
        except Exception as error:
            failed += 1
            print("FAILED %-28s %.2f s" % (test.__name__, time.time() - begin))
            if hasattr(sys, "print_exception"):
                sys.print_exception(error)
            else:
                import traceback
                traceback.print_exception(error)
    print("%d failed" % failed)
    sys.exit(failed != 0)


main(*sys.argv[1:])
