/// The system's own calls about sockets, for what tests do beside the library.
#pragma once

#ifdef _WIN32
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif
