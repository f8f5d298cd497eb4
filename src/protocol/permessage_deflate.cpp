#include "cpwebsockets/protocol/permessage_deflate.hpp"

#include <cstring>

#include "zlib_bytes.hpp"

namespace cpwebsockets::protocol {

bool PermessageDeflate::start_compressing(unsigned bits, bool resets) noexcept {
  deflate_resets_ = resets;
  tail_held_back_ = message_has_data_ = false;
  deflate_ = fresh_stream();
  // Negative bits: raw deflate. zlib cannot compress with a window of 2^8; not compressing is always allowed.
  deflates_ = bits >= 9;
  return !deflates_ || deflateInit2(&deflate_, options().level, Z_DEFLATED, -static_cast<int>(bits),
                                    options().memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
}

bool PermessageDeflate::wants(std::uint64_t size) const noexcept {
  return deflates_ && size >= options().threshold;
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

}  // namespace cpwebsockets::protocol
