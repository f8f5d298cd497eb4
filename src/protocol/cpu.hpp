/// What the CPU can do: known at compile time, or asked at run time on x86-64 hosts. CPWEBSOCKETS_PORTABLE
/// assumes nothing, as for the smallest devices.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && __STDC_HOSTED__ && !defined(CPWEBSOCKETS_PORTABLE)
#define CPWS_X86_DISPATCH 1
#else
#define CPWS_X86_DISPATCH 0
#endif

namespace cpwebsockets::protocol {

#if !defined(CPWEBSOCKETS_PORTABLE) && \
    (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__ARM_FEATURE_UNALIGNED))
inline constexpr bool has_unaligned_access = true;
#else
inline constexpr bool has_unaligned_access = false;  // Cortex-M0+, Xtensa, RISC-V: a fault or a slow trap
#endif

#if CPWS_X86_DISPATCH
// A load and a test: the compiler's runtime filled in the answer before main().
inline bool cpu_has_avx2() noexcept {
  return __builtin_cpu_supports("avx2") != 0;
}
#endif

}  // namespace cpwebsockets::protocol
