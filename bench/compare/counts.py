"""User instructions (callgrind) and system calls (strace) of the programs for a message: from a short and a longer run."""
import os
import re
import subprocess
import sys
import tempfile

# Virtual machines of their own: valgrind does not run them, or counts their compilers too.
NOT_COUNTED = {"gorilla", "websockets", "picows", "ws"}
ENVIRONMENT = {**os.environ, "GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=1000000000", "NODE_PATH": "/usr/share/nodejs"}  # see tests/speed/counting.py


def run(command, timeout=600):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stderr}")
    return done.stderr


def instructions(command):
    with tempfile.NamedTemporaryFile() as out:
        return int(re.search(r"Collected : (\d+)", run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *command])).group(1))


def system_calls(command):
    table = run(["strace", "-f", "-c", "-S", "calls", *command])
    return int(re.search(r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total", table, re.M).group(1))


def add(server, found, row, peers):
    few, many = (10, 40) if row[0] == "connect" else (20, 80) if row[1] >= 1 << 20 else (500, 2_500)
    if row[0] in ("receive", "batch") and row[1] <= 1024:
        few, many = 10_000, 50_000
    for name, result in peers.items():
        count = lambda how: (how([*found[name], *server.arguments(row, many)]) - how([*found[name], *server.arguments(row, few)])) / (many - few)
        result["system_calls"] = count(system_calls)
        if name not in NOT_COUNTED:
            result["instructions"] = count(instructions)
