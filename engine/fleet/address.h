// Where a server is: a host and a port as they are written, and what a socket takes.
//
// Ownership: values. Thread-safety: pure functions; none blocks.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simdjwt::fleet {

struct Address {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 0;

  std::string text() const;  // "host:port", "[host]:port" where the host has colons
  friend bool operator==(const Address&, const Address&) = default;
};

// "redis.example:6379", "10.0.0.1:6379", "[::1]:6379".
std::optional<Address> parse_address(std::string_view text);

// A port in decimal, 1 to 65535, and nothing else.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Of a host that is an address, or a name of the loopback, which no name server is asked for (RFC 6761 §6.3).
std::vector<SocketAddress> known_addresses(const Address& address);

}  // namespace simdjwt::fleet
