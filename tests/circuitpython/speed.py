#!/usr/bin/env python3
"""Instructions for an echo by the Python client on MicroPython: speed.py MICROPYTHON BENCH_FOLDER. The gates are what was
reached plus 10 %, and a tenth of what the pure-Python predecessor takes for 16 KiB."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "speed"))
from counting import slope  # noqa: E402  a folder that is no package

PREDECESSOR = {16: 70_000, 1024: 1_790_000, 16384: 31_200_000}  # instructions, measured on the same port
GATES = {16: 180_000, 1024: 372_000, 16384: 2_540_000}
WORK = pathlib.Path(__file__).resolve().parent / "echo_work.py"


def main():
    failed = False
    peer = subprocess.Popen([pathlib.Path(sys.argv[2]) / "bench_peer"], stdout=subprocess.PIPE, text=True)
    try:
        port = peer.stdout.readline().strip()
        print("| echo | instructions | gate | predecessor | ratio |\n|---|---|---|---|---|")
        for size, gate in GATES.items():
            instructions = slope(5, 15, lambda count: [sys.argv[1], WORK, port, count, size])[0]
            failed = failed or instructions > gate
            print(f"| {size} B | {instructions:.0f} | {gate} | {PREDECESSOR[size]} | {PREDECESSOR[size] / instructions:.1f} |", flush=True)
    finally:
        peer.terminate()
    sys.exit(1 if failed else 0)


main()
