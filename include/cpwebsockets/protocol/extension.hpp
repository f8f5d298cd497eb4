/// The interface between a connection and a per-message extension (RFC 7692 §5, §6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/error.hpp"

namespace cpwebsockets::protocol {

class Connection;

/// What a connection does with its extension; the library's own.
struct ExtensionCalls;
/// The library's own.
[[nodiscard]] const ExtensionCalls& extension_calls() noexcept;

/// Transforms the payload of messages. It is negotiated in the opening handshake, and RSV1 marks its
/// messages. PermessageDeflate and PermessageInflate implement it. A program without them links none of it.
///
/// An extension serves one connection at a time. It takes memory only from its own arena.
class MessageExtension {
 public:
  /// Client: writes its offer, the value of Sec-WebSocket-Extensions, into `out`. Returns its length, 0 if it
  /// cannot serve. `out` holds at least 160 characters, here and in answer().
  virtual std::size_t offer(std::span<char> out) noexcept = 0;
  /// Client: takes the server's answer (name and parameters of one extension) or says what is wrong with it.
  virtual Error accept(std::string_view answer) noexcept = 0;
  /// Server: chooses from the client's offers and writes the answer. Returns its length, 0 to decline.
  virtual std::size_t answer(std::string_view offers, std::span<char> out) noexcept = 0;

  /// True when an outgoing message of `size` bytes (or at least that, when streamed) is to be compressed.
  [[nodiscard]] virtual bool wants(std::uint64_t size) const noexcept = 0;
  /// The most bytes that compress() writes for `size` bytes of input.
  [[nodiscard]] virtual std::size_t bound(std::size_t size) const noexcept = 0;
  /// Compresses one piece of a message; `last` ends the message. `out` holds bound(in.size()). Returns what
  /// was written.
  virtual std::size_t compress(std::span<const std::byte> in, bool last, std::byte* out) noexcept = 0;

  /// Result of decompress().
  struct Inflated {
    /// What is wrong with the input.
    Error error = Error::none;
    std::size_t consumed = 0;          ///< bytes taken from the input
    std::span<const std::byte> bytes;  ///< output, valid until the next call
    bool drained = false;  ///< all output for the input so far is out; with `last`: the message has ended
  };
  /// Unless 0, decompress() gets its input in blocks of this many bytes, counted from the start of a frame,
  /// of which only the frame's last may be shorter. At most 128.
  [[nodiscard]] virtual std::size_t input_block() const noexcept = 0;
  /// Decompresses some of `in`; writes at most `limit` bytes. `last` says that `in` ends the message.
  virtual Inflated decompress(std::span<const std::byte> in, bool last, std::uint64_t limit) noexcept = 0;

 protected:
  MessageExtension() noexcept : connection_(extension_calls()) {}
  ~MessageExtension() = default;

 private:
  friend class Connection;
  const ExtensionCalls& connection_;  // named here only: a program without extensions does not link it
};

}  // namespace cpwebsockets::protocol
