#!/usr/bin/env python3
"""Counts user instructions (callgrind), system calls and allocations per message, and fails above the gates.
run.py BENCH_FOLDER"""
import pathlib
import subprocess
import sys

from counting import slope

BENCH = pathlib.Path(sys.argv[1])

# work, size, messages of the short and the long run, and the gates: what was reached plus 10 %. Of system calls as well: how much
# the kernel takes or gives with one depends on what else runs.
# name: (work, size, few, many, instructions, system calls)
GATES = {
    "receive 16 B binary": ("receive", 16, 20_000, 60_000, 124, 0.002),
    "receive 1 KiB binary": ("receive", 1024, 2_000, 6_000, 138, 0.05),
    "receive 16 KiB binary": ("receive", 16384, 200, 600, 340, 0.8),
    "receive 1 MiB binary": ("receive", 1 << 20, 20, 60, 1_560, 3),
    "receive 16 KiB text": ("receive-text", 16384, 200, 600, 16_400, 0.8),
    "echo 16 B": ("echo", 16, 2_000, 6_000, 830, 2.2),
    "echo 1 KiB": ("echo", 1024, 2_000, 6_000, 1_000, 2.2),
    "send 16 KiB": ("send", 16384, 500, 1_500, 2_100, 1.1),
}


TRIES = 3  # how the kernel cuts a flood into reads depends on what else runs


def main():
    failed = False
    peer = subprocess.Popen([BENCH / "bench_server"], stdout=subprocess.PIPE, text=True)
    try:
        port = peer.stdout.readline().strip()
        print("| work | instructions per message | gate | system calls | gate | allocations |\n|---|---|---|---|---|---|")
        for name, (work, size, few, many, gate, call_gate) in GATES.items():
            for _ in range(TRIES):
                instructions, calls, allocations = slope(few, many, lambda count: [BENCH / "bench_client", port, work, count, size])
                ok = instructions <= gate and calls <= call_gate and allocations == 0
                if ok:
                    break
            failed = failed or not ok
            print(f"| {name} | {instructions:.0f} | {gate} | {calls:.4f} | {call_gate} | {allocations:g} |{'' if ok else ' FAILED'}", flush=True)
    finally:
        peer.terminate()
    ours = slope(20, 60, lambda count: [BENCH / "utf8_work", "ours", count])[0]
    dfa = slope(20, 60, lambda count: [BENCH / "utf8_work", "dfa", count])[0]
    print(f"\nUTF-8 check of 16 KiB in mixed scripts: {ours:.0f} instructions, a DFA per byte {dfa:.0f}: {dfa / ours:.1f} times fewer (gate 5)")
    failed = failed or dfa / ours < 5
    sys.exit(1 if failed else 0)


main()
