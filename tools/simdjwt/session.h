// Everything one validation needs, from the options: policy, keys, validator and the request.
//
// Keys that were not given are fetched, but only for issuers of the policy that a token names: what nobody asks about
// costs no request.
//
// Ownership: owns all of it. Thread-safety: validator and request may be shared once loaded; a scratch may not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fetch_options.h"
#include "handles.h"
#include "key_options.h"
#include "policy_options.h"

namespace simdjwt::cli {

class Session {
 public:
  // Throws Failure: the policy or the keys are bad, or nothing says whose keys they are.
  Session(const PolicyOptions& policy, const KeyOptions& keys);

  std::string_view policy() const noexcept { return policy_; }
  const KeySource& keys() const noexcept { return keys_; }
  // Fetches and publishes the keys that the tokens need, were not given, and have a place to be had: the rule's
  // jwks_uri, or its issuer's metadata. What cannot be fetched is told on standard error, and the tokens get
  // keys_unavailable.
  void fetch_keys(std::span<const std::string_view> tokens, const FetchOptions& options);

  // The issuer for which the keys were published; empty when there are none, or when the policy holds its own.
  const std::string& keys_issuer() const noexcept { return keys_issuer_; }
  const simdjwt_ruleset* ruleset() const noexcept { return ruleset_.get(); }
  const simdjwt_validator* validator() const noexcept { return validator_.get(); }
  simdjwt_validator* validator() noexcept { return validator_.get(); }
  std::int64_t now() const noexcept { return now_; }
  const std::vector<std::string>& scopes() const noexcept { return scopes_; }

  Scratch new_scratch() const;

  // Views into this session and the token.
  simdjwt_request request(std::string_view token) const;

 private:
  void publish(const PolicyOptions& options);
  void fetch_for(std::uint32_t issuer, const simdjwt_fetch_policy& policy);

  bool is_from_options_;

  std::string policy_;
  KeySource keys_;
  std::string keys_issuer_;
  Ruleset ruleset_;
  Validator validator_;
  std::int64_t now_;
  std::string nonce_;
  std::vector<std::string> scopes_;
  std::vector<simdjwt_str> scope_views_;
};

}  // namespace simdjwt::cli
