#include "tls_memory.hpp"

#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform_util.h>
#ifdef MBEDTLS_3
#include <mbedtls/platform_time.h>
#endif
#ifdef TLS_1_3
#include <psa/crypto.h>
#endif

#include <algorithm>
#include <array>
#include <span>

#include "../board/board.hpp"
#include "tls_board.h"

namespace board {
namespace {

constexpr unsigned char paint = 0xA5;
alignas(8) std::array<unsigned char, TLS_MEMORY> block;

}  // namespace

void start_tls_memory() noexcept {
  mbedtls_memory_buffer_alloc_init(block.data(), block.size());  // clears it, and puts a header in front
  constexpr std::size_t header = 64;
  std::fill(block.begin() + header, block.end(), paint);
}

std::size_t tls_memory_peak() noexcept {
  std::size_t used = block.size();
  while (used > 0 && block[used - 1] == paint) --used;
  return used;
}

}  // namespace board

extern "C" {
void board_exit(int status) {
  board::print_line("mbedTLS: its memory is damaged");
  board::exit(status);
}

void* board_no_calloc(size_t, size_t) {
  return nullptr;
}
void board_no_free(void*) {}

time_t board_time(time_t* out) {
  const auto now = static_cast<time_t>(board::wall_clock());
  if (out != nullptr) *out = now;
  return now;
}

struct tm* mbedtls_platform_gmtime_r(const mbedtls_time_t* at, struct tm* parts) {
  return gmtime_r(at, parts);
}

#ifdef MBEDTLS_3
mbedtls_ms_time_t mbedtls_ms_time() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(board::now().time_since_epoch()).count();
}
#endif

#ifdef TLS_1_3
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*, uint8_t* out,
                                             size_t size, size_t* filled) {
  *filled = size;
  const bool done = board::fill_random(nullptr, {reinterpret_cast<std::byte*>(out), size});
  return done ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}
#endif
}
