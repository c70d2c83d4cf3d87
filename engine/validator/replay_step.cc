// The last step of a validation: the use of a token that may be used once (RFC 7519 §4.1.7).
#include "claims/claims_check.h"
#include "validator/pipeline.h"

namespace simdjwt {
namespace {

// What the store or a stage cannot do is no claim's fault.
StepResult result_of(Error error) noexcept {
  const bool is_of_token = category_of(error) == ErrorCategory::token;
  return {error, kNoOffset, is_of_token ? std::string_view("jti") : std::string_view()};
}

}  // namespace

void Validation::expect_use(const Hash128& fingerprint) noexcept {
  record_.fingerprint = fingerprint;
  snapshot_.replay.store->prefetch(fingerprint);
}

bool Validation::use() noexcept {
  const ReplayState& replay = snapshot_.replay;
  const ReplayIssuer& issuer = replay_issuer();
  record_.issuer = issuer.id;
  const std::int64_t grace = snapshot_.ruleset->replay().grace_s;
  record_.forget_at = saturating_add(forget_time(verdict_.exp, rule_->claims.leeway_s), grace);
  const ReplaySurety surety{verdict_.exp, issuer.beyond};
  if (request_.replay == ReplayUse::check) {
    checks_.stop(Check::replay, result_of(replay.store->check(record_, request_.now, scratch_.stripe, surety)));
    return false;
  }
  // A stage that was forgotten at start must not turn into accepted replays.
  Error error = Error::store_unavailable;
  if (replay.is_complete) {
    error = replay.store->consume(record_, issuer.account, request_.now, scratch_.stripe, surety);
  }
  if (error != Error::ok) checks_.stop(Check::replay, result_of(error));
  return error == Error::ok;
}

void Validation::accept_use() noexcept {
  const bool waits = is_deferred() && snapshot_.replay.has(ReplayStageName::fleet);
  checks_.stop(Check::replay, result_of(waits ? Error::store_unconfirmed : Error::ok));
  verdict_.replay_record = record_;
}

void Validation::refuse_use(Error error) noexcept {
  if (error != Error::token_replayed) {
    snapshot_.replay.store->undo(record_, replay_issuer().account);
    error = Error::store_unavailable;
  }
  checks_.stop(Check::replay, result_of(error));
}

}  // namespace simdjwt
