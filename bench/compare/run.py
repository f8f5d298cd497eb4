#!/usr/bin/env python3
"""This client beside others at the same work, in one run: run.py BENCH_FOLDER [--quick] [--docs FOLDER] [--only ROW...].
Each program prints what it took; runs alternate, pinned to a core that the server does not use; medians, as ratios to bare sockets.
Results go to BENCH_FOLDER/compare.json. --quick: a moment for each, of the programs that are built: shows that all of it works."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import counts
import report

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE.parent / "peers"
CERTS = HERE.parent.parent / "tests" / "make_certs.sh"

# work, bytes, over TLS
ROWS = [("receive", 16, False), ("receive", 1024, False), ("receive", 16 << 10, False), ("receive", 1 << 20, False),
        ("receive-text", 100, False), ("receive-text", 16 << 10, False), ("receive-text", 1 << 20, False),
        ("echo", 16, False), ("echo", 1024, False), ("echo", 16 << 10, False),
        ("send", 16, False), ("batch", 16, False), ("send", 1024, False), ("send", 16 << 10, False), ("send", 1 << 20, False),
        ("connect", 16, False),
        ("receive", 16, True), ("receive", 16 << 10, True), ("echo", 16, True), ("send", 16 << 10, True), ("connect", 16, True)]
CANNOT = 3  # the exit code of a program whose library has no such thing
TIMEOUT = 600


def programs(folder):
    """Name to command, of what is built or installed."""
    found = {}
    for name in ("raw", "cpwebsockets", "beast", "websocketpp", "libwebsockets", "wslay", "poco", "gorilla", "tungstenite", "fastwebsockets"):
        if (folder / f"peer_{name}").exists():
            found[name] = [str(folder / f"peer_{name}")]
    for name, python in (("websockets", "/usr/bin/python3"), ("picows", str(folder / "python" / "bin" / "python"))):
        command = [python, str(PEERS / f"{name}.py")]
        if shutil.which(python) and subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0:
            found[name] = command
    if shutil.which("node"):
        found["ws"] = ["node", str(PEERS / "ws.js")]
    return found


class Server:
    """bench_server on the last core; the programs run on the first."""

    def __init__(self, folder, certs):
        cores = sorted(os.sched_getaffinity(0))
        self.pinned = ["taskset", "-c", str(cores[0])]
        self.process = subprocess.Popen(["taskset", "-c", str(cores[-1]), folder / "bench_server", certs / "server.pem", certs / "server.key"],
                                        stdout=subprocess.PIPE, text=True)
        self.ports = [self.process.stdout.readline().strip() for _ in range(2)]
        self.ca = str(certs / "ca.pem")

    def arguments(self, row, count):
        work, size, tls = row
        scheme = "wss" if tls else "ws"
        return [f"{scheme}://localhost:{self.ports[1]}" if tls else f"{scheme}://127.0.0.1:{self.ports[0]}", work, str(count), str(size), *([self.ca] if tls else [])]

    def run(self, command, row, count):
        """What the program printed, for a message; None where it cannot."""
        done = subprocess.run([*self.pinned, *command, *self.arguments(row, count)], capture_output=True, text=True, timeout=TIMEOUT,
                              env={**os.environ, "NODE_PATH": "/usr/share/nodejs"})
        if done.returncode == CANNOT:
            return None
        if done.returncode != 0:
            sys.exit(f"{command} {row} {count}: exit code {done.returncode}\n{done.stderr}")
        line = json.loads(done.stdout)
        return {**line, "seconds": line["seconds"] / count, "cpu": line["cpu"] / count}


def count_for(server, command, row, seconds):
    """Messages that take about so long; None where the program cannot do this."""
    count = 4 if row[1] >= 1 << 20 else 20
    while True:
        line = server.run(command, row, count)
        if line is None:
            return None
        took = max(line["cpu"], line["seconds"]) * count
        if took > seconds / 20:
            return max(4, int(count * seconds / took))
        count *= 8


def measure(server, found, row, rounds, seconds):
    """The median of each program's time and CPU time for a message."""
    count = {name: count_for(server, command, row, seconds) for name, command in found.items()}
    samples = {name: [] for name in found if count[name] is not None}
    for _ in range(rounds):
        for name, lines in samples.items():
            lines.append(server.run(found[name], row, count[name]))
    result = {}
    for name, lines in samples.items():
        result[name] = {"version": lines[0]["version"], "messages": count[name],
                        "seconds": statistics.median(line["seconds"] for line in lines), "cpu": statistics.median(line["cpu"] for line in lines)}
    return result


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(), "compiler": compiler}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=[], help="rows by name, as 'echo 16 B'")
    options = parser.parse_args()
    found = programs(options.folder)
    rows = [row for row in ROWS if not options.only or report.name_of(row) in options.only]
    rounds, seconds = (1, 0.01) if options.quick else (5, 0.3)
    results = {"machine": machine(), "rows": []}
    with tempfile.TemporaryDirectory() as certs:
        subprocess.run([CERTS, certs], check=True, capture_output=True)
        server = Server(options.folder.resolve(), pathlib.Path(certs))
        try:
            for row in rows:
                peers = measure(server, found, row, rounds, seconds)
                if not options.quick:
                    counts.add(server, found, row, peers)
                results["rows"].append({"work": row[0], "size": row[1], "tls": row[2], "peers": peers})
                print(report.line_of(results["rows"][-1]), flush=True)
        finally:
            server.process.terminate()
    (options.folder / "compare.json").write_text(json.dumps(results, indent=1) + "\n")
    if options.docs:
        report.write(results, options.docs)
    if options.quick:
        names = set().union(*(row["peers"] for row in results["rows"]))
        if not {"raw", "cpwebsockets", "websockets", "ws"} <= names or any("cpwebsockets" not in row["peers"] for row in results["rows"]):
            sys.exit(f"programs are missing: {names}")


main()
