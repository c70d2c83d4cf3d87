#include "validator/policy_fetch.h"

#include <algorithm>
#include <string_view>

namespace simdjwt {
namespace {

constexpr std::int64_t kDay = 86400;

bool is_url(std::string_view text, bool allow_http) {
  const std::string_view scheme = text.starts_with("https://") ? "https://" : "http://";
  if (!text.starts_with(scheme) || (scheme == "http://" && !allow_http)) return false;
  const std::string_view rest = text.substr(scheme.size());
  return !rest.empty() && rest.find_first_of("/?#") != 0 &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

std::string_view url_expected(bool allow_http) {
  return allow_http ? "an https or http URL" : "an https URL";
}

// http://host:port: the connection to the proxy is plain, what goes through it is not.
std::string read_proxy(const PolicyValue& fetch) {
  constexpr std::string_view kExpected = "http://host:port";
  if (!fetch.has("proxy")) return {};
  const PolicyValue value = fetch.at("proxy");
  const std::string_view text = value.string(kExpected);
  const std::string_view place = text.substr(std::min<std::size_t>(text.size(), 7));
  const std::size_t colon = place.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? "" : place.substr(colon + 1);
  const bool is_number =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!text.starts_with("http://") || !is_url(text, true) || place.find_first_of("/?#@") != std::string_view::npos ||
      colon == 0 || !is_number || std::stoi(std::string(port)) > 65535 || std::stoi(std::string(port)) == 0) {
    value.fail(Error::policy_member_value, std::string(kExpected));
  }
  return std::string(text);
}

// The error names the member that the document has; the other one may be a default.
void require_order(const PolicyValue& fetch, std::string_view low_name, std::uint64_t low, std::string_view high_name,
                   std::uint64_t high) {
  if (low <= high) return;
  const bool named_high = fetch.has(high_name);
  const std::string limit =
      named_high ? "no less than " + std::string(low_name) : "no more than " + std::string(high_name);
  fetch.fail_member(Error::policy_member_value, named_high ? high_name : low_name, limit);
}

}  // namespace

std::string read_url(const PolicyValue& value, bool allow_http) {
  const std::string expected(url_expected(allow_http));
  const std::string_view text = value.string(expected);
  if (!is_url(text, allow_http)) value.fail(Error::policy_member_value, expected);
  return std::string(text);
}

bool read_discovery(const PolicyValue& rule, bool allow_http) {
  if (!rule.has("discovery")) return false;
  const PolicyValue value = rule.at("discovery");
  value.literal_true();
  for (const std::string_view other : {"jwks", "jwks_uri"}) {
    if (rule.has(other)) value.fail(Error::policy_member_value, "either discovery or " + std::string(other));
  }
  const std::string_view issuer = rule.at("issuer").string();
  if (!is_url(issuer, allow_http) || issuer.find_first_of("?#") != std::string_view::npos) {
    value.fail(Error::policy_member_value,
               "an issuer that is " + std::string(url_expected(allow_http)) + " without query and fragment");
  }
  return true;
}

FetchPolicy read_fetch(const PolicyValue& document) {
  FetchPolicy out;
  if (!document.has("fetch")) return out;
  const PolicyValue fetch = document.at("fetch");
  fetch.object();
  fetch.allow_only({"deadline_ms", "max_body_bytes", "max_header_bytes", "max_redirects",
                    "allow_cross_origin_redirects", "allow_private_addresses", "allow_http", "min_refresh_s",
                    "max_refresh_s", "max_stale_s", "cooldown_s", "unknown_kid_ttl_s", "min_backoff_ms",
                    "max_backoff_s", "host_requests_per_minute", "ca_file", "proxy", "state_dir"});
  fetch.read_number("deadline_ms", 10, 60000, out.deadline_ms);
  fetch.read_number("max_body_bytes", 1024, static_cast<std::int64_t>(JwkSet::kMaxBytes), out.max_body_bytes);
  fetch.read_number("max_header_bytes", 1024, 1 << 20, out.max_header_bytes);
  fetch.read_number("max_redirects", 0, 10, out.max_redirects);
  out.cross_origin_redirects = fetch.allows("allow_cross_origin_redirects");
  out.private_addresses = fetch.allows("allow_private_addresses");
  out.http = fetch.allows("allow_http");
  fetch.read_number("min_refresh_s", 1, kDay, out.min_refresh_s);
  fetch.read_number("max_refresh_s", 1, 7 * kDay, out.max_refresh_s);
  fetch.read_number("max_stale_s", 1, 365 * kDay, out.max_stale_s);
  fetch.read_number("cooldown_s", 1, 3600, out.demand.cooldown_s);
  fetch.read_number("unknown_kid_ttl_s", 0, kDay, out.demand.unknown_kid_ttl_s);
  fetch.read_number("min_backoff_ms", 10, 60000, out.min_backoff_ms);
  fetch.read_number("max_backoff_s", 1, 3600, out.max_backoff_s);
  fetch.read_number("host_requests_per_minute", 1, 100000, out.host_requests_per_minute);
  if (fetch.has("ca_file")) out.ca_file = fetch.at("ca_file").file_path();
  out.proxy = read_proxy(fetch);
  if (fetch.has("state_dir")) out.state_dir = fetch.at("state_dir").file_path();
  require_order(fetch, "min_refresh_s", out.min_refresh_s, "max_refresh_s", out.max_refresh_s);
  require_order(fetch, "max_refresh_s", out.max_refresh_s, "max_stale_s", out.max_stale_s);
  require_order(fetch, "min_backoff_ms", out.min_backoff_ms, "max_backoff_s", std::uint64_t{1000} * out.max_backoff_s);
  return out;
}

}  // namespace simdjwt
