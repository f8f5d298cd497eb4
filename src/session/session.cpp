#include "session.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace cpwebsockets {
namespace {

// Options may say "for ever" by the largest value, which no clock holds.
Options with_times_in_range(Options options) {
  for (auto time : {&Options::connect_timeout, &Options::handshake_timeout, &Options::send_timeout,
                    &Options::close_timeout, &Options::ping_interval, &Options::pong_timeout}) {
    options.*time = std::clamp(options.*time, std::chrono::milliseconds(0), longest_time);
  }
  options.close_timeout = std::max(options.close_timeout, std::chrono::milliseconds(1));
  options.frame_size = std::max<std::size_t>(options.frame_size, 1);
  return options;
}

// Not initialised: pages that are never used cost nothing. Null where memory is out.
std::unique_ptr<std::byte[]> allocate(std::size_t size) noexcept {
  const bool possible = size <= static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  return std::unique_ptr<std::byte[]>(possible ? new (std::nothrow) std::byte[size] : nullptr);
}

// The receive buffer holds headers as well: messages whose sizes are powers of two fill it without a rest,
// which would have to move to its front before each read.
std::size_t with_headers(std::size_t size) noexcept {
  const std::size_t headers = size / 256;
  return size <= std::numeric_limits<std::size_t>::max() - headers ? size + headers : size;
}

std::span<std::byte> span_of(const std::unique_ptr<std::byte[]>& memory, std::size_t size) noexcept {
  return memory ? std::span(memory.get(), size) : std::span<std::byte>{};
}

protocol::Config core_config(const Options& options, std::span<std::byte> receive_buffer,
                             std::span<std::byte> send_buffer, RandomPool& random,
                             protocol::MessageExtension* extension) noexcept {
  protocol::Config config;
  config.receive_buffer = receive_buffer;
  config.send_buffer = send_buffer;
  config.random = random.source();
  config.max_message_size = options.max_message_size;
  config.max_frame_size = options.max_frame_size;
  config.max_header_size = std::max(config.max_header_size, options.receive_buffer_size);
  config.frame_size = options.frame_size < send_buffer.size() ? options.frame_size : 0;
  config.handshake_timeout = options.handshake_timeout;
  config.ping_interval = options.ping_interval;
  config.pong_timeout = options.pong_timeout;
  config.close_timeout = options.close_timeout;
  config.extension = extension;
  return config;
}

}  // namespace

Session::Session(const Options& options)
    : options_(with_times_in_range(options)),
      wire_tap_(options.wire_tap),
      receive_capacity_(with_headers(options.receive_buffer_size)),
      receive_buffer_(allocate(receive_capacity_)),
      send_buffer_(allocate(options.send_buffer_size)),
      connection_(core_config(options_, span_of(receive_buffer_, receive_capacity_),
                              span_of(send_buffer_, options.send_buffer_size), random_, make_extension())) {}

protocol::MessageExtension* Session::make_extension() {
#if CPWEBSOCKETS_DEFLATE
  if (options_.compression) {
    const DeflateOptions& deflate = *options_.compression;
    const bool in_range = deflate.server_max_window_bits <= 15 && deflate.client_max_window_bits <= 15 &&
                          deflate.memory_level <= 9;
    const std::size_t size = in_range ? protocol::PermessageDeflate::arena_size(deflate, 16U << 10) : 0;
    deflate_arena_.reset(new std::byte[size]);
    return &deflate_.emplace(deflate, std::span(deflate_arena_.get(), size));
  }
#endif
  return nullptr;
}

// A tap that throws is not asked again: there is nobody whom its exception could reach.
void Session::call_tap(Direction direction, std::span<const std::byte> bytes) noexcept {
  try {
    wire_tap_(direction, bytes);
  } catch (...) {
    wire_tap_ = nullptr;
  }
}

// --- Bytes in ---

std::span<std::byte> Session::read_space(ReadInto into) noexcept {
  reads_direct_ = false;
  read_space_ = {};
  if (input_ended_) return {};
  const std::uint64_t outstanding = into == ReadInto::message ? connection_.payload_outstanding() : 0;
  if (outstanding > 0) read_space_ = direct_space(outstanding);
  reads_direct_ = !read_space_.empty();
  if (!reads_direct_) {
    read_space_ = limited(connection_.receive_space());
  }
  return read_space_;
}

void Session::received(std::size_t size) noexcept {
  const std::span<std::byte> bytes = read_space_.first(size);
  tap(Direction::received, bytes);
  if (reads_direct_) {
    connection_.received_payload(bytes);
  } else {
    connection_.received(size);
  }
}

void Session::input_ended(std::error_code cause) noexcept {
  input_ended_ = true;
  if (cause) story_.input_failed(cause);
  // Who has ended its stream reads no reply; the end must not wait for room for one.
  if (connection_.waits_for_room()) connection_.send_failed();
  connection_.received_eof();
}

// --- Bytes out ---

void Session::sent(std::size_t size) noexcept {
  tap(Direction::sent, connection_.to_send().first(size));
  connection_.sent(size);
  if (close_wanted_) try_close();
}

void Session::output_failed(std::error_code cause) noexcept {
  story_.output_failed(cause ? cause : std::make_error_code(std::errc::broken_pipe));
  close_wanted_ = false;
  connection_.send_failed();
}

// --- Time ---

void Session::poll(protocol::Time now) noexcept {
  now_ = now;
  connection_.poll(now);
  if (!close_wanted_ || now < close_deadline_) return;
  story_.blame(ClientError::close_not_sent);
  output_failed({});
  input_ended();
}

protocol::Time Session::next_deadline() const noexcept {
  const protocol::Time deadline = connection_.next_deadline();
  return close_wanted_ ? std::min(deadline, close_deadline_) : deadline;
}

}  // namespace cpwebsockets
