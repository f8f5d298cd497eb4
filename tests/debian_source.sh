#!/bin/sh
# Unpacks Debian's source packages: debian_source.sh FOLDER RELEASE/PACKAGE=NAME..., each into FOLDER/NAME, if it is not there.
# Some are of a later Debian release: they are fetched by an apt of its own, from wherever the system's apt fetches, and nothing
# of the system changes.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
missing=
for wanted in "$@"; do
  [ -d "$folder/${wanted#*=}" ] || missing="$missing $wanted"
done
[ -n "$missing" ] || exit 0

work=$folder/fetched
rm -rf "$work"
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
for release in bookworm trixie sid; do
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $release main"
done > "$work/sources.list"
cat > "$work/apt.conf" <<EOT
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/parts";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
EOT
export APT_CONFIG="$work/apt.conf"
cd "$work"
apt-get update -q
for wanted in $missing; do
  release=${wanted%%/*}
  package=${wanted#*/}
  package=${package%%=*}
  name=${wanted#*=}
  mkdir "$name"
  (cd "$name" && apt-get source -q --download-only "$package/$release")
  dpkg-source --no-check -x "$name"/*.dsc unpacked
  mv unpacked "$folder/$name"
done
