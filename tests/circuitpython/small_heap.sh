#!/bin/sh
# The MicroPython example, compiled before, on a 32-bit interpreter with the module and a heap of 12 KiB: small_heap.sh BUILT CPWS
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1/mpy-cross" -o "$work/cpwebsockets_micropython.mpy" "$root/circuitpython/examples/cpwebsockets_micropython.py"
"$root/tests/with_server.sh" "$2" sh -c \
  "WEBSOCKET_URL=\$WS_URL MICROPYPATH=$work $1/native32 -X heapsize=12K -m cpwebsockets_micropython" | tee "$work/out"
grep -q 'Closed with code 1000' "$work/out"
