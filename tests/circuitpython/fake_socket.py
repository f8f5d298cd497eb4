"""A socket pool without a network: a scripted server inside the interpreter, with the quirks of devices' sockets."""
import binascii

try:
    from hashlib import sha1 as hashlib_sha1

    def sha1(data):
        return hashlib_sha1(data).digest()
except ImportError:
    from sha1 import sha1

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
EAGAIN, ETIMEDOUT, NEWLIB_ETIMEDOUT, ENOTCONN = 11, 110, 116, 128


def frame(opcode, payload=b"", fin=True):
    head = bytes([(0x80 if fin else 0) | opcode])
    if len(payload) < 126:
        head += bytes([len(payload)])
    else:
        head += bytes([126, len(payload) >> 8, len(payload) & 0xFF])
    return head + bytes(payload)


class FakeSocket:
    """Answers the handshake, then delivers `incoming`, and echoes messages if asked to. `read_size` and `send_size` bound
    what one call moves; every `stutter`-th call has nothing yet; after the data comes `ending`: b"" or an errno."""

    def __init__(self, incoming=b"", echoes=False, read_size=1 << 20, send_size=1 << 20, stutter=0, again=EAGAIN, ending=ETIMEDOUT):
        self.incoming = bytearray(incoming)
        self.echoes = echoes
        self.read_size = read_size
        self.send_size = send_size
        self.stutter = stutter
        self.again = again
        self.ending = ending
        self.readable = bytearray()
        self.request = bytearray()
        self.written = bytearray()  # by the client, behind the request
        self.frames = []  # (first byte, payload) of what the client sent
        self.opened = False
        self.closed = 0
        self.calls = 0
        self.options = []  # that were set
        self.raises_at = 0  # the call that raises `raised`
        self.raised = OSError(5)
        self.lies = 0  # a count that recv_into() returns without having read

    def _call(self):
        if self.closed:
            raise OSError(9)
        self.calls += 1
        if self.calls == self.raises_at:
            raise self.raised
        if self.stutter and self.calls % self.stutter == 0:
            raise OSError(self.again)

    def connect(self, address):
        self._call()

    def setsockopt(self, level, name, value):
        self._call()
        self.options.append((level, name, value))

    def settimeout(self, timeout):
        pass

    def close(self):
        self.closed += 1

    def send(self, data):
        self._call()
        count = min(len(data), self.send_size)
        data = bytes(data[:count])
        if self.opened:
            self.written += data
            self._take_frames()
        else:
            self.request += data
            if self.request.endswith(b"\r\n\r\n"):
                self._open()
        return count

    def recv_into(self, view, size=0):
        self._call()
        if self.lies:
            return self.lies
        count = min(size or len(view), self.read_size, len(self.readable))
        if not count:
            if self.ending == b"":
                return 0
            raise OSError(self.ending)
        view[:count] = self.readable[:count]
        self.readable = self.readable[count:]
        return count

    def _open(self):
        text = self.request.decode()
        key = text[text.find("Sec-WebSocket-Key: ") + 19:][:24].encode()
        accept = binascii.b2a_base64(sha1(key + GUID)).strip()
        self.readable += b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        self.readable += self.incoming
        self.opened = True

    def _take_frames(self):
        while len(self.written) >= 6:
            size, at = self.written[1] & 0x7F, 2
            assert self.written[1] & 0x80, "not masked"
            if size == 126:
                size, at = self.written[2] << 8 | self.written[3], 4
            elif size == 127:
                size, at = int.from_bytes(self.written[2:10], "big"), 10
            if len(self.written) < at + 4 + size:
                return
            key = self.written[at:at + 4]
            payload = bytes(b ^ key[i & 3] for i, b in enumerate(self.written[at + 4:at + 4 + size]))
            first = self.written[0]
            self.written = self.written[at + 4 + size:]
            self.frames.append((first, payload))
            if first & 0x0F == 8:
                self.readable += frame(8, payload)
                self.ending = b""
            elif self.echoes and first & 0x0F < 8:
                self.readable += frame(first & 0x0F, payload, first >= 0x80)


class FakeRecvSocket:
    """The same with recv() only, and no setsockopt()."""

    def __init__(self, sock):
        self.sock = sock
        self.send, self.close, self.connect, self.settimeout = sock.send, sock.close, sock.connect, sock.settimeout

    def recv(self, size):
        buffer = bytearray(size)
        return bytes(buffer[:self.sock.recv_into(buffer)])


class FakePool:
    """Gives out `sock`."""

    SOCK_STREAM = 1
    IPPROTO_TCP = 6
    TCP_NODELAY = 1

    def __init__(self, sock):
        self.sock = sock
        self.opened = 0

    def getaddrinfo(self, host, port, family=0, kind=0):
        return [(2, kind, 6, "", (host, port))]

    def socket(self, *args):
        self.opened += 1
        return self.sock
