// simdjwt jwks --watch: a fetcher at work on the issuers of a policy.
#pragma once

#include <string>

namespace simdjwt::cli {

struct WatchOptions {
  std::string policy;
  unsigned seconds = 0;  // 0: until a signal
};

// A table redrawn each second on a terminal; else, or with `json`, one JSON line for every change. Ends after the time
// that was given, or by SIGINT or SIGTERM. Returns the exit code; throws Failure.
int run_watch(const WatchOptions& options, bool json);

}  // namespace simdjwt::cli
