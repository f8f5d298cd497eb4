#!/bin/sh
# Counts (callgrind), of the Python clients too; this client beside others, in one run; how it scales; then the primitives: run.sh BUILD_FOLDER MICROPYTHON
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
echo "# Counts per message"
/usr/bin/python3 "$here/../tests/speed/run.py" "$build/bench"
echo
echo "# Counts per message of the Python clients"
/usr/bin/python3 "$here/python_clients.py" "$2" "$build/bench" "$here/../docs/python_clients.svg"
echo
echo "# Beside other clients"
/usr/bin/python3 "$here/compare/run.py" "$build/bench" --docs "$here/../docs"
echo
echo "# By size, connections, threads, fragments"
/usr/bin/python3 "$here/compare/scaling.py" "$build/bench" --docs "$here/../docs"
echo
echo "# Primitives"
"$build/bench/micro" --benchmark_min_time=0.2
