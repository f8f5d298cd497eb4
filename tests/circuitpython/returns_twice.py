#!/usr/bin/env python3
"""Compilers know that nlr_push() returns twice: returns_twice.py BUILT. The interpreter's header does not tell them, so that
the stack of a function that catches an exception is not what its second return expects. One that is told refuses to inline it."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BINDINGS = HERE.parent.parent / "bindings/circuitpython"
INLINED = """
%s
static inline __attribute__((always_inline)) int caught(nlr_buf_t* nlr) { return nlr_push(nlr) != 0; }
int outer(nlr_buf_t* nlr);
int outer(nlr_buf_t* nlr) { return caught(nlr); }
"""
# A compiler, the build whose generated names it uses, and the folder of that build's port.
TARGETS = {
    "gcc": ("build-native", "ports/unix", ["-Iports/unix/variants/standard"]),
    "arm-none-eabi-gcc": ("build-qemu", "ports/qemu", ["-mthumb", "-mcpu=cortex-m3", "-DMICROPY_HW_MCU_NAME=\"\""]),
}


def compiles(compiler, header, level, built):
    build, folder, more = TARGETS[compiler]
    source = built / "source"
    command = [compiler, level, *more, f"-I{BINDINGS}", f"-I{source}", f"-I{source / folder}", f"-I{built / build}", "-x", "c", "-", "-c", "-o", os.devnull]
    return subprocess.run(command, cwd=source, input=INLINED % header, capture_output=True, text=True)


def main():
    built = pathlib.Path(sys.argv[1]).resolve()
    for compiler in TARGETS:
        for level in ("-O2", "-O3", "-Os"):
            plain = compiles(compiler, '#include "py/runtime.h"', level, built)
            assert plain.returncode == 0, plain.stderr  # the interpreter's own header does not tell: the test means something
            told = compiles(compiler, '#include "runtime.h"', level, built)
            assert told.returncode != 0 and "setjmp" in told.stderr, (compiler, level, told.stderr)
            print("ok", compiler, level)


main()
