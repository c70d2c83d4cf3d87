#include "report.h"

#include <cstdio>

namespace simdjwt::gateway {
namespace {

std::string member(const char* name, std::uint64_t value) {
  return json_string(name) + ":" + std::to_string(value);
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string tally_members(const Tally& tally) {
  std::string counts;
  std::string open;
  for (const auto& [key, count] : tally.counts) {
    const auto& [label, error] = key;
    if (counts.empty() || open != label) counts += (counts.empty() ? "" : "},") + json_string(label) + ":{";
    if (counts.back() != '{') counts += ",";
    counts += member(simdjwt_error_name(error), count);
    open = label;
  }
  return "\"counts\":{" + counts + (counts.empty() ? "" : "}") + "}," + member("validations", tally.times.total()) +
         "," + member("p50_ns", tally.times.quantile(500)) + "," + member("p99_ns", tally.times.quantile(990)) + "," +
         member("p999_ns", tally.times.quantile(999));
}

std::string health_array(const simdjwt_fetcher* fetcher) {
  std::string out = "[";
  simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
  for (std::uint32_t i = 0; simdjwt_fetcher_health(fetcher, i, &health) == SIMDJWT_OK; ++i) {
    if (i != 0) out += ",";
    out += "{\"issuer\":" + json_string(health.issuer) +
           ",\"state\":" + json_string(simdjwt_fetch_state_name(health.state)) +
           ",\"error\":" + json_string(simdjwt_error_name(health.last_error)) +
           ",\"detail\":" + json_string(health.last_detail) + ",\"jwks_uri\":" + json_string(health.jwks_uri) + "," +
           member("status", health.last_status) + ",\"age_ms\":" + std::to_string(health.age_ms) +
           ",\"next_try_ms\":" + std::to_string(health.next_try_ms) + "," + member("keys", health.usable_keys) + "," +
           member("dropped", health.dropped_keys) + "," + member("fetches", health.fetches) + "," +
           member("failures", health.failures) + "," + member("not_modified", health.not_modified) + "," +
           member("consecutive_failures", health.consecutive_failures) + "," +
           member("from_state_dir", health.from_state_dir) + "}";
  }
  return out + "]";
}

}  // namespace simdjwt::gateway
