// The client's side of the opening handshake (RFC 6455 §4.1, §4.2.2).
#include <algorithm>
#include <cstring>

#include "cpwebsockets/protocol/connection.hpp"
#include "http_writer.hpp"
#include "refusal_body.hpp"
#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

bool is_request_part(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

Error check_request(const Request& request) noexcept {
  if (request.host.empty() || !is_request_part(request.host) ||
      request.host.find('/') != std::string_view::npos) {
    return Error::invalid_host;
  }
  const bool path_ok = request.path.empty() || request.path.front() == '/';
  const bool query_ok = request.query.empty() || request.query.front() == '?';
  if (!path_ok || !query_ok || !is_request_part(request.path) || !is_request_part(request.query)) {
    return Error::invalid_request_target;
  }
  if (!request.origin.empty() && check_header({"Origin", request.origin}) != Error::none) {
    return Error::invalid_header_value;
  }
  for (const Header& header : request.headers) {
    if (const Error error = check_header(header); error != Error::none) return error;
  }
  return check_subprotocols(request.subprotocols);
}

// Basic credentials (RFC 7617) straight from percent-encoded text: three bytes at a time become four
// characters.
class CredentialsWriter {
 public:
  explicit CredentialsWriter(HttpWriter& out) noexcept : out_(out) {}

  void put(std::string_view encoded) noexcept {
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      char c = encoded[i];
      if (c == '%' && encoded.size() - i > 2) {
        c = static_cast<char>(hex_value(encoded[i + 1]) << 4 | hex_value(encoded[i + 2]));
        i += 2;
      }
      group_[filled_++] = static_cast<std::byte>(c);
      if (filled_ == group_.size()) flush();
    }
  }
  void flush() noexcept {
    if (filled_ == 0) return;
    char text[4];
    base64_encode(std::span<const std::byte>(group_).first(filled_), text);
    out_.put({text, sizeof text});
    filled_ = 0;
  }

 private:
  HttpWriter& out_;
  std::array<std::byte, 3> group_{};
  std::size_t filled_ = 0;
};

void write_request(HttpWriter& out, const Request& request, std::string_view key) noexcept {
  out.put("GET ");
  out.put(request.path.empty() ? "/" : request.path);
  out.put(request.query);
  out.put(" HTTP/1.1\r\n");
  out.field("Host", request.host);
  out.field("Upgrade", "websocket");
  out.field("Connection", "Upgrade");
  out.field("Sec-WebSocket-Key", key);
  out.field("Sec-WebSocket-Version", "13");
  if (!request.origin.empty()) out.field("Origin", request.origin);
  if (request.has_credentials) {
    out.put("Authorization: Basic ");
    CredentialsWriter credentials(out);
    credentials.put(request.user);
    credentials.put("%3A");
    credentials.put(request.password);
    credentials.flush();
    out.put("\r\n");
  }
  if (!request.subprotocols.empty()) {
    std::string_view separator = "Sec-WebSocket-Protocol: ";
    for (const std::string_view subprotocol : request.subprotocols) {
      out.put(separator);
      out.put(subprotocol);
      separator = ", ";
    }
    out.put("\r\n");
  }
  for (const Header& header : request.headers) out.field(header.name, trim(header.value));
}

}  // namespace

Error Connection::open(const Request& request) noexcept {
  if (state_ != State::idle) return Error::wrong_state;
  if (const Error error = check_config(); error != Error::none) return error;
  if (const Error error = check_request(request); error != Error::none) return error;

  std::array<std::byte, 16> nonce;
  if (!config_.random.fill(config_.random.context, nonce)) return Error::entropy_failure;
  std::array<char, base64_length(sizeof nonce)> key;
  base64_encode(nonce, key.data());

  HttpWriter out(send_);
  write_request(out, request, {key.data(), key.size()});
  if (config_.extension != nullptr) {
    std::array<char, 160> offer;
    const std::size_t size = config_.extension->offer(offer);
    if (size == 0) return Error::extension_unusable;
    out.field("Sec-WebSocket-Extensions", {offer.data(), size});
  }
  out.put("\r\n");
  if (!out.commit()) return Error::request_too_large;

  expected_accept_ = accept_value({key.data(), key.size()});
  offered_subprotocols_ = request.subprotocols;
  start_handshake(Role::client, &Connection::read_response);
  return Error::none;
}

Event Connection::read_response() noexcept {
  for (;;) {
    if (refused_status_ != 0) return read_refusal();

    // Whatever speaks another protocol is recognised by its first bytes.
    constexpr std::string_view version = "HTTP/1.1 ";
    const std::string_view start = slice(header_text(), 0, version.size());
    if (start != slice(version, 0, start.size())) {
      fail(Error::not_http, Step::handshake, ClosedBy::us);
      return closed_event();
    }
    if (!find_header_end()) return state_ == State::closed ? closed_event() : Event{};

    const std::string_view header = slice(header_text(), 0, header_size_);
    const std::string_view status_line = slice(header, 0, header.find("\r\n"));
    const HeaderBlock fields = HeaderBlock::behind_start_line(header);
    const std::string_view digits = slice(status_line, std::min(version.size(), status_line.size()), 3);
    const bool digits_ok =
        digits.size() == 3 && digits[0] >= '1' && digits[0] <= '5' && is_digit(digits[1]) &&
        is_digit(digits[2]) &&
        (status_line.size() == version.size() + 3 || status_line[version.size() + 3] == ' ');
    if (!digits_ok || status_line.find('\n') != std::string_view::npos || !fields.validate()) {
      fail(Error::malformed_header, Step::handshake, ClosedBy::us);
      return closed_event();
    }
    const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    if (status == 101) return complete_handshake(fields);
    if (status >= 200) {
      refused_status_ = status;
    } else {
      // RFC 9110 §15.2: interim responses may come before the final one.
      receive_.consume(header_size_);
      header_size_ = header_scanned_ = 0;
    }
  }
}

Event Connection::complete_handshake(HeaderBlock fields) noexcept {
  bool upgrade = false;
  bool connection = false;
  int accepts = 0;
  bool accept_matches = false;
  int subprotocols = 0;
  std::string_view subprotocol;
  std::string_view extensions;
  Error error = Error::none;

  HeaderBlock rest = fields;
  for (Header field; error == Error::none && rest.next(field);) {
    if (equals_ignoring_case(field.name, "Upgrade")) {
      upgrade = equals_ignoring_case(field.value, "websocket");
      if (!upgrade) error = Error::upgrade_missing;
    } else if (equals_ignoring_case(field.name, "Connection")) {
      connection = connection || has_token(field.value, "upgrade");
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Accept")) {
      ++accepts;
      accept_matches = field.value == std::string_view(expected_accept_.data(), expected_accept_.size());
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Protocol")) {
      ++subprotocols;
      subprotocol = field.value;
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Extensions")) {
      extensions = field.value;
      error = check_answered_extensions(extensions);
    }
  }
  const bool offered = std::find(offered_subprotocols_.begin(), offered_subprotocols_.end(), subprotocol) !=
                       offered_subprotocols_.end();
  if (error == Error::none) {
    if (!upgrade)
      error = Error::upgrade_missing;
    else if (!connection)
      error = Error::connection_missing;
    else if (accepts != 1)
      error = Error::accept_missing;
    else if (!accept_matches)
      error = Error::accept_mismatch;
    else if (subprotocols > 1 || (subprotocols == 1 && !offered))
      error = Error::subprotocol_not_offered;
  }
  if (error != Error::none) {
    fail(error, Step::handshake, ClosedBy::us);
    return closed_event();
  }
  receive_.consume(header_size_);  // what follows the blank line is the first frame
  enter_open();
  return Opened{subprotocol, extensions};
}

// The one thing that may be answered is what was offered, once (RFC 6455 §9.1).
Error Connection::check_answered_extensions(std::string_view list) noexcept {
  while (!list.empty()) {
    const std::string_view extension = take_until(list, ',');
    if (extension.empty()) continue;  // RFC 9110 §5.6.1: empty list elements are ignored
    std::string_view parameters = extension;
    const std::string_view name = take_until(parameters, ';');
    if (config_.extension == nullptr || extension_active_ || name != "permessage-deflate") {
      return Error::extension_not_offered;
    }
    if (const Error error = config_.extension->accept(parameters); error != Error::none) return error;
    extension_active_ = true;
  }
  return Error::none;
}

Event Connection::read_refusal() noexcept {
  const std::string_view header = slice(header_text(), 0, header_size_);
  const HeaderBlock fields = HeaderBlock::behind_start_line(header);
  const std::span<std::byte> pending = receive_.pending();
  const std::span<std::byte> body = pending.subspan(header_size_);

  const RefusalBody scan = scan_refusal_body(refused_status_, fields, body);
  if (!scan.complete && receive_.room() > 0 && !eof_) return {};

  const std::span<std::byte> text = scan.chunked ? decode_chunks(body) : body.first(scan.size);
  const Refused refused{refused_status_, fields, {reinterpret_cast<const char*>(text.data()), text.size()}};
  fail(Error::handshake_refused, Step::handshake, ClosedBy::peer);
  return refused;
}

}  // namespace cpwebsockets::protocol
