#!/usr/bin/env python3
"""docs/errors.md has every cause that the library reports, with its text to the letter, and says what to do: errors.py"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = {"protocol::Error": "src/protocol/error.cpp", "ClientError": "src/session/error.cpp",
         "transport::TlsError": "src/transport/tls_category.cpp", "device::PipeError": "src/device/pipe_error.cpp"}
DECLARED = {"protocol::Error": "protocol/error.hpp", "ClientError": "error.hpp", "transport::TlsError": "transport/tls_error.hpp",
            "device::PipeError": "device/pipe_error.hpp"}

page = (ROOT / "docs" / "errors.md").read_text()
described, kind = {}, ""
for line in page.splitlines():
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    if len(cells) != 3:
        continue
    if cells[0].strip("`") in TEXTS:
        kind = cells[0].strip("`")
    elif cells[0] == "cause":
        kind = ""
    elif name := re.fullmatch(r"`(?:([\w:]+)::)?(\w+)`", cells[0]):
        described[name[1] or kind, name[2]] = cells[1:]

wrong = []
for kind, source in TEXTS.items():
    short = kind.split("::")[-1]
    enum = re.search(rf"enum class {short} : [\w:]+ {{(.*?)\n}};", (ROOT / "include/cpwebsockets" / DECLARED[kind]).read_text(), re.S)[1]
    names = re.findall(r"^\s*(\w+)(?: = \d+)?,", re.sub(r"//.*", "", enum), re.M)
    pattern = rf"case {short}::(\w+):\s+return ((?:\"(?:[^\"\\]|\\.)*\"\s*)+);"
    texts = {name: "".join(re.findall(r'"([^"]*)"', text)) for name, text in re.findall(pattern, (ROOT / source).read_text())}
    if len(names) < 5:
        wrong.append(f"{kind}: only {len(names)} names were understood")
    for name in names:
        text, advice = described.pop((kind, name), ["", ""])
        if name != "none" and (text != texts.get(name) or not advice):
            wrong.append(f"{kind}::{name}: the page says '{text}', the source '{texts.get(name)}'")
wrong += [f"{kind}::{name}: the page has it, the sources do not" for kind, name in described if kind in TEXTS]
print(*wrong, sep="\n")
sys.exit(f"{len(wrong)} differences" if wrong else 0)
