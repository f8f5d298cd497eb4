#!/bin/sh
# Compiles the core without exceptions, RTTI and a hosted library, for the host and for Cortex-M0+; prints its flash size
# and the size of a Connection, and fails above the budget.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags="-std=c++20 -Os -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit -ffunction-sections -fdata-sections
  -Wall -Wextra -Wconversion -Wshadow -Werror -Iinclude"
sources=$(sed -n -E 's/^(core|extension|server) /src\//p' src/sources.txt)

flash_budget=8192
connection_budget=512

echo "Host, freestanding: no hosted header, no static constructor, nothing undefined but memory functions"
for source in $sources; do
  # shellcheck disable=SC2086  # lists of words
  g++ $flags -ffreestanding -fno-pic -c "$source" -o "$work/$(basename "$source").o"
done
ld -r -o "$work/core.o" "$work"/*.cpp.o
if nm "$work/core.o" | grep -E ' [bBdD] '; then echo "the core has writable data"; exit 1; fi
if readelf -SW "$work/core.o" | grep -E 'init_array|ctors'; then echo "the core has static constructors"; exit 1; fi
allowed='^(mem(cpy|move|set|cmp|chr)|strlen|_ZSt.*__throw_.*|__cpu_model|__cpu_indicator_init|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|abort)$'
if nm -u "$work/core.o" | awk '{print $2}' | grep -vE "$allowed"; then echo "the core needs the above"; exit 1; fi

echo "Cortex-M0+, -Os"
arm="arm-none-eabi-g++ -mcpu=cortex-m0plus -mthumb"
link="-nostartfiles --specs=nano.specs --specs=nosys.specs -Wl,--gc-sections -Wl,-e,reset_handler -Wl,--no-warn-mismatch"
for variant in core harness; do
  [ $variant = core ] && define= || define=-DCORE_ONLY_HARNESS=1
  # shellcheck disable=SC2086
  $arm $flags -flto $define $sources tests/core_build/client.cpp $link -o "$work/$variant.elf" 2> "$work/$variant.log" ||
    { cat "$work/$variant.log"; exit 1; }
done
text() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $1 }'; }
flash=$(($(text "$work/core.elf") - $(text "$work/harness.elf")))
connection=$((0x$(arm-none-eabi-nm -S "$work/core.elf" | awk '$4 == "storage" { print $2 }')))
echo "  a whole client on the core: $flash bytes of flash over a bare program (budget $flash_budget)"
echo "  sizeof(Connection): $connection bytes of RAM, buffers apart (budget $connection_budget)"
[ "$flash" -le "$flash_budget" ] && [ "$connection" -le "$connection_budget" ]
