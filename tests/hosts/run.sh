#!/bin/sh
# Builds the library with OpenSSL and zlib for other systems, and runs the unit, client and conformance tests there, those of cpws, and an
# example that echoes over ws:// and wss://: run.sh FOLDER ZIG CPWS
#   Windows       by MinGW-w64, run under Wine
#   Linux, musl   by zig's C++ compiler, linked statically
# ZIG is a Python that has the package ziglang, CPWS the tool, built for this machine. About a quarter of an hour on two cores, most of it OpenSSL's; what is built stays in FOLDER.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
zig=$2
cpws=$3
jobs=$(nproc)
wine=/usr/lib/wine/wine64
export WINEPREFIX="$folder/wine" WINEDEBUG=-all

# run NAME COMMAND...: its output in NAME.log, and shown only if it fails.
run() {
  log=$folder/$1.log
  shift
  "$@" > "$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
}

# openssl_for SYSTEM CONFIGURE-ARGUMENT...: into FOLDER/SYSTEM/libraries, by CC, AR and RANLIB of the environment.
openssl_for() {
  system=$1
  shift
  [ ! -e "$folder/$system/libraries/lib/libssl.a" ] || return 0
  rm -rf "$folder/$system/openssl"
  mkdir -p "$folder/$system"
  cp -r "$folder/sources/openssl" "$folder/$system/openssl"
  (cd "$folder/$system/openssl" &&
    perl Configure no-shared no-tests no-engine no-legacy no-dso no-module --libdir=lib "--prefix=$folder/$system/libraries" "$@" &&
    make -j "$jobs" build_libs && make install_dev)
}

# cmake_for SYSTEM SOURCES BUILD OPTION...
cmake_for() {
  system=$1 sources=$2 build=$folder/$1/$3
  shift 3
  cmake -S "$sources" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_FIND_ROOT_PATH=$folder/$system/libraries" \
    "-DCMAKE_INSTALL_PREFIX=$folder/$system/libraries" "-DCPWEBSOCKETS_ZIG=$zig" "$@"
}

# tests_for SYSTEM OPTION...: googletest, the library and its tests.
tests_for() {
  system=$1
  shift
  run "$system-googletest" cmake_for "$system" /usr/src/googletest googletest -DBUILD_GMOCK=OFF "$@"
  run "$system-googletest" cmake --build "$folder/$system/googletest" -j "$jobs" --target install
  # CLI11 is headers alone, but beside those of this system.
  mkdir -p "$folder/$system/libraries/include" "$folder/$system/libraries/share/cmake"
  cp -r /usr/include/CLI "$folder/$system/libraries/include/"
  cp -r /usr/share/cmake/CLI11 "$folder/$system/libraries/share/cmake/"
  run "$system" cmake_for "$system" "$root" tests -DCPWEBSOCKETS_TESTS=ON -DCPWEBSOCKETS_EXAMPLES=ON \
    -DCPWEBSOCKETS_LTO=OFF -DCPWEBSOCKETS_WERROR=ON -DOPENSSL_USE_STATIC_LIBS=ON -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST "$@"
  run "$system" cmake --build "$folder/$system/tests" -j "$jobs" --target unit_tests client_tests example_echo observer cpws
}

"$root/tests/debian_source.sh" "$folder/sources" bookworm/openssl=openssl bookworm/zlib=zlib

export CC=gcc-posix
run windows-openssl openssl_for windows mingw64 --cross-compile-prefix=x86_64-w64-mingw32-
unset CC
tests_for windows "-DCMAKE_TOOLCHAIN_FILE=$root/cmake/toolchains/mingw-w64.cmake"
"$wine" "$folder/windows/tests/tests/unit_tests.exe" --gtest_brief
# Wine tells a connection that was reset as one that has ended.
timeout 300 "$wine" "$folder/windows/tests/tests/client_tests.exe" --gtest_brief --gtest_filter=-Client.a_lost_connection_has_a_cause
# The other tests look for programs in a build folder: scripts take their places.
for program in examples/example_echo apps/cpws/cpws tests/observer; do
  mkdir -p "$(dirname "$folder/windows/wine/$program")"
  # shellcheck disable=SC2016  # for the script that is made
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$wine" "$folder/windows/tests/$program.exe" > "$folder/windows/wine/$program"
  chmod +x "$folder/windows/wine/$program"
done
"$root/tests/with_server.sh" "$cpws" "$root/tests/demo.sh" "$folder/windows/wine/examples/example_echo"
/usr/bin/python3 "$root/tests/conformance/run.py" "$folder/windows/wine/tests/observer"
/usr/bin/python3 "$root/tests/interop/cpws.py" "$folder/windows/wine" --windows
echo "ok x86_64-windows, under Wine"

export CC="$zig -m ziglang cc -target x86_64-linux-musl" AR="$zig -m ziglang ar" RANLIB="$zig -m ziglang ranlib"
run musl-openssl openssl_for musl linux-x86_64
if [ ! -e "$folder/musl/libraries/lib/libz.a" ]; then
  rm -rf "$folder/musl/zlib"
  cp -r "$folder/sources/zlib" "$folder/musl/zlib"
  cd "$folder/musl/zlib"
  run musl-zlib sh ./configure --static "--prefix=$folder/musl/libraries"
  run musl-zlib make -j "$jobs" libz.a
  cp libz.a "$folder/musl/libraries/lib/"
  cp zlib.h zconf.h "$folder/musl/libraries/include/"
fi
unset CC AR RANLIB
tests_for musl "-DCMAKE_TOOLCHAIN_FILE=$root/cmake/toolchains/zig-musl.cmake"
"$folder/musl/tests/tests/unit_tests" --gtest_brief
timeout 300 "$folder/musl/tests/tests/client_tests" --gtest_brief
"$root/tests/with_server.sh" "$folder/musl/tests/apps/cpws/cpws" "$root/tests/demo.sh" "$folder/musl/tests/examples/example_echo"
/usr/bin/python3 "$root/tests/conformance/run.py" "$folder/musl/tests/tests/observer"
/usr/bin/python3 "$root/tests/interop/cpws.py" "$folder/musl/tests"
echo "ok x86_64-linux-musl, linked statically"
