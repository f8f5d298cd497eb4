/// permessage-deflate (RFC 7692) over the zlib API.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/deflate_options.hpp"
#include "cpwebsockets/protocol/extension.hpp"

namespace cpwebsockets::protocol {

/// The parameters of RFC 7692 §7.1 that an offer or an answer carries.
struct DeflateParameters {
  /// The parameter is there.
  bool server_no_context_takeover = false;
  /// The parameter is there.
  bool client_no_context_takeover = false;
  /// The parameter is there, with or without a value.
  bool client_max_window_bits_given = false;
  std::uint8_t server_max_window_bits = 0;  ///< 8 to 15; 0: not given
  std::uint8_t client_max_window_bits = 0;  ///< 8 to 15; 0: not given, or given without a value
};

/// Parses `text`, parameters separated by ';'. The error names the parameter that is unknown, repeated, or
/// has a value that is not 8 to 15 in decimal without leading zeros.
[[nodiscard]] Error parse_deflate_parameters(std::string_view text, DeflateParameters& parameters) noexcept;

/// The extension for one connection, receiving only: it inflates compressed messages, and ours are sent
/// uncompressed, which is always allowed (RFC 7692 §6). For devices: it takes half of the memory of
/// PermessageDeflate, and a program with it does not link the compressing half of zlib.
///
/// All its memory is the caller's arena; it can serve another connection after the first has ended. Not
/// thread-safe.
class PermessageInflate : public MessageExtension {
 public:
  /// The most bytes of arena that zlib needs with these options, plus `output` for the inflated pieces. It is
  /// a constant expression: `static std::byte arena[PermessageInflate::arena_size(options, 512)]`.
  static constexpr std::size_t arena_size(const DeflateOptions& options, std::size_t output = 4096) noexcept {
    return power_of_2(window_bits(options)) + inflate_state_size + output;
  }

  /// `arena` must outlive the object; what arena_size() leaves of it becomes the buffer of inflated pieces.
  /// Options out of range or an arena below arena_size(options, 64) show as extension_unusable when the
  /// connection opens.
  PermessageInflate(const DeflateOptions& options, std::span<std::byte> arena) noexcept
      : PermessageInflate(options, arena, arena_size(options, 0)) {}

  PermessageInflate(const PermessageInflate&) = delete;
  PermessageInflate& operator=(const PermessageInflate&) = delete;

  std::size_t offer(std::span<char> out) noexcept override;
  Error accept(std::string_view answer) noexcept override;
  std::size_t answer(std::string_view offers, std::span<char> out) noexcept override;
  [[nodiscard]] bool wants(std::uint64_t size) const noexcept override;
  [[nodiscard]] std::size_t bound(std::size_t size) const noexcept override;
  std::size_t compress(std::span<const std::byte> in, bool last, std::byte* out) noexcept override;
  [[nodiscard]] std::size_t input_block() const noexcept override;
  Inflated decompress(std::span<const std::byte> in, bool last, std::uint64_t limit) noexcept override;

 protected:
  /// `zlib_size`: of the arena's bytes, those that are not output.
  PermessageInflate(const DeflateOptions& options, std::span<std::byte> arena, std::size_t zlib_size) noexcept
      : options_(options), arena_(arena), zlib_size_(zlib_size) {}

  /// The larger of the two windows, as an exponent of 2.
  static constexpr std::size_t window_bits(const DeflateOptions& options) noexcept {
    return options.server_max_window_bits > options.client_max_window_bits ? options.server_max_window_bits
                                                                           : options.client_max_window_bits;
  }
  /// 0 for an exponent that only options out of range have; those are refused when the connection opens.
  static constexpr std::size_t power_of_2(std::size_t exponent) noexcept {
    return exponent < 31 ? std::size_t{1} << exponent : 0;
  }
  /// As given to the constructor.
  [[nodiscard]] const DeflateOptions& options() const noexcept { return options_; }
  /// Begins to compress for a connection, in the arena. `bits`: of the window, 8 to 15. `resets`: no context
  /// takeover.
  virtual bool start_compressing(unsigned bits, bool resets) noexcept;
  /// A z_stream whose memory is the arena.
  z_stream fresh_stream() noexcept;

  // zlib's own structures, and alignment. On hosts there is room for zlib-ng's.
  /// A processor with addresses of 32 bits or less.
  static constexpr bool is_small = sizeof(void*) < 8;
  /// Bytes of zlib's structures to inflate, its window aside.
  static constexpr std::size_t inflate_state_size = is_small ? 7168 : 8192;
  /// Bytes of zlib's structures to compress, its window and hash tables aside.
  static constexpr std::size_t deflate_state_size = is_small ? 5888 : 8192;

 private:
  [[nodiscard]] bool usable() const noexcept;
  [[nodiscard]] bool has_window(unsigned bits) const noexcept;
  [[nodiscard]] std::size_t excess_of_window(unsigned bits) const noexcept;
  bool start(unsigned deflate_bits, bool deflate_resets, unsigned inflate_bits, bool inflate_resets) noexcept;
  Error inflate_some(std::span<const std::byte> in, std::size_t& consumed) noexcept;
  static void* allocate(void* self, unsigned items, unsigned size) noexcept;
  static void release(void* self, void* address) noexcept;

  DeflateOptions options_;
  std::span<std::byte> arena_;
  std::span<std::byte> output_;
  std::size_t zlib_size_;  // with the windows of the options
  std::size_t allocated_ = 0;
  z_stream inflate_{};
  bool inflate_resets_ = false;
  bool window_is_limited_ = false;  // below what a distance can reach
  std::uint8_t tail_fed_ = 0;  // bytes of 00 00 FF FF given back at the end of the message being inflated
};

/// The extension for one connection, both ways.
class PermessageDeflate final : public PermessageInflate {
 public:
  /// As that of PermessageInflate, for both ways.
  static constexpr std::size_t arena_size(const DeflateOptions& options, std::size_t output = 4096) noexcept {
    const std::size_t deflate = power_of_2(window_bits(options) + 2) +
                                power_of_2(options.memory_level + std::size_t{9}) + deflate_state_size;
    return PermessageInflate::arena_size(options, output) + deflate;
  }

  /// As that of PermessageInflate.
  PermessageDeflate(const DeflateOptions& options, std::span<std::byte> arena) noexcept
      : PermessageInflate(options, arena, arena_size(options, 0)) {}

  [[nodiscard]] bool wants(std::uint64_t size) const noexcept override;
  [[nodiscard]] std::size_t bound(std::size_t size) const noexcept override;
  std::size_t compress(std::span<const std::byte> in, bool last, std::byte* out) noexcept override;

 private:
  bool start_compressing(unsigned bits, bool resets) noexcept override;

  z_stream deflate_{};
  bool deflates_ = false;
  bool deflate_resets_ = false;    // no context takeover
  bool message_has_data_ = false;  // something of the message being compressed was written
  bool tail_held_back_ = false;    // 00 00 FF FF of the last flush: dropped if the message ends here
};

}  // namespace cpwebsockets::protocol
