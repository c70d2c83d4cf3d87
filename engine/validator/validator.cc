#include "validator/validator.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "validator/pin.h"

namespace simdjwt {

Validator::Validator(std::shared_ptr<const Ruleset> ruleset) : domain_(std::make_shared<EpochDomain>()) {
  auto snapshot = std::make_shared<Snapshot>();
  for (const IssuerRule& rule : ruleset->issuers()) snapshot->keys.push_back(first_keys(rule));
  snapshot->cache = make_cache(*ruleset);
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

void Validator::swap_ruleset(std::shared_ptr<const Ruleset> ruleset) {
  const std::lock_guard lock(writer_);
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
  next->ruleset = std::move(ruleset);
  install(std::move(next));
  for (const std::shared_ptr<KeyDemand>& demand : moved) demand->forget();
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

// Whoever takes what is wanted comes by again and again: a good moment to free what a reader held at the last publishing.
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

std::unique_ptr<Scratch> Validator::make_scratch(std::uint32_t max_token_bytes, std::uint32_t lanes) const {
  Limits limits = ruleset()->limits();
  if (max_token_bytes != 0) limits.max_token_bytes = max_token_bytes;
  return std::make_unique<Scratch>(limits, domain_, lanes);
}

Verdict Validator::validate(Scratch& scratch, const Request& request) const noexcept {
  if (scratch.slot.domain() != domain_.get()) return {.error = Error::invalid_argument};
  const Pin pin(scratch.slot);
  if (!pin.held()) return {.error = Error::scratch_in_use};
  scratch.start(1);
  Verdict verdict;
  Validation validation(*snapshot_.load(), scratch, scratch, request, verdict);
  if (validation.begin() && validation.verify()) validation.finish();
  return verdict;
}

Error Validator::validate_batch(Scratch& scratch, std::span<const Request> requests, std::span<Verdict> verdicts) const noexcept {
  if (scratch.slot.domain() != domain_.get() || requests.size() > scratch.lanes() || verdicts.size() != requests.size()) {
    return Error::invalid_argument;
  }
  const Pin pin(scratch.slot);
  if (!pin.held()) return Error::scratch_in_use;
  const auto count = static_cast<std::uint32_t>(requests.size());
  scratch.start(count);
  const Snapshot& snapshot = *snapshot_.load();

  std::array<std::optional<Validation>, Scratch::kMaxLanes> validations;
  for (std::uint32_t i = 0; i < count; ++i) {
    verdicts[i] = {};
    validations[i].emplace(snapshot, scratch, scratch.lane(i), requests[i], verdicts[i]).prefetch_place();
  }
  for (std::uint32_t i = 0; i < count; ++i) validations[i]->prefetch_entry();

  std::array<std::uint16_t, Scratch::kMaxLanes> order;
  std::uint32_t pending = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (validations[i]->begin()) order[pending++] = static_cast<std::uint16_t>(i);
  }

  // Signatures of one algorithm and key stand together: their context stays warm, and a kernel of many lanes fills them.
  std::sort(order.begin(), order.begin() + pending, [&validations](std::uint16_t a, std::uint16_t b) {
    const Validation &x = *validations[a], &y = *validations[b];
    if (x.algorithm() != y.algorithm()) return x.algorithm() < y.algorithm();
    if (x.first_key() != y.first_key()) return std::less<>()(x.first_key(), y.first_key());
    return a < b;
  });
  std::array<bool, Scratch::kMaxLanes> verified{};
  for (std::uint32_t i = 0; i < pending; ++i) verified[order[i]] = validations[order[i]]->verify();

  // In the order of the requests: what is recorded once goes to the first.
  for (std::uint32_t i = 0; i < count; ++i) {
    if (verified[i]) validations[i]->finish();
  }
  return Error::ok;
}

}  // namespace simdjwt
