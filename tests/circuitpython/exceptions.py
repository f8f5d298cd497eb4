"""Every exception of the client, a line each: what was done, then class, args, errno and str(), a `!` before what a call said the
second time if that was something else. exceptions.py FILE compares with FILE, which is the same for every form of the client and
every interpreter."""
import sys

import cpwebsockets.client
from cpwebsockets.client import HandshakeError, connect
from cpwebsockets.protocol import ConnectionClosed, NoDataException, ProtocolError
from fake_socket import FakePool, FakeSocket, frame

CLASSES = (HandshakeError, ProtocolError, ConnectionClosed, NoDataException, MemoryError, ValueError, TypeError, RuntimeError, OSError)
IS_SHOWN = len(sys.argv) < 2
lines = []


def add(line):
    lines.append(line)
    if IS_SHOWN:
        print(line)


def told(error):
    for kind in CLASSES:
        if isinstance(error, kind):
            # MicroPython says that the errno of an OSError with a text is the text.
            has_errno = isinstance(error, HandshakeError) or isinstance(error, OSError) and isinstance(error.args[0], int)
            errno = error.errno if has_errno else "-"
            return "%s %r %s %s" % (kind.__name__, tuple(error.args), errno, error)
    raise error


def outcome(call, *args, **options):
    try:
        result = call(*args, **options)
    except Exception as error:
        return told(error)
    return "returns %r" % (result,)


def note(what, call, *args, **options):
    add("%s: %s" % (what, outcome(call, *args, **options)))


def opened(sock, **options):
    options.setdefault("timeout", 5)
    return connect("ws://board.example/feed", FakePool(sock), **options)


# --- The end of a connection ---

def close_frame(code, reason=b""):
    return frame(8, bytes([code >> 8, code & 255]) + reason)


ENDS = (
    ("a close frame", close_frame(4001, b"enough"), {}),
    ("a close frame without a code", frame(8), {}),
    ("a close frame with 1000", close_frame(1000), {}),
    ("the end of TCP", b"", {"ending": b""}),
    ("the end of TCP within a frame", b"\x81", {"ending": b""}),
    ("a reset", b"", {"ending": 104}),
    ("an end as Espressif tells it", b"", {"ending": 128}),
    ("a masked frame", b"\x81\x80mask", {}),
    ("a reserved bit", b"\xc1\x00", {}),
    ("a reserved opcode", b"\x83\x00", {}),
    ("a reserved control opcode", b"\x8b\x00", {}),
    ("a size that is not in its shortest form", b"\x81\x7e\x00\x05hello", {}),
    ("a size with its top bit", b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", {}),
    ("a fragmented ping", b"\x09\x00", {}),
    ("a ping of 126 bytes", b"\x89\x7e\x00\x7e" + bytes(126), {}),
    ("a continuation of nothing", b"\x80\x00", {}),
    ("a message inside a message", b"\x01\x00\x81\x00", {}),
    ("text that is not UTF-8", frame(1, b"\xff"), {}),
    ("a close frame of one byte", frame(8, b"\x03"), {}),
    ("a close frame with 1005", close_frame(1005), {}),
    ("a reason that is not UTF-8", close_frame(1000, b"\xff"), {}),
)


def ends():
    for what, incoming, quirks in ENDS:
        ws = opened(FakeSocket(incoming, **quirks))
        note(what, ws.recv)
        note(what + ", then close()", ws.close)
        for name, call in (("recv()", ws.recv), ("recv_into()", lambda: ws.recv_into(bytearray(9))), ("send()", lambda: ws.send("x")),
                           ("ping()", ws.ping), ("read_frame()", ws.read_frame)):
            if outcome(call) != lines[-2].split(": ", 1)[1]:
                note("! " + what + ", then " + name, call)
        add("%s: %s %r %s" % (what, ws.close_code, ws.close_reason, ws.open))
    ws = opened(FakeSocket(frame(1, b"more than ten bytes")), max_size=10)
    note("a message above max_size", ws.recv)
    note("a message above max_size, then", ws.recv)
    ws = opened(FakeSocket(frame(1, b"six by", False) + frame(0, b"six by")), max_size=10)
    note("fragments above max_size", ws.recv)
    ws = opened(FakeSocket(b"\x82\x7f" + (1 << 62).to_bytes(8, "big")))
    note("a message without memory", ws.recv)
    note("a message without memory, then", ws.recv)
    ws = opened(FakeSocket(frame(2, b"frame")))
    note("a frame above the limit of read_frame()", ws.read_frame, 3)
    ws = opened(FakeSocket())
    ws.close(4000, "done")
    note("after close()", ws.recv)
    note("after close(), send()", ws.send, "x")
    note("after close(), close()", ws.close)


class Stubborn(FakeSocket):
    """Takes no more bytes once it is `full`: the call raises what it is told to."""

    full = None

    def send(self, data):
        if self.full is not None:
            raise self.full
        return super().send(data)


def sends():
    for what, error in (("a reset", OSError(104)), ("an error without a number", OSError("Failed to send")),
                        ("a RuntimeError", RuntimeError("No data was sent, socket was closed."))):
        sock = Stubborn()
        ws = opened(sock)
        sock.full = error
        note("send(): " + what, ws.send, "x")
        note("send(): " + what + ", then", ws.recv)
    # Nothing is taken beside what waits already.
    for timeout in (0.01, 0):
        sock = Stubborn()
        ws = opened(sock, buffer_size=1024, timeout=timeout)
        sock.full = OSError(11)
        note("a send that waits with timeout %s" % timeout, ws.send, b"x" * 5000)
        note("the next one", ws.send, b"x" * 5000)


def timeouts():
    for timeout in (0.01, 0):
        ws = opened(FakeSocket(), timeout=timeout)
        note("recv() with timeout %s" % timeout, ws.recv)
        note("recv_into() with timeout %s" % timeout, ws.recv_into, bytearray(9))
        note("read_frame() with timeout %s" % timeout, ws.read_frame)


class Again(FakeSocket):
    """Calls the connection while the connection calls it."""

    ws = None

    def recv_into(self, view, size=0):
        if self.ws is not None:
            self.ws = None  # once
            note(*self.inner)
        return super().recv_into(view, size)


def busy():
    for what, call in (("recv()", lambda ws: ws.recv()), ("send()", lambda ws: ws.send("x")), ("ping()", lambda ws: ws.ping()),
                       ("close()", lambda ws: ws.close()), ("recv_into()", lambda ws: ws.recv_into(bytearray(9))),
                       ("read_frame()", lambda ws: ws.read_frame()), ("write_frame()", lambda ws: ws.write_frame(2, b""))):
        sock = Again()
        ws = opened(sock)
        sock.readable += frame(1, b"one")
        sock.inner = (what + " inside recv()", call, ws)
        sock.ws = ws
        note(what + " inside recv(), which", ws.recv)
        note(what + " inside recv(), and then", ws.send, "x")


# --- The opening handshake ---

class Answers(FakeSocket):
    """Answers the request with `answer`, where %s is the right Sec-WebSocket-Accept."""

    def __init__(self, answer, **quirks):
        super().__init__(**quirks)
        self.answer = answer

    def _open(self):
        super()._open()
        text = bytes(self.readable)
        accept = text[text.find(b"Accept: ") + 8:].strip()
        self.readable = bytearray(self.answer.replace(b"%s", accept))


UPGRADE = b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
ANSWERS = (
    ("404", b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nX-Why: gone\r\n\r\nsorry"),
    ("401 without a body", b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"),
    ("200", b"HTTP/1.1 200 OK\r\n\r\nweb page"),
    ("HTTP/1.0", b"HTTP/1.0 503 Busy\r\n\r\nlater"),
    ("a chunked body", b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfor\r\n4\r\never\r\n0\r\n\r\n"),
    ("204", b"HTTP/1.1 204 Empty\r\n\r\n"),
    ("an interim answer first", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    ("bare LF", b"HTTP/1.1 404 No\nContent-Length: 2\n\nno"),
    ("a status that nobody knows", b"HTTP/1.1 599 What\r\nContent-Length: 0\r\n\r\n"),
    ("what is not HTTP", b"SSH-2.0-OpenSSH\r\n"),
    ("HTTP/2", b"HTTP/2 200\r\n\r\n"),
    ("101 over HTTP/1.0", b"HTTP/1.0 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"),
    ("no Upgrade", b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"),
    ("no Connection", b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n"),
    ("no Accept", UPGRADE + b"\r\n"),
    ("a wrong Accept", UPGRADE + b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"),
    ("a subprotocol", UPGRADE + b"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: chat\r\n\r\n"),
    ("an extension", UPGRADE + b"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: x\r\n\r\n"),
    ("a name with a blank", UPGRADE + b"Bad Name: x\r\n\r\n"),
    ("nothing, and the end", b""),
    ("half a header, and the end", b"HTTP/1.1 101 x\r\nUpgr"),
)


def handshakes():
    for what, answer in ANSWERS:
        sock = Answers(answer, ending=b"")
        try:
            opened(sock)
            add("the server answers with %s: nothing" % what)
        except HandshakeError as error:
            add("the server answers with %s: %s | %s %s %r" % (what, told(error), error.status, sorted(error.headers.items()), bytes(error.body)))
        assert sock.closed == 1, what
    sock = FakeSocket()
    sock._open = lambda: None
    note("the server does not answer", opened, sock, timeout=0.05)
    sock = FakeSocket()
    sock.raises_at, sock.raised = 2, RuntimeError("Failed to connect")  # after TCP_NODELAY
    note("connect() meets a RuntimeError", opened, sock)


# --- Arguments ---

def arguments():
    def opens(url="ws://h/", **options):
        """What is wrong is found before there is a socket, or the socket is closed."""
        sock = FakeSocket()
        pool = FakePool(sock)
        try:
            return connect(url, pool, **options).open
        except (TypeError, ValueError):
            assert sock.closed == pool.opened
            raise

    for url in ("http://h/", "ws:/h", "ws://", "ws://h:99999/", "ws://h:80x/", "ws://h/#f", "ws://h/a b", "ws://h/%2", "ws://a@b@c/", "ws://[::1/"):
        note("connect(%r)" % url, opens, url)
    note("connect('ws://h/\\ud800')", opens, "ws://h/\ud800")
    note("connect(5)", opens, 5)
    for options in ({"headers": [("a",)]}, {"headers": {"a": 5}}, {"headers": {"X": "a\r\nb"}}, {"headers": {"Host": "h"}},
                    {"headers": [("a b", "c")]}, {"subprotocols": "chat"}, {"subprotocols": [5]}, {"subprotocols": ["a", "a"]},
                    {"subprotocols": ["a b"]}, {"origin": 5}, {"buffer_size": 1023}, {"timeout": -1}, {"max_size": -1}, {"frame_size": 0}):
        note("connect(%r)" % (options,), opens, **options)
    ws = opened(FakeSocket())
    for what, call in (
            ("send(None)", lambda: ws.send(None)), ("close(999)", lambda: ws.close(999)), ("close(1005)", lambda: ws.close(1005)),
            ("close(1000, 124 bytes)", lambda: ws.close(1000, "r" * 124)), ("close(1000, 5)", lambda: ws.close(1000, 5)),
            ("ping(126 bytes)", lambda: ws.ping(b"p" * 126)), ("settimeout(-1)", lambda: ws.settimeout(-1)), ("recv_into(no room)", lambda: ws.recv_into(bytearray())),
            ("send('\\ud800')", lambda: ws.send("\ud800")), ("write_frame(3)", lambda: ws.write_frame(3)), ("write_frame(9, 126 bytes)", lambda: ws.write_frame(9, bytes(126)))):
        note(what, call)
    ws.send("part", more=True)
    note("a binary part of a text", ws.send, b"binary")


def main():
    for group in (ends, sends, timeouts, busy, handshakes, arguments):
        group()
    if IS_SHOWN:
        return
    with open(sys.argv[1]) as file:
        expected = file.read().split("\n")[:-1]
    wrong = 0
    for at in range(max(len(expected), len(lines))):
        want = expected[at] if at < len(expected) else "(nothing)"
        have = lines[at] if at < len(lines) else "(nothing)"
        if want != have:
            wrong += 1
            print("expected: %s\ngot:      %s" % (want, have))
    print("%d passed, %d failed" % (len(lines) - wrong, wrong))
    sys.exit(wrong != 0)


main()
