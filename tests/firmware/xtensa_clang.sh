#!/bin/sh
# Debian's clang for Xtensa with register windows: xtensa_clang.sh OPTION... It is expected in clang/ (debian_packages.sh) beside this
# script, or beside the link that it is called by. It compiles to assembly and assembles that in a second step: it has to be
# finished in between (xtensa_assembly.awk), and its assembler knows the processor by name, its compiler only the features.
# A trap that is left: in a function of its own with "...", clang 22 finds the wrong arguments. Calling one is right.
set -eu
here=$(dirname "$(readlink -f "$0")")
usr=$(cd "$(dirname "$0")" && pwd)/clang/usr

clang() {
  "$usr/lib64/ld-linux-x86-64.so.2" --library-path "$usr/lib/x86_64-linux-gnu:$usr/lib/llvm-22/lib" "$usr/lib/llvm-22/bin/clang" "$@"
}
compile() {
  # What the ESP32-S2 and S3 have of those that QEMU's dc233c has as well.
  for feature in windowed density loop timers1 mul16 mul32 div32 nsa sext minmax; do
    set -- -Xclang -target-feature -Xclang "+$feature" "$@"
  done
  clang --target=xtensa -resource-dir "$usr/lib/llvm-22/lib/clang/22" "$@"
}

output=
source=
compiles=false
merges=true
previous=
for argument in "$@"; do
  shift
  [ "$previous" != -o ] || output=$argument
  previous=$argument
  case $argument in
    -c) compiles=true; continue ;;
    -fno-tree-loop-distribute-patterns) set -- "$@" -mllvm -disable-loop-idiom-all; continue ;;  # GCC's name for it
    -fno-tree-switch-conversion) continue ;;  # clang has nothing like it
    -fno-merge-constants) merges=false; continue ;;  # GCC's: strings are not for the linker to merge
    *.c | *.cpp | *.S) source=$argument ;;
  esac
  set -- "$@" "$argument"
done
if ! $compiles; then
  compile "$@"
  exit
fi

# The last of two -o counts.
case $source in
  *.S) compile "$@" -E -o "$output.s" ;;
  *)
    compile "$@" -S -o "$output.compiled.s"
    awk -v merges="$merges" -f "$here/xtensa_assembly.awk" "$output.compiled.s" > "$output.s"
    ;;
esac
clang -cc1as -triple xtensa -target-cpu esp32 -mrelocation-model static -filetype obj -o "$output" "$output.s"
