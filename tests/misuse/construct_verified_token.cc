// A VerifiedToken is the proof that a signature was verified: nobody can make one from unverified claims.
// expect: private
#include "validator/token_steps.h"

void use(const simdjwt::UnverifiedClaims& claims, const simdjwt::VerifiedToken& verified) {
#ifdef MISUSE
  const simdjwt::VerifiedToken token(claims);
#else
  const simdjwt::VerifiedToken token(verified);
#endif
  (void)claims;
  (void)verified;
  (void)token.claims();
}
