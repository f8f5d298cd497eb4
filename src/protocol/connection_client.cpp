// The client's side of the opening handshake (RFC 6455 §4.1, §4.2.2).
#include <algorithm>

#include "extension_calls.hpp"
#include "header_line.hpp"
#include "http_writer.hpp"
#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

[[gnu::noinline]] bool is_request_part(std::string_view text) noexcept {
  return every(text, [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

Error check_request(const Request& request) noexcept {
  if (request.host.empty() || !is_request_part(request.host) || is_one_of('/', request.host)) {
    return Error::invalid_host;
  }
  const bool path_ok = request.path.empty() || request.path.front() == '/';
  const bool query_ok = request.query.empty() || request.query.front() == '?';
  if (!path_ok || !query_ok || !is_request_part(request.path) || !is_request_part(request.query)) {
    return Error::invalid_request_target;
  }
  if (!is_field_value(request.origin)) return Error::invalid_header_value;
  for (const Header& header : request.headers) {
    if (const Error error = check_header(header); error != Error::none) return error;
  }
  return check_subprotocols(request.subprotocols);
}

// Names that stand in the request and are looked for in the answer are one text in flash.
constexpr std::string_view upgrade_lines =
    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ";
constexpr std::string_view subprotocol_start = "Sec-WebSocket-Protocol: ";
constexpr std::string_view upgrade_name = upgrade_lines.substr(2, 7);
constexpr std::string_view websocket_token = upgrade_lines.substr(11, 9);
constexpr std::string_view connection_name = upgrade_lines.substr(22, 10);
constexpr std::string_view subprotocol_name = subprotocol_start.substr(0, subprotocol_start.size() - 2);
static_assert(upgrade_name == "Upgrade" && websocket_token == "websocket" && connection_name == "Connection");

void write_request(HttpWriter& out, const Request& request, std::string_view key) noexcept {
  out.put({"GET "sv, request.path.empty() ? "/"sv : request.path, request.query, " HTTP/1.1\r\nHost: "sv,
           request.host, upgrade_lines, key, "\r\nSec-WebSocket-Version: 13\r\n"sv});
  if (!request.origin.empty()) out.field("Origin"sv, request.origin);
  request.credentials.write_to(out, request.headers);
  if (!request.subprotocols.empty()) {
    std::string_view separator = subprotocol_start;
    for (const std::string_view subprotocol : request.subprotocols) {
      out.put({separator, subprotocol});
      separator = ", "sv;
    }
    out.put({"\r\n"sv});
  }
  for (const Header& header : request.headers) out.field(header.name, trim(header.value));
}

constexpr std::string_view version = "HTTP/1."sv;  // behind it one digit

// The status in "HTTP/1.1 101 reason", or 0. What is before the last digit of the version has been checked.
std::uint16_t parse_status(std::string_view line) noexcept {
  const std::size_t begin = version.size() + 2;
  const std::string_view digits = slice(line, begin, 3);
  const bool ends = line.size() == begin + 3 || (line.size() > begin + 3 && line[begin + 3] == ' ');
  if (!ends || !is_digit(line[begin - 2]) || line[begin - 1] != ' ' || !every(digits, is_digit)) return 0;
  const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return static_cast<std::uint16_t>(status >= 100 ? status : 0);
}

enum ResponseField : std::size_t {
  upgrade_field,
  connection_field,
  accept_field,
  subprotocol_field,
  extensions_field,
  transfer_encoding_field,
  content_length_field,
  other_field
};
constexpr std::string_view response_fields[other_field] = {upgrade_name,
                                                           connection_name,
                                                           "Sec-WebSocket-Accept"sv,
                                                           subprotocol_name,
                                                           "Sec-WebSocket-Extensions"sv,
                                                           "Transfer-Encoding"sv,
                                                           "Content-Length"sv};

constexpr std::size_t unknown_length = ~std::size_t{0};  // the body ends with the stream

// What stays of the start of a line that is larger than the buffer: enough for any name that matters.
constexpr std::size_t line_head = 64;

// Unknown if it is nonsense, or beyond what any buffer holds.
std::size_t content_length(std::string_view value) noexcept {
  std::size_t length = value.empty() ? unknown_length : 0;
  for (const char c : value) {
    if (!is_digit(c) || length > 0xFFFFFFF) return unknown_length;
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  return length;
}

std::size_t chunk_size(std::string_view line) noexcept {
  std::size_t size = 0;
  int digit = 0;
  for (std::size_t i = 0; i < line.size() && (digit = hex_value(line[i])) >= 0; ++i) {
    size = size << 4 | static_cast<std::size_t>(digit);
  }
  return size;
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
    const Error error = config_.extension->connection_.offer(*this, out);
    if (error != Error::none) return error;
  }
  out.put({"\r\n"sv});
  if (!out.commit()) return Error::request_too_large;

  expected_accept_ = accept_value({key.data(), key.size()});
  offered_subprotocols_ = request.subprotocols;
  start_handshake(Role::client, &Connection::read_response);
  return Error::none;
}

// The header is read line by line: those that matter have to fit the buffer, one at a time; of a longer one
// the middle is passed over. Only a 101 is judged strictly: all else is a refusal, and told as far as it
// makes sense. What is kept of it, fields and then content, gathers at the buffer's front.
Event Connection::read_response() noexcept {
  for (;;) {
    std::string_view text = behind(header_text(), kept_);
    if (in_body_) {
      if (status_ == 101) return complete_handshake();
      const std::size_t here = std::min(text.size(), body_left_);
      kept_ += here;
      body_left_ -= here;
      text = behind(text, here);
    } else if (status_ == 0 && !version.starts_with(slice(text, 0, version.size()))) {
      return refuse_response(Error::not_http);
    }
    if (in_body_ && body_left_ == 0 && !body_chunked_) return refused_event();
    std::size_t size = position_of(text, '\n');
    std::size_t begin = kept_;
    Error error = Error::none;
    const bool is_full = receive_.room() == 0;
    const bool ends = size < text.size();
    if (ends) ++size;
    if (size > config_.max_header_size - header_scanned_) {
      error = Error::header_too_large;
    } else if (ends) {
      error = read_line(first(text, size));
    } else if (eof_ || (in_body_ && is_full)) {
      error = Error::connection_lost_in_handshake;
    } else if (!is_full) {
      return {};
    } else if (size <= line_head + 1) {
      error = Error::header_too_large;
    } else {
      passing_over_ = true;
      size -= line_head + 1;  // the last character may be a part of the line's end
      begin += line_head;
      if (status_ == 101 && !is_field_value(slice(text, line_head, size))) error = Error::malformed_header;
    }
    // A refusal is told with what has come of it.
    if (error != Error::none) return status_ < 200 ? refuse_response(error) : refused_event();
    header_scanned_ += size;
    if (begin >= kept_) receive_.erase(begin, size);  // else it is kept
  }
}

Event Connection::refuse_response(Error error) noexcept {
  const bool is_loss = error == Error::connection_lost_in_handshake;
  fail(error, Step::handshake, is_loss ? ClosedBy::network : ClosedBy::us);
  return closed_event();
}

Error Connection::read_line(std::string_view line) noexcept {
  const std::string_view content = without_end(line);
  const bool is_whole = !passing_over_;
  passing_over_ = false;
  if (in_body_) {  // RFC 9112 §7.1: a chunk's size, or the end of the line behind a chunk
    body_left_ = chunk_size(content);
    body_chunked_ = body_left_ > 0 || content.empty();
    return Error::none;
  }
  const bool is_status_line = status_ == 0;
  if (is_status_line) {
    status_ = parse_status(content);
    if (status_ == 0) return Error::malformed_header;
    if (status_ == 101 && content[version.size()] != '1') return Error::not_http;
    body_left_ = unknown_length;
  }
  if (status_ == 101 && (!line.ends_with("\r\n"sv) || !is_field_value(content)))
    return Error::malformed_header;
  if (is_status_line) return Error::none;
  if (content.empty()) {
    end_header();
    return Error::none;
  }
  Header field;
  const bool is_field = parse_field(content, field);
  const std::size_t name = find_name(response_fields, field.name);
  if (status_ == 101) {
    if (!is_field) return Error::malformed_header;
    if (name > extensions_field) return Error::none;
    if (!is_whole) return Error::header_too_large;
    note_answer(name, field.value);
    if (name == extensions_field) kept_ += line.size();
    return Error::none;
  }
  if (name == transfer_encoding_field) body_chunked_ = has_token(field.value, "chunked"sv);
  if (name == content_length_field) body_left_ = content_length(field.value);
  bool keeps = is_field;
  if (folds_ && is_blank(content.front()) && is_field_value(content)) {
    // RFC 9112 §5.2: a folded line belongs to the field before it.
    keeps = true;
    for (std::size_t end = kept_; is_one_of(header_text()[end - 1], "\r\n"sv); --end) {
      receive_.pending()[end - 1] = std::byte{' '};
    }
  }
  folds_ = keeps && is_whole && status_ >= 200 && kept_ + line.size() <= receive_.capacity() / 2;
  if (folds_) kept_ += line.size();
  return Error::none;
}

void Connection::end_header() noexcept {
  header_size_ = kept_;
  if (status_ == 204 || status_ == 304) body_chunked_ = false;
  if (body_chunked_ || status_ == 204 || status_ == 304) body_left_ = 0;
  // RFC 9110 §15.2: interim responses may come before the final one.
  in_body_ = status_ == 101 || status_ >= 200;
  if (!in_body_) status_ = 0;
}

// Kept is the most important one, which is the first in the enumeration.
void Connection::note_answer_error(Error error) noexcept {
  const auto weight = static_cast<std::uint8_t>(-static_cast<int>(error));  // 0 for none
  if (weight > answer_error_) answer_error_ = weight;
}

// What the fields of a 101 say (RFC 6455 §4.1, the client's checks 2 to 6).
void Connection::note_answer(std::size_t name, std::string_view value) noexcept {
  const unsigned bit = 1U << name;
  const bool is_repeated = (answer_seen_ & bit) != 0;
  Error error = Error::none;
  switch (name) {
    case upgrade_field:
      if (!equals_ignoring_case(value, websocket_token)) error = Error::upgrade_missing;
      break;
    case connection_field:
      if (!has_token(value, upgrade_name)) return;  // another one may have it
      break;
    case accept_field:
      if (value != std::string_view(expected_accept_.data(), expected_accept_.size())) {
        error = Error::accept_mismatch;
      }
      if (is_repeated) error = Error::accept_missing;
      break;
    case subprotocol_field:
      error = Error::subprotocol_not_offered;
      for (const std::string_view mine : offered_subprotocols_) {
        if (value != mine || is_repeated) continue;
        chosen_subprotocol_ = mine;
        error = Error::none;
      }
      break;
    default:
      if (config_.extension != nullptr) {
        error = config_.extension->connection_.check_answer(*this, value);
      } else if (!value.empty()) {
        error = Error::extension_not_offered;
      }
      break;
  }
  answer_seen_ = static_cast<std::uint8_t>(answer_seen_ | bit);
  note_answer_error(error);
}

Event Connection::complete_handshake() noexcept {
  // Three have to be there: their errors follow one another.
  for (unsigned field = upgrade_field; field <= accept_field; ++field) {
    if ((answer_seen_ & 1U << field) == 0) {
      note_answer_error(static_cast<Error>(static_cast<unsigned>(Error::upgrade_missing) + field));
    }
  }
  if (answer_error_ != 0) return refuse_response(static_cast<Error>(-answer_error_));
  Opened opened;
  opened.subprotocol = chosen_subprotocol_;
  if (config_.extension != nullptr) opened.extensions = config_.extension->connection_.answered(*this);
  receive_.consume(kept_);  // what follows the blank line is the first frame
  enter_open();
  return opened;
}

Event Connection::refused_event() noexcept {
  const std::string_view text = header_text();
  if (!in_body_) header_size_ = kept_;
  fail(Error::handshake_refused, Step::handshake, ClosedBy::peer);
  return Refused{status_, HeaderBlock(first(text, header_size_)), behind(first(text, kept_), header_size_)};
}

}  // namespace cpwebsockets::protocol
