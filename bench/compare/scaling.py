#!/usr/bin/env python3
"""How the client's cost grows with the size of messages, connections, threads, and fragments: scaling.py BENCH_FOLDER [--quick] [--docs FOLDER].
Results go to BENCH_FOLDER/scaling.json. --quick: small numbers, once: shows that all of it works."""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

TIMEOUT = 300
ROUNDS = 3
SIZES = [4 ** power for power in range(14)]  # 1 B to 64 MiB
STEPS = {"connections": [1, 10, 100, 1_000, 3_000, 10_000], "threads": [1, 2, 4, 8, 16],
         "fragments": [10 ** power for power in range(7)], "pieces": [10 ** power for power in range(7)]}
COUNTS = {"connections": 30_000, "threads": 200_000, "fragments": 2_000_000, "pieces": 100_000}
QUICK = {"connections": [1, 50], "threads": [1, 3], "fragments": [1, 500], "pieces": [1, 500]}


class Server:
    """bench_server, on the last core; a thread for each connection, with small stacks."""

    def __init__(self, folder):
        self.cores = sorted(os.sched_getaffinity(0))
        self.folder = folder

    def __enter__(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 18, resource.getrlimit(resource.RLIMIT_STACK)[1]))
        self.process = subprocess.Popen(["taskset", "-c", str(self.cores[-1]), self.folder / "bench_server"], stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        self.url = f"ws://127.0.0.1:{self.process.stdout.readline().strip()}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def run(self, program, *arguments, everywhere=False):
        cores = f"0-{self.cores[-1]}" if everywhere else str(self.cores[0])
        done = subprocess.run(["taskset", "-c", cores, self.folder / program, self.url, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT)
        if done.returncode != 0:
            sys.exit(f"{program} {arguments}: exit code {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout)


def medians(lines):
    return {key: statistics.median(line[key] for line in lines) for key in ("cpu", "seconds", "opening") if key in lines[0]}


def sizes(server, quick):
    """CPU time of a message that is received, and of one that is sent, beside bare sockets."""
    result = {}
    for work in ("receive", "send"):
        for peer in ("cpwebsockets", "raw"):
            for size in ([1, 4096] if quick else SIZES):
                count = 10 if quick else max(4, min(100_000, (256 << 20) // size))
                lines = [server.run(f"peer_{peer}", work, count, size) for _ in range(1 if quick else ROUNDS)]
                result.setdefault(work, {}).setdefault(peer, {})[size] = statistics.median(line["cpu"] for line in lines) / count
    return result


def steps(server, quick):
    """To each number of connections, threads or fragments: what one echo, message or fragment costs."""
    result = {}
    for work, numbers in (QUICK if quick else STEPS).items():
        for number in numbers:
            count = 100 if quick else COUNTS[work]
            lines = [server.run("scaling_work", work, number, count, everywhere=work == "threads") for _ in range(1 if quick else ROUNDS)]
            result.setdefault(work, {})[number] = medians(lines)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", type=pathlib.Path)
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Server(options.folder) as server:
        results = {"sizes": sizes(server, options.quick), **steps(server, options.quick)}
    text = json.dumps(results, indent=1)
    (options.folder / "scaling.json").write_text(text + "\n")
    if options.docs:
        import scaling_page
        scaling_page.write(json.loads(text), options.docs)
    for name, rows in results.items():
        print(name, rows)


main()
