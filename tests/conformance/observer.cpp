// Connects to a URL by the blocking client and prints what its user sees: observation.hpp.
#include <cpwebsockets/client.hpp>
#include <cstdio>

#include "observation.hpp"

namespace {

using namespace observation;

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
