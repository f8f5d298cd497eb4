"""The timeout is the timeout, whatever the server does: it does not read, it floods, it pings one that only sends. Over the
interpreter's own sockets, and on MicroPython over the stand-ins for CircuitPython's; beside server.py."""
import binascii
import hashlib
import os
import socket
import sys
import time

import cpwebsockets.client
from cpwebsockets.protocol import ConnectionClosed

PORT = int(os.getenv("SERVER_PORT"))
WEBSOCKETS_PORT = int(os.getenv("WEBSOCKETS_PORT"))
QUICK = 2  # seconds: ten times what is usual for a call that does not wait
EAGAIN, ETIMEDOUT = 11, 110
LARGE = bytes(range(256)) * 4096  # 1 MiB, more than all buffers between the client and one who does not read


class SmallPool:
    """A pool, or the interpreter's socket module, whose sockets have a small buffer for sending."""

    SOCK_STREAM = socket.SOCK_STREAM

    def __init__(self, pool):
        self.pool = pool
        self.getaddrinfo = pool.getaddrinfo

    def socket(self, *args):
        sock = self.pool.socket(*args)
        getattr(sock, "raw", sock).setsockopt(1, 7, 4096)  # SO_SNDBUF
        return sock


def networks():
    yield "socket", SmallPool(socket)
    if sys.implementation.name == "micropython":
        import socketpool
        yield "socketpool", SmallPool(socketpool.SocketPool("radio"))


def connect(pool, path, timeout=20):
    """The timeout is for what comes after connecting."""
    ws = cpwebsockets.client.connect("ws://127.0.0.1:%d/%s" % (PORT, path), pool, timeout=20)
    ws.settimeout(timeout)
    return ws


def raises(kind, call, *args):
    try:
        call(*args)
    except kind as error:
        return error
    raise AssertionError("no %s" % kind)


class Takes:
    """The block takes at least so many seconds, and ends long before other timeouts."""

    def __init__(self, least):
        self.least = least

    def __enter__(self):
        self.begin = time.time()

    def __exit__(self, kind, error, trace):
        if kind is None:
            took = time.time() - self.begin
            assert self.least - 0.05 <= took < self.least + QUICK, (self.least, took)


names = 0


def deaf(pool, **options):
    """A connection to one who reads nothing, and what makes him read."""
    global names
    names += 1
    name = str(names)

    def release():
        sock = socket.socket()
        sock.connect(socket.getaddrinfo("127.0.0.1", PORT)[0][-1])
        sock.send(b"GET /release?" + name.encode() + b" HTTP/1.0\r\n\r\n")
        assert sock.recv(12) == b"HTTP/1.0 204"
        sock.close()

    return connect(pool, "deaf?" + name, **options), release


def line_of(message):
    opcode, data = (1, message.encode()) if isinstance(message, str) else (2, bytes(message))
    return "%d %d %s\n" % (opcode, len(data), binascii.hexlify(hashlib.sha256(data).digest()).decode()[:16])


def all_arrived(ws, messages):
    ws.settimeout(20)
    ws.send("report")
    report = ws.recv()
    assert report == "".join(line_of(message) for message in messages), (report, len(messages))
    assert ws.pending_bytes == 0
    ws.close()


def one_who_does_not_read(pool):
    for size in (500, 5000, len(LARGE)):
        for timeout in (0.1, 0):
            ws, release = deaf(pool, timeout=timeout)
            taken = []
            message = LARGE[:size]
            error = None
            while error is None:
                begin = time.time()
                try:
                    ws.send(message)
                    taken.append(message)
                except OSError as full:
                    error = full
                took = time.time() - begin
                assert took < timeout + QUICK, (size, timeout, took)
            assert error.args[0] == (ETIMEDOUT if timeout else EAGAIN) and error.errno == error.args[0], error.args
            assert len(taken) >= 1 and ws.open and ws.pending_bytes > 0, (size, timeout, len(taken))
            # No call ends it, breaks the frame, or waits longer than it may.
            for _ in range(2):
                with Takes(timeout):
                    assert raises(OSError, ws.send, message).args[0] == error.args[0]
            with Takes(timeout):
                if timeout:
                    assert raises(OSError, ws.recv).args[0] == ETIMEDOUT
                else:
                    assert ws.recv() is None
            assert ws.open and ws.pending_bytes > 0
            release()
            all_arrived(ws, taken)


def memory_that_changes(pool):
    """Of a bytearray the rest is copied; of a memoryview, too."""
    for kind in (bytearray, lambda data: memoryview(bytearray(data))):
        ws, release = deaf(pool, timeout=0.05)
        data = kind(LARGE[:100000])
        ws.send(data)
        before = bytes(data)
        assert ws.pending_bytes > 0
        for at in range(0, len(data), 100):
            data[at] ^= 0xFF
        release()
        all_arrived(ws, [before])


def text_and_parts(pool):
    ws, release = deaf(pool, timeout=0.05)
    text = "größe €😀" * 10000
    ws.send(text)
    assert ws.pending_bytes > 0
    release()
    ws.settimeout(20)
    ws.send("part ", more=True)
    ws.send("by part")
    all_arrived(ws, [text, "part by part"])


def waiting_without_end(pool):
    ws, release = deaf(pool, timeout=0)
    ws.send(LARGE)
    assert raises(OSError, ws.send, LARGE).args[0] == EAGAIN
    release()
    ws.settimeout(None)
    ws.send(LARGE)
    all_arrived(ws, [LARGE, LARGE])


def close_pushes_what_waits(pool):
    ws, release = deaf(pool, timeout=0.05)
    ws.send(LARGE)
    release()
    ws.settimeout(20)
    with Takes(0):
        ws.close()
    assert ws.close_code == 1000 and not ws.open, (ws.close_code, ws.close_reason, ws.open)


def close_is_given_up(pool):
    """At the timeout, if that is shorter than 5 s."""
    ws, _ = deaf(pool, timeout=0.05)
    ws.send(LARGE)
    ws.settimeout(0.2)
    with Takes(0.2):
        ws.close()
    assert ws.close_code == 1006 and not ws.open


def only_sending(pool):
    """Pings are answered, and the close frame is learnt, by one who never receives: from a server of ours, and from Python's
    websockets."""
    for port, call in ((PORT, lambda ws: ws.send("x")), (PORT, lambda ws: ws.ping(b"x")), (WEBSOCKETS_PORT, lambda ws: ws.send("x" * 2000))):
        ws = cpwebsockets.client.connect("ws://127.0.0.1:%d/pings" % port, pool, timeout=20)
        closed = raises(ConnectionClosed, repeat, call, ws)
        assert closed.args == (4001, "enough", "peer"), closed.args
        assert not ws.open and ws.close_code == 4001
        assert raises(ConnectionClosed, ws.recv).args == closed.args


def repeat(call, ws):
    begin = time.time()
    while time.time() - begin < 20:
        call(ws)
        time.sleep(0.01)


def floods(pool):
    for path in ("flood_of_pings", "flood_of_empty_fragments"):
        for timeout in (0.1, 0):
            ws = connect(pool, path, timeout=timeout)
            for _ in range(2):
                with Takes(timeout):
                    if timeout:
                        assert raises(OSError, ws.recv).args[0] == ETIMEDOUT
                    else:
                        assert ws.recv() is None
            assert ws.open
            buffer = bytearray(100)
            with Takes(timeout):
                if timeout:
                    assert raises(OSError, ws.recv_into, buffer).args[0] == ETIMEDOUT
                else:
                    assert ws.recv_into(buffer) is None
            begin = time.time()
            try:
                ws.send("x")
            except OSError as error:  # the server does not read, and pongs may wait
                assert error.args[0] == (ETIMEDOUT if timeout else EAGAIN), error.args
            assert time.time() - begin < timeout + QUICK
    with Takes(0):  # it may also be given up for its size
        raises(cpwebsockets.client.HandshakeError, lambda: cpwebsockets.client.connect("ws://127.0.0.1:%d/flood_of_interim_answers" % PORT, pool, timeout=0.3))


def main(*chosen):
    failed = 0
    tests = [one_who_does_not_read, memory_that_changes, text_and_parts, waiting_without_end, close_pushes_what_waits, close_is_given_up, only_sending, floods]
    for name, pool in networks():
        for test in tests:
            if chosen and test.__name__ not in chosen:
                continue
            begin = time.time()
            try:
                test(pool)
                print("ok     %-10s %-24s %.2f s" % (name, test.__name__, time.time() - begin))
            except Exception as error:
                failed += 1
                print("FAILED %-10s %-24s %.2f s" % (name, test.__name__, time.time() - begin))
                if hasattr(sys, "print_exception"):
                    sys.print_exception(error)
                else:
                    import traceback
                    traceback.print_exception(error)
    print("%d failed" % failed)
    sys.exit(failed != 0)


main(*sys.argv[1:])
