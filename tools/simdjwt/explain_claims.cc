// Explanations of claims other than times.
#include <strings.h>

#include <algorithm>

#include "explain_finding.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

std::string_view without_slash(std::string_view text) {
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

// The near misses that cost operators an afternoon.
void near_misses(std::string_view found, const std::vector<std::string_view>& wanted, Finding& finding) {
  for (const std::string_view want : wanted) {
    if (found == want) continue;
    if (without_slash(found) == without_slash(want)) {
      finding.hints.push_back(quote(want) + " differs only by a slash at the end; strings are compared byte for byte");
    } else if (found.size() == want.size() && ::strncasecmp(found.data(), want.data(), found.size()) == 0) {
      finding.hints.push_back(quote(want) + " differs only in case; strings are compared byte for byte");
    }
  }
}

Finding issuer(const ExplainInput& input, bool failed) {
  const JsonNode* iss = input.claim("iss");
  Finding finding{"iss " + shown(iss), "", {}};
  if (!failed) return finding;
  std::vector<std::string_view> known;
  for (const RuleView& rule : input.rules) known.push_back(rule.issuer);
  finding.wanted = "one of " + quote_list(known);
  if (iss != nullptr) near_misses(iss->text, known, finding);
  return finding;
}

Finding audience(const ExplainInput& input, bool failed) {
  const JsonNode* aud = input.claim("aud");
  Finding finding{"aud " + shown(aud), "", {}};
  if (input.rule == nullptr) return finding;
  if (!failed && input.rule->audiences.empty()) finding.found += ", not checked (allow_any_audience)";
  if (!failed) return finding;
  finding.wanted = "one of " + quote_list(input.rule->audiences);
  if (aud == nullptr) return finding;
  for (const std::string_view found : strings_of(*input.parts.payload.json, aud)) {
    near_misses(found, input.rule->audiences, finding);
  }
  if (finding.hints.empty()) finding.hints.emplace_back("the token was issued for another resource");
  return finding;
}

Finding required(const ExplainInput& input, bool failed) {
  Finding finding;
  if (input.rule == nullptr) return finding;
  if (!failed) {
    finding.found = quote_list(input.rule->required_claims);
    return finding;
  }
  std::vector<std::string_view> missing;
  for (const std::string_view name : input.rule->required_claims) {
    if (input.claim(name) == nullptr) missing.push_back(name);
  }
  if (missing.empty()) missing = {"client_id", "azp"};  // of which one would do, for replay.unique_per "client"
  finding.found = "missing: " + quote_list(missing);
  finding.wanted = "all of " + quote_list(input.rule->required_claims);
  return finding;
}

Finding expected(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  Finding finding;
  if (input.rule == nullptr) return finding;
  if (entry.error == SIMDJWT_OK) {
    if (input.rule->claims == nullptr) finding.found = "nothing is expected";
    return finding;
  }
  const std::string_view name = view(entry.member);
  finding.found = printable(name, 64) + " " + shown(input.claim(name));
  finding.wanted = shown(input.policy.find(input.rule->claims, name));
  return finding;
}

Finding others(const ExplainInput& input, bool failed) {
  Finding finding;
  if (!failed || input.rule == nullptr || !input.parts.payload.json) return finding;
  std::vector<std::string_view> unexpected;
  for (const JsonNode* claim : input.parts.payload.json->children()) {
    const bool named =
        input.rule->knows_claim(claim->name) || input.policy.find(input.rule->claims, claim->name) != nullptr;
    if (!named) unexpected.push_back(claim->name);
  }
  finding.found = "not expected: " + quote_list(unexpected);
  finding.wanted = "only claims that the rule names: other_claims is \"reject\"";
  finding.hints.emplace_back(
      "name them in claims, or set other_claims to \"ignore\" (--ignore-other-claims) if they do not matter");
  return finding;
}

Finding scope(const ExplainInput& input, bool failed) {
  Finding finding{"scope " + shown(input.claim("scope")), "", {}};
  std::vector<std::string_view> wanted;
  if (input.rule != nullptr) wanted = input.rule->scopes;
  for (const std::string& needed : input.session.scopes()) wanted.emplace_back(needed);
  if (wanted.empty()) finding.found += ", none needed";
  if (!failed) return finding;
  finding.wanted = "all of " + quote_list(wanted);
  finding.hints.emplace_back("the token is good but may not do this: the client must ask for more");
  return finding;
}

Finding types(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  Finding finding;
  if (entry.error == SIMDJWT_OK) return finding;
  const std::string_view name = view(entry.member);
  finding.found = printable(name, 64) + " " + shown(input.claim(name));
  finding.wanted = "the type of RFC 7519 §4.1: strings, a NumericDate, or aud as a string or an array of strings";
  return finding;
}

Finding nonce(const ExplainInput& input, bool failed) {
  if (input.nonce.empty()) return {"not asked for (--nonce)", "", {}};
  Finding finding{"nonce " + shown(input.claim("nonce")), "", {}};
  if (failed) finding.wanted = quote(input.nonce) + ", which was sent (--nonce)";
  return finding;
}

Finding authorized_party(const ExplainInput& input, bool failed) {
  if (input.rule == nullptr || !input.rule->id_token) return {"not asked for (profile id-token)", "", {}};
  Finding finding{"azp " + shown(input.claim("azp")) + ", aud " + shown(input.claim("aud")), "", {}};
  if (failed) finding.wanted = "an azp that is one of " + quote_list(input.rule->audiences);
  return finding;
}

Finding binding(const ExplainInput& input, bool failed) {
  const JsonNode* cnf = input.claim("cnf");
  if (cnf == nullptr) return {"no cnf", "", {}};
  Finding finding{"cnf " + shown(cnf), "", {}};
  if (failed) finding.wanted = "the proof that the token is bound to; sent as a plain bearer token it is rejected";
  return finding;
}

// What a jti is unique per stands before it.
std::string use_text(const ExplainInput& input) {
  const std::string jti = "jti " + shown(input.claim("jti"));
  if (input.rule->unique_per == "subject") return "sub " + shown(input.claim("sub")) + ", " + jti;
  if (input.rule->unique_per != "client") return jti;
  const JsonNode* client = input.claim("client_id");
  return "client " + shown(client == nullptr ? input.claim("azp") : client) + ", " + jti;
}

Finding replay(const ExplainInput& input, bool failed) {
  if (input.rule == nullptr || !input.rule->once) return {"not asked for (replay)", "", {}};
  Finding finding{use_text(input), "", {}};
  if (!failed) finding.found += ", not used here; and not by this command, which only looks";
  if (failed) finding.wanted = "a token that has not been used: replay is \"once\"";
  return finding;
}

}  // namespace

Finding explain_claims(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  const bool failed = entry.error != SIMDJWT_OK;
  switch (entry.check) {
    case SIMDJWT_CHECK_ISSUER:
      return issuer(input, failed);
    case SIMDJWT_CHECK_AUDIENCE:
      return audience(input, failed);
    case SIMDJWT_CHECK_REQUIRED_CLAIMS:
      return required(input, failed);
    case SIMDJWT_CHECK_EXPECTED_CLAIMS:
      return expected(input, entry);
    case SIMDJWT_CHECK_OTHER_CLAIMS:
      return others(input, failed);
    case SIMDJWT_CHECK_SCOPE:
      return scope(input, failed);
    case SIMDJWT_CHECK_CLAIM_TYPES:
      return types(input, entry);
    case SIMDJWT_CHECK_NONCE:
      return nonce(input, failed);
    case SIMDJWT_CHECK_AUTHORIZED_PARTY:
      return authorized_party(input, failed);
    case SIMDJWT_CHECK_REPLAY:
      return replay(input, failed);
    case SIMDJWT_CHECK_BINDING:
      return binding(input, failed);
    default:
      return {};
  }
}

}  // namespace simdjwt::cli
