// Basic credentials of a request, apart: a client that has none does not link them.
#include <array>

#include "cpwebsockets/protocol/handshake.hpp"
#include "http_writer.hpp"
#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

// Straight from percent-encoded text: three bytes at a time become four characters.
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
    out_.put({std::string_view(text, sizeof text)});
    filled_ = 0;
  }

 private:
  HttpWriter& out_;
  std::array<std::byte, 3> group_{};
  std::size_t filled_ = 0;
};

void write(HttpWriter& out, std::span<const Header> headers, std::string_view user,
           std::string_view password) noexcept {
  for (const Header& header : headers) {
    if (equals_ignoring_case(header.name, "Authorization"sv)) return;
  }
  out.put({"Authorization: Basic "sv});
  CredentialsWriter credentials(out);
  credentials.put(user);
  credentials.put("%3A"sv);
  credentials.put(password);
  credentials.flush();
  out.put({"\r\n"sv});
}

}  // namespace

Credentials::Credentials(std::string_view user, std::string_view password) noexcept
    : user_(user), password_(password), write_(&write) {}

}  // namespace cpwebsockets::protocol
