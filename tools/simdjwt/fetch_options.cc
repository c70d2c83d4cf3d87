#include "fetch_options.h"

#include <CLI/CLI.hpp>
#include <array>

#include "failure.h"
#include "text.h"

namespace simdjwt::cli {

std::string FetchedKeys::message(const std::string& url) const {
  return printable(url) + ": " + simdjwt_error_name(error) + " (" + simdjwt_error_text(error) + ")" +
         (detail.empty() ? "" : ": " + printable(detail));
}

void FetchOptions::add_to(CLI::App& command) {
  command.add_flag("--allow-http", http_, "Fetch over plain http too")->group("Fetching");
  command.add_flag("--allow-private-addresses", private_addresses_, "Fetch from loopback and private addresses too")
      ->group("Fetching");
  command.add_option("--ca-file", ca_file_, "Trusted roots in PEM, in place of the system's")
      ->type_name("FILE")
      ->group("Fetching");
  command.add_option("--fetch-deadline-ms", deadline_ms_, "For one fetch, redirects included (default 5000)")
      ->check(CLI::Range(10U, 60000U))
      ->type_name("MS")
      ->group("Fetching");
}

bool FetchOptions::any() const noexcept {
  return http_ || private_addresses_ || !ca_file_.empty() || deadline_ms_.has_value();
}

bool FetchOptions::is_url(const std::string& text) noexcept {
  return text.starts_with("https://") || text.starts_with("http://");
}

simdjwt_fetch_policy FetchOptions::policy_of(const simdjwt_ruleset* ruleset) const {
  auto policy = sized<simdjwt_fetch_policy>();
  require_ok(ruleset == nullptr ? simdjwt_fetch_policy_defaults(&policy) : simdjwt_ruleset_fetch(ruleset, &policy),
             "the way to fetch");
  if (http_) policy.allow_http = 1;
  if (private_addresses_) policy.allow_private_addresses = 1;
  if (!ca_file_.empty()) policy.ca_file = str(ca_file_);
  if (deadline_ms_) policy.deadline_ms = *deadline_ms_;
  return policy;
}

FetchedKeys FetchOptions::fetch(const std::string& url, bool discover, const simdjwt_fetch_policy& policy) {
  FetchedKeys out;
  simdjwt_jwks* keys = nullptr;
  std::array<char, 2048> place{};
  auto diagnostic = sized<simdjwt_diagnostic>();
  out.error = simdjwt_fetch_jwks(url.data(), url.size(), discover ? 1 : 0, &policy, &keys, place.data(), place.size(),
                                 &diagnostic);
  out.keys.reset(keys);
  out.detail = diagnostic.expected;
  out.jwks_uri = place.data();
  return out;
}

}  // namespace simdjwt::cli
