/// How an image reaches its server: over the UART or lwIP, with or without TLS, with or without
/// permessage-deflate, as it was compiled.
#pragma once

#include <string_view>

#include "../board/board.hpp"
#if LINK_LWIP
#include "../network/network.hpp"
#include "cpwebsockets/lwip/tcp_pipe.hpp"
#else
#include "../board/uart.hpp"
#endif
#if LINK_TLS
#include "../tls/tls_memory.hpp"
#include "cpwebsockets/mbedtls/tls_pipe.hpp"
#endif
#if LINK_DEFLATE
#include "cpwebsockets/protocol/permessage_deflate.hpp"
#endif
#include "cpwebsockets/device/client.hpp"

namespace image {

using namespace cpwebsockets;

/// Ends the run.
[[noreturn]] inline void fail(std::string_view what, std::uint64_t number = 0) noexcept {
  board::print_line("FAIL ", what, " ", number);
  board::exit(1);
}

/// The board's part of it, and the pipes. Static, as on any board.
class Link {
 public:
  [[nodiscard]] device::Pipe& pipe() noexcept {
#if LINK_TLS
    return tls_;
#else
    return bytes_;
#endif
  }

  /// Once. Ends the run if it fails.
  void start() noexcept {
#if LINK_LWIP
    if (!board::start_network(std::chrono::seconds(60))) fail("no address by DHCP");
#endif
#if LINK_TLS
    board::start_tls_memory();
    const mbedtls::TlsOptions options{
        .ca = {board::ca_certificate, board::ca_certificate_end},
        .entropy = board::random,
#ifdef TLS_MAX_RECORD
        .max_record_size = TLS_MAX_RECORD,
#endif
    };
    if (const int error = config_.set_up(options); error != 0)
      fail("TLS set-up", static_cast<unsigned>(-error));
#endif
  }

  /// Lets the board do what is not the client's; call it in every loop.
  static void poll() noexcept {
#if LINK_LWIP
    board::poll_network();
#endif
  }

  static std::size_t heap_peak() noexcept {
#if LINK_TLS
    return board::tls_memory_peak();
#else
    return 0;  // nothing that allocates links, see link.ld.in
#endif
  }

 private:
#if LINK_LWIP
  lwip::TcpPipe bytes_;
#else
  board::UartPipe bytes_;
#endif
#if LINK_TLS
  mbedtls::TlsConfig config_;
  mbedtls::TlsPipe tls_{bytes_, config_};
#endif
};

#if LINK_DEFLATE
#if LINK_DEFLATE > 1
using Extension = protocol::PermessageDeflate;
#else
using Extension = protocol::PermessageInflate;
#endif
inline constexpr protocol::DeflateOptions deflate_options{
    .server_max_window_bits = 9, .client_max_window_bits = 9, .memory_level = 1};
inline constexpr std::size_t deflate_arena_size = Extension::arena_size(deflate_options, 256);
static_assert(deflate_arena_size <= (LINK_DEFLATE > 1 ? 17'000 : 8'000));
alignas(8) inline std::array<std::byte, deflate_arena_size> deflate_arena;
inline Extension deflate(deflate_options, deflate_arena);
inline constexpr protocol::MessageExtension* extension = &deflate;
inline constexpr bool has_extension = true;
#else
inline constexpr protocol::MessageExtension* extension = nullptr;
inline constexpr bool has_extension = false;
#endif

/// What the footprint is made from, and the gates check.
inline void report_peaks() noexcept {
  board::print_line("peaks static=", board::static_size(), " stack=", board::stack_peak(),
                    " heap=", Link::heap_peak());
}

}  // namespace image
