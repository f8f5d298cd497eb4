#!/bin/sh
# Builds the programs of the comparison that are not C++, with pinned versions: build.sh BENCH_FOLDER
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")"
../../packages/python/tools.sh "$folder/python" requirements.txt
(cd gorilla && GOFLAGS=-mod=readonly go build -o "$folder/peer_gorilla" .)
(cd rust && CARGO_TARGET_DIR="$folder/rust" cargo build --quiet --release --locked)
cp "$folder/rust/release/tungstenite" "$folder/peer_tungstenite"
cp "$folder/rust/release/fastwebsockets" "$folder/peer_fastwebsockets"
