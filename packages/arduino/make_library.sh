#!/bin/sh
# Makes the folder that the Arduino IDE takes as a library (Sketch → Include Library → Add .ZIP Library): make_library.sh FOLDER.
# Arduino compiles all of src/ and has no other include directory: headers and sources come together there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1/cpwebsockets
rm -rf "$out"
mkdir -p "$out/src/cpwebsockets" "$out/src/protocol" "$out/src/device"
cp "$root/packages/arduino/library.properties" "$root/LICENSE" "$out/"
cp -r "$root/packages/arduino/examples" "$out/"
cp "$root/packages/arduino/cpwebsockets.h" "$out/src/"
cp -r "$root/include/cpwebsockets/protocol" "$root/include/cpwebsockets/device" "$root/ports/arduino/include/cpwebsockets/arduino" "$out/src/cpwebsockets/"
cp "$root"/src/protocol/*.hpp "$out/src/protocol/"
# permessage-deflate needs zlib, which Arduino does not have.
sed -n -E '/^(#|deflate )/d; s/^[a-z]+ //p' "$root/src/sources.txt" | while read -r file; do cp "$root/src/$file" "$out/src/$file"; done
rm "$out"/src/protocol/zlib_bytes.hpp "$out"/src/cpwebsockets/protocol/permessage_deflate.hpp
echo "$out"
