# The native module, for any port of CircuitPython or MicroPython that is built with make:
#   make BOARD=... USER_C_MODULES=/path/to/cpwebsockets/bindings
# MicroPython also needs CFLAGS_EXTRA=-DMICROPY_MODULE_BUILTIN_SUBPACKAGES=1, which CircuitPython's boards have.
CPWS_DIR := $(USERMOD_DIR)
CPWS_ROOT := $(abspath $(CPWS_DIR)/../..)

include $(CPWS_DIR)/sources.mk

# The C files are scanned for names, modules and messages.
SRC_USERMOD_C += $(addprefix $(CPWS_DIR)/,module.c $(CPWS_GLUE))

# The C++ file is not.
SRC_USERMOD_LIB_CXX += $(CPWS_DIR)/engine.cpp

CFLAGS_USERMOD += -I$(CPWS_DIR)

# Expanded when a file is compiled, after the port has completed CFLAGS: some ports never set CXXFLAGS, some too early.
CPWS_C_ONLY := -std=gnu99 -std=gnu11 -std=c99 -std=gnu17 -Wmissing-prototypes -Werror=missing-prototypes -Wold-style-definition \
  -Werror=old-style-definition -Wstrict-prototypes -Werror-implicit-function-declaration -Wnested-externs \
  -Wno-old-style-definition -Wdouble-promotion -Wfloat-conversion
CPWS_CXXFLAGS = $(filter-out $(CPWS_C_ONLY),$(CFLAGS)) -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics \
  -fno-use-cxa-atexit -I$(CPWS_ROOT)/include
# Some ports compile for speed, which costs a third more flash here and gains nothing beside the network.
CPWS_FOR_SIZE = $(CPWS_SIZE_FLAGS) -ffunction-sections -fdata-sections
# Warnings are for those who write this: GCC 14 for ARM has a wrong one, and later ones may have others.
CPWS_OWN = $(CPWS_FOR_SIZE) -Wno-error
$(BUILD)/$(notdir $(CPWS_DIR))/%.o: CFLAGS += $(CPWS_OWN)
$(BUILD)/$(notdir $(CPWS_DIR))/%.o: CXXFLAGS += $(CPWS_CXXFLAGS) $(CPWS_WITH_CORE)
