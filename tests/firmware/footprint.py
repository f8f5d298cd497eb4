#!/usr/bin/env python3
"""Measures what a client takes of a device, from the minimal images: footprint.py FOLDER --write FILE | --check FILE. The file is
docs/footprint.md; with --check nothing may be above it by more than 2 %, nor above the limits that are set below."""
import pathlib
import re
import subprocess
import sys

import emulator

FOLDER = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADROOM = 1.02
# On the board with a network interrupts come at any depth of the stack, 32 bytes each and what the handler takes.
STACK_HEADROOM = 96
# Each build makes its certificates anew: their signatures differ by some bytes, and where mbedTLS 2.28 finds a gap for them by up to 180.
HEAP_HEADROOM = 256
RUNS = 3
WINDOWED = "## With register windows: ESP32, ESP32-S2, ESP32-S3"
BUFFERS = 1024  # the images' own choice: 512 bytes to receive, 512 to send

TLS_12, TLS_13 = "TLSv1.2", "TLSv1.3"
INFLATE = "… with permessage-deflate, receiving only"
# configuration, image, the bare program that it is compared with, TLS
ROWS = [
    ("ws over a pipe (UART)", "minimal_pipe", "harness_pipe", None),
    (INFLATE, "minimal_pipe_inflate", "harness_pipe", None),
    ("ws on lwIP", "minimal_lwip", "harness_lwip", None),
    (INFLATE, "minimal_lwip_inflate", "harness_lwip", None),
    ("… with permessage-deflate, both ways", "minimal_lwip_deflate", "harness_lwip", None),
    ("wss on lwIP, TLS 1.2, mbedTLS 2.28, records of 1 KiB", "minimal_tls12_old", "harness_lwip", TLS_12),
    ("wss on lwIP, TLS 1.2, mbedTLS 3.6, records of 1 KiB", "minimal_tls12", "harness_lwip", TLS_12),
    (INFLATE, "minimal_tls12_inflate", "harness_lwip", TLS_12),
    ("wss on lwIP, TLS 1.2, mbedTLS 3.6, records of 16 KiB", "minimal_tls12_full", "harness_lwip", TLS_12),
    ("wss on lwIP, TLS 1.3, mbedTLS 3.6, records of 16 KiB", "minimal_tls13_full", "harness_lwip", TLS_13),
]
WINDOWED_ROWS = [("ws over a pipe (UART)", "minimal_pipe", "harness_pipe"), ("ws on lwIP", "minimal_lwip", "harness_lwip")]
COLUMNS = ("flash", "of it the client's", "static RAM", "stack", "heap")
BENCHMARKS = ("opening_handshake", "receive_16_bytes", "receive_512_bytes", "send_16_bytes", "send_512_bytes", "mask_4096_bytes",
              "mask_4096_bytes_unaligned", "utf8_4096_bytes_of_ascii", "utf8_4095_bytes_of_mixed_scripts")


def image(name, target="arm"):
    return FOLDER / target / f"{name}.elf"


def flash(path):
    """Bytes of code, constants, and the start values of data."""
    output = subprocess.run(["size", path], capture_output=True, text=True, check=True).stdout
    text, data = output.splitlines()[1].split()[:2]
    return int(text) + int(data)


def boards(name):
    """What runs an image, given the server's port, on a Cortex-M."""
    if "pipe" in name:
        return lambda port: emulator.microbit(image(name), port=port)
    return lambda port: emulator.lm3s(image(name), port=port)


def windowed_boards(name):
    path = image(name, "xtensa_windowed")
    if "pipe" in name:
        return lambda port: emulator.lx60(path, serial_port=port)
    return lambda port: emulator.lx60(path, port=port)


def peaks(name, run, tls=None):
    """The largest of several runs."""
    result = {}
    for _ in range(RUNS):
        if tls:
            server = emulator.Server(FOLDER / "certificates" / "server", tls)
        else:
            server = emulator.Server()
        with server:
            status, output = run(server.port)
        if status != 0:
            sys.exit(f"{name}: exit status {status}\n{output}")
        for key, value in emulator.peaks(output).items():
            result[key] = max(result.get(key, 0), value)
    return result


def core():
    """The core alone, as tests/core_build has it: flash over a bare program, and sizeof(Connection)."""
    output = subprocess.run([ROOT / "tests" / "core_build" / "run.sh"], capture_output=True, text=True, check=True).stdout
    return [int(number) for number in re.findall(r": (\d+) bytes", output)]


def measure(rows):
    core_flash, core_ram = core()
    table = [("the core alone, of one's own driver", (0, core_flash, core_ram, 0, 0))]
    for label, name, harness, tls in rows:
        peak = peaks(name, boards(name), tls)
        size = flash(image(name))
        table.append((label, (size, size - flash(image(harness)), peak["static"], peak["stack"], peak["heap"])))
    return table


def measure_windowed(rows):
    table = []
    for label, name, harness in rows:
        peak = peaks(name, windowed_boards(name))
        size = flash(image(name, "xtensa_windowed"))
        table.append((label, (size, size - flash(image(harness, "xtensa_windowed")), peak["static"], peak["stack"], peak["heap"])))
    return table


def benchmark_values(result):
    status, output = result
    if status != 0:
        sys.exit(f"benchmark: exit status {status}\n{output}")
    return {name: int(value) for name, value in (line.split() for line in output.splitlines() if len(line.split()) == 2)}


def benchmarks():
    rp2040 = benchmark_values(emulator.rp2040(image("bench_rp2040"), modules=FOLDER / "npm" / "node_modules"))
    lm3s = {name: ticks * 80 // 64 for name, ticks in benchmark_values(emulator.lm3s(image("bench_lm3s"), counts=True)).items()}
    riscv = benchmark_values(emulator.riscv(FOLDER / "riscv" / "bench.elf"))
    xtensa = {name: ticks * 25 // 64 for name, ticks in benchmark_values(emulator.xtensa(FOLDER / "xtensa" / "bench.elf")).items()}
    windowed = benchmark_values(emulator.lx60(image("bench", "xtensa_windowed"), ram=32, counts=True))
    windowed = {name: ticks * 100 // 1024 for name, ticks in windowed.items()}
    return [(name, (rp2040[name], lm3s[name], riscv[name], xtensa[name], windowed[name])) for name in BENCHMARKS]


def cells(values):
    return " | ".join(f"{value:,}" if value else "–" for value in values)


def document(table, windowed_table, bench):
    lines = ["# Footprint", "",
             "Generated by `./dev footprint`; `./dev test` measures again, and fails when anything is more than 2 % above. Cortex-M0+ code by",
             "GCC 12 with `-Os`, link-time optimised, less some passes that make Thumb code larger (`tests/firmware/CMakeLists.txt`). The image",
             "is `tests/firmware/images/minimal.cpp`: it connects, sends, receives, closes, all checks included. Bytes:", "",
             "* **flash**: the whole image, start-up and test harness included; and how much more that is than the same program without the",
             "  client (for wss: than lwIP alone, so TLS is in it).",
             f"* **static RAM**: all of it, lwIP's pools included, and the client's two buffers of {BUFFERS // 2} bytes.",
             "* **stack**: the peak, painted before the start. The largest of several runs on an emulated board.",
             "* **heap**: the peak of mbedTLS's static memory block, a part of the static RAM. Nothing else allocates: no image links `malloc`.", "",
             f"| configuration | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {label} | {cells(values)} |" for label, values in table]
    lines += ["", WINDOWED, "",
              "The same image for Xtensa with register windows, by Debian's clang 22 with `-Os`, run on QEMU's dc233c. Espressif's GCC makes smaller",
              "code: clang's for this processor is young, goes through a constant for each call, and is not link-time optimised here. The stack",
              "includes what calls spill of the register file, up to 48 bytes each.", "",
              f"| configuration | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {label} | {cells(values)} |" for label, values in windowed_table]
    lines += ["", "## Cycles", "",
              "RP2040: cycles of the Cortex-M0+ as rp2040js models it (no cache misses of its external flash). The others: instructions, counted",
              "by QEMU. The core, `-Os`, `tests/firmware/images/bench.cpp`.", "",
              "| work | RP2040 | Cortex-M0+ | rv32imc | Xtensa lx106 | Xtensa with windows, clang |", "|---|" + "---:|" * 5]
    lines += [f"| {name.replace('_', ' ')} | {cells(values)} |" for name, values in bench]
    return "\n".join(lines) + "\n"


def read_document(text):
    rows = {}
    section = ""
    for line in text.splitlines():
        match = re.fullmatch(r"\| (.+?) \| (.+) \|", line)
        if line.startswith("#"):
            section = line
        if match and not match[1].startswith(("configuration", "work")):
            rows.setdefault((section, match[1]), []).append([0 if cell == "–" else int(cell.replace(",", "")) for cell in match[2].split(" | ")])
    return rows


def check(new, old):
    problems = []
    measured, written = read_document(new), read_document(old)
    if measured.keys() != written.keys():
        return [f"rows differ: {sorted(measured.keys() ^ written.keys())}"]
    for (section, label), rows in measured.items():
        for row, reached in zip(rows, written[section, label]):
            for column, (value, limit) in enumerate(zip(row, reached)):
                allowed = limit * HEADROOM
                if limit and section in ("# Footprint", WINDOWED):
                    allowed += {"stack": STACK_HEADROOM, "heap": HEAP_HEADROOM}.get(COLUMNS[column], 0)
                if value > allowed:
                    problems.append(f"{label}: {value} where {limit} was reached")
    return problems


def beyond_the_limits(table):
    """What was promised for ws over a pipe, whatever docs/footprint.md says."""
    _, client, static, stack, heap = table[1][1]
    limits = {"flash of the client": (client, 8192), "RAM besides the buffers": (static - BUFFERS, 1024), "stack": (stack, 700), "heap": (heap, 1)}
    return [f"ws over a pipe: {what} is {value}, not below {limit}" for what, (value, limit) in limits.items() if value >= limit]


def main():
    table = measure(ROWS)
    text = document(table, measure_windowed(WINDOWED_ROWS), benchmarks())
    print(text)
    problems = beyond_the_limits(table)
    path = pathlib.Path(sys.argv[3])
    if sys.argv[2] == "--write":
        path.write_text(text)
    else:
        problems += check(text, path.read_text())
    if problems:
        sys.exit("\n".join(["FAILED", *problems]))


main()
