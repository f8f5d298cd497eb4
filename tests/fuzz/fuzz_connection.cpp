// libFuzzer: bytes from a hostile server (or client) into a Connection, cut as the input says. Beside what
// the sanitizers see, it checks the core's promises: the same events and output for another cut, no event
// after the end, nothing parsed after a violation, no message beyond its limit, no text that is not UTF-8.
#include <cpwebsockets/protocol/connection.hpp>
#include <cpwebsockets/protocol/permessage_deflate.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace cpwebsockets::protocol;

constexpr std::size_t max_message = 3000;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

struct Setup {
  bool server;
  bool raw_handshake;  // the fuzzer writes the peer's handshake as well
  bool deflate;
  bool small_buffers;
  bool ends;
  bool sized;  // replies are frames of known size, in pieces
  bool lazy;   // and their pieces come when there is nothing else to do
};

struct Outcome {
  std::string events;
  std::string output;
  bool operator==(const Outcome&) const = default;
};

bool count_up(void* context, std::span<std::byte> out) noexcept {
  for (std::byte& byte : out) byte = static_cast<std::byte>((*static_cast<unsigned*>(context))++);
  return true;
}

class Session {
 public:
  explicit Session(const Setup& setup)
      : setup_(setup),
        receive_(setup.small_buffers ? 256 : 4096),
        send_(setup.small_buffers ? 512 : 8192),
        arena_(PermessageDeflate::arena_size(options, 128)),
        extension_(options, arena_),
        connection_(config()) {}

  // Cut into reads of `cuts`, over and over; 0 reads payload straight into memory of its own.
  Outcome run(std::string input, std::span<const std::uint8_t> cuts) {
    input = start() + input;
    std::string_view rest = input;
    for (std::size_t i = 0; !rest.empty(); ++i) {
      const std::size_t cut = cuts.empty() ? rest.size() : cuts[i % cuts.size()];
      const std::uint64_t outstanding = cut % 2 == 0 ? connection_.payload_outstanding() : 0;
      std::size_t size = std::min(rest.size(), cut == 0 ? rest.size() : cut);
      std::vector<std::byte> memory;
      if (outstanding > 0) {
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, outstanding));
        memory.resize(size);
        std::memcpy(memory.data(), rest.data(), size);
        connection_.received_payload(memory);
      } else {
        const std::span<std::byte> space = connection_.receive_space();
        require(!space.empty(), "there is room to receive when nothing waits to be sent");
        size = std::min(size, space.size());
        std::memcpy(space.data(), rest.data(), size);
        connection_.received(size);
      }
      rest.remove_prefix(size);
      drain();
    }
    if (setup_.ends) connection_.received_eof();
    drain();
    connection_.send_failed();
    if (!setup_.ends) connection_.received_eof();
    drain();
    require(ended_, "a stream that neither gives nor takes ends the connection");
    return outcome_;
  }

 private:
  static constexpr DeflateOptions options{
      .server_max_window_bits = 9, .client_max_window_bits = 9, .memory_level = 1};

  Config config() {
    Config config;
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    config.random = {&count_up, &counter_};
    config.max_message_size = max_message;
    config.extension = setup_.deflate ? &extension_ : nullptr;
    return config;
  }

  std::string start() {
    if (setup_.server) {
      require(connection_.listen() == Error::none, "listen");
      return setup_.raw_handshake
                 ? ""
                 : "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: "
                   "Upgrade\r\nSec-WebSocket-Key: "
                   "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: "
                   "permessage-deflate; client_max_window_bits\r\n\r\n";
    }
    Request request;
    request.host = "h";
    require(connection_.open(request) == Error::none, "open");
    connection_.sent(connection_.to_send().size());
    if (setup_.raw_handshake) return {};
    const auto accept = accept_value("AAECAwQFBgcICQoLDA0ODw==");
    return "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           std::string(accept.data(), accept.size()) + "\r\n" +
           (setup_.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9; "
                             "client_max_window_bits=9\r\n"
                           : "") +
           "\r\n";
  }

  void drain() {
    for (;;) {
      const Event event = connection_.next_event();
      note(event);
      const bool sent = flush() || append_piece();
      if (std::holds_alternative<std::monostate>(event) && !sent) return;
    }
  }

  bool flush() {
    const auto out = connection_.to_send();
    outcome_.output.append(reinterpret_cast<const char*>(out.data()), out.size());
    connection_.sent(out.size());
    return !out.empty();
  }

  // Sending what came must never be wrong.
  void reply(Opcode opcode) {
    const auto message = std::as_bytes(std::span(message_));
    if (!setup_.sized || connection_.has_extension()) {
      require(connection_.send(opcode, message) != Result::invalid, "a received message can be sent");
      return;
    }
    while (append_piece()) continue;  // of the reply before
    if (connection_.begin_message(opcode) != Result::accepted) return;
    flush();
    const Result begun = connection_.begin_frame(message.size(), true);
    require(begun == Result::accepted, "a frame begins in an empty buffer");
    reply_ = message_;
    while (!setup_.lazy && append_piece()) continue;
  }

  // False when there is none to append.
  bool append_piece() {
    if (connection_.frame_size_left() == 0 || connection_.state() == State::closed) return false;
    flush();
    require(connection_.ping({}) != Result::accepted, "a ping waits for the end of the frame");
    const std::size_t size = std::min<std::size_t>(connection_.frame_room(), 100);
    require(size > 0, "there is room for payload in an empty buffer");
    const auto piece = std::as_bytes(std::span(reply_)).last(connection_.frame_size_left()).first(size);
    require(connection_.append_to_frame(piece) == Result::accepted, "a received message can be sent");
    return flush();
  }

  void note(const Event& event) {
    if (std::holds_alternative<std::monostate>(event)) return;
    require(!ended_, "nothing comes after the end");
    if (const auto* part = std::get_if<MessagePart>(&event)) {
      require(part->first == message_.empty() || !part->first, "a message begins once");
      if (part->first) message_.clear();
      message_.append(reinterpret_cast<const char*>(part->bytes.data()), part->bytes.size());
      require(message_.size() <= max_message, "the limit holds");
      outcome_.events.append(reinterpret_cast<const char*>(part->bytes.data()), part->bytes.size());
      if (part->last) {
        require(part->opcode == Opcode::binary || is_valid_utf8(std::as_bytes(std::span(message_))),
                "text is UTF-8");
        reply(part->opcode);
        outcome_.events += part->opcode == Opcode::text ? "|t|" : "|b|";
        message_.clear();
      }
    } else if (std::get_if<Requested>(&event) != nullptr) {
      require(connection_.accept() == Result::accepted, "a request that was reported can be accepted");
      outcome_.events += "requested|";
    } else if (const auto* closed = std::get_if<Closed>(&event)) {
      ended_ = true;
      outcome_.events += "closed " + std::string(describe(closed->info.error)) + " " +
                         std::to_string(to_integer(closed->info.sent)) + " " +
                         std::to_string(to_integer(closed->info.received)) + " " +
                         std::string(closed->info.reason);
      require(closed->info.sent == CloseCode::none || closed->info.sent == CloseCode::no_status_received ||
                  is_valid_on_wire(closed->info.sent),
              "a valid code is sent");
    } else {
      outcome_.events += "|" + std::to_string(event.index()) + "|";
    }
  }

  const Setup setup_;
  std::vector<std::byte> receive_;
  std::vector<std::byte> send_;
  std::vector<std::byte> arena_;
  unsigned counter_ = 0;
  PermessageDeflate extension_;
  Connection connection_;
  Outcome outcome_;
  std::string message_;
  std::string reply_;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  const unsigned flags = data[0];
  const Setup setup{(flags & 1) != 0,  (flags & 2) != 0,  (flags & 4) != 0, (flags & 8) != 0,
                    (flags & 16) != 0, (flags & 32) != 0, (flags & 64) != 0};
  const std::span<const std::uint8_t> cuts(data + 1, 4);
  const std::string input(reinterpret_cast<const char*>(data + 5), size - 5);

  const Outcome cut = Session(setup).run(input, cuts);
  // What is unfinished when a violation comes depends on the cut.
  if (setup.sized && setup.lazy) return 0;
  // A buffer that is full cuts a refusal's body and a header at its own size: the same for every cut, but
  // only when the whole input does not overrun it in one read; so one byte at a time is the other way to
  // compare.
  constexpr std::uint8_t one[] = {1};
  const Outcome byte_by_byte = Session(setup).run(input, one);
  require(cut == byte_by_byte, "every cut gives the same events and output");
  return 0;
}
