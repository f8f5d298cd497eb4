"""Boards and the server they talk to. A board is an image in QEMU, or in rp2040js; its server is npm's ws."""
import os
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
NODE_MODULES = "/usr/share/nodejs"  # Debian's
SERVER_IN_THE_GUEST = "10.0.2.100:80"
RUN_TIMEOUT = 400  # seconds; some take ten on an idle machine
QEMU_SAYS = ("Timer with period zero", "qemu-system-arm: warning: ")  # at each start, and means nothing


class Server:
    """server.js; `certificate`: its files' name without suffix, for TLS."""

    def __init__(self, certificate=None, tls_version=None):
        arguments = [f"{certificate}.pem", f"{certificate}.key", tls_version] if certificate else []
        self.process = subprocess.Popen(["node", HERE / "server.js", *arguments], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "NODE_PATH": NODE_MODULES})
        self.port = int(self.process.stdout.readline())

    def when_it_says(self, word, action):
        def read():
            for line in self.process.stdout:
                if line.strip() == word:
                    action()
        threading.Thread(target=read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def semihosting(arguments):
    return ["-semihosting-config", ",".join(["enable=on,target=native", *(f"arg={argument}" for argument in arguments)])]


def user_network(port):
    """QEMU's own network, which leads to `port` and nowhere else."""
    return f"user,id=user,restrict=on,guestfwd=tcp:{SERVER_IN_THE_GUEST}-cmd:{sys.executable} {HERE / 'bridge.py'} {port}"


def run(command, timeout):
    """(exit status, output). A board that hangs ends with 124."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=timeout)
    except subprocess.TimeoutExpired as hung:
        return 124, (hung.stdout or b"").decode(errors="replace")
    lines = done.stdout.decode(errors="replace").splitlines(keepends=True)
    return done.returncode, "".join(line for line in lines if not line.startswith(QEMU_SAYS))


def lm3s(image, *arguments, port=None, relay=None, timeout=RUN_TIMEOUT, counts=False):
    network = ["-nic", "none"]
    if port and relay:
        network = ["-nic", relay.netdev(0), "-netdev", user_network(port), "-netdev", "hubport,id=hub0,hubid=1,netdev=user",
                   "-netdev", relay.netdev(1), "-netdev", "hubport,id=hub1,hubid=1,netdev=relay1"]
    elif port:
        network = ["-nic", user_network(port)]
    count = ["-icount", "shift=6"] if counts else []
    return run(["qemu-system-arm", "-M", "lm3s6965evb", "-display", "none", "-monitor", "none", "-serial", "none", *network, *count,
                *semihosting(arguments), "-kernel", image], timeout)


def microbit(image, *arguments, port, timeout=RUN_TIMEOUT):
    line = ["-chardev", f"socket,id=line,host=127.0.0.1,port={port},nodelay=on", "-serial", "chardev:line"]
    return run(["qemu-system-arm", "-M", "microbit", "-display", "none", "-monitor", "none", *line, *semihosting(arguments), "-kernel", image],
               timeout)


def rp2040(image, *arguments, modules, port=0, timeout=RUN_TIMEOUT):
    return run(["node", HERE / "rp2040.mjs", modules, image, str(port), *arguments], timeout)


def riscv(image, timeout=RUN_TIMEOUT):
    return run(["qemu-system-riscv32", "-M", "virt", "-bios", "none", "-m", "8M", "-display", "none", "-monitor", "none", "-serial", "none",
                "-icount", "shift=0", *semihosting([]), "-kernel", image], timeout)


def xtensa(image, timeout=RUN_TIMEOUT):
    return run(["qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-display", "none", "-monitor", "none", "-serial", "none", "-semihosting",
                "-icount", "shift=6", "-kernel", image], timeout)


def lx60(image, *arguments, port=None, serial_port=None, ram=16, timeout=RUN_TIMEOUT, counts=False):
    """An Xtensa with register windows. The server is behind Ethernet, or behind the serial line."""
    network = ["-nic", user_network(port) if port else "none"]
    line = ["-serial", "null"]
    if serial_port:
        line = ["-chardev", f"socket,id=line,host=127.0.0.1,port={serial_port},nodelay=on", "-serial", "chardev:line"]
    count = ["-icount", "shift=10"] if counts else []
    return run(["qemu-system-xtensa", "-M", "lx60", "-cpu", "dc233c", "-m", f"{ram}K", "-display", "none", "-monitor", "none", *network, *line, *count,
                *semihosting(arguments), "-kernel", image], timeout)


def peaks(output):
    """What image::report_peaks() printed, as a dictionary."""
    line = next(line for line in output.splitlines() if line.startswith("peaks "))
    return {name: int(value) for name, value in (word.split("=") for word in line.split()[1:])}
