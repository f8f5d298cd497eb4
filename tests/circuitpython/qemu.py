#!/usr/bin/env python3
"""Runs the quirk tests on an emulated Cortex-M3: qemu.py FIRMWARE. Talks to the raw REPL of MicroPython's QEMU port over its
serial line. In between the board is reset softly, in the middle of a message."""
import pathlib
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
TIMEOUT = 240  # seconds, for one script

# What the port does not have.
SETUP = """
import sys
class os:
    state = 1
    @staticmethod
    def urandom(count):
        out = bytearray(count)
        for i in range(count):
            os.state = (os.state * 1103515245 + 12345) & 0x7FFFFFFF
            out[i] = os.state >> 16 & 0xFF
        return bytes(out)
sys.modules["os"] = os
class Module:
    pass
def module(name, source):
    # Its functions look their names up in a dictionary of their own.
    names = {"__name__": name}
    exec(source, names)
    made = Module()
    for key in names:
        setattr(made, key, names[key])
    sys.modules[name] = made
"""

HALF_A_MESSAGE = """
from fake_socket import FakePool, FakeSocket, frame
import cpwebsockets.client
sock = FakeSocket(frame(1, b"half of it", fin=False) + b"\\x80\\x7e")
ws = cpwebsockets.client.connect("ws://board/", FakePool(sock), timeout=0)
print(ws.recv(), ws.open)
"""


class Board:
    def __init__(self, firmware):
        self.process = subprocess.Popen(
            ["qemu-system-arm", "-machine", "mps2-an385", "-display", "none", "-monitor", "none", "-semihosting", "-serial", "stdio", "-kernel", firmware],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.read = bytearray()
        threading.Thread(target=self._reader, daemon=True).start()

    def _reader(self):
        while data := self.process.stdout.read1(4096):
            self.read += data

    def wait_for(self, end, timeout=20):
        deadline = time.monotonic() + timeout
        while end not in self.read:
            if time.monotonic() > deadline or self.process.poll() is not None:
                sys.exit(f"the board did not say {end}, but: {bytes(self.read[-2000:]).decode(errors='replace')}")
            time.sleep(0.01)
        at = self.read.index(end) + len(end)
        said, self.read = bytes(self.read[:at]), self.read[at:]
        return said

    def write(self, data):
        for at in range(0, len(data), 64):  # its serial line has a small buffer
            self.process.stdin.write(data[at:at + 64])
            self.process.stdin.flush()
            time.sleep(0.002)

    def enter(self):
        self.wait_for(b">>> ")
        self.write(b"\r\x03\x01")
        self.wait_for(PROMPT)

    def run(self, source):
        """What the script prints; exits if it raises."""
        self.write(source.encode() + b"\x04")
        self.wait_for(b"OK")
        out = self.wait_for(b"\x04", TIMEOUT)[:-1].decode()
        error = self.wait_for(b"\x04>")[:-2].decode()
        if error:
            sys.exit(out + error)
        return out

    def soft_reset(self):
        self.write(b"\x04")
        self.wait_for(PROMPT)


def main():
    board = Board(sys.argv[1])
    try:
        board.enter()
        for round_ in ("after the start", "after a soft reset in the middle of a message"):
            board.run(SETUP)
            for name in ("sha1", "fake_socket"):
                board.run(f"module({name!r}, {(HERE / f'{name}.py').read_text()!r})")
            out = board.run((HERE / "quirks.py").read_text())
            print(f"{round_}:\n{out}")
            if not re.search(r"\d+ passed, 0 failed", out):
                sys.exit("not all passed")
            print(board.run(HALF_A_MESSAGE))
            board.soft_reset()
    finally:
        board.process.kill()


main()
