// Whether what OpenSSL's plain functions do may be had from them, past its providers: plain hashing (signature/hmac.h,
// signature/sha256_pair.h) and arithmetic of points (jwk/ec_tables.h). Not when the process asks for FIPS providers.
//
// Thread-safety: that of OpenSSL. Cost: a look at the default properties; ask once, when something is prepared.
#pragma once

#include <openssl/evp.h>

namespace simdjwt {

inline bool plain_openssl_is_allowed() noexcept { return EVP_default_properties_is_fips_enabled(nullptr) == 0; }

}  // namespace simdjwt
