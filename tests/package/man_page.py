#!/usr/bin/env python3
"""The man page has every option and exit code that cpws has, and no other; both have the version: man_page.py CPWS PAGE VERSION."""
import pathlib
import re
import subprocess
import sys

cpws, page, version = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(), sys.argv[3]


def said(*arguments):
    return subprocess.run([cpws, *arguments], text=True, capture_output=True, timeout=60, check=True).stdout


def section(name):
    return page.split(f".SH {name}\n")[1].split(".SH ")[0].replace("\\-", "-")


def options(text):
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))


wrong = []
if said("--version").split() != ["cpws", version] or f'"cpwebsockets {version}"' not in page:
    wrong.append("the version")
for name, text in (("OPTIONS", said("--help")), ("OPTIONS OF SERVE", said("serve", "--help"))):
    listed = {word for line in text.split("Options:")[1].splitlines() if line.startswith("  -") for word in options(line.split("  ")[1])}
    described = {word for line in section(name).splitlines() if re.match(r"\.B[RI]? -", line) for word in options(line)}
    wrong += [f"{name}: {option}" for option in listed ^ described if option not in ("-h", "--help")]
codes = set(re.findall(r"^  (\d+) ", said("--help").split("Exit codes:")[1], re.M))
wrong += [f"exit code {code}" for code in codes ^ set(re.findall(r"^\.B (\d+)$", section("EXIT STATUS"), re.M))]
print(*wrong, sep="\n")
sys.exit(f"{len(wrong)} differences" if wrong else 0)
