# The header includes stdint.h and nothing else: cmake -DHEADER=... -P includes_only_stdint.cmake
file(STRINGS ${HEADER} includes REGEX "^[ \t]*#[ \t]*include")
if(NOT includes STREQUAL "#include <stdint.h>")
  message(FATAL_ERROR "${HEADER} includes: ${includes}")
endif()
