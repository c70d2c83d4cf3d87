#include "capi/handles.h"

using namespace simdjwt;
using namespace simdjwt::capi;

static_assert(SIMDJWT_WANTED_MISSING == static_cast<unsigned>(Wanted::missing));
static_assert(SIMDJWT_WANTED_STALE == static_cast<unsigned>(Wanted::stale));
static_assert(SIMDJWT_WANTED_UNKNOWN_KID == static_cast<unsigned>(Wanted::unknown_kid));
static_assert(KeyTerms::kForever == INT64_MAX);

simdjwt_error simdjwt_keys_publish(simdjwt_validator* validator, const char* issuer, uint64_t issuer_size,
                                   const simdjwt_jwks* jwks) noexcept {
  return simdjwt_keys_publish_for(validator, issuer, issuer_size, jwks, nullptr);
}

simdjwt_error simdjwt_keys_publish_for(simdjwt_validator* validator, const char* issuer, uint64_t issuer_size,
                                       const simdjwt_jwks* jwks, const simdjwt_keys_terms* terms) noexcept {
  if (validator == nullptr || issuer == nullptr || jwks == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (terms != nullptr && !knows_size(terms)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  const KeyTerms until = terms == nullptr ? KeyTerms{} : KeyTerms{terms->fresh_until, terms->usable_until};
  try {
    return code(validator->validator.publish(text(issuer, issuer_size), jwks->set, until));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

simdjwt_error simdjwt_keys_withdraw(simdjwt_validator* validator, const char* issuer, uint64_t issuer_size) noexcept {
  if (validator == nullptr || issuer == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return code(validator->validator.withdraw(text(issuer, issuer_size)));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

uint64_t simdjwt_keys_wanted_total(const simdjwt_validator* validator) noexcept {
  return validator == nullptr ? 0 : validator->validator.wanted_total();
}

simdjwt_error simdjwt_keys_wanted(simdjwt_validator* validator, const char* issuer, uint64_t issuer_size,
                                  uint32_t* reasons) noexcept {
  if (validator == nullptr || issuer == nullptr || reasons == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  return code(validator->validator.take_wanted(text(issuer, issuer_size), *reasons));
}
