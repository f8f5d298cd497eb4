# For builds that compile the library's sources themselves, as firmware does: lists of files, from the folder of the library.
#   CPWEBSOCKETS_CORE_SOURCES     the protocol and the client for devices
#   CPWEBSOCKETS_DEFLATE_SOURCES  permessage-deflate, on zlib
#   CPWEBSOCKETS_LWIP_SOURCES     its pipe on lwIP       CPWEBSOCKETS_MBEDTLS_SOURCES   TLS over a pipe
#   CPWEBSOCKETS_INCLUDES         include directories
get_filename_component(cpwebsockets_root ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
set(CPWEBSOCKETS_CORE_SOURCES close connection connection_client connection_extension connection_frame connection_handshake connection_send
  connection_time credentials error frame handshake mask seeded_random sha1 text url utf8 utf8_avx2)
list(TRANSFORM CPWEBSOCKETS_CORE_SOURCES REPLACE "(.+)" "${cpwebsockets_root}/src/protocol/\\1.cpp")
list(APPEND CPWEBSOCKETS_CORE_SOURCES ${cpwebsockets_root}/src/device/client.cpp ${cpwebsockets_root}/src/device/pipe_error.cpp)
set(CPWEBSOCKETS_DEFLATE_SOURCES deflate_negotiation permessage_deflate permessage_inflate)
list(TRANSFORM CPWEBSOCKETS_DEFLATE_SOURCES REPLACE "(.+)" "${cpwebsockets_root}/src/protocol/\\1.cpp")
set(CPWEBSOCKETS_LWIP_SOURCES ${cpwebsockets_root}/ports/lwip/tcp_pipe.cpp)
set(CPWEBSOCKETS_MBEDTLS_SOURCES ${cpwebsockets_root}/ports/mbedtls/tls_pipe.cpp ${cpwebsockets_root}/ports/mbedtls/tls_config.cpp)
set(CPWEBSOCKETS_INCLUDES ${cpwebsockets_root}/include ${cpwebsockets_root}/ports/lwip/include ${cpwebsockets_root}/ports/mbedtls/include)
