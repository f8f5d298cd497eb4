#!/usr/bin/env python3
"""The packages for PlatformIO and Arduino compile, on boards with and without lwIP and mbedTLS, and what a program can include of
them it can link: packages.py SOURCES, the folder that build.sh has filled. Chooses files as PlatformIO does by library.json."""
import concurrent.futures
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = pathlib.Path(sys.argv[1]).resolve()
STANDINS = ROOT / "tests" / "firmware" / "standins"
COMPILER = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-Os", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra",
            "-Wno-missing-field-initializers", "-Werror"]
LWIP = ["-isystem", STANDINS / "pico", "-isystem", SOURCES / "lwip" / "src" / "include", "-I", ROOT / "examples" / "pico_w"]
MBEDTLS = ["-isystem", SOURCES / "mbedtls-3.6" / "include"]
SOURCE_SUFFIXES = {".c", ".cc", ".cpp", ".cxx", ".S", ".s", ".ino"}


def chosen(folder, patterns):
    """The files that (sign, pattern) pairs leave, as PlatformIO's srcFilter: in their order, a folder standing for all in it."""
    found = set()
    for sign, pattern in patterns:
        matched = set()
        for path in glob.glob(os.path.join(glob.escape(str(folder)), pattern), recursive=True):
            path = pathlib.Path(path)
            matched |= {path} if path.is_file() else {inside for inside in path.rglob("*") if inside.is_file()}
        found = found | matched if sign == "+" else found - matched
    return found


def package(manifest, out):
    """What `pio pkg pack` would put into the archive."""
    export = manifest["export"]
    rules = [("+", name) for name in export["include"]] + [("-", name) for name in export.get("exclude", [])]
    for path in chosen(ROOT, rules):
        target = out / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def compile_all(files, flags, out):
    out.mkdir()

    def compile_one(item):
        number, path = item
        target = out / f"{number}_{path.name}.o"
        language = ["-x", "c++"] if path.suffix in (".hpp", ".h", ".ino") else []
        subprocess.run([*COMPILER, *flags, *language, "-c", path, "-o", target], check=True)
        return target

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(compile_one, enumerate(sorted(files))))


def symbols(objects, option):
    """The library's own, mangled."""
    output = subprocess.run(["arm-none-eabi-nm", option, "--format=posix", *objects], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in output.splitlines() if "12cpwebsockets" in line}


def expect_linked(what, library, users):
    missing = symbols(library + users, "--undefined-only") - symbols(library + users, "--defined-only")
    if missing:
        sys.exit(f"FAILED: {what}: nothing defines\n  " + "\n  ".join(sorted(missing)))


def listed():
    """src/sources.txt: file to group."""
    lines = [line.split() for line in (ROOT / "src" / "sources.txt").read_text().splitlines() if not line.startswith("#")]
    return {file: group for group, file in lines}


def expect_complete_list():
    there = {path.relative_to(ROOT / "src").as_posix() for folder in ("protocol", "device") for path in (ROOT / "src" / folder).glob("*.cpp")}
    if there != listed().keys():
        sys.exit(f"FAILED: src/sources.txt and the files differ: {sorted(there ^ listed().keys())}")


def expect_all_but_deflate(what, files, folder):
    """That these are the files of src/sources.txt which need no zlib."""
    found = {path.relative_to(folder / "src").as_posix() for path in files if path.is_relative_to(folder / "src")}
    wanted = {file for file, group in listed().items() if group != "deflate"}
    if found != wanted:
        sys.exit(f"FAILED: {what} and src/sources.txt differ: {sorted(found ^ wanted)}")


def platformio(work):
    manifest = json.loads((ROOT / "library.json").read_text())
    build = manifest["build"]
    folder = work / "platformio"
    package(manifest, folder)
    rules = re.findall(r"([+-])<([^>]+)>", " ".join(build["srcFilter"]))
    files = {path for path in chosen(folder / build["srcDir"], rules) if path.suffix in SOURCE_SUFFIXES}
    expect_all_but_deflate("library.json", files, folder)
    includes = [folder / build["includeDir"], *(folder / flag[2:] for flag in build["flags"] if flag.startswith("-I"))]
    flags = [flag for flag in build["flags"] if not flag.startswith("-I")] + [word for path in includes for word in ("-I", path)]
    headers = {header for path in includes for header in path.rglob("*.hpp")}
    examples = ROOT / "examples"
    wifi = ['-DWIFI_SSID="x"', '-DWIFI_PASSWORD="x"']
    buffers = ["-DCONFIG_CPWEBSOCKETS_RECEIVE_BUFFER=1024", "-DCONFIG_CPWEBSOCKETS_SEND_BUFFER=1024"]
    echo = ["-include", STANDINS / "arduino" / "Arduino.h", "-isystem", STANDINS / "arduino", "-I", ROOT / "packages" / "arduino", "-Wno-unused-parameter"]
    # name, what the framework has, which headers a program there may include, programs
    boards = [
        ("bare", [], lambda name: "/ports/" not in name, []),
        ("arduino", ["-isystem", STANDINS / "arduino"], lambda name: "/lwip/" not in name and "/mbedtls/" not in name,
         [(ROOT / "packages/arduino/examples/Echo/Echo.ino", echo)]),
        ("lwip", LWIP, lambda name: "/mbedtls/" not in name and "secure_client" not in name and "/arduino/" not in name, []),
        ("lwip_and_mbedtls", ["-isystem", STANDINS / "esp_idf", *LWIP, *MBEDTLS], lambda name: "/arduino/" not in name,
         [(examples / "pico_w/main.cpp", wifi), (examples / "esp_idf/main/main.cpp", buffers)]),
    ]
    for name, framework, may_include, programs in boards:
        library = compile_all(files, flags + framework, work / f"{name}_library")
        users = compile_all({path for path in headers if may_include(path.as_posix())}, flags + framework + ["-Wno-error", "-w"], work / f"{name}_headers")
        for program, options in programs:
            users += compile_all({program}, flags + framework + options, work / f"{name}_{program.parent.name}")
        expect_linked(f"PlatformIO, {name}", library, users)
        print(f"ok PlatformIO, {name}: {len(library)} sources, {len(users)} headers and programs")


def arduino(work):
    subprocess.run([ROOT / "packages" / "arduino" / "make_library.sh", work], check=True, stdout=subprocess.DEVNULL)
    folder = work / "cpwebsockets"
    flags = ["-std=gnu++20", "-I", folder / "src", "-isystem", STANDINS / "arduino"]
    files = {path for path in (folder / "src").rglob("*") if path.suffix in SOURCE_SUFFIXES}
    expect_all_but_deflate("the Arduino library", files, folder)
    library = compile_all(files, flags, work / "arduino_ide_library")
    users = compile_all(set((folder / "src").rglob("*.hpp")), flags + ["-w"], work / "arduino_ide_headers")
    users += compile_all({folder / "examples/Echo/Echo.ino"}, flags + ["-include", "Arduino.h", "-Wno-unused-parameter"], work / "arduino_ide_program")
    expect_linked("Arduino", library, users)
    version = json.loads((ROOT / "library.json").read_text())["version"]
    if f"version={version}\n" not in (folder / "library.properties").read_text():
        sys.exit("FAILED: library.properties and library.json name different versions")
    print(f"ok Arduino: {len(library)} sources, {len(users)} headers and programs")


expect_complete_list()
with tempfile.TemporaryDirectory() as temporary:
    platformio(pathlib.Path(temporary))
    arduino(pathlib.Path(temporary))
