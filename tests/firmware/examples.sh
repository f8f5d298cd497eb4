#!/bin/sh
# Compiles the examples for vendors' boards as far as it can be done without their tools: with real headers of lwIP and mbedTLS, and
# stand-ins for the vendors' own. Reads the packages' descriptions as well. examples.sh FOLDER, as build.sh filled it.
set -eu
cd "$(dirname "$0")/../.."
sources=$(cd "$1/sources" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
standins=tests/firmware/standins
flags="-std=gnu++20 -Os -fno-exceptions -fno-rtti -Wall -Wextra -Wno-missing-field-initializers -Werror -Iinclude
  -Iports/lwip/include -Iports/mbedtls/include -Iports/arduino/include"
arm="arm-none-eabi-g++ -mcpu=cortex-m0plus -mthumb"

# The pipes, with the configurations of the example. Under another name: mbedTLS 3 has a default file of this one.
cp examples/pico_w/mbedtls_config.h "$work/pico_mbedtls_config.h"
# shellcheck disable=SC2086  # lists of words, here and below
for source in examples/pico_w/main.cpp ports/lwip/*.cpp ports/mbedtls/*.cpp; do
  $arm $flags -fsyntax-only -DWIFI_SSID='"x"' -DWIFI_PASSWORD='"x"' '-DMBEDTLS_CONFIG_FILE="pico_mbedtls_config.h"' -Iexamples/pico_w \
    -isystem $standins/pico -isystem "$sources/lwip/src/include" -isystem "$work" -isystem "$sources/mbedtls-3.6/include" "$source"
done
echo "ok pico_w"

# shellcheck disable=SC2086
$arm $flags -fsyntax-only -DCONFIG_CPWEBSOCKETS_RECEIVE_BUFFER=1024 -DCONFIG_CPWEBSOCKETS_SEND_BUFFER=1024 -isystem $standins/esp_idf \
  -isystem $standins/pico -Iexamples/pico_w -isystem "$sources/lwip/src/include" -isystem "$sources/mbedtls-3.6/include" examples/esp_idf/main/main.cpp
echo "ok esp_idf"

# IPv6, and no DNS.
for options in "-DLWIP_IPV6=1" "-DLWIP_DNS=0"; do
  sed "s/^#define LWIP_DNS .*//" examples/pico_w/lwipopts.h > "$work/lwipopts.h"
  # shellcheck disable=SC2086
  $arm $flags -fsyntax-only $options -I"$work" -isystem $standins/pico -isystem "$sources/lwip/src/include" ports/lwip/tcp_pipe.cpp
done
echo "ok lwIP with other options"

packages/arduino/make_library.sh "$work" > /dev/null
library=$work/cpwebsockets/src
for source in "$library"/*/*.cpp; do
  # shellcheck disable=SC2086
  $arm -std=gnu++20 -Os -fno-exceptions -fno-rtti -Wall -Wextra -Werror -I"$library" -c "$source" -o "$work/object.o"
done
cp "$work/cpwebsockets/examples/Echo/Echo.ino" "$work/Echo.cpp"
$arm -std=gnu++20 -Os -fno-exceptions -fno-rtti -Wall -Wextra -Wno-missing-field-initializers -Wno-unused-parameter -Werror -I"$library" \
  -isystem $standins/arduino -fsyntax-only -include Arduino.h "$work/Echo.cpp"
grep -q '^version=0.1.0$' packages/arduino/library.properties
echo "ok Arduino"

/usr/bin/python3 - << 'EOT'
import glob, json
library = json.load(open("library.json"))
chosen = set()
for rule in library["build"]["srcFilter"]:
    files = set(glob.glob(rule[2:-1], recursive=True))
    chosen = chosen | files if rule[0] == "+" else chosen - files
assert len(chosen) > 15 and "src/device/client.cpp" in chosen and not any("flate" in name for name in chosen), chosen
assert all(glob.glob(flag[2:]) for flag in library["build"]["flags"] if flag.startswith("-I"))
EOT
echo "ok PlatformIO's library.json"
