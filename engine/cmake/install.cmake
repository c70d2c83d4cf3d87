# The installed package: headers, both libraries, CMake package config, pkg-config.
include(CMakePackageConfigHelpers)

set_target_properties(simdjwt PROPERTIES EXPORT_NAME simdjwt)
install(TARGETS simdjwt simdjwt_static EXPORT simdjwtTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/simdjwt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT simdjwtTargets NAMESPACE simdjwt:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
configure_package_config_file(cmake/simdjwtConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
file(RELATIVE_PATH SIMDJWT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/simdjwt.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
