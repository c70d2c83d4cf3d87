// Claims come from a VerifiedToken alone; UnverifiedClaims let out the issuer, to choose a rule by.
// expect: private
#include "claims/claims.h"

std::string_view use(const simdjwt::UnverifiedClaims& claims) {
#ifdef MISUSE
  return claims.claims_.sub->text;
#else
  return claims.unverified_issuer();
#endif
}
