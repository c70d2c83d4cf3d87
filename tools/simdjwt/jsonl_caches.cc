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

// Only its store is used, whose size it says.
constexpr std::string_view kHomeOfUses =
    R"({"version":1,"replay":{"mode":"once","memory_bytes":67108864,"max_retention_s":10000000000},)"
    R"("issuers":[{"issuer":"-","algorithms":[],"audiences":["-"],"typ":"-"}]})";

bool accepts_once(const simdjwt_ruleset* ruleset) {
  auto replay = sized<simdjwt_replay_policy>();
  require_ok(simdjwt_ruleset_replay(ruleset, &replay), "the policy's replay");
  return replay.enabled != 0;
}

Validator new_validator(const simdjwt_ruleset* ruleset) {
  simdjwt_validator* validator = nullptr;
  require_ok(simdjwt_validator_new(ruleset, &validator), "a validator");
  return Validator(validator);
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
    Validator validator = new_validator(policy.ruleset.get());
    if (accepts_once(policy.ruleset.get())) share_uses(validator.get());
    simdjwt_scratch* scratch = nullptr;
    require_ok(simdjwt_scratch_new(validator.get(), 0, &scratch), "a scratch");
    slot.scratch.reset(scratch);
    slot.validator = std::move(validator);
  }
  if (publish && slot.serial != keys->serial) {
    require_ok(simdjwt_keys_publish(slot.validator.get(), issuer.data(), issuer.size(), keys->set.get()),
               "publishing the keys");
    slot.serial = keys->serial;
  }
  return slot;
}

void LineCaches::share_uses(simdjwt_validator* validator) {
  if (uses_ == nullptr) {
    simdjwt_ruleset* ruleset = nullptr;
    require_ok(simdjwt_ruleset_compile(kHomeOfUses.data(), kHomeOfUses.size(), &ruleset, nullptr),
               "a store of used tokens");
    const Ruleset owner(ruleset);
    uses_ = new_validator(ruleset);
  }
  require_ok(simdjwt_replay_share(validator, uses_.get()), "sharing the store of used tokens");
}

}  // namespace simdjwt::cli
