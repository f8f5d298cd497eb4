// RFC 3629, RFC 6455 §8.1. The reference is a table of the well-formed sequences (Unicode, table 3-7).
#include <gtest/gtest.h>

#include <cpwebsockets/protocol/utf8.hpp>
#include <random>
#include <string>
#include <vector>

#include "replay.hpp"

namespace test {
namespace {

using protocol::Utf8Validator;

struct Row {
  std::uint8_t low[4], high[4];
  std::size_t length;
};
constexpr Row rows[] = {
    {{0x00}, {0x7F}, 1},
    {{0xC2, 0x80}, {0xDF, 0xBF}, 2},
    {{0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}, 3},
    {{0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}, 3},
    {{0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}, 3},
    {{0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}, 3},
    {{0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}, 4},
    {{0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}, 4},
    {{0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}, 4},
};

// Index of the first impossible byte, and whether what came before ends between code points.
std::pair<std::size_t, bool> reference(const std::uint8_t* bytes, std::size_t size) {
  std::size_t at = 0;
  while (at < size) {
    std::size_t longest = 0;
    bool whole = false;
    for (const Row& row : rows) {
      std::size_t matched = 0;
      while (matched < row.length && at + matched < size && bytes[at + matched] >= row.low[matched] &&
             bytes[at + matched] <= row.high[matched]) {
        ++matched;
      }
      if (matched > longest) {
        longest = matched;
        whole = matched == row.length;
      }
    }
    if (!whole) return {at + longest, at + longest == size && longest == 0};
    at += longest;
  }
  return {size, true};
}

void expect_like_reference(const std::vector<std::uint8_t>& bytes) {
  const auto [valid, complete] = reference(bytes.data(), bytes.size());
  Utf8Validator validator;
  const std::size_t taken = validator.consume(std::as_bytes(std::span(bytes)));
  ASSERT_EQ(taken, valid);
  if (taken == bytes.size()) {
    ASSERT_EQ(validator.complete(), complete);
  }
}

// All sequences of one to four bytes: below an impossible byte all continuations fail alike, so they are cut
// off there; ASCII lead bytes are all alike and stand for each other.
TEST(Utf8, every_sequence_of_up_to_four_bytes) {
  std::size_t checked = 0;
  std::uint8_t bytes[4];
  const auto descend = [&](const auto& self, std::size_t depth) -> void {
    for (unsigned value = 0; value < 256; ++value) {
      if (depth < 3 && value > 0 && value < 0x7F) continue;
      bytes[depth] = static_cast<std::uint8_t>(value);
      const auto [valid, complete] = reference(bytes, depth + 1);
      Utf8Validator validator;
      const std::size_t taken = validator.consume(std::as_bytes(std::span(bytes, depth + 1)));
      ++checked;
      if (taken != valid || (taken == depth + 1 && validator.complete() != complete)) {
        ADD_FAILURE() << "at depth " << depth << ", byte " << value;
        return;
      }
      if (taken == depth + 1 && depth < 3) self(self, depth + 1);
    }
  };
  descend(descend, 0);
  EXPECT_GT(checked, 1'000'000U);
}

TEST(Utf8, a_malformed_sequence_is_found_at_every_place_in_a_long_text) {
  const std::vector<std::string> bad = {
      "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xC3",     "\xC3(",
      "\xE0\x80\x80", "\xE2\x82",         "\xED\xA0\x80",     "\xEF\xBF", "\xF0\x80\x80\x80",
      "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",     "\xE2\x82\xAC\xAC"};
  for (const std::string unit :
       {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}) {
    for (const std::string& sequence : bad) {
      for (std::size_t units = 0; units < 140; units += 1) {
        std::string text;
        for (std::size_t i = 0; i < units; ++i) text += unit;
        text += sequence;
        for (std::size_t i = 0; i < 40; ++i) text += unit;
        expect_like_reference({text.begin(), text.end()});
        if (HasFailure()) return;
      }
    }
  }
}

TEST(Utf8, random_texts_agree_with_the_reference_whole_and_in_pieces) {
  std::mt19937 random(20261123);
  const std::string units[] = {
      "a", "bcdefgh", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"};
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const std::size_t count = random() % 200;
    for (std::size_t i = 0; i < count; ++i) text += units[random() % std::size(units)];
    if (round % 2 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random());
    expect_like_reference({text.begin(), text.end()});

    const auto expected = reference(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()).first;
    Utf8Validator pieces;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 150, text.size() - at);
      const std::size_t taken = pieces.consume(bytes_of(std::string_view(text).substr(at, size)));
      at += taken;
      if (taken < size) break;
    }
    ASSERT_EQ(at, expected);
  }
}

TEST(Text, fails_at_the_first_impossible_byte_across_fragments) {
  const std::string end = "... closed(us 1007 0: text is not valid UTF-8)";
  EXPECT_EQ(events_for(frame(1, "\xce\xba\xe1", {.fin = false}) + frame(0, "\xbd\xb9", {.fin = false}) +
                       frame(0, "!")),
            "text(\xce\xba\xe1\xbd\xb9!) ");
  EXPECT_EQ(events_for(frame(1, "ab\xf4", {.fin = false}) + frame(0, "\x90", {.fin = false})),
            "text(ab\xf4" + end);
  EXPECT_EQ(events_for(frame(1, "caf\xc3")), "text(caf\xc3" + end);
  EXPECT_EQ(events_for(frame(1, "\xff")), "closed(us 1007 0: text is not valid UTF-8)");
  // Before the frame is whole: its length announces more than has come.
  EXPECT_EQ(events_for(unhex("81 7D 61 ED A0")), "text(a\xed" + end);
}

TEST(Text, binary_is_not_checked) {
  EXPECT_EQ(events_for(frame(2, "\xff\xfe")), "binary(\xff\xfe) ");
}

}  // namespace
}  // namespace test
