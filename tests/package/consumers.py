#!/usr/bin/env python3
"""Every common way to build with the library: consumers.py [TOOLS]. Kinds of the library are built and installed once, moved to a path with a
space, and then used: by find_package() with each component, by pkg-config, static and shared, with and without link-time optimisation and
exceptions, as static programs, and as a part of another build.

TOOLS is what tests/package/tools.sh has filled: with it, also what takes longer, with the oldest and newest CMake and compilers."""
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = ROOT / "tests" / "package" / "consumer"
TOOLS = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
COMPONENTS = ["protocol", "device", "deflate", "client", "tls", "async"]
PC_FILES = {"protocol": "cpwebsockets-protocol", "device": "cpwebsockets-device", "deflate": "cpwebsockets-deflate", "client": "cpwebsockets",
            "async": "cpwebsockets-async"}


class Failed(Exception):
    pass


def run(*command, fails=False, cwd=None, env=None):
    """What the command prints. It must succeed, or with `fails` it must not."""
    command = [str(word) for word in command]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=1200, check=False)
    if (done.returncode != 0) != fails:
        raise Failed(f"{shlex.join(command)}\nexit {done.returncode}\n{done.stdout}")
    return done.stdout


def expect(condition, what):
    if not condition:
        raise Failed(what)


class Installed:
    """The library, built in one way, installed, and moved elsewhere."""

    def __init__(self, work, name, *options, cmake="cmake"):
        self.name, self.options, self.cmake, self.work = name, options, cmake, work
        self.root = work / "installed elsewhere" / name
        self.shared = "-DBUILD_SHARED_LIBS=ON" in options

    def build(self):
        build, prefix = self.work / "build" / self.name, self.work / "prefix" / self.name
        run(self.cmake, "-S", ROOT, "-B", build, "-G", "Ninja", f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DCPWEBSOCKETS_APPS=OFF",
            "-DCPWEBSOCKETS_WERROR=ON", *self.options)
        run(self.cmake, "--build", build)
        run(self.cmake, "--install", build)
        self.root.parent.mkdir(exist_ok=True, parents=True)
        shutil.move(prefix, self.root)

    def libraries(self, suffix):
        return sorted(self.root.rglob(f"libcpwebsockets_*{suffix}"))

    def environment(self):
        folder = next(self.root.rglob("pkgconfig"))
        return {"PKG_CONFIG_PATH": str(folder), "LD_LIBRARY_PATH": str(folder.parent)}


def consume_by_cmake(installed, components, *options, cmake="cmake"):
    with tempfile.TemporaryDirectory() as build:
        run(cmake, "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={installed.root}", f"-DCOMPONENTS={';'.join(components)}",
            *options)
        run(cmake, "--build", build)
        for component in components:
            if component != "tls":
                run(pathlib.Path(build) / component)


def lacks(installed, component):
    with tempfile.TemporaryDirectory() as build:
        said = run("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={installed.root}",
                   f"-DCOMPONENTS=protocol;{component}", fails=True)
        expect(f"has no component {component}." in " ".join(said.split()), said)


def consume_by_pkg_config(installed, component, compiler, *flags, runner=()):
    env = installed.environment()
    asked = ["pkg-config", *(["--static"] if "-static" in flags else []), "--cflags", "--libs", PC_FILES[component]]
    given = shlex.split(run(*asked, env=env))
    expect(not any(word.startswith("-std") for word in given), f"{given} sets the language version")
    with tempfile.TemporaryDirectory() as work:
        program = pathlib.Path(work) / "program"
        run(*compiler, *flags, CONSUMER / f"{component}.cpp", *given, "-o", program)
        run(*runner, program, env=None if runner else {"LD_LIBRARY_PATH": env["LD_LIBRARY_PATH"]})
        if "-static" in flags:
            expect("INTERP" not in run("readelf", "-lW", program), "the program is not static")


def archives_are_plain(installed):
    """Machine code that every linker reads: no intermediate code of GCC, no bitcode of clang."""
    archives = installed.libraries(".a")
    expect(archives, "no archives")
    for archive in archives:
        sections = run("readelf", "-SW", archive)
        members = run("ar", "t", archive).split()
        expect(sections.count("There are ") == len(members), f"{archive}: not all members are ELF")
        expect(".gnu.lto" not in sections and ".llvm" not in sections, f"{archive} is for one compiler only")


def shared_are_hardened(installed):
    libraries = [path for path in installed.libraries(".so") if path.exists()]
    expect(libraries, "no shared libraries")
    for library in libraries:
        expect("BIND_NOW" in run("readelf", "-dW", library), f"{library} is not bound at once")
        expect("GNU_RELRO" in run("readelf", "-lW", library), f"{library} has no read-only relocations")
    expect(any("__stack_chk_fail" in run("nm", "-D", library) for library in libraries), "no library has a stack protector")


def lto_is_not_installed(work):
    build = work / "lto"
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCPWEBSOCKETS_APPS=OFF", "-DCPWEBSOCKETS_LTO=ON")
    said = run("cmake", "--install", build, fails=True)
    expect("configure with CPWEBSOCKETS_LTO=OFF" in said, said)


def older_than_cpp20(installed, compiler):
    """Each header says first what is wrong."""
    include = installed.root / "include"
    headers = sorted(include.rglob("*.hpp"))
    expect(headers, "no headers")
    for header in headers:
        said = run(compiler, "-std=c++17", "-fsyntax-only", "-x", "c++", "-include", header, "-I", include, "/dev/null", fails=True)
        first = next(line for line in said.splitlines() if "error:" in line)
        expect("cpwebsockets needs C++20 or later" in first, f"{header.relative_to(include)} includes no version.hpp: {first}")


def part_of_another_build(work, way, program, *options, cmake="cmake", rules=False):
    """It changes nothing of the parent's cache but adds names of its own and of the packages that it finds, and installs nothing unasked."""
    build = pathlib.Path(tempfile.mkdtemp(dir=work))
    prefix = build / "prefix"
    run(cmake, "-S", ROOT / "tests" / "package" / "parent", "-B", build, "-G", "Ninja", f"-DLIBRARY={ROOT}", f"-DPROGRAM={program}",
        f"-DFETCH={'ON' if way == 'fetch' else 'OFF'}", f"-DCMAKE_INSTALL_PREFIX={prefix}", *(["-DCPWEBSOCKETS_INSTALL=ON"] if rules else []), *options)
    before, after = ((build / name).read_text().splitlines() for name in ("cache-before", "cache-after"))
    changed = [line for line in before if line not in after]
    expect(not changed, f"changed: {changed}")
    own = re.compile(r"cpwebsockets|FETCHCONTENT_|CMAKE_PROJECT_VERSION|CMAKE_INSTALL_|_GNUInstallDirs_|_?OPENSSL_|ZLIB_|CMAKE_HAVE_LIBC_PTHREAD|"
                     r"THREADS_HAVE_PTHREAD|FIND_PACKAGE_MESSAGE_|_*pkg_?c", re.I)
    added = [line for line in after if line not in before and not own.match(line)]
    expect(not added, f"added: {added}")
    run(cmake, "--build", build)
    run(build / "parent")
    run(cmake, "--install", build)
    files = {path.name for path in prefix.rglob("*") if path.is_file()}
    expect((files == {"parent"}) != rules, f"installed: {files}")


def has_no_asio(installed):
    """Who does not ask for the asynchronous client sees none of it."""
    found = [path for path in installed.root.rglob("*") if "async" in path.name or path.suffix in (".a", ".hpp", ".pc") and b"asio" in path.read_bytes()]
    expect(not found, f"of Asio: {found}")


def version_is_one(installed):
    version = re.search(r"project\(cpwebsockets VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    for name in PC_FILES.values():
        expect(run("pkg-config", "--modversion", name, env=installed.environment()).strip() == version, name)
    expect(f'"{version}"' in next(installed.root.rglob("version.hpp")).read_text(), "version.hpp")


def short_form(work):
    static = Installed(work, "static", "-DCPWEBSOCKETS_ASYNC=ON")
    shared = Installed(work, "shared", "-DBUILD_SHARED_LIBS=ON")
    plain = Installed(work, "plain", "-DCPWEBSOCKETS_TLS=OFF", "-DCPWEBSOCKETS_DEFLATE=OFF")
    core = Installed(work, "core", "-DCPWEBSOCKETS_CLIENT=OFF", "-DCPWEBSOCKETS_DEFLATE=OFF")
    for installed in (static, shared, plain, core):
        yield f"build {installed.name}", installed.build
    yield None
    yield "archives hold plain objects", archives_are_plain, static
    yield "archives with link-time optimisation are not installed", lto_is_not_installed, work
    yield "nothing of Asio without the option", has_no_asio, plain
    yield "shared libraries are hardened", shared_are_hardened, shared
    yield "one version", version_is_one, static
    yield "find_package(each component), static", consume_by_cmake, static, COMPONENTS
    yield "find_package(client tls), shared", consume_by_cmake, shared, ["client", "tls"]
    yield "find_package(client) without TLS and zlib", consume_by_cmake, plain, ["client"]
    yield "find_package(protocol device) of the core alone", consume_by_cmake, core, ["protocol", "device"]
    for installed, component in ((plain, "tls"), (plain, "deflate"), (plain, "async"), (core, "client")):
        yield f"{installed.name} lacks {component}, and says so", lacks, installed, component
    for component in (name for name in PC_FILES if name != "async"):
        yield f"pkg-config {component}, static, without exceptions", consume_by_pkg_config, static, component, ["g++"], "-std=c++20", "-fno-exceptions"
    yield "pkg-config, g++, C++23, LTO, debug information", consume_by_pkg_config, static, "client", ["g++"], "-std=c++23", "-O2", "-flto", "-g1"
    yield "pkg-config, g++, shared", consume_by_pkg_config, shared, "client", ["g++"], "-std=c++20"
    yield "pkg-config, clang, static, C++23, without exceptions", consume_by_pkg_config, static, "client", ["clang++"], "-std=c++2b", "-fno-exceptions"
    yield "pkg-config, clang, LTO", consume_by_pkg_config, static, "client", ["clang++"], "-std=c++20", "-O2", "-flto"
    yield "pkg-config cpwebsockets-async, static", consume_by_pkg_config, static, "async", ["g++"], "-std=c++20"
    yield "pkg-config, static program", consume_by_pkg_config, static, "client", ["g++"], "-std=c++20", "-static"
    yield "below C++20 each header says so, g++", older_than_cpp20, static, "g++"
    options = ["-DCPWEBSOCKETS_CLIENT=OFF", "-DCPWEBSOCKETS_DEFLATE=OFF"]
    yield "add_subdirectory", part_of_another_build, work, "subdirectory", "protocol", *options


def main(steps):
    """Runs them at two a time; those after a None wait for those before it."""
    groups = [[]]
    for step in steps:
        if step is None:
            groups.append([])
        else:
            groups[-1].append(step)
    failed = 0
    for group in groups:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            futures = [(name, pool.submit(function, *rest)) for name, function, *rest in group]
            for name, future in futures:
                try:
                    future.result()
                    print("ok", name, flush=True)
                except Failed as error:
                    failed += 1
                    print("FAILED", name, "\n", error, flush=True)
        if failed:
            break
    return 1 if failed else 0


def all_steps(work):
    yield from short_form(work)
    if TOOLS:
        import long_form  # beside this file
        yield from long_form.steps(work, TOOLS)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(all_steps(pathlib.Path(folder))))
