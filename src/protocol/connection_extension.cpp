// What a connection does with its extension: negotiation, compressed frames out, inflated parts in.
#include <algorithm>
#include <array>
#include <cstring>

#include "extension_calls.hpp"
#include "http_writer.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

// A compressed frame's length is known after the fact: room for the longest length field up to 65535.
constexpr std::size_t max_compressed_frame = 0xFFFF;

}  // namespace

constinit const ExtensionCalls ExtensionCalls::all{
    [](Connection& self, HttpWriter& out) noexcept { return self.offer_extension(out); },
    [](Connection& self, std::string_view list) noexcept { return self.check_answered_extensions(list); },
    [](const Connection& self) noexcept { return self.answered_extensions(); },
    [](Connection& self, std::span<std::byte> bytes, Event& event) noexcept {
      return self.next_inflated_part(bytes, event);
    },
    [](const Connection& self) noexcept { return self.compressed_piece_limit(); },
    [](const Connection& self, std::size_t piece) noexcept { return self.compressed_framed_size(piece); },
    [](Connection& self, Opcode opcode, std::span<const std::byte> piece, bool fin) noexcept {
      return self.write_compressed_frame(opcode, piece, fin);
    }};

const ExtensionCalls& extension_calls() noexcept {
  return ExtensionCalls::all;
}

// --- Negotiation ---

Error Connection::offer_extension(HttpWriter& out) noexcept {
  std::array<char, 160> offer;
  const std::size_t size = config_.extension->offer(offer);
  if (size == 0) return Error::extension_unusable;
  out.field("Sec-WebSocket-Extensions"sv, {offer.data(), size});
  return Error::none;
}

// The one thing that may be answered is what was offered, once (RFC 6455 §9.1).
Error Connection::check_answered_extensions(std::string_view list) noexcept {
  while (!list.empty()) {
    const std::string_view extension = take_until(list, ',');
    if (extension.empty()) continue;  // RFC 9110 §5.6.1: empty list elements are ignored
    std::string_view parameters = extension;
    const std::string_view name = take_until(parameters, ';');
    if (extension_active_ || name != "permessage-deflate"sv) return Error::extension_not_offered;
    if (const Error error = config_.extension->accept(parameters); error != Error::none) return error;
    extension_active_ = true;
  }
  return Error::none;
}

// Of an answer only such fields are kept; the one that is not empty, if any, has been accepted.
std::string_view Connection::answered_extensions() const noexcept {
  HeaderBlock fields(first(header_text(), kept_));
  Header field;
  while (fields.next(field) && field.value.empty()) continue;
  return field.value;
}

// --- Receiving ---

Connection::Progress Connection::next_inflated_part(std::span<std::byte> bytes, Event& event) noexcept {
  if (const std::size_t block = config_.extension->input_block(); block > 0) {
    const auto position = static_cast<std::size_t>((frame_.payload_length - frame_remaining_) % block);
    const std::size_t missing = block - position;
    if (bytes.size() < missing && bytes.size() < frame_remaining_) return Progress::need_input;
    bytes = bytes.first(std::min(bytes.size(), missing));
  }
  const bool frame_is_here = bytes.size() == frame_remaining_;
  const bool message_is_here = frame_is_here && frame_.fin;
  if (bytes.empty() && !message_is_here && !inflate_pending_) {
    if (frame_remaining_ > 0) return Progress::need_input;
    in_frame_ = false;
    return Progress::again;
  }
  if (frame_.masked && bytes.size() > unmasked_ahead_) {
    const std::span<std::byte> fresh = bytes.subspan(unmasked_ahead_);
    const std::uint64_t position = frame_.payload_length - frame_remaining_ + unmasked_ahead_;
    mask(fresh, fresh.data(), frame_.masking_key, static_cast<std::size_t>(position & 3));
    unmasked_ahead_ = bytes.size();
  }

  // One byte more than allowed tells "just fits" from "too big", whatever the rest of the input would inflate
  // to.
  const std::uint64_t allowed = config_.max_message_size - message_size_;
  const std::uint64_t limit = allowed == ~std::uint64_t{0} ? allowed : allowed + 1;
  const MessageExtension::Inflated inflated = config_.extension->decompress(bytes, message_is_here, limit);
  take_payload(inflated.consumed);
  if (frame_.masked) unmasked_ahead_ -= inflated.consumed;
  inflate_pending_ = !inflated.drained;

  std::span<const std::byte> output = inflated.bytes;
  if (output.size() > allowed) {
    output = output.first(static_cast<std::size_t>(allowed));
    failure_due_ = Error::message_too_big;
  } else if (inflated.error != Error::none) {
    failure_due_ = inflated.error;
  }
  message_size_ += output.size();
  const bool frame_ended = frame_remaining_ == 0 && inflated.drained;
  in_frame_ = !frame_ended;
  return deliver(output, frame_ended && frame_.fin && failure_due_ == Error::none, event);
}

// --- Sending ---

std::size_t Connection::compressed_piece_limit() const noexcept {
  const std::size_t limit = std::min(frame_limit_, max_compressed_frame);
  const std::size_t expansion = config_.extension->bound(limit) - limit;
  return limit > expansion ? limit - expansion : 1;
}

std::size_t Connection::compressed_framed_size(std::size_t piece) const noexcept {
  const std::size_t bytes = config_.extension->bound(piece);
  return frame_header_size(bytes, masks()) + bytes;
}

bool Connection::write_compressed_frame(Opcode opcode, std::span<const std::byte> piece, bool fin) noexcept {
  FrameHeader header;
  header.opcode = opcode;
  header.fin = fin;
  header.rsv1 = opcode != Opcode::continuation;  // RFC 7692 §6: on a message's first frame
  if (!choose_mask(header)) return false;
  const std::size_t bound = config_.extension->bound(piece.size());
  const std::size_t header_room = frame_header_size(bound, header.masked);
  std::byte* const out = send_.reserve(header_room + bound);
  const std::size_t size = config_.extension->compress(piece, header.fin, out + header_room);
  header.payload_length = size;
  const std::size_t header_size = write_frame_header(header, out);
  std::memmove(out + header_size, out + header_room, size);
  if (header.masked) mask({out + header_size, size}, out + header_size, header.masking_key);
  send_.commit(header_size + size);
  return true;
}

}  // namespace cpwebsockets::protocol
