#include "jsonl_caches.h"

#include <utility>

#include "failure.h"

namespace simdjwt::cli {
namespace {

bool has_usable_key(const simdjwt_jwks* set) {
  auto info = sized<simdjwt_key_info>();
  for (std::uint32_t i = 0; simdjwt_jwks_key(set, i, &info) == SIMDJWT_OK; ++i) {
    if (info.error == SIMDJWT_OK) return true;
  }
  return false;
}

}  // namespace

const CachedKeys* LineCaches::keys(std::string_view document) {
  if (const CachedKeys* known = keys_.find(document)) return known;
  CachedKeys fresh;
  fresh.diagnostic = sized<simdjwt_diagnostic>();
  simdjwt_jwks* set = nullptr;
  fresh.error = simdjwt_jwks_parse(document.data(), document.size(), &set, &fresh.diagnostic);
  if (fresh.error == SIMDJWT_OK) {
    fresh.set.reset(set);
    fresh.usable = has_usable_key(set);
  }
  fresh.serial = next_serial_++;
  return keys_.insert(document, std::move(fresh));
}

CachedPolicy* LineCaches::policy(std::string_view document) {
  if (CachedPolicy* known = policies_.find(document)) return known;
  CachedPolicy fresh;
  fresh.diagnostic = sized<simdjwt_diagnostic>();
  simdjwt_ruleset* ruleset = nullptr;
  fresh.error = simdjwt_ruleset_compile(document.data(), document.size(), &ruleset, &fresh.diagnostic);
  if (fresh.error == SIMDJWT_OK) fresh.ruleset.reset(ruleset);
  return policies_.insert(document, std::move(fresh));
}

ValidatorSlot& LineCaches::slot(CachedPolicy& policy, std::string_view issuer, const CachedKeys* keys) {
  const bool publish = keys != nullptr && keys->usable;
  ValidatorSlot& slot = publish ? policy.with_keys : policy.without_keys;
  if (slot.validator == nullptr) {
    simdjwt_validator* validator = nullptr;
    require_ok(simdjwt_validator_new(policy.ruleset.get(), &validator), "a validator");
    slot.validator.reset(validator);
    simdjwt_scratch* scratch = nullptr;
    require_ok(simdjwt_scratch_new(validator, 0, &scratch), "a scratch");
    slot.scratch.reset(scratch);
  }
  if (publish && slot.serial != keys->serial) {
    require_ok(simdjwt_keys_publish(slot.validator.get(), issuer.data(), issuer.size(), keys->set.get()),
               "publishing the keys");
    slot.serial = keys->serial;
  }
  return slot;
}

}  // namespace simdjwt::cli
