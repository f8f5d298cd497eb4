#!/usr/bin/env python3
"""CPU time of the client, of bare sockets that move the same bytes, and of Boost.Beast: alternating runs, medians, ratios."""
import pathlib
import resource
import statistics
import subprocess
import sys

BENCH = pathlib.Path(sys.argv[1])
WORK = [("receive", 16, 3_000_000), ("receive", 1024, 500_000), ("receive", 16384, 50_000), ("receive", 1 << 20, 1_000),
        ("echo", 16, 30_000), ("echo", 1024, 30_000), ("send", 1024, 200_000), ("send", 16384, 40_000)]
ROUNDS = 5


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    peer = subprocess.Popen([BENCH / "bench_peer"], stdout=subprocess.PIPE, text=True)
    try:
        port = peer.stdout.readline().strip()
        print("| work | bare sockets, ns CPU per message | client | ratio | Boost.Beast | ratio |\n|---|---|---|---|---|---|")
        for work, size, count in WORK:
            times = {"bench_raw": [], "bench_client": [], "bench_beast": []}
            for _ in range(ROUNDS):
                for name, samples in times.items():
                    samples.append(cpu_seconds([BENCH / name, port, work, count, size]) / count * 1e9)
            raw, ours, beast = (statistics.median(samples) for samples in times.values())
            print(f"| {work} {size} B | {raw:.0f} | {ours:.0f} | {ours / raw:.2f} | {beast:.0f} | {beast / raw:.2f} |", flush=True)
    finally:
        peer.terminate()


main()
