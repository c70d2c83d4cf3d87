#include <array>

#include "capi/handles.h"
#include "challenge/bearer.h"
#include "challenge/challenge.h"
#include "policy/scope.h"

using namespace simdjwt;
using namespace simdjwt::capi;

simdjwt_error simdjwt_bearer_token(const char* value, uint64_t value_size, simdjwt_str* token) noexcept {
  if (token == nullptr || !is_valid(value, value_size)) return SIMDJWT_INVALID_ARGUMENT;
  const BearerResult result = bearer_token(text(value, value_size));
  if (result.error == Error::ok) *token = view(result.token);
  return code(result.error);
}

simdjwt_error simdjwt_challenge(const simdjwt_ruleset* ruleset, const simdjwt_verdict* verdict,
                                const simdjwt_request* request, char* value, uint64_t capacity, uint64_t* value_size,
                                uint32_t* http_status) noexcept {
  if (ruleset == nullptr || verdict == nullptr || !is_valid(value, capacity) || value_size == nullptr ||
      http_status == nullptr) {
    return SIMDJWT_INVALID_ARGUMENT;
  }
  if (!knows_size(verdict) || (request != nullptr && !knows_size(request))) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  std::array<std::string_view, 64> scopes;
  const std::uint32_t count = request == nullptr ? 0 : request->required_scope_count;
  if (count > scopes.size() || (count != 0 && request->required_scopes == nullptr)) return SIMDJWT_INVALID_ARGUMENT;
  for (std::uint32_t i = 0; i < count; ++i) {
    scopes[i] = text(request->required_scopes[i]);
    if (!is_scope_token(scopes[i])) return SIMDJWT_INVALID_ARGUMENT;
  }

  // Before a rule was chosen, a ruleset of one rule still knows which scopes to ask for.
  const std::span<const IssuerRule> rules = ruleset->ruleset->issuers();
  const IssuerRule* rule = nullptr;
  if (verdict->issuer_index < rules.size()) {
    rule = &rules[verdict->issuer_index];
  } else if (rules.size() == 1) {
    rule = &rules[0];
  }
  const Error error = verdict->error <= UINT16_MAX ? static_cast<Error>(verdict->error) : Error::invalid_argument;
  const ChallengeResult result = make_challenge(ruleset->ruleset->challenge(), {error, rule, {scopes.data(), count}},
                                                {value, static_cast<std::size_t>(capacity)});
  *value_size = result.size;
  *http_status = static_cast<uint32_t>(result.http_status);
  return result.size <= capacity ? SIMDJWT_OK : SIMDJWT_BUFFER_TOO_SMALL;
}
