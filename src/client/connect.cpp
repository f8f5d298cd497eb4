// From a URL to an open connection: resolve, connect, TLS,
// opening handshake. Each step names itself when it fails.
#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "client_core.hpp"
#include "cpwebsockets/transport/tcp.hpp"
#include "cpwebsockets/transport/tls.hpp"

namespace cpwebsockets {
namespace {

// Options may say "for ever" by the largest value, which no clock holds.
Options with_times_in_range(Options options) {
  for (auto time : {&Options::connect_timeout, &Options::handshake_timeout, &Options::send_timeout,
                    &Options::close_timeout, &Options::ping_interval, &Options::pong_timeout}) {
    options.*time = std::clamp(options.*time, std::chrono::milliseconds(0), longest_time);
  }
  options.close_timeout = std::max(options.close_timeout, std::chrono::milliseconds(1));
  return options;
}

// Not initialised: pages that are never used cost nothing. Null where memory is out.
std::unique_ptr<std::byte[]> allocate(std::size_t size) noexcept {
  const bool possible = size <= static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  return std::unique_ptr<std::byte[]>(possible ? new (std::nothrow) std::byte[size] : nullptr);
}

std::span<std::byte> span_of(const std::unique_ptr<std::byte[]>& memory, std::size_t size) noexcept {
  return memory ? std::span(memory.get(), size) : std::span<std::byte>{};
}

// A URL as a message may show it: without credentials, and without the query, where tokens stand.
std::string without_secrets(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
  const std::size_t user_end = url.substr(0, path).rfind('@');
  const std::size_t query = std::min(url.find('?', authority), url.size());
  const std::size_t host =
      user_end == std::string_view::npos || user_end < authority ? authority : user_end + 1;
  std::string shown;
  const auto show = [&](std::string_view part) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) {
        shown += c;
      } else {
        shown += {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
      }
    }
  };
  show(url.substr(0, authority));
  show(url.substr(host, std::max(query, host) - host));
  if (query < url.size()) show("?...");
  return shown;
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
  config.max_header_size = options.receive_buffer_size;
  config.frame_size = options.frame_size;
  config.handshake_timeout = options.handshake_timeout;
  config.ping_interval = options.ping_interval;
  config.pong_timeout = options.pong_timeout;
  config.close_timeout = options.close_timeout;
  config.extension = extension;
  return config;
}

}  // namespace

protocol::MessageExtension* ClientCore::make_extension() {
#if CPWEBSOCKETS_DEFLATE
  if (options_.compression) {
    const CompressionOptions& wanted = *options_.compression;
    const protocol::DeflateOptions deflate{wanted.server_no_context_takeover,
                                           wanted.client_no_context_takeover,
                                           wanted.server_max_window_bits,
                                           wanted.client_max_window_bits,
                                           wanted.memory_level,
                                           wanted.level,
                                           wanted.threshold};
    const bool in_range = deflate.server_max_window_bits <= 15 && deflate.client_max_window_bits <= 15 &&
                          deflate.memory_level <= 9;
    const std::size_t size = in_range ? protocol::PermessageDeflate::arena_size(deflate, 16U << 10) : 0;
    deflate_arena_.reset(new std::byte[size]);
    return &deflate_.emplace(deflate, std::span(deflate_arena_.get(), size));
  }
#endif
  return nullptr;
}

ClientCore::ClientCore(const Options& options)
    : options_(with_times_in_range(options)),
      receive_buffer_(allocate(options.receive_buffer_size)),
      send_buffer_(allocate(options.send_buffer_size)),
      connection_(core_config(options_, span_of(receive_buffer_, options.receive_buffer_size),
                              span_of(send_buffer_, options.send_buffer_size), random_, make_extension())) {}

void ClientCore::fail(Step step, std::error_code code, const std::string& about) {
  info_.failure.step = step;
  info_.failure.code = code;
  std::string& sentence = info_.failure.sentence;
  sentence = std::string(protocol::name(step)) + ": " + code.message();
  if (!about.empty()) sentence += " (" + about + ")";
  if (info_.by == ClosedBy::nobody) info_.by = step == Step::url ? ClosedBy::us : ClosedBy::network;
  closed_ = true;
  stream_ended_ = true;
}

void ClientCore::connect(std::string_view text, const Wait& wait, std::error_code& ec) {
  protocol::Url url;
  if (const protocol::Error error = protocol::parse_url(text, url); error != protocol::Error::none) {
    fail(Step::url, error, without_secrets(text));
  } else if (!receive_buffer_ || !send_buffer_) {
    fail(Step::connect, std::make_error_code(std::errc::not_enough_memory), "the buffers' sizes");
  } else {
    const Deadline deadline = deadline_for(wait, options_.connect_timeout);
    if (open_stream(url, deadline)) {
      Deadline handshake = deadline;
      // The core's handshake_timeout bounds this step, unless the caller set a limit for the whole call.
      if (!wait.timeout) handshake.at = transport::Clock::time_point::max();
      open_connection(url, handshake);
    }
  }
  ec = info_.failure.code;
}

bool ClientCore::open_stream(const protocol::Url& url, const Deadline& deadline) {
  const std::string host(url.host);
  std::error_code ec;
  const std::vector<transport::Address> addresses = transport::resolve(host, url.port, deadline, ec);
  if (ec) {
    fail(Step::resolve, ec, host);
    return false;
  }
  std::unique_ptr<transport::TcpStream> tcp = transport::connect_tcp(addresses, deadline, ec);
  if (ec) {
    fail(Step::connect, ec,
         addresses.size() == 1 ? transport::to_string(addresses.front())
                               : host + ":" + std::to_string(url.port));
    return false;
  }
  stream_ = std::move(tcp);
  return !url.secure || secure_stream(host, url.port, deadline);
}

bool ClientCore::secure_stream(const std::string& host, std::uint16_t port, const Deadline& deadline) {
#if CPWEBSOCKETS_TLS
  const std::string& name = options_.tls.server_name.empty() ? host : options_.tls.server_name;
  std::error_code ec;
  std::string about;
  std::shared_ptr<transport::TlsContext> context = options_.tls_context;
  if (context == nullptr) context = transport::TlsContext::shared_client(options_.tls, ec, &about);
  std::unique_ptr<transport::TlsStream> tls;
  if (!ec) {
    const std::string peer = name + ":" + std::to_string(port);
    tls = transport::TlsStream::client(std::move(context), std::move(stream_), name, peer, ec);
  }
  if (ec) {
    fail(Step::tls, ec, about.empty() ? name : about);
    return false;
  }
  for (;;) {
    const transport::IoResult result = tls->handshake();
    if (result.status == transport::IoStatus::ok) break;
    ec = result.error;
    if (!ec) {
      const auto events =
          result.status == transport::IoStatus::want_write ? transport::Ready::write : transport::Ready::read;
      ec = transport::wait_for(tls->handle(), events, deadline);
    }
    if (ec) {
      fail(Step::tls, ec, tls->detail().empty() ? name : name + ": " + tls->detail());
      return false;
    }
  }
  stream_ = std::move(tls);
  return true;
#else
  static_cast<void>(port);
  static_cast<void>(deadline);
  fail(Step::tls, transport::make_error_code(transport::TlsError::unsupported), host);
  return false;
#endif
}

bool ClientCore::open_connection(const protocol::Url& url, const Deadline& deadline) {
  std::vector<protocol::Header> headers;
  for (const auto& [name, value] : options_.headers) headers.push_back({name, value});
  std::vector<std::string_view> subprotocols(options_.subprotocols.begin(), options_.subprotocols.end());

  protocol::Request request = protocol::Request::to(url);
  // RFC 6874 §3: a zone means something on this machine alone.
  std::string authority(url.authority);
  if (const std::size_t zone = authority.find('%'); zone != std::string::npos) {
    authority.erase(zone, authority.find(']') - zone);
    request.host = authority;
  }
  request.origin = options_.origin;
  request.headers = headers;
  request.subprotocols = subprotocols;
  let_time_pass();
  if (const protocol::Error error = connection_.open(request); error != protocol::Error::none) {
    fail(Step::handshake, error, {});
    return false;
  }
  return await_opening(deadline);
}

bool ClientCore::await_opening(const Deadline& deadline) {
  Lock lock(mutex_);
  std::error_code ec;
  for (;;) {
    const protocol::Event event = connection_.next_event();
    if (const auto* opened = std::get_if<protocol::Opened>(&event)) {
      subprotocol_ = opened->subprotocol;
      extensions_ = opened->extensions;
      return true;
    }
    if (const auto* refused = std::get_if<protocol::Refused>(&event)) {
      note_refusal(*refused);
    } else if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
      on_closed(*closed);
      end_stream(lock);
      return false;
    } else if (!receive_more(lock, ReadInto::buffer, deadline, ec)) {
      stream_->abort();
      fail(Step::handshake, ec, {});
      return false;
    }
  }
}

void ClientCore::note_refusal(const protocol::Refused& refused) {
  Refusal& refusal = info_.failure.refusal;
  refusal.status = refused.status;
  refusal.body = refused.body;
  protocol::HeaderBlock headers = refused.headers;
  for (protocol::Header header; headers.next(header);) {
    refusal.headers.emplace_back(std::string(header.name), std::string(header.value));
  }
}

Client connect(std::string_view url, const Options& options, const Wait& wait, std::error_code& ec) {
  ec.clear();
  auto core = std::make_unique<ClientCore>(options);
  core->connect(url, wait, ec);
  return Client(std::move(core));
}

}  // namespace cpwebsockets
