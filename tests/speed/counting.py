"""Instructions of a program under callgrind, and what one more message costs."""
import os
import re
import subprocess
import sys
import tempfile

# callgrind counts `rep movsb` once for each byte that it copies: keep glibc's memcpy to vector instructions.
ENVIRONMENT = {**os.environ, "GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=1000000000"}


def callgrind(*command):
    """Instructions of the run, and what it printed."""
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *map(str, command)],
                              capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)), done.stdout.split()


def slope(few, many, command):
    (instructions_few, out_few), (instructions_many, out_many) = callgrind(*command(few)), callgrind(*command(many))
    per_message = [(instructions_many - instructions_few) / (many - few)]
    return per_message + [(int(b) - int(a)) / (many - few) for a, b in zip(out_few, out_many)]
