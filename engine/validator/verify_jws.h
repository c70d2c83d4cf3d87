// Verifies a compact JWS whose payload may be anything (RFC 7515 §5.2): the shape, the header and the signature.
#pragma once

#include <string_view>

#include "jwk/jwk_set.h"
#include "validator/scratch.h"
#include "validator/verdict.h"

namespace simdjwt {

// As Validator::validate, without claims: verdict.claims is the payload. The limits are those of the scratch.
Verdict verify_jws(const JwkSet& keys, AlgorithmSet allowed, Scratch& scratch, std::string_view token) noexcept;

// One signature with one key. Ok, scratch_in_use, or what VerifyContext::verify answers; unsupported_algorithm first.
Error verify_signature(const Jwk& key, Algorithm algorithm, Scratch& scratch, ByteView message,
                       ByteView signature) noexcept;

}  // namespace simdjwt
