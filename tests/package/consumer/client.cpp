// Also with -fno-exceptions: only the std::error_code forms are used.
#include <cpwebsockets/client.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  std::error_code ec;
  auto ws = cpwebsockets::connect(argc > 1 ? argv[1] : "ws://127.0.0.1:1/", ec);
  std::printf("%s\n", ws.failure().sentence.c_str());
  return ec ? 0 : 1;
}
