#!/usr/bin/python3
"""The linker for lx106, for parts of a program with register windows (-r): xtensa_link.py OPTION... -o OUTPUT... MicroPython's linker
adds to what instructions have in place of an address, which it expects to be 0. Clang 22 leaves something else there."""
import subprocess
import sys

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

R_XTENSA_SLOT0_OP = 20
L32R = 1  # the lower half of its first byte; the address is in the two bytes behind

subprocess.run(["xtensa-lx106-elf-ld", *sys.argv[1:]], check=True)
with open(sys.argv[sys.argv.index("-o") + 1], "r+b") as file:
    places = []
    elf = ELFFile(file)
    for section in elf.iter_sections():
        if isinstance(section, RelocationSection):
            start = elf.get_section(section["sh_info"])["sh_offset"]
            places += [start + entry["r_offset"] for entry in section.iter_relocations() if entry["r_info_type"] == R_XTENSA_SLOT0_OP]
    for place in places:
        file.seek(place)
        if file.read(1)[0] & 15 != L32R:
            sys.exit("not an l32r")
        file.seek(place + 1)
        file.write(bytes(2))
