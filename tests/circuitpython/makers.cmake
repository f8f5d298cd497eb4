# asyncio over each form, the examples, and what is published of the Python client, as makers get it.
set(with_asyncio ${package}/with_asyncio)
set(environment ${built}/python/bin/python)

# interpreter_test(NAME TIMEOUT FOLDERS_OF_THE_PACKAGE ASYNCIO COMMAND...): with cpwebsockets_asyncio, too.
function(interpreter_test name timeout folders asyncio)
  add_test(NAME ${prefix}python.${name} COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${folders}:${with_asyncio}:${here}
    MICROPYPATH=${folders}:${with_asyncio}:${here}:${here}/standins:${asyncio} ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1 ${ARGN})
  set_tests_properties(${prefix}python.${name} PROPERTIES TIMEOUT ${timeout})
endfunction()

# form_tests(FORM INTERPRETER FOLDER_OF_THE_PACKAGE): with MicroPython's asyncio, and with CircuitPython's.
function(form_tests form interpreter folder)
  interpreter_test(${form}.tasks 300 ${folder} ${built}/lib ${with_server} ${interpreter} ${here}/tasks.py)
  interpreter_test(${form}.tasks.circuitpython_asyncio 300 ${folder} ${built}/circuitpython ${with_server} ${interpreter} ${here}/tasks.py)
endfunction()

interpreter_test(cpython.tasks 300 ${package} none ${with_server} ${PYTHON} ${here}/tasks.py)
form_tests(folder ${built}/micropython ${package})
form_tests(native ${built}/native none)
form_tests(sanitized ${built}/sanitized none)
form_tests(instance ${built}/instance none)
form_tests(natmod ${built}/micropython ${built}/natmod-x64)

foreach(form folder native)
  if(form STREQUAL folder)
    set(interpreter ${built}/micropython)
    set(folder ${package})
  else()
    set(interpreter ${built}/native)
    set(folder none)
  endif()
  foreach(example examples/cpwebsockets_simpletest with_asyncio/examples/cpwebsockets_asyncio_simpletest
      with_asyncio/examples/cpwebsockets_asyncio_tasks)
    get_filename_component(name ${example} NAME)
    foreach(scheme WS WSS)
      interpreter_test(${form}.example.${name}.${scheme} 60 ${folder} ${built}/lib ${with_server} sh -c
        "WEBSOCKET_URL=$(echo \"$${scheme}_URL\" | sed s/127.0.0.1/localhost/) exec ${interpreter} ${package}/${example}.py")
    endforeach()
  endforeach()
  interpreter_test(${form}.example.cpwebsockets_airlift 60 ${folder}
    ${boards}/pyportal:${boards}:${boards}/standins:${published}:${boards}/micropython ${with_server} sh -c
    "WEBSOCKET_URL=$(echo \"$WS_URL\" | sed 's/ws:..127.0.0.1/wss:\\/\\/localhost/') exec ${interpreter} ${package}/examples/cpwebsockets_airlift.py")
  foreach(example examples/cpwebsockets_subscriber with_asyncio/examples/cpwebsockets_asyncio_subscriber)
    get_filename_component(name ${example} NAME)
    interpreter_test(${form}.example.${name} 120 ${folder} ${built}/lib ${PYTHON} ${here}/subscriber.py ${interpreter} ${package}/${example}.py)
  endforeach()
endforeach()

interpreter_test(native32.asyncio_memory 60 none ${built}/lib ${built}/native32 ${here}/asyncio_memory.py)
add_test(NAME ${prefix}python.makers_docs COMMAND ${with_server} ${PYTHON} ${here}/makers_docs.py ${built}/micropython)
set_tests_properties(${prefix}python.makers_docs PROPERTIES TIMEOUT 120)
add_test(NAME ${prefix}python.version COMMAND ${PYTHON} ${here}/version.py)
add_test(NAME ${prefix}python.types COMMAND ${environment} ${here}/check_types.py)
add_test(NAME ${prefix}python.release COMMAND ${with_server} ${environment} ${here}/release.py ${PROJECT_BINARY_DIR}/dist ${built}/micropython ${built}/blinka)
add_test(NAME ${prefix}python.community_bundle COMMAND ${with_server} ${environment} ${here}/community_bundle.py
  ${PROJECT_BINARY_DIR}/dist ${built}/circuitpython ${built}/mpy-cross ${built}/micropython)
set_tests_properties(${prefix}python.types PROPERTIES TIMEOUT 300)
set_tests_properties(${prefix}python.release PROPERTIES TIMEOUT 300 FIXTURES_SETUP ${prefix}release)
set_tests_properties(${prefix}python.community_bundle PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED ${prefix}release)
