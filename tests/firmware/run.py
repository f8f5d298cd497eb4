#!/usr/bin/env python3
"""Runs the test images on emulated boards: run.py FOLDER TEST... FOLDER is what build.sh filled; the tests are the functions
below, all of them if none is named. Each ends with an exception when the board does not do what it must."""
import pathlib
import socket
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import emulator  # noqa: E402
from cases import CASES  # noqa: E402
from emulator import Server  # noqa: E402
from relay import Relay  # noqa: E402
from verdict import judge, serve  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1]).resolve()
CERTIFICATES = FOLDER / "certificates"
ALL_STEPS = ["echo=70000", "fragments", "pings=70000", "closed", "keepalive=1000", "silent", "keepalive=60000", "echo=1000"]
TLS = {"tls12_old": "TLSv1.2", "tls12": "TLSv1.2", "tls12_full": "TLSv1.2", "tls13_full": "TLSv1.3"}
FAULT = 101


def image(name):
    return FOLDER / "arm" / f"{name}.elf"


def windowed_image(name):
    return FOLDER / "xtensa_windowed" / f"{name}.elf"


def certificate(name):
    return CERTIFICATES / name


def expect(result, status=0, text=""):
    found, output = result
    print(output, end="")
    if found != status or text not in output:
        sys.exit(f"FAILED: exit status {found}, expected {status}{' and ' + repr(text) if text else ''}")
    return output


def ws():
    """ws:// in 16 KB of RAM: 64 KB and more through a 1 KB buffer, fragments, pings, the server's close, a server that goes
    silent, and connections again after each."""
    with Server() as server:
        expect(emulator.lm3s(image("session_ws"), *ALL_STEPS, port=server.port), text="done echo=1000")


def wss(kind):
    """wss:// in 32 KB (48 KB with full records): the same, the certificate and the host name verified."""
    with Server(certificate("server"), TLS[kind]) as server:
        expect(emulator.lm3s(image(f"session_wss_{kind}"), *ALL_STEPS, port=server.port), text="done echo=1000")


def wss_tls12_old():
    wss("tls12_old")


def wss_tls12():
    wss("tls12")


def wss_tls12_full():
    wss("tls12_full")


def wss_tls13_full():
    wss("tls13_full")


def deflate():
    """permessage-deflate, receiving only, with a window of 2^9."""
    with Server() as server:
        expect(emulator.lm3s(image("session_ws_deflate"), "echo=70000", "fragments", port=server.port), text="done fragments")


def microbit():
    """ws:// over a serial line on a Cortex-M0, which has no unaligned access and no ARMv7 instruction."""
    with Server() as server:
        expect(emulator.microbit(image("session_uart"), "echo=4000", port=server.port), text="done echo=4000")


def microbit_tls():
    """The same with TLS, in 16 KB."""
    with Server(certificate("server"), "TLSv1.2") as server:
        expect(emulator.microbit(image("session_uart_tls12"), "echo=1000", port=server.port), text="done echo=1000")


def rp2040():
    with Server() as server:
        result = emulator.rp2040(image("session_rp2040"), "echo=4000", modules=FOLDER / "npm" / "node_modules",
                                 port=server.port)
        expect(result, text="done echo=4000")


def xtensa_windows():
    """Register windows (ESP32, S2, S3): the handlers that spill and reload them. Without any one of their instructions it goes wrong."""
    for what in ("all", "copied"):
        expect(emulator.lx60(windowed_image("windows"), what), text="and with alloca")
    expect(emulator.lx60(windowed_image("windows"), "overflow"), FAULT, "stack overflow")
    for vector in range(6):
        for instruction in range(100):
            status, output = emulator.lx60(windowed_image("windows"), f"without={vector}.{instruction}")
            if status == 2:
                break
            if status not in (1, FAULT):
                sys.exit(f"FAILED: exit status {status} without instruction {instruction} of vector {vector}\n{output}")
        print(f"vector {vector}: none of its {instruction} instructions can be left out")
        if instruction < 4:
            sys.exit("FAILED: a handler has more")


def xtensa_ws():
    """ws:// in 16 KB of RAM with register windows, over Ethernet: all that the Cortex does."""
    with Server() as server:
        expect(emulator.lx60(windowed_image("session_ws"), *ALL_STEPS, port=server.port), text="done echo=1000")


def xtensa_uart():
    with Server() as server:
        result = emulator.lx60(windowed_image("session_uart"), "echo=4000", serial_port=server.port)
        expect(result, text="done echo=4000")


def memory_faults():
    """What must not pass does not: else the limits above would prove nothing."""
    for what in ("overrun", "overflow", "unaligned", "null"):
        expect(emulator.lm3s(image("controls"), what), FAULT, "stack overflow" if what == "overflow" else "FAULT")


def certificates_that_must_not_pass():
    for name, sentence in (("other", "not signed by a CA"), ("wrong", "is for another host"), ("expired", "is not valid at this time")):
        for kind in TLS:
            with Server(certificate(name), TLS[kind]) as server:
                expect(emulator.lm3s(image(f"session_wss_{kind}"), "refused", port=server.port), text=sentence)


def other_servers_that_must_not_pass():
    """A server without TLS, one that ends the connection at once, and one that never answers."""
    with Server() as server:
        expect(emulator.lm3s(image("session_wss_tls12"), "refused", port=server.port), text="TLS: the TLS handshake failed")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        result = emulator.lm3s(image("session_wss_tls12"), "handshake=3000", "refused", port=listener.getsockname()[1])
        expect(result, text="TLS: the server could not be reached in time")


def names():
    """DNS, on the link: a name that is known, and one that is not."""
    with Server() as server:
        relay = Relay(names=("server.test",))
        result = emulator.lm3s(image("session_ws"), "name=nowhere.test", "refused", "name=server.test", "echo=1000", port=server.port, relay=relay)
        expect(result, text="resolve: the host's name could not be resolved")


def loss():
    """Packets that are lost, and packets that overtake others."""
    with Server() as server:
        relay = Relay(loss=0.05, reorder=0.05)
        result = emulator.lm3s(image("session_ws"), "echo=4000", "fragments", "echo=4000", port=server.port, relay=relay)
        expect(result, text="done fragments")
        print(f"{relay.passed} packets passed, {relay.lost} were lost, {relay.overtaken} overtaken")
        if relay.lost < 2 or relay.overtaken < 2:
            sys.exit("FAILED: the link was not bad enough")


def dead_link():
    with Server() as server:
        relay = Relay()
        server.when_it_says("dead", relay.cut)
        expect(emulator.lm3s(image("session_ws"), "echo=126", "keepalive=1000", "dead", port=server.port, relay=relay), text="done dead")


def hostile():
    """The conformance cases that need no option, on one board that keeps running: each ends its own connection, no more."""
    hostile_on(emulator.lm3s, image("session_ws"))


def xtensa_hostile():
    hostile_on(emulator.lx60, windowed_image("session_ws"))


def hostile_on(board, its_image):
    chosen = [case for case in CASES if not case.args and case.name not in LEFT_OUT]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        peers, problems = [], []

        def serve_all():
            for case in chosen:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                found = []
                serve(case, connection, peers, found)
                connection.close()
                problems.extend(f"{case.name}: {problem}" for problem in found)

        thread = threading.Thread(target=serve_all, daemon=True)
        thread.start()
        status, output = board(its_image, f"observe={len(chosen)}", port=listener.getsockname()[1], timeout=450)
        thread.join(10)
    connections = split_at_ends(output.splitlines())
    for case, lines, peer in zip(chosen, connections, peers):
        problems.extend(f"{case.name}: {problem}" for problem in judge(case, lines, peer, True))
    print(f"{len(connections)} connections, exit status {status}")
    if status != 0 or len(connections) != len(chosen) or problems:
        sys.exit("\n".join(["FAILED", *problems[:40], *output.splitlines()[-3:]]))


# QEMU's network makes an orderly end of a reset.
LEFT_OUT = {"reset"}


def split_at_ends(lines):
    connections, current = [], []
    for line in lines:
        if line.startswith("failure ") and connections:
            connections[-1].append(line)
            continue
        current.append(line)
        if line.startswith("end "):
            connections.append(current)
            current = []
    return connections


TESTS = [ws, wss_tls12_old, wss_tls12, wss_tls12_full, wss_tls13_full, deflate, microbit, microbit_tls, rp2040, xtensa_windows,
         xtensa_ws, xtensa_uart, xtensa_hostile, memory_faults,
         certificates_that_must_not_pass, other_servers_that_must_not_pass, names, loss, dead_link, hostile]


def main():
    wanted = sys.argv[2:]
    for test in TESTS:
        if not wanted or test.__name__ in wanted:
            print(f"--- {test.__name__}", flush=True)
            test()


main()
