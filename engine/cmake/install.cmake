# The installed package: headers, the libraries, CMake package config, pkg-config.
include(CMakePackageConfigHelpers)

set_target_properties(simdjwt PROPERTIES EXPORT_NAME simdjwt)
install(TARGETS simdjwt simdjwt_static EXPORT simdjwtTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(SIMDJWT_HEADERS PATTERN "*.h")
# A library on top of the C API, or its header left out. Its .pc.in is cmake/simdjwt-<name>.pc.in.
function(simdjwt_install_library name)
  string(TOUPPER ${name} option)
  if(NOT SIMDJWT_BUILD_${option})
    set(SIMDJWT_HEADERS ${SIMDJWT_HEADERS} PATTERN "${name}.h" EXCLUDE PARENT_SCOPE)
    return()
  endif()
  set_target_properties(simdjwt_${name} PROPERTIES EXPORT_NAME ${name} INSTALL_RPATH "$ORIGIN")
  set_target_properties(simdjwt_${name}_static PROPERTIES EXPORT_NAME ${name}_static)
  install(TARGETS simdjwt_${name} simdjwt_${name}_static EXPORT simdjwtTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  configure_file(cmake/simdjwt-${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

file(RELATIVE_PATH SIMDJWT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name fetch fleet journal)
  simdjwt_install_library(${name})
endforeach()
install(DIRECTORY include/simdjwt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING ${SIMDJWT_HEADERS})
install(EXPORT simdjwtTargets NAMESPACE simdjwt:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
configure_package_config_file(cmake/simdjwtConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
configure_file(cmake/simdjwt.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
