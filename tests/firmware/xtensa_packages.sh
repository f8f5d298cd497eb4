#!/bin/sh
# The compiler for Xtensa with register windows, under the names that Espressif's has: xtensa_packages.sh FOLDER. Debian sid's clang 22,
# 60 MB to fetch, behind xtensa_clang.sh, and the linker for lx106, which links what it could not disassemble, behind xtensa_link.py.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/../debian_packages.sh" "$1/clang" sid libllvm22+ libclang-cpp22+ libclang-common-22-dev clang-22
for tool in gcc g++; do ln -sf "$here/xtensa_clang.sh" "$1/xtensa-esp32-elf-$tool"; done
ln -sf "$here/xtensa_link.py" "$1/xtensa-esp32-elf-ld"
