#!/usr/bin/env python3
"""From a release to a board as makers get it: community_bundle.py RELEASE CIRCUITPYTHON_LIBRARIES MPY_CROSS INTERPRETER, run by
a Python that has tests/circuitpython/requirements.txt, beside the echo server.

The Community Bundle is built by Adafruit's own circuitpython-build-bundles, of repositories made from the release; circup
installs from it onto a folder that plays the board, lists, freezes and updates. Without a network: CircuitPython's mpy-cross is
played by MicroPython's, whose files get CircuitPython's first byte, and the bundles lie where circup has them after a download.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

RELEASE, LIBRARIES, MPY_CROSS, INTERPRETER = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
TOOLS = pathlib.Path(sys.executable).parent
NAME = "CircuitPython_Community_Bundle"
OWN = "cpwebsockets", "cpwebsockets_asyncio"
VERSION = re.search(r"-([\d.]+)-py\.zip", " ".join(path.name for path in RELEASE.iterdir())).group(1)
NEWER = "9.8.7"


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300, **options)
    assert done.returncode == 0, (command, done.stdout)
    return done.stdout


def git(folder, *arguments):
    return run(["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main",
                "-c", "protocol.file.allow=always", *arguments], cwd=folder)


def commit(folder, tag):
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


def play_mpy_cross(cache):
    """Where circuitpython-build-tools keeps the compilers that it has downloaded."""
    folder = cache / "circuitpython-build-tools"
    folder.mkdir(parents=True)
    for name in ("9.x", "10.x", "11.x"):
        compiler = folder / f"mpy-cross-{name}"
        compiler.write_text(f"""#!{sys.executable}
import pathlib, subprocess, sys
subprocess.run(["{MPY_CROSS}", *sys.argv[1:]], check=True)
out = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
out.write_bytes(b"C" + out.read_bytes()[1:])
""")
        compiler.chmod(0o755)


def make_repositories(folder, version):
    """Those of the libraries, with a tag: the release's, and Adafruit's asyncio, which the bundle has beside them."""
    for name in OWN:
        with tarfile.open(RELEASE / f"CircuitPython_{name}-{VERSION}.tar.gz") as archive:
            archive.extractall(folder)
        repository = folder / f"CircuitPython_{name}"
        for file in repository.rglob("*.py"):
            file.write_text(file.read_text().replace(f'__version__ = "{VERSION}"', f'__version__ = "{version}"'))
        commit(repository, version)
    for name in ("asyncio", "adafruit_ticks"):
        repository = folder / name
        repository.mkdir()
        source = LIBRARIES / name
        if source.is_dir():
            shutil.copytree(source, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
            kind = "packages"
        else:
            shutil.copy(source.with_suffix(".py"), repository)
            kind = "py-modules"
        (repository / "pyproject.toml").write_text(f'[tool.setuptools]\n{kind} = ["{name}"]\n')
        commit(repository, "3.1.1")


def build_bundle(work, tag, version, data):
    repositories, bundle = work / f"repositories-{tag}", work / f"bundle-{tag}"
    repositories.mkdir()
    make_repositories(repositories, version)
    (bundle / "libraries" / "helpers").mkdir(parents=True)
    git(bundle, "init", "--quiet")
    for repository in sorted(repositories.iterdir()):
        target = "libraries/helpers/" + repository.name.replace("CircuitPython_", "")
        git(bundle, "submodule", "--quiet", "add", str(repository), target)
        git(bundle / target, "remote", "set-url", "origin", f"https://github.invalid/{repository.name}.git")
    (bundle / "README.txt").write_text("a bundle\n")
    commit(bundle, tag)
    log = run([TOOLS / "circuitpython-build-bundles", "--filename_prefix", NAME.lower().replace("_", "-"), "--library_location", "libraries",
               "--library_depth", "2"], cwd=bundle)
    for name in OWN:  # that it has read pyproject.toml
        assert not re.search(f"/{name}: Using legacy autodetection", log), log
    for archive in (bundle / "bundles").glob("*.zip"):
        kind = re.search(r"-bundle-(.*)-\d+\.zip$", archive.name).group(1)
        platform = {"py": "py", "9.x-mpy": "9mpy", "10.x-mpy": "10mpy", "11.x-mpy": "11mpy"}.get(kind)
        if platform:
            with zipfile.ZipFile(archive) as files:
                files.extractall(data / "adafruit" / f"{NAME.lower().replace('_', '-')}-{platform}")
    tags = data / "circup.json"
    known = json.loads(tags.read_text()) if tags.exists() else {}
    known.setdefault(f"adafruit/{NAME}", []).append(tag)
    tags.write_text(json.dumps(known))


def board(work, name):
    folder = work / name
    (folder / "lib").mkdir(parents=True)
    (folder / "boot_out.txt").write_text(
        "Adafruit CircuitPython 10.3.1 on 2026-10-01; Raspberry Pi Pico W with rp2040\r\nBoard ID:raspberry_pi_pico_w\r\n")
    return folder


def circup(folder, *arguments):
    return run([TOOLS / "circup", "--offline", "--path", folder, *arguments], cwd=folder)


def echo(folder, example):
    """Runs an example as it lies on the board."""
    here = pathlib.Path(__file__).parent
    environment = {**os.environ, "WEBSOCKET_URL": os.environ["WS_URL"],
                   "MICROPYPATH": f"{folder}/lib:{here}:{here}/standins"}
    output = run([INTERPRETER, folder / example], env=environment)
    assert "Closed with code 1000" in output, output


def main():
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        data = work / "data" / "circup"
        data.mkdir(parents=True)
        os.environ.update(HOME=str(work), XDG_CACHE_HOME=str(work / "cache"), XDG_DATA_HOME=str(work / "data"), COLUMNS="200")
        play_mpy_cross(work / "cache")
        (data / "bundle_config.json").write_text(json.dumps({"community": f"adafruit/{NAME}"}))
        build_bundle(work, "20260101", VERSION, data)

        # Compiled, as circup installs unless told otherwise, with what it depends on.
        compiled = board(work, "compiled")
        circup(compiled, "install", "cpwebsockets_asyncio")
        modules = {path.name for path in (compiled / "lib" / "cpwebsockets").iterdir()}
        sources = {path.name for path in (pathlib.Path(__file__).parents[2] / "circuitpython" / "cpwebsockets").glob("*.py")}
        assert modules == {name.replace(".py", ".mpy") for name in sources}, modules
        assert {path.name for path in (compiled / "lib").iterdir()} == {"cpwebsockets", "cpwebsockets_asyncio.mpy", "asyncio"}
        frozen = circup(compiled, "freeze").splitlines()
        assert {f"{name}=={VERSION}" for name in OWN} <= set(frozen), frozen

        # As source, and it runs.
        source = board(work, "source")
        circup(source, "install", "--py", *OWN)
        circup(source, "install", "--py", "adafruit_ticks")
        circup(source, "example", "cpwebsockets/cpwebsockets_simpletest", "cpwebsockets_asyncio/cpwebsockets_asyncio_simpletest")
        echo(source, "cpwebsockets_simpletest.py")
        echo(source, "cpwebsockets_asyncio_simpletest.py")

        # What code.py imports.
        auto = board(work, "auto")
        (auto / "code.py").write_text("import wifi\nimport cpwebsockets.client\n")
        circup(auto, "install", "--auto")
        assert [path.name for path in (auto / "lib").iterdir()] == ["cpwebsockets"]

        # A later version.
        assert "up to date" in circup(auto, "list")
        build_bundle(work, "20260202", NEWER, data)
        for folder in (compiled, source, auto):
            listed = circup(folder, "list")
            assert re.search(rf"cpwebsockets +{VERSION} +{NEWER}", listed), listed
            circup(folder, "update", "--all")
            assert f"cpwebsockets=={NEWER}" in circup(folder, "freeze").splitlines()
        echo(source, "cpwebsockets_simpletest.py")
        circup(source, "uninstall", *OWN)
        assert not list((source / "lib").glob("cpwebsockets*"))
    print("ok circup installs, freezes, lists, updates and uninstalls from the Community Bundle")


main()
