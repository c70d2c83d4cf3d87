// The proof, as a type, that a signature has been verified: only a VerifiedToken yields claims.
//
// Ownership: views claims that live in the scratch. Nothing but SignatureStep can make one.
#pragma once

#include "claims/claims.h"

namespace simdjwt {

class VerifiedToken {
 public:
  const Claims& claims() const noexcept { return *claims_; }

 private:
  friend class SignatureStep;
  explicit VerifiedToken(const UnverifiedClaims& claims) noexcept : claims_(&claims.claims_) {}
  const Claims* claims_;
};

}  // namespace simdjwt
