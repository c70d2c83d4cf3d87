#include "validator/ruleset.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

namespace simdjwt {

struct Ruleset::Index {
  absl::flat_hash_map<absl::string_view, std::uint32_t> by_issuer;
};

Ruleset::Ruleset() : index_(std::make_unique<Index>()) {}
Ruleset::~Ruleset() = default;

void Ruleset::build_index() {
  for (std::uint32_t i = 0; i < issuers_.size(); ++i) {
    index_->by_issuer.try_emplace(absl::string_view(issuers_[i].issuer), i);
    algorithms_ = algorithms_ | issuers_[i].algorithms;
  }
}

std::uint32_t Ruleset::find(std::string_view issuer) const noexcept {
  // An issuer that came from nowhere is no issuer.
  if (issuer.data() == nullptr) return kNoIssuer;
  const auto found = index_->by_issuer.find(absl::string_view(issuer.data(), issuer.size()));
  return found == index_->by_issuer.end() ? kNoIssuer : found->second;
}

}  // namespace simdjwt
