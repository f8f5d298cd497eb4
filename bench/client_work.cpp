// A client at work, for measuring. Prints the system calls and allocations of the work itself, without
// connecting and closing.
//
//   bench_client PORT receive|receive-text|echo|send COUNT SIZE
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "counted_calls.hpp"

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const std::string work = argv[2];
  const std::size_t count = std::strtoull(argv[3], nullptr, 10);
  const std::size_t size = std::strtoull(argv[4], nullptr, 10);
  const std::string url = std::string("ws://127.0.0.1:") + argv[1];
  cpwebsockets::Options options;
  options.max_message_size = 64U << 20;
  std::error_code ec;

  std::string path = "/sink";
  if (work.starts_with("receive"))
    path = "/flood/" + std::to_string(count) + "/" + argv[4] + (work == "receive-text" ? "/text" : "/binary");
  if (work == "echo") path = "/echo/" + std::string(argv[4]);
  cpwebsockets::Client ws = cpwebsockets::connect(url + path, options, ec);
  const std::string message(size, 'm');
  const auto bytes = std::as_bytes(std::span(message));

  // The first message is not counted: buffers that live on are made for it.
  const bool sends = work == "send" || work == "echo";
  const bool receives = work != "send";
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (sends) ws.send(bytes, {}, ec);
    if (receives) {
      const auto view = ws.receive_view({}, ec);
      if (!view) break;
      sum += view->bytes.size();
    }
    if (i == 0) counted = {};
  }
  const Counted work_itself = counted;
  if (ec || (work != "send" && sum != count * size)) {
    std::fprintf(stderr, "bench_client: %s, %zu bytes\n", ec.message().c_str(), sum);
    return 1;
  }
  print(work_itself);
  if (!receives) std::_Exit(0);  // the sink does not answer a close frame
  ws.close(ec);
}
