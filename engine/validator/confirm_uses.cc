#include "validator/confirm_uses.h"

#include <array>

namespace simdjwt {
namespace {

// Takes those out of `standing` that the stage refuses.
std::size_t ask(const ReplayStage& stage, bool is_fleet, std::span<Validation*> standing) noexcept {
  std::array<ReplayRecord, Scratch::kMaxLanes> records;
  std::array<Error, Scratch::kMaxLanes> errors;
  errors.fill(Error::store_unavailable);  // what a stage says nothing about is not confirmed
  const auto is_asked = [is_fleet](const Validation& use) { return !is_fleet || !use.is_deferred(); };
  std::size_t count = 0;
  for (const Validation* use : standing) {
    if (is_asked(*use)) records[count++] = use->record();
  }
  if (count != 0) stage.commit(std::span(records).first(count), std::span(errors).first(count));
  std::size_t answer = 0, left = 0;
  for (Validation* use : standing) {
    const Error error = is_asked(*use) ? errors[answer++] : Error::ok;
    if (error == Error::ok) {
      standing[left++] = use;
    } else {
      use->refuse_use(error);
    }
  }
  return left;
}

}  // namespace

void confirm_uses(const ReplayState& replay, std::span<Validation* const> uses) noexcept {
  std::array<Validation*, Scratch::kMaxLanes> standing;
  std::size_t count = 0;
  for (Validation* use : uses) standing[count++] = use;
  for (std::size_t i = 0; i < kReplayStages; ++i) {
    if (replay.stages[i] == nullptr || count == 0) continue;
    const bool is_fleet = i == static_cast<std::size_t>(ReplayStageName::fleet);
    count = ask(*replay.stages[i], is_fleet, std::span(standing).first(count));
  }
  for (Validation* use : std::span(standing).first(count)) use->accept_use();
}

}  // namespace simdjwt
