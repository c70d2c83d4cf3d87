// The options that say what is accepted: a policy document, or flags from which one is written.
//
// There is one way into the engine, a document (docs/policy.md): a mistake in a flag is reported with the path it has
// there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "handles.h"

namespace CLI {
class App;
}

namespace simdjwt::cli {

class PolicyOptions {
 public:
  void add_to(CLI::App& command);

  // The document: that of --policy, or one with a single rule.
  std::string document() const;
  // What to call it in a message.
  std::string name() const { return policy_.empty() ? "the policy made from the options" : policy_; }

  // True when there is no document: the one issuer there is was named by --issuer.
  bool is_from_options() const noexcept { return policy_.empty(); }

  // The issuer whose keys the key options hold, when --issuer says so.
  const std::string& issuer() const noexcept { return issuer_; }
  std::int64_t now() const;
  const std::string& nonce() const noexcept { return nonce_; }
  // What the operation needs; scopes that were given together are taken apart.
  std::vector<std::string> scopes() const;

 private:
  std::string policy_;
  std::string issuer_;
  std::string profile_;
  std::string nonce_;
  std::vector<std::string> audiences_;
  std::vector<std::string> algorithms_;
  std::vector<std::string> typ_;
  std::vector<std::string> required_claims_;
  std::vector<std::string> scopes_;
  std::optional<std::int64_t> leeway_;
  std::optional<std::int64_t> max_age_;
  std::optional<std::int64_t> now_;
  bool any_audience_ = false;
  bool any_typ_ = false;
  bool ignore_other_claims_ = false;
};

// A document compiled; throws Failure with its path.
Ruleset compile_policy(const std::string& name, std::string_view document);

}  // namespace simdjwt::cli
