// An Error is no truth value: `if (verify(...))` would read as "verified" and mean the contrary.
// expect: (could not convert|cannot convert|not contextually convertible)
#include "base/error.h"

int use(simdjwt::Error error) {
#ifdef MISUSE
  if (error) return 1;
#else
  if (error != simdjwt::Error::ok) return 1;
#endif
  return 0;
}
