#include "frame_trace.hpp"

#include <algorithm>
#include <cstdio>

#include "printable.hpp"

namespace cpws {
namespace {

using cpwebsockets::protocol::FrameHeader;
using cpwebsockets::protocol::Opcode;

constexpr std::size_t shown_payload = 64;  // bytes

const char* name(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
      return "continuation";
    case Opcode::text:
      return "text";
    case Opcode::binary:
      return "binary";
    case Opcode::close:
      return "close";
    case Opcode::ping:
      return "ping";
    case Opcode::pong:
      return "pong";
  }
  return "?";
}

void print_line(char arrow, const FrameHeader& frame, std::string_view payload) {
  std::string about = std::string(name(frame.opcode)) + (frame.fin ? "" : " (more follows)") +
                      (frame.rsv1 ? " (compressed)" : "") + " " + std::to_string(frame.payload_length) +
                      " bytes";
  if (frame.opcode == Opcode::close && payload.size() >= 2) {
    about += ": " + std::to_string(static_cast<unsigned char>(payload[0]) * 256 +
                                   static_cast<unsigned char>(payload[1]));
    payload.remove_prefix(2);
    if (!payload.empty()) about += " " + printable(payload, true);
  } else if (!payload.empty()) {
    const bool is_utf8 = frame.opcode == Opcode::text || frame.opcode == Opcode::continuation;
    about += ": " + printable(payload, is_utf8) + (payload.size() < frame.payload_length ? "..." : "");
  }
  std::fprintf(stderr, "%c %s\n", arrow, about.c_str());
}

}  // namespace

void FrameTrace::add(cpwebsockets::Direction direction, std::span<const std::byte> bytes) {
  const bool is_sent = direction == cpwebsockets::Direction::sent;
  Side& side = is_sent ? sent_ : received_;
  const char arrow = is_sent ? '>' : '<';
  if (side.lost) return;
  side.pending.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (side.in_handshake) show_handshake(side, arrow);
  while (!side.in_handshake && !side.lost && show_frame(side, arrow, is_sent)) {
  }
}

void FrameTrace::show_handshake(Side& side, char arrow) {
  for (std::size_t end; side.in_handshake && (end = side.pending.find("\r\n")) != std::string::npos;) {
    const std::string_view line = std::string_view(side.pending).substr(0, end);
    std::fprintf(stderr, "%c %s\n", arrow, printable(line, false).c_str());
    if (arrow == '<' && side.status_line.empty()) side.status_line = line;
    side.in_handshake = end != 0;
    // Behind a refusal there are no frames; after an interim response another header follows.
    if (end == 0 && arrow == '<') {
      const std::string status = side.status_line.substr(0, 12);
      side.in_handshake = status.size() == 12 && status[9] == '1' && status.substr(9) != "101";
      side.lost = !side.in_handshake && status.substr(std::min<std::size_t>(9, status.size())) != "101";
      side.status_line.clear();
    }
    side.pending.erase(0, end + 2);
  }
}

bool FrameTrace::show_frame(Side& side, char arrow, bool masked) {
  const std::size_t skipped =
      static_cast<std::size_t>(std::min<std::uint64_t>(side.to_skip, side.pending.size()));
  side.pending.erase(0, skipped);
  side.to_skip -= skipped;
  if (side.to_skip > 0) return false;

  FrameHeader frame;
  const auto bytes = std::as_bytes(std::span(side.pending));
  const auto parsed = parse_frame_header(bytes, {masked, true, side.in_message}, frame);
  if (parsed.error != cpwebsockets::protocol::Error::none) {
    std::fprintf(stderr, "%c invalid frame: %s\n", arrow, describe(parsed.error).data());
    side.lost = true;
    side.pending.clear();
    return false;
  }
  const auto shown = static_cast<std::size_t>(std::min<std::uint64_t>(frame.payload_length, shown_payload));
  if (parsed.size == 0 || bytes.size() < parsed.size + shown) return false;

  std::string payload = side.pending.substr(parsed.size, shown);
  const auto writable = std::as_writable_bytes(std::span(payload));
  if (frame.masked) cpwebsockets::protocol::mask(writable, writable.data(), frame.masking_key);
  print_line(arrow, frame, frame.rsv1 ? std::string_view{} : payload);
  if (!is_control(frame.opcode)) side.in_message = !frame.fin;
  side.pending.erase(0, parsed.size);
  side.to_skip = frame.payload_length;
  return true;
}

}  // namespace cpws
