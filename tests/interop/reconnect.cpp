// Connects again and again to a server that refuses: reconnect URL CA_FILE TIMES [SERVER_NAME]
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  for (int i = std::atoi(argv[3]); i > 0; --i) {
    // Options of its own for each: the connections share a context all the same.
    cpwebsockets::Options options;
    options.tls.ca_file = argv[2];
    if (argc > 4) options.tls.server_name = argv[4];
    std::error_code ec;
    const cpwebsockets::Client ws = cpwebsockets::connect(argv[1], options, ec);
    if (ec != cpwebsockets::protocol::Error::handshake_refused) {
      std::fprintf(stderr, "%s\n", ws.failure().sentence.c_str());
      return 1;
    }
  }
}
