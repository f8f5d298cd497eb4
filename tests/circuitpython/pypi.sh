#!/bin/sh
# Fetches what the tests run of PyPI, pinned: pypi.sh FOLDER. Leaves in FOLDER:
#   python                   an environment with what packages/python and these tests need
#   circuitpython            CircuitPython's asyncio, as a board has it
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/packages/python/tools.sh" "$1/python" "$root/packages/python/requirements.txt" "$root/tests/circuitpython/requirements.txt"

libraries="adafruit-circuitpython-asyncio==3.1.1 adafruit-circuitpython-ticks==1.1.7"
folder=$1/circuitpython
[ "$libraries" = "$(cat "$folder/installed" 2> /dev/null)" ] && exit 0
rm -rf "$folder"
# shellcheck disable=SC2086  # a list of words
"$1/python/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$folder/wheels" $libraries
for wheel in "$folder"/wheels/*.whl; do
  "$1/python/bin/python" -m zipfile -e "$wheel" "$folder"
done
rm -r "$folder/wheels"
echo "$libraries" > "$folder/installed"
