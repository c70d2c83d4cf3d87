// What a ruleset asks of the fleet, with the secrets read from their files.
//
// Ownership: owns its texts; wipes the secrets when it goes. Thread-safety: immutable once read. Cost: two small files.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fleet/address.h"
#include "fleet/time.h"
#include "simdjwt/fleet.h"

namespace simdjwt::fleet {

struct Settings {
  std::vector<Address> nodes;
  Millis deadline{50};
  bool allow_local_only = false;
  std::uint32_t wait_replicas = 0;
  std::array<std::uint8_t, 16> key{};
  std::string user;      // empty: the default user
  std::string password;  // empty: no AUTH

  Settings() = default;
  ~Settings();
  Settings(Settings&& other) noexcept;  // what was moved from keeps no copy of a secret
  Settings& operator=(Settings&&) = delete;
};

struct SettingsResult {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FLEET_ADDRESS, SIMDJWT_FLEET_KEY, or that of the C API
  std::string path, expected;        // for a diagnostic
  Settings settings;
};

// SIMDJWT_NOT_FOUND when the ruleset has no fleet.
SettingsResult read_settings(const simdjwt_ruleset* ruleset);

// A file that holds one secret line, that only its owner can read: a regular file of this user or root, or one that a
// group may read and others not, of at most 512 bytes. False: *why.
bool read_secret(const std::string& path, std::string& secret, std::string& why);

// 32 hexadecimal digits.
bool parse_key(const std::string& text, std::array<std::uint8_t, 16>& key) noexcept;

}  // namespace simdjwt::fleet
