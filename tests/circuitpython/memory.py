"""What a connection allocates on 32 bits, in bytes, and gates on it. Prints a table. With garbage collection off in between,
every allocation counts. Of the native module; the folder has folder_memory.sh."""
import gc
import sys

import cpwebsockets.client
from fake_socket import FakeSocket

GATES = {"a connection, besides its buffer": 2048, "receiving 16 KiB": 16600, "sending 16 KiB": 64, "sending 16 B": 64}
BUFFER = 2048


class QuietSocket(FakeSocket):
    """Allocates nothing when the client sends or reads."""

    def __init__(self):
        super().__init__()
        self.quiet = False
        self.script = bytearray(0)
        self.at = 0

    def send(self, data):
        return len(data) if self.quiet else super().send(data)

    def recv_into(self, view, size=0):
        if not self.quiet:
            return super().recv_into(view, size)
        count = min(len(view), 1460, len(self.script) - self.at)
        for i in range(count):
            view[i] = self.script[self.at + i]
        self.at += count
        return count


def allocated(call):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    result = call()
    after = gc.mem_alloc()
    gc.enable()
    return after - before, result


def main():
    sock = QuietSocket()
    sock.opened = sock.quiet = True
    Client = cpwebsockets.client.WebsocketClient
    Client(sock)  # what is made once and for all
    size, ws = allocated(lambda: Client(sock, buffer_size=BUFFER))
    measured = {"a connection, besides its buffer": size - BUFFER}

    message = bytes(16384)
    ws.send(message)
    measured["sending 16 KiB"] = allocated(lambda: ws.send(message))[0]
    message = bytes(16)
    measured["sending 16 B"] = allocated(lambda: ws.send(message))[0]

    head = b"\x82\x7e\x40\x00"
    sock.script = bytearray(head + bytes(16384) + head + bytes(16384))
    ws.recv()
    measured["receiving 16 KiB"], data = allocated(ws.recv)
    assert len(data) == 16384

    failed = False
    print("| bytes | allocated | gate |\n|---|---|---|")
    for name in GATES:
        over = measured[name] > GATES[name]
        failed = failed or over
        print("| %s | %d | %d |%s" % (name, measured[name], GATES[name], " over" if over else ""))
    if failed:
        sys.exit(1)


main()
