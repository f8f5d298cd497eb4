# Finishes clang's assembly for Xtensa, where clang 22 falls short of the GNU assembler:
# * The constants of each function go to a section of their own (.literal.NAME, of the function's group). It has them in the section of
#   the function before, which may be dropped, or end unaligned.
# * Strings are for the linker to merge, or not, as `merges` says.
# * Instructions get their short form, of two bytes, where they have one.
BEGIN { FS = "\t" }

/^\t\.text$/ { section = ".literal,\"ax\",@progbits" }
/^\t\.section\t\.text/ { section = $0; sub(/^\t\.section\t\.text/, ".literal", section) }
/^\t\.literal_position$/ { next }
/^\t\.literal / {
  sub(/^\t\.literal /, "")
  comma = index($0, ",")
  constants = constants substr($0, 1, comma - 1) ":\n\t.long\t" substr($0, comma + 1) "\n"
  next
}
/^\t\.type\t.*,@function$/ && constants {
  printf "\t.pushsection\t%s\n\t.p2align\t2\n%s\t.popsection\n", section, constants
  constants = ""
}
/^\t\.section\t\.rodata\.(str|cst)/ && merges == "false" { print "\t.section\t.rodata.constants,\"a\",@progbits"; next }

function is_number(text) { return text ~ /^-?[0-9]+$/ }
function is_short(operation, operands, count) {
  if (operation == "or") return operands[2] == operands[3]
  if (operation == "add") return 1
  if (!is_number(operands[count])) return 0
  number = operands[count] + 0
  if (operation == "addi") return number == -1 || (number >= 1 && number <= 15)
  if (operation == "movi") return number >= -32 && number <= 95
  return number >= 0 && number <= 60 && number % 4 == 0  # l32i, s32i
}
/^\t(or|add|addi|movi|l32i|s32i)\t/ {
  text = $3
  sub(/ *#.*/, "", text)
  count = split(text, operands, /, */)
  if (is_short($2, operands, count)) {
    if ($2 == "or") printf "\tmov.n\t%s, %s\n", operands[1], operands[2]
    else printf "\t%s.n\t%s\n", $2, text
    next
  }
}
{ print }
END { exit constants != "" }
