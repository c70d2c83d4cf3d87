#include "claims/claims_check.h"

#include <algorithm>
#include <optional>

namespace simdjwt {
namespace {

bool equals(const JsonNode& node, const ExpectedValue& value) noexcept {
  if (node.kind != value.kind) return false;
  if (node.kind != JsonKind::number) return node.text == value.text;
  const std::optional<JsonNumber> number = parse_json_number(node.json);
  return number && number->fits && !number->fraction && number->floor == value.integer;
}

bool holds(std::span<const JsonNode> nodes, std::uint32_t index, std::string_view wanted) noexcept {
  if (nodes[index].kind != JsonKind::array) return false;
  for (std::uint32_t i = first_child(index); i < nodes[index].next; i = nodes[i].next) {
    if (nodes[i].kind == JsonKind::string && nodes[i].text == wanted) return true;
  }
  return false;
}

}  // namespace

// Always of two parts, so that a jti alone never hashes as a subject and a jti. A token that is bound to a key (cnf)
// ends at the check of its binding, so there is no third.
Hash128 hash_jti(const KeyedHash128& issuer, JtiScope unique_per, std::string_view subject, std::string_view client,
                 std::string_view jti) noexcept {
  if (unique_per == JtiScope::subject) return issuer(subject, jti);
  return issuer(unique_per == JtiScope::client ? client : std::string_view(), jti);
}

ClaimResult ClaimsCheck::expiry() const noexcept {
  if (claims_.exp == nullptr) return {rules_.missing_exp ? Error::ok : Error::exp_missing, "exp"};
  // now < exp + leeway, without a sum that could wrap on the claim's side.
  const bool alive = is_after(claims_.exp_value, saturating_add(now_, -rules_.leeway_s));
  if (!alive) return {Error::token_expired, "exp"};
  return rules_.once ? retention() : ClaimResult{};
}

// Where the sum saturates there is no second at which the token has expired and may be forgotten.
ClaimResult ClaimsCheck::retention() const noexcept {
  const std::int64_t forget_at = forget_time(ceil(claims_.exp_value), rules_.leeway_s);
  const bool is_short = forget_at != INT64_MAX && forget_at <= saturating_add(now_, rules_.max_retention_s);
  return {is_short ? Error::ok : Error::token_lives_too_long, "exp"};
}

ClaimResult ClaimsCheck::not_before() const noexcept {
  if (claims_.nbf == nullptr) return {};
  const bool early = is_after(claims_.nbf_value, saturating_add(now_, rules_.leeway_s));
  return {early ? Error::token_not_yet_valid : Error::ok, "nbf"};
}

ClaimResult ClaimsCheck::issued_at() const noexcept {
  if (claims_.iat == nullptr) return {rules_.max_age_s == 0 ? Error::ok : Error::claim_missing, "iat"};
  if (!rules_.future_iat && is_after(claims_.iat_value, saturating_add(now_, rules_.leeway_s))) {
    return {Error::iat_in_future, "iat"};
  }
  if (rules_.max_age_s == 0) return {};
  // Too old when now - iat > max_age + leeway, that is, when iat is below the oldest time allowed.
  const std::int64_t oldest = saturating_add(now_, -saturating_add(rules_.max_age_s, rules_.leeway_s));
  return {claims_.iat_value.floor < oldest ? Error::token_too_old : Error::ok, "iat"};
}

// Each bound says what its check says, solved for a whole now; where a sum saturates, no token passes the check anyway
// or the time is one that no clock shows.
ValidTimes ClaimsCheck::valid_times() const noexcept {
  ValidTimes times;
  if (claims_.exp != nullptr) times.until = forget_time(ceil(claims_.exp_value), rules_.leeway_s);
  if (rules_.once) times.from = saturating_add(times.until, -rules_.max_retention_s);
  if (claims_.nbf != nullptr)
    times.from = std::max(times.from, saturating_add(ceil(claims_.nbf_value), -rules_.leeway_s));
  if (claims_.iat == nullptr) return times;
  if (!rules_.future_iat) times.from = std::max(times.from, saturating_add(ceil(claims_.iat_value), -rules_.leeway_s));
  if (rules_.max_age_s != 0) {
    const std::int64_t last =
        saturating_add(claims_.iat_value.floor, saturating_add(rules_.max_age_s, rules_.leeway_s));
    times.until = std::min(times.until, saturating_add(last, 1));
  }
  return times;
}

// A rule has one audience or two, rarely many.
bool ClaimsCheck::is_audience(std::string_view name) const noexcept {
  constexpr std::size_t kFew = 4;
  if (rules_.audiences.size() <= kFew) {
    return std::any_of(rules_.audiences.begin(), rules_.audiences.end(),
                       [name](const std::string& audience) { return audience == name; });
  }
  return std::binary_search(rules_.audiences.begin(), rules_.audiences.end(), name,
                            [](std::string_view a, std::string_view b) { return a < b; });
}

ClaimResult ClaimsCheck::audience() const noexcept {
  if (rules_.any_audience) return {};
  if (claims_.aud == nullptr) return {Error::aud_missing, "aud"};
  if (claims_.aud->kind == JsonKind::string) {
    return {is_audience(claims_.aud->text) ? Error::ok : Error::aud_mismatch, "aud"};
  }
  for (std::uint32_t i = first_child(index_of(*claims_.aud)); i < claims_.aud->next; i = claims_.nodes[i].next) {
    if (is_audience(claims_.nodes[i].text)) return {};
  }
  return {Error::aud_mismatch, "aud"};
}

ClaimResult ClaimsCheck::required() const noexcept {
  if (rules_.once && rules_.unique_per == JtiScope::client && !claims_.client_id && !claims_.azp) {
    return {Error::claim_missing, "client_id"};
  }
  if (rules_.required_registered_only && (rules_.required_registered & ~claims_.present) == 0) return {};
  for (const std::string& name : rules_.required) {
    if (find_member(claims_.nodes, 0, name) == nullptr) return {Error::claim_missing, name};
  }
  return {};
}

ClaimResult ClaimsCheck::expected() const noexcept {
  for (const ExpectedClaim& rule : rules_.expected) {
    const JsonNode* node = find_member(claims_.nodes, 0, rule.name);
    if (node == nullptr) return {Error::claim_missing, rule.name};
    const bool matches = rule.contains
                             ? holds(claims_.nodes, index_of(*node), rule.values[0].text)
                             : std::any_of(rule.values.begin(), rule.values.end(),
                                           [node](const ExpectedValue& value) { return equals(*node, value); });
    if (!matches) return {Error::claim_mismatch, rule.name};
  }
  return {};
}

ClaimResult ClaimsCheck::others() const noexcept {
  if (rules_.ignore_others) return {};
  for (std::uint32_t i = first_child(0); i < claims_.nodes[0].next; i = claims_.nodes[i].next) {
    const std::string_view name = claims_.nodes[i].name;
    const bool known = std::binary_search(rules_.known.begin(), rules_.known.end(), name,
                                          [](std::string_view a, std::string_view b) { return a < b; });
    if (!known) return {Error::claim_unexpected, name};
  }
  return {};
}

ClaimResult ClaimsCheck::authorized_party() const noexcept {
  if (!rules_.check_azp) return {};
  if (claims_.azp != nullptr) {
    const bool ours = rules_.any_audience || is_audience(claims_.azp->text);
    return {ours ? Error::ok : Error::azp_mismatch, "azp"};
  }
  const bool several =
      claims_.aud != nullptr && claims_.aud->kind == JsonKind::array && claims_.aud->next > index_of(*claims_.aud) + 2;
  return {several ? Error::azp_mismatch : Error::ok, "azp"};
}

ClaimResult ClaimsCheck::nonce(std::string_view sent) const noexcept {
  if (sent.data() == nullptr) return {};
  const bool same = claims_.nonce != nullptr && claims_.nonce->text == sent;
  return {same ? Error::ok : Error::nonce_mismatch, "nonce"};
}

Hash128 ClaimsCheck::fingerprint(const KeyedHash128& issuer) const noexcept {
  const JsonNode* const client = claims_.client_id ? claims_.client_id : claims_.azp;
  return hash_jti(issuer, rules_.unique_per, text_of(claims_.sub), text_of(client), text_of(claims_.jti));
}

}  // namespace simdjwt
