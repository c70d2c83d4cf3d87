#include "capi/handles.h"

using namespace simdjwt;
using namespace simdjwt::capi;

simdjwt_error simdjwt_ruleset_compile(const char* policy, uint64_t size, simdjwt_ruleset** out,
                                      simdjwt_diagnostic* diagnostic) noexcept {
  if (policy == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!write_diagnostic(diagnostic, Error::ok, UINT32_MAX, {}, {})) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  try {
    RulesetResult compiled = Ruleset::compile(text(policy, size));
    if (compiled.error != Error::ok) {
      write_diagnostic(diagnostic, compiled.error, compiled.offset, compiled.path, compiled.expected);
      return code(compiled.error);
    }
    *out = new simdjwt_ruleset{std::move(compiled.ruleset)};
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_ruleset_free(simdjwt_ruleset* ruleset) noexcept { delete ruleset; }

uint32_t simdjwt_ruleset_issuer_count(const simdjwt_ruleset* ruleset) noexcept {
  return ruleset == nullptr ? 0 : static_cast<uint32_t>(ruleset->ruleset->issuers().size());
}

simdjwt_error simdjwt_ruleset_issuer(const simdjwt_ruleset* ruleset, uint32_t index,
                                     simdjwt_issuer_info* info) noexcept {
  if (ruleset == nullptr || info == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(info)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (index >= ruleset->ruleset->issuers().size()) return SIMDJWT_NOT_FOUND;
  const IssuerRule& rule = ruleset->ruleset->issuers()[index];
  info->has_inline_keys = rule.keys ? 1 : 0;
  info->issuer = view(rule.issuer);
  info->jwks_uri = optional_view(!rule.jwks_uri.empty(), rule.jwks_uri);
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_validator_new(const simdjwt_ruleset* ruleset, simdjwt_validator** out) noexcept {
  if (ruleset == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    *out = new simdjwt_validator(ruleset->ruleset);
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_validator_free(simdjwt_validator* validator) noexcept { delete validator; }

simdjwt_error simdjwt_validator_swap_ruleset(simdjwt_validator* validator, const simdjwt_ruleset* ruleset) noexcept {
  if (validator == nullptr || ruleset == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    validator->validator.swap_ruleset(ruleset->ruleset);
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

simdjwt_error simdjwt_keys_publish(simdjwt_validator* validator, const char* issuer, uint64_t issuer_size,
                                   const simdjwt_jwks* jwks) noexcept {
  if (validator == nullptr || issuer == nullptr || jwks == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return code(validator->validator.publish(text(issuer, issuer_size), jwks->set));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}
