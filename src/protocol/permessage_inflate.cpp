#include "cpwebsockets/protocol/permessage_deflate.hpp"

#include <algorithm>

#include "zlib_bytes.hpp"

namespace cpwebsockets::protocol {
namespace {

constexpr std::size_t smallest_output = 64;

}  // namespace

bool PermessageInflate::usable() const noexcept {
  const auto in = [](unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; };
  return in(options_.server_max_window_bits, 9, 15) && in(options_.client_max_window_bits, 9, 15) &&
         in(options_.memory_level, 1, 9) && in(options_.level, 1, 9) &&
         arena_.size() >= zlib_size_ + smallest_output;
}

// What a window beyond those of the options takes is taken from the output.
bool PermessageInflate::has_window(unsigned bits) const noexcept {
  return arena_.size() >= zlib_size_ + excess_of_window(bits) + smallest_output;
}

std::size_t PermessageInflate::excess_of_window(unsigned bits) const noexcept {
  return std::max(power_of_2(bits), power_of_2(window_bits(options_))) - power_of_2(window_bits(options_));
}

void* PermessageInflate::allocate(void* self, unsigned items, unsigned size) noexcept {
  auto& extension = *static_cast<PermessageInflate*>(self);
  constexpr std::size_t alignment = alignof(std::max_align_t);
  const auto base = reinterpret_cast<std::uintptr_t>(extension.arena_.data());
  const std::size_t begin = (base + extension.allocated_ + alignment - 1) / alignment * alignment - base;
  const std::size_t bytes = std::size_t{items} * size;
  const std::size_t end_of_pool = extension.arena_.size() - extension.output_.size();
  if (begin > end_of_pool || bytes > end_of_pool - begin) return nullptr;
  extension.allocated_ = begin + bytes;
  return extension.arena_.data() + begin;
}

void PermessageInflate::release(void*, void*) noexcept {}

z_stream PermessageInflate::fresh_stream() noexcept {
  z_stream stream{};
  stream.zalloc = &allocate;
  stream.zfree = &release;
  stream.opaque = this;
  return stream;
}

bool PermessageInflate::start(unsigned deflate_bits, bool deflate_resets, unsigned inflate_bits,
                              bool inflate_resets) noexcept {
  allocated_ = 0;
  output_ = arena_.subspan(zlib_size_ + excess_of_window(inflate_bits));
  tail_fed_ = 0;
  inflate_resets_ = inflate_resets;
  window_is_limited_ = inflate_bits < 15;
  inflate_ = fresh_stream();
  return start_compressing(deflate_bits, deflate_resets) &&
         inflateInit2(&inflate_, -static_cast<int>(std::max(inflate_bits, 9U))) == Z_OK;
}

// Ours go uncompressed.
bool PermessageInflate::start_compressing(unsigned, bool) noexcept {
  return true;
}
bool PermessageInflate::wants(std::uint64_t) const noexcept {
  return false;
}
std::size_t PermessageInflate::bound(std::size_t) const noexcept {
  return 0;
}
std::size_t PermessageInflate::compress(std::span<const std::byte>, bool, std::byte*) noexcept {
  return 0;
}

// Inflates from `in` to the output buffer until one of them is used up.
Error PermessageInflate::inflate_some(std::span<const std::byte> in, std::size_t& consumed) noexcept {
  inflate_.next_in = zlib_bytes(in.data());
  inflate_.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), ~uInt{0}));
  const uInt given = inflate_.avail_in;
  int status = Z_OK;
  // At least one call, even without input: zlib may hold back output that fitted no more.
  do {
    status = ::inflate(&inflate_, Z_SYNC_FLUSH);
    // §7.2.3.4: a final block may stand inside a message; the window lives on behind it.
    if (status == Z_STREAM_END) status = inflateResetKeep(&inflate_);
  } while (inflate_.avail_in > 0 && inflate_.avail_out > 0 && status == Z_OK);
  consumed = given - inflate_.avail_in;
  return status == Z_OK || status == Z_BUF_ERROR ? Error::none : Error::invalid_deflate_data;
}

// A peer that goes beyond the window it promised is told by zlib, or not, by what one call puts out: calls
// that depend on nothing but the message make that the same for every way to cut the input.
std::size_t PermessageInflate::input_block() const noexcept {
  return window_is_limited_ ? 64 : 0;
}

MessageExtension::Inflated PermessageInflate::decompress(std::span<const std::byte> in, bool last,
                                                         std::uint64_t limit) noexcept {
  const auto room = static_cast<uInt>(std::min<std::uint64_t>(output_.size(), limit));
  inflate_.next_out = zlib_bytes(output_.data());
  inflate_.avail_out = room;

  Inflated result;
  result.error = inflate_some(in, result.consumed);
  if (last && result.consumed == in.size() && result.error == Error::none && inflate_.avail_out > 0) {
    std::size_t fed = 0;
    result.error = inflate_some(std::span(flush_tail).subspan(tail_fed_), fed);
    tail_fed_ = static_cast<std::uint8_t>(tail_fed_ + fed);
  }
  result.bytes = output_.first(room - inflate_.avail_out);
  result.drained = inflate_.avail_out > 0 && result.consumed == in.size();

  if (last && result.drained && result.error == Error::none) {
    // The tail was an empty block: anything else than a block boundary behind it means truncated data.
    constexpr int at_block_boundary = 128;
    if (tail_fed_ != flush_tail.size() || (inflate_.data_type & at_block_boundary) == 0) {
      result.error = Error::invalid_deflate_data;
    }
    tail_fed_ = 0;
    if (inflate_resets_) inflateReset(&inflate_);
  }
  return result;
}

}  // namespace cpwebsockets::protocol
