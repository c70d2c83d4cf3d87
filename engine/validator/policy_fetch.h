// Reads what a policy document says of fetching: its `fetch` member, and where the keys of a rule are. Internal to
// validator/; errors are thrown as PolicyError.
#pragma once

#include <string>

#include "validator/fetch_policy.h"
#include "validator/policy_reader.h"

namespace simdjwt {

// Defaults where the document says nothing.
FetchPolicy read_fetch(const PolicyValue& document);

// An absolute https URL, or http where `allow_http`.
std::string read_url(const PolicyValue& value, bool allow_http);

// Whether the rule asks for discovery, for which its issuer must be a URL without query and fragment (RFC 8414 §2).
bool read_discovery(const PolicyValue& rule, bool allow_http);

}  // namespace simdjwt
