#include "fleet/server_facts.h"

#include <string_view>

#include "fleet/key_slot.h"

namespace simdjwt::fleet {
namespace {

using Kind = Reply::Kind;

bool is_slot(const Reply& reply) noexcept {
  return reply.is(Kind::integer) && reply.integer >= 0 && reply.integer < static_cast<long long>(kSlots);
}

std::optional<Address> read_node(const Reply& node, const std::string& asked_host) {
  if (!node.is(Kind::array) || node.parts.size() < 2) return std::nullopt;
  const Reply& host = *node.parts[0];
  const Reply& port = *node.parts[1];
  const bool is_same_host = host.is(Kind::nil) || (host.is(Kind::text) && host.text.empty());
  if (!is_same_host && !host.is(Kind::text)) return std::nullopt;
  if (!port.is(Kind::integer) || port.integer < 1 || port.integer > 65535) return std::nullopt;
  Address address{is_same_host ? asked_host : host.text, static_cast<std::uint16_t>(port.integer)};
  // "?" is a host that has not been announced; it and whatever else could not be written in a policy is no address.
  if (address.host == "?" || parse_address(address.text()) != address) return std::nullopt;
  return address;
}

}  // namespace

Role read_role(const Reply& reply) noexcept {
  if (!reply.is(Kind::array) || reply.parts.empty() || !reply.parts[0]->is(Kind::text)) return Role::unknown;
  const std::string& name = reply.parts[0]->text;
  if (name == "master") return Role::primary;
  return name == "slave" || name == "replica" ? Role::replica : Role::unknown;
}

std::optional<std::vector<SlotRange>> read_slots(const Reply& reply, const std::string& asked_host) {
  if (!reply.is(Kind::array)) return std::nullopt;
  std::vector<SlotRange> ranges;
  for (const auto& part : reply.parts) {
    if (!part->is(Kind::array) || part->parts.size() < 3) return std::nullopt;
    const Reply &first = *part->parts[0], &last = *part->parts[1];
    if (!is_slot(first) || !is_slot(last) || first.integer > last.integer) return std::nullopt;
    if (std::optional<Address> primary = read_node(*part->parts[2], asked_host)) {
      ranges.push_back(
          {static_cast<std::uint32_t>(first.integer), static_cast<std::uint32_t>(last.integer), std::move(*primary)});
    }
  }
  return ranges;
}

std::string evicting_policy(const Reply& info) {
  constexpr std::string_view kField = "\nmaxmemory_policy:";
  const std::size_t at = info.text.find(kField);
  if (!info.is(Kind::text) || at == std::string::npos) return {};
  const std::size_t begin = at + kField.size();
  std::string policy = info.text.substr(begin, info.text.find_first_of("\r\n", begin) - begin);
  if (policy == "noeviction" || policy.size() > 32) return {};
  return policy;
}

}  // namespace simdjwt::fleet
