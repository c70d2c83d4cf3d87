#include "fetch/address_rule.h"

#include <algorithm>
#include <cstddef>

namespace simdjwt::fetch {
namespace {

template <std::size_t N>
struct Prefix {
  std::array<std::uint8_t, N> bytes;
  unsigned bits;

  constexpr bool holds(const std::array<std::uint8_t, N>& address) const noexcept {
    for (unsigned bit = 0; bit < bits; bit += 8) {
      const unsigned kept = std::min(8U, bits - bit);
      const unsigned mask = 0xff00U >> kept & 0xffU;
      if ((address[bit / 8] & mask) != bytes[bit / 8]) return false;
    }
    return true;
  }
};

constexpr Prefix<4> kPrivateIpv4[] = {
    {{0}, 8},              // this network, unspecified (RFC 791)
    {{10}, 8},             // private (RFC 1918)
    {{100, 64}, 10},       // carrier-grade NAT (RFC 6598)
    {{127}, 8},            // loopback (RFC 1122)
    {{169, 254}, 16},      // link-local (RFC 3927); cloud metadata at 169.254.169.254
    {{172, 16}, 12},       // private (RFC 1918)
    {{192, 0, 0}, 24},     // protocol assignments (RFC 6890)
    {{192, 0, 2}, 24},     // documentation (RFC 5737)
    {{192, 88, 99}, 24},   // 6to4 relays, withdrawn (RFC 7526)
    {{192, 168}, 16},      // private (RFC 1918)
    {{198, 18}, 15},       // benchmarks (RFC 2544)
    {{198, 51, 100}, 24},  // documentation (RFC 5737)
    {{203, 0, 113}, 24},   // documentation (RFC 5737)
    {{224}, 4},            // multicast (RFC 5771)
    {{240}, 4},            // reserved (RFC 1112) and broadcast
};

// All of IPv6 but global unicast is private: loopback, unspecified, unique local, link-local, multicast and
// IPv4-compatible addresses lie outside of it.
constexpr Prefix<16> kGlobalUnicast = {{0x20}, 3};  // RFC 4291 §2.4
constexpr Prefix<16> kPrivateIpv6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation (RFC 3849)
    {{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};

struct Embedding {
  Prefix<16> prefix;
  std::size_t offset;  // of the IPv4 address
};
constexpr Embedding kEmbeddings[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12},  // IPv4-mapped (RFC 4291 §2.5.5.2)
    {{{0, 0x64, 0xff, 0x9b}, 96}, 12},                       // NAT64 (RFC 6052 §2.1)
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4 (RFC 3056 §2)
};

}  // namespace

bool is_private_address(const Ipv4Bytes& address) noexcept {
  return std::any_of(std::begin(kPrivateIpv4), std::end(kPrivateIpv4),
                     [&](const Prefix<4>& prefix) { return prefix.holds(address); });
}

bool is_private_address(const Ipv6Bytes& address) noexcept {
  for (const Embedding& embedding : kEmbeddings) {
    if (!embedding.prefix.holds(address)) continue;
    Ipv4Bytes inner{};
    std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(embedding.offset), inner.size(), inner.begin());
    return is_private_address(inner);
  }
  return !kGlobalUnicast.holds(address) || std::any_of(std::begin(kPrivateIpv6), std::end(kPrivateIpv6),
                                                       [&](const Prefix<16>& prefix) { return prefix.holds(address); });
}

bool is_loopback_name(std::string_view host) noexcept {
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace simdjwt::fetch
