/// The board's serial line, which the emulator connects to the server's TCP port, as a Pipe.
#pragma once

#include "cpwebsockets/device/pipe.hpp"

namespace board {

class UartPipe final : public cpwebsockets::device::Pipe {
 public:
  UartPipe() noexcept;
  [[nodiscard]] std::size_t read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) noexcept override;
};

}  // namespace board
