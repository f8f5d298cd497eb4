#!/bin/sh
# Puts a Python environment with pinned packages of PyPI into a folder, once: tools.sh FOLDER REQUIREMENTS...
set -eu
folder=$1
shift
wanted=$(cat "$@")
[ "$wanted" = "$(cat "$folder/installed" 2> /dev/null)" ] && exit 0
rm -rf "$folder"
/usr/bin/python3 -m venv "$folder"
# shellcheck disable=SC2046  # a list of words
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input $(printf -- '-r %s ' "$@")
echo "$wanted" > "$folder/installed"
