// Which addresses a fetch does not connect to unless the policy says allow_private_addresses: whatever is not for
// everybody's use on the Internet. A URL that an attacker can choose must not reach what only this machine can reach.
//
// Asked of the address that is then connected to, so that no second look-up can give another (DNS rebinding).
// Thread-safety: pure functions. Cost: a pass over a short table. RFC 6890 and IANA's special-purpose address
// registries.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace simdjwt::fetch {

using Ipv4Bytes = std::array<std::uint8_t, 4>;
using Ipv6Bytes = std::array<std::uint8_t, 16>;

bool is_private_address(const Ipv4Bytes& address) noexcept;

// Also by the IPv4 address within, where an IPv6 address leads to one: mapped, NAT64 (64:ff9b::/96) and 6to4.
bool is_private_address(const Ipv6Bytes& address) noexcept;

// "localhost" and what ends in ".localhost" (RFC 6761 §6.3), in lower case: for when a proxy looks the name up.
bool is_loopback_name(std::string_view host) noexcept;

}  // namespace simdjwt::fetch
