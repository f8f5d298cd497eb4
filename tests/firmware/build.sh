#!/bin/sh
# Builds the test firmware, and what its tests need, in a folder: build.sh FOLDER. Leaves in FOLDER:
#   arm/        images for Cortex-M0 and M0+, with lwIP, mbedTLS 2.28 and 3.6, zlib
#   riscv/      the benchmark for rv32imc            xtensa/   and for lx106
#   xtensa_windowed/   images for the register windows of the ESP32, S2 and S3, by what xtensa_packages.sh leaves beside FOLDER
#   npm/        rp2040js                             certificates/
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

# run NAME COMMAND...: its output in NAME.log, and shown only if it fails.
run() {
  log=$folder/$1.log
  shift
  "$@" > "$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
}

"$root/tests/debian_source.sh" "$folder/sources" trixie/lwip=lwip bookworm/mbedtls=mbedtls-2.28 trixie/mbedtls=mbedtls-3.6 \
  bookworm/zlib=zlib
[ -d "$folder/npm/node_modules/rp2040js" ] || run npm npm install --no-audit --no-fund --prefix "$folder/npm" rp2040js@1.4.1

# The images carry the CA: certificates are good for some weeks, and made anew after one.
find "$folder/certificates" -maxdepth 1 -name complete -mtime +7 -exec rm -r "$folder/certificates" ';' -prune 2> /dev/null || true
"$root/tests/make_certs.sh" "$folder/certificates"
if ! openssl x509 -in "$folder/certificates/ca.pem" -outform der | cmp -s - "$folder/sources/ca.der"; then
  openssl x509 -in "$folder/certificates/ca.pem" -outform der -out "$folder/sources/ca.der"
fi

xtensa=$(dirname "$folder")/xtensa
run packages "$root/tests/firmware/xtensa_packages.sh" "$xtensa"
for target in arm riscv xtensa xtensa_windowed; do
  run "$target" cmake -S "$root/tests/firmware" -B "$folder/$target" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$target.cmake" -DSOURCES="$folder/sources" \
    -DCPWEBSOCKETS_XTENSA="$xtensa"
  run "$target" cmake --build "$folder/$target"
done
