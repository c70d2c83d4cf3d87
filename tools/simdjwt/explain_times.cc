// Explanations of exp, nbf and iat.
#include "explain_finding.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

// "exp 1700000000 (2023-11-14 22:13:20Z) is 2 h 3 min before now, 1700007380 (2023-11-15 00:16:20Z)".
std::string against_now(const char* name, const JsonNode* claim, std::int64_t now) {
  if (claim == nullptr) return std::string(name) + " missing";
  const auto number = claim->kind == JsonKind::number ? parse_json_number(claim->json) : std::nullopt;
  if (!number || !number->fits) return std::string(name) + " " + shown(claim);
  const std::string there =
      std::string(name) + " " + printable(claim->json, 64) + " (" + date_text(number->floor) + ")";
  const std::string here = std::to_string(now) + " (" + date_text(now) + ")";
  if (number->floor == now) return there + " is now";
  return there + " is " + duration_text(distance(number->floor, now)) + (number->floor < now ? " before" : " after") +
         " now, " + here;
}

std::string leeway_text(const ExplainInput& input) {
  return "leeway " + std::to_string(input.rule == nullptr ? 0 : input.rule->leeway) + " s";
}

Finding expiry(const ExplainInput& input, simdjwt_error error) {
  Finding finding{against_now("exp", input.claim("exp"), input.now), "", {}};
  if (error == SIMDJWT_OK) return finding;
  finding.wanted = "now < exp + leeway; " + leeway_text(input);
  if (error == SIMDJWT_EXP_MISSING) {
    finding.wanted = "an exp (allow_missing_exp loosens it)";
  } else if (error == SIMDJWT_TOKEN_LIVES_TOO_LONG && input.rule != nullptr) {
    finding.wanted = "exp + leeway no more than " + std::to_string(input.rule->max_retention) +
                     " s from now (replay.max_retention_s); " + leeway_text(input);
    finding.hints.emplace_back("a token that may be used once is remembered until it expires: issue shorter ones");
  } else {
    finding.hints.emplace_back("the client must get a new token; if this one is new, compare the clocks");
  }
  return finding;
}

Finding not_before(const ExplainInput& input, simdjwt_error error) {
  const JsonNode* nbf = input.claim("nbf");
  if (nbf == nullptr) return {"no nbf", "", {}};
  Finding finding{against_now("nbf", nbf, input.now), "", {}};
  if (error == SIMDJWT_OK) return finding;
  finding.wanted = "nbf <= now + leeway; " + leeway_text(input);
  finding.hints.emplace_back("this clock is behind the issuer's, or the token was sent too early");
  return finding;
}

Finding issued_at(const ExplainInput& input, simdjwt_error error) {
  const JsonNode* iat = input.claim("iat");
  if (iat == nullptr && error == SIMDJWT_OK) return {"no iat", "", {}};
  Finding finding{against_now("iat", iat, input.now), "", {}};
  if (error == SIMDJWT_IAT_IN_FUTURE) {
    finding.wanted = "iat <= now + leeway; " + leeway_text(input);
    finding.hints.emplace_back("this clock is behind the issuer's");
  } else if (error != SIMDJWT_OK && input.rule != nullptr && input.rule->max_age) {
    finding.wanted =
        "issued at most " + std::to_string(*input.rule->max_age) + " s ago (max_age_s); " + leeway_text(input);
  }
  return finding;
}

}  // namespace

Finding explain_times(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  if (entry.check == SIMDJWT_CHECK_EXPIRY) return expiry(input, entry.error);
  if (entry.check == SIMDJWT_CHECK_NOT_BEFORE) return not_before(input, entry.error);
  return issued_at(input, entry.error);
}

}  // namespace simdjwt::cli
