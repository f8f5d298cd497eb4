# What the example's CMakeLists.txt calls of the Pico SDK.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
function(pico_sdk_init)
endfunction()
function(pico_enable_stdio_usb)
endfunction()
function(pico_add_extra_outputs)
endfunction()
