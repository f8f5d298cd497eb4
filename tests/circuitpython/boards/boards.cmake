# The network hardware of makers' boards: Adafruit's published classes over played chips, beside a server that does what a URL says.
set(boards ${here}/boards)
set(published ${built}/published)

# beside_server(NAME KIND INTERPRETER FOLDER_OF_THE_PACKAGE SCRIPT ARGUMENT...)
function(beside_server name kind interpreter folder)
  set(path ${folder}:${boards}:${boards}/standins:${published})
  if("${interpreter}" STREQUAL "PYTHON")
    set(interpreter ${PYTHON})
  else()
    set(interpreter ${built}/${interpreter} -X heapsize=16M)
  endif()
  add_test(NAME ${prefix}python.${kind}.${name} COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${path}:${boards}/cpython:${here}
    MICROPYPATH=${path}:${boards}/micropython:${here}:${here}/standins ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1
    ${PYTHON} ${boards}/server.py ${interpreter} ${ARGN})
  set_tests_properties(${prefix}python.${kind}.${name} PROPERTIES TIMEOUT 120)
endfunction()

# board_tests(KIND INTERPRETER FOLDER_OF_THE_PACKAGE)
function(board_tests kind interpreter folder)
  beside_server(board.airlift ${kind} ${interpreter} ${folder} ${boards}/scenarios.py airlift)
  beside_server(connecting ${kind} ${interpreter} ${folder} ${boards}/connecting.py)
  beside_server(exceptions ${kind} ${interpreter} ${folder} ${here}/exceptions.py ${here}/exceptions.txt)
endfunction()

# more_board_tests(KIND INTERPRETER FOLDER_OF_THE_PACKAGE)
function(more_board_tests kind interpreter folder)
  board_tests(${kind} ${interpreter} ${folder})
  beside_server(board.wiznet ${kind} ${interpreter} ${folder} ${boards}/scenarios.py wiznet)
  beside_server(board.esp_at ${kind} ${interpreter} ${folder} ${boards}/scenarios.py esp_at)
  beside_server(timeouts ${kind} ${interpreter} ${folder} ${boards}/timeouts.py)
endfunction()

# wiznet_tls(KIND INTERPRETER FOLDER_OF_THE_PACKAGE)
function(wiznet_tls kind interpreter folder)
  add_test(NAME ${prefix}python.${kind}.board.wiznet_tls COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1
    MICROPYPATH=${folder}:${boards}/firmware:${boards}:${boards}/standins:${published}:${boards}/micropython:${here}
    ${with_server} ${built}/${interpreter} ${boards}/firmware_tls.py)
  set_tests_properties(${prefix}python.${kind}.board.wiznet_tls PROPERTIES TIMEOUT 120)
endfunction()

more_board_tests(cpython PYTHON ${package})
more_board_tests(folder micropython ${package})
more_board_tests(native native none)
more_board_tests(sanitized sanitized none)
board_tests(native32 native32 none)
board_tests(instance instance none)
board_tests(natmod micropython ${built}/natmod-x64)
wiznet_tls(folder micropython ${package})
wiznet_tls(sanitized sanitized none)
