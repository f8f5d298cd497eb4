// A client at work, for measuring: bench_client PORT receive|receive-text|echo|send COUNT SIZE
// Prints the system calls and allocations of the work itself, without connecting and closing.
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace {

std::size_t system_calls = 0;
std::size_t allocations = 0;

}  // namespace

#define COUNTED(counter, result, name, parameters, arguments) \
  extern "C" result __real_##name parameters;                 \
  extern "C" result __wrap_##name parameters {                \
    ++counter;                                                \
    return __real_##name arguments;                           \
  }
COUNTED(system_calls, ssize_t, recv, (int fd, void* buffer, size_t size, int flags),
        (fd, buffer, size, flags))
COUNTED(system_calls, ssize_t, send, (int fd, const void* buffer, size_t size, int flags),
        (fd, buffer, size, flags))
COUNTED(system_calls, int, poll, (pollfd * entries, nfds_t count, int timeout), (entries, count, timeout))
COUNTED(system_calls, int, setsockopt, (int fd, int level, int name, const void* value, socklen_t size),
        (fd, level, name, value, size))
COUNTED(system_calls, ssize_t, getrandom, (void* buffer, size_t size, unsigned flags), (buffer, size, flags))
COUNTED(allocations, void*, malloc, (size_t size), (size))
COUNTED(allocations, void*, realloc, (void* old, size_t size), (old, size))
COUNTED(allocations, void*, calloc, (size_t count, size_t size), (count, size))

void* operator new(std::size_t size) {
  ++allocations;
  return __real_malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

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
    if (i == 0) system_calls = allocations = 0;
  }
  const std::size_t calls = system_calls;
  const std::size_t allocated = allocations;
  if (ec || (work != "send" && sum != count * size)) {
    std::fprintf(stderr, "bench_client: %s, %zu bytes\n", ec.message().c_str(), sum);
    return 1;
  }
  std::printf("%zu %zu\n", calls, allocated);
  std::fflush(stdout);
  if (!receives) std::_Exit(0);  // the sink does not answer a close frame
  ws.close(ec);
}
