# The module's files, for firmware (made with make or, reading the first list as text, with CMake) and for the native .mpy.
CPWS_GLUE = connect.c driver.c exceptions.c receive.c runtime.c send.c stream.c websocket.c
# The core's, from the folder src/.
CPWS_CORE := $(shell sed -n 's/^core //p' $(dir $(lastword $(MAKEFILE_LIST)))../../src/sources.txt)
