#include "fleet/settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/wipe.h"

namespace simdjwt::fleet {
namespace {

constexpr std::size_t kMaxSecret = 512;

std::string text_of(const simdjwt_str& str) {
  return str.data == nullptr ? std::string() : std::string(str.data, static_cast<std::size_t>(str.size));
}

SettingsResult refuse(simdjwt_error error, std::string path, std::string expected) {
  SettingsResult result;
  result.error = error;
  result.path = std::move(path);
  result.expected = std::move(expected);
  return result;
}

// What a longer text has left behind its end too.
void wipe_whole(std::string& text) noexcept {
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What is wrong with the open file; nullptr: nothing.
const char* objection(int file, std::size_t& size) noexcept {
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return "a regular file";
  if (status.st_uid != ::geteuid() && status.st_uid != 0) return "a file of this user or of root";
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    return "a file that others can neither read nor write (mode 0600 or 0640)";
  if (status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > kMaxSecret) return "one short line";
  size = static_cast<std::size_t>(status.st_size);
  return nullptr;
}

}  // namespace

Settings::Settings(Settings&& other) noexcept
    : nodes(std::move(other.nodes)),
      deadline(other.deadline),
      allow_local_only(other.allow_local_only),
      wait_replicas(other.wait_replicas),
      key(other.key),
      user(std::move(other.user)),
      password(std::move(other.password)) {
  wipe_whole(other.password);  // a short one stands in the string itself
  wipe(other.key.data(), other.key.size());
}

Settings::~Settings() {
  wipe(key.data(), key.size());
  wipe_whole(password);
}

bool parse_key(const std::string& text, std::array<std::uint8_t, 16>& key) noexcept {
  if (text.size() != 2 * key.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool read_secret(const std::string& path, std::string& secret, std::string& why) {
  // Without O_NONBLOCK a FIFO in the file's place would hang the start.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    why = std::string("a file that can be opened: ") + std::strerror(errno);
    return false;
  }
  std::size_t size = 0;
  const char* wrong = objection(file, size);
  if (wrong == nullptr) {
    secret.assign(size, '\0');
    if (::read(file, secret.data(), size) != static_cast<ssize_t>(size)) wrong = "a file that can be read";
  }
  ::close(file);
  if (wrong == nullptr) {
    if (secret.ends_with('\n')) secret.pop_back();
    if (secret.ends_with('\r')) secret.pop_back();
    if (secret.empty() || secret.find_first_of("\r\n") != std::string::npos || secret.find('\0') != std::string::npos) {
      wrong = "one line";
    }
  }
  if (wrong != nullptr) why = wrong;
  return wrong == nullptr;
}

SettingsResult read_settings(const simdjwt_ruleset* ruleset) {
  simdjwt_replay_policy policy = SIMDJWT_REPLAY_POLICY_INIT;
  if (const simdjwt_error error = simdjwt_ruleset_replay(ruleset, &policy); error != SIMDJWT_OK) {
    return refuse(error, "", "");
  }
  if (policy.enabled == 0 || policy.fleet_node_count == 0) return refuse(SIMDJWT_NOT_FOUND, "replay.fleet", "a fleet");
  SettingsResult result;
  Settings& settings = result.settings;
  for (std::uint32_t i = 0; i < policy.fleet_node_count; ++i) {
    simdjwt_str node{};
    if (const simdjwt_error error = simdjwt_ruleset_fleet_node(ruleset, i, &node); error != SIMDJWT_OK) {
      return refuse(error, "", "");
    }
    std::optional<Address> address = parse_address(text_of(node));
    if (!address) {
      return refuse(SIMDJWT_FLEET_ADDRESS, "replay.fleet.nodes[" + std::to_string(i) + "]", "host:port");
    }
    settings.nodes.push_back(std::move(*address));
  }
  settings.deadline = Millis(policy.fleet_deadline_ms);
  settings.allow_local_only = policy.fleet_allow_local_only != 0;
  settings.wait_replicas = policy.fleet_wait_replicas;
  settings.user = text_of(policy.fleet_user);
  std::string secret, why;
  bool is_key = read_secret(text_of(policy.fleet_key_file), secret, why);
  if (is_key && !parse_key(secret, settings.key)) {
    is_key = false;
    why = "32 hexadecimal digits";
  }
  wipe_whole(secret);
  if (!is_key) return refuse(SIMDJWT_FLEET_KEY, "replay.fleet.key_file", why);
  const std::string password_file = text_of(policy.fleet_password_file);
  if (!password_file.empty() && !read_secret(password_file, settings.password, why)) {
    return refuse(SIMDJWT_FLEET_KEY, "replay.fleet.password_file", why);
  }
  return result;
}

}  // namespace simdjwt::fleet
