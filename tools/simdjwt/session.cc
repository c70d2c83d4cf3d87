#include "session.h"

#include <cstdio>
#include <set>

#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

// The issuers whose keys the policy does not hold.
std::vector<std::string_view> issuers_without_keys(const simdjwt_ruleset* ruleset) {
  std::vector<std::string_view> out;
  for (std::uint32_t i = 0; i < simdjwt_ruleset_issuer_count(ruleset); ++i) {
    auto info = sized<simdjwt_issuer_info>();
    require_ok(simdjwt_ruleset_issuer(ruleset, i, &info), "the policy's issuers");
    if (info.has_inline_keys == 0) out.push_back(view(info.issuer));
  }
  return out;
}

// Every key of the set and why it cannot be used.
std::string dropped_keys(const simdjwt_jwks* keys) {
  std::string out;
  auto info = sized<simdjwt_key_info>();
  for (std::uint32_t i = 0; i < 8 && simdjwt_jwks_key(keys, i, &info) == SIMDJWT_OK; ++i) {
    out += "\n  key " + std::to_string(i) + (info.kid.data == nullptr ? "" : " " + quote(view(info.kid))) + ": " +
           simdjwt_error_name(info.error) + " (" + simdjwt_error_text(info.error) + ")";
  }
  return out;
}

}  // namespace

Session::Session(const PolicyOptions& policy, const KeyOptions& keys)
    : is_from_options_(policy.is_from_options()),
      policy_(policy.document()),
      keys_(keys.load()),
      ruleset_(compile_policy(policy.name(), policy_)),
      now_(policy.now()),
      nonce_(policy.nonce()),
      scopes_(policy.scopes()) {
  for (const std::string& scope : scopes_) scope_views_.push_back(str(scope));
  simdjwt_validator* validator = nullptr;
  require_ok(simdjwt_validator_new(ruleset_.get(), &validator), "a validator");
  validator_.reset(validator);
  if (keys_.keys != nullptr) publish(policy);
}

// One key set is never given to several issuers: each could then sign for the others.
void Session::publish(const PolicyOptions& options) {
  const auto waiting = issuers_without_keys(ruleset_.get());
  if (!options.issuer().empty()) {
    keys_issuer_ = options.issuer();
  } else if (waiting.size() == 1) {
    keys_issuer_ = waiting.front();
  } else if (waiting.empty()) {
    throw Failure(printable(keys_.name) + ": the policy already holds the keys of each of its issuers");
  } else {
    throw Failure(printable(keys_.name) + ": say with --issuer whose keys these are: " + quote_list(waiting));
  }
  const simdjwt_error error =
      simdjwt_keys_publish(validator_.get(), keys_issuer_.data(), keys_issuer_.size(), keys_.keys.get());
  if (error == SIMDJWT_NOT_FOUND) {
    throw Failure("--issuer " + quote(keys_issuer_) +
                  ": the policy has no such issuer that waits for keys; those that do: " + quote_list(waiting));
  }
  if (error == SIMDJWT_JWKS_SHAPE) {
    throw Failure(printable(keys_.name) + ": no key of the set can be used" + dropped_keys(keys_.keys.get()));
  }
  require_ok(error, "publishing the keys");
}

void Session::fetch_keys(std::span<const std::string_view> tokens, const FetchOptions& options) {
  const Scratch scratch = new_scratch();
  std::set<std::uint32_t> missing;
  for (const std::string_view token : tokens) {
    simdjwt_request asked = request(token);
    asked.replay = SIMDJWT_REPLAY_CHECK;  // it is only asked for its keys
    auto verdict = sized<simdjwt_verdict>();
    const simdjwt_error error = simdjwt_validate(validator_.get(), scratch.get(), &asked, &verdict);
    if (error == SIMDJWT_KEYS_UNAVAILABLE) missing.insert(verdict.issuer_index);
  }
  const simdjwt_fetch_policy policy = options.policy_of(ruleset_.get());
  for (const std::uint32_t issuer : missing) fetch_for(issuer, policy);
}

void Session::fetch_for(std::uint32_t issuer, const simdjwt_fetch_policy& policy) {
  auto info = sized<simdjwt_issuer_info>();
  require_ok(simdjwt_ruleset_issuer(ruleset_.get(), issuer, &info), "the policy's issuers");
  const std::string name(view(info.issuer));
  const bool discover = info.has_discovery != 0 || (is_from_options_ && FetchOptions::is_url(name));
  if (info.jwks_uri.data == nullptr && !discover) return;
  const std::string url = info.jwks_uri.data == nullptr ? name : std::string(view(info.jwks_uri));
  FetchedKeys fetched = FetchOptions::fetch(url, info.jwks_uri.data == nullptr, policy);
  if (fetched.error != SIMDJWT_OK) {
    std::fprintf(stderr, "simdjwt: %s%s\n", fetched.message(url).c_str(),
                 fetched.keys == nullptr ? "" : dropped_keys(fetched.keys.get()).c_str());
    return;
  }
  require_ok(simdjwt_keys_publish(validator_.get(), name.data(), name.size(), fetched.keys.get()),
             "publishing the keys");
  keys_ = {fetched.jwks_uri, std::move(fetched.keys)};
  keys_issuer_ = name;
}

Scratch Session::new_scratch() const {
  simdjwt_scratch* scratch = nullptr;
  require_ok(simdjwt_scratch_new(validator_.get(), 0, &scratch), "a scratch");
  return Scratch(scratch);
}

simdjwt_request Session::request(std::string_view token) const {
  auto request = sized<simdjwt_request>();
  request.token = str(token);
  request.now = now_;
  request.required_scopes = scope_views_.empty() ? nullptr : scope_views_.data();
  request.required_scope_count = static_cast<std::uint32_t>(scope_views_.size());
  if (!nonce_.empty()) request.nonce = str(nonce_);
  return request;
}

}  // namespace simdjwt::cli
