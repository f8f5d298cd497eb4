"""The client over Adafruit's published classes for network hardware, over played chips: scenarios.py BOARD. Runs on CPython and
MicroPython beside server.py."""
import os
import sys
import time

import cpwebsockets.client
from cpwebsockets.protocol import ConnectionClosed
from hardware import BOARDS

PORT = int(os.getenv("SERVER_PORT"))
QUICK = 2  # seconds: ten times what is usual for an answer, far from every timeout below
ETIMEDOUT = 110

# What a program sees of the published class itself: with a timeout of 0 and nothing there, when its own timeout is over, at the
# end of TCP, when nobody listens, for a name that does not exist, and what send() returns for 7 bytes. AirLift's sockets do not
# tell the end, nor do those of AT commands, which do not tell a failed send either.
TRAITS = {
    "airlift": ("0", "OSError(110)", "OSError(110)", "ConnectionError", "ConnectionError", 7),
    "wiznet": ("OSError(11)", "OSError(110)", "0", "ConnectionError", "RuntimeError", 7),
    "esp_at": ("0", "0", "0", "OKError", "OKError", None),
}


def connect(board, path, **options):
    board.get_ready()
    options.setdefault("timeout", 20)
    return cpwebsockets.client.connect("ws://localhost:%d/%s" % (PORT, path), board.pool, **options)


def raises(kind, call, *args):
    try:
        call(*args)
    except kind as error:
        return error
    raise AssertionError("no %s" % kind)


class Quickly:
    """The block ends long before the timeouts."""

    def __enter__(self):
        self.begin = time.time()

    def __exit__(self, kind, error, trace):
        if kind is None:
            took = time.time() - self.begin
            assert took < QUICK, took


def is_over(board, ws):
    assert not ws.open and board.open_sockets == 0, (ws.open, board.open_sockets)


def until_something(call):
    """What a program does that never waits."""
    begin = time.time()
    while time.time() - begin < 20:
        message = call()
        if message is not None:
            return message
        time.sleep(0.005)
    raise AssertionError("nothing came")


def outcome(call, *args):
    try:
        result = call(*args)
        return str(result if isinstance(result, int) else len(result))
    except OSError as error:
        return "OSError(%d)" % error.args[0] if isinstance(error.args[0], int) else type(error).__name__
    except Exception as error:
        return type(error).__name__


def what_the_class_shows(board):
    """The table of traits, as it is."""
    pool, expected = board.pool, TRAITS[board.name]
    sock = pool.socket()
    board.get_ready()
    sock.connect(pool.getaddrinfo("localhost", PORT)[0][-1])
    buffer = bytearray(100)

    def read():
        return sock.recv_into(buffer) if hasattr(sock, "recv_into") else sock.recv(100)

    sock.settimeout(0)
    nothing_there = outcome(read)
    sock.settimeout(0.02)
    timed_out = outcome(read)
    sent = sock.send(b"GET /no")
    sock.send(b" HTTP/1.1\r\n\r\n")
    sock.settimeout(5)
    assert outcome(read) == "54"  # all of the answer, and TCP ends behind it
    sock.settimeout(0.02)
    for _ in range(200):
        end = outcome(read)
        if end == expected[2]:
            break
    sock.close()
    board.get_ready()
    sock = pool.socket()
    nobody = outcome(sock.connect, (pool.getaddrinfo("localhost", 1)[0][-1]))
    sock.close()
    row = (nothing_there, timed_out, end, nobody, outcome(pool.getaddrinfo, "no-such-name.example", 80), sent)
    print("       %-8s %s" % (board.name, row))
    assert row == expected, row


def messages_of_every_size(board):
    with connect(board, "echo") as ws:
        for size in (0, 1, 125, 126, 1000, 1460, 5000):
            for message in ("a" * size, bytes(size)):
                ws.send(message)
                assert ws.recv() == message, size
    is_over(board, ws)


def close_is_quick(board):
    for options in ({}, {"timeout": None}, {"timeout": 0}):
        ws = connect(board, "echo", **options)
        with Quickly():
            ws.close()
        assert ws.close_code == 1000
        is_over(board, ws)


def a_timeout_and_on(board):
    ws = connect(board, "late")
    ws.settimeout(0.1)
    ws.send("1000")
    error = raises(OSError, ws.recv)
    assert error.args[0] == ETIMEDOUT and ws.open, error
    ws.settimeout(20)
    assert ws.recv() == "after 1000"
    ws.send("0")
    assert ws.recv() == "after 0"
    ws.close()


def without_waiting(board):
    ws = connect(board, "late", timeout=0)
    with Quickly():
        for _ in range(5):
            assert ws.recv() is None
    ws.send("200")
    assert until_something(ws.recv) == "after 200"
    assert ws.recv() is None and ws.open
    ws.close()


def waiting_without_end(board):
    ws = connect(board, "late", timeout=None)
    ws.send("100")
    assert ws.recv() == "after 100"
    ws.close()


def the_server_ends_tcp(board):
    """Without a close frame, after a message, and within one."""
    for path in ("end", "end_on_request", "reset", "half"):
        for timeout in (20, 0, None):
            ws = connect(board, path, timeout=timeout)
            if path == "end":
                assert until_something(ws.recv) == "last"
            elif path != "half":
                ws.send("now")
            with Quickly():
                closed = raises(ConnectionClosed, until_something, ws.recv)
            assert (closed.code, closed.by) == (1006, "network"), (path, closed.args)
            is_over(board, ws)
            raises(ConnectionClosed, ws.send, "late")


def keepalive_finds_the_end(board):
    """Where the class hides it."""
    ws = connect(board, "end", keepalive=0.3)
    assert ws.recv() == "last"
    with Quickly():
        closed = raises(ConnectionClosed, ws.recv)
    assert (closed.code, closed.by) == (1006, "network"), closed.args
    is_over(board, ws)


def the_server_closes(board):
    ws = connect(board, "close")
    ws.send("now")
    with Quickly():
        closed = raises(ConnectionClosed, ws.recv)
    assert closed.args == (4001, "enough", "peer"), closed.args
    is_over(board, ws)


def send_until_it_fails(ws):
    begin = time.time()
    while time.time() - begin < QUICK:
        ws.send("x" * 100)
        time.sleep(0.01)


def a_send_that_fails(board):
    """It is never a success, nor a timeout, and the connection is over."""
    ws = connect(board, "echo")
    board.chip.loses_the_next_send = True
    with Quickly():
        closed = raises(ConnectionClosed, ws.send, "lost")
    assert (closed.code, closed.by) == (1006, "network"), closed.args
    is_over(board, ws)


def a_send_after_the_end(board):
    ws = connect(board, "reset")
    ws.send("now")
    closed = raises(ConnectionClosed, send_until_it_fails, ws)
    assert (closed.code, closed.by) == (1006, "network"), closed.args
    is_over(board, ws)


def a_server_that_does_not_read(board):
    """The chips take a few KB, and then their classes fail: no call waits much longer than its timeout, and what was taken by a
    connection that goes on arrives."""
    ws = connect(board, "deaf", timeout=0.3)
    begin = time.time()
    taken = 0
    try:
        while True:
            before = time.time()
            ws.send(bytes(1000))
            taken += 1
            assert time.time() - before < 0.3 + QUICK and time.time() - begin < 60, taken
    except ConnectionClosed as closed:
        assert (closed.code, closed.by) == (1006, "network"), closed.args
        is_over(board, ws)
    assert taken > 0


def nobody_listens(board):
    board.get_ready()
    with Quickly():
        error = raises(OSError, cpwebsockets.client.connect, "ws://localhost:1/", board.pool)
    assert not isinstance(error, cpwebsockets.client.HandshakeError) and board.open_sockets == 0, error
    board.get_ready()
    raises(OSError, cpwebsockets.client.connect, "ws://no-such-name.example/", board.pool)
    assert board.open_sockets == 0


def the_server_refuses(board):
    error = raises(cpwebsockets.client.HandshakeError, connect, board, "nothing")
    assert error.status == 404 and error.body == b"no such\r\n", error.args
    assert board.open_sockets == 0


def wss(board):
    url = "wss://localhost:%d/echo" % PORT
    board.get_ready()
    error = raises(ValueError, cpwebsockets.client.connect, url, board.pool)
    assert "adafruit_connection_manager.get_radio_ssl_context(radio)" in str(error), error
    assert board.open_sockets == 0
    board.get_ready()
    with cpwebsockets.client.connect(url, board.pool, ssl_context=board.tls, timeout=20) as ws:
        ws.send("secret")
        assert ws.recv() == "secret"
    assert board.chip.tls_hosts == ["localhost"]  # by its name: the chip verifies it
    is_over(board, ws)


def wss_and_the_end(board):
    url = "wss://localhost:%d/end" % PORT
    board.get_ready()
    with Quickly():
        ws = cpwebsockets.client.connect(url, board.pool, ssl_context=board.tls, timeout=20)
        assert ws.recv() == "last"
        raises(ConnectionClosed, ws.recv)
    is_over(board, ws)


def many_connections(board):
    """More than the chip has sockets, one after the other."""
    for _ in range(12):
        ws = connect(board, "echo")
        ws.send("again")
        assert ws.recv() == "again"
        ws.close()
        is_over(board, ws)


SCENARIOS = {
    "airlift": [what_the_class_shows, messages_of_every_size, close_is_quick, a_timeout_and_on, without_waiting, waiting_without_end, the_server_ends_tcp, the_server_closes,
                a_send_that_fails, a_send_after_the_end, a_server_that_does_not_read, nobody_listens, the_server_refuses, wss, wss_and_the_end, many_connections],
    "wiznet": [what_the_class_shows, messages_of_every_size, close_is_quick, a_timeout_and_on, without_waiting, waiting_without_end, the_server_ends_tcp, the_server_closes,
               a_send_after_the_end, a_server_that_does_not_read, nobody_listens, the_server_refuses, many_connections],
    "esp_at": [what_the_class_shows, messages_of_every_size, close_is_quick, a_timeout_and_on, without_waiting, waiting_without_end, the_server_closes, keepalive_finds_the_end,
               a_send_after_the_end, nobody_listens, the_server_refuses, wss, many_connections],
}


def main(name, *chosen):
    board = BOARDS[name]()
    board.name = name
    failed = 0
    for scenario in SCENARIOS[name]:
        if chosen and scenario.__name__ not in chosen:
            continue
        begin = time.time()
        try:
            scenario(board)
            print("ok     %-8s %-24s %.2f s" % (name, scenario.__name__, time.time() - begin))
        except Exception as error:
            failed += 1
            board.chip.hang_up()
            print("FAILED %-8s %-24s %.2f s" % (name, scenario.__name__, time.time() - begin))
            if hasattr(sys, "print_exception"):
                sys.print_exception(error)
            else:
                import traceback
                traceback.print_exception(error)
    print("%d failed" % failed)
    sys.exit(failed != 0)


main(*sys.argv[1:])
