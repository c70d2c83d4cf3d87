# The installed package: headers, the libraries, CMake package config, pkg-config.
include(CMakePackageConfigHelpers)

set_target_properties(simdjwt PROPERTIES EXPORT_NAME simdjwt)
install(TARGETS simdjwt simdjwt_static EXPORT simdjwtTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(SIMDJWT_HEADERS PATTERN "*.h")
if(SIMDJWT_BUILD_FETCH)
  set_target_properties(simdjwt_fetch PROPERTIES EXPORT_NAME fetch INSTALL_RPATH "$ORIGIN")
  set_target_properties(simdjwt_fetch_static PROPERTIES EXPORT_NAME fetch_static)
  install(TARGETS simdjwt_fetch simdjwt_fetch_static EXPORT simdjwtTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
else()
  list(APPEND SIMDJWT_HEADERS PATTERN "fetch.h" EXCLUDE)
endif()
if(SIMDJWT_BUILD_FLEET)
  set_target_properties(simdjwt_fleet PROPERTIES EXPORT_NAME fleet INSTALL_RPATH "$ORIGIN")
  set_target_properties(simdjwt_fleet_static PROPERTIES EXPORT_NAME fleet_static)
  install(TARGETS simdjwt_fleet simdjwt_fleet_static EXPORT simdjwtTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
else()
  list(APPEND SIMDJWT_HEADERS PATTERN "fleet.h" EXCLUDE)
endif()
if(SIMDJWT_BUILD_JOURNAL)
  set_target_properties(simdjwt_journal PROPERTIES EXPORT_NAME journal INSTALL_RPATH "$ORIGIN")
  set_target_properties(simdjwt_journal_static PROPERTIES EXPORT_NAME journal_static)
  install(TARGETS simdjwt_journal simdjwt_journal_static EXPORT simdjwtTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
else()
  list(APPEND SIMDJWT_HEADERS PATTERN "journal.h" EXCLUDE)
endif()
install(DIRECTORY include/simdjwt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING ${SIMDJWT_HEADERS})
install(EXPORT simdjwtTargets NAMESPACE simdjwt:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
configure_package_config_file(cmake/simdjwtConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/simdjwtConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/simdjwt)
file(RELATIVE_PATH SIMDJWT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/simdjwt.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(SIMDJWT_BUILD_FETCH)
  configure_file(cmake/simdjwt-fetch.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-fetch.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-fetch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
if(SIMDJWT_BUILD_FLEET)
  configure_file(cmake/simdjwt-fleet.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-fleet.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-fleet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
if(SIMDJWT_BUILD_JOURNAL)
  configure_file(cmake/simdjwt-journal.pc.in ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-journal.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/simdjwt-journal.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
