# Toolchain for rv32imc (as in the ESP32-C3), by Debian's packages. They have no headers of a C++ library: the ARM compiler's, of
# the same version, serve for what needs no library behind it.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_CXX_COMPILER riscv64-unknown-elf-g++)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
file(GLOB cxx_headers /usr/include/newlib/c++/12*)
set(flags "-march=rv32imc -mabi=ilp32 --specs=picolibc.specs")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_ASM_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT "${flags} -nostdinc++ -isystem ${cxx_headers} -isystem ${cxx_headers}/arm-none-eabi/thumb/v6-m/nofp")
