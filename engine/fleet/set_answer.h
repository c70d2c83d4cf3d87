// What the answer to one SET NX means for the use it was to record.
//
// Ownership: values. Thread-safety: pure functions. Source: redis.io/docs/latest/commands/set, and the cluster
// specification ("MOVED Redirection", "ASK Redirection").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fleet/address.h"
#include "fleet/reply.h"
#include "simdjwt/fleet.h"

namespace simdjwt::fleet {

struct SetAnswer {
  enum class Kind {
    set,        // the key was not there and is now
    taken,      // the key was there
    moved,      // nothing was done: ask `target` about this slot from now on
    ask,        // nothing was done: ask `target` this once, after ASKING
    elsewhere,  // nothing was done: this node takes no writes
    refused     // nothing was done, or nobody can say: `error`
  };

  Kind kind = Kind::refused;
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FLEET_* of refused
  std::uint32_t slot = 0;            // of moved
  std::optional<Address> target;     // of moved and ask
};

// A host that is missing from a redirection means the host that was asked.
SetAnswer read_set_answer(const Reply& reply, const std::string& asked_host);

// What an error reply is: SIMDJWT_FLEET_AUTH, SIMDJWT_FLEET_READ_ONLY, or SIMDJWT_FLEET_PROTOCOL.
simdjwt_error error_of(const Reply& reply) noexcept;

// What a refusal of AUTH is to a person. Nothing of what the server says is shown but a word that is known: some
// servers repeat the command that they refuse, and the password with it.
std::string_view auth_refusal(const Reply& reply) noexcept;

// An error reply for a person: its first characters, the printable ones.
std::string printable(const std::string& text);

}  // namespace simdjwt::fleet
