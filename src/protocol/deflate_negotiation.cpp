// The negotiation of permessage-deflate (RFC 7692 §7.1): offers, answers and their checks.
#include <algorithm>

#include "cpwebsockets/protocol/permessage_deflate.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

constexpr std::string_view extension_name = "permessage-deflate";

// 8 to 15 in decimal, maybe quoted; 0 for anything else.
std::uint8_t parse_window_bits(std::string_view value) noexcept {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = slice(value, 1, value.size() - 2);
  if (value == "8" || value == "9") return static_cast<std::uint8_t>(value[0] - '0');
  if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') {
    return static_cast<std::uint8_t>(10 + value[1] - '0');
  }
  return 0;
}

// Writes parameters behind the extension's name; the caller's room is known to be enough.
class ParameterWriter {
 public:
  explicit ParameterWriter(std::span<char> out) noexcept : out_(out) { put(extension_name); }

  void flag(bool present, std::string_view name) noexcept {
    if (!present) return;
    put("; ");
    put(name);
  }
  void bits(std::string_view name, unsigned value) noexcept {
    flag(true, name);
    put("=");
    if (value >= 10) put("1");
    const char digit = static_cast<char>('0' + value % 10);
    put({&digit, 1});
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_ <= out_.size() ? size_ : 0; }

 private:
  void put(std::string_view text) noexcept {
    if (size_ + text.size() <= out_.size())
      std::copy(text.begin(), text.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
  }

  std::span<char> out_;
  std::size_t size_ = 0;
};

}  // namespace

Error parse_deflate_parameters(std::string_view text, DeflateParameters& parameters) noexcept {
  parameters = DeflateParameters{};
  while (!text.empty()) {
    const std::string_view parameter = take_until(text, ';');
    const std::size_t equals = parameter.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view name = trim(slice(parameter, 0, equals));
    const std::uint8_t bits =
        has_value ? parse_window_bits(trim(slice(parameter, equals + 1))) : std::uint8_t{0};

    bool ok = false;
    Error error = Error::extension_parameter_unknown;
    if (name == "server_no_context_takeover") {
      error = Error::server_no_context_takeover;
      ok = !has_value && !parameters.server_no_context_takeover;
      parameters.server_no_context_takeover = true;
    } else if (name == "client_no_context_takeover") {
      error = Error::client_no_context_takeover;
      ok = !has_value && !parameters.client_no_context_takeover;
      parameters.client_no_context_takeover = true;
    } else if (name == "server_max_window_bits") {
      error = Error::server_max_window_bits;
      ok = bits != 0 && parameters.server_max_window_bits == 0;
      parameters.server_max_window_bits = bits;
    } else if (name == "client_max_window_bits") {
      error = Error::client_max_window_bits;
      ok = (bits != 0 || !has_value) && !parameters.client_max_window_bits_given;
      parameters.client_max_window_bits_given = true;
      parameters.client_max_window_bits = bits;
    }
    if (!ok) return error;
  }
  return Error::none;
}

std::size_t PermessageInflate::offer(std::span<char> out) noexcept {
  if (!usable()) return 0;
  ParameterWriter writer(out);
  if (options_.offers_bare) return writer.size();
  writer.flag(options_.server_no_context_takeover, "server_no_context_takeover");
  writer.flag(options_.client_no_context_takeover, "client_no_context_takeover");
  if (options_.server_max_window_bits < 15)
    writer.bits("server_max_window_bits", options_.server_max_window_bits);
  // §7.1.2.2: named even at its default, it lets the server choose a smaller one.
  if (options_.client_max_window_bits < 15) {
    writer.bits("client_max_window_bits", options_.client_max_window_bits);
  } else {
    writer.flag(true, "client_max_window_bits");
  }
  return writer.size();
}

Error PermessageInflate::accept(std::string_view answer) noexcept {
  DeflateParameters chosen;
  if (const Error error = parse_deflate_parameters(answer, chosen); error != Error::none) return error;

  // §7.1: what matters is whether we support what the answer says. A server that does take its window over
  // where it was asked not to costs us nothing; one that does not limit it, memory that we may have.
  const unsigned server_bits = chosen.server_max_window_bits != 0 ? chosen.server_max_window_bits : 15;
  const bool is_larger =
      !options_.offers_bare && chosen.server_max_window_bits > options_.server_max_window_bits;
  if (is_larger || !has_window(server_bits)) return Error::server_max_window_bits;
  // §7.1.2.2: in an answer the client's window has a value, not above what was offered, if it was.
  if (chosen.client_max_window_bits_given &&
      (options_.offers_bare || chosen.client_max_window_bits == 0 ||
       chosen.client_max_window_bits > options_.client_max_window_bits)) {
    return Error::client_max_window_bits;
  }
  const unsigned client_bits =
      chosen.client_max_window_bits_given ? chosen.client_max_window_bits : options_.client_max_window_bits;

  const bool resets = chosen.client_no_context_takeover || options_.client_no_context_takeover;
  return start(client_bits, resets, server_bits, chosen.server_no_context_takeover)
             ? Error::none
             : Error::extension_unusable;
}

std::size_t PermessageInflate::answer(std::string_view offers, std::span<char> out) noexcept {
  if (!usable()) return 0;
  while (!offers.empty()) {
    std::string_view parameters = take_until(offers, ',');
    if (take_until(parameters, ';') != extension_name) continue;
    DeflateParameters offered;
    if (parse_deflate_parameters(parameters, offered) != Error::none) continue;  // §5.1: declined, not failed

    const unsigned server_asked = offered.server_max_window_bits != 0 ? offered.server_max_window_bits : 15;
    const unsigned server_bits = std::min<unsigned>(server_asked, options_.server_max_window_bits);
    const unsigned client_hint = offered.client_max_window_bits != 0 ? offered.client_max_window_bits : 15;
    const unsigned client_bits = std::min<unsigned>(client_hint, options_.client_max_window_bits);
    // A client that does not know the parameter keeps 2^15, which our arena must be made for.
    if (!offered.client_max_window_bits_given && options_.client_max_window_bits < 15) continue;

    ParameterWriter writer(out);
    const bool server_resets = offered.server_no_context_takeover || options_.server_no_context_takeover;
    const bool client_resets = offered.client_no_context_takeover || options_.client_no_context_takeover;
    writer.flag(server_resets, "server_no_context_takeover");
    writer.flag(client_resets, "client_no_context_takeover");
    if (offered.server_max_window_bits != 0 || server_bits < 15)
      writer.bits("server_max_window_bits", server_bits);
    if (offered.client_max_window_bits_given && client_bits < 15)
      writer.bits("client_max_window_bits", client_bits);
    if (writer.size() == 0 || !start(server_bits, server_resets, client_bits, client_resets)) return 0;
    return writer.size();
  }
  return 0;
}

}  // namespace cpwebsockets::protocol
