// Checks 16 KiB of mixed scripts COUNT times: utf8_work ours|dfa COUNT. The DFA is the usual one: a state and
// a table look-up for each byte.
#include <cpwebsockets/protocol/utf8.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

// One row of 256 for each state: what follows on each byte. State 0 accepts, 1 rejects.
struct Automaton {
  std::uint8_t next[9][256];

  Automaton() {
    std::memset(next, 1, sizeof next);
    fill(0, 0x00, 0x7F, 0);
    fill(0, 0xC2, 0xDF, 2);
    fill(0, 0xE0, 0xE0, 4);
    fill(0, 0xE1, 0xEF, 3);
    fill(0, 0xED, 0xED, 5);
    fill(0, 0xF0, 0xF0, 7);
    fill(0, 0xF1, 0xF3, 6);
    fill(0, 0xF4, 0xF4, 8);
    fill(2, 0x80, 0xBF, 0);
    fill(3, 0x80, 0xBF, 2);
    fill(4, 0xA0, 0xBF, 2);
    fill(5, 0x80, 0x9F, 2);
    fill(6, 0x80, 0xBF, 3);
    fill(7, 0x90, 0xBF, 3);
    fill(8, 0x80, 0x8F, 3);
  }
  void fill(int state, int low, int high, int to) {
    for (int byte = low; byte <= high; ++byte) next[state][byte] = static_cast<std::uint8_t>(to);
  }
  [[gnu::noinline]] bool accepts(const std::string& text) const {
    std::uint8_t state = 0;
    for (const char c : text) {
      state = next[state][static_cast<unsigned char>(c)];
      if (state == 1) return false;
    }
    return state == 0;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::string text;
  const char* units[] = {"mixed ", "größe ", "€uro ", "😀 ", "日本語", "Привет "};
  for (std::size_t i = 0; text.size() < 16384; ++i) text += units[i * 7 % 6];
  const std::size_t count = std::strtoull(argv[2], nullptr, 10);
  const Automaton automaton;
  const bool ours = std::strcmp(argv[1], "ours") == 0;
  std::size_t valid = 0;
  for (std::size_t i = 0; i < count; ++i) {
    valid += ours ? cpwebsockets::protocol::is_valid_utf8(std::as_bytes(std::span(text)))
                  : automaton.accepts(text);
  }
  std::printf("%zu\n", text.size());
  return valid == count ? 0 : 1;
}
