#!/bin/sh
# Compiles the examples for vendors' boards as far as it can be done without their tools: with real headers of lwIP and mbedTLS, and
# stand-ins for the vendors' own. examples.sh FOLDER, as build.sh filled it.
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

# Where the SDK is, an option or the environment tells.
configure_pico() { cmake -S examples/pico_w -B "$work/pico$1" "$2" -DCMAKE_C_COMPILER=arm-none-eabi-gcc -DCMAKE_CXX_COMPILER=arm-none-eabi-g++ \
  -DCMAKE_ASM_COMPILER=arm-none-eabi-gcc -DCMAKE_SYSTEM_NAME=Generic -DWIFI_SSID=x -DWIFI_PASSWORD=x > "$work/pico.log" 2>&1; }
sdk=$PWD/$standins/pico_sdk
unset PICO_SDK_PATH
configure_pico 1 "-DPICO_SDK_PATH=$sdk" || { cat "$work/pico.log"; exit 1; }
PICO_SDK_PATH=$sdk configure_pico 2 -DPICO_BOARD=pico_w || { cat "$work/pico.log"; exit 1; }
if configure_pico 3 -DPICO_BOARD=pico_w; then echo "configured without an SDK"; exit 1; fi
grep -q 'DPICO_SDK_PATH' "$work/pico.log"
echo "ok pico_w"

# No registry has mbedTLS 4: what it took away is taken away from 3.6. PSA is started whatever the configuration.
# shellcheck disable=SC2086
compile_tls() { $arm $flags '-DMBEDTLS_CONFIG_FILE="pico_mbedtls_config.h"' "$@" -isystem "$work" -isystem "$sources/mbedtls-3.6/include"; }
for source in ports/mbedtls/*.cpp; do
  compile_tls -c "$source" -o "$work/$(basename "$source").o" -isystem $standins/mbedtls_4
done
compile_tls -c ports/mbedtls/tls_config.cpp -o "$work/with_3.6.o"
arm-none-eabi-nm "$work/tls_config.cpp.o" | grep -q 'U psa_crypto_init'
if arm-none-eabi-nm "$work"/tls_*.cpp.o | grep -E 'U mbedtls_(ctr_drbg|entropy|ssl_conf_rng)'; then exit 1; fi
arm-none-eabi-nm "$work/with_3.6.o" | grep -q 'U mbedtls_ssl_conf_rng'
echo "ok mbedTLS 4"

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
