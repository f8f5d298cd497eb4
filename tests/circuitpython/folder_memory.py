"""What a connection of the folder takes of a heap on 32 bits, and its garbage, in bytes, and gates on it: run by folder_memory.sh with
the Python files as the package `folder`. Prints a table. "Without machine code" is CircuitPython's way of masking."""
import gc
import sys

GATES = {"a connection": 3 * 1024, "sending 16 KiB": 20 * 1024, "sending 16 KiB, without machine code": 60000, "receiving 16 KiB": 37400}


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


class Quiet:
    """A socket that allocates nothing when the client sends or reads."""

    def __init__(self, script):
        self.script = script
        self.at = 0

    def settimeout(self, seconds):
        pass

    def close(self):
        pass

    def send(self, data):
        return len(data)

    def recv_into(self, view, size=0):
        count = min(len(view), 1460, len(self.script) - self.at)
        for i in range(count):
            view[i] = self.script[self.at + i]
        self.at += count
        return count


def garbage(call, *args):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    call(*args)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def main():
    import folder.client as client
    measured = {"a connection": 0}
    ws = client.WebsocketClient(Quiet(b""))  # what is made once and for all
    before = used()
    another = client.WebsocketClient(ws._sock)
    measured["a connection"] = used() - before
    assert ws.open and another.open

    # Not of zeros: those are a short integer, which masking without machine code makes of it.
    head, message = b"\x82\x7e\x40\x00", bytes(range(1, 256)) * 64 + bytes(64)
    ws = client.WebsocketClient(Quiet(head + message + head + message))
    ws.send(message)
    measured["sending 16 KiB"] = garbage(ws.send, message)
    ws.recv()
    measured["receiving 16 KiB"] = garbage(ws.recv)
    import folder.masking as masking
    import folder.sending as sending
    assert sending.mask is not masking.mask, "the interpreter has viper"
    sending.mask = masking.mask
    ws.send(message)
    measured["sending 16 KiB, without machine code"] = garbage(ws.send, message)

    failed = False
    print("| bytes | taken | gate |\n|---|---|---|")
    for name in measured:
        over = measured[name] > GATES[name]
        failed = failed or over
        print("| %s | %d | %d |%s" % (name, measured[name], GATES[name], " over" if over else ""))
    sys.exit(failed)


main()
