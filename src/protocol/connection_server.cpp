// The server's side of the opening handshake (RFC 6455 §4.2).
#include <array>

#include "cpwebsockets/protocol/connection.hpp"
#include "http_writer.hpp"
#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

constexpr std::string_view bad_request =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view header_fields_too_large =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view upgrade_required =
    "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n";

struct RequestLine {
  std::string_view target;
  bool ok = false;
};

RequestLine parse_request_line(std::string_view line) noexcept {
  constexpr std::string_view method = "GET ";
  constexpr std::string_view version = " HTTP/1.1";
  if (line.size() <= method.size() + version.size() || !line.starts_with(method) ||
      !line.ends_with(version)) {
    return {};
  }
  const std::string_view target = slice(line, method.size(), line.size() - method.size() - version.size());
  const bool clean = every(target, [](char c) { return c > 0x20 && c < 0x7F; });
  return {target, clean && target.front() == '/'};
}

struct RequestFields {
  int hosts = 0;
  int keys = 0;
  std::string_view key;
  bool upgrade = false;
  bool connection = false;
  bool version_13 = false;
  std::string_view subprotocols;
};

RequestFields read_fields(HeaderBlock fields) noexcept {
  RequestFields request;
  for (Header field; fields.next(field);) {
    if (equals_ignoring_case(field.name, "Host")) {
      ++request.hosts;
    } else if (equals_ignoring_case(field.name, "Upgrade")) {
      request.upgrade = request.upgrade || has_token(field.value, "websocket");
    } else if (equals_ignoring_case(field.name, "Connection")) {
      request.connection = request.connection || has_token(field.value, "upgrade");
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Key")) {
      ++request.keys;
      request.key = field.value;
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Version")) {
      request.version_13 = field.value == "13";
    } else if (equals_ignoring_case(field.name, "Sec-WebSocket-Protocol")) {
      if (request.subprotocols.empty()) request.subprotocols = field.value;
    }
  }
  return request;
}

Error check_fields(const RequestFields& request) noexcept {
  if (request.hosts != 1) return Error::host_missing;
  if (!request.upgrade) return Error::upgrade_missing;
  if (!request.connection) return Error::connection_missing;
  if (!request.version_13) return Error::version_unsupported;
  if (request.keys != 1 || !is_base64_of_16_bytes(request.key)) return Error::key_invalid;
  return Error::none;
}

// Lists may be spread over several fields (RFC 6455 §11.3.4, §9.1).
bool offers_subprotocol(HeaderBlock fields, std::string_view name) noexcept {
  for (Header field; fields.next(field);) {
    if (!equals_ignoring_case(field.name, "Sec-WebSocket-Protocol")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      if (take_until(rest, ',') == name) return true;
    }
  }
  return false;
}

std::size_t answer_extensions(MessageExtension& extension, HeaderBlock fields,
                              std::span<char> answer) noexcept {
  std::size_t size = 0;
  for (Header field; size == 0 && fields.next(field);) {
    if (equals_ignoring_case(field.name, "Sec-WebSocket-Extensions"))
      size = extension.answer(field.value, answer);
  }
  return size;
}

}  // namespace

Error Connection::listen() noexcept {
  if (state_ != State::idle) return Error::wrong_state;
  role_ = Role::server;
  if (const Error error = check_config(); error != Error::none) return error;
  start_handshake(Role::server, &Connection::read_request);
  return Error::none;
}

// Sets header_size_ when the blank line is there; fails when it can no longer come.
bool Connection::find_header_end() noexcept {
  if (header_size_ > 0) return true;
  const std::string_view text = header_text();
  const std::size_t found = index_of(text, "\r\n\r\n"sv, header_scanned_);
  const bool is_here = found != std::string_view::npos;
  const std::size_t size = is_here ? found + 4 : text.size() + 1;  // at least, if it is not here
  if (size > config_.max_header_size || size > receive_.capacity()) {
    fail(Error::header_too_large, Step::handshake, ClosedBy::us);
  } else if (is_here) {
    header_size_ = size;
    return true;
  } else if (eof_) {
    fail(Error::connection_lost_in_handshake, Step::handshake, ClosedBy::network);
  }
  header_scanned_ = text.size() > 3 ? text.size() - 3 : 0;
  return false;
}

Event Connection::read_request() noexcept {
  if (!find_header_end()) {
    if (state_ != State::closed) return {};
    return close_.error == Error::header_too_large ? refuse_request(close_.error, header_fields_too_large)
                                                   : closed_event();
  }
  const std::string_view header = slice(header_text(), 0, header_size_);
  const RequestLine line = parse_request_line(slice(header, 0, header.find("\r\n")));
  const HeaderBlock fields = HeaderBlock::behind_start_line(header);
  if (!line.ok) return refuse_request(Error::request_not_get, bad_request);
  if (!fields.validate()) return refuse_request(Error::malformed_header, bad_request);
  const RequestFields request = read_fields(fields);
  if (const Error error = check_fields(request); error != Error::none) {
    const bool wants_upgrade = error == Error::version_unsupported || error == Error::upgrade_missing;
    return refuse_request(error, wants_upgrade ? upgrade_required : bad_request);
  }
  handshake_step_ = &Connection::await_answer;
  return Requested{line.target, fields, request.subprotocols};
}

bool Connection::answer_is_due() const noexcept {
  return state_ == State::connecting && handshake_step_ == &Connection::await_answer &&
         chosen_subprotocol_.data() == nullptr;
}

Event Connection::await_answer() noexcept {
  if (answer_is_due()) {
    if (!eof_) return {};
    fail(Error::connection_lost_in_handshake, Step::handshake, ClosedBy::network);
    return closed_event();
  }
  receive_.consume(header_size_);
  enter_open();
  return Opened{chosen_subprotocol_, {}};
}

Event Connection::refuse_request(Error error, std::string_view response) noexcept {
  HttpWriter out(send_);
  out.put({response});
  static_cast<void>(out.commit());  // smallest_buffer holds each of them
  fail(error, Step::handshake, ClosedBy::us);
  return closed_event();
}

Result Connection::accept(const Acceptance& acceptance) noexcept {
  if (!answer_is_due()) return Result::invalid;
  const HeaderBlock fields = HeaderBlock::behind_start_line(slice(header_text(), 0, header_size_));
  const RequestFields request = read_fields(fields);
  if (!acceptance.subprotocol.empty() && !offers_subprotocol(fields, acceptance.subprotocol)) {
    return Result::invalid;
  }
  for (const Header& header : acceptance.headers) {
    if (check_header(header) != Error::none) return Result::invalid;
  }

  HttpWriter out(send_);
  const std::array<char, 28> accept = accept_value(request.key);
  out.put({"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"});
  out.field("Sec-WebSocket-Accept", {accept.data(), accept.size()});
  if (!acceptance.subprotocol.empty()) out.field("Sec-WebSocket-Protocol", acceptance.subprotocol);
  if (config_.extension != nullptr) {
    std::array<char, 160> answer;
    const std::size_t size = answer_extensions(*config_.extension, fields, answer);
    extension_active_ = size > 0;
    if (size > 0) out.field("Sec-WebSocket-Extensions", {answer.data(), size});
  }
  for (const Header& header : acceptance.headers) out.field(header.name, trim(header.value));
  out.put({"\r\n"});
  if (!out.commit()) return send_.empty() ? Result::too_large : Result::would_block;
  chosen_subprotocol_ = acceptance.subprotocol.empty() ? std::string_view("") : acceptance.subprotocol;
  return Result::accepted;
}

Result Connection::reject(int status, std::string_view text, std::span<const Header> headers) noexcept {
  if (!answer_is_due()) return Result::invalid;
  if (status < 300 || status > 599) return Result::invalid;
  for (const Header& header : headers) {
    if (check_header(header) != Error::none) return Result::invalid;
  }
  const auto decimal = [](std::size_t value, std::span<char> digits) {
    std::size_t begin = digits.size();
    do {
      digits[--begin] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value > 0);
    return std::string_view(digits.data() + begin, digits.size() - begin);
  };
  std::array<char, 20> digits;
  HttpWriter out(send_);
  out.put(
      {"HTTP/1.1 ", decimal(static_cast<std::size_t>(status), digits), " Refused\r\nConnection: close\r\n"});
  out.field("Content-Length", decimal(text.size(), digits));
  for (const Header& header : headers) out.field(header.name, trim(header.value));
  out.put({"\r\n", text});
  if (!out.commit()) return send_.empty() ? Result::too_large : Result::would_block;
  fail(Error::handshake_refused, Step::handshake, ClosedBy::us);
  return Result::accepted;
}

}  // namespace cpwebsockets::protocol
