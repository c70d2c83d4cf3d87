// One issuer: where its keys are, when they are fetched next, and what became of it. It does no I/O but the state
// file's: it says which request it wants when, takes the answer, and publishes.
//
//   discover (when the rule asks for it) -> fetch keys -> publish -> wait -> ...
//
// A failed or bad answer never replaces good keys; they are withdrawn only when nothing has confirmed them for
// max_stale_s of the monotonic clock, and the validator ends them by the wall clock should nobody be there to do that.
// One request at a time, so that any number of wants is one fetch.
//
// Ownership: owns its last good keys; the environment outlives it. Thread-safety: one thread. Cost: allocates.
// RFC 8414 §3, OpenID Connect Discovery 1.0 §4, RFC 9110 §13.1.2 (If-None-Match), RFC 9111 §4.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/backoff.h"
#include "fetch/http_client.h"
#include "fetch/keys.h"
#include "fetch/state_file.h"

namespace simdjwt::fetch {

// What the policy says of one issuer. Two that are equal are the same issuer to a new ruleset.
struct IssuerRule {
  std::string issuer;
  std::string jwks_uri;  // empty: to be discovered

  bool operator==(const IssuerRule&) const = default;
};

// What issuers share.
struct Environment {
  simdjwt_fetch_policy policy;  // with views that the owner keeps alive
  Keys* keys;
  const StateDirectory* state;
  Random random;
  std::function<std::int64_t()> wall_clock;  // Unix seconds; for the state file, and the validator's end of keys
  std::uint32_t state_version = 0;           // another one with another state directory
};

// What is shown of an issuer; times are points of the monotonic clock.
struct IssuerReport {
  simdjwt_fetch_state state = SIMDJWT_FETCH_STARTING;
  simdjwt_error last_error = SIMDJWT_OK;
  std::string last_detail;
  std::uint32_t last_status = 0;
  std::optional<Time> confirmed;  // the keys in force; nothing without keys
  std::optional<Time> next_try;   // nothing: under way
  std::uint32_t usable_keys = 0;
  std::uint32_t dropped_keys = 0;
  std::uint64_t fetches = 0;
  std::uint64_t failures = 0;
  std::uint64_t not_modified = 0;
  std::uint32_t consecutive_failures = 0;
  bool is_from_state = false;
  bool is_pending = false;     // a fetch is wanted or under way
  std::uint64_t attempts = 0;  // that have come to an end
  std::string jwks_uri;
};

class Issuer {
 public:
  // First tries at `start`. Publishes kept keys of the state directory, unless `old` has keys to be taken over: those
  // are newer. In:  old  the same issuer under another rule, or null
  Issuer(IssuerRule rule, Environment& environment, Time now, Time start, const Issuer* old = nullptr);

  const IssuerRule& rule() const noexcept { return rule_; }
  const IssuerReport& report() const noexcept { return report_; }

  // The next request, and when it is due; nothing while one is under way.
  std::optional<Time> due() const noexcept { return report_.next_try; }
  // The next request goes on with an attempt, such as that for the keys after that for metadata.
  bool is_midway() const noexcept { return is_midway_; }
  std::string url() const;
  HttpRequest begin();
  void finish(const HttpAnswer& answer, Time now);

  // The request under way will not be answered: it is due again, and was no failure.
  void abandon(Time next);
  // The keys in force are those that the same issuer had under another rule: they stay until the new place answers, or
  // until they are too old, so that a policy with another jwks_uri costs no request.
  void take_over(Issuer& old);
  // The validator may have lost the keys in force, by a ruleset without the issuer or a step of its requests' clock: it
  // gets them again. Not those of another rule, whose place the policy no longer names. Keys that somebody withdrew
  // come back too: to distrust an issuer is for the policy.
  void put_back();
  // There is no budget for the request before `until`.
  void postpone(Time until, simdjwt_error error);
  // What validations ask for. Nothing breaks a backoff: an endpoint that fails gets no more load because it is missed.
  void want(std::uint32_t reasons, Time now);

  // When the keys in force become too old; nothing without keys.
  std::optional<Time> stale_at() const;
  // Withdraws keys that are.
  void expire(Time now);

 private:
  bool wants_discovery(Time at) const;
  bool is_told_where() const noexcept { return !rule_.jwks_uri.empty(); }
  void go_on_with_keys(Time now);
  void finish_discovery(const HttpAnswer& answer, Time now);
  void finish_keys(const HttpAnswer& answer, Time now);
  simdjwt_error publish(const simdjwt_jwks* jwks);
  simdjwt_error take_keys(KeySet keys, std::string_view body, std::string_view etag);
  void confirm(const HttpAnswer& answer, Time now);
  void fail(simdjwt_error error, std::string detail, const HttpAnswer& answer, Time now);
  void end_attempt(Time next);
  void load(Time now);
  void refuse_kept(std::string detail);
  void save(Time now);
  void show_state();

  IssuerRule rule_;
  Environment& environment_;
  Backoff backoff_;
  IssuerReport report_;

  std::string uri_;  // of the keys; empty before it has been discovered
  std::optional<Time> discovered_;
  std::uint32_t uri_failures_ = 0;    // in a row, at a place that was discovered
  bool is_discovering_ = false;       // the next request, or the one under way, is for metadata
  std::size_t well_known_ = 0;        // which of their places it asks: first the one that had them last
  std::size_t well_known_tried_ = 0;  // in this attempt
  HttpAnswer discovery_failure_;      // the most telling one of this attempt
  bool is_midway_ = false;
  bool is_conditional_ = false;  // the request under way has If-None-Match
  std::optional<Time> wanted_;   // when a want last began a fetch, or will
  bool wanted_again_ = false;    // a kid came up while the request under way may have been answered already

  JwksPtr jwks_;                // in force
  bool is_taken_over_ = false;  // they are of another rule
  std::string body_;            // that they were parsed from
  std::string etag_;
  std::string etag_url_;             // that it came from, after redirects; empty: uri_
  std::optional<Time> saved_;        // the confirmation that the state file tells of
  std::uint32_t saved_version_ = 0;  // of the state directory that it is in
};

}  // namespace simdjwt::fetch
