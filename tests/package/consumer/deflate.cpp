#include <cpwebsockets/protocol/permessage_deflate.hpp>

int main() {
  using namespace cpwebsockets::protocol;
  DeflateParameters parameters;
  return parse_deflate_parameters("server_no_context_takeover", parameters) == Error::none ? 0 : 1;
}
