#pragma once

namespace cpws {

/// Where stdin, stdout or stderr is closed, opens something there that fails when it is used: else the next
/// descriptor, the connection's socket, would take its place. Call it first.
void occupy_standard_streams() noexcept;

}  // namespace cpws
