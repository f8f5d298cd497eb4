#pragma once

#include <chrono>
#include <cpwebsockets/client.hpp>
#include <string>

namespace cpws {

struct TalkOptions {
  std::string url;
  bool binary = false;
  bool verbose = false;
  /// Time without a message between the end of a piped stdin and our close frame, for replies.
  std::chrono::milliseconds linger{2'000};
  cpwebsockets::Options options;
};

/// Connects, then carries lines from stdin to messages and messages to stdout until one side ends. Returns
/// the program's exit code.
int talk(const TalkOptions& options);

}  // namespace cpws
