/// The bytes of a binary message, from whatever holds them.
#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

namespace detail {

template <typename Range>
using ElementOf = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(std::declval<const Range&>()))>>;

// By std::data and std::size: clang 14 does not understand the <ranges> of GCC 12's library.
template <typename Range>
concept BytesInARow = requires(const Range& range) {
  std::span(std::data(range), std::size(range));
  requires sizeof(ElementOf<Range>) == 1;
  requires std::is_trivially_copyable_v<ElementOf<Range>>;
  requires !std::is_same_v<ElementOf<Range>, char8_t>;
  requires !std::is_convertible_v<const Range&, std::string_view>;
};

}  // namespace detail

/// The bytes of a binary message as a call takes them: any contiguous range of trivially copyable elements of
/// one byte, such as std::vector<std::uint8_t>, std::array<std::byte, 4> or std::span<const char>. A string
/// is taken for text: see send_binary() of the clients.
class Binary {
 public:
  /// Views `range`, which must stay as it is during the call.
  template <detail::BytesInARow Range>
  Binary(const Range& range) noexcept  // NOLINT(google-explicit-constructor)
      : bytes_(std::as_bytes(std::span(std::data(range), std::size(range)))) {}

  /// The bytes.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace cpwebsockets::protocol
