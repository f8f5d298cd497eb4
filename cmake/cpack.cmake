# cpack packs what cmake --install installs, and cpack --config CPackSourceConfig.cmake the sources.
set(CPACK_GENERATOR TGZ)
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_PACKAGE_VENDOR "The cpwebsockets authors")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES "/[.]git/;/[.]git$;/build/;/__pycache__/;/[.]cache/")
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
