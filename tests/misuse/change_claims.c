/* A verdict's views are read only: the claims that were verified are the claims that are read. */
/* expect: (read-only|const-qualified) */
#include <simdjwt/simdjwt.h>

char use(simdjwt_verdict* verdict);

char use(simdjwt_verdict* verdict) {
#ifdef MISUSE
  verdict->claims.data[0] = 'x';
#endif
  return verdict->claims.data[0];
}
