#include <cpwebsockets/protocol/connection.hpp>

int main() {
  cpwebsockets::protocol::Url url;
  return parse_url("wss://example.com/", url) == cpwebsockets::protocol::Error::none && url.port == 443 ? 0
                                                                                                        : 1;
}
