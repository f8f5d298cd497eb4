# Link-time optimisation of this build's own programs: the client's calls cross several files of the core for each small message.
# Static libraries with it are never installed: see install.cmake.
if(CPWEBSOCKETS_LTO AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT CPWEBSOCKETS_SANITIZE)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto_supported LANGUAGES CXX)
  if(lto_supported)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-ffat-lto-objects)
      add_link_options(-flto=auto)
    endif()
  endif()
endif()
