#!/usr/bin/env python3
"""The API reference: every public name is documented, and Doxygen finds nothing wrong. api.py FOLDER builds it into FOLDER/api."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = (ROOT / "docs" / "Doxyfile").read_text() + f'OUTPUT_DIRECTORY = "{folder}"\n'
    warnings = subprocess.run(["doxygen", "-"], input=settings, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True).stderr.splitlines()
    warnings = [line.removeprefix(f"{ROOT}/") for line in warnings if line.strip()]
    wrong = [line for line in warnings if re.match(r"\S+:\d+: \w+: ", line)]
    for line in wrong:
        print(line)
    pages = len(list((folder / "api").glob("*.html")))
    print(f"{pages} pages of the API, {len(wrong)} warnings")
    sys.exit(1 if wrong or pages < 100 else 0)


main()
