// A number is no Error: 0 read from somewhere does not become "ok".
// expect: (cannot convert|could not convert|cannot initialize)
#include "base/error.h"

simdjwt::Error use(int status) {
#ifdef MISUSE
  return status;
#else
  return status == 0 ? simdjwt::Error::ok : simdjwt::Error::invalid_argument;
#endif
}
