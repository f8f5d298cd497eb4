# The network hardware of makers' boards: Adafruit's published classes over played chips, beside a server that does what a URL says.
set(boards ${here}/boards)
set(published ${built}/published)

# beside_server(NAME KIND INTERPRETER FOLDER_OF_THE_PACKAGE SCRIPT ARGUMENT...)
function(beside_server name kind interpreter folder)
  set(path ${folder}:${boards}:${boards}/standins:${published})
  add_test(NAME ${prefix}python.${kind}.${name} COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${path}:${boards}/cpython:${here}
    MICROPYPATH=${path}:${boards}/micropython:${here}:${here}/standins ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1
    ${PYTHON} ${boards}/server.py ${interpreter} ${ARGN})
  set_tests_properties(${prefix}python.${kind}.${name} PROPERTIES TIMEOUT 120)
endfunction()

# What stands already of the native module; all when it is empty.
set(stands_airlift what_the_class_shows)
set(stands_wiznet what_the_class_shows messages_of_every_size close_is_quick a_timeout_and_on without_waiting waiting_without_end the_server_ends_tcp
  the_server_refuses many_connections)
set(stands_esp_at what_the_class_shows)
set(stands_connecting one_who_does_not_answer every_failure_leaves_nothing)

# board_tests(KIND INTERPRETER FOLDER_OF_THE_PACKAGE)
function(board_tests kind interpreter folder)
  if(kind MATCHES "cpython|folder")
    foreach(name airlift wiznet esp_at connecting)
      set(stands_${name} "")
    endforeach()
  endif()
  foreach(board airlift wiznet esp_at)
    beside_server(board.${board} ${kind} ${interpreter} ${folder} ${boards}/scenarios.py ${board} ${stands_${board}})
  endforeach()
  beside_server(connecting ${kind} ${interpreter} ${folder} ${boards}/connecting.py ${stands_connecting})
endfunction()

board_tests(cpython ${PYTHON} ${package})
board_tests(folder ${built}/micropython ${package})
board_tests(native ${built}/native none)
board_tests(sanitized ${built}/sanitized none)
board_tests(natmod ${built}/micropython ${built}/natmod-x64)
