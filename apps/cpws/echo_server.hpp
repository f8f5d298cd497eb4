#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cpws {

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::optional<std::uint16_t> tls_port;
  std::string certificate_file;
  std::string key_file;
  std::vector<std::string> subprotocols;
  bool compress = false;
  std::size_t max_connections = 1000;
};

/// Echoes every message until Ctrl-C or SIGTERM. Prints a line "Listening on URL" for each port. Messages are
/// echoed as they come, so their size is not limited. Returns the program's exit code.
int serve(const ServeOptions& options);

}  // namespace cpws
