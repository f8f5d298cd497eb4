#!/bin/sh
# Counts (callgrind), of the Python clients too, then times beside raw sockets, side by side in one run, then the primitives:
# run.sh BUILD_FOLDER MICROPYTHON
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
echo "# Counts per message"
/usr/bin/python3 "$here/../tests/speed/run.py" "$build/bench" --peers
echo
echo "# Counts per message of the Python clients"
/usr/bin/python3 "$here/python_clients.py" "$2" "$build/bench" "$here/../docs/python_clients.svg"
echo
echo "# CPU time per message, beside sockets that move the same bytes and do nothing else, and beside Boost.Beast"
/usr/bin/python3 "$here/side_by_side.py" "$build/bench"
echo
echo "# Primitives"
"$build/bench/micro" --benchmark_min_time=0.2
