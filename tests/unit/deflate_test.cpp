// RFC 7692: negotiation, and compressed messages for every way to cut them.
#include <cpwebsockets/protocol/permessage_deflate.hpp>

#include <random>

#include "replay.hpp"

namespace test {
namespace {

using protocol::DeflateOptions;
using protocol::Error;
using protocol::PermessageDeflate;
using protocol::PermessageInflate;

struct Codec {
  explicit Codec(DeflateOptions options = {}, std::size_t output = 4096)
      : arena(PermessageDeflate::arena_size(options, output)), extension(options, arena) {}
  std::vector<std::byte> arena;
  PermessageDeflate extension;
};

std::string offer(DeflateOptions options) {
  Codec codec(options);
  std::array<char, 160> text;
  return {text.data(), codec.extension.offer(text)};
}
Error accept(DeflateOptions options, std::string_view answer) {
  return Codec(options).extension.accept(answer);
}
std::string answer(DeflateOptions options, std::string_view offers) {
  Codec codec(options);
  std::array<char, 160> text;
  return {text.data(), codec.extension.answer(offers, text)};
}

std::string compress(PermessageDeflate& extension, std::string_view text) {
  std::vector<std::byte> out(extension.bound(text.size()));
  out.resize(extension.compress(bytes_of(text), true, out.data()));
  return text_of(out);
}

/// A whole message.
std::string inflate(PermessageInflate& extension, std::string_view wire) {
  std::string text;
  std::span<const std::byte> input = bytes_of(wire);
  for (bool done = false; !done;) {
    const auto result = extension.decompress(input, true, 1 << 20);
    EXPECT_EQ(result.error, Error::none);
    if (result.error != Error::none) break;
    text += text_of(result.bytes);
    input = input.subspan(result.consumed);
    done = result.drained;
  }
  return text;
}

TEST(DeflateNegotiation, offers_what_was_asked_for) {
  EXPECT_EQ(offer({}), "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(offer({.server_no_context_takeover = true,
                   .client_no_context_takeover = true,
                   .server_max_window_bits = 9,
                   .client_max_window_bits = 10}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=9; client_max_window_bits=10");
}

TEST(DeflateNegotiation, options_out_of_range_are_not_offered) {
  EXPECT_EQ(offer({.level = 0}), "");
  EXPECT_EQ(offer({.memory_level = 0}), "");
  EXPECT_EQ(offer({.server_max_window_bits = 8}), "");
  EXPECT_EQ(offer({.client_max_window_bits = 8}), "");
  for (const std::uint8_t huge : {std::uint8_t{64}, std::uint8_t{255}}) {
    std::array<std::byte, 100'000> arena{};
    std::array<char, 160> text;
    EXPECT_EQ(PermessageDeflate({.server_max_window_bits = huge}, arena).offer(text), 0U);
    EXPECT_EQ(PermessageDeflate({.memory_level = huge}, arena).offer(text), 0U);
    EXPECT_EQ(PermessageInflate({.client_max_window_bits = huge}, arena).offer(text), 0U);
  }
  std::array<std::byte, 100> small{};
  PermessageDeflate extension({}, small);
  std::array<char, 160> text;
  EXPECT_EQ(extension.offer(text), 0U);
}

TEST(DeflateNegotiation, an_answer_is_checked_against_the_offer) {
  EXPECT_EQ(accept({}, ""), Error::none);
  EXPECT_EQ(accept({}, "server_no_context_takeover; client_no_context_takeover"), Error::none);
  EXPECT_EQ(accept({}, "server_max_window_bits=10; client_max_window_bits=\"12\""), Error::none);
  EXPECT_EQ(accept({}, "client_max_window_bits=8; server_max_window_bits=8"), Error::none);
  EXPECT_EQ(accept({.server_max_window_bits = 10}, "server_max_window_bits=10"), Error::none);
  EXPECT_EQ(accept({.server_no_context_takeover = true}, "server_no_context_takeover"), Error::none);
  EXPECT_EQ(accept({.server_max_window_bits = 10}, "server_max_window_bits=11"),
            Error::server_max_window_bits);
  EXPECT_EQ(accept({.client_max_window_bits = 10}, "client_max_window_bits=11"),
            Error::client_max_window_bits);
}

TEST(DeflateNegotiation, the_parameter_that_is_wrong_is_named) {
  const std::pair<const char*, Error> cases[] = {
      {"client_max_window_bits", Error::client_max_window_bits},
      {"client_max_window_bits=7", Error::client_max_window_bits},
      {"client_max_window_bits=16", Error::client_max_window_bits},
      {"client_max_window_bits=08", Error::client_max_window_bits},
      {"client_max_window_bits=", Error::client_max_window_bits},
      {"client_max_window_bits=9; client_max_window_bits=9", Error::client_max_window_bits},
      {"server_max_window_bits", Error::server_max_window_bits},
      {"server_max_window_bits=1x", Error::server_max_window_bits},
      {"server_max_window_bits=-9", Error::server_max_window_bits},
      {"server_max_window_bits=9; server_max_window_bits=9", Error::server_max_window_bits},
      {"server_no_context_takeover=1", Error::server_no_context_takeover},
      {"server_no_context_takeover; server_no_context_takeover", Error::server_no_context_takeover},
      {"client_no_context_takeover=", Error::client_no_context_takeover},
      {"client_no_context_takeover; client_no_context_takeover", Error::client_no_context_takeover},
      {"foo", Error::extension_parameter_unknown},
      {"foo=bar", Error::extension_parameter_unknown},
      {";", Error::extension_parameter_unknown},
      {"=9", Error::extension_parameter_unknown}};
  for (const auto& [text, error] : cases) EXPECT_EQ(accept({}, text), error) << text;
}

TEST(DeflateNegotiation, what_was_asked_of_the_server_and_is_not_confirmed_is_taken_if_it_can_be) {
  const DeflateOptions small{.server_max_window_bits = 10, .client_max_window_bits = 10};
  EXPECT_EQ(accept({.server_no_context_takeover = true}, ""), Error::none);
  EXPECT_EQ(accept(small, ""), Error::server_max_window_bits) << "the arena is for a window of 2^10";
  EXPECT_EQ(accept({.server_max_window_bits = 10}, ""), Error::none) << "our own window is as large";
  // Or there is memory for it: what is left is for the output.
  std::vector<std::byte> arena(PermessageDeflate::arena_size(small, 64) + (1 << 15) - (1 << 10));
  EXPECT_EQ(PermessageDeflate(small, arena).accept(""), Error::none);
  EXPECT_EQ(PermessageDeflate(small, std::span(arena).subspan(1)).accept(""), Error::server_max_window_bits);
}

TEST(DeflateNegotiation, an_offer_may_be_bare) {
  EXPECT_EQ(offer({.client_no_context_takeover = true, .client_max_window_bits = 10, .offers_bare = true}),
            "permessage-deflate");
  const DeflateOptions bare{.offers_bare = true};
  EXPECT_EQ(accept(bare, ""), Error::none);
  EXPECT_EQ(accept(bare, "server_max_window_bits=10; server_no_context_takeover"), Error::none);
  EXPECT_EQ(accept(bare, "client_no_context_takeover"), Error::none);
  EXPECT_EQ(accept(bare, "client_max_window_bits=10"), Error::client_max_window_bits) << "it was not offered";
}

// A server that was asked for no takeover, or for a small window, and does as it likes, is understood.
TEST(DeflateNegotiation, a_window_that_is_larger_than_asked_for_works) {
  const DeflateOptions small{
      .server_no_context_takeover = true, .server_max_window_bits = 9, .client_max_window_bits = 9};
  std::vector<std::byte> arena(PermessageInflate::arena_size(small, 100) + (1 << 15) - (1 << 9));
  PermessageInflate client(small, arena);
  ASSERT_EQ(client.accept(""), Error::none);
  Codec server;
  ASSERT_EQ(server.extension.accept(""), Error::none);
  std::mt19937 random(11);
  std::string text(20'000, ' ');
  for (char& c : text) c = static_cast<char>(random());
  for (int round = 0; round < 2; ++round) {
    const std::string wire = compress(server.extension, text);
    if (round == 1) {
      EXPECT_LT(wire.size(), 1000U) << "all of it is in the window";
    }
    EXPECT_EQ(inflate(client, wire), text);
  }
}

TEST(DeflateNegotiation, a_server_takes_the_first_offer_it_can_keep) {
  EXPECT_EQ(answer({}, "permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(answer({}, "foo, permessage-deflate; server_max_window_bits=10"),
            "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(answer({}, "permessage-deflate; unknown, permessage-deflate; client_no_context_takeover"),
            "permessage-deflate; client_no_context_takeover");
  EXPECT_EQ(answer({.client_max_window_bits = 10}, "permessage-deflate"), "")
      << "our arena is too small for 2^15";
  EXPECT_EQ(answer({.client_max_window_bits = 10}, "permessage-deflate; client_max_window_bits"),
            "permessage-deflate; client_max_window_bits=10");
  EXPECT_EQ(answer({.server_no_context_takeover = true}, "permessage-deflate"),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer({}, ""), "");
}

// --- Compressed messages ---

Scenario compressed_scenario(std::string input, std::string server_parameters = {}, std::size_t output = 70) {
  Scenario scenario;
  scenario.input = std::move(input);
  scenario.extension_answer = "permessage-deflate" + server_parameters;
  auto codec = std::make_shared<std::unique_ptr<Codec>>();
  scenario.extension = [codec, output] {
    *codec = std::make_unique<Codec>(DeflateOptions{}, output);
    return &(*codec)->extension;
  };
  return scenario;
}

TEST(Deflate, the_examples_of_the_rfc) {
  const std::string hello = "open() text(Hello) ";
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("c1 07 f2 48 cd c9 c9 07 00"))).events, hello);
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("41 03 f2 48 cd 80 04 c9 c9 07 00"))).events, hello);
  EXPECT_EQ(
      replay_every_way(compressed_scenario(unhex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00"))).events,
      hello + "text(Hello) ");
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"))).events,
            hello);
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("c1 08 f3 48 cd c9 c9 07 00 00"))).events, hello)
      << "a final block";
  EXPECT_EQ(
      replay_every_way(compressed_scenario(unhex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"))).events,
      hello)
      << "two blocks";
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("c1 01 00"))).events, "open() text() ");
}

TEST(Deflate, empty_fragments_change_nothing) {
  const std::string_view empty = "00 00";
  for (const std::string_view frames :
       {"41 00 @ 00 03 f2 48 cd 80 04 c9 c9 07 00", "41 03 f2 48 cd @ 80 04 c9 c9 07 00",
        "41 07 f2 48 cd c9 c9 07 00 @ 80 00"}) {
    std::string hex(frames);
    hex.replace(hex.find('@'), 1, empty);
    EXPECT_EQ(replay_every_way(compressed_scenario(unhex(hex))).events, "open() text(Hello) ") << frames;
  }
}

TEST(Deflate, uncompressed_messages_come_between_compressed_ones) {
  EXPECT_EQ(replay_every_way(compressed_scenario(frame(1, "plain") + unhex("c1 07 f2 48 cd c9 c9 07 00") +
                                                 frame(2, "plain")))
                .events,
            "open() text(plain) text(Hello) binary(plain) ");
}

TEST(Deflate, rsv1_on_a_continuation_or_a_control_frame_fails) {
  const std::string end = "closed(us 1002 0: a reserved bit is set that no extension uses)";
  EXPECT_EQ(
      replay_every_way(compressed_scenario(unhex("41 03 f2 48 cd c0 04 c9 c9 07 00"))).events.find(end) !=
          std::string::npos,
      true);
  EXPECT_EQ(replay_every_way(compressed_scenario(unhex("c9 00"))).events, "open() " + end);
}

TEST(Deflate, malformed_data_fails_with_1007) {
  for (const char* payload :
       {"c1 01 06", "c1 02 ff ff", "c1 05 f2 00 11 00 00", "c1 03 f2 48 cd", "c1 00", "c1 02 03 00"}) {
    const std::string events = replay_every_way(compressed_scenario(unhex(payload))).events;
    EXPECT_TRUE(events.ends_with("closed(us 1007 0: compressed data is malformed)"))
        << payload << ": " << events;
  }
}

// zlib says so only if what it puts out at once is not larger: the cuts must not decide what that is.
TEST(Deflate, distances_beyond_the_promised_window_mean_the_same_for_every_cut) {
  std::mt19937 random(5);
  for (const std::size_t distance : {500U, 520U, 550U, 600U, 700U, 1000U, 3000U}) {
    std::string text(distance, ' ');
    for (char& c : text) c = static_cast<char>(random());
    text += text.substr(0, 300);
    Codec peer;
    ASSERT_EQ(peer.extension.accept(""), Error::none);
    const std::string input = frame(2, compress(peer.extension, text), {.reserved = 0x40});
    const std::string events =
        replay_every_way(compressed_scenario(input, "; server_max_window_bits=9", 1000)).events;
    if (distance <= 512) {
      EXPECT_EQ(events, "open() binary(" + text + ") ");
    } else if (distance > 2000) {
      EXPECT_TRUE(events.ends_with("closed(us 1007 0: compressed data is malformed)"));
    }
  }
}

TEST(Deflate, inflated_text_is_checked) {
  Codec codec;
  ASSERT_EQ(codec.extension.accept(""), Error::none);
  const std::string bad = frame(1, compress(codec.extension, "fine so far, then \xc3("), {.reserved = 0x40});
  EXPECT_EQ(replay_every_way(compressed_scenario(bad)).events,
            "open() text(fine so far, then \xc3... closed(us 1007 0: text is not valid UTF-8)");
}

TEST(Deflate, the_message_limit_counts_inflated_bytes_while_inflating) {
  Codec codec;
  ASSERT_EQ(codec.extension.accept(""), Error::none);
  const std::string bomb = frame(2, compress(codec.extension, std::string(1000, 'x')), {.reserved = 0x40});
  Scenario scenario = compressed_scenario(bomb);
  scenario.configure = [](protocol::Config& config) { config.max_message_size = 1000; };
  EXPECT_EQ(replay_every_way(scenario).events, "open() binary(" + std::string(1000, 'x') + ") ");
  scenario.configure = [](protocol::Config& config) { config.max_message_size = 999; };
  EXPECT_EQ(
      replay_every_way(scenario).events,
      "open() binary(" + std::string(999, 'x') + "... closed(us 1009 0: a message is larger than the limit)");
}

TEST(Deflate, a_server_unmasks_and_inflates) {
  Codec codec;
  ASSERT_EQ(codec.extension.accept(""), Error::none);
  Scenario scenario = compressed_scenario({});
  scenario.role = protocol::Role::server;
  scenario.raw_handshake = true;
  const std::string text = "a text, a text, a text that compresses";
  scenario.input = client_request("Sec-WebSocket-Extensions: permessage-deflate\r\n") +
                   frame(1, compress(codec.extension, text), {.reserved = 0x40, .masked = true});
  EXPECT_EQ(replay_every_way(scenario).events, "requested(/chat?x=1) open() text(" + text + ") ");
}

// Two ends over memory: what one compresses, whole or by pieces, the other reads.
TEST(Deflate, every_setting_survives_a_round_trip) {
  std::mt19937 random(7);
  for (const std::uint8_t bits : {9, 10, 12, 15}) {
    for (const std::uint8_t memory_level : {1, 5, 9}) {
      for (const bool no_takeover : {false, true}) {
        DeflateOptions options{.server_no_context_takeover = no_takeover,
                               .client_no_context_takeover = no_takeover,
                               .server_max_window_bits = bits,
                               .client_max_window_bits = bits,
                               .memory_level = memory_level};
        Codec client(options, 200);
        Codec server(options, 300);
        std::array<char, 160> line;
        const std::string offered(line.data(), client.extension.offer(line));
        const std::string answered(line.data(), server.extension.answer(offered, line));
        ASSERT_NE(answered, "");
        ASSERT_EQ(client.extension.accept(std::string_view(answered).substr(
                      "permessage-deflate"sv.size() + (answered.find(';') != std::string::npos))),
                  Error::none)
            << answered;
        for (int message = 0; message < 30; ++message) {
          std::string text;
          const std::size_t size = random() % 3000;
          const bool noise = message % 3 == 0;
          while (text.size() < size)
            text += noise ? static_cast<char>(random()) : "the quick brown fox "[random() % 20];
          std::string wire;
          std::string_view rest = text;
          do {
            const std::string_view piece = rest.substr(0, 1 + random() % 900);
            rest.remove_prefix(piece.size());
            std::vector<std::byte> out(client.extension.bound(piece.size()));
            const std::size_t written = client.extension.compress(bytes_of(piece), rest.empty(), out.data());
            ASSERT_LE(written, out.size());
            wire += text_of(std::span(out).first(written));
          } while (!rest.empty());
          std::string inflated;
          auto input = bytes_of(wire);
          for (bool done = false; !done;) {
            const auto result = server.extension.decompress(input, true, 1 << 20);
            ASSERT_EQ(result.error, Error::none);
            inflated += text_of(result.bytes);
            input = input.subspan(result.consumed);
            done = result.drained;
          }
          ASSERT_EQ(inflated, text);
        }
      }
    }
  }
}

TEST(Deflate, a_device_receives_only) {
  constexpr DeflateOptions options{
      .server_max_window_bits = 9, .client_max_window_bits = 9, .memory_level = 1};
  static std::array<std::byte, PermessageInflate::arena_size(options, 256)> arena;
  static_assert(sizeof arena + 8000 < PermessageDeflate::arena_size(options, 256));
  PermessageInflate client(options, arena);
  Codec server(options, 256);
  std::array<char, 160> line;
  const std::string offered(line.data(), client.offer(line));
  EXPECT_EQ(offered, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
  ASSERT_NE(server.extension.answer(offered, line), 0U);
  ASSERT_EQ(client.accept("server_max_window_bits=9; client_max_window_bits=9"), Error::none);
  EXPECT_FALSE(client.wants(1'000'000));
  EXPECT_TRUE(server.extension.wants(1'000'000));
  const std::string text(3000, 'x');
  std::vector<std::byte> wire(server.extension.bound(text.size()));
  wire.resize(server.extension.compress(bytes_of(text), true, wire.data()));
  EXPECT_EQ(inflate(client, text_of(wire)), text);
}

TEST(Deflate, a_client_compresses_what_is_worth_it) {
  Scenario scenario = compressed_scenario(frame(1, "short") + frame(1, std::string(500, 'l')));
  scenario.echoes = true;
  const Transcript transcript = replay_every_way(scenario);
  EXPECT_EQ(static_cast<unsigned char>(transcript.output[0]), 0x81) << "below the threshold";
  EXPECT_EQ(static_cast<unsigned char>(transcript.output[11]), 0xC1);
  EXPECT_LT(transcript.output.size(), 60U);
}

}  // namespace
}  // namespace test
