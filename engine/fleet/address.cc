#include "fleet/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace simdjwt::fleet {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035 §2.3.4

SocketAddress socket_address(const in_addr& ip, std::uint16_t port) noexcept {
  SocketAddress address;
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  ipv4.sin_addr = ip;
  std::memcpy(&address.storage, &ipv4, sizeof ipv4);
  address.size = sizeof ipv4;
  return address;
}

SocketAddress socket_address(const in6_addr& ip, std::uint16_t port) noexcept {
  SocketAddress address;
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  ipv6.sin6_addr = ip;
  std::memcpy(&address.storage, &ipv6, sizeof ipv6);
  address.size = sizeof ipv6;
  return address;
}

bool is_loopback_name(std::string_view host) {
  std::string lower(host);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "localhost" || lower.ends_with(".localhost");
}

bool is_host_character(char c) noexcept {
  return c > ' ' && c < 0x7f && c != '[' && c != ']' && c != '/' && c != '@';
}

}  // namespace

std::string Address::text() const {
  const bool has_colon = host.find(':') != std::string::npos;
  return (has_colon ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<Address> parse_address(std::string_view text) {
  std::string_view host;
  if (text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    in6_addr ipv6;
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &ipv6) != 1) return std::nullopt;
    text.remove_prefix(close + 2);
  } else {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    host = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::optional<std::uint16_t> port = parse_port(text);
  if (!port || host.empty() || host.size() > kMaxHost || !std::all_of(host.begin(), host.end(), is_host_character)) {
    return std::nullopt;
  }
  return Address{std::string(host), *port};
}

std::vector<SocketAddress> known_addresses(const Address& address) {
  if (in_addr ipv4; ::inet_pton(AF_INET, address.host.c_str(), &ipv4) == 1) {
    return {socket_address(ipv4, address.port)};
  }
  if (in6_addr ipv6; ::inet_pton(AF_INET6, address.host.c_str(), &ipv6) == 1) {
    return {socket_address(ipv6, address.port)};
  }
  if (!is_loopback_name(address.host)) return {};
  return {socket_address(in_addr{htonl(INADDR_LOOPBACK)}, address.port),
          socket_address(in6addr_loopback, address.port)};
}

}  // namespace simdjwt::fleet
