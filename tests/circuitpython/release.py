#!/usr/bin/env python3
"""What ./dev release makes: release.py FOLDER INTERPRETER BLINKA, run beside the echo server by a Python that has
packages/python/requirements.txt. Makes the release in FOLDER, and again, with the same bytes; installs the wheels into an
environment of their own, without and with Blinka, and unpacks the archives as onto boards; each runs the echo example."""
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER, INTERPRETER, BLINKA = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
VERSION = re.search(r"project\(cpwebsockets VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
SOURCES = {f"lib/cpwebsockets/{path.name}" for path in (ROOT / "circuitpython" / "cpwebsockets").glob("*.py")} | {"lib/cpwebsockets_asyncio.py"}
# An environment without this project's folders.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MICROPYPATH")}


def run(command, **environment):
    done = subprocess.run(command, env={**ENVIRONMENT, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=300)
    assert done.returncode == 0, (command, done.stdout)
    return done.stdout


def make(folder):
    run([sys.executable, ROOT / "packages" / "python" / "release.py", folder])
    return (folder / "SHA256SUMS").read_text()


def checksums():
    sums = dict(reversed(line.split("  ")) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.name for path in FOLDER.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    assert set(sums) == {
        f"CircuitPython_cpwebsockets-{VERSION}.tar.gz", f"CircuitPython_cpwebsockets_asyncio-{VERSION}.tar.gz",
        f"cpwebsockets-{VERSION}-py.zip", f"cpwebsockets-{VERSION}-mpy.zip", f"cpwebsockets-{VERSION}-stubs.zip",
        f"cpwebsockets-{VERSION}-py3-none-any.whl", f"cpwebsockets_asyncio-{VERSION}-py3-none-any.whl"}


def names_in(path):
    if path.suffix == ".gz":
        with tarfile.open(path) as archive:
            return {member.name for member in archive if member.isfile()}
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def contents():
    examples = {f"examples/{path.name}" for path in (ROOT / "circuitpython").rglob("examples/*.py")}
    beside = examples | {"README.md", "LICENSE"}
    assert len(examples) > 5
    assert names_in(FOLDER / f"cpwebsockets-{VERSION}-py.zip") == SOURCES | beside
    assert names_in(FOLDER / f"cpwebsockets-{VERSION}-mpy.zip") == {name.replace(".py", ".mpy") for name in SOURCES} | beside
    stubs = names_in(FOLDER / f"cpwebsockets-{VERSION}-stubs.zip")
    assert stubs == {str(path.relative_to(ROOT / "circuitpython" / "stubs")) for path in (ROOT / "circuitpython" / "stubs").rglob("*.pyi")}
    for name in ("cpwebsockets", "cpwebsockets_asyncio"):
        library = names_in(FOLDER / f"CircuitPython_{name}-{VERSION}.tar.gz")
        top = f"CircuitPython_{name}"
        assert {f"{top}/LICENSE", f"{top}/README.md", f"{top}/pyproject.toml", f"{top}/examples/{name}_simpletest.py"} <= library
        # The Community Bundle puts all examples into one folder, by these names.
        assert all(re.match(rf"{top}/examples/{name}_\w+\.py$", file) for file in library if "/examples/" in file)
        assert not any("__pycache__" in file for file in library)
        wheel = names_in(FOLDER / f"{name}-{VERSION}-py3-none-any.whl")
        assert f"{name}-{VERSION}.dist-info/licenses/LICENSE" in wheel
    types = {f"{name}-stubs/__init__.pyi" for name in ("cpwebsockets", "cpwebsockets_asyncio")}
    assert types <= names_in(FOLDER / f"cpwebsockets-{VERSION}-py3-none-any.whl")


def runs_on_a_desktop(work):
    """pip install, and the example for MicroPython, whose connect() takes no radio, on CPython over ws:// and wss://."""
    run(["/usr/bin/python3", "-m", "venv", work / "desktop"])
    python = work / "desktop" / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", FOLDER, "cpwebsockets-asyncio"])
    where = run([python, "-I", "-c", "import cpwebsockets, cpwebsockets_asyncio as a; print(cpwebsockets.__file__, cpwebsockets.__version__, a.__version__)"])
    assert str(work / "desktop") in where and where.split()[1:] == [VERSION, VERSION], where
    example = ROOT / "circuitpython" / "examples" / "cpwebsockets_micropython.py"
    with_blinka = f"import sys; sys.path.append({str(BLINKA)!r}); import micropython; exec(open({str(example)!r}).read())"
    for arguments in ([example], ["-c", with_blinka]):
        output = run([python, "-I", *arguments], WEBSOCKET_URL=os.environ["WS_URL"])
        assert "Closed with code 1000" in output, output
    url = os.environ["WSS_URL"].replace("127.0.0.1", "localhost")
    output = run([python, "-I", "-c", f"""
import asyncio, ssl
import cpwebsockets.client
from cpwebsockets_asyncio import connect
context = ssl.create_default_context(cafile={os.environ["CPWS_CACERT"]!r})
with cpwebsockets.client.connect({url!r}, ssl_context=context, timeout=20) as ws:
    ws.send("over TLS")
    print(ws.recv())
async def main():
    async with connect({os.environ["WS_URL"]!r}, timeout=20) as ws:
        await ws.send("by asyncio")
        print(await ws.recv())
asyncio.run(main())"""])
    assert output == "over TLS\nby asyncio\n", output


def runs_on_a_board(work, kind):
    """The archive unpacked as it is; MicroPython with the tests' stand-ins for CircuitPython's wifi and socketpool."""
    board = work / kind
    with zipfile.ZipFile(FOLDER / f"cpwebsockets-{VERSION}-{kind}.zip") as archive:
        archive.extractall(board)
    path = f"{board}/lib:{HERE}:{HERE}/standins:{INTERPRETER.parent}/lib"
    for example in ("cpwebsockets_micropython", "cpwebsockets_simpletest", "cpwebsockets_asyncio_simpletest", "cpwebsockets_asyncio_tasks"):
        output = run([INTERPRETER, board / "examples" / f"{example}.py"], MICROPYPATH=path, WEBSOCKET_URL=os.environ["WS_URL"])
        assert "Closed with code 1000" in output, output
    code = "import cpwebsockets, cpwebsockets.client as c; print(cpwebsockets.__version__, c.__file__)"
    assert run([INTERPRETER, "-c", code], MICROPYPATH=path).split() == [VERSION, f"{board}/lib/cpwebsockets/client.{kind}"]


def main():
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        assert make(FOLDER) == make(work / "again")
        checksums()
        contents()
        runs_on_a_desktop(work)
        runs_on_a_board(work, "py")
        runs_on_a_board(work, "mpy")
    print((FOLDER / "SHA256SUMS").read_text(), end="")


main()
