#!/usr/bin/env python3
"""The pages for makers are true: makers_docs.py INTERPRETER, run beside the echo server. The quick start works when it is pasted;
every example is Python; links lead somewhere; and troubleshooting.md has every text that the sources raise, and no other."""
import ast
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGES = [ROOT / "circuitpython" / "README.md", ROOT / "circuitpython" / "with_asyncio" / "README.md", *sorted((ROOT / "docs" / "makers").glob("*.md"))]
PAGE_OF_TEXTS = ROOT / "docs" / "makers" / "troubleshooting.md"

# What error.cpp says to users of the C++ library, and no Python program sees.
ONLY_IN_CPP = {
    "the receive buffer is smaller than 256 bytes", "the request target must start with '/' and hold no blanks",
    "the Host value is empty or holds an illegal character", "the connection is not in a state for this command",
    "the server refused the handshake (expected HTTP 101)", "a wss:// URL needs TLS below, and a ws:// URL none",
    "the byte stream to the server could not be opened"}
# Of the server's role, and of compression, which the Python clients do not offer.
ELSEWHERE = re.compile("the client('s| sent)|permessage-deflate|^compressed data")


def is_text(text):
    return re.match(r"[a-zA-Z][\w'()=.-]* ", text) and len(text.split()) > 3 and not text.startswith(("GET ", "Sec-WebSocket-Key:", "Basic "))


def texts_of_python(path):
    """String constants that read as a text; not docstrings, nor what goes to a logger or is compared."""
    tree = ast.parse(path.read_text())
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # docstrings
            left_out.add(node.value)
        if isinstance(node, ast.Compare) or isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("debug", "startswith"):
            left_out.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out and is_text(node.value):
            yield node.value


def texts_of_c(path):
    code = re.sub(r'"\s*\n\s*"', "", path.read_text())
    for token in re.finditer(r'//.*|static_assert\([^;]*;|#include.*|"((?:[^"\\]|\\.)*)"', code):
        if token[1] and is_text(token[1]):
            yield token[1]


def texts_of_the_sources():
    """Cut at what is the case: `handshake refused: HTTP %d`."""
    python = [*(ROOT / "circuitpython" / "cpwebsockets").glob("*.py"), ROOT / "circuitpython" / "with_asyncio" / "cpwebsockets_asyncio.py"]
    native = [*(ROOT / "bindings" / "circuitpython").glob("*.c*"), ROOT / "src" / "protocol" / "error.cpp"]
    found = {text for path in python for text in texts_of_python(path)} | {text for path in native for text in texts_of_c(path)}
    stale = ONLY_IN_CPP - found
    assert not stale, stale
    return {re.split(r" (?:%[sd]|\.\.\. \()", text)[0] for text in found - ONLY_IN_CPP if not ELSEWHERE.search(text)}


def texts_of_the_page():
    """Those of the first columns, down to where tables name what is the firmware's."""
    for section in PAGE_OF_TEXTS.read_text().split("\n## "):
        for cell in re.findall(r"^\| (`.*?) \|", section, re.M):
            for text in re.findall(r"`(.*?)`", cell):
                yield re.sub(r"^\w+(Error|Exception): ", "", text.replace(" …", "")), section.startswith("No connection")


def texts():
    sources, page = texts_of_the_sources(), dict(texts_of_the_page())
    missing = {text for text in sources if text not in page and not f"`{text}" in PAGE_OF_TEXTS.read_text()}
    stale = {text for text, is_the_firmwares in page.items() if not is_the_firmwares and is_text(text) and text not in sources}
    assert len(sources) > 60, len(sources)
    for text in sorted(missing):
        print("troubleshooting.md lacks:", text)
    for text in sorted(stale):
        print("nothing raises:", text)
    print(f"{len(sources) - len(missing)} of {len(sources)} texts are explained")
    return not missing and not stale


def quick_start(interpreter):
    """In MicroPython's REPL, in paste mode. Only the server is another."""
    block = re.search(r"```python\n(.*?)```", PAGES[0].read_text(), re.S).group(1)
    assert len(block.splitlines()) <= 10
    url = os.environ["WSS_URL"].replace("127.0.0.1", "localhost")
    pasted = re.sub(r'"wss://[^"]*"', f'"{url}"', block)
    assert pasted != block
    board, end = pty.openpty()
    environment = {**os.environ, "MICROPYPATH": f"{ROOT}/circuitpython:{HERE}:{HERE}/standins", "TERM": "dumb"}
    repl = subprocess.Popen([interpreter], stdin=end, stdout=end, stderr=end, env=environment)
    os.close(end)
    shown, deadline = b"", time.monotonic() + 60

    def show_until(wanted):
        nonlocal shown
        while wanted not in shown:
            assert time.monotonic() < deadline, shown.decode()
            if select.select([board], [], [], 1)[0]:
                shown += os.read(board, 4096)
        shown = shown[shown.index(wanted) + len(wanted):]

    try:
        show_until(b">>> ")
        os.write(board, b"\x05")
        show_until(b"=== ")
        for line in pasted.encode().splitlines():
            os.write(board, line + b"\r")
            show_until(b"=== ")
        os.write(board, b"\x04")
        show_until(b"\nHello from the board\r\n")
        show_until(b">>> ")
    finally:
        repl.kill()
        repl.wait()
        os.close(board)
    print("the quick start works when pasted")


def examples():
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.S):
            ast.parse(block)


def links():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            assert link.startswith("https://") or (page.parent / link).exists(), (page, link)
        for target, anchor in re.findall(r"\]\(([^)#]*)#([^)]*)\)", page.read_text()):
            headings = re.findall(r"^#+ (.*)", (page.parent / target if target else page).read_text(), re.M)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings], (page, target, anchor)


examples()
links()
quick_start(sys.argv[1])
sys.exit(0 if texts() else 1)
