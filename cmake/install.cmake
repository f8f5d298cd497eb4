# cmake --install: libraries, headers, find_package() and pkg-config files. cpack packs the same.
include(CMakePackageConfigHelpers)

# Objects for link-time optimisation can be read by the compiler that wrote them, and by no other.
if(CPWEBSOCKETS_LTO AND NOT BUILD_SHARED_LIBS)
  install(CODE "message(FATAL_ERROR \"Static libraries with CPWEBSOCKETS_LTO=ON are for this build's own programs: configure with \
CPWEBSOCKETS_LTO=OFF to install them\")")
endif()

install(TARGETS ${CPWEBSOCKETS_INSTALLED_TARGETS} EXPORT cpwebsocketsTargets)
install(DIRECTORY include/cpwebsockets/protocol DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets
  PATTERN permessage_deflate.hpp EXCLUDE)
install(DIRECTORY include/cpwebsockets/device DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets)
if(CPWEBSOCKETS_DEFLATE)
  install(FILES include/cpwebsockets/protocol/permessage_deflate.hpp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets/protocol)
endif()
if(CPWEBSOCKETS_CLIENT)
  install(DIRECTORY include/cpwebsockets/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets
    PATTERN protocol EXCLUDE PATTERN device EXCLUDE PATTERN "async*" EXCLUDE)
endif()
if(CPWEBSOCKETS_ASYNC)
  install(FILES include/cpwebsockets/async_client.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets)
  install(DIRECTORY include/cpwebsockets/async DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cpwebsockets)
endif()

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cpwebsockets)
install(EXPORT cpwebsocketsTargets NAMESPACE cpwebsockets:: DESTINATION ${config_dir})
set(components protocol device)
if(CPWEBSOCKETS_DEFLATE)
  list(APPEND components deflate)
endif()
if(CPWEBSOCKETS_CLIENT)
  list(APPEND components client)
  if(CPWEBSOCKETS_TLS)
    list(APPEND components tls)
  endif()
  if(CPWEBSOCKETS_ASYNC)
    list(APPEND components async)
  endif()
endif()
configure_package_config_file(cmake/cpwebsocketsConfig.cmake.in cpwebsocketsConfig.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(cpwebsocketsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cpwebsocketsConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/cpwebsocketsConfigVersion.cmake
  DESTINATION ${config_dir})
include(cmake/pkg_config.cmake)
