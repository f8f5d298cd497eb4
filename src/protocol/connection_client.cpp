// The client's side of the opening handshake (RFC 6455 §4.1, §4.2.2).
#include <algorithm>

#include "extension_calls.hpp"
#include "http_writer.hpp"
#include "refusal_body.hpp"
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

constexpr std::string_view version = "HTTP/1.1 ";

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
  if (request.write_credentials != nullptr) request.write_credentials(out, request.user, request.password);
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

// The status in "HTTP/1.1 101 reason", or 0. The version has been checked.
int parse_status(std::string_view line) noexcept {
  const std::size_t end = version.size() + 3;
  if (line.size() < end || (line.size() > end && line[end] != ' ') || is_one_of('\n', line)) return 0;
  int status = 0;
  for (std::size_t i = version.size(); i < end; ++i) {
    if (!is_digit(line[i])) return 0;
    status = status * 10 + (line[i] - '0');
  }
  return status >= 100 && status <= 599 ? status : 0;
}

enum AnswerField : std::size_t {
  upgrade_field,
  connection_field,
  accept_field,
  subprotocol_field,
  extensions_field,
  other_field
};
constexpr std::string_view answer_fields[other_field] = {
    upgrade_name, connection_name, "Sec-WebSocket-Accept"sv, subprotocol_name, "Sec-WebSocket-Extensions"sv};

// What the fields of a 101 say (RFC 6455 §4.1, the client's checks 2 to 6).
struct Answer {
  bool upgrades = true;  // as far as there are fields that say so
  bool connects = false;
  bool accepts = false;
  bool offered = true;  // the subprotocol, if there is one
  Error extension_error = Error::none;
  unsigned seen = 0;  // a bit for each AnswerField
  unsigned repeated = 0;

  void note(std::size_t field) noexcept {
    repeated |= seen & 1U << field;
    seen |= 1U << field;
  }
  [[nodiscard]] static bool has(unsigned fields, std::size_t field) noexcept {
    return (fields & 1U << field) != 0;
  }
  [[nodiscard]] Error verdict() const noexcept {
    if (!upgrades || !has(seen, upgrade_field)) return Error::upgrade_missing;
    if (extension_error != Error::none) return extension_error;
    if (!connects) return Error::connection_missing;
    if (!has(seen & ~repeated, accept_field)) return Error::accept_missing;
    if (!accepts) return Error::accept_mismatch;
    return offered && !has(repeated, subprotocol_field) ? Error::none : Error::subprotocol_not_offered;
  }
};

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

Event Connection::read_response() noexcept {
  for (;;) {
    if (refused_status_ != 0) return read_refusal();

    // Whatever speaks another protocol is recognised by its first bytes.
    const std::string_view start = slice(header_text(), 0, version.size());
    if (!version.starts_with(start)) return refuse_response(Error::not_http);
    if (!find_header_end()) return closed_event();

    const std::string_view header = slice(header_text(), 0, header_size_);
    const HeaderBlock fields = HeaderBlock::behind_start_line(header);
    const int status = parse_status(slice(header, 0, index_of(header, "\r\n"sv)));
    if (status == 0 || !fields.validate()) return refuse_response(Error::malformed_header);
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

Event Connection::refuse_response(Error error) noexcept {
  fail(error, Step::handshake, ClosedBy::us);
  return closed_event();
}

Event Connection::complete_handshake(HeaderBlock fields) noexcept {
  Answer answer;
  Opened opened;
  HeaderBlock rest = fields;
  for (Header field; answer.extension_error == Error::none && rest.next(field);) {
    const std::size_t name = find_name(answer_fields, field.name);
    answer.note(name);
    switch (name) {
      case upgrade_field:
        answer.upgrades = answer.upgrades && equals_ignoring_case(field.value, websocket_token);
        break;
      case connection_field:
        answer.connects = answer.connects || has_token(field.value, upgrade_name);
        break;
      case accept_field:
        answer.accepts = field.value == std::string_view(expected_accept_.data(), expected_accept_.size());
        break;
      case subprotocol_field:
        opened.subprotocol = field.value;
        answer.offered = false;
        for (const std::string_view mine : offered_subprotocols_) {
          answer.offered = answer.offered || field.value == mine;
        }
        break;
      case extensions_field:
        opened.extensions = field.value;
        if (config_.extension != nullptr) {
          answer.extension_error = config_.extension->connection_.check_answer(*this, field.value);
        } else if (!field.value.empty()) {
          answer.extension_error = Error::extension_not_offered;
        }
        break;
      default:
        break;
    }
  }
  if (const Error error = answer.verdict(); error != Error::none) return refuse_response(error);
  receive_.consume(header_size_);  // what follows the blank line is the first frame
  enter_open();
  return opened;
}

Event Connection::read_refusal() noexcept {
  const HeaderBlock fields = HeaderBlock::behind_start_line(first(header_text(), header_size_));
  std::span<std::byte> body = receive_.pending().subspan(header_size_);
  if (!take_refusal_body(refused_status_, fields, eof_ || receive_.room() == 0, body))
    return std::monostate();
  fail(Error::handshake_refused, Step::handshake, ClosedBy::peer);
  return Refused{refused_status_, fields, {reinterpret_cast<const char*>(body.data()), body.size()}};
}

}  // namespace cpwebsockets::protocol
