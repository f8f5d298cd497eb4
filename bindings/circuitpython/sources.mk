# The module's files, for firmware (made with make or, reading this as text, with CMake) and for the native .mpy.
CPWS_GLUE = connect.c driver.c exceptions.c receive.c runtime.c send.c stream.c websocket.c
CPWS_CORE = close.cpp connection.cpp connection_client.cpp connection_frame.cpp connection_handshake.cpp connection_send.cpp connection_time.cpp credentials.cpp \
  error.cpp frame.cpp handshake.cpp mask.cpp seeded_random.cpp sha1.cpp text.cpp url.cpp utf8.cpp utf8_avx2.cpp
