# For builds that compile the library's sources themselves, as firmware does: lists of files, from the folder of the library.
#   CPWEBSOCKETS_CORE_SOURCES     the protocol and the client for devices
#   CPWEBSOCKETS_DEFLATE_SOURCES  permessage-deflate, on zlib
#   CPWEBSOCKETS_LWIP_SOURCES     its pipe on lwIP       CPWEBSOCKETS_MBEDTLS_SOURCES   TLS over a pipe
#   CPWEBSOCKETS_INCLUDES         include directories
include(${CMAKE_CURRENT_LIST_DIR}/sources.cmake)
cpwebsockets_sources(CPWEBSOCKETS_CORE_SOURCES core extension device)
cpwebsockets_sources(CPWEBSOCKETS_DEFLATE_SOURCES deflate)
set(CPWEBSOCKETS_LWIP_SOURCES ${cpwebsockets_root}/ports/lwip/tcp_pipe.cpp)
set(CPWEBSOCKETS_MBEDTLS_SOURCES ${cpwebsockets_root}/ports/mbedtls/tls_pipe.cpp ${cpwebsockets_root}/ports/mbedtls/tls_config.cpp)
set(CPWEBSOCKETS_INCLUDES ${cpwebsockets_root}/include ${cpwebsockets_root}/ports/lwip/include ${cpwebsockets_root}/ports/mbedtls/include)
