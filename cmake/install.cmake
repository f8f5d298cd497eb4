# cmake --install: libraries, headers, find_package() and pkg-config files.
include(CMakePackageConfigHelpers)

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
    PATTERN protocol EXCLUDE PATTERN device EXCLUDE)
endif()

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cpwebsockets)
install(EXPORT cpwebsocketsTargets NAMESPACE cpwebsockets:: DESTINATION ${config_dir})
configure_package_config_file(cmake/cpwebsocketsConfig.cmake.in cpwebsocketsConfig.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(cpwebsocketsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cpwebsocketsConfig.cmake ${PROJECT_BINARY_DIR}/cpwebsocketsConfigVersion.cmake
  DESTINATION ${config_dir})

# pkg-config: one file per library; shared libraries need nothing of the private ones.
set(pc_private_requires "")
set(pc_client_libs "-lcpwebsockets_client -lcpwebsockets_protocol")
if(CPWEBSOCKETS_DEFLATE)
  string(REPLACE "-lcpwebsockets_protocol" "-lcpwebsockets_deflate -lcpwebsockets_protocol" pc_client_libs "${pc_client_libs}")
  string(APPEND pc_private_requires " zlib")
endif()
if(CPWEBSOCKETS_TLS)
  string(APPEND pc_private_requires " openssl")
endif()
if(NOT BUILD_SHARED_LIBS)
  set(pc_requires "${pc_private_requires}")
else()
  set(pc_requires "")
endif()
set(pc_files cpwebsockets-protocol)
if(CPWEBSOCKETS_CLIENT)
  list(APPEND pc_files cpwebsockets)
endif()
foreach(pc IN LISTS pc_files)
  configure_file(cmake/${pc}.pc.in ${pc}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
