// How keys are to be fetched: the `fetch` member of the policy document (docs/policy.md). The core fetches nothing; it
// keeps to the cooldown and the memory for unknown keys, the rest is for whoever fetches.
//
// Ownership: a plain value.
#pragma once

#include <cstdint>
#include <string>

#include "jwk/jwks_cache.h"

namespace simdjwt {

struct FetchPolicy {
  std::uint32_t deadline_ms = 5000;
  std::uint32_t max_body_bytes = 1 << 20;
  std::uint32_t max_header_bytes = 16384;
  std::uint32_t max_redirects = 2;
  bool cross_origin_redirects = false;
  bool private_addresses = false;
  bool http = false;
  std::uint32_t min_refresh_s = 60;
  std::uint32_t max_refresh_s = 600;
  std::uint32_t max_stale_s = 86400;
  DemandLimits demand;
  std::uint32_t min_backoff_ms = 500;
  std::uint32_t max_backoff_s = 30;
  std::uint32_t host_requests_per_minute = 120;
  std::string ca_file;  // these three: empty when missing
  std::string proxy;
  std::string state_dir;
};

}  // namespace simdjwt
