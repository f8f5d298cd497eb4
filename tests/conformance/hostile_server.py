"""A scripted WebSocket server over raw sockets: it does exactly what a case says, right or wrong, and writes down what
the client did. It shares no code with the library."""
import base64
import hashlib
import socket
import struct
import time

PATIENCE = 30.0  # seconds for what the client will do, as machines may be slow
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload=b"", fin=True, rsv=0, mask=None, length=None, form=None):
    """A frame as a server sends it. `length` lies about the size; `form` forces a length field: 7, 16 or 64 bits."""
    size = len(payload) if length is None else length
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    masked = 0x80 if mask is not None else 0
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    if form == 7:
        head += bytes([masked | size])
    elif form == 16:
        head += bytes([masked | 126]) + struct.pack(">H", size)
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", size)
    if mask is not None:
        head += mask
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + payload


def close(code=None, reason=b""):
    return frame(8, b"" if code is None else struct.pack(">H", code) + reason)


def accept_for(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


class Peer:
    """The server's end of one connection, with what the client sent so far."""

    def __init__(self, connection):
        self.connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE)
        self.buffer = b""
        self.frames = []
        self.eof = False

    def read_request(self):
        while b"\r\n\r\n" not in self.buffer:
            data = self.connection.recv(4096)
            if not data:
                raise ConnectionError("the client ended in its request")
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.request_line, *lines = head.decode().split("\r\n")
        self.headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            self.headers.setdefault(name.lower(), value.strip())
        self.key = self.headers["sec-websocket-key"]

    def send(self, data):
        try:
            self.connection.sendall(data)
        except OSError:
            pass

    def drip(self, data, size=1):
        for at in range(0, len(data), size):
            self.send(data[at:at + size])
            time.sleep(0.0005)

    def response(self, status="101 Switching Protocols", upgrade="Upgrade: websocket\r\n",
                 connection="Connection: Upgrade\r\n", accept=True, extra="", version="HTTP/1.1"):
        text = f"{version} {status}\r\n{upgrade}{connection}"
        if accept is True:
            text += f"Sec-WebSocket-Accept: {accept_for(self.key)}\r\n"
        elif accept:
            text += accept
        return (text + extra + "\r\n").encode()

    def open(self, extra=""):
        self.send(self.response(extra=extra))

    def read_frames(self, until_close=True, timeout=PATIENCE):
        """Collects the client's frames up to its close frame or end of file. Client frames must be masked."""
        deadline = time.monotonic() + timeout
        while not self.eof:
            while self._take_frame():
                if until_close and self.frames[-1][0] == 8:
                    return
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self.connection.settimeout(left)
            try:
                data = self.connection.recv(65536)
            except socket.timeout:
                return
            except OSError:
                data = b""
            self.eof = not data
            self.buffer += data

    def wait_for_end(self):
        """Until the client has ended the stream: what it sends before is read, and nothing is said."""
        self.read_frames(until_close=False)

    def wait_for(self, opcode):
        """Until a frame of this kind has come."""
        deadline = time.monotonic() + PATIENCE
        while not self.eof and not any(frame[0] == opcode for frame in self.frames) and time.monotonic() < deadline:
            self.read_frames(until_close=False, timeout=0.05)

    def _take_frame(self):
        data = self.buffer
        if len(data) < 2:
            return False
        size, at = data[1] & 0x7F, 2
        if size == 126:
            if len(data) < 4:
                return False
            size, at = struct.unpack(">H", data[2:4])[0], 4
        elif size == 127:
            if len(data) < 10:
                return False
            size, at = struct.unpack(">Q", data[2:10])[0], 10
        if not data[1] & 0x80:
            raise AssertionError("the client sent an unmasked frame")
        if len(data) < at + 4 + size:
            return False
        mask, payload = data[at:at + 4], data[at + 4:at + 4 + size]
        self.frames.append((data[0] & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(payload)), data[0] & 0x70,
                            bool(data[0] & 0x80), mask))
        self.buffer = data[at + 4 + size:]
        return True

    def close_code(self):
        """The code in the client's close frame: 0 for no close frame, 1005 for one without code."""
        for opcode, payload, *_ in self.frames:
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005
        return 0

    def finish(self):
        """The polite end: wait for the client's close frame, then end the stream."""
        self.read_frames()
        self.connection.close()

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
