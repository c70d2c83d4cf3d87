// An Error is no number: it is neither added to nor mixed up with a count or a status.
// expect: (cannot convert|no viable conversion|cannot initialize)
#include "base/error.h"

int use(simdjwt::Error error) {
#ifdef MISUSE
  const int number = error;
#else
  const int number = static_cast<int>(error);
#endif
  return number;
}
