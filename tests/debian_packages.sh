#!/bin/sh
# Unpacks Debian's binary packages of another release into a folder of their own: debian_packages.sh FOLDER RELEASE PACKAGE...
# Nothing is installed, and nothing of the system changes. PACKAGE+ brings along what it depends on, down to the C library: what is
# unpacked depends on nothing of the system's. The apt that fetches them is its own, and checks them as the system's does.
set -eu
mkdir -p "$(dirname "$1")"
folder=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
release=$2
shift 2
wanted="$release $*"
[ "$(cat "$folder/complete" 2> /dev/null)" != "$wanted" ] || exit 0

work=$folder.fetched
rm -rf "$work" "$folder"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts"
# shellcheck disable=SC2016  # apt's own notation
repository() { apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1; }
uri=$(repository)
if [ -z "$uri" ]; then  # apt has no lists yet
  if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi
  uri=$(repository)
fi
[ -n "$uri" ] || { echo "apt knows no Debian 12 repository"; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $release main" > "$work/sources.list"
: > "$work/status"  # nothing is installed, as far as this apt knows
cat > "$work/apt.conf" <<EOT
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/parts";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Languages "none";
APT::Sandbox::User "";
EOT
export APT_CONFIG="$work/apt.conf"
cd "$work/cache/archives"
apt-get update -q
for package in "$@"; do
  case $package in
    *+) apt-get install -q -y --download-only --no-install-recommends "${package%+}" ;;
    *) apt-get download -q "$package" ;;
  esac
done
for archive in *.deb; do dpkg-deb -x "$archive" "$work/unpacked"; done
echo "$wanted" > "$work/unpacked/complete"
mv "$work/unpacked" "$folder"
