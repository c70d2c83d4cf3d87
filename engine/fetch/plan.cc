#include "fetch/plan.h"

#include "fetch/metadata.h"

namespace simdjwt::fetch {
namespace {

std::string text(const simdjwt_str& str) {
  return str.data == nullptr ? std::string() : std::string(str.data, static_cast<std::size_t>(str.size));
}

simdjwt_str view_of(const std::string& text) {
  return {text.data(), text.size()};
}

PlanResult refuse(simdjwt_error error, std::uint32_t index, const char* member, const char* expected) {
  PlanResult result;
  result.error = error;
  result.path = "issuers[" + std::to_string(index) + "]." + member;
  result.expected = expected;
  return result;
}

}  // namespace

// The size is known, so that there is no error.
OwnedPolicy::OwnedPolicy() : numbers_(SIMDJWT_FETCH_POLICY_INIT) {
  [[maybe_unused]] const simdjwt_error error = simdjwt_fetch_policy_defaults(&numbers_);
}

OwnedPolicy::OwnedPolicy(const simdjwt_fetch_policy& policy)
    : numbers_(policy),
      ca_file_(text(policy.ca_file)),
      proxy_(text(policy.proxy)),
      state_dir_(text(policy.state_dir)),
      has_ca_file_(policy.ca_file.data != nullptr),
      has_proxy_(policy.proxy.data != nullptr) {}

simdjwt_fetch_policy OwnedPolicy::view() const {
  simdjwt_fetch_policy policy = numbers_;
  policy.ca_file = has_ca_file_ ? view_of(ca_file_) : simdjwt_str{nullptr, 0};
  policy.proxy = has_proxy_ ? view_of(proxy_) : simdjwt_str{nullptr, 0};
  policy.state_dir = state_dir_.empty() ? simdjwt_str{nullptr, 0} : view_of(state_dir_);
  return policy;
}

PlanResult make_plan(const simdjwt_ruleset* ruleset) {
  PlanResult result;
  simdjwt_fetch_policy policy = SIMDJWT_FETCH_POLICY_INIT;
  result.error = simdjwt_ruleset_fetch(ruleset, &policy);
  if (result.error != SIMDJWT_OK) return result;
  result.plan.policy = OwnedPolicy(policy);
  const std::uint32_t count = simdjwt_ruleset_issuer_count(ruleset);
  for (std::uint32_t i = 0; i < count; ++i) {
    simdjwt_issuer_info info = SIMDJWT_ISSUER_INFO_INIT;
    result.error = simdjwt_ruleset_issuer(ruleset, i, &info);
    if (result.error != SIMDJWT_OK) return result;
    const bool is_discovered = info.has_discovery != 0 && info.jwks_uri.data == nullptr;
    if (info.has_inline_keys != 0 || (info.jwks_uri.data == nullptr && !is_discovered)) continue;
    IssuerRule rule{text(info.issuer), text(info.jwks_uri)};
    // Discovery asks at the issuer itself (RFC 8414 §2: an https URL without query and fragment).
    const std::string url = is_discovered ? well_known_urls(rule.issuer)[0] : rule.jwks_uri;
    if (!is_fetchable(url, policy.allow_http != 0)) {
      return refuse(SIMDJWT_FETCH_URL, i, is_discovered ? "issuer" : "jwks_uri",
                    policy.allow_http != 0 ? "an absolute http or https URL" : "an absolute https URL");
    }
    result.plan.rules.push_back(std::move(rule));
  }
  return result;
}

}  // namespace simdjwt::fetch
