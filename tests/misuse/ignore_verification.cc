// A signature that is verified and whose verdict is dropped is the worst of mistakes.
// expect: (ignoring return(ed)? value|nodiscard)
#include "signature/verify.h"

bool use(simdjwt::VerifyContext& context, const simdjwt::Jwk& key, simdjwt::ByteView bytes) {
#ifdef MISUSE
  context.verify(key, simdjwt::Algorithm::ES256, bytes, bytes);
  return true;
#else
  return context.verify(key, simdjwt::Algorithm::ES256, bytes, bytes) == simdjwt::Error::ok;
#endif
}
