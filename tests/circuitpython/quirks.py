"""The Python client over sockets as devices have them: short reads and writes, errors of every kind, at every call. After
each the object says that it is closed, and the socket is, or it still works."""
import os
import sys

import cpwebsockets.client
import cpwebsockets.protocol
from cpwebsockets.protocol import ConnectionClosed, NoDataException
from fake_socket import EAGAIN, ENOTCONN, ETIMEDOUT, NEWLIB_ETIMEDOUT, FakePool, FakeRecvSocket, FakeSocket, frame


IS_NATIVE = not hasattr(cpwebsockets, "__path__")  # the C++ module, or the folder of Python files

if not IS_NATIVE:
    import cpwebsockets.receiving
    import cpwebsockets.sending

    class NoSleep:
        """The fake sockets have what they have: there is nothing to wait for."""

        @staticmethod
        def sleep(seconds):
            pass

    cpwebsockets.receiving.time = cpwebsockets.sending.time = NoSleep

MESSAGES = ["", "kurz", "größer: " + "€" * 300, b"", bytes(range(256)) * 5, "ascii " * 400]


def open_on(sock, **options):
    options.setdefault("timeout", 5)
    return connect_with(FakePool(sock), options)


def connect_with(pool, options):
    return cpwebsockets.client.connect("ws://board.example/feed", pool, **options)


def raises(kind, call, *args, **options):
    try:
        call(*args, **options)
    except kind as error:
        return error
    raise AssertionError("no %s" % kind)


def every_size():
    for read_size in (1, 2, 7, 1460):
        for send_size in (1, 3, 1460):
            for stutter in (0, 3):
                for again in (EAGAIN, ETIMEDOUT, NEWLIB_ETIMEDOUT):
                    sock = FakeSocket(echoes=True, read_size=read_size, send_size=send_size, stutter=stutter, again=again)
                    with open_on(sock, buffer_size=1024) as ws:
                        for message in MESSAGES:
                            ws.send(message)
                            assert ws.recv() == message
                    assert sock.closed == 1 and not ws.open


def only_recv():
    sock = FakeSocket(echoes=True)
    with open_on(FakeRecvSocket(sock)) as ws:
        for message in MESSAGES:
            ws.send(message)
            assert ws.recv() == message
    assert sock.closed == 1


def one_send_for_a_message():
    sock = FakeSocket(echoes=True)
    ws = open_on(sock)
    before = sock.calls
    ws.send("x" * (1024 - 8))
    assert sock.calls == before + 1, sock.calls - before
    assert sock.options == [(6, 1, 1)], "TCP_NODELAY"


def a_timeout_loses_nothing():
    data = frame(1, b"first ", fin=False) + frame(9, b"p") + frame(0, b"half") + frame(2, b"second")
    for cut in range(len(data)):
        sock = FakeSocket(data[:cut])
        ws = open_on(sock, timeout=0)
        got = []
        for _ in range(3):
            message = ws.recv()
            if message is not None:
                got.append(message)
        sock.readable += data[cut:]
        while len(got) < 2:
            message = ws.recv()
            assert message is not None, cut
            got.append(message)
        assert got == ["first half", b"second"], (cut, got)
        assert ws.recv() is None
        ws.settimeout(0.01)
        assert raises(OSError, ws.recv).args[0] == 110
        assert ws.open


def parts_after_a_timeout():
    sock = FakeSocket(frame(1, b"begin ", fin=False))
    ws = open_on(sock, timeout=0)
    assert ws.recv() is None
    sock.readable += frame(0, b"end")
    buffer, text = bytearray(4), b""
    while True:
        text += bytes(buffer[:ws.recv_into(buffer)])
        assert ws.is_text
        if not ws.more:
            break
    assert text == b"begin end", text
    assert ws.recv_into(buffer) is None


def frames_one_by_one():
    sock = FakeSocket(frame(1, b"a", fin=False) + frame(0, b"b"))
    ws = open_on(sock, timeout=0)
    assert ws.read_frame() == (False, 1, b"a")
    assert ws.read_frame() == (True, 0, b"b")
    raises(NoDataException, ws.read_frame)
    ws.write_frame(2, b"raw", False)
    ws.write_frame(0, b"frames")
    assert sock.frames[-2:] == [(0x02, b"raw"), (0x80, b"frames")]


def a_message_by_parts():
    sock = FakeSocket(echoes=True)
    ws = open_on(sock)
    ws.send("part by ", more=True)
    raises(TypeError, ws.send, b"binary")
    ws.ping(b"between")
    ws.send("part")
    assert [first for first, _ in sock.frames] == [0x01, 0x89, 0x80]
    assert ws.recv() == "part by part"


def ends_of_the_stream():
    for ending in (b"", ENOTCONN):
        sock = FakeSocket(frame(1, b"last") + b"\x81", ending=ending)
        ws = open_on(sock)
        assert ws.recv() == "last"
        closed = raises(ConnectionClosed, ws.recv)
        assert (closed.code, closed.by) == (1006, "network") and ws.close_code == 1006
        assert not ws.open and sock.closed == 1
        raises(ConnectionClosed, ws.send, "late")
        ws.close()


def an_error_as_a_count():
    sock = FakeSocket()
    ws = open_on(sock)
    sock.lies = 29056  # TLS of some firmware returns a negative mbedTLS code like this
    assert raises(ConnectionClosed, ws.recv).by == "network"
    assert sock.closed == 1


def an_exception_at_every_call():
    for raised in (OSError(104), OSError(5), KeyboardInterrupt(), RuntimeError("from the socket")):
        step, story = 0, ""
        while story != "whole":
            step += 1
            sock = FakeSocket(frame(1, b"hello") + frame(9, b"p"), echoes=True, send_size=50)
            sock.raises_at, sock.raised = step, raised
            ws, story = None, ""
            try:
                ws = open_on(sock, buffer_size=1024)
                assert ws.recv() == "hello"
                ws.send("x" * 600)
                assert ws.recv() == "x" * 600
                ws.close()
                story = "whole"
            except (OSError, KeyboardInterrupt, RuntimeError, ConnectionClosed):
                pass
            if ws is None:
                assert sock.closed == 1, (step, raised)
            elif ws.open:
                ws.close()  # between frames: it still works
                assert sock.frames[-1][0] == 0x88, (step, raised, sock.frames)
                assert not ws.open and sock.closed == 1
            else:
                assert sock.closed == 1, (step, raised)
            assert step < 200
        assert step > 8, step


def a_wrong_argument_is_told():
    ws = open_on(FakeSocket(echoes=True))
    for wrong in (None, 1, [1], object()):
        raises(TypeError, ws.send, wrong)
    for code in (0, 999, 1005, 1006, 1015, 2999, 5000):
        raises(ValueError, ws.close, code)
    raises(ValueError, ws.close, 1000, "r" * 124)
    raises(ValueError, ws.ping, b"p" * 126)
    raises(ValueError, ws.settimeout, -1)
    assert ws.open
    for options in ({"headers": {"X": "a\r\nb"}}, {"headers": {"Host": "h"}}, {"headers": [("a b", "c")]}, {"subprotocols": ["a", "a"]},
                    {"subprotocols": ["a b"]}, {"buffer_size": 1023}, {"timeout": -1}):
        pool = FakePool(FakeSocket())
        raises(ValueError, lambda: connect_with(pool, options))
        assert pool.opened == pool.sock.closed, options


def wrong_types_are_told():
    pool = FakePool(FakeSocket())
    raises(TypeError, lambda: cpwebsockets.client.connect(5, pool))
    for options in ({"headers": 5}, {"headers": [("a",)]}, {"headers": {"a": 5}}, {"subprotocols": "chat"}, {"subprotocols": [5]},
                    {"origin": 5}, {"timeout": "1"}, {"no_such_option": 1}):
        raises(TypeError, lambda: connect_with(pool, options))
    assert pool.opened == pool.sock.closed
    ws = open_on(FakeSocket())
    raises(TypeError, ws.settimeout, "1")
    raises(TypeError, ws.recv_into, b"cannot be written")
    raises(ValueError, ws.recv_into, bytearray(0))
    raises(TypeError, cpwebsockets.client.urlparse, b"ws://h/")
    assert ws.open


def one_frame_up_to_frame_size():
    import gc
    large = 70000 if not hasattr(gc, "mem_free") or gc.mem_free() > 400000 else 2000  # boards have less memory
    for size, options, frames in ((5000, {}, [0x81]), (5000, {"frame_size": 1000}, [0x01, 0, 0, 0, 0x80]), (1001, {"frame_size": 1000}, [0x01, 0x80]),
                                  (1000, {"frame_size": 1000}, [0x81]), (0, {"frame_size": 1}, [0x81]), (large, {}, [0x81])):
        gc.collect()
        sock = FakeSocket(send_size=777)
        ws = open_on(sock, **options)
        text = "0123456789" * (size // 10) + "x" * (size % 10)
        ws.send(text)
        assert [first for first, _ in sock.frames] == frames, (size, options, len(sock.frames))
        assert b"".join(payload for _, payload in sock.frames) == text.encode()
        assert ws.pending_bytes == 0
    for wrong in (0, -1):
        raises(ValueError, open_on, FakeSocket(), frame_size=wrong)


class Full(FakeSocket):
    """Takes `room` more bytes, and then nothing."""

    def __init__(self, **options):
        super().__init__(**options)
        self.room = 1 << 30

    def send(self, data):
        if self.opened and not self.room:
            raise OSError(EAGAIN)
        count = super().send(data[:self.room])
        self.room -= count
        return count


def a_full_socket_breaks_no_frame():
    for kind in (bytes, bytearray):
        sock = Full()
        ws = open_on(sock, timeout=0)
        sock.room = 100
        message = kind(bytes(range(250)) * 20)
        ws.send(message)
        waiting = ws.pending_bytes
        assert 4900 < waiting < 5000, waiting
        assert raises(OSError, ws.send, "refused").args[0] == EAGAIN
        if kind is bytearray:
            message[:] = bytes(len(message))
        sock.readable += frame(9, b"ping")
        assert ws.recv() is None and not sock.frames and ws.pending_bytes >= waiting  # the pong waits for the frame
        sock.room = 1 << 30
        assert ws.recv() is None and ws.pending_bytes == 0
        assert sock.frames == [(0x82, bytes(range(250)) * 20), (0x8A, b"ping")], len(sock.frames)
        ws.send("and on")
        assert sock.frames[-1] == (0x81, b"and on")


def sends_on(ws, sock):
    """Only now and then it looks at what has come."""
    while True:
        ws.send("x")
        sock.frames.clear()


def a_close_frame_without_the_end():
    """The server's TCP goes on after its close frame: a call waits for its end as long as its timeout allows, and a moment at least."""

    class Stubborn(FakeSocket):
        def _take_frames(self):
            super()._take_frames()
            self.ending = ETIMEDOUT

    try:
        from time import time
    except ImportError:  # the emulated board, whose tests have a limit of their own
        def time():
            return 0
    for timeout in (0, 0.3):
        for call in ("recv", "send", "close"):
            if (timeout, call) == (0, "close"):  # which waits for 5 s
                continue
            sock = Stubborn(b"" if call == "close" else frame(8, b"\x03\xe8"))
            ws = open_on(sock, timeout=timeout)
            begin = time()
            if call == "recv":
                assert raises(ConnectionClosed, ws.recv).args == (1000, "", "peer")
            elif call == "send":
                assert raises(ConnectionClosed, sends_on, ws, sock).args == (1000, "", "peer")
            else:
                ws.close()
            assert time() - begin < 3 and sock.closed == 1 and sock.frames[-1] == (0x88, b"\x03\xe8") and ws.close_code == 1000


def a_second_call_is_refused():
    class Curious(FakeSocket):
        ws = None

        def recv_into(self, view, size=0):
            if self.ws:
                for call in (lambda: self.ws.send("x"), self.ws.recv, self.ws.close, lambda: self.ws.ping(b"x")):
                    told.append(raises(RuntimeError, call).args)
                told.append(self.ws.open)
            return super().recv_into(view, size)

    told, sock = [], Curious(frame(1, b"hello"), read_size=1)
    ws = open_on(sock)
    sock.ws = ws
    assert ws.recv() == "hello"
    assert told[:5] == [("another call is using this connection",)] * 4 + [True], told[:5]
    sock.ws = None
    ws.send("and on")
    assert sock.frames == [(0x81, b"and on")]


def parts_between_two_recvs():
    data = frame(2, bytes(range(200)), fin=False) + frame(0, bytes(range(200, 256)))
    for cut in range(1, len(data)):
        sock = FakeSocket(data[:cut])
        ws = open_on(sock, timeout=0)
        assert ws.recv() is None
        got, buffer = b"", bytearray(7)
        for _ in range(3):
            count = ws.recv_into(buffer)
            if count is not None:
                got += bytes(buffer[:count])
        assert ws.recv() is None
        sock.readable += data[cut:] + frame(1, b"next")
        assert got + ws.recv() == bytes(range(256)), cut
        assert ws.recv() == "next"


def text_is_judged_strictly():
    good = ["ascii", "\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff", "\U00010000\U0010ffff", "größe €"]
    bad = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80",
           b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xfe", b"\xe2\x82", b"\xe2\x28\xa1", b"\xc3("]
    for text in good:
        data = text.encode()
        for cut in range(len(data) + 1):
            ws = open_on(FakeSocket(frame(1, data[:cut], fin=False) + frame(0, data[cut:]) + frame(1, data)))
            assert ws.recv() == text and ws.recv() == text, (text, cut)
    for data in bad:
        for before in (b"", b"ab", "€".encode()):
            data = before + data + b"c"
            for cut in range(len(data) + 1):
                ws = open_on(FakeSocket(frame(1, data[:cut], fin=False) + frame(0, data[cut:])))
                assert raises(cpwebsockets.protocol.ProtocolError, ws.recv).code == 1007, (data, cut)


def masking_in_both_ways():
    from cpwebsockets import masking, sending
    key, data = b"\x01\x80\xff\x5a", bytes(range(256)) * 9
    for size in list(range(20)) + [127, 128, 511, 512, 513, 1016, 1024, 2100]:
        expected = bytes(data[i] ^ key[i & 3] for i in range(size))
        for mask in (masking.mask, sending.mask):
            out = memoryview(bytearray(b"before" + data[:size] + b"behind"))
            mask(out, 6, size, key)
            assert bytes(out) == b"before" + expected + b"behind", size


def messages_until_the_close():
    for code, by_peer in ((1000, True), (1001, True), (4000, False)):
        ws = open_on(FakeSocket(frame(1, b"one") + frame(2, b"two") + frame(8, bytes([code >> 8, code & 255]) + b"bye")))
        got = []
        try:
            for message in ws:
                got.append(message)
            assert by_peer
        except ConnectionClosed as closed:
            assert not by_peer and (closed.code, closed.reason, closed.by) == (code, "bye", "peer")
            assert str(closed) == "closed by peer: 4000 bye", str(closed)
        assert got == ["one", b"two"] and (ws.close_code, ws.close_reason) == (code, "bye")


class Mine(cpwebsockets.client.WebsocketClient):
    """What CircuitPython hands to native methods is this object, not the one inside."""

    def __init__(self, sock, name="mine", **options):
        self.name = name
        super().__init__(sock, **options)
        self.heard = []

    def twice(self, text):
        self.send(text)
        self.send(text)

    def send(self, message, **options):
        super().send(message, **options)
        self.name = message if isinstance(message, str) else self.name

    def recv(self):
        message = super().recv()
        self.heard.append(message)
        return message


def a_class_of_its_own():
    sock = FakeSocket(frame(1, b"one") + frame(2, b"two") + frame(1, b"three") + frame(2, b"four"), echoes=True)
    sock.opened = True
    sock.readable += sock.incoming
    ws = Mine(sock, timeout=5, buffer_size=1024)
    assert ws.open and ws.name == "mine" and ws.is_client and ws.latency is None and ws.close_code is None
    buffer = bytearray(10)
    assert ws.recv() == "one" and next(iter(ws)) == b"two" and ws.recv_into(buffer) == 5 and ws.is_text and not ws.more
    assert ws.read_frame() == (True, 2, b"four") and ws.heard[0] == "one" and buffer[:5] == b"three"
    ws.settimeout(6)
    ws.twice("x")
    assert sock.frames == [(0x81, b"x")] * 2 and ws.name == "x"
    ws.ping(b"p")
    ws.write_frame(1, b"frame")
    ws.send("y" * 5000)
    assert sock.frames[2:4] == [(0x89, b"p"), (0x81, b"frame")]
    for expected in ("x", "x", "frame", "y" * 5000):
        assert ws.recv() == expected
    raises(TypeError, ws.send, 5)
    ws.close(4000, "bye")
    assert not ws.open and sock.closed == 1 and (ws.close_code, ws.close_reason) == (4000, "bye")
    assert raises(ConnectionClosed, ws.recv).code == 4000 and ws.heard[-1] == "y" * 5000

    sock = FakeSocket()
    sock.opened = True
    with Mine(sock, "other", timeout=5) as ws:
        ws.send("within")
    assert sock.closed == 1 and sock.frames[-1] == (0x88, b"\x03\xe8")


def a_class_that_is_not_ready():
    class Hasty(cpwebsockets.client.WebsocketClient):
        def __init__(self, sock):
            raises((TypeError, AttributeError), lambda: self.send("early"))
            raises((TypeError, AttributeError), lambda: self.recv())
            super().__init__(sock)

    assert Hasty(FakeSocket()).open
    raises((TypeError, AttributeError), cpwebsockets.client.WebsocketClient.recv, object())
    raises((TypeError, AttributeError), cpwebsockets.client.WebsocketClient.send, 5, "x")


def an_exception_of_its_own():
    class Closed(ConnectionClosed):
        pass

    try:
        raise Closed(4001, "mine", "us")
    except ConnectionClosed as closed:
        assert (closed.code, closed.reason, closed.by) == (4001, "mine", "us")

    class Refused(cpwebsockets.client.HandshakeError):
        pass

    try:
        raise Refused("no")
    except OSError as refused:
        assert (refused.args, refused.status, str(refused)) == (("no",), 0, "no")


def names_of_the_predecessor():
    for name in ("connect", "WebsocketClient", "Websocket", "urlparse"):
        assert hasattr(cpwebsockets.client, name), name
    for name in ("OP_CONT OP_TEXT OP_BYTES OP_CLOSE OP_PING OP_PONG CLOSE_OK CLOSE_GOING_AWAY CLOSE_PROTOCOL_ERROR CLOSE_DATA_NOT_SUPPORTED "
                 "CLOSE_BAD_DATA CLOSE_POLICY_VIOLATION CLOSE_TOO_BIG CLOSE_MISSING_EXTN CLOSE_BAD_CONDITION URI urlparse Websocket "
                 "ConnectionClosed NoDataException").split():
        assert hasattr(cpwebsockets.protocol, name), name
    ws = open_on(FakeSocket())
    for name in "send recv close settimeout open read_frame write_frame is_client __enter__ __exit__".split():
        assert hasattr(ws, name), name
    assert ws.is_client and not cpwebsockets.protocol.Websocket.is_client
    parts = cpwebsockets.protocol.urlparse("wss://h:1/p")
    assert (parts.protocol, parts.hostname, parts.port, parts.path) == ("wss", "h", 1, "/p")
    assert len(cpwebsockets.__version__.split(".")) == 3


def urls():
    urlparse = cpwebsockets.client.urlparse
    for url, parts in {
            "ws://example.com": ("ws", "example.com", 80, "/"), "wss://example.com": ("wss", "example.com", 443, "/"),
            "WSS://Example.com:8443/p?q=1": ("wss", "Example.com", 8443, "/p?q=1"), "ws://h?a=1": ("ws", "h", 80, "/?a=1"),
            "ws://[::1]:81/": ("ws", "::1", 81, "/"), "ws://user:p%40ss@my_host/x": ("ws", "my_host", 80, "/x")}.items():
        assert tuple(urlparse(url)) == parts, (url, urlparse(url))
    for url in ("http://h/", "ws:/h", "ws://", "ws://h:99999/", "ws://h:80x/y", "ws://h:/", "ws://h/#f", "ws://h/a b", "ws://h/%2", "ws://a@b@c/",
                "ws://h/\r\nX: y", "ws://[::1/", "ws://h..x/", " ws://h/"):
        raises(ValueError, urlparse, url)


def interrupted_by_memory():
    """Only where memory is small: the message ends the connection, not the interpreter."""
    sock = FakeSocket(b"\x82\x7f" + (1 << 33).to_bytes(8, "big"))
    ws = open_on(sock)
    raises(MemoryError, ws.recv)
    assert not ws.open and sock.frames[-1] == (0x88, b"\x03\xf1"), sock.frames


def collect_at_every_allocation():
    import gc
    gc.threshold(1)


def no_memory_for_a_while():
    """While the heap is locked every allocation fails, first the socket's. The messages are not lost then, nor mixed."""
    import micropython
    sock = FakeSocket(frame(1, b"one" * 100) + frame(2, b"two" * 1000) + frame(1, b"three"), echoes=True)
    ws = open_on(sock)
    got = []
    for _ in range(2):
        micropython.heap_lock()
        try:
            got.append(ws.recv())
        except MemoryError:
            pass
        finally:
            micropython.heap_unlock()
        if not ws.open:
            break
    while ws.open and len(got) < 3:
        got.append(ws.recv())
    assert not ws.open and sock.closed == 1 or got == ["one" * 100, b"two" * 1000, "three"], (got, ws.open)


def main():
    if hasattr(os, "getenv") and os.getenv("COLLECT_ALWAYS"):
        collect_at_every_allocation()
    tests = [every_size, only_recv, one_send_for_a_message, a_timeout_loses_nothing, parts_after_a_timeout, frames_one_by_one,
             a_message_by_parts, ends_of_the_stream, an_error_as_a_count, an_exception_at_every_call, a_wrong_argument_is_told, wrong_types_are_told,
             messages_until_the_close, a_class_of_its_own, a_class_that_is_not_ready, an_exception_of_its_own,
             names_of_the_predecessor, urls, one_frame_up_to_frame_size, a_full_socket_breaks_no_frame, a_close_frame_without_the_end,
             a_second_call_is_refused, parts_between_two_recvs, text_is_judged_strictly]
    if not IS_NATIVE:
        tests.append(masking_in_both_ways)
    if sys.implementation.name == "micropython":
        tests += [interrupted_by_memory, no_memory_for_a_while]
    for test in tests:
        test()
        print("ok", getattr(test, "__name__", test))
    print("%d passed, 0 failed" % len(tests))


main()
