#include "validator/validator.h"

#include <algorithm>
#include <utility>

#include "validator/confirm_uses.h"
#include "validator/pin.h"

namespace simdjwt {
namespace {

bool has_stages(const Ruleset& ruleset, const ReplayState& replay) noexcept {
  const ReplayPolicy& policy = ruleset.replay();
  return (!policy.wants_fleet() || replay.has(ReplayStageName::fleet)) &&
         (!policy.wants_journal() || replay.has(ReplayStageName::journal));
}

// After another ruleset or another store. Issuers whose rule accepts tokens more than once have no account.
void resolve_issuers(const Ruleset& ruleset, ReplayState& replay) {
  replay.is_complete = has_stages(ruleset, replay);
  replay.issuers.clear();
  if (!ruleset.replay().enabled) return;
  for (const IssuerRule& rule : ruleset.issuers()) {
    const std::int64_t beyond = saturating_add(rule.claims.leeway_s, ruleset.replay().grace_s);
    replay.issuers.push_back(rule.claims.once ? replay.store->issuer(rule.issuer, beyond)
                                              : ReplayIssuer{.hash = replay.store->key()});
  }
}

}  // namespace

Validator::Validator(std::shared_ptr<const Ruleset> ruleset) : domain_(std::make_shared<EpochDomain>()) {
  auto snapshot = std::make_shared<Snapshot>();
  for (const IssuerRule& rule : ruleset->issuers()) snapshot->keys.push_back(first_keys(rule));
  snapshot->cache = make_cache(*ruleset);
  snapshot->replay = make_replay(*ruleset, {});
  snapshot->ruleset = std::move(ruleset);
  current_ = std::move(snapshot);
  snapshot_.store(current_.get());
}

Validator::~Validator() = default;

std::shared_ptr<const Ruleset> Validator::ruleset() const {
  const std::lock_guard lock(writer_);
  return current_->ruleset;
}

IssuerKeys Validator::first_keys(const IssuerRule& rule) {
  if (rule.keys) return {.set = rule.keys};
  return {.demand = std::make_shared<KeyDemand>(kid_hash_, wanted_total_)};
}

std::uint32_t Validator::find_published(std::string_view issuer) const noexcept {
  const std::uint32_t index = current_->ruleset->find(issuer);
  return index == Ruleset::kNoIssuer || current_->ruleset->issuers()[index].keys ? Ruleset::kNoIssuer : index;
}

void Validator::install(std::shared_ptr<Snapshot> next) {
  domain_->reserve();
  snapshot_.store(next.get());
  domain_->retire(std::exchange(current_, std::shared_ptr<const Snapshot>(std::move(next))));
}

Error Validator::swap_ruleset(std::shared_ptr<const Ruleset> ruleset) {
  const std::lock_guard lock(writer_);
  if (!stages_fit(ruleset->replay())) return Error::invalid_argument;
  auto next = std::make_shared<Snapshot>();
  next->generation = current_->generation + 1;
  std::vector<std::shared_ptr<KeyDemand>> moved;  // those whose keys are elsewhere now
  for (const IssuerRule& rule : ruleset->issuers()) {
    const std::uint32_t before = find_published(rule.issuer);
    const bool stays = before != Ruleset::kNoIssuer && !rule.keys;
    next->keys.push_back(stays ? current_->keys[before] : first_keys(rule));
    if (!stays) continue;
    const IssuerRule& old = current_->ruleset->issuers()[before];
    if (old.jwks_uri != rule.jwks_uri || old.discovery != rule.discovery) moved.push_back(next->keys.back().demand);
  }
  // Under another ruleset no verdict that is remembered holds, whatever keys it was made under.
  next->ruleset_generation = current_->ruleset_generation + 1;
  const bool same_size = ruleset->limits().verdict_cache_bytes == current_->ruleset->limits().verdict_cache_bytes;
  next->cache = same_size ? current_->cache : make_cache(*ruleset);
  next->replay = make_replay(*ruleset, current_->replay);
  next->ruleset = std::move(ruleset);
  install(std::move(next));
  for (const std::shared_ptr<KeyDemand>& demand : moved) demand->forget();
  return Error::ok;
}

// The set in force stays when the keys are the same, and with it all that was remembered under it.
Error Validator::publish(std::string_view issuer, std::shared_ptr<const JwkSet> keys, const KeyTerms& terms) {
  if (!keys->has_usable()) return Error::jwks_shape;
  const std::lock_guard lock(writer_);
  const std::uint32_t index = find_published(issuer);
  if (index == Ruleset::kNoIssuer) return Error::not_found;
  const IssuerKeys& before = current_->keys[index];
  const bool same = before.set && (before.set == keys || before.set->has_same_keys(*keys));
  if (same && before.terms == terms) {
    domain_->collect();
  } else {
    auto next = std::make_shared<Snapshot>(*current_);
    next->keys[index].terms = terms;
    if (!same) {
      ++next->generation;
      ++next->keys[index].generation;
      next->keys[index].set = std::move(keys);
    }
    install(std::move(next));
  }
  current_->keys[index].demand->answered();
  return Error::ok;
}

Error Validator::withdraw(std::string_view issuer) {
  const std::lock_guard lock(writer_);
  const std::uint32_t index = find_published(issuer);
  if (index == Ruleset::kNoIssuer) return Error::not_found;
  if (!current_->keys[index].set) return Error::ok;
  auto next = std::make_shared<Snapshot>(*current_);
  ++next->generation;
  ++next->keys[index].generation;
  next->keys[index].set = nullptr;
  next->keys[index].terms = {};
  install(std::move(next));
  return Error::ok;
}

// Whoever takes what is wanted comes by again and again: a good moment to free what a reader held at the last
// publishing.
Error Validator::take_wanted(std::string_view issuer, std::uint32_t& reasons) noexcept {
  domain_->collect();
  const std::lock_guard lock(writer_);
  const std::uint32_t index = find_published(issuer);
  if (index == Ruleset::kNoIssuer) return Error::not_found;
  reasons = current_->keys[index].demand->take();
  return Error::ok;
}

std::shared_ptr<VerdictCache> Validator::make_cache(const Ruleset& ruleset) const {
  const std::uint64_t bytes = ruleset.limits().verdict_cache_bytes;
  return bytes == 0 ? nullptr : std::make_shared<VerdictCache>(bytes, *domain_);
}

// A store outlives the ruleset that it was made for: what has been used stays used.
ReplayState Validator::make_replay(const Ruleset& ruleset, ReplayState replay) {
  const ReplayPolicy& wanted = ruleset.replay();
  if (wanted.enabled && !replay.store) {
    replay.config = wanted.store;
    replay.store = std::make_shared<ReplayStore>(replay.config, KeyedHash128::random());
  }
  resolve_issuers(ruleset, replay);
  return replay;
}

// What a stage promises is fixed when it is attached: another directory, or another level, would be believed to hold
// and would not.
bool Validator::stages_fit(const ReplayPolicy& wanted) const noexcept {
  const auto under = [this](ReplayStageName which) -> const ReplayPolicy& {
    return attached_under_[static_cast<std::size_t>(which)];
  };
  const ReplayState& replay = current_->replay;
  if (!wanted.enabled) return true;
  const bool journal_fits = !wanted.wants_journal() || !replay.has(ReplayStageName::journal) ||
                            wanted.has_journal_of(under(ReplayStageName::journal));
  const bool fleet_fits = !wanted.wants_fleet() || !replay.has(ReplayStageName::fleet) ||
                          wanted.has_fleet_of(under(ReplayStageName::fleet));
  return journal_fits && fleet_fits;
}

bool Validator::has_any_stage() const noexcept {
  const auto& stages = current_->replay.stages;
  return std::any_of(stages.begin(), stages.end(), [](const auto& stage) { return stage != nullptr; });
}

Error Validator::attach(ReplayStageName which, std::shared_ptr<const ReplayStage> stage) {
  const std::lock_guard lock(writer_);
  if (!current_->replay.store) return Error::not_found;
  if (current_->replay.has(which)) return Error::invalid_argument;
  ReplayPolicy under = current_->ruleset->replay();
  auto next = std::make_shared<Snapshot>(*current_);
  next->replay.stages[static_cast<std::size_t>(which)] = std::move(stage);
  next->replay.is_complete = has_stages(*next->ruleset, next->replay);
  install(std::move(next));
  attached_under_[static_cast<std::size_t>(which)] = std::move(under);
  return Error::ok;
}

Error Validator::share_replay(const Validator& other) {
  if (this == &other) return replay_store() ? Error::ok : Error::not_found;
  const std::scoped_lock lock(writer_, other.writer_);
  const ReplayState& theirs = other.current_->replay;
  const std::shared_ptr<ReplayStore>& own = current_->replay.store;
  if (!theirs.store) return Error::not_found;
  if (own == theirs.store) return Error::ok;
  // Uses that were recorded here, or by a stage under the key of here, would be unknown from now on.
  if (has_any_stage() || is_replay_key_set_ || (own && !own->empty())) return Error::invalid_argument;
  use_store(theirs.store, theirs.config);
  is_replay_shared_ = other.is_replay_shared_ = true;
  is_replay_key_set_ = other.is_replay_key_set_;
  return Error::ok;
}

Error Validator::set_replay_key(const KeyedHash128& key) {
  const std::lock_guard lock(writer_);
  const ReplayState& replay = current_->replay;
  if (!replay.store) return Error::not_found;
  if (replay.store->key().key() != key.key()) {
    // A stage, or who set the key that is there, keeps records under that one.
    const bool is_kept = is_replay_shared_ || is_replay_key_set_ || has_any_stage() || !replay.store->empty();
    if (is_kept) return Error::invalid_argument;
    use_store(std::make_shared<ReplayStore>(replay.config, key), replay.config);
  }
  is_replay_key_set_ = true;
  return Error::ok;
}

bool Validator::is_replay_key_set() const {
  const std::lock_guard lock(writer_);
  return is_replay_key_set_;
}

void Validator::use_store(std::shared_ptr<ReplayStore> store, const ReplayStore::Config& config) {
  auto next = std::make_shared<Snapshot>(*current_);
  next->replay.store = std::move(store);
  next->replay.config = config;
  resolve_issuers(*next->ruleset, next->replay);
  install(std::move(next));
}

std::shared_ptr<ReplayStore> Validator::replay_store() const {
  const std::lock_guard lock(writer_);
  return current_->replay.store;
}

// Without the issuer's account the store's counts would be wrong: the use of one that no rule names any longer stays.
void Validator::undo_use(const ReplayRecord& record) noexcept {
  const std::lock_guard lock(writer_);
  const ReplayState& replay = current_->replay;
  const auto is_of = [&record](const ReplayIssuer& issuer) { return issuer.id == record.issuer; };
  const auto issuer = std::find_if(replay.issuers.begin(), replay.issuers.end(), is_of);
  if (issuer != replay.issuers.end()) replay.store->undo(record, issuer->account);
}

std::unique_ptr<Scratch> Validator::make_scratch(std::uint32_t max_token_bytes, std::uint32_t lanes) const {
  Limits limits = ruleset()->limits();
  if (max_token_bytes != 0) limits.max_token_bytes = max_token_bytes;
  auto scratch = std::make_unique<Scratch>(limits, domain_, lanes);
  scratch->stripe = next_stripe_.fetch_add(1, std::memory_order_relaxed);
  return scratch;
}

Verdict Validator::validate(Scratch& scratch, const Request& request) const noexcept {
  if (scratch.slot.domain() != domain_.get()) return {.error = Error::invalid_argument};
  const Pin pin(scratch.slot);
  if (!pin.held()) return {.error = Error::scratch_in_use};
  scratch.start(1);
  Verdict verdict;
  const Snapshot& snapshot = *snapshot_.load();
  Validation validation(snapshot, scratch, scratch, request, verdict);
  if (validation.begin()) validation.verify();
  Validation* const use = &validation;
  if (validation.finish()) confirm_uses(snapshot.replay, std::span(&use, 1));
  return verdict;
}

}  // namespace simdjwt
