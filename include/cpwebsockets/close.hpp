/// Close codes and how a connection ended, as clients name them.
#pragma once

#include "cpwebsockets/protocol/close.hpp"

namespace cpwebsockets {

using protocol::AnyCloseCode;
using protocol::CloseCode;
using protocol::ClosedBy;
using protocol::CloseInfo;

}  // namespace cpwebsockets
