// What an explanation says of one check: what the token has, what the policy wants, and what is likely behind it.
//
// The verdict is the engine's; these functions only look for words. They read the token again, so they may say nothing
// where the engine says no, but never the other way round.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "handles.h"
#include "json_document.h"
#include "rule_view.h"
#include "session.h"
#include "token_input.h"

namespace simdjwt::cli {

struct Finding {
  std::string found;               // of the token; empty: nothing to say
  std::string wanted;              // by the policy
  std::vector<std::string> hints;  // for the operator
};

struct ExplainInput {
  const Session& session;
  std::string_view token;
  const TokenParts& parts;
  const JsonDocument& policy;
  const std::vector<RuleView>& rules;
  const RuleView* rule;      // the one that applies; nullptr before the issuer is known
  const simdjwt_jwks* keys;  // of that issuer; nullptr when there are none
  std::int64_t now;
  std::string_view nonce;

  // A header member or claim; nullptr when missing or unreadable.
  const JsonNode* header(std::string_view name) const noexcept;
  const JsonNode* claim(std::string_view name) const noexcept;
};

// What `check` found. `error` and `member` are those of the trace.
Finding find_out(const ExplainInput& input, const simdjwt_trace_entry& entry);

// The value as it may be shown, or "missing".
std::string shown(const JsonNode* node);

// Parts of find_out, by subject.
Finding explain_form(const ExplainInput& input, const simdjwt_trace_entry& entry);
Finding explain_header(const ExplainInput& input, const simdjwt_trace_entry& entry);
Finding explain_times(const ExplainInput& input, const simdjwt_trace_entry& entry);
Finding explain_claims(const ExplainInput& input, const simdjwt_trace_entry& entry);
Finding explain_key(const ExplainInput& input, const simdjwt_trace_entry& entry);
Finding explain_signature(const ExplainInput& input, const simdjwt_trace_entry& entry);

}  // namespace simdjwt::cli
