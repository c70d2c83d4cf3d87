// The options that say how keys are fetched, and one fetch under them.
//
// They go on top of the `fetch` member of a policy document (docs/policy.md), or of the defaults without one.
#pragma once

#include <simdjwt/fetch.h>

#include <cstdint>
#include <optional>
#include <string>

#include "handles.h"

namespace CLI {
class App;
}

namespace simdjwt::cli {

// What came of a fetch. With fetch_no_keys there may be a set all the same, in which no key is usable.
struct FetchedKeys {
  simdjwt_error error = SIMDJWT_OK;
  std::string detail;    // for a person, when there is an error
  std::string jwks_uri;  // where the keys are, as far as that was found out
  Jwks keys;

  // "https://as.example: fetch_connect (no connection to the server): connect: Connection refused".
  std::string message(const std::string& url) const;
};

class FetchOptions {
 public:
  void add_to(CLI::App& command);

  // True when one of the options was given.
  bool any() const noexcept;

  // Whether to look at a place over the network at all: https, or http.
  static bool is_url(const std::string& text) noexcept;

  // Blocks up to the deadline, once for metadata and once for keys. With `discover` the URL is an issuer.
  static FetchedKeys fetch(const std::string& url, bool discover, const simdjwt_fetch_policy& policy);

  // The rules of a ruleset, or the defaults when it is NULL, with the options on top. Views are of both.
  simdjwt_fetch_policy policy_of(const simdjwt_ruleset* ruleset) const;

 private:
  bool http_ = false;
  bool private_addresses_ = false;
  std::string ca_file_;
  std::optional<std::uint32_t> deadline_ms_;
};

}  // namespace simdjwt::cli
