// Records the outcome of each check and says whether a validation ends there.
//
// Without a trace the first failure ends it. With one, validation goes on past failures that leave something to look at;
// the verdict is that of the first failure either way.
#pragma once

#include "claims/claims.h"
#include "validator/check.h"
#include "validator/token_steps.h"
#include "validator/verdict.h"

namespace simdjwt {

class Checks {
 public:
  Checks(Verdict& verdict, Trace* trace) noexcept : verdict_(verdict), trace_(trace) {
    if (trace_) trace_->count = 0;
  }

  // All checks from `first` to `last` have passed.
  void pass(Check first, Check last) noexcept {
    if (trace_ == nullptr) return;
    for (auto check = static_cast<unsigned>(first); check <= static_cast<unsigned>(last); ++check) {
      record(static_cast<Check>(check), {});
    }
  }

  // A check after whose failure nothing more can be looked at.
  bool stop(Check check, const StepResult& result) noexcept {
    record(check, result);
    return result.error != Error::ok;
  }
  bool stop(Check check, Error error, std::string_view member = {}) noexcept {
    return stop(check, StepResult{error, kNoOffset, member});
  }
  bool stop(Check check, const ClaimResult& result) noexcept { return stop(check, result.error, result.claim); }

  // A check after whose failure a trace goes on.
  bool fails(Check check, const StepResult& result) noexcept {
    record(check, result);
    return result.error != Error::ok && trace_ == nullptr;
  }
  bool fails(Check check, Error error, std::string_view member = {}) noexcept {
    return fails(check, StepResult{error, kNoOffset, member});
  }
  bool fails(Check check, const ClaimResult& result) noexcept { return fails(check, result.error, result.claim); }

 private:
  void record(Check check, const StepResult& result) noexcept {
    if (result.error != Error::ok && verdict_.error == Error::ok) {
      verdict_.error = result.error;
      verdict_.check = check;
      verdict_.offset = result.offset;
      verdict_.member = result.member;
    }
    if (trace_ && trace_->count < trace_->entries.size()) {
      trace_->entries[trace_->count++] = {check, result.error, result.error == Error::ok ? "" : result.member};
    }
  }

  Verdict& verdict_;
  Trace* trace_;
};

}  // namespace simdjwt
