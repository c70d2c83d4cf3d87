// An issuer's kept keys: when they are believed, and when they are written.
#include <algorithm>

#include "fetch/issuer.h"
#include "fetch/metadata.h"

namespace simdjwt::fetch {
namespace {

// Kept keys confirmed later than now: the wall clock was set back. So much is a step of a clock, more is a file of
// nowhere.
constexpr std::int64_t kMaxFutureSeconds = 3600;

// A part of max_stale_s that the state file may lag behind the last confirmation.
constexpr int kSaveParts = 8;

}  // namespace

void Issuer::load(Time now) {
  StateFileResult kept = environment_.state->load(rule_.issuer, environment_.policy.max_body_bytes);
  if (kept.error == SIMDJWT_NOT_FOUND) return;
  if (kept.error != SIMDJWT_OK) return refuse_kept(std::move(kept.detail));
  if (is_told_where() && kept.keys.jwks_uri != rule_.jwks_uri) return refuse_kept("state file: of another jwks_uri");
  // What an earlier policy allowed to be asked is not taken from there under one that does not.
  if (!is_fetchable(kept.keys.jwks_uri, environment_.policy.allow_http != 0)) {
    return refuse_kept("state file: of a place that may not be asked");
  }
  // A file may name any second, so nothing is added to it, and a clock's second less one that is not negative fits.
  const std::int64_t wall = environment_.wall_clock();
  if (kept.keys.confirmed < 0 || kept.keys.confirmed > wall + kMaxFutureSeconds) {
    return refuse_kept("state file: of a time to come");
  }
  const std::int64_t age = std::max<std::int64_t>(wall - kept.keys.confirmed, 0);
  if (age >= environment_.policy.max_stale_s) return refuse_kept("state file: too old");
  KeySet keys = parse_keys(kept.keys.body);
  if (keys.error != SIMDJWT_OK) return refuse_kept("state file: " + keys.detail);
  if (take_keys(std::move(keys), kept.keys.body, kept.keys.etag) != SIMDJWT_OK) {
    return refuse_kept("state file: its keys were not taken");
  }
  uri_ = kept.keys.jwks_uri;
  report_.confirmed = now - std::chrono::seconds(age);
  report_.is_from_state = true;
  saved_ = report_.confirmed;
  saved_version_ = environment_.state_version;
}

void Issuer::refuse_kept(std::string detail) {
  report_.last_error = SIMDJWT_FETCH_STATE_FILE;
  report_.last_detail = std::move(detail);
}

// On every change, and so often besides that a restart finds the last confirmation nearly as it was: a file that told
// of the last change alone would be too old after a quiet day.
void Issuer::save(Time now) {
  const Millis lag = Millis(std::chrono::seconds(environment_.policy.max_stale_s)) / kSaveParts;
  const bool is_there = saved_ && saved_version_ == environment_.state_version;
  if (!environment_.state->is_enabled() || (is_there && now - *saved_ < lag)) return;
  // The file names no place of the etag's but that of the keys.
  const std::string etag = etag_url_.empty() || etag_url_ == uri_ ? etag_ : std::string();
  StateFileResult result = environment_.state->save({rule_.issuer, uri_, etag, environment_.wall_clock(), body_});
  if (result.error == SIMDJWT_OK) {
    saved_ = now;
    saved_version_ = environment_.state_version;
  } else {
    refuse_kept(std::move(result.detail));
  }
}

}  // namespace simdjwt::fetch
