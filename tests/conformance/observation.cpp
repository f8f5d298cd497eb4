#include "observation.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace observation {

Plan parse(int argc, char** argv) {
  Plan plan;
  Options& options = plan.options;
  options.handshake_timeout = options.close_timeout = std::chrono::milliseconds(4000);
  options.ping_interval = no_limit;
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&] { return std::string(++i < argc ? argv[i] : ""); };
    const auto number = [&] { return std::strtoull(value().c_str(), nullptr, 10); };
    if (name == "--subprotocol") options.subprotocols.push_back(value());
    if (name == "--compress" && !options.compression) options.compression.emplace();
    if (name == "--no-takeover") options.compression->server_no_context_takeover = true;
    if (name == "--bits")
      options.compression->server_max_window_bits = options.compression->client_max_window_bits =
          static_cast<std::uint8_t>(number());
    if (name == "--max-message") options.max_message_size = number();
    if (name == "--max-frame") options.max_frame_size = number();
    if (name == "--timeout")
      options.handshake_timeout = options.close_timeout = std::chrono::milliseconds(number());
    if (name == "--ping") options.ping_interval = options.pong_timeout = std::chrono::milliseconds(number());
    if (name == "--close-after") plan.close_after = static_cast<int>(number());
    if (name == "--echo") plan.echo = true;
    if (name == "--parts") plan.parts = true;
    if (name == "--cacert") options.tls.ca_file = value();
    if (name == "--header") {
      const std::string line = value();
      options.headers.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 2));
    }
  }
  return plan;
}

void print_payload(const char* kind, std::span<const std::byte> bytes) {
  std::printf("%s %zu ", kind, bytes.size());
  for (const std::byte byte : bytes.first(std::min<std::size_t>(bytes.size(), 64)))
    std::printf("%02x", static_cast<unsigned>(byte));
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a over all of it
  for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 1099511628211U;
  std::printf(" %016llx\n", static_cast<unsigned long long>(hash));
}

void print_end(const CloseInfo& info, const Failure& failure) {
  constexpr const char* who[] = {"nobody", "us", "peer", "network"};
  std::printf("end by=%s sent=%u received=%u clean=%d reason=%.*s\n", who[static_cast<int>(info.by)],
              to_integer(info.sent), to_integer(info.received), info.clean(),
              static_cast<int>(info.reason.size()), info.reason.data());
  if (failure.step != Step::none) std::printf("failure %s\n", failure.sentence.c_str());
  if (failure.refusal.status != 0) {
    std::printf("refusal %d %zu %s\n", failure.refusal.status, failure.refusal.headers.size(),
                failure.refusal.body.c_str());
  }
}

}  // namespace observation
