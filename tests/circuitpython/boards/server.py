"""A WebSocket server that does what the path of the URL says, for the tests of sockets: server.py COMMAND [ARGUMENT...].
The command finds it by SERVER_PORT; by SILENT_PORT one that accepts nobody, and by WEBSOCKETS_PORT one of the package websockets. All
are on 127.0.0.1 only. Its frames are its own, so that it can also break off in the middle."""
import asyncio
import base64
import hashlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time

import websockets

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Ended(Exception):
    """The client has."""


class Peer:
    def __init__(self, sock, readable, held):
        self.sock, self._readable, self.held = sock, readable, held
        self.pongs = 0

    def read(self, count):
        data = self._readable.read(count)
        if len(data) < count:
            raise Ended
        return data

    def frame(self):
        """(first byte, payload) of a frame; control frames too."""
        first, size = self.read(2)
        size &= 0x7F
        if size > 125:
            size = int.from_bytes(self.read(2 if size == 126 else 8), "big")
        key = self.read(4)
        payload = self.read(size)
        mask = (key * (size // 4 + 1))[:size]
        return first, (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")

    def message(self):
        """(opcode, payload) of the next message. Pings and the close frame are answered."""
        opcode, data = 0, b""
        while True:
            first, payload = self.frame()
            kind = first & 15
            if kind == CLOSE:
                self.send(CLOSE, payload)
                raise Ended
            if kind == PING:
                self.send(PONG, payload)
            elif kind == PONG:
                self.pongs += 1
            else:
                opcode, data = kind or opcode, data + payload
                if first & 0x80:
                    return opcode, data

    def send(self, opcode, payload=b"", first=0x80):
        size = len(payload)
        head = bytes([first | opcode])
        head += bytes([size]) if size < 126 else struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
        self.sock.sendall(head + payload)


# --- What the paths do ---

def echo(peer):
    while True:
        peer.send(*peer.message())


def late(peer):
    """Each message is a number of milliseconds to wait before it is answered."""
    while True:
        _, text = peer.message()
        time.sleep(int(text) / 1000)
        peer.send(TEXT, b"after " + text)


def end(peer):
    """Ends TCP after a message, without a close frame."""
    peer.send(TEXT, b"last")


def end_on_request(peer):
    peer.message()


def reset(peer):
    """The same with an RST."""
    peer.message()
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half(peer):
    """Ends TCP within a frame."""
    peer.sock.sendall(b"\x81\x7e\x01\x00half")


def close(peer):
    """Answers a message with a close frame."""
    peer.message()
    peer.send(CLOSE, struct.pack(">H", 4001) + b"enough")
    peer.frame()


def deaf(peer):
    """Reads nothing until it is told to by /release, and then says what came: sizes and a hash of each."""
    peer.held.wait(60)
    while True:
        opcode, data = peer.message()
        if data == b"report":
            peer.send(TEXT, peer.report.encode())
        else:
            peer.report += "%d %d %s\n" % (opcode, len(data), hashlib.sha256(data).hexdigest()[:16])


def pings(peer):
    """Pings as long as the client answers, and closes after five pongs. It reads what else comes and drops it."""
    peer.send(PING, b"0")
    while peer.pongs < 5:
        before = peer.pongs
        first, _ = peer.frame()
        if first & 15 == PONG:
            peer.pongs = before + 1
            peer.send(PING, b"%d" % peer.pongs)
    peer.send(CLOSE, struct.pack(">H", 4001) + b"enough")
    while peer.frame()[0] & 15 != CLOSE:
        pass


def flood_of_pings(peer):
    while True:
        peer.sock.sendall(b"\x89\x00" * 500)


def flood_of_empty_fragments(peer):
    peer.sock.sendall(b"\x01\x00")
    while True:
        peer.sock.sendall(b"\x00\x00" * 500)


PATHS = {b"/" + action.__name__.encode(): action for action in (
    echo, late, end, end_on_request, reset, half, close, deaf, pings, flood_of_pings, flood_of_empty_fragments)}


def listener():
    sock = socket.socket()
    # Small buffers: a peer that does not read is felt at once.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.bind(("127.0.0.1", 0))
    sock.listen(16)
    return sock


def port_of(sock):
    return str(sock.getsockname()[1])


class Server:
    def __init__(self):
        self.listener = listener()
        self._held = {}  # by a name in the query
        self._lock = threading.Lock()

    def run(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _event(self, name):
        with self._lock:
            return self._held.setdefault(name, threading.Event())

    def _serve(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(120)
        try:
            with sock, sock.makefile("rb") as readable:
                self._answer(sock, readable)
        except (Ended, OSError):
            pass

    def _answer(self, sock, readable):
        if readable.peek(1)[:1] == b"\x16":  # TLS
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        request, fields = readable.readline().split(b" "), {}
        if len(request) != 3:
            raise Ended
        while True:
            line = readable.readline().strip()
            if not line:
                break
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        path, _, query = request[1].partition(b"?")
        if path == b"/release":
            self._event(query).set()
            sock.sendall(b"HTTP/1.0 204 No Content\r\n\r\n")
            return
        if path == b"/flood_of_interim_answers":
            while True:
                sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50)
        if path not in PATHS:
            sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nno such\r\n")
            return
        accept = base64.b64encode(hashlib.sha1(fields[b"sec-websocket-key"] + GUID).digest())
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                     + accept + b"\r\n\r\n")
        peer = Peer(sock, readable, self._event(query))
        peer.report = ""
        PATHS[path](peer)


def serve_websockets(listening):
    """Pings as long as they are answered, three times, reads what comes meanwhile, and closes."""
    async def drop(connection):
        try:
            async for _ in connection:
                pass
        except websockets.ConnectionClosed:
            pass

    async def ping_and_close(connection):
        dropping = asyncio.ensure_future(drop(connection))
        for _ in range(3):
            await asyncio.wait_for(await connection.ping(), 20)
        await connection.close(4001, "enough")
        await dropping

    async def serve():
        async with websockets.serve(ping_and_close, sock=listening):
            await asyncio.Future()

    asyncio.run(serve())


def main():
    server, silent, other = Server(), listener(), listener()
    threading.Thread(target=server.run, daemon=True).start()
    threading.Thread(target=serve_websockets, args=(other,), daemon=True).start()
    ports = {"SERVER_PORT": port_of(server.listener), "SILENT_PORT": port_of(silent), "WEBSOCKETS_PORT": port_of(other)}
    code = subprocess.run(sys.argv[1:], env={**os.environ, **ports}, timeout=300).returncode
    sys.stdout.flush()
    os._exit(code if code >= 0 else 1)


main()
