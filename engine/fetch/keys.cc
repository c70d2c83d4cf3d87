#include "fetch/keys.h"

namespace simdjwt::fetch {

simdjwt_error ValidatorKeys::publish(std::string_view issuer, const simdjwt_jwks* jwks, std::int64_t usable_until) {
  simdjwt_keys_terms terms = SIMDJWT_KEYS_TERMS_INIT;
  terms.usable_until = usable_until;
  return simdjwt_keys_publish_for(validator_, issuer.data(), issuer.size(), jwks, &terms);
}

simdjwt_error ValidatorKeys::withdraw(std::string_view issuer) {
  return simdjwt_keys_withdraw(validator_, issuer.data(), issuer.size());
}

std::uint64_t ValidatorKeys::wanted_total() {
  return simdjwt_keys_wanted_total(validator_);
}

std::uint32_t ValidatorKeys::wanted(std::string_view issuer) {
  std::uint32_t reasons = 0;
  // An issuer that a newer ruleset does not name wants nothing.
  if (simdjwt_keys_wanted(validator_, issuer.data(), issuer.size(), &reasons) != SIMDJWT_OK) return 0;
  return reasons;
}

KeySet parse_keys(std::string_view json) {
  KeySet keys;
  simdjwt_jwks* parsed = nullptr;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  const simdjwt_error error = simdjwt_jwks_parse(json.data(), json.size(), &parsed, &diagnostic);
  if (error != SIMDJWT_OK) {
    keys.error = error == SIMDJWT_OUT_OF_MEMORY ? error : simdjwt_error{SIMDJWT_FETCH_NO_KEYS};
    keys.detail = std::string("keys: ") + simdjwt_error_text(error);
    return keys;
  }
  keys.jwks.reset(parsed);
  const std::uint32_t count = simdjwt_jwks_count(parsed);
  for (std::uint32_t i = 0; i < count; ++i) {
    simdjwt_key_info info = SIMDJWT_KEY_INFO_INIT;
    const bool is_usable = simdjwt_jwks_key(parsed, i, &info) == SIMDJWT_OK && info.error == SIMDJWT_OK;
    ++(is_usable ? keys.usable : keys.dropped);
  }
  if (keys.usable == 0) {
    keys.error = SIMDJWT_FETCH_NO_KEYS;
    keys.detail = "keys: none of " + std::to_string(count) + " is usable";
  }
  return keys;
}

}  // namespace simdjwt::fetch
