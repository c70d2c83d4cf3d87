#include <algorithm>
#include <memory>
#include <optional>

#include "base/padded_text.h"
#include "jose/header.h"
#include "json/json_number.h"
#include "policy/scope.h"
#include "validator/policy_fetch.h"
#include "validator/policy_reader.h"
#include "validator/policy_replay.h"
#include "validator/ruleset.h"
#include "validator/verdict_cache.h"

namespace simdjwt {
namespace {

constexpr std::size_t kMaxNodes = std::size_t{1} << 20;
constexpr std::int64_t kMaxLeeway = 86400;
constexpr std::int64_t kMaxStrictLeeway = 60;
constexpr std::int64_t kMaxAge = 1000000000;

enum class ProfileName { none, access_token, id_token, strict };

// What docs/policy.md says of each profile.
struct Profile {
  ProfileName name = ProfileName::none;
  std::vector<Algorithm> algorithms;
  std::vector<std::string> typs;
  std::vector<std::string> required;
  bool any_typ = false;
  bool ignore_others = false;
  bool symmetric = true;
  bool loosening = true;
  bool check_azp = false;
  std::int64_t max_leeway = kMaxLeeway;
};

Profile find_profile(const PolicyValue& rule) {
  Profile profile;
  if (!rule.has("profile")) return profile;
  const PolicyValue value = rule.at("profile");
  const std::string_view name = value.string("access-token, id-token or strict");
  if (name == "access-token") {  // RFC 9068 §2.1, §2.2, §4
    profile.name = ProfileName::access_token;
    profile.algorithms = {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::Ed25519};
    profile.typs = {"at+jwt"};
    profile.required = {"sub", "client_id", "iat", "jti"};
    profile.ignore_others = true;
    profile.symmetric = false;
  } else if (name == "id-token") {  // OpenID Connect Core §2, §3.1.3.7
    profile.name = ProfileName::id_token;
    profile.algorithms = {Algorithm::RS256};
    profile.required = {"sub", "iat"};
    profile.any_typ = true;
    profile.ignore_others = true;
    profile.check_azp = true;
  } else if (name == "strict") {  // RFC 8725 §3
    profile.name = ProfileName::strict;
    profile.required = {"sub", "iat", "jti"};
    profile.symmetric = false;
    profile.loosening = false;
    profile.max_leeway = kMaxStrictLeeway;
  } else {
    value.fail(Error::policy_member_value, "access-token, id-token or strict");
  }
  return profile;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

// allow_... members: true, and not under a profile that refuses loosening.
bool read_loosening(const PolicyValue& rule, std::string_view name, const Profile& profile) {
  if (!rule.has(name)) return false;
  const PolicyValue value = rule.at(name);
  value.literal_true();
  if (!profile.loosening) value.fail(Error::policy_member_value, "no loosening under the strict profile");
  return true;
}

AlgorithmSet read_algorithms(const PolicyValue& rule, const Profile& profile) {
  AlgorithmSet set;
  if (!rule.has("algorithms")) {
    if (profile.algorithms.empty())
      rule.fail_member(Error::policy_member_missing, "algorithms", "an array of algorithm names");
    for (const Algorithm algorithm : profile.algorithms) set.add(algorithm);
    return set;
  }
  for (const PolicyValue& element : rule.at("algorithms").elements("an array of algorithm names")) {
    const Algorithm algorithm = find_algorithm(element.string("the name of a signature algorithm"));
    if (algorithm == Algorithm::unknown) element.fail(Error::policy_member_value, "the name of a signature algorithm");
    if (!profile.symmetric && info(algorithm).family == AlgorithmFamily::hmac) {
      element.fail(Error::policy_member_value, "no symmetric algorithm under this profile");
    }
    set.add(algorithm);
  }
  return set;
}

void read_typ(const PolicyValue& rule, const Profile& profile, IssuerRule& out) {
  const bool any = read_loosening(rule, "allow_any_typ", profile);
  if (rule.has("typ")) {
    const PolicyValue typ = rule.at("typ");
    if (any) typ.fail(Error::policy_member_value, "either typ or allow_any_typ");
    if (typ.node().kind == JsonKind::string) {
      out.typs = {std::string(typ.string())};
    } else {
      out.typs = typ.strings(1, "a string or an array of strings, at least one");
    }
  } else if (!any && profile.typs.empty() && !profile.any_typ) {
    rule.fail_member(Error::policy_member_missing, "typ", "the accepted typ, or allow_any_typ: true");
  } else if (!any) {
    out.typs = profile.typs;
  }
  out.any_typ = out.typs.empty();
  for (std::string& typ : out.typs) typ = std::string(canonical_typ(typ));
}

void read_audiences(const PolicyValue& rule, const Profile& profile, ClaimRules& out) {
  out.any_audience = read_loosening(rule, "allow_any_audience", profile);
  if (rule.has("audiences")) {
    const PolicyValue audiences = rule.at("audiences");
    if (out.any_audience) audiences.fail(Error::policy_member_value, "either audiences or allow_any_audience");
    out.audiences = audiences.strings(1, "an array of strings, at least one");
    std::sort(out.audiences.begin(), out.audiences.end());
  } else if (!out.any_audience) {
    rule.fail_member(Error::policy_member_missing, "audiences", "the accepted audiences, or allow_any_audience: true");
  }
}

ExpectedValue read_scalar(const PolicyValue& value) {
  constexpr std::string_view kExpected = "a string, an integer or a boolean";
  const JsonNode& node = value.node();
  ExpectedValue out{node.kind, std::string(node.text), 0};
  if (node.kind == JsonKind::number) {
    const std::optional<JsonNumber> number = parse_json_number(node.json);
    if (!number || !number->fits || number->fraction) value.fail(Error::policy_member_value, std::string(kExpected));
    out.integer = number->floor;
  } else if (node.kind != JsonKind::string && node.kind != JsonKind::boolean) {
    value.fail(Error::policy_member_type, std::string(kExpected));
  }
  return out;
}

// The value of one member of "claims"; nothing for "ignore".
std::optional<ExpectedClaim> read_expected_claim(const PolicyValue& value) {
  constexpr std::string_view kExpected = R"({"equals": X}, {"one_of": [X, ...]}, {"contains": "s"} or "ignore")";
  const JsonNode& node = value.node();
  if (node.kind == JsonKind::string && node.text == "ignore") return std::nullopt;
  if (node.kind != JsonKind::object) value.fail(Error::policy_member_type, std::string(kExpected));
  value.allow_only({"equals", "one_of", "contains"});
  const std::vector<PolicyValue> members = value.members();
  if (members.size() != 1) value.fail(Error::policy_member_value, std::string(kExpected));
  const PolicyValue& member = members[0];
  ExpectedClaim claim{.name = std::string(node.name)};
  if (member.node().name == "equals") {
    claim.values.push_back(read_scalar(member));
  } else if (member.node().name == "contains") {
    claim.contains = true;
    claim.values.push_back({JsonKind::string, std::string(member.string()), 0});
  } else {
    for (const PolicyValue& element : member.elements("an array of values"))
      claim.values.push_back(read_scalar(element));
    if (claim.values.empty()) member.fail(Error::policy_member_value, "an array of values, at least one");
  }
  return claim;
}

bool read_ignore_others(const PolicyValue& rule, const Profile& profile) {
  if (!rule.has("other_claims")) {
    if (profile.name == ProfileName::strict) {
      rule.fail_member(Error::policy_member_missing, "other_claims", "ignore or reject");
    }
    return profile.ignore_others;
  }
  const PolicyValue value = rule.at("other_claims");
  const std::string_view text = value.string("ignore or reject");
  if (text != "ignore" && text != "reject") value.fail(Error::policy_member_value, "ignore or reject");
  return text == "ignore";
}

void require(std::string_view name, ClaimRules& out) {
  const bool known = std::find(out.required.begin(), out.required.end(), name) != out.required.end();
  if (!known) out.required.emplace_back(name);
}

void read_claims(const PolicyValue& rule, const Profile& profile, ClaimRules& out) {
  out.required = profile.required;
  if (rule.has("required_claims")) {
    for (const std::string& name : rule.at("required_claims").strings(0, "an array of claim names")) require(name, out);
  }
  // What a token that may be used once is known by (RFC 7519 §4.1.7).
  if (out.once) require("jti", out);
  if (out.once && out.unique_per == JtiScope::subject) require("sub", out);
  out.required_registered_only = true;
  for (const std::string& name : out.required) {
    const RegisteredClaim claim = registered_claim(name);
    if (claim == RegisteredClaim::none) {
      out.required_registered_only = false;
    } else {
      out.required_registered |= bit_of(claim);
    }
  }
  out.known = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "client_id", "cnf"};
  if (profile.check_azp) out.known.insert(out.known.end(), {"azp", "nonce"});
  if (out.once && out.unique_per == JtiScope::client) out.known.emplace_back("azp");
  out.known.insert(out.known.end(), out.required.begin(), out.required.end());
  if (rule.has("claims")) {
    for (const PolicyValue& member : rule.at("claims").members()) {
      out.known.emplace_back(member.node().name);
      if (std::optional<ExpectedClaim> claim = read_expected_claim(member)) out.expected.push_back(std::move(*claim));
    }
  }
  std::sort(out.known.begin(), out.known.end());
  out.check_azp = profile.check_azp;
  out.ignore_others = read_ignore_others(rule, profile);
}

void read_times(const PolicyValue& rule, const Profile& profile, ClaimRules& out) {
  if (rule.has("leeway_s")) out.leeway_s = rule.at("leeway_s").integer(0, profile.max_leeway);
  if (rule.has("max_age_s")) out.max_age_s = rule.at("max_age_s").integer(1, kMaxAge);
  out.missing_exp = read_loosening(rule, "allow_missing_exp", profile);
  out.future_iat = read_loosening(rule, "allow_future_iat", profile);
}

void read_keys(const PolicyValue& rule, const FetchPolicy& fetch, IssuerRule& out) {
  out.discovery = read_discovery(rule, fetch.http);
  if (rule.has("jwks_uri")) {
    if (rule.has("jwks")) rule.fail_member(Error::policy_member_value, "jwks_uri", "either jwks or jwks_uri");
    out.jwks_uri = read_url(rule.at("jwks_uri"), fetch.http);
  }
  if (!rule.has("jwks")) return;
  const PolicyValue jwks = rule.at("jwks");
  const JwkSetResult imported = JwkSet::import(jwks.nodes(), jwks.index());
  if (imported.error != Error::ok) jwks.fail(imported.error, "a JWK Set or a JWK");
  if (!imported.set->has_usable()) jwks.fail(Error::policy_jwks, "at least one usable key");
  out.keys = imported.set;
}

void read_scopes(const PolicyValue& rule, IssuerRule& out) {
  if (!rule.has("scopes")) return;
  const PolicyValue scopes = rule.at("scopes");
  out.scopes = scopes.strings(0, "an array of scope tokens");
  for (const std::string& scope : out.scopes) {
    if (!is_scope_token(scope)) scopes.fail(Error::policy_member_value, "scope tokens (RFC 6749, section 3.3)");
  }
}

void read_replay_of(const PolicyValue& rule, const PolicyValue& document, const ReplayPolicy& replay, ClaimRules& out) {
  out.once = read_once(rule, document, replay);
  if (!out.once) return;
  out.unique_per = replay.unique_per;
  out.max_retention_s = replay.max_retention_s;
}

IssuerRule read_rule(const PolicyValue& rule, const PolicyValue& document, const Ruleset& ruleset) {
  rule.object();
  rule.allow_only({"issuer", "profile", "algorithms", "audiences", "allow_any_audience", "typ", "allow_any_typ", "jwks",
                   "jwks_uri", "discovery", "leeway_s", "max_age_s", "required_claims", "claims", "other_claims",
                   "scopes", "replay", "allow_missing_exp", "allow_future_iat"});
  IssuerRule out;
  out.issuer = rule.at("issuer").string();
  const Profile profile = find_profile(rule);
  out.algorithms = read_algorithms(rule, profile);
  read_audiences(rule, profile, out.claims);
  read_typ(rule, profile, out);
  read_times(rule, profile, out.claims);
  read_replay_of(rule, document, ruleset.replay(), out.claims);
  read_claims(rule, profile, out.claims);
  read_keys(rule, ruleset.fetch(), out);
  read_scopes(rule, out);
  return out;
}

Limits read_limits(const PolicyValue& document) {
  Limits limits;
  if (!document.has("limits")) return limits;
  const PolicyValue value = document.at("limits");
  value.object();
  value.allow_only({"max_token_bytes", "max_json_depth", "max_json_nodes", "max_kid_bytes", "max_key_candidates",
                    "verdict_cache_bytes"});
  const auto read = [&](std::string_view name, std::int64_t min, std::int64_t max, std::uint32_t& out) {
    if (value.has(name)) out = static_cast<std::uint32_t>(value.at(name).integer(min, max));
  };
  read("max_token_bytes", 256, 1 << 20, limits.max_token_bytes);
  read("max_json_depth", 2, kMaxJsonDepth, limits.max_json_depth);
  read("max_json_nodes", 16, 65536, limits.max_json_nodes);
  read("max_kid_bytes", 1, static_cast<std::int64_t>(kMaxKidBytes), limits.max_kid_bytes);
  read("max_key_candidates", 1, 64, limits.max_key_candidates);
  if (value.has("verdict_cache_bytes")) {
    constexpr auto kMost = static_cast<std::int64_t>(VerdictCache::kMaxBytes);
    const std::int64_t bytes = value.at("verdict_cache_bytes").integer(0, kMost);
    if (bytes != 0 && bytes < static_cast<std::int64_t>(VerdictCache::kMinBytes)) {
      value.at("verdict_cache_bytes")
          .fail(Error::policy_member_value, "0, or an integer from " + std::to_string(VerdictCache::kMinBytes));
    }
    limits.verdict_cache_bytes = static_cast<std::uint64_t>(bytes);
  }
  return limits;
}

ChallengeParameters read_challenge(const PolicyValue& document) {
  ChallengeParameters out;
  if (!document.has("challenge")) return out;
  const PolicyValue value = document.at("challenge");
  value.object();
  value.allow_only({"realm", "resource_metadata"});
  if (value.has("realm")) {
    const PolicyValue realm = value.at("realm");
    out.realm = realm.string();
    if (!is_printable(out.realm))
      realm.fail(Error::policy_member_value, "printable ASCII without quotes and backslashes");
  }
  if (value.has("resource_metadata")) out.resource_metadata = read_url(value.at("resource_metadata"), true);
  return out;
}

}  // namespace

class PolicyCompiler {
 public:
  static std::shared_ptr<const Ruleset> compile(const PolicyValue& document) {
    constexpr std::string_view kReserved[] = {"revocation", "binding", "mcp"};
    for (std::string_view name : kReserved) {
      if (document.has(name)) document.fail_member(Error::policy_reserved, name, "not to be there in this version");
    }
    document.allow_only({"version", "issuers", "limits", "challenge", "fetch", "replay"});
    document.at("version").integer(1, 1);
    std::shared_ptr<Ruleset> ruleset(new Ruleset());
    ruleset->limits_ = read_limits(document);
    ruleset->challenge_ = read_challenge(document);
    ruleset->fetch_ = read_fetch(document);
    ruleset->replay_ = read_replay(document);
    const PolicyValue issuers = document.at("issuers");
    const std::vector<PolicyValue> rules = issuers.elements("an array of rules");
    if (rules.empty() || rules.size() > Ruleset::kMaxIssuers) {
      issuers.fail(Error::policy_member_value, "1 to " + std::to_string(Ruleset::kMaxIssuers) + " rules");
    }
    for (const PolicyValue& rule : rules) ruleset->issuers_.push_back(read_rule(rule, document, *ruleset));
    ruleset->replay_.enabled = std::any_of(ruleset->issuers_.begin(), ruleset->issuers_.end(),
                                           [](const IssuerRule& rule) { return rule.claims.once; });
    ruleset->build_index();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (ruleset->find(ruleset->issuers_[i].issuer) != i) {
        rules[i].fail_member(Error::policy_issuer_repeated, "issuer", "an issuer that no other rule names");
      }
    }
    return ruleset;
  }
};

RulesetResult Ruleset::compile(std::string_view policy) {
  if (policy.size() > kMaxBytes) return {.error = Error::policy_too_large, .expected = "at most 16 MiB"};
  const PaddedText padded(policy, JsonReader::kPadding);
  JsonReader reader(JsonLimits{.max_bytes = static_cast<std::uint32_t>(std::max<std::size_t>(policy.size(), 1)),
                               .max_depth = 16,
                               .max_nodes = static_cast<std::uint32_t>(std::min(policy.size() / 2 + 2, kMaxNodes))});
  const JsonResult read = reader.read(padded.view());
  if (read.error != Error::ok) {
    return {.error = Error::policy_json, .offset = read.offset, .expected = std::string(error_text(read.error))};
  }
  try {
    RulesetResult result;
    result.ruleset = PolicyCompiler::compile(PolicyValue(reader.nodes(), 0, ""));
    return result;
  } catch (PolicyError& failure) {
    return {.error = failure.error, .path = std::move(failure.path), .expected = std::move(failure.expected)};
  }
}

}  // namespace simdjwt
