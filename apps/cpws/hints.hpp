#pragma once

#include <cpwebsockets/error.hpp>
#include <string>

namespace cpws {

/// What a user can do about a failure: the option or scheme that helps, in brackets, or nothing.
std::string hint_for(const cpwebsockets::Failure& failure);

}  // namespace cpws
