// What a server says of itself and of its Cluster, read from its replies.
//
// Ownership: values. Thread-safety: pure functions. Cost: linear in the reply. Nothing is trusted to be well formed.
// Source: redis.io/docs/latest/commands: ROLE, CLUSTER SLOTS, INFO.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/address.h"
#include "fleet/reply.h"

namespace simdjwt::fleet {

enum class Role { unknown, primary, replica };

// unknown for what is no answer to ROLE.
Role read_role(const Reply& reply) noexcept;

struct SlotRange {
  std::uint32_t first = 0, last = 0;  // both included
  Address primary;
};

// The answer to CLUSTER SLOTS. A range whose primary has no name that could be connected to is left out: its keys have
// no node until one is known. A host that is null or empty means the host that was asked. Nothing: this is no such
// answer.
std::optional<std::vector<SlotRange>> read_slots(const Reply& reply, const std::string& asked_host);

// maxmemory_policy of INFO memory, where it may evict keys that have not expired; empty otherwise.
std::string evicting_policy(const Reply& info);

}  // namespace simdjwt::fleet
