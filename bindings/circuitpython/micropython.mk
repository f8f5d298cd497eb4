# The native module, for any port of CircuitPython or MicroPython that is built with make:
#   make BOARD=... USER_C_MODULES=/path/to/cpwebsockets/bindings
# MicroPython also needs CFLAGS_EXTRA=-DMICROPY_MODULE_BUILTIN_SUBPACKAGES=1, which CircuitPython's boards have.
CPWS_DIR := $(USERMOD_DIR)
CPWS_ROOT := $(abspath $(CPWS_DIR)/../..)

# The C files are scanned for names, modules and messages.
SRC_USERMOD_C += $(addprefix $(CPWS_DIR)/,connect.c driver.c exceptions.c module.c receive.c runtime.c send.c stream.c websocket.c)

# The C++ files are not; the core's have absolute paths, so that their objects land in the build folder.
SRC_USERMOD_LIB_CXX += $(CPWS_DIR)/engine.cpp $(addprefix $(CPWS_ROOT)/src/protocol/,\
  close.cpp connection.cpp connection_client.cpp connection_handshake.cpp connection_send.cpp connection_time.cpp error.cpp \
  frame.cpp handshake.cpp mask.cpp refusal_body.cpp seeded_random.cpp sha1.cpp text.cpp url.cpp utf8.cpp utf8_avx2.cpp)

CFLAGS_USERMOD += -I$(CPWS_DIR)

# Expanded when a file is compiled, after the port has completed CFLAGS: some ports never set CXXFLAGS, some too early.
CPWS_C_ONLY := -std=gnu99 -std=gnu11 -std=c99 -std=gnu17 -Wmissing-prototypes -Werror=missing-prototypes -Wold-style-definition \
  -Werror=old-style-definition -Wstrict-prototypes -Werror-implicit-function-declaration -Wnested-externs \
  -Wno-old-style-definition -Wdouble-promotion -Wfloat-conversion
CPWS_CXXFLAGS = $(filter-out $(CPWS_C_ONLY),$(CFLAGS)) -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics \
  -fno-use-cxa-atexit -I$(CPWS_ROOT)/include
$(BUILD)/$(notdir $(CPWS_DIR))/%.o: CXXFLAGS += $(CPWS_CXXFLAGS)
$(BUILD)/$(CPWS_ROOT)/src/protocol/%.o: CXXFLAGS += $(CPWS_CXXFLAGS)
