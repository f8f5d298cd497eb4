#!/usr/bin/env python3
"""The version is CMakeLists.txt's; the others that are written down are the same. With --write they become the same."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = {
    "CMakeLists.txt": r"project\(cpwebsockets VERSION (\S+)",
    "include/cpwebsockets/protocol/version.hpp": r'^#define CPWEBSOCKETS_VERSION "(.*)"',
    "circuitpython/cpwebsockets/__init__.py": r'^__version__ = "(.*)"',
    "bindings/circuitpython/version.h": r'^#define CPWS_VERSION "(.*)"',
    "circuitpython/with_asyncio/cpwebsockets_asyncio.py": r'^__version__ = "(.*)"',
    "library.json": r'"version": "(.*)"',
    "packages/arduino/library.properties": r"^version=(.*)",
    "examples/esp_idf/components/cpwebsockets/idf_component.yml": r'^version: "(.*)"',
}
NUMBER = r"^#define CPWEBSOCKETS_VERSION_NUMBER (.*)"


def replaced(pattern, text, value):
    return re.sub(pattern, lambda match: match[0].replace(match[1], value), text, count=1, flags=re.M)


texts = {name: (ROOT / name).read_text() for name in PLACES}
version = re.search(PLACES["CMakeLists.txt"], texts["CMakeLists.txt"])[1]
major, minor, patch = map(int, version.split("."))
number = str(major * 10000 + minor * 100 + patch)
header = "include/cpwebsockets/protocol/version.hpp"
if "--write" in sys.argv:
    for name, pattern in PLACES.items():
        texts[name] = replaced(pattern, texts[name], version)
        if name == header:
            texts[name] = replaced(NUMBER, texts[name], number)
        (ROOT / name).write_text(texts[name])

found = {name: re.findall(pattern, texts[name], re.M) for name, pattern in PLACES.items()}
for name, versions in found.items():
    print(*versions, name)
wrong = [name for name, versions in found.items() if versions != [version]]
if re.findall(NUMBER, texts[header], re.M) != [number]:
    wrong.append("CPWEBSOCKETS_VERSION_NUMBER")
if f"\n## {version} " not in (ROOT / "CHANGELOG.md").read_text():
    wrong.append("CHANGELOG.md has no heading for it")
if wrong:
    sys.exit(f"not version {version}: {', '.join(wrong)}")
