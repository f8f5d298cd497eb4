/// What the observers of both clients take and print, a line per event. For the scripted peers of the tests.
///
///   OBSERVER URL [--subprotocol NAME] [--compress] [--no-takeover] [--bits N] [--max-message N] [--max-frame
///   N]
///                [--timeout MS] [--close-after N] [--echo] [--ping MS] [--header 'N: V'] [--cacert F]
///                [--parts]
#pragma once

#include <cpwebsockets/error.hpp>
#include <cpwebsockets/options.hpp>
#include <cstddef>
#include <span>

namespace observation {

using namespace cpwebsockets;

struct Plan {
  Options options;
  int close_after = -1;  // messages
  bool echo = false;
  bool parts = false;
};

Plan parse(int argc, char** argv);

void print_payload(const char* kind, std::span<const std::byte> bytes);
void print_end(const CloseInfo& info, const Failure& failure);

}  // namespace observation
