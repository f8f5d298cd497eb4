/// A URL for messages.
#pragma once

#include <string>
#include <string_view>

namespace cpwebsockets {

/// A URL as a message may show it: without credentials, and without the query, where tokens stand.
[[nodiscard]] std::string without_secrets(std::string_view url);

}  // namespace cpwebsockets
