#!/usr/bin/env python3
"""Every C++ block of the README stands in examples/, or in a firmware image of the tests, to the letter, indentation aside; the opening one is compiled apart."""
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
first, *blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
failed = [block for block in blocks if not any(normalised(block) in example for example in examples)]
for block in failed:
    print("not in examples/:\n" + block)
with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "first.cpp"
    source.write_text("#include <cpwebsockets/client.hpp>\n#include <iostream>\nvoid first() {\n" + first + "}\n")
    compiled = subprocess.run(["c++", "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'include'}", source], check=False).returncode
print(f"{len(blocks) + 1 - len(failed)} of {len(blocks) + 1} blocks of the README are compiled and run")
sys.exit(1 if failed or compiled or len(blocks) < 5 else 0)
