# How every target of this project is compiled.
function(cpwebsockets_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)  # GCC bug 105651: false alarms in std::string
  endif()
  if(CPWEBSOCKETS_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

if(CPWEBSOCKETS_SANITIZE)
  add_compile_options(-fsanitize=${CPWEBSOCKETS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${CPWEBSOCKETS_SANITIZE})
endif()
