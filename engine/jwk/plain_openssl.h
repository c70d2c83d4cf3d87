// Whether what OpenSSL's plain functions do may be had from them, past its providers: plain hashing (signature/hmac.h,
// signature/sha256_pair.h) and arithmetic of points (jwk/ec_tables.h). Only where the process would get OpenSSL's
// default provider for it anyway: not when it asks for FIPS or for any other provider, by EVP_set_default_properties or
// by openssl.cnf.
//
// Thread-safety: that of OpenSSL. Cost: about a microsecond; ask once, when something is prepared.
#pragma once

namespace simdjwt {

bool plain_openssl_is_allowed() noexcept;

}  // namespace simdjwt
