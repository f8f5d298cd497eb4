#!/bin/sh
# Builds MicroPython's unix port from Debian's source package: micropython.sh FOLDER. Leaves FOLDER/micropython, and
# FOLDER/lib/asyncio. The package is of a later Debian release: it is fetched by an apt of its own, from wherever the
# system's apt fetches, and nothing of the system changes.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ -x "$folder/micropython" ] && [ -d "$folder/lib/asyncio" ] && exit 0

release=trixie
rm -rf "$folder/apt" "$folder/source" "$folder/build" "${folder:?}/lib"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/parts" "$folder/lib"
# shellcheck disable=SC2016  # apt's own notation
repository() { apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1; }
uri=$(repository)
if [ -z "$uri" ]; then  # apt has no lists yet
  if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi
  uri=$(repository)
fi
[ -n "$uri" ] || { echo "apt knows no Debian 12 repository"; exit 1; }
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $release main" > "$folder/apt/sources.list"
cat > "$folder/apt/apt.conf" <<EOT
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "$folder/apt/parts";
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt/cache";
APT::Sandbox::User "";
EOT
export APT_CONFIG="$folder/apt/apt.conf"
cd "$folder"
apt-get update -q
apt-get source -q --download-only micropython
dpkg-source --no-check -x micropython_*.dsc source

log=$folder/build.log
make -C source/ports/unix -j "$(nproc)" BUILD="$folder/build" FROZEN_MANIFEST= MICROPY_SSL_AXTLS=0 MICROPY_SSL_MBEDTLS=1 \
  MICROPY_PY_BTREE=0 MICROPY_PY_FFI=0 > "$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
cp -r source/extmod/asyncio lib/
cp build/micropython .
rm -rf source build apt micropython_*
