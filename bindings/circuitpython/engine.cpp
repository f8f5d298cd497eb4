#include "engine.h"

#include <algorithm>
#include <new>

#include "cpwebsockets/protocol/connection.hpp"
#include "cpwebsockets/protocol/seeded_random.hpp"
#include "cpwebsockets/protocol/utf8.hpp"

// Firmware compiles this together with the core, as a whole program (micropython.mk): these are its entries.
#if defined(__GNUC__) && !defined(__clang__)
#define CPWS_ENTRY __attribute__((externally_visible))
#else
#define CPWS_ENTRY
#endif

namespace {

using namespace cpwebsockets::protocol;

// Of the connection's one block, a quarter receives: payload is read past it, straight into the message. The
// rest sends: the larger it is, the fewer frames, segments and calls a message takes.
constexpr std::size_t receive_part(std::size_t buffer_size) {
  return buffer_size / 4;
}

std::span<std::byte> bytes_of(std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<std::byte*>(data), size};
}

std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

std::string_view view_of(cpws_text_t text) {
  return {text.data, text.size};
}

cpws_text_t text_of(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view value_of(cpws_text_t text) {
  return view_of(text);
}

Header value_of(const cpws_header_t& header) {
  return {view_of(header.name), view_of(header.value)};
}

// What the core takes, in the place of what C has.
template <typename Value, typename CValue>
std::span<const Value> converted(CValue* array, std::size_t count) {
  static_assert(sizeof(Value) == sizeof(CValue));
  static_assert(alignof(Value) == alignof(CValue));
  auto* const values = reinterpret_cast<Value*>(array);
  for (std::size_t i = 0; i < count; ++i) {
    const CValue value = array[i];
    ::new (static_cast<void*>(values + i)) Value(value_of(value));
  }
  return {values, count};
}

const char* sentence(Error error) {
  return error == Error::none ? nullptr : describe(error).data();
}

cpws_result_t result_of(Result result) {
  switch (result) {
    case Result::accepted:
      return CPWS_ACCEPTED;
    case Result::would_block:
      return CPWS_WOULD_BLOCK;
    case Result::too_large:
    case Result::invalid:
      return CPWS_INVALID;
    case Result::not_open:
    case Result::dead:
      break;
  }
  return CPWS_DEAD;
}

}  // namespace

struct cpws_engine {
  explicit cpws_engine(const cpws_settings_t& settings)
      : random(std::span<const std::byte, SeededRandom::seed_size>(bytes_of(settings.seed, CPWS_SEED_SIZE))),
        buffer(bytes_of(settings.buffer, settings.buffer_size)),
        last_tick(settings.now),
        connection(config_for(settings)) {}

  Config config_for(const cpws_settings_t& settings) {
    Config config;
    // All of it for the request, and, when that is gone, all of it for the response.
    config.receive_buffer = config.send_buffer = buffer;
    config.max_header_size = 64U << 10;  // or what the buffer holds
    config.random = random.source();
    config.max_message_size = settings.max_message_size;
    config.handshake_timeout = std::chrono::milliseconds(settings.handshake_timeout);
    config.close_timeout = std::chrono::milliseconds(settings.close_timeout);
    config.ping_interval = config.pong_timeout =
        settings.keepalive > 0 ? std::chrono::milliseconds(settings.keepalive) : Duration(no_limit);
    return config;
  }

  void part_buffer() {
    const std::size_t size = receive_part(buffer.size());
    connection.use_buffers(buffer.first(size), buffer.subspan(size));
  }

  cpws_event_kind_t take(const MessagePart& part, cpws_event_t& event) const {
    event.bytes = reinterpret_cast<const std::uint8_t*>(part.bytes.data());
    event.size = part.bytes.size();
    event.text = part.opcode == Opcode::text;
    event.first = part.first;
    event.last = part.last;
    event.frame_ends = part.last || connection.frame_payload_left() == 0;
    return CPWS_PART;
  }

  // Of Ping and Pong the core has done what there is to do.
  void note(const Event& event) {
    has_ended = has_ended || std::holds_alternative<Closed>(event);
    if (const auto* pong = std::get_if<Pong>(&event)) {
      has_round_trip = has_round_trip || pong->round_trip.has_value();
    }
  }

  // Whether a message may be begun that may then wait for room in its middle: what is before it in the buffer
  // would keep it from being the next thing that is sent.
  [[nodiscard]] bool can_begin(const cpws_outgoing_t& message) const {
    const std::span<const std::byte> waiting = connection.to_send();
    if (waiting.empty()) return true;
    const std::size_t room = buffer.size() - receive_part(buffer.size()) - waiting.size();
    return message.size <= room && message.size / message.frame_size < room / max_frame_header &&
           (message.size / message.frame_size + 1) * max_frame_header <= room - message.size;
  }

  SeededRandom random;
  std::span<std::byte> buffer;
  std::uint32_t last_tick;
  Time time;
  std::span<const std::string_view> offered;
  bool message_begun = false;
  bool has_round_trip = false;
  bool has_ended = false;  // the Closed event was seen
  Connection connection;
};

static_assert(std::is_trivially_destructible_v<cpws_engine>, "the garbage collector just frees it");
static_assert(alignof(cpws_engine) <= 8);
static_assert(static_cast<int>(ClosedBy::network) == CPWS_BY_NETWORK, "the same order");

extern "C" {

CPWS_ENTRY size_t cpws_engine_size(void) {
  return sizeof(cpws_engine);
}

CPWS_ENTRY void cpws_init(cpws_engine_t* engine, const cpws_settings_t* settings) {
  ::new (static_cast<void*>(engine)) cpws_engine(*settings);
}

CPWS_ENTRY const char* cpws_parse_url(cpws_text_t text, cpws_url_t* url) {
  Url parsed;
  const Error error = parse_url(view_of(text), parsed);
  url->secure = parsed.secure;
  url->host = text_of(parsed.host);
  url->authority = text_of(parsed.authority);
  url->path = text_of(parsed.path);
  url->query = text_of(parsed.query);
  url->user = text_of(parsed.user);
  url->password = text_of(parsed.password);
  url->has_userinfo = parsed.has_userinfo;
  url->port = parsed.port;
  return sentence(error);
}

CPWS_ENTRY const char* cpws_open(cpws_engine_t* engine, const cpws_url_t* url,
                                 const cpws_request_t* request) {
  const auto headers = converted<Header>(request->headers, request->header_count);
  engine->offered = converted<std::string_view>(request->subprotocols, request->subprotocol_count);
  Request wanted;
  wanted.host = view_of(url->authority);
  wanted.path = view_of(url->path);
  wanted.query = view_of(url->query);
  if (url->has_userinfo) wanted.credentials = {view_of(url->user), view_of(url->password)};
  wanted.origin = view_of(request->origin);
  wanted.headers = headers;
  wanted.subprotocols = engine->offered;
  return sentence(engine->connection.open(wanted));
}

CPWS_ENTRY void cpws_assume_open(cpws_engine_t* engine, bool as_client) {
  engine->part_buffer();
  static_cast<void>(engine->connection.assume_open(as_client ? Role::client : Role::server));
}

CPWS_ENTRY cpws_event_kind_t cpws_next(cpws_engine_t* engine, cpws_event_t* event) {
  Connection& connection = engine->connection;
  MessagePart whole;
  if (connection.take_whole_message(whole)) return engine->take(whole, *event);
  for (;;) {
    const Event next = connection.next_event();
    if (const auto* part = std::get_if<MessagePart>(&next)) return engine->take(*part, *event);
    if (const auto* opened = std::get_if<Opened>(&next)) {
      const auto& offered = engine->offered;
      const auto chosen = std::find(offered.begin(), offered.end(), opened->subprotocol);
      event->subprotocol = chosen == offered.end() ? -1 : static_cast<int>(chosen - offered.begin());
      engine->part_buffer();
      return CPWS_OPENED;
    }
    if (const auto* refused = std::get_if<Refused>(&next)) {
      event->status = refused->status;
      event->headers = text_of(refused->headers.text());
      event->bytes = reinterpret_cast<const std::uint8_t*>(refused->body.data());
      event->size = refused->body.size();
      return CPWS_REFUSED;
    }
    if (std::holds_alternative<std::monostate>(next) && !engine->has_ended) return CPWS_NOTHING;
    engine->note(next);
    if (engine->has_ended) return CPWS_CLOSED;
  }
}

CPWS_ENTRY bool cpws_control_frame_is_next(cpws_engine_t* engine) {
  return engine->connection.control_frame_is_next();
}

CPWS_ENTRY bool cpws_answer_control_frames(cpws_engine_t* engine) {
  Connection& connection = engine->connection;
  while (connection.control_frame_is_next()) {
    const Event event = connection.next_event();
    if (std::holds_alternative<std::monostate>(event)) break;  // its reply waits for room
    engine->note(event);
  }
  return connection.state() == State::closed;
}

CPWS_ENTRY bool cpws_next_header(cpws_text_t* headers, cpws_header_t* field) {
  HeaderBlock block{view_of(*headers)};
  Header next;
  const bool found = block.next(next);
  field->name = text_of(next.name);
  field->value = text_of(next.value);
  *headers = text_of(block.text());
  return found;
}

CPWS_ENTRY uint8_t* cpws_receive_space(cpws_engine_t* engine, size_t* size) {
  const std::span<std::byte> space = engine->connection.receive_space();
  *size = space.size();
  if (engine->connection.state() == State::connecting) {
    // What is behind the header must fit the part that receives later.
    *size = std::min(*size, receive_part(engine->buffer.size()));
  }
  return reinterpret_cast<std::uint8_t*>(space.data());
}

CPWS_ENTRY void cpws_received(cpws_engine_t* engine, size_t size) {
  engine->connection.received(size);
}

CPWS_ENTRY void cpws_received_eof(cpws_engine_t* engine) {
  engine->connection.received_eof();
}

CPWS_ENTRY void cpws_send_failed(cpws_engine_t* engine) {
  engine->connection.send_failed();
}

CPWS_ENTRY uint64_t cpws_payload_outstanding(const cpws_engine_t* engine) {
  return engine->connection.payload_outstanding();
}

CPWS_ENTRY void cpws_received_payload(cpws_engine_t* engine, uint8_t* payload, size_t size) {
  engine->connection.received_payload(bytes_of(payload, size));
}

CPWS_ENTRY uint64_t cpws_frame_payload_left(const cpws_engine_t* engine) {
  return engine->connection.frame_payload_left();
}

CPWS_ENTRY const uint8_t* cpws_to_send(const cpws_engine_t* engine, size_t* size) {
  const std::span<const std::byte> bytes = engine->connection.to_send();
  *size = bytes.size();
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

CPWS_ENTRY void cpws_sent(cpws_engine_t* engine, size_t size) {
  engine->connection.sent(size);
}

CPWS_ENTRY bool cpws_is_utf8(const uint8_t* text, size_t size) {
  return is_valid_utf8(bytes_of(text, size));
}

CPWS_ENTRY cpws_result_t cpws_put(cpws_engine_t* engine, cpws_outgoing_t* message) {
  Connection& connection = engine->connection;
  if (!message->begun && !engine->can_begin(*message)) return CPWS_WOULD_BLOCK;
  if (!engine->message_begun && connection.frame_size_left() == 0) {
    const Result result = connection.begin_message(message->text ? Opcode::text : Opcode::binary);
    if (result != Result::accepted) return result_of(result);
    engine->message_begun = true;
  }
  if (message->size == 0 && message->more) return CPWS_ACCEPTED;
  do {
    if (connection.frame_size_left() == 0) {
      if (message->begun) cpws_answer_control_frames(engine);
      const std::size_t size = std::min(message->size, message->frame_size);
      const bool is_last = size == message->size && !message->more;
      const Result result = connection.begin_frame(size, is_last);
      if (result != Result::accepted) return result_of(result);
      message->begun = true;
      engine->message_begun = !is_last;
    }
    const std::size_t room = connection.frame_room();
    const Result result = connection.append_to_frame(bytes_of(message->data, room));
    if (result != Result::accepted) return result_of(result);
    message->data += room;
    message->size -= room;
    if (connection.frame_size_left() > 0) return CPWS_WOULD_BLOCK;
  } while (message->size > 0);
  return CPWS_ACCEPTED;
}

CPWS_ENTRY bool cpws_frame_is_unfinished(const cpws_engine_t* engine) {
  return engine->connection.frame_size_left() > 0;
}

CPWS_ENTRY cpws_result_t cpws_ping(cpws_engine_t* engine, const uint8_t* payload, size_t size) {
  std::array<std::byte, 4> unpredictable;  // so that its pong proves a round trip
  if (size > 0) return result_of(engine->connection.ping(bytes_of(payload, size)));
  engine->random.fill(unpredictable);
  return result_of(engine->connection.ping(unpredictable));
}

CPWS_ENTRY cpws_result_t cpws_pong(cpws_engine_t* engine, const uint8_t* payload, size_t size) {
  return result_of(engine->connection.pong(bytes_of(payload, size)));
}

CPWS_ENTRY cpws_result_t cpws_close(cpws_engine_t* engine, uint16_t code, cpws_text_t reason) {
  return result_of(engine->connection.close(CloseCode{code}, view_of(reason)));
}

CPWS_ENTRY const char* cpws_check_close(uint32_t code, cpws_text_t reason) {
  if (code > 0xFFFF || !is_valid_on_wire(static_cast<CloseCode>(code))) {
    return "a close code is 1000-1003, 1007-1014 or 3000-4999";
  }
  const bool fits = reason.size <= max_close_reason &&
                    cpws_is_utf8(reinterpret_cast<const std::uint8_t*>(reason.data), reason.size);
  return fits ? nullptr : "a reason is UTF-8 of at most 123 bytes";
}

CPWS_ENTRY int32_t cpws_poll(cpws_engine_t* engine, uint32_t now) {
  engine->time += std::chrono::milliseconds(now - engine->last_tick);
  engine->last_tick = now;
  const Time deadline = engine->connection.poll(engine->time);
  if (deadline == Time::max()) return -1;
  // In 32 bits, where small devices divide; a wait of half an hour may as well end early.
  const std::int64_t left = (deadline - engine->time).count();
  constexpr std::int64_t longest = 0x7000'0000;
  return left <= 0
             ? 0
             : static_cast<std::int32_t>((static_cast<std::uint32_t>(std::min(left, longest)) + 999) / 1000);
}

CPWS_ENTRY bool cpws_round_trip(const cpws_engine_t* engine, uint32_t* microseconds) {
  *microseconds = static_cast<std::uint32_t>(engine->connection.round_trip().count());
  return engine->has_round_trip;
}

CPWS_ENTRY void cpws_end(const cpws_engine_t* engine, cpws_end_t* end) {
  const CloseInfo& info = engine->connection.close_info();
  end->by = static_cast<cpws_by_t>(info.by);
  end->sent = to_integer(info.sent);
  end->received = to_integer(info.received);
  end->failure = sentence(info.error);
  end->is_violation = info.error >= Error::reserved_bits && info.error < Error::close_timeout;
  end->violation_code = to_integer(close_code_for(info.error));
  end->awaits_eof = engine->connection.transport() == Transport::await_eof;
  end->reason = text_of(info.reason);
}

}  // extern "C"
