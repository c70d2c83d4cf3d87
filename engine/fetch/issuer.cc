#include "fetch/issuer.h"

#include <algorithm>
#include <utility>

#include "fetch/metadata.h"

namespace simdjwt::fetch {
namespace {

// A discovered place that fails so often in a row is looked up again; one that says "not here" at once.
constexpr std::uint32_t kRediscoverAfter = 3;

// On top of twice max_stale_s: requests' clocks may differ from this one, and be set.
constexpr std::int64_t kBackstopSlackSeconds = 3600;

bool is_unreached(simdjwt_error error) {
  return error == SIMDJWT_FETCH_CONNECT || error == SIMDJWT_FETCH_RESOLVE;
}

}  // namespace

Issuer::Issuer(IssuerRule rule, Environment& environment, Time now, Time start, const Issuer* old)
    : rule_(std::move(rule)), environment_(environment), uri_(rule_.jwks_uri) {
  report_.next_try = start;
  report_.is_pending = true;
  if (old == nullptr || !old->jwks_) load(now);
  report_.jwks_uri = uri_;
  is_discovering_ = wants_discovery(start);
  show_state();
}

// A discovered place is believed no longer than keys are.
bool Issuer::wants_discovery(Time at) const {
  if (is_told_where()) return false;
  return uri_.empty() || !discovered_ || uri_failures_ >= kRediscoverAfter ||
         at - *discovered_ >= std::chrono::seconds(environment_.policy.max_stale_s);
}

std::string Issuer::url() const {
  return is_discovering_ ? well_known_urls(rule_.issuer)[well_known_] : uri_;
}

HttpRequest Issuer::begin() {
  HttpRequest request;
  request.url = url();
  request.deadline = Millis(environment_.policy.deadline_ms);
  request.accept = is_discovering_ ? kAcceptMetadata : kAcceptKeys;
  if (!is_discovering_) {
    if (jwks_) request.etag = etag_;
    request.etag_url = etag_url_;
    ++report_.fetches;
    wanted_again_ = false;
  }
  is_conditional_ = !request.etag.empty();
  report_.next_try.reset();
  report_.is_pending = true;
  return request;
}

void Issuer::finish(const HttpAnswer& answer, Time now) {
  report_.last_status = answer.status;
  if (is_discovering_) {
    finish_discovery(answer, now);
  } else {
    finish_keys(answer, now);
  }
}

void Issuer::go_on_with_keys(Time now) {
  uri_failures_ = 0;
  is_discovering_ = false;
  is_midway_ = true;
  report_.next_try = now;
}

void Issuer::finish_discovery(const HttpAnswer& answer, Time now) {
  HttpAnswer outcome;
  outcome.error = answer.error;
  outcome.detail = answer.detail;
  outcome.status = answer.status;
  outcome.retry_after = answer.retry_after;
  if (answer.error == SIMDJWT_OK) {
    if (answer.status == 200) {
      Metadata metadata = parse_metadata(answer.body, rule_.issuer);
      if (metadata.error == SIMDJWT_OK && !is_fetchable(metadata.jwks_uri, environment_.policy.allow_http != 0)) {
        metadata.error = SIMDJWT_FETCH_METADATA;
        metadata.detail = "metadata: jwks_uri is no URL that may be asked";
      }
      if (metadata.error == SIMDJWT_OK) {
        if (metadata.jwks_uri != uri_) {
          uri_ = std::move(metadata.jwks_uri);
          etag_.clear();  // of the old place; it says nothing of this one's set
          saved_.reset();
          report_.jwks_uri = uri_;
        }
        discovered_ = now;
        discovery_failure_ = {};
        go_on_with_keys(now);
        return;
      }
      outcome.error = metadata.error;
      outcome.detail = std::move(metadata.detail);
    } else {
      outcome.error = SIMDJWT_FETCH_STATUS;
      outcome.detail = "metadata: status " + std::to_string(answer.status) + " to a request without a condition";
    }
  }
  // That a place has nothing says less than what is wrong with the one that has something.
  if (well_known_tried_ == 0 || outcome.error != SIMDJWT_FETCH_STATUS) discovery_failure_ = outcome;
  if (++well_known_tried_ < kWellKnownCount && may_be_elsewhere(outcome.error, outcome.status)) {
    well_known_ = (well_known_ + 1) % kWellKnownCount;
    is_midway_ = true;
    report_.next_try = now;
  } else if (!uri_.empty()) {
    // Where they were: metadata that cannot be had change nothing. Nor do they renew the belief in that place, so that
    // the next attempt asks for them again.
    go_on_with_keys(now);
  } else {
    const HttpAnswer failure = std::move(discovery_failure_);
    fail(failure.error, failure.detail, failure, now);
  }
}

void Issuer::finish_keys(const HttpAnswer& answer, Time now) {
  if (answer.error != SIMDJWT_OK) {
    fail(answer.error, answer.detail, answer, now);
    return;
  }
  // Publishing what is in force changes nothing in the validator, unless somebody has taken the keys away since.
  simdjwt_error error = SIMDJWT_OK;
  if (answer.status == 304) {
    // RFC 9110 §15.4.5: a 304 answers a condition; to another request it says nothing.
    if (!is_conditional_ || !jwks_) {
      fail(SIMDJWT_FETCH_STATUS, "status 304 without keys that it could be about", answer, now);
      return;
    }
    ++report_.not_modified;
    error = publish(jwks_.get());
  } else if (jwks_ && answer.body == body_) {
    etag_.clear();  // first: an old one is not of the new place
    etag_url_ = answer.url;
    etag_ = answer.etag;
    error = publish(jwks_.get());
  } else {
    KeySet keys = parse_keys(answer.body);
    if (keys.error != SIMDJWT_OK) {
      fail(keys.error, std::move(keys.detail), answer, now);
      return;
    }
    std::string etag_url = answer.url;  // first: nothing fails once the keys are taken
    error = take_keys(std::move(keys), answer.body, answer.etag);
    if (error == SIMDJWT_OK) etag_url_ = std::move(etag_url);
  }
  if (error != SIMDJWT_OK) {
    fail(error, std::string("publish: ") + simdjwt_error_text(error), answer, now);
    return;
  }
  confirm(answer, now);
}

// The monotonic clock says when keys are too old, as long as the loop runs: the end given here lies beyond what it can
// come to, each confirmation puts it off, and it holds when a loop that nobody runs any longer withdraws nothing.
simdjwt_error Issuer::publish(const simdjwt_jwks* jwks) {
  const std::int64_t end = 2 * std::int64_t{environment_.policy.max_stale_s} + kBackstopSlackSeconds;
  return environment_.keys->publish(rule_.issuer, jwks, environment_.wall_clock() + end);
}

simdjwt_error Issuer::take_keys(KeySet keys, std::string_view body, std::string_view etag) {
  std::string new_body(body), new_etag(etag);
  const simdjwt_error error = publish(keys.jwks.get());
  if (error != SIMDJWT_OK) return error;
  jwks_ = std::move(keys.jwks);
  body_ = std::move(new_body);
  etag_ = std::move(new_etag);
  report_.usable_keys = keys.usable;
  report_.dropped_keys = keys.dropped;
  saved_.reset();
  return SIMDJWT_OK;
}

void Issuer::confirm(const HttpAnswer& answer, Time now) {
  report_.confirmed = now;
  report_.is_from_state = false;
  report_.consecutive_failures = 0;
  report_.last_error = discovery_failure_.error;
  report_.last_detail = discovery_failure_.detail;
  backoff_.reset();
  uri_failures_ = 0;
  is_taken_over_ = false;
  save(now);
  Time next = now + refresh_delay(answer.max_age, environment_.policy, environment_.random);
  if (wanted_again_) {
    // The server may have made its answer before it had that key. Sooner than a cooldown, for no fetch was for it; not
    // at once, for it may be of nowhere.
    const Millis cooldown = std::chrono::seconds(environment_.policy.cooldown_s);
    Time again = now + cooldown / 2;
    if (wanted_) again = std::max(again, *wanted_ + cooldown);
    if (again < next) {
      next = again;
      wanted_ = again;
    }
  }
  end_attempt(next);
}

void Issuer::fail(simdjwt_error error, std::string detail, const HttpAnswer& answer, Time now) {
  report_.last_error = error;
  report_.last_detail = std::move(detail);
  ++report_.failures;
  ++report_.consecutive_failures;
  if (!is_discovering_) {
    const bool is_gone = error == SIMDJWT_FETCH_STATUS && (answer.status == 404 || answer.status == 410);
    uri_failures_ = is_gone ? kRediscoverAfter : uri_failures_ + 1;
  }
  Millis delay{};
  if (is_unreached(error) && !jwks_) {
    // Nobody has answered, so nobody has a load to be spared; and what comes up is not to be taken for what was
    // failing.
    backoff_.reset();
    delay = probe_delay(environment_.random);
  } else {
    delay = with_retry_after(backoff_.next(environment_.policy, environment_.random), answer.retry_after,
                             environment_.policy);
  }
  end_attempt(now + delay);
}

void Issuer::end_attempt(Time next) {
  ++report_.attempts;
  report_.is_pending = false;
  report_.next_try = next;
  well_known_tried_ = 0;
  discovery_failure_ = {};
  is_midway_ = false;
  is_discovering_ = wants_discovery(next);
  show_state();
}

void Issuer::abandon(Time next) {
  report_.next_try = next;
  well_known_tried_ = 0;
  is_midway_ = false;
}

void Issuer::take_over(Issuer& old) {
  if (jwks_) return;
  jwks_ = std::move(old.jwks_);
  body_ = std::move(old.body_);
  is_taken_over_ = jwks_ != nullptr;
  report_.confirmed = old.report_.confirmed;
  report_.usable_keys = old.report_.usable_keys;
  report_.dropped_keys = old.report_.dropped_keys;
  report_.is_from_state = old.report_.is_from_state;
  show_state();
}

void Issuer::put_back() {
  // A failure is the same as before: the validator has them not, and the next fetch publishes what it brings.
  if (jwks_ && !is_taken_over_) static_cast<void>(publish(jwks_.get()));
}

void Issuer::postpone(Time until, simdjwt_error error) {
  report_.next_try = until;
  if (error == SIMDJWT_OK) return;
  report_.last_error = error;
  report_.last_detail = simdjwt_error_text(error);
}

void Issuer::want(std::uint32_t reasons, Time now) {
  const bool is_under_way = !report_.next_try;
  if ((reasons & SIMDJWT_WANTED_MISSING) != 0) put_back();
  if (is_under_way && (reasons & SIMDJWT_WANTED_UNKNOWN_KID) != 0) wanted_again_ = true;
  if (reasons == 0 || is_under_way || report_.consecutive_failures != 0) return;
  if (report_.is_pending && *report_.next_try <= now) return;
  // The validator keeps to the cooldown in whole seconds of its requests' time, which begins up to a second early: what
  // is missing is waited for here. A want that is earlier still is of a clock that was set. Missing keys are no reason
  // of a flood's: with the next good answer they are there.
  Time due = now;
  if ((reasons & SIMDJWT_WANTED_MISSING) == 0) {
    if (wanted_) due = std::max(now, *wanted_ + std::chrono::seconds(environment_.policy.cooldown_s));
    if (due - now > std::chrono::seconds(1)) return;
    wanted_ = due;
  }
  report_.is_pending = true;
  report_.next_try = std::min(*report_.next_try, due);
}

std::optional<Time> Issuer::stale_at() const {
  if (!jwks_ || !report_.confirmed) return std::nullopt;
  return *report_.confirmed + std::chrono::seconds(environment_.policy.max_stale_s);
}

void Issuer::expire(Time now) {
  const std::optional<Time> at = stale_at();
  if (!at || now < *at) return;
  // Not for want of memory: then it is tried again, and the keys are still in force. That a newer ruleset does not know
  // the issuer is as good as withdrawn.
  if (environment_.keys->withdraw(rule_.issuer) == SIMDJWT_OUT_OF_MEMORY) return;
  jwks_.reset();
  is_taken_over_ = false;
  body_.clear();
  etag_.clear();
  report_.confirmed.reset();
  report_.usable_keys = 0;
  report_.dropped_keys = 0;
  report_.is_from_state = false;
  if (report_.next_try && is_unreached(report_.last_error)) {
    report_.next_try = std::min(*report_.next_try, now + probe_delay(environment_.random));
  }
  show_state();
}

void Issuer::show_state() {
  if (jwks_) {
    report_.state = report_.consecutive_failures == 0 ? SIMDJWT_FETCH_READY : SIMDJWT_FETCH_FAILING;
  } else if (report_.failures != 0 || report_.state != SIMDJWT_FETCH_STARTING) {
    report_.state = SIMDJWT_FETCH_DOWN;
  }
}

}  // namespace simdjwt::fetch
