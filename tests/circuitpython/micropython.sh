#!/bin/sh
# Builds what the tests run of MicroPython, from Debian's source packages: micropython.sh FOLDER. Leaves in FOLDER:
#   micropython                    the unix port as it is
#   native, native32, sanitized    the unix port with the module of bindings/: 64-bit, 32-bit, address+undefined sanitizers
#   instance                       as `sanitized`, and native methods are called as CircuitPython calls them
#   newer                          the unix port of the latest version that Debian has
#   firmware.elf                   the QEMU port (Cortex-M3) with the module
#   natmod-ARCH/cpwebsockets.mpy   the module as a native .mpy, and of `newer` natmod-newer-x64/
#   mpy-cross, lib/asyncio
#   published                      the classes that Adafruit publishes for network hardware
#   python, circuitpython          what pypi.sh fetches
#   compilers                      GCC 13 and 14, their first pass only
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
jobs=$(nproc)

# run NAME COMMAND...: its output in NAME.log, and shown only if it fails.
run() {
  log=$folder/$1.log
  shift
  "$@" > "$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
}

# unix SOURCE NAME EXTRA_CFLAGS OPTION...
unix() {
  source=$1
  name=$2
  flags=$3
  shift 3
  run "$name" make -C "$folder/$source/ports/unix" -j "$jobs" BUILD="$folder/build-$name" PROG="$name" FROZEN_MANIFEST= MICROPY_PY_BTREE=0 \
    MICROPY_PY_FFI=0 MICROPY_SSL_AXTLS=0 MICROPY_SSL_MBEDTLS=1 CFLAGS_EXTRA="$flags" "$@"
  cp "$folder/build-$name/$name" "$folder/$name"
}

# natmod SOURCE FOLDER ARCH OPTION...
natmod() {
  source=$1
  name=$2
  arch=$3
  shift 3
  mkdir -p "$folder/$name"
  ln -sf "$root/bindings/circuitpython/natmod/Makefile" "$folder/$name/Makefile"
  run "$name" make -C "$folder/$name" -j "$jobs" ARCH="$arch" BUILD=build MPY_DIR="$folder/$source" PYTHON=/usr/bin/python3 "$@"
}

"$root/tests/circuitpython/published.sh" "$folder/published"
"$root/tests/debian_source.sh" "$folder" bookworm/mbedtls=mbedtls trixie/micropython=source sid/micropython=newer-source
"$root/tests/debian_packages.sh" "$folder/compilers" trixie cpp-13+ cpp-14+
mkdir -p "$folder/lib"
cp -r "$folder/source/extmod/asyncio" "$folder/lib/"
"$root/tests/circuitpython/pypi.sh" "$folder"
run mpy-cross make -C "$folder/source/mpy-cross" -j "$jobs"
cp "$folder/source/mpy-cross/build/mpy-cross" "$folder/"

# The interpreters' make rules do not see every change of the module's headers, lists of files and options: then all of it is built anew.
headers_now=$(cd "$root" && cat tests/circuitpython/micropython.sh bindings/circuitpython/*.h bindings/circuitpython/*.mk bindings/circuitpython/natmod/Makefile \
  include/cpwebsockets/protocol/*.hpp src/protocol/*.hpp | sha256sum)
if [ "$headers_now" != "$(cat "$folder/headers" 2> /dev/null || true)" ]; then
  rm -rf "$folder"/build-* "$folder"/natmod-*
  echo "$headers_now" > "$folder/headers"
fi

module="USER_C_MODULES=$root/bindings"
package=-DMICROPY_MODULE_BUILTIN_SUBPACKAGES=1
# What the interpreter itself does is not ours to mend.
sanitize="-fsanitize=address,undefined -fno-sanitize=nonnull-attribute,null,pointer-overflow -fno-omit-frame-pointer
  --param asan-use-after-return=0"
sanitize=$(echo "$sanitize" | tr '\n' ' ')
unix source micropython ""
unix source native "$package" "$module"
# Of the kernel, which only gcc-multilib shows for 32 bits, and that conflicts with compilers for other processors.
headers32="-idirafter /usr/include/$(gcc -print-multiarch)"
# The library behind the headers of libmbedtls-dev, for 32 bits.
cp /usr/include/mbedtls/config.h "$folder/mbedtls/include/mbedtls/"
run mbedtls make -C "$folder/mbedtls/library" -j "$jobs" CFLAGS="-m32 -O1 $headers32" static
unix source native32 "$package $headers32" "$module" MICROPY_FORCE_32BIT=1 LDFLAGS_EXTRA="-L$folder/mbedtls/library"
unix source sanitized "$package $sanitize" "$module" LDFLAGS_EXTRA="$sanitize"
unix newer-source newer ""

# CircuitPython hands a native method the instance of a class that was derived in Python, not the native object inside.
if [ ! -d "$folder/instance-source" ]; then
  cp -r "$folder/source" "$folder/instance-source"
  sed -i 's/obj_obj = obj->subobj\[0\];/obj_obj = MP_OBJ_FROM_PTR(obj);/' "$folder/instance-source/py/objtype.c"
  grep -q 'obj_obj = MP_OBJ_FROM_PTR(obj);$' "$folder/instance-source/py/objtype.c"
fi
unix instance-source instance "$package $sanitize" "$module" LDFLAGS_EXTRA="$sanitize"
run qemu make -C "$folder/source/ports/qemu" -j "$jobs" BUILD="$folder/build-qemu" BOARD=MPS2_AN385 FROZEN_MANIFEST= "$module" MICROPY_HEAP_SIZE=262144 \
  CFLAGS_EXTRA="$package -include $root/tests/circuitpython/qemu_clock.h"
cp "$folder/build-qemu/firmware.elf" "$folder/"

natmod source natmod-x64 x64
natmod source natmod-armv6m armv6m
natmod newer-source natmod-newer-x64 x64
# Debian's RISC-V compiler has no headers of a C or C++ library: the generic ones of the ARM compiler's do.
headers=$(echo /usr/include/newlib/c++/[0-9]*)
natmod source natmod-rv32imc rv32imc CFLAGS_EXTRA="-isystem /usr/include/newlib" \
  CXXFLAGS_EXTRA="-isystem $headers -isystem $headers/arm-none-eabi -D_GLIBCXX_HOSTED=0"
# The ESP32, S2 and S3, by Debian's clang. It makes no position-independent code for them, which has no other instructions there, but
# constants with addresses in a section of their own; and there is no library of its own that would be needed.
"$root/tests/firmware/xtensa_packages.sh" "$(dirname "$folder")/xtensa"
natmod source natmod-xtensawin xtensawin CROSS="$(dirname "$folder")/xtensa/xtensa-esp32-elf-" LIBGCC= \
  CFLAGS_EXTRA="-fno-pic -Xclang -mrelocation-model -Xclang dynamic-no-pic -fomit-frame-pointer -nostdlibinc -isystem /usr/include/newlib" \
  CXXFLAGS_EXTRA="-nostdinc++ -isystem $headers -isystem $headers/arm-none-eabi/thumb/v6-m/nofp -D_GLIBCXX_HOSTED=0"
