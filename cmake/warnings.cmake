set(common_warnings -Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND common_warnings -Wno-restrict)  # GCC bug 105651: false alarms in std::string
endif()
if(CPWEBSOCKETS_WERROR)
  list(APPEND common_warnings -Werror)
endif()

# How the library and its tools are compiled.
function(cpwebsockets_compile_options target)
  target_compile_options(${target} PRIVATE ${common_warnings} -Wconversion -Wshadow)
endfunction()

# How everything in the folder that calls it is compiled, and in the folders below.
macro(cpwebsockets_test_warnings)
  add_compile_options(${common_warnings} -Wno-missing-field-initializers)
endmacro()

if(CPWEBSOCKETS_SANITIZE)
  add_compile_options(-fsanitize=${CPWEBSOCKETS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${CPWEBSOCKETS_SANITIZE})
endif()
