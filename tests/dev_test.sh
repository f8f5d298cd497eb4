#!/bin/sh
# What ./dev installs where: the demo's packages by each package manager, played; and how much the demo downloads on a bare Debian.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# play MANAGER QUERY: a PATH that has this package manager, with nothing installed, and no other. It writes what it is asked to do.
play() {
  rm -rf "${work:?}/bin"
  mkdir "$work/bin"
  for tool in sh dirname nproc grep sed env cat; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done
  # shellcheck disable=SC2016  # for the script that is made
  printf '#!/bin/sh\necho "$(basename "$0") $*" >> "%s"\n' "$work/calls" | sed "s|\$(basename \"\$0\")|$1|" > "$work/bin/$1"
  printf '#!/bin/sh\nexit 1\n' > "$work/bin/$2"
  printf '#!/bin/sh\necho 0\n' > "$work/bin/id"
  chmod +x "$work/bin/$1" "$work/bin/$2" "$work/bin/id"
  : > "$work/calls"
}

# expect STATUS TEXT COMMAND...: what ./dev does and says with that PATH.
expect() {
  status=$1 text=$2
  shift 2
  actual=0
  PATH="$work/bin" "$root/dev" "$@" > "$work/said" 2>&1 < /dev/null || actual=$?
  cat "$work/calls" >> "$work/said"
  if [ "$actual" -ne "$status" ] || ! grep -qF -- "$text" "$work/said"; then
    echo "./dev $*: exit $actual, expected $status and '$text' in:"
    cat "$work/said"
    exit 1
  fi
  echo "ok ./dev $*: $text"
}

play dnf rpm
expect 0 "dnf install -y gcc-c++ cmake ninja-build openssl-devel" setup demo
expect 1 "'test' runs on Debian and Ubuntu, with these packages: g++ cmake" setup test
play apt-get dpkg-query
expect 0 "apt-get install -q -y --no-install-recommends g++ cmake" setup demo
expect 0 "needs these packages, which apt-get installs now: g++ cmake" setup demo
expect 0 "qemu-system-arm" setup test
printf '#!/bin/sh\necho 1000\n' > "$work/bin/id"
expect 1 "this needs root, and there is no sudo. As root: apt-get update" setup demo
play brew none
# shellcheck disable=SC2016  # for the script that is made
printf '[ "$1" != list ]\n' >> "$work/bin/brew"
expect 0 "brew install cmake ninja openssl@3 cli11" setup demo
rm "$work/bin/brew"
expect 0 "no apt-get, dnf, apk or brew here: have a C++20 compiler" setup demo
expect 2 "there is no command 'dance'" setup dance

# From nothing at all, the base system included: more than a bare Debian has to fetch.
demo=$("$root/dev" packages demo)
[ -n "$(apt-cache search --names-only '^cmake$')" ] || apt-get update -q  # it has no list of packages yet
# shellcheck disable=SC2086  # a list of words
need=$(LC_ALL=C apt-get -o Dir::State::status=/dev/null --assume-no install --no-install-recommends $demo 2> /dev/null | sed -n 's/^Need to get \([0-9]*\).* MB of.*/\1/p')
echo "the demo downloads at most $need MB"
[ "$need" -gt 0 ] && [ "$need" -le 300 ]
