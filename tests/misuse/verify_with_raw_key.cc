// A public key's bytes are not an HMAC secret: a key comes from a JWK that was imported, or it does not come.
// expect: (no matching|cannot convert|no viable conversion|could not convert|invalid initialization)
#include "signature/verify.h"

bool use(simdjwt::VerifyContext& context, const simdjwt::Jwk& key, std::string_view pem, simdjwt::ByteView bytes) {
  (void)key;
  (void)pem;
#ifdef MISUSE
  return context.verify(pem, simdjwt::Algorithm::HS256, bytes, bytes) == simdjwt::Error::ok;
#else
  return context.verify(key, simdjwt::Algorithm::HS256, bytes, bytes) == simdjwt::Error::ok;
#endif
}
