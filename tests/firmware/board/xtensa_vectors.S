// The start of a windowed Xtensa core, and its exceptions. Each call rotates the register file; when it is full, a call first spills the
// oldest frame (overflow), and a return to a frame that was spilled reloads it (underflow). A frame that called by CALL4, 8 or 12 owns 4, 8
// or 12 registers: a0 to a3 go below the stack pointer of the frame that it called, the others to the top of its own. In a handler the
// window is that of the frame to be spilled or reloaded, so the frame that it called is 4, 8 or 12 registers up: its stack pointer is
// a5, a9 or a13. Assembled by clang, linked by a linker that knows no windowed instruction: calls go through a register.
  .section .vectors, "ax", @progbits
  .global reset_handler, vectors_start, vectors, vectors_end
vectors_start:
reset_handler:
  j start_core

  .p2align 2
table:            .long vectors
top_of_stack:     .long stack_top
// The RAM is at 0. It is wanted behind addresses where nothing is, for a stack that overflows, and with nothing at 0, for null pointers:
// the core maps regions of 512 MB, as they are after a reset, and the first and second change places.
first_region:     .long 0 << 29
second_region:    .long 1 << 29
// Windows on, user mode, no interrupt, no exception under way.
normal_operation: .long 1 << 18 | 1 << 5 | 15
start_address:    .long start
report_address:   .long report_fault

start_core:
  l32r a2, first_region
  l32r a3, second_region
  addi a4, a2, 6  // the way of the TLB
  addi a5, a3, 3  // everything allowed
  .byte 0x50, 0xE4, 0x50  // wdtlb a5, a4, which clang does not know
  .byte 0x50, 0x64, 0x50  // witlb a5, a4
  addi a4, a3, 6
  addi a5, a2, 3
  .byte 0x50, 0xE4, 0x50
  .byte 0x50, 0x64, 0x50
  dsync
  isync
  l32r a0, table
  wsr a0, vecbase
  movi a0, 0
  wsr a0, windowbase
  rsync
  movi a0, 1
  wsr a0, windowstart
  rsync
  l32r a1, top_of_stack
  l32r a2, normal_operation
  wsr a2, ps
  rsync
  l32r a2, start_address
  callx4 a2

// What is neither MOVSP nor the timer is a fault. It is told from a fresh stack, with no other frame, and with these vectors.
exception:
  rsr a0, exccause
  beqi a0, 5, move_stack_pointer
  beqi a0, 4, interrupt
  rsr a7, epc1
  j report
double_exception:
  rsr a7, depc
report:
  l32r a0, table
  wsr a0, vecbase
  rsr a6, exccause
  rsr a8, excvaddr
  rsr a2, windowbase
  ssl a2
  movi a3, 1
  sll a3, a3
  wsr a3, windowstart
  rsync
  l32r a1, top_of_stack
  l32r a2, normal_operation
  wsr a2, ps
  rsync
  l32r a2, report_address
  callx4 a2

// The timer of wait_for_ticks: written to, it is silent.
interrupt:
  movi a0, 0
  wsr a0, intenable
  rsr a0, excsave1
  rfe

// MOVSP (alloca) in a frame whose caller was spilled, to where the stack pointer is to leave. The caller is reloaded, as by a return, and
// MOVSP done again. Its registers are free: the window goes there, a step of 4 at a time.
move_stack_pointer:
  rsr a0, windowbase
  rotw -1
  rsr a2, ps
  extui a3, a2, 8, 4
  slli a3, a3, 8
  xor a2, a2, a3
  slli a3, a4, 8
  or a2, a2, a3   // the window that the reload goes back to
  wsr a2, ps
  rsync
  rsr a4, excsave1
  extui a3, a4, 30, 2  // how it was called
  bnei a3, 1, called_by_8_or_12
  j underflow_4
called_by_8_or_12:
  rotw -1
  bnei a7, 2, called_by_12
  j underflow_8
called_by_12:
  rotw -1
  j underflow_12

  .org 0x400
vectors:
  s32e a0, a5, -16
  s32e a1, a5, -12
  s32e a2, a5, -8
  s32e a3, a5, -4
  rfwo

  .org 0x440
underflow_4:
  l32e a0, a5, -16
  l32e a1, a5, -12
  l32e a2, a5, -8
  l32e a3, a5, -4
  rfwu

  .org 0x480
  s32e a0, a9, -16
  l32e a0, a1, -12  // the stack pointer of this frame's caller: the top of its own
  s32e a1, a9, -12
  s32e a2, a9, -8
  s32e a3, a9, -4
  s32e a4, a0, -32
  s32e a5, a0, -28
  s32e a6, a0, -24
  s32e a7, a0, -20
  rfwo

  .org 0x4C0
underflow_8:
  l32e a1, a9, -12
  l32e a0, a9, -16
  l32e a7, a1, -12
  l32e a2, a9, -8
  l32e a3, a9, -4
  l32e a4, a7, -32
  l32e a5, a7, -28
  l32e a6, a7, -24
  l32e a7, a7, -20
  rfwu

  .org 0x500
  s32e a0, a13, -16
  l32e a0, a1, -12
  s32e a1, a13, -12
  s32e a2, a13, -8
  s32e a3, a13, -4
  s32e a4, a0, -48
  s32e a5, a0, -44
  s32e a6, a0, -40
  s32e a7, a0, -36
  s32e a8, a0, -32
  s32e a9, a0, -28
  s32e a10, a0, -24
  s32e a11, a0, -20
  rfwo

  .org 0x540
underflow_12:
  l32e a1, a13, -12
  l32e a0, a13, -16
  l32e a11, a1, -12
  l32e a2, a13, -8
  l32e a3, a13, -4
  l32e a4, a11, -48
  l32e a5, a11, -44
  l32e a6, a11, -40
  l32e a7, a11, -36
  l32e a8, a11, -32
  l32e a9, a11, -28
  l32e a10, a11, -24
  l32e a11, a11, -20
  rfwu

  .org 0x700  // from kernel mode
  wsr a0, excsave1
  j exception
  .org 0x740  // from user mode
  wsr a0, excsave1
  j exception
  .org 0x7C0
  j double_exception
vectors_end:

  .section .text.simulator_call, "ax", @progbits
  .p2align 2
  .global simulator_call
  .type simulator_call, @function
simulator_call:
  entry a1, 32
  .byte 0x00, 0x51, 0x00  // simcall, which clang does not know
  retw

// wait_for_ticks(count): halts until the core's counter has come that far.
  .section .text.wait_for_ticks, "ax", @progbits
  .p2align 2
  .global wait_for_ticks
  .type wait_for_ticks, @function
wait_for_ticks:
  entry a1, 32
  rsr a3, ccount
  add a3, a3, a2
  wsr a3, ccompare0
  movi a3, 1 << 6  // its interrupt
  wsr a3, intenable
  rsync
  waiti 0
  rsil a3, 15
  retw

// use_vectors(table): other handlers.
  .section .text.use_vectors, "ax", @progbits
  .p2align 2
  .global use_vectors
  .type use_vectors, @function
use_vectors:
  entry a1, 32
  wsr a2, vecbase
  rsync
  retw

  .section .note.GNU-stack, "", @progbits
