// What is checked of a signature before anything is computed: that the key may verify the algorithm (RFC 8725 §3.1),
// the length, and that the numbers of ECDSA and EdDSA are in range (SEC 1 §4.1.4, RFC 8032 §5.1.7).
//
// Ownership: views, for the call. Thread-safety: stateless. Cost: a few comparisons, no allocation.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "jwk/jwk.h"

namespace simdjwt {

// Ok, key_alg_mismatch, signature_length or signature_range.
Error check_signature_form(const Jwk& key, Algorithm algorithm, ByteView signature) noexcept;

}  // namespace simdjwt
