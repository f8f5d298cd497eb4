#pragma once

#include <string>
#include <vector>

namespace cpws {

/// Makes stdin, stdout and stderr fit to be used. Call it first.
void prepare_standard_streams() noexcept;

[[nodiscard]] bool stdin_is_terminal() noexcept;
[[nodiscard]] bool stdout_is_terminal() noexcept;

/// The arguments of the command line, without the program's name, in UTF-8.
[[nodiscard]] std::vector<std::string> arguments_of(int argc, char** argv);

}  // namespace cpws
