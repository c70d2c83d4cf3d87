// The steps that every validation is made of: decode a segment, read the header, choose keys, verify the signature.
//
// Each writes to its lane alone and says what went wrong, where in the token, and in which member.
// Ownership: views into token and lane. Thread-safety: as the scratch. Cost: no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "jwk/jwk_set.h"
#include "signature/verify.h"
#include "validator/header_cache.h"
#include "validator/lane.h"
#include "validator/verified_token.h"

namespace simdjwt {

struct StepResult {
  Error error = Error::ok;
  std::uint32_t offset = UINT32_MAX;  // bytes into the token
  std::string_view member;
};

struct Decoded {
  StepResult result;
  ByteView bytes;
};

// A segment of `token`, decoded to `out`. An offset counts from the start of the token.
Decoded decode_segment(std::string_view token, std::string_view segment, std::uint8_t* out) noexcept;

// A decoded segment read as JSON; an offset is translated to the segment's characters.
StepResult read_json(std::string_view token, std::string_view segment, ByteView bytes, const Limits& limits,
                     JsonReader& reader) noexcept;

// The header, in three checks: decoded to lane.header_bytes, read by lane.header_reader, parsed to lane.header.
StepResult decode_header(Lane& lane, std::string_view token) noexcept;
StepResult read_header(Lane& lane, std::string_view token, const Limits& limits) noexcept;
StepResult parse_header_members(Lane& lane, const Limits& limits) noexcept;

// alg_not_allowed, or unsupported_algorithm for one that is allowed and that the linked OpenSSL lacks.
Error check_algorithm(const VerifyContext& context, Algorithm algorithm, AlgorithmSet allowed) noexcept;

// RFC 7515 §4.1.4: a kid that is there must match; without one, the keys that fit the algorithm, up to `max`.
KeyChoice choose_keys(const JwkSet& keys, const JoseHeader& header, std::uint32_t max) noexcept;

struct Verification {
  Error error = Error::ok;             // signature_*, key_alg_mismatch, crypto_failure
  std::optional<VerifiedToken> token;  // there exactly when error is ok
};

class SignatureStep {
 public:
  // Tries the keys in turn on the token in the lane; the error is that of the last key that fits.
  static Verification verify(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                             ByteView signature) noexcept;

  // The same in two halves, between which the checks of many tokens are verified together: with the first key that
  // fits, without one when none does; and, if that came to an error, with those after it.
  static SignatureCheck first_check(const Lane& lane, std::span<const Jwk* const> keys, ByteView signature) noexcept;
  static Verification go_on(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                            ByteView signature, const SignatureCheck& first) noexcept;

 private:
  static Verification try_keys(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                               ByteView signature, Error before) noexcept;
};

}  // namespace simdjwt
