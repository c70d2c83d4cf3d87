// The claims of a JWT (RFC 7519 §4), as slices of the payload that was read.
//
// UnverifiedClaims lets nothing out but what choosing a rule needs; Claims come only from a VerifiedToken
// (validator/verified_token.h), that is, after the signature.
//
// Ownership: views into the reader that was walked. Thread-safety: plain values. Cost: one pass, no allocation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "json/json_number.h"
#include "json/json_reader.h"

namespace simdjwt {

// The claims that checks know by name. Of a name from anywhere; UnverifiedClaims has a faster way for those of a reader.
enum class RegisteredClaim : std::uint8_t { iss, sub, aud, jti, azp, exp, nbf, iat, cnf, nonce, scope, client_id, none };

RegisteredClaim registered_claim(std::string_view name) noexcept;

struct Claims {
  std::span<const JsonNode> nodes;
  // Null when missing. Each has its type: strings, but aud, which is a string or an array of strings.
  const JsonNode* iss = nullptr;
  const JsonNode* sub = nullptr;
  const JsonNode* aud = nullptr;
  const JsonNode* jti = nullptr;
  const JsonNode* azp = nullptr;
  const JsonNode* nonce = nullptr;
  const JsonNode* scope = nullptr;
  const JsonNode* client_id = nullptr;
  const JsonNode* cnf = nullptr;  // an object (RFC 7800 §3.1)
  // Null when missing; else the number stands beside it and fits 64 bits.
  const JsonNode* exp = nullptr;
  const JsonNode* nbf = nullptr;
  const JsonNode* iat = nullptr;
  JsonNumber exp_value, nbf_value, iat_value;
  std::uint32_t present = 0;  // bit_of() of each registered claim that is there

  // Nothing is there. Member by member: assigning an empty one costs as much as reading the claims of a small token.
  void clear() noexcept {
    iss = sub = aud = jti = azp = nonce = scope = client_id = cnf = exp = nbf = iat = nullptr;
    present = 0;
  }
};

constexpr std::uint32_t bit_of(RegisteredClaim claim) noexcept { return 1u << static_cast<unsigned>(claim); }

// The unescaped text of a claim, or a view with data == nullptr.
inline std::string_view text_of(const JsonNode* node) noexcept { return node ? node->text : std::string_view(); }

struct ClaimResult {
  Error error = Error::ok;
  std::string_view claim;  // the claim at fault
};

class UnverifiedClaims {
 public:
  // Reads the registered claims; whatever is present must have its type (claim_type, claim_range).
  ClaimResult parse(std::span<const JsonNode> nodes) noexcept;

  // To choose a rule by, and for nothing else. data() is null when the token has no iss.
  std::string_view unverified_issuer() const noexcept { return text_of(claims_.iss); }

 private:
  friend class ClaimsCheck;
  friend class VerifiedToken;
  Claims claims_;
};

}  // namespace simdjwt
