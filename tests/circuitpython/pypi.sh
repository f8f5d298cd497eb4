#!/bin/sh
# Fetches what the tests run of PyPI, pinned: pypi.sh FOLDER. Leaves in FOLDER:
#   python                   an environment with what packages/python and these tests need
#   circuitpython            CircuitPython's asyncio, as a board has it
#   blinka                   CircuitPython's modules on a desktop, as far as they need no hardware
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/packages/python/tools.sh" "$1/python" "$root/packages/python/requirements.txt" "$root/tests/circuitpython/requirements.txt"

# unpack FOLDER PACKAGE...: as they are, without what they depend on.
unpack() {
  folder=$1
  shift
  [ "$*" = "$(cat "$folder/installed" 2> /dev/null)" ] && return
  rm -rf "$folder"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$folder/wheels" "$@"
  for wheel in "$folder"/wheels/*.whl; do
    "$python" -m zipfile -e "$wheel" "$folder"
  done
  rm -r "$folder/wheels"
  echo "$*" > "$folder/installed"
}

python=$1/python/bin/python
unpack "$1/circuitpython" adafruit-circuitpython-asyncio==3.1.1 adafruit-circuitpython-ticks==1.1.7
unpack "$1/blinka" Adafruit-Blinka==10.0.0
