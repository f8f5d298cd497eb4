#!/usr/bin/env python3
"""The version is CMakeLists.txt's; the others that are written down are the same."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = {
    "CMakeLists.txt": r"project\(cpwebsockets VERSION (\S+)",
    "circuitpython/cpwebsockets/__init__.py": r'^__version__ = "(.*)"',
    "circuitpython/with_asyncio/cpwebsockets_asyncio.py": r'^__version__ = "(.*)"',
    "library.json": r'"version": "(.*)"',
    "packages/arduino/library.properties": r"^version=(.*)",
    "examples/esp_idf/components/cpwebsockets/idf_component.yml": r'^version: "(.*)"',
}

versions = {name: re.findall(pattern, (ROOT / name).read_text(), re.M) for name, pattern in PLACES.items()}
for name, found in versions.items():
    print(*found, name)
if any(len(found) != 1 for found in versions.values()) or len({found[0] for found in versions.values()}) != 1:
    sys.exit("not one version")
