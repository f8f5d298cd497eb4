#include "cpwebsockets/protocol/permessage_deflate.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace cpwebsockets::protocol {
namespace {

// RFC 7692 §7.2.1: each message loses these bytes when sent, and gets them back before inflating.
constexpr std::array<std::byte, 4> flush_tail{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF},
                                              std::byte{0xFF}};

Bytef* zlib_bytes(const std::byte* bytes) noexcept {
  return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes));  // zlib's next_in is not const
}

}  // namespace

PermessageDeflate::PermessageDeflate(const DeflateOptions& options, std::span<std::byte> arena) noexcept
    : options_(options), arena_(arena) {}

bool PermessageDeflate::usable() const noexcept {
  const auto in = [](unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; };
  return in(options_.server_max_window_bits, 9, 15) && in(options_.client_max_window_bits, 9, 15) &&
         in(options_.memory_level, 1, 9) && in(options_.level, 1, 9) &&
         arena_.size() >= arena_size(options_, 64);
}

void* PermessageDeflate::allocate(void* self, unsigned items, unsigned size) noexcept {
  auto& extension = *static_cast<PermessageDeflate*>(self);
  constexpr std::size_t alignment = alignof(std::max_align_t);
  const auto base = reinterpret_cast<std::uintptr_t>(extension.arena_.data());
  const std::size_t begin = (base + extension.allocated_ + alignment - 1) / alignment * alignment - base;
  const std::size_t bytes = std::size_t{items} * size;
  const std::size_t end_of_pool = extension.arena_.size() - extension.output_.size();
  if (begin > end_of_pool || bytes > end_of_pool - begin) return nullptr;
  extension.allocated_ = begin + bytes;
  return extension.arena_.data() + begin;
}

void PermessageDeflate::release(void*, void*) noexcept {}

bool PermessageDeflate::start(unsigned deflate_bits, bool deflate_resets, unsigned inflate_bits,
                              bool inflate_resets) noexcept {
  allocated_ = 0;
  output_ = arena_.last(arena_.size() - arena_size(options_, 0));
  tail_held_back_ = message_has_data_ = false;
  tail_fed_ = 0;
  deflate_resets_ = deflate_resets;
  inflate_resets_ = inflate_resets;

  deflate_ = z_stream{};
  inflate_ = z_stream{};
  for (z_stream* stream : {&deflate_, &inflate_}) {
    stream->zalloc = &allocate;
    stream->zfree = &release;
    stream->opaque = this;
  }
  // Negative bits: raw deflate. zlib cannot compress with a window of 2^8; not compressing is always allowed.
  deflates_ = options_.compress && deflate_bits >= 9;
  const bool deflate_ok =
      !deflates_ || deflateInit2(&deflate_, options_.level, Z_DEFLATED, -static_cast<int>(deflate_bits),
                                 options_.memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
  return deflate_ok && inflateInit2(&inflate_, -static_cast<int>(std::max(inflate_bits, 9U))) == Z_OK;
}

bool PermessageDeflate::wants(std::uint64_t size) const noexcept {
  return deflates_ && size >= options_.threshold;
}

// zlib's own bound for any settings, a flush, and the tail held back from the piece before.
std::size_t PermessageDeflate::bound(std::size_t size) const noexcept {
  return size + ((size + 7) >> 3) + ((size + 63) >> 6) + 24;
}

std::size_t PermessageDeflate::compress(std::span<const std::byte> in, bool last, std::byte* out) noexcept {
  std::size_t size = 0;
  if (tail_held_back_ && !in.empty()) {
    std::memcpy(out, flush_tail.data(), flush_tail.size());
    size = flush_tail.size();
    tail_held_back_ = false;
  }
  if (!in.empty()) {
    const std::size_t room = bound(in.size()) - size;
    deflate_.next_in = zlib_bytes(in.data());
    deflate_.avail_in = static_cast<uInt>(in.size());
    deflate_.next_out = zlib_bytes(out + size);
    deflate_.avail_out = static_cast<uInt>(room);
    ::deflate(&deflate_, Z_SYNC_FLUSH);
    size += room - deflate_.avail_out - flush_tail.size();
    tail_held_back_ = true;
    message_has_data_ = true;
  }
  if (last) {
    // §7.2.3.6: an empty message is one empty block, whose tail is left out as well.
    if (!message_has_data_) out[size++] = std::byte{0x00};
    tail_held_back_ = message_has_data_ = false;
    if (deflate_resets_) deflateReset(&deflate_);
  }
  return size;
}

// Inflates from `in` to the output buffer until one of them is used up.
Error PermessageDeflate::inflate_some(std::span<const std::byte> in, std::size_t& consumed) noexcept {
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

MessageExtension::Inflated PermessageDeflate::decompress(std::span<const std::byte> in, bool last,
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
