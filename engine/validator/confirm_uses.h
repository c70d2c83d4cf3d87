// After uses have been recorded in the store: every stage that is attached is asked about all of them at once, the
// fleet, then the journal (docs/decisions/0017).
//
// Thread-safety: as the scratch. Cost: nothing without a stage; with one it may block, once for the whole batch.
#pragma once

#include <span>

#include "validator/pipeline.h"

namespace simdjwt {

// Validations whose finish() said true, in the order of their requests, at most Scratch::kMaxLanes. What a stage
// refuses does not reach the next one; the verdicts stand afterwards.
void confirm_uses(const ReplayState& replay, std::span<Validation* const> uses) noexcept;

}  // namespace simdjwt
