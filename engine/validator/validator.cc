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
  for (const IssuerRule& rule : ruleset->issuers()) snapshot->keys.push_back(rule.keys);
  snapshot->keys_generation.resize(snapshot->keys.size());
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

void Validator::install(std::shared_ptr<Snapshot> next) {
  next->generation = current_->generation + 1;
  domain_->reserve();
  snapshot_.store(next.get());
  domain_->retire(std::exchange(current_, std::shared_ptr<const Snapshot>(std::move(next))));
}

void Validator::swap_ruleset(std::shared_ptr<const Ruleset> ruleset) {
  const std::lock_guard lock(writer_);
  auto next = std::make_shared<Snapshot>();
  for (const IssuerRule& rule : ruleset->issuers()) {
    const std::uint32_t before = current_->ruleset->find(rule.issuer);
    const bool published = before != Ruleset::kNoIssuer && !current_->ruleset->issuers()[before].keys;
    next->keys.push_back(rule.keys || !published ? rule.keys : current_->keys[before]);
  }
  // Under another ruleset nothing that is remembered holds: the keys may count anew.
  next->ruleset_generation = current_->ruleset_generation + 1;
  next->keys_generation.resize(next->keys.size());
  const bool same_size = ruleset->limits().verdict_cache_bytes == current_->ruleset->limits().verdict_cache_bytes;
  next->cache = same_size ? current_->cache : make_cache(*ruleset);
  next->ruleset = std::move(ruleset);
  install(std::move(next));
}

Error Validator::publish(std::string_view issuer, std::shared_ptr<const JwkSet> keys) {
  if (!keys->has_usable()) return Error::jwks_shape;
  const std::lock_guard lock(writer_);
  const std::uint32_t index = current_->ruleset->find(issuer);
  if (index == Ruleset::kNoIssuer || current_->ruleset->issuers()[index].keys) return Error::not_found;
  auto next = std::make_shared<Snapshot>(*current_);
  next->keys[index] = std::move(keys);
  ++next->keys_generation[index];
  install(std::move(next));
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
