// The key decides the algorithm: there is no verifying with an algorithm alone.
// expect: (no matching function|too few arguments)
#include "signature/verify.h"

bool use(simdjwt::VerifyContext& context, const simdjwt::Jwk& key, simdjwt::ByteView bytes) {
  (void)key;
#ifdef MISUSE
  return context.verify(simdjwt::Algorithm::HS256, bytes, bytes) == simdjwt::Error::ok;
#else
  return context.verify(key, simdjwt::Algorithm::HS256, bytes, bytes) == simdjwt::Error::ok;
#endif
}
