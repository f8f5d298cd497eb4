#!/bin/sh
# The library compiles for other systems without a warning: compile.sh ZIG [all]
#   Windows           by MinGW-w64, every source
#   macOS, FreeBSD    by zig's C++ compiler, what calls the system; with `all` every source, and for musl too
# ZIG is a Python that has the package ziglang. Headers of OpenSSL, zlib and Asio are this system's: nothing is linked.
set -eu
cd "$(dirname "$0")/../.."
zig=$1
what=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/include"
export work ZIG_GLOBAL_CACHE_DIR="$work/zig" ZIG_LOCAL_CACHE_DIR="$work/zig"
for folder in /usr/include "/usr/include/$(uname -m)-linux-gnu"; do cp -r "$folder/openssl" "$work/include/"; done
cp -r /usr/include/zlib.h /usr/include/zconf.h /usr/include/asio /usr/include/asio.hpp "$work/include/"

# compile NAME COMPILER...: each file that standard input names.
compile() {
  name=$1
  shift
  tr '\n' '\0' > "$work/sources"
  # The object is of no use, but zig fails without one.
  # shellcheck disable=SC2016  # for the inner shell
  xargs -0 -P "$(nproc)" -I '{}' sh -c '"$@" -o "$work/$$.o"' sh "$@" -std=c++20 -Wall -Wextra -Wconversion -Wshadow -Werror \
    -DCPWEBSOCKETS_TLS=1 -DCPWEBSOCKETS_DEFLATE=1 -DASIO_STANDALONE -Iinclude -Isrc -isystem "$work/include" -c '{}' < "$work/sources"
  echo "ok $name: $(tr -cd '\0' < "$work/sources" | wc -c) files"
}

# sources SYSTEM: those of the library on a system, of which src/transport has a folder.
sources() {
  find src -name '*.cpp' ! -path 'src/transport/*/*'
  find "src/transport/$1" -name '*.cpp'
}

# -Wno-restrict: GCC bug 105651, as in cmake/warnings.cmake.
sources windows | compile x86_64-windows x86_64-w64-mingw32-g++-posix -Wno-restrict -DNOMINMAX -DWIN32_LEAN_AND_MEAN -D_WIN32_WINNT=0x0A00
for target in aarch64-macos x86_64-freebsd ${what:+x86_64-linux-musl}; do
  if [ -n "$what" ]; then sources posix; else find src/transport/posix -name '*.cpp'; fi |
    compile "$target" "$zig" -m ziglang c++ -target "$target" -Wno-unused-command-line-argument
done
