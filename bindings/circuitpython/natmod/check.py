"""Does a native .mpy begin with its entry? check.py FILE.mpy ENTRY.o. A linker that got it wrong leaves a file that loads, runs
something else, and gives an empty module."""
import sys

from elftools.elf.elffile import ELFFile

HAS_ARCH_FLAGS = 0x40
LONGEST_JUMP = 16


def code_of(mpy):
    """The machine code (py/persistentcode.c has the format)."""
    at = 4

    def number():
        nonlocal at
        value = 0
        while True:
            byte = mpy[at]
            at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    if mpy[2] & HAS_ARCH_FLAGS:
        number()
    names = number()
    number()  # objects
    for _ in range(names):
        kind = number()
        at += 0 if kind & 1 else (kind >> 1) + 1
    size = number() >> 3
    return mpy[at:at + size]


def entry_of(file):
    """The beginning of mpy_init, as far as the linker changes nothing of it."""
    elf = ELFFile(file)
    symbol = elf.get_section_by_name(".symtab").get_symbol_by_name("mpy_init")[0]
    index = symbol["st_shndx"]
    code = elf.get_section(index).data()
    relocations = [r["r_offset"] for s in elf.iter_sections() if s["sh_type"] in ("SHT_REL", "SHT_RELA") and s["sh_info"] == index
                   for r in s.iter_relocations()]
    return code[:min(relocations, default=len(code))]


def main():
    mpy = open(sys.argv[1], "rb").read()
    with open(sys.argv[2], "rb") as file:
        entry = entry_of(file)
    if len(entry) < 2 or entry not in code_of(mpy)[:LONGEST_JUMP + len(entry)]:
        sys.exit(f"{sys.argv[1]} does not begin with its entry: this version of MicroPython's linker is not supported")


main()
