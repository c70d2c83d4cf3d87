// An absolute http or https URL, taken apart: one spelling, nothing that two readers could understand differently.
//
// Refused: userinfo, fragments, control characters, spaces and whatever RFC 3986 does not allow raw, empty labels,
// ports with leading zeros, and hosts that a resolver would take for an IPv4 address in another notation ("127.1",
// "0x7f000001"). Ownership: a Url owns its texts. Thread-safety: plain values. Cost: one pass, allocates. RFC 3986, RFC
// 9110 §4.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace simdjwt::fetch {

inline constexpr std::size_t kMaxUrlBytes = 2048;

struct Url {
  enum class Host : std::uint8_t { name, ipv4, ipv6 };

  bool is_https = true;
  Host kind = Host::name;
  std::string host;  // lower case; an IPv6 address in its canonical form (RFC 5952), without brackets
  std::uint16_t port = 443;
  std::string target;  // path and query, from "/" on (RFC 9112 §3.2.1)

  bool operator==(const Url&) const = default;
};

std::optional<Url> parse_url(std::string_view text);

// host[:port] as in the Host field: the scheme's own port is left out (RFC 9110 §7.2).
std::string print_authority(const Url& url);
std::string print_url(const Url& url);

// The same scheme, host and port (RFC 6454 §5).
bool is_same_origin(const Url& a, const Url& b);

// A Location value against the URL that it came from (RFC 3986 §5.2). Its fragment is dropped: it is never sent.
std::optional<Url> resolve_reference(const Url& base, std::string_view reference);

}  // namespace simdjwt::fetch
