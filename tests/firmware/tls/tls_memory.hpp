/// mbedTLS's memory: one static block.
#pragma once

#include <cstddef>

namespace board {

void start_tls_memory() noexcept;
/// Bytes of the block that were ever used.
[[nodiscard]] std::size_t tls_memory_peak() noexcept;

/// The CA that signs the test server's certificate, in DER.
extern "C" const std::byte ca_certificate[];
extern "C" const std::byte ca_certificate_end[];

}  // namespace board
