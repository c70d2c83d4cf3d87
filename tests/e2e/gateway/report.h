// What the gateway prints: one JSON object a line.
//
// Ownership: results are owned strings. Thread-safety: stateless.
#pragma once

#include <simdjwt/fetch.h>

#include <string>

#include "traffic.h"

namespace simdjwt::gateway {

// "text", with what JSON wants escaped (RFC 8259 §7).
std::string json_string(std::string_view text);

// {"counts":{CLASS:{ERROR:N}},"validations":N,"p50_ns":N,"p99_ns":N,"p999_ns":N}, without the braces.
std::string tally_members(const Tally& tally);

// [{"issuer":...,"state":...}], every issuer of the fetcher in order.
std::string health_array(const simdjwt_fetcher* fetcher);

}  // namespace simdjwt::gateway
