// The claim checks of a rule. Each can only reject, so all of them may run before the signature is verified.
//
// Ownership: a ClaimsCheck views claims and rules; results view the claims or the rules. Thread-safety: immutable
// rules, one ClaimsCheck per validation. Cost: O(claims x log rules) at worst, no allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash128.h"
#include "claims/claims.h"

namespace simdjwt {

// A JSON scalar that a claim may be compared with, exactly and by type.
struct ExpectedValue {
  JsonKind kind = JsonKind::string;  // string, number (a whole one) or boolean
  std::string text;                  // of a string; "true" or "false"
  std::int64_t integer = 0;
};

struct ExpectedClaim {
  std::string name;
  bool contains = false;              // the claim is an array of strings that holds values[0]
  std::vector<ExpectedValue> values;  // else it equals one of these
};

// What a jti is unique per, besides the issuer (RFC 7519 §4.1.7).
enum class JtiScope : std::uint8_t { issuer, subject, client };

// What a token is remembered as under the key of its issuer. A part that is missing counts as an empty one; nothing of
// the token can be told from the result without the key.
Hash128 hash_jti(const KeyedHash128& issuer, JtiScope unique_per, std::string_view subject, std::string_view client,
                 std::string_view jti) noexcept;

// The first whole second at which a token that ends at `exp`, rounded up, is refused as expired.
constexpr std::int64_t forget_time(std::int64_t exp, std::int64_t leeway_s) noexcept {
  return saturating_add(exp, leeway_s);
}

struct ClaimRules {
  std::vector<std::string> audiences;  // sorted
  bool any_audience = false;
  bool missing_exp = false;
  bool future_iat = false;
  bool ignore_others = false;
  bool check_azp = false;      // OpenID Connect Core §3.1.3.7, steps 4 and 5
  std::int64_t leeway_s = 0;   // seconds
  std::int64_t max_age_s = 0;  // seconds; 0: any age
  bool once = false;           // a token is accepted once ...
  JtiScope unique_per = JtiScope::issuer;
  std::int64_t max_retention_s = 0;  // ... and must be remembered, leeway included, no longer than this
  std::vector<std::string> required;
  std::uint32_t required_registered = 0;  // bit_of() of those of them that are registered ...
  bool required_registered_only = false;  // ... and that there are no others
  std::vector<ExpectedClaim> expected;
  std::vector<std::string> known;  // sorted; every claim that is expected or ignored, when ignore_others is false
};

// The whole seconds in which the time checks of one token pass: from <= now < until.
struct ValidTimes {
  std::int64_t from = INT64_MIN;
  std::int64_t until = INT64_MAX;

  bool hold(std::int64_t now) const noexcept { return from <= now && now < until; }
};

class ClaimsCheck {
 public:
  ClaimsCheck(const UnverifiedClaims& claims, const ClaimRules& rules, std::int64_t now) noexcept
      : claims_(claims.claims_), rules_(rules), now_(now) {}

  ClaimResult expiry() const noexcept;      // RFC 7519 §4.1.4
  ClaimResult not_before() const noexcept;  // RFC 7519 §4.1.5
  ClaimResult issued_at() const noexcept;   // RFC 7519 §4.1.6
  ClaimResult audience() const noexcept;    // RFC 7519 §4.1.3
  ClaimResult required() const noexcept;
  ClaimResult expected() const noexcept;
  ClaimResult others() const noexcept;
  ClaimResult authorized_party() const noexcept;
  ClaimResult nonce(std::string_view sent) const noexcept;

  // What the token will be remembered as, if it is accepted and may be used once.
  Hash128 fingerprint(const KeyedHash128& issuer) const noexcept;

  // When expiry(), not_before() and issued_at() pass, provided that they pass now.
  ValidTimes valid_times() const noexcept;

 private:
  ClaimResult retention() const noexcept;
  bool is_audience(std::string_view name) const noexcept;
  std::uint32_t index_of(const JsonNode& node) const noexcept {
    return static_cast<std::uint32_t>(&node - claims_.nodes.data());
  }

  const Claims& claims_;
  const ClaimRules& rules_;
  std::int64_t now_;  // Unix seconds
};

}  // namespace simdjwt
