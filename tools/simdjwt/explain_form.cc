// Explanations of the token's form: size, segments, base64url, JSON, header.
#include <algorithm>

#include "explain_finding.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

Finding structure(const ExplainInput& input, bool failed) {
  Finding finding;
  const std::string_view token = input.token;
  finding.found = count_of(input.parts.dots, "dot", "dots");
  if (!failed) return finding;
  finding.wanted = "two dots and three segments, none of them empty";
  if (token.starts_with('{'))
    finding.hints.emplace_back("this looks like the JSON serialization of a JWS, which no JWT has");
  if (input.parts.dots == 4) finding.hints.emplace_back("five segments are a JWE: the token is encrypted");
  if (input.parts.dots == 0) finding.hints.emplace_back("this may be an opaque token, or only a part of a JWT");
  if (token.ends_with('.') && input.parts.three()) {
    finding.hints.emplace_back("the signature is empty: an unsecured token is never accepted");
  }
  return finding;
}

// What a foreign character most likely means.
std::string character_hint(char c) {
  if (c == '=') return "padding: the sender encodes plain base64, not base64url (RFC 7515 §2)";
  if (c == '+' || c == '/') return "the sender encodes plain base64, not base64url (RFC 7515 §2)";
  if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return "the token was wrapped or copied with white space";
  if (c == '%') return "the token is percent-encoded";
  if (c == '"' || c == '\'') return "the token was copied with its quotes";
  return "";
}

Finding encoding(const ExplainInput& input, const Segment& segment, bool failed) {
  Finding finding;
  if (!failed) {
    finding.found = count_of(segment.bytes.size(), "byte", "bytes");
    return finding;
  }
  const auto offset = static_cast<std::size_t>(segment.text.data() - input.token.data()) + segment.encoding.position;
  const bool character = segment.encoding.error == Error::base64url_character;
  if (character && offset < input.token.size()) {
    finding.found = quote(input.token.substr(offset, 1)) + " at byte " + std::to_string(offset) + " of the token";
    if (const std::string hint = character_hint(input.token[offset]); !hint.empty()) finding.hints.push_back(hint);
  } else {
    finding.found = "a segment of " + count_of(segment.text.size(), "character", "characters");
    finding.hints.emplace_back("the token was likely cut, or changed by hand");
  }
  finding.wanted = "canonical base64url without padding";
  return finding;
}

Finding json(const Segment& segment, bool failed) {
  Finding finding;
  if (!segment.json) return finding;
  if (!failed) {
    finding.found = count_of(segment.json->children().size(), "member", "members");
    return finding;
  }
  constexpr std::size_t kAround = 24;
  const std::size_t at = std::min<std::size_t>(segment.json->offset(), segment.bytes.size());
  const std::size_t from = at > kAround ? at - kAround : 0;
  finding.found = "at byte " + std::to_string(at) + ": " +
                  quote(std::string_view(segment.bytes).substr(from, at - from)) + " then " +
                  quote(std::string_view(segment.bytes).substr(at, kAround));
  finding.wanted = "one JSON object, strictly (RFC 8259), no member twice";
  if (segment.json->ok()) finding.hints.emplace_back("it breaks a limit of the policy on depth or members");
  return finding;
}

std::vector<std::string_view> all_algorithms(const ExplainInput& input) {
  std::vector<std::string_view> out;
  for (const RuleView& rule : input.rules) {
    for (const std::string_view name : rule.algorithms) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
  }
  return out;
}

Finding algorithm(const ExplainInput& input, simdjwt_error error, bool one_issuer) {
  Finding finding;
  const JsonNode* alg = input.header("alg");
  finding.found = "alg " + shown(alg);
  if (error == SIMDJWT_OK) return finding;
  const bool rule = one_issuer && input.rule != nullptr;
  finding.wanted = "one of " + quote_list(rule ? input.rule->algorithms : all_algorithms(input));
  if (error == SIMDJWT_ALG_NOT_ALLOWED) {
    finding.hints.emplace_back("if this issuer is meant to use it, add it to algorithms (--alg)");
  }
  if (alg != nullptr && alg->text.starts_with("HS")) {
    finding.hints.emplace_back("an HMAC token where public keys are expected is a known attack (RFC 8725 §2.1)");
  }
  return finding;
}

Finding typ(const ExplainInput& input, bool failed) {
  Finding finding;
  finding.found = "typ " + shown(input.header("typ"));
  if (input.rule == nullptr) return finding;
  if (!failed && input.rule->typ.empty()) finding.found += ", not checked";
  if (!failed) return finding;
  finding.wanted = "one of " + quote_list(input.rule->typ);
  finding.hints.emplace_back("another typ is another kind of token, such as an ID token sent as an access token");
  return finding;
}

Finding header_members(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  Finding finding;
  if (entry.error == SIMDJWT_OK) return finding;
  const std::string_view member = view(entry.member);
  finding.found = member.empty() ? "" : printable(member, 64) + " " + shown(input.header(member));
  if (entry.error == SIMDJWT_KID_TOO_LONG) {
    finding.wanted = "at most " + std::to_string(limit_of(input.policy, "max_kid_bytes", 256)) + " bytes";
  } else if (entry.error == SIMDJWT_ALG_NONE || entry.error == SIMDJWT_ALG_UNKNOWN) {
    finding.wanted = "one of " + quote_list(all_algorithms(input));
  } else if (entry.error == SIMDJWT_HEADER_CRIT) {
    finding.wanted = "no crit: this engine supports no extension";
  }
  return finding;
}

}  // namespace

Finding explain_form(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  const bool failed = entry.error != SIMDJWT_OK;
  switch (entry.check) {
    case SIMDJWT_CHECK_STRUCTURE:
      return structure(input, failed);
    case SIMDJWT_CHECK_HEADER_ENCODING:
      return encoding(input, input.parts.header, failed);
    case SIMDJWT_CHECK_PAYLOAD_ENCODING:
      return encoding(input, input.parts.payload, failed);
    case SIMDJWT_CHECK_SIGNATURE_ENCODING:
      return encoding(input, input.parts.signature, failed);
    case SIMDJWT_CHECK_HEADER_JSON:
      return json(input.parts.header, failed);
    case SIMDJWT_CHECK_PAYLOAD_JSON:
      return json(input.parts.payload, failed);
    default:
      return {count_of(input.token.size(), "byte", "bytes"),
              failed
                  ? "at most " + grouped(static_cast<std::uint64_t>(limit_of(input.policy, "max_token_bytes", 16384)))
                  : "",
              {}};
  }
}

Finding explain_header(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  switch (entry.check) {
    case SIMDJWT_CHECK_ALGORITHM:
      return algorithm(input, entry.error, false);
    case SIMDJWT_CHECK_ISSUER_ALGORITHM:
      return algorithm(input, entry.error, true);
    case SIMDJWT_CHECK_TYP:
      return typ(input, entry.error != SIMDJWT_OK);
    default:
      return header_members(input, entry);
  }
}

}  // namespace simdjwt::cli
