#!/bin/sh
# Installs every kind of build to a folder of its own, and builds a consumer against it: by find_package, by pkg-config,
# without exceptions.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

protected=
quietly() { "$@" > log 2>&1 || { cat log; echo "failed: $*"; exit 1; }; }

# try NAME COMPONENTS OPTION...
try() {
  name=$1 components=$2
  shift 2
  quietly cmake -S "$source" -B "$name" -G Ninja -DCMAKE_INSTALL_PREFIX="$work/$name-root" -DCPWEBSOCKETS_APPS=OFF -DCPWEBSOCKETS_WERROR=ON "$@"
  quietly cmake --build "$name"
  quietly cmake --install "$name"
  quietly cmake -S "$source/tests/package/consumer" -B "$name-consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/$name-root" -DCOMPONENTS="$components"
  quietly cmake --build "$name-consumer"
  quietly "$name-consumer/consumer"
  echo "ok $name: find_package($components)"
}

refuses() {  # name, component: a build that lacks it says so
  if cmake -S "$source/tests/package/consumer" -B "$1-lacks-$2" -G Ninja -DCMAKE_PREFIX_PATH="$work/$1-root" -DCOMPONENTS="protocol;$2" > log 2>&1; then
    echo "find_package finds $2 in $1"
    exit 1
  fi
  echo "ok $1 has no $2, and says so"
}

pkg_config() {  # name, package, source, flags
  PKG_CONFIG_PATH=$(dirname "$(find "$work/$1-root" -name "$2.pc")")
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046,SC2086  # lists of words
  quietly g++ $4 "$source/tests/package/consumer/$3" $(pkg-config --cflags --libs "$2") -o by-pkg-config
  LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") quietly ./by-pkg-config
  echo "ok $1: pkg-config $2 $4"
}

try all "protocol;deflate;client;tls"
pkg_config all cpwebsockets main.cpp ""
pkg_config all cpwebsockets main.cpp -fno-exceptions
pkg_config all cpwebsockets-protocol core.cpp -fno-exceptions
try shared "client;tls" -DBUILD_SHARED_LIBS=ON
pkg_config shared cpwebsockets main.cpp ""
for library in "$work"/shared-root/lib*/libcpwebsockets_*.so "$work"/shared-root/lib/*/libcpwebsockets_*.so; do
  [ -e "$library" ] || continue
  readelf -dW "$library" | grep -q BIND_NOW || { echo "$library is not bound at once"; exit 1; }
  readelf -lW "$library" | grep -q GNU_RELRO || { echo "$library has no read-only relocations"; exit 1; }
  protected="$protected $(nm -D "$library" | grep -c __stack_chk_fail || true)"
done
case $protected in *1*) echo "ok the shared libraries are hardened:$protected" ;; *) echo "no shared library has a stack protector"; exit 1 ;; esac
try no-tls "client" -DCPWEBSOCKETS_TLS=OFF
refuses no-tls tls
pkg_config no-tls cpwebsockets main.cpp ""
try no-deflate "client;tls" -DCPWEBSOCKETS_DEFLATE=OFF
refuses no-deflate deflate
try core-only "protocol;device" -DCPWEBSOCKETS_CLIENT=OFF -DCPWEBSOCKETS_DEFLATE=OFF
refuses core-only client
pkg_config core-only cpwebsockets-protocol core.cpp ""
