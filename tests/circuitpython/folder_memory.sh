#!/bin/sh
# The folder on a 32-bit interpreter: what it takes of the heap, and an echo of 16 bytes in a heap of 40 KiB with the Python
# files, and of 24 KiB with compiled ones: folder_memory.sh BUILT CPWS. There it is the package `folder`, as that interpreter has the
# module.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/mpy/folder" "$work/py"
ln -s "$root/circuitpython/cpwebsockets" "$work/py/folder"
for file in "$root"/circuitpython/cpwebsockets/*.py; do
  "$1/mpy-cross" -o "$work/mpy/folder/$(basename "$file" .py).mpy" "$file"
done
cat > "$work/py/echo.py" << EOF
import os
client = __import__("folder.client").client
ws = client.connect(os.getenv("WS_URL"), timeout=10)
ws.send("sixteen letters.")
assert ws.recv() == "sixteen letters."
ws.close()
print("Closed with code", ws.close_code)
EOF
"$1/mpy-cross" -o "$work/mpy/echo.mpy" "$work/py/echo.py"

export MICROPYPATH="$work/py"
"$1/native32" "$root/tests/circuitpython/folder_memory.py"
"$root/tests/with_server.sh" "$2" "$1/native32" "$root/tests/circuitpython/folder_resident.py"
echo_in() {
  MICROPYPATH=$work/$1 "$root/tests/with_server.sh" "$3" "$2/native32" -X "heapsize=$4" -m echo | grep 'Closed with code 1000' > /dev/null
  echo "an echo of 16 bytes in a heap of $4: ok, .$1"
}
echo_in py "$1" "$2" 40K
echo_in mpy "$1" "$2" 24K
