# Linux with musl on x86-64, by zig's C++ compiler; CPWEBSOCKETS_ZIG is a Python that has the package ziglang.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CPWEBSOCKETS_ZIG)
set(CMAKE_C_COMPILER ${CPWEBSOCKETS_ZIG} -m ziglang cc -target x86_64-linux-musl)
set(CMAKE_CXX_COMPILER ${CPWEBSOCKETS_ZIG} -m ziglang c++ -target x86_64-linux-musl)
# zig adds a sanitizer of its own to debug builds, and its runtime library does not know __builtin_cpu_supports().
set(CMAKE_C_FLAGS_INIT "-fno-sanitize=undefined")
set(CMAKE_CXX_FLAGS_INIT "-fno-sanitize=undefined -DCPWEBSOCKETS_PORTABLE")
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
