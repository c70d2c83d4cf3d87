/* The same for a signature alone. */
/* expect: (ignoring return value|unused-result) */
#include <simdjwt/simdjwt.h>

int use(const simdjwt_jwks* jwks, simdjwt_scratch* scratch, const char* bytes);

int use(const simdjwt_jwks* jwks, simdjwt_scratch* scratch, const char* bytes) {
#ifdef MISUSE
  simdjwt_verify_signature(jwks, scratch, 0, "ES256", 5, bytes, 64, bytes, 64);
  return 1;
#else
  return simdjwt_verify_signature(jwks, scratch, 0, "ES256", 5, bytes, 64, bytes, 64) == SIMDJWT_OK;
#endif
}
