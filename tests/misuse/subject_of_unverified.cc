// There is no way to ask unverified claims for anything but the issuer.
// expect: no member named
#include "validator/verified_token.h"

const simdjwt::Claims& use(const simdjwt::UnverifiedClaims& unverified, const simdjwt::VerifiedToken& verified) {
#ifdef MISUSE
  return unverified.claims();
#else
  (void)unverified;
  return verified.claims();
#endif
}
