// A VerifiedToken is of some token: there is no empty one to be filled later.
// expect: no matching (function for call to|constructor for initialization of) .*VerifiedToken
#include "validator/verified_token.h"

const simdjwt::Claims* use(const simdjwt::VerifiedToken& verified) {
#ifdef MISUSE
  (void)verified;
  simdjwt::VerifiedToken token;
#else
  simdjwt::VerifiedToken token(verified);
#endif
  return &token.claims();
}
