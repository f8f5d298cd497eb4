#!/bin/sh
# Layout by clang-format, bugs by clang-tidy, shell scripts by shellcheck: style.sh BUILD_FOLDER
set -eu
build=$1
cd "$(dirname "$0")/.."
tests/sources.sh | xargs -0 clang-format --dry-run --Werror
tests/comments.py
echo "ok clang-format"
shellcheck dev .ci/run tests/*.sh tests/*/*.sh bench/*.sh bench/*/*.sh packages/*/*.sh
echo "ok shellcheck"
find src bindings -name '*.cpp' ! -path '*/windows/*' -print0 | xargs -0 -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument 2> /dev/null
echo "ok clang-tidy"
