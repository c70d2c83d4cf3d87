#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "validator/confirm_uses.h"
#include "validator/pin.h"
#include "validator/validator.h"

namespace simdjwt {
namespace {

// Signatures of one algorithm and key stand together: their context stays warm, and neighbours are hashed as pairs.
void verify_signatures(VerifyContext& context, std::span<Validation*> pending) noexcept {
  std::sort(pending.begin(), pending.end(), [](const Validation* x, const Validation* y) {
    if (x->algorithm() != y->algorithm()) return x->algorithm() < y->algorithm();
    if (x->first_key() != y->first_key()) return std::less<>()(x->first_key(), y->first_key());
    return std::less<>()(x, y);
  });
  std::array<SignatureCheck*, Scratch::kMaxLanes> checks;
  for (std::size_t i = 0; i < pending.size(); ++i) checks[i] = &pending[i]->first_check();
  context.verify_all(std::span(checks).first(pending.size()));
  for (Validation* const validation : pending) validation->verify_rest();
}

}  // namespace

Error Validator::validate_batch(Scratch& scratch, std::span<const Request> requests,
                                std::span<Verdict> verdicts) const noexcept {
  if (scratch.slot.domain() != domain_.get() || requests.size() > scratch.lanes() ||
      verdicts.size() != requests.size()) {
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

  std::array<Validation*, Scratch::kMaxLanes> chosen;
  std::uint32_t pending = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (validations[i]->begin()) chosen[pending++] = &*validations[i];
  }
  verify_signatures(scratch.verify, std::span(chosen).first(pending));

  // In the order of the requests: a token that may be used once and is here twice goes to the first, whatever becomes
  // of that one afterwards.
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (validations[i]->finish()) chosen[used++] = &*validations[i];
  }
  confirm_uses(snapshot.replay, std::span(chosen).first(used));
  return Error::ok;
}

}  // namespace simdjwt
