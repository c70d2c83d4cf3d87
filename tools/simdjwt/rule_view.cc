#include "rule_view.h"

#include <algorithm>

namespace simdjwt::cli {
namespace {

std::int64_t integer_of(const JsonNode* node, std::int64_t otherwise) {
  if (node == nullptr || node->kind != JsonKind::number) return otherwise;
  const auto number = parse_json_number(node->json);
  return number ? number->floor : otherwise;
}

void append(std::vector<std::string_view>& to, const std::vector<std::string_view>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

void apply_profile(std::string_view profile, RuleView& rule) {
  if (profile == "access-token") {
    rule.algorithms = {"RS256", "PS256", "ES256", "EdDSA", "Ed25519"};
    rule.typ = {"at+jwt"};
    rule.required_claims = {"sub", "client_id", "iat", "jti"};
  } else if (profile == "id-token") {
    rule.algorithms = {"RS256"};
    rule.required_claims = {"sub", "iat"};
    rule.id_token = true;
  } else if (profile == "strict") {
    rule.required_claims = {"sub", "iat", "jti"};
  }
}

void apply_replay(const JsonDocument& policy, const JsonNode* mode, RuleView& rule) {
  const JsonNode* replay = policy.find("replay");
  if (mode == nullptr) mode = policy.find(replay, "mode");
  rule.once = mode != nullptr && mode->text == "once";
  if (!rule.once) return;
  const JsonNode* unique_per = policy.find(replay, "unique_per");
  rule.unique_per = unique_per == nullptr ? std::string_view("issuer") : unique_per->text;
  rule.max_retention = integer_of(policy.find(replay, "max_retention_s"), 86400);
  const auto require = [&rule](std::string_view name) {
    const auto& names = rule.required_claims;
    if (std::find(names.begin(), names.end(), name) == names.end()) rule.required_claims.push_back(name);
  };
  require("jti");
  if (rule.unique_per == "subject") require("sub");
}

RuleView rule_of(const JsonDocument& policy, const JsonNode* node) {
  RuleView rule;
  const auto member = [&](std::string_view name) { return policy.find(node, name); };
  if (const JsonNode* profile = member("profile")) apply_profile(profile->text, rule);
  if (const JsonNode* issuer = member("issuer")) rule.issuer = issuer->text;
  if (member("algorithms") != nullptr) rule.algorithms = strings_of(policy, member("algorithms"));
  if (member("typ") != nullptr) rule.typ = strings_of(policy, member("typ"));
  rule.audiences = strings_of(policy, member("audiences"));
  append(rule.required_claims, strings_of(policy, member("required_claims")));
  rule.scopes = strings_of(policy, member("scopes"));
  rule.leeway = integer_of(member("leeway_s"), 0);
  if (member("max_age_s") != nullptr) rule.max_age = integer_of(member("max_age_s"), 0);
  apply_replay(policy, member("replay"), rule);
  rule.claims = member("claims");
  rule.jwks = member("jwks");
  return rule;
}

}  // namespace

bool RuleView::knows_claim(std::string_view name) const noexcept {
  for (const std::string_view known : {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "client_id"}) {
    if (name == known) return true;
  }
  if (id_token && (name == "azp" || name == "nonce")) return true;
  if (name == "azp" && unique_per == "client") return true;
  return std::find(required_claims.begin(), required_claims.end(), name) != required_claims.end();
}

std::vector<RuleView> rules_of(const JsonDocument& policy) {
  std::vector<RuleView> out;
  for (const JsonNode* node : policy.children(policy.find("issuers"))) out.push_back(rule_of(policy, node));
  return out;
}

std::int64_t limit_of(const JsonDocument& policy, std::string_view name, std::int64_t otherwise) {
  return integer_of(policy.find(policy.find("limits"), name), otherwise);
}

}  // namespace simdjwt::cli
