// Connects to a URL and prints what a user of the client sees, a line per event. For the scripted peers of
// the tests.
//
//   observer URL [--subprotocol NAME] [--compress] [--no-takeover] [--bits N] [--max-message N] [--max-frame
//   N]
//            [--timeout MS] [--close-after N] [--echo] [--ping MS] [--header 'N: V'] [--cacert F] [--parts]
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace cpwebsockets;

struct Plan {
  Options options;
  int close_after = -1;  // messages
  bool echo = false;
  bool parts = false;
};

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

void receive_all(Client& ws, const Plan& plan) {
  std::error_code ec;
  int messages = 0;
  if (plan.close_after == 0) ws.start_close(1000, "enough", {}, ec);
  while (const auto message = ws.receive_view(ec)) {
    print_payload(message->is_text ? "text" : "binary", message->bytes);
    if (plan.echo && message->is_text) ws.send(message->text(), ec);
    if (plan.echo && !message->is_text) ws.send(message->bytes, ec);
    if (++messages == plan.close_after) ws.start_close(1000, "enough", {}, ec);
  }
}

void receive_parts(Client& ws) {
  std::error_code ec;
  std::size_t size = 0;
  while (const auto part = ws.receive_part(ec)) {
    size = part->first ? part->bytes.size() : size + part->bytes.size();
    if (part->last) std::printf("streamed %zu\n", size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = parse(argc, argv);
  std::error_code ec;
  Client ws = connect(argv[1], plan.options, ec);
  if (!ec) {
    std::printf("open subprotocol=%s extensions=%s\n", ws.subprotocol().c_str(), ws.extensions().c_str());
    plan.parts ? receive_parts(ws) : receive_all(ws, plan);
  }
  print_end(ws.close_info(), ws.failure());
  return 0;
}
