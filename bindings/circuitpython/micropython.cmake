# The native module, for ports of MicroPython that are built with CMake (rp2, esp32):
#   make BOARD=... USER_C_MODULES=/path/to/cpwebsockets/bindings/circuitpython/micropython.cmake
get_filename_component(cpws_root ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
add_library(usermod_cpwebsockets INTERFACE)

include(${cpws_root}/cmake/sources.cmake)
cpwebsockets_sources(cpws_core core)
# The names in sources.mk.
file(READ ${CMAKE_CURRENT_LIST_DIR}/sources.mk cpws_sources)
string(REGEX MATCHALL "[a-z0-9_]+[.]c" cpws_sources "${cpws_sources}")
list(TRANSFORM cpws_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
target_sources(usermod_cpwebsockets INTERFACE ${CMAKE_CURRENT_LIST_DIR}/module.c ${cpws_sources})

# The C++ is a library of its own: it includes nothing of MicroPython, and is not scanned for its names. It is compiled as one program
# (sources.mk says why).
add_library(cpwebsockets_engine STATIC ${CMAKE_CURRENT_LIST_DIR}/engine.cpp)
list(TRANSFORM cpws_core PREPEND "SHELL:-include ")
target_include_directories(cpwebsockets_engine PRIVATE ${cpws_root}/include)
target_compile_features(cpwebsockets_engine PRIVATE cxx_std_20)
target_compile_options(cpwebsockets_engine PRIVATE -Os -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit
  -ffunction-sections -fdata-sections -DCPWEBSOCKETS_PYTHON_MODULE ${cpws_core}
  $<$<CXX_COMPILER_ID:GNU>:-fwhole-program -fno-move-loop-invariants -fno-if-conversion -fno-inline-functions-called-once>)

target_include_directories(usermod_cpwebsockets INTERFACE ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(usermod_cpwebsockets INTERFACE MICROPY_MODULE_BUILTIN_SUBPACKAGES=1)
target_link_libraries(usermod_cpwebsockets INTERFACE cpwebsockets_engine)
target_link_libraries(usermod INTERFACE usermod_cpwebsockets)
