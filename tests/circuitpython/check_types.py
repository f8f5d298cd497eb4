#!/usr/bin/env python3
"""mypy with CircuitPython's own interfaces (circuitpython-stubs): check_types.py, run by a Python that has
tests/circuitpython/requirements.txt. The stubs, strictly, and programs over them that must and must not pass; the examples; and
the modules themselves, which have no annotations for lack of room: names, attributes, calls."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "circuitpython"
STUBS = PACKAGE / "stubs"

# What mypy cannot know: a None that another attribute rules out, and one name with two kinds of value.
WITHOUT_ANNOTATIONS = [f"--disable-error-code={code}" for code in ("arg-type", "assignment", "index", "misc", "operator", "union-attr",
                                                                  "var-annotated")]
# What only MicroPython has, and code asks for before it takes it; what a board may have.
KNOWN = ('Module has no attribute "ticks_ms"', 'Module has no attribute "ticks_diff"', 'Module "time" has no attribute "ticks_', 'Module has no attribute "ESP_',
         'stub for module named "adafruit_')


def mypy(what, *arguments, path=STUBS):
    command = [sys.executable, "-m", "mypy", "--python-version", "3.11", "--cache-dir", "/dev/null", "--no-error-summary", "--hide-error-context",
               "--config-file", "/dev/null", *arguments]
    done = subprocess.run(command, env={"MYPYPATH": str(path), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, timeout=300)
    problems = [line for line in done.stdout.splitlines() if ": error: " in line and not any(known in line for known in KNOWN)]
    if done.returncode and ": error: " not in done.stdout:
        problems.append(done.stdout + done.stderr)
    print("\n".join(problems) or f"ok {what}")
    return len(problems)


def main():
    failed = mypy("stubs, and programs over them", "--strict", *STUBS.rglob("*.pyi"), HERE / "makers_types.py")
    for folder in (PACKAGE, PACKAGE / "with_asyncio"):
        failed += mypy(f"examples of {folder.name}", "--check-untyped-defs", *(folder / "examples").glob("*.py"))
    failed += mypy("cpwebsockets_asyncio", "--check-untyped-defs", PACKAGE / "with_asyncio" / "cpwebsockets_asyncio.py")
    failed += mypy("cpwebsockets", "--check-untyped-defs", *WITHOUT_ANNOTATIONS, "--package", "cpwebsockets", path=PACKAGE)
    # That it sees what is wrong.
    wrong = mypy("", "--command", "import wifi, cpwebsockets.client\ncpwebsockets.client.connect(wifi.radio)\nwifi.radio.no_such_name")
    return failed or wrong != 2


sys.exit(1 if main() else 0)
