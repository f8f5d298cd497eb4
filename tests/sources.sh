#!/bin/sh
# The C and C++ files whose layout is checked, each ended by a zero byte.
set -eu
cd "$(dirname "$0")/.."
find include src ports apps bindings examples tests bench \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' -o -name '*.c' \) -print0
