/* Nobody reads or writes inside a handle. */
/* expect: incomplete (definition of )?type */
#include <simdjwt/simdjwt.h>

unsigned use(const simdjwt_jwks* jwks);

unsigned use(const simdjwt_jwks* jwks) {
#ifdef MISUSE
  return jwks->count;
#else
  return simdjwt_jwks_count(jwks);
#endif
}
