// A rule of a policy document as the engine applies it, profile defaults included (docs/policy.md): for explaining
// only.
//
// Ownership: views into the document. Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "json_document.h"

namespace simdjwt::cli {

struct RuleView {
  std::string_view issuer;
  std::vector<std::string_view> algorithms;
  std::vector<std::string_view> audiences;
  std::vector<std::string_view> typ;
  std::vector<std::string_view> required_claims;
  std::vector<std::string_view> scopes;
  std::int64_t leeway = 0;
  std::optional<std::int64_t> max_age;
  bool once = false;            // a token is accepted once ...
  std::string_view unique_per;  // ... "issuer", "subject" or "client"
  std::int64_t max_retention = 0;
  const JsonNode* claims = nullptr;  // what single claims must be
  const JsonNode* jwks = nullptr;    // the keys, inline
  bool knows_claim(std::string_view name) const noexcept;

  bool id_token = false;
};

// The rules of a document that has compiled, in order.
std::vector<RuleView> rules_of(const JsonDocument& policy);

// limits.max_token_bytes, limits.max_kid_bytes and the like, or `otherwise`.
std::int64_t limit_of(const JsonDocument& policy, std::string_view name, std::int64_t otherwise);

}  // namespace simdjwt::cli
