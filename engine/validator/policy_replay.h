// Reads what a policy document says of tokens that may be used once: its `replay` member, and that of a rule. Internal
// to validator/; errors are thrown as PolicyError.
#pragma once

#include "validator/policy_reader.h"
#include "validator/replay_policy.h"

namespace simdjwt {

// Defaults where the document says nothing.
ReplayPolicy read_replay(const PolicyValue& document);

// Whether the rule accepts a token once. Only where the document says how that is remembered, and only for tokens that
// expire (RFC 7519 §4.1.7: what has no end would have to be remembered forever).
bool read_once(const PolicyValue& rule, const PolicyValue& document, const ReplayPolicy& replay);

}  // namespace simdjwt
