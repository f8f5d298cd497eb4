#!/bin/sh
# Prints the flash that the native module takes in firmware for a Cortex-M3 (its objects), and the
# sizes of the native .mpy files; fails above the gates, which are what was reached plus 5 %: flash.sh BUILT
set -eu
failed=0
gate() {
  echo "$1: $2 bytes (gate $3)"
  [ "$2" -le "$3" ] || failed=1
}
size_of() { arm-none-eabi-size "$@" | awk 'NR > 1 { sum += $1 + $2 } END { print sum }'; }

module=$(find "$1/build-qemu" -path '*circuitpython/*.o')
core=$(find "$1/build-qemu" -path '*src/protocol/*.o')
# shellcheck disable=SC2086  # lists of words
gate "Cortex-M3, the glue" "$(size_of $module)" 13480
# shellcheck disable=SC2086
gate "Cortex-M3, the core" "$(size_of $core)" 16600
gate "armv6m .mpy" "$(stat -c %s "$1/natmod-armv6m/cpwebsockets.mpy")" 36960
gate "rv32imc .mpy" "$(stat -c %s "$1/natmod-rv32imc/cpwebsockets.mpy")" 41960
gate "xtensawin .mpy" "$(stat -c %s "$1/natmod-xtensawin/cpwebsockets.mpy")" 45900
gate "x64 .mpy" "$(stat -c %s "$1/natmod-x64/cpwebsockets.mpy")" 44840
exit $failed
