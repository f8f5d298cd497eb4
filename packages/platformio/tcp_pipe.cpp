// PlatformIO compiles the same files for every board: this pipe only where the framework has lwIP.
#if __has_include(<lwip/tcp.h>)
#include <lwip/opt.h>
#if LWIP_TCP
#include "../../ports/lwip/tcp_pipe.cpp"
#endif
#endif
