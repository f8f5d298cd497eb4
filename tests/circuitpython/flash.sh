#!/bin/sh
# Prints the flash that the native module takes in firmware for a Cortex-M3 (its objects) and for a Cortex-M0+ (the Pico W's:
# linked, with the flags of CircuitPython's port), and the sizes of the native .mpy files; fails above the gates, which are what was reached plus 5 %: flash.sh BUILT
set -eu
failed=0
gate() {
  echo "$1: $2 bytes (gate $3)"
  [ "$2" -le "$3" ] || failed=1
}
size_of() { arm-none-eabi-size "$@" | awk 'NR > 1 { sum += $1 + $2 } END { print sum }'; }

module=$(find "$1/build-qemu" -path '*circuitpython/*.o' ! -name engine.o)
# shellcheck disable=SC2086  # a list of words
gate "Cortex-M3, the glue" "$(size_of $module)" 14450
gate "Cortex-M3, the core" "$(size_of "$1/build-qemu/circuitpython/engine.o")" 16050
gate "armv6m .mpy" "$(stat -c %s "$1/natmod-armv6m/cpwebsockets.mpy")" 38450
gate "rv32imc .mpy" "$(stat -c %s "$1/natmod-rv32imc/cpwebsockets.mpy")" 43400
gate "xtensawin .mpy" "$(stat -c %s "$1/natmod-xtensawin/cpwebsockets.mpy")" 48100
gate "x64 .mpy" "$(stat -c %s "$1/natmod-x64/cpwebsockets.mpy")" 47450
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Warnings of a later compiler, such as this one, stop nobody's build.
make -s -C "$(dirname "$0")/make_port" BUILT="$1" BUILD="$work" CFLAGS_EXTRA=-Wpadded > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
gate "Cortex-M0+, all of it, linked" "$(size_of "$work/module.elf")" 29900
exit $failed
