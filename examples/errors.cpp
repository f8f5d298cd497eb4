// The same without exceptions: every call has a form with std::error_code&. Also compiles with
// -fno-exceptions.
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  cpwebsockets::Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;

  // [errors]
  std::error_code ec;
  auto ws = cpwebsockets::connect(argv[1], options, ec);
  if (ec) {
    const auto failure = ws.failure();  // the step, the code, HTTP status and body of a refusal
    std::fprintf(stderr, "%s\n", failure.sentence.c_str());
    return 1;
  }
  ws.send("Hello", ec);
  auto reply = ws.receive(std::chrono::milliseconds(1), ec);
  while (reply.timed_out()) {  // nothing was lost: call again
    reply = ws.receive(std::chrono::seconds(1), ec);
  }
  if (reply) std::printf("%.*s\n", static_cast<int>(reply->size()), reply->text().data());
  ws.close(1000, "thanks", ec);
  // [errors]
  return reply && ws.close_info().clean() ? 0 : 1;
}
