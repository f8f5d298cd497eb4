#pragma once

#include <cpwebsockets/options.hpp>
#include <cpwebsockets/protocol/frame.hpp>
#include <span>
#include <string>

namespace cpws {

/// Writes the handshake and a line for each frame to stderr: "> text 5 bytes: hello".
class FrameTrace {
 public:
  void add(cpwebsockets::Direction direction, std::span<const std::byte> bytes);

 private:
  struct Side {
    std::string pending;
    std::string status_line;  // of the response that is being received
    bool in_handshake = true;
    bool in_message = false;
    bool lost = false;          // bytes that are no frames, or not any more
    std::uint64_t to_skip = 0;  // payload that is not shown
  };
  static void show_handshake(Side& side, char arrow);
  static bool show_frame(Side& side, char arrow, bool masked);

  Side sent_;
  Side received_;
};

}  // namespace cpws
