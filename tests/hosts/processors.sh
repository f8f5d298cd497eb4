#!/bin/sh
# The short form of what ./dev hosts does with other processors: processors.sh FOLDER. Unit tests of what depends on the order of bytes or
# on the processor's own instructions, on s390x, which is big-endian, and AArch64, emulated by qemu.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$1

# These would take most of the time.
slow="Utf8.every_sequence*:ClientHandshake.the_most_important*:ClientHandshake.a_line_*:ClientHandshake.the_header_is_bounded"

for processor in s390x aarch64; do
  cmake -S "$project" -B "$folder/$processor" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=$project/cmake/toolchains/debian-cross.cmake" \
    "-DCPWEBSOCKETS_PROCESSOR=$processor" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS_NONE=-O1 -DCPWEBSOCKETS_TESTS=ON -DCPWEBSOCKETS_WERROR=ON \
    -DCPWEBSOCKETS_CLIENT=OFF -DCPWEBSOCKETS_DEFLATE=OFF -DCPWEBSOCKETS_EXAMPLES=OFF > "$folder/$processor.log" 2>&1 ||
    { cat "$folder/$processor.log"; exit 1; }
  cmake --build "$folder/$processor" -j "$(nproc)" --target processor_tests
  "qemu-$processor" -L "/usr/$processor-linux-gnu" "$folder/$processor/tests/processor_tests" --gtest_brief=1 "--gtest_filter=-$slow"
  echo "ok $processor"
done
