// This library, as its users call it.
#include <cpwebsockets/client.hpp>
#include <cpwebsockets/protocol/version.hpp>
#include <optional>

#include "work.hpp"

int main(int argc, char** argv) try {
  const Work work = parse(argc, argv);
  cpwebsockets::Options options;
  options.max_message_size = 64U << 20;
  options.tls.ca_file = work.ca;
  const std::string version = CPWEBSOCKETS_VERSION;
  if (work.connects()) {
    const Meter meter;
    for (std::size_t i = 0; i < work.count; ++i) cpwebsockets::connect(work.url, options).close();
    meter.report(work, "cpwebsockets", version, 0);
  }
  cpwebsockets::Client ws = cpwebsockets::connect(work.url, options);
  const auto bytes = std::as_bytes(std::span(work.message));
  std::size_t received = 0;
  const Meter meter;
  std::optional<cpwebsockets::Batch> batch;
  if (work.batches()) batch.emplace(ws.batch());
  for (std::size_t i = 0; i < work.count; ++i) {
    if (work.sends()) work.is_text() ? ws.send(std::string_view(work.message)) : ws.send(bytes);
    if (work.receives()) {
      const auto view = ws.receive_view();
      if (!view) break;
      received += view->bytes.size();
    }
  }
  batch.reset();
  meter.report(work, "cpwebsockets", version, received);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
