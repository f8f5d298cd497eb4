#!/usr/bin/env python3
"""Every C++ block of the README stands in examples/, or in a firmware image of the tests, to the letter, indentation aside; the opening one is compiled apart.
Figures that a generated page has are the page's, and those of the speed test are near its gates."""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def normalised(text):
    return "\n".join(line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("// ["))


sources = [*(ROOT / "examples").glob("*.cpp"), ROOT / "tests" / "firmware" / "images" / "minimal.cpp"]
examples = [normalised(path.read_text()) for path in sources]
readme = (ROOT / "README.md").read_text()
first, *blocks = re.findall(r"```cpp\n(.*?)```", readme, re.S)
failed = [block for block in blocks if not any(normalised(block) in example for example in examples)]
for block in failed:
    print("not in examples/:\n" + block)
with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "first.cpp"
    source.write_text(first)
    compiled = subprocess.run(["c++", "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'include'}", source], check=False).returncode


def pages_figures():
    """What a generated page says, and how the README says it."""
    cases = re.search(r"^(\d+) cases\.", (ROOT / "docs" / "conformance.md").read_text(), re.M)[1]
    yield int(cases), 0, r"\[(\d+) conformance cases\]"
    rows = {}
    for line in (ROOT / "docs" / "footprint.md").read_text().split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        rows[cells[0] if cells else ""] = [int(cell.replace(",", "")) if cell[:1].isdigit() else cell for cell in cells]
    _, _, flash, _, stack, _ = rows["ws over a pipe (UART)"]
    yield from ((flash / 1000, 0.03, r"about ([\d.]+) KB of flash"), (stack, 0.05, r"KB of flash, (\d+) bytes of stack and no heap"))
    _, _, _, ram, stack, _ = rows["ws on lwIP"]
    yield from ((ram / 1000, 0.03, r"has ([\d.]+) KB of static RAM"), (stack / 1000, 0.05, r"static RAM and ([\d.]+) KB of stack"))
    _, _, _, ram, stack, _ = rows["wss on lwIP, TLS 1.2, mbedTLS 3.6, records of 1 KiB"]
    yield from ((ram / 1000, 0.03, r"with TLS 1.2 it has ([\d.]+) KB"), (stack / 1000, 0.05, r"TLS 1.2 it has [\d.]+ KB and ([\d.]+) KB"))


def far_from_gates():
    """A gate is what was reached and at most a third more. So a figure that is above its gate, or far below, is no longer true."""
    text = (ROOT / "tests" / "speed" / "run.py").read_text()
    gates = {name: int(gate.replace("_", "")) for name, gate in re.findall(r'^ {4}"(.*)": \(.* ([\d_]+), [\d.]+\),', text, re.M)}
    rows = dict(re.findall(r"^\| ((?:receive|echo|send) \d+ [KM]?i?B(?: \w+)?)[^|]*\| ([\d,]+) \|", readme, re.M))
    for name, figure in rows.items():
        instructions, gate = int(figure.replace(",", "")), gates.get(name, 0)
        if not instructions <= gate <= instructions * 4 / 3:
            yield f"{name}: the README says {instructions} instructions, the gate is {gate}"
    if len(rows) < 7:
        yield f"only {len(rows)} rows of the README's table were understood"


words = " ".join(readme.split())
stale = []
for figure, tolerance, pattern in pages_figures():
    said = re.search(pattern, words)
    if not said or abs(float(said[1]) - figure) > tolerance * figure:
        stale.append(pattern)
        print(f"the README says {said[0] if said else 'nothing'}, a generated page says {figure}")
for text in far_from_gates():
    stale.append(text)
    print(text)
print(f"{len(blocks) + 1 - len(failed)} of {len(blocks) + 1} blocks of the README are compiled and run")
sys.exit(1 if failed or stale or compiled or len(blocks) < 5 else 0)
