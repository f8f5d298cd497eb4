#!/usr/bin/env python3
"""Every block of code in the pages and in the public headers is compiled, or parsed by what reads it: code_blocks.py [FIRMWARE]. FIRMWARE is
what tests/firmware/build.sh has filled: with it, the examples of the ports are compiled, too. What README.md shows in C++ is compiled and
run: see tests/readme_check.py."""
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "circuitpython").rglob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
HEADERS = [path for folder in ("include", "ports") for path in sorted((ROOT / folder).rglob("*.hpp"))]

# What an example stands in. `BLOCK` is its place.
DEVICE = """
using namespace cpwebsockets;
device::Pipe& uart = *static_cast<device::Pipe*>(nullptr);
extern std::span<const std::byte> ca_der;
bool fill(void*, std::span<std::byte>) noexcept;
bool fill_random(void*, std::span<std::byte>) noexcept;
protocol::Time now();
void poll_my_network();
void handle(std::span<const std::byte>, bool), handle(protocol::Event);
void report(const protocol::CloseInfo&), report(int);
void example() { BLOCK }
"""
PLACES = {
    "include/cpwebsockets/client.hpp": "#include <iostream>\nvoid example() { BLOCK }",
    "include/cpwebsockets/message.hpp": "#include <cpwebsockets/client.hpp>\nvoid use(std::string_view);\n"
                                        "void example(cpwebsockets::Client& ws) { BLOCK }",
    "include/cpwebsockets/device/client.hpp": DEVICE,
    "ports/lwip/include/cpwebsockets/lwip/client.hpp": DEVICE,
    "ports/lwip/include/cpwebsockets/lwip/secure_client.hpp": DEVICE,
    "include/cpwebsockets/async_client.hpp": "#include <asio/use_awaitable.hpp>\nvoid use(std::string_view);\nBLOCK",
    "docs/async.md": "#include <cpwebsockets/async_client.hpp>\n#include <asio/experimental/awaitable_operators.hpp>\n"
                     "#include <asio/steady_timer.hpp>\n#include <asio/use_awaitable.hpp>\nvoid use(std::string_view);\nBLOCK",
    "docs/embedded.md": "#include <cpwebsockets/protocol/permessage_deflate.hpp>\nnamespace cpwebsockets { BLOCK }",
}


def blocks_of_page(path):
    for language, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```", path.read_text(), re.M | re.S):
        yield language, block


def blocks_of_header(path):
    for block in re.findall(r"(?:^ */// {5}.*\n)+", path.read_text(), re.M):
        yield "cpp", re.sub(r"^ */// {5}", "", block, flags=re.M)


def compile_cpp(name, block, firmware):
    if name == "README.md":
        return "by readme_check.py"
    place = PLACES.get(name)
    assert place, "no place is known for it"
    command = ["c++", "-fno-exceptions"] if place is DEVICE else ["c++"]
    flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror", "-x", "c++"]
    include = ["-I", ROOT / "include"]
    if name.startswith("ports/"):
        if not firmware:
            return "not without FIRMWARE"
        sources = firmware / "sources"
        command = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-fno-exceptions", '-DMBEDTLS_CONFIG_FILE="examples/pico_w/mbedtls_config.h"']
        include += ["-I", ROOT, "-I", ROOT / "ports/lwip/include", "-I", ROOT / "ports/mbedtls/include", "-I", ROOT / "examples/pico_w",
                    "-isystem", ROOT / "tests/firmware/standins/pico", "-isystem", sources / "lwip/src/include",
                    "-isystem", sources / "mbedtls-3.6/include"]
    own = f"#include <{name.partition('include/')[2]}>\n" if name.endswith(".hpp") else ""
    source = own + place.replace("BLOCK", "\n" + block)
    result = subprocess.run([*command, *flags, *include, "-"], input=source, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return "compiled"


def parse_shell(block):
    result = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    known = (ROOT / "dev").read_text()
    for command in re.findall(r"^\./dev (\w+)", block, re.M):
        assert re.search(rf"^{command}\(\) ", known, re.M) or command == "test", f"there is no ./dev {command}"
    for script in re.findall(r"(?<![\w/.])((?:tests|packages|bindings|bench)/[\w/.]+\.(?:sh|py))", block):
        assert (ROOT / script).exists(), f"there is no {script}"
    manual = (ROOT / "apps" / "cpws" / "cpws.1.in").read_text().replace("\\-", "-")  # which man_page.py compares with --help
    for line in re.findall(r"^(?:.*\| )?cpws .*", block, re.M):
        for option in re.findall(r" (--?[a-z][\w-]*)", line.partition("  #")[0]):
            assert re.search(rf"{option}\b", manual), f"cpws has no {option}"
    return "parsed"


def configure(block):
    """Beside a package that has every component."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "cpwebsocketsConfig.cmake").write_text("foreach(name protocol device deflate client tls async)\nadd_library(cpwebsockets::${name} INTERFACE IMPORTED)\n"
                                                        "set(cpwebsockets_${name}_FOUND TRUE)\nendforeach()\n")
        (place / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.22)\nproject(example LANGUAGES NONE)\nadd_library(app INTERFACE)\n" +
                                              block.replace(" PRIVATE ", " INTERFACE "))
        result = subprocess.run(["cmake", "-S", place, "-B", place / "build", f"-Dcpwebsockets_DIR={place}"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return "configured"


def check(name, language, block, firmware):
    if language == "cpp":
        return compile_cpp(name, block, firmware)
    if language == "python":
        compile(block, name, "exec")
    elif language == "toml":
        tomllib.loads(re.sub(r"^ {3}", "", block, flags=re.M))
    elif language == "sh":
        return parse_shell(block)
    elif language == "cmake":
        return configure(block)
    else:
        assert not language, f"nothing here reads {language!r}"
        return "text"
    return "parsed"


def main():
    firmware = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    counts, failed = {}, 0
    for path in PAGES + HEADERS:
        name = str(path.relative_to(ROOT))
        for language, block in (blocks_of_page if path.suffix == ".md" else blocks_of_header)(path):
            try:
                result = check(name, language, block, firmware)
            except (AssertionError, SyntaxError, tomllib.TOMLDecodeError) as error:
                print(f"{name}: {error}\n{block}")
                failed += 1
                continue
            counts[result] = counts.get(result, 0) + 1
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())), f"{failed} wrong", sep=", ")
    sys.exit(1 if failed or counts["compiled"] < 4 or counts["parsed"] < 10 else 0)


main()
