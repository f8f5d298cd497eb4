# The module's files, for firmware (made with make or, reading the first list as text, with CMake) and for the native .mpy.
CPWS_GLUE = connect.c driver.c exceptions.c receive.c runtime.c send.c stream.c websocket.c
# The core's files. The C++ file here is compiled together with them, as one program: the compiler then sees who calls what, and
# makes less of it.
CPWS_SRC := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))../../src)
CPWS_CORE := $(addprefix $(CPWS_SRC)/,$(shell sed -n 's/^core //p' $(CPWS_SRC)/sources.txt))
CPWS_WITH_CORE = $(call CPWS_GCC,-fwhole-program) $(addprefix -include ,$(CPWS_CORE)) -DCPWEBSOCKETS_PYTHON_MODULE
# Three things that -Os does make this code larger on small processors.
CPWS_SIZE_FLAGS = -Os $(call CPWS_GCC,-fno-move-loop-invariants -fno-if-conversion -fno-inline-functions-called-once)
# What clang does not know.
CPWS_GCC = $(if $(findstring clang,$(shell $(CC) --version)),,$(1))
