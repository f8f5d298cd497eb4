#!/usr/bin/env python3
"""No name of the module's C collides with a firmware's: names.py BUILT. Every identifier of file and global scope carries the
prefix cpws_ or CPWS_, and every file compiles behind the macros of hostile_macros.txt, defined to nonsense, with the warnings
of CircuitPython's ports raspberrypi and espressif and of MicroPython's as errors, by GCC 12, 13 and 14."""
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BINDINGS = HERE.parent.parent / "bindings/circuitpython"
SHARED = """-fsingle-precision-constant -fno-strict-aliasing -Wdouble-promotion -Wimplicit-fallthrough=2 -Wno-endif-labels -Wstrict-prototypes
  -Werror-implicit-function-declaration -Wfloat-equal -Wundef -Wshadow -Wwrite-strings -Wsign-compare -Wmissing-format-attribute
  -Wno-deprecated-declarations -Wnested-externs -Wunreachable-code -Wcast-align -ffunction-sections -fdata-sections --param
  max-inline-insns-single=500 -Wall -Werror -Werror=missing-prototypes""".split()
PORTS = {
    "CircuitPython raspberrypi": [*SHARED, "-std=gnu11", "-fshort-enums", "-Wtype-limits", "-Wno-cast-align", "-Wold-style-definition"],
    "CircuitPython espressif": [*SHARED, "-std=gnu11", "-Werror=old-style-definition"],
    "MicroPython": "-std=gnu99 -Wall -Werror -Wextra -Wno-unused-parameter -Wpointer-arith -Wdouble-promotion -Wfloat-conversion".split(),
}
# A compiler, the build whose generated names it uses, and the folder of that build's port.
UNIX = "build-native", "ports/unix", ["-Iports/unix/variants/standard"]
TARGETS = {
    "gcc": UNIX,
    "gcc-13": UNIX,
    "gcc-14": UNIX,
    "arm-none-eabi-gcc": ("build-qemu", "ports/qemu", ["-mthumb", "-mcpu=cortex-m3", "-DMICROPY_HW_MCU_NAME=\"\""]),
}
# What a native .mpy is bound to define: its entry, and what compilers call.
FOREIGN = {"mpy_init", "memcpy", "memmove", "memset", "memcmp", "memchr", "strlen", "__muldi3"}


def command_of(compiler, built):
    """A later compiler is only its first pass, unpacked with its libraries; the C library's headers are the system's."""
    version = compiler.rpartition("-")[2]
    if not version.isdigit():
        return [compiler, "-c"]
    folder = built / "compilers/usr"
    headers = [subprocess.run(["gcc", f"-print-{what}"], capture_output=True, text=True, check=True).stdout.strip()
               for what in ("file-name=include", "multiarch")]
    return [folder / "lib64/ld-linux-x86-64.so.2", "--library-path", folder / "lib/x86_64-linux-gnu",
            folder / f"libexec/gcc/x86_64-linux-gnu/{version}/cc1", "-quiet",
            f"-isystem{headers[0]}", f"-isystem/usr/include/{headers[1]}", "-isystem/usr/include"]


def hostile_header():
    words = [word for line in (HERE / "hostile_macros.txt").read_text().splitlines() if not line.startswith("#") for word in line.split()]
    return "".join(f"#undef {word}\n#define {word}(...) @ {word} @\n" for word in words)


def compiles(job):
    file, compiler, port, level, built, work = job
    build, folder, more = TARGETS[compiler]
    # The interpreter's own headers first: what they make of such macros is not ours.
    unit = work / f"{file.stem}-{compiler}-{port.replace(' ', '')}{level}.c"
    unit.write_text('#include <stdbool.h>\n#include <stdint.h>\n#include <string.h>\n#include "py/objarray.h"\n#include "py/objexcept.h"\n#include "py/objstr.h"\n#include "py/objtuple.h"\n#include "py/runtime.h"\n'
                    f'#include "py/stream.h"\n#include "py/mphal.h"\n{hostile_header()}#include "{file}"\n')
    source = built / "source"
    # Warnings about those headers are the interpreter's, too.
    command = [*command_of(compiler, built), *PORTS[port], level, *more, "-DMICROPY_MODULE_BUILTIN_SUBPACKAGES=1", f"-I{BINDINGS}", f"-isystem{source}",
               f"-isystem{source / folder}", f"-isystem{built / build}", unit, "-o", os.devnull]
    ran = subprocess.run(command, cwd=source, capture_output=True, text=True)
    return "" if ran.returncode == 0 else f"{file.name}, {compiler} {level}, flags of {port}:\n{ran.stderr}"


def names_of(text):
    """Identifiers that a file defines at file scope."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", " ", text, flags=re.S)
    macros = re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M)
    text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", " ", text, flags=re.M)
    enumerators = [name for body in re.findall(r"^(?:typedef )?enum[^{;]*\{([^}]*)\}", text, re.M) for name in re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", body)]
    tags = re.findall(r"^(?:typedef )?(?:struct|enum|union) (\w+)", text, re.M)
    types = re.findall(r"^\} (\w+);", text, re.M) + re.findall(r"^typedef [^{}();]*?(\w+);", text, re.M)
    defined = re.findall(r"^(?:MP_DEFINE_\w+|static MP_DEFINE_\w+)\((\w+)", text, re.M)
    functions = re.findall(r"^(?!MP_|static MP_|typedef |extern |#|enum |struct |\s|\})[\w_][^;{}=]*?[ *](\w+)\((?!\()[^;{}]*\)\s*\{", text, re.M)
    values = re.findall(r"^(?:static |const |extern )[^(){};]*?(\w+)(?:\[[^\]]*\])*(?: =|;)", text, re.M)
    return macros, enumerators + tags + types + defined + functions + values


def prefixes(files):
    wrong, count = [], 0
    for file in files:
        macros, names = names_of(file.read_text())
        count += len(names)
        # The names that the interpreter's headers have for what a native .mpy reaches by its table.
        wrong += [f"{file.name}: {name}" for name in macros if not re.match(r"CPWS_|nlr_|mp_call_method", name)]
        wrong += [f"{file.name}: {name}" for name in names if not re.match(r"cpws_|CPWS_", name) and name not in FOREIGN]
    return wrong, count


def objects(built):
    """What the linker sees, static functions with it."""
    wrong = []
    found = list((built / "build-native").glob("**/circuitpython/*.o"))
    assert len(found) >= 9, found
    for file in found:
        for line in subprocess.run(["nm", "--defined-only", file], capture_output=True, text=True, check=True).stdout.splitlines():
            name = line.split()[-1]
            in_cpp = name.startswith("_Z") or "." in name  # or a table that the compiler made
            if not in_cpp and not name.startswith("cpws_"):
                wrong.append(f"{file.name}: {name}")
    return wrong


def main():
    built = pathlib.Path(sys.argv[1]).resolve()
    files = sorted([*BINDINGS.glob("*.c"), *BINDINGS.glob("*.h"), *(BINDINGS / "natmod").glob("*.c")])
    wrong, count = prefixes(files)
    wrong += objects(built)
    print(f"{count} names in {len(files)} files")
    assert count > 200
    with tempfile.TemporaryDirectory() as folder:
        sources = [file for file in files if file.suffix == ".c" and file.parent == BINDINGS]
        jobs = [(*job, built, pathlib.Path(folder)) for job in itertools.product(sources, TARGETS, PORTS, ("-O3", "-Os"))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            wrong += [error for error in pool.map(compiles, jobs) if error]
    print(f"{len(jobs)} times compiled")
    if wrong:
        sys.exit("\n".join(wrong))


main()
