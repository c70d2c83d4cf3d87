// The JWK thumbprint (RFC 7638): SHA-256 over the required members in lexicographic order, in base64url.
#pragma once

#include <string>

#include "jwk/jwk_import.h"

namespace simdjwt {

// Of a key that was imported from `source`; empty when hashing fails. Allocates.
std::string thumbprint(const JwkSource& source, const Jwk& jwk);

}  // namespace simdjwt
