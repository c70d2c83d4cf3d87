#include "validator/policy_replay.h"

#include <algorithm>
#include <string_view>

namespace simdjwt {
namespace {

constexpr std::size_t kMostNodes = 64;
constexpr std::int64_t kMostGrace = 86400;   // no leeway is greater
constexpr std::int64_t kFleetGrace = 10;     // the clocks of gateways differ
constexpr std::size_t kMostHostBytes = 253;  // RFC 1035 §2.3.4, as text

bool read_mode(const PolicyValue& value) {
  constexpr std::string_view kExpected = "once or off";
  const std::string_view mode = value.string(kExpected);
  if (mode != "once" && mode != "off") value.fail(Error::policy_member_value, std::string(kExpected));
  return mode == "once";
}

JtiScope read_unique_per(const PolicyValue& replay) {
  constexpr std::string_view kExpected = "issuer, subject or client";
  if (!replay.has("unique_per")) return JtiScope::issuer;
  const PolicyValue value = replay.at("unique_per");
  const std::string_view text = value.string(kExpected);
  if (text == "subject") return JtiScope::subject;
  if (text == "client") return JtiScope::client;
  if (text != "issuer") value.fail(Error::policy_member_value, std::string(kExpected));
  return JtiScope::issuer;
}

void read_store(const PolicyValue& replay, ReplayPolicy& out) {
  if (replay.has("memory_bytes")) {
    constexpr auto kMin = static_cast<std::int64_t>(ReplayStore::kMinBytes);
    constexpr auto kMax = static_cast<std::int64_t>(ReplayStore::kMaxBytes);
    out.store.memory_bytes = static_cast<std::uint64_t>(replay.at("memory_bytes").integer(kMin, kMax));
  }
  if (replay.has("max_retention_s")) {
    out.max_retention_s = replay.at("max_retention_s").integer(1, ReplayStore::kMaxRetention);
  }
  replay.read_number("issuer_quota_percent", 1, 100, out.store.issuer_quota_percent);
}

Durability read_level(const PolicyValue& durability) {
  constexpr std::string_view kExpected = "none, interval or strict";
  const PolicyValue value = durability.at("level");
  const std::string_view level = value.string(kExpected);
  if (level == "interval") return Durability::interval;
  if (level == "strict") return Durability::strict;
  if (level != "none") value.fail(Error::policy_member_value, std::string(kExpected));
  return Durability::none;
}

void read_durability(const PolicyValue& replay, ReplayPolicy& out) {
  if (!replay.has("durability")) return;
  const PolicyValue durability = replay.at("durability");
  durability.object();
  durability.allow_only({"level", "directory", "interval_ms"});
  out.durability = read_level(durability);
  if (out.wants_journal()) {
    out.directory = durability.at("directory").file_path();
  } else if (durability.has("directory")) {
    durability.fail_member(Error::policy_member_value, "directory", "only with the level interval or strict");
  }
  if (durability.has("interval_ms") && out.durability != Durability::interval) {
    durability.fail_member(Error::policy_member_value, "interval_ms", "only with the level interval");
  }
  durability.read_number("interval_ms", 1, 60000, out.interval_ms);
}

void read_grace(const PolicyValue& replay, ReplayPolicy& out) {
  out.grace_s = out.wants_fleet() ? kFleetGrace : 0;
  if (replay.has("grace_s")) out.grace_s = replay.at("grace_s").integer(0, kMostGrace);
  out.store.max_retention_s = out.max_retention_s + out.grace_s;
}

bool is_one_of(char c, std::string_view others) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         others.find(c) != std::string_view::npos;
}

// A name, an IPv4 address, or an IPv6 address in brackets; and a port from 1 to 65535.
bool is_node(std::string_view node) {
  const std::size_t colon = node.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view host = node.substr(0, colon);
  const std::string_view port = node.substr(colon + 1);
  std::string_view others = "-._";
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    others = ":.%";
  }
  const bool is_number =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number || std::stoi(std::string(port)) > 65535 || std::stoi(std::string(port)) == 0) return false;
  return !host.empty() && host.size() <= kMostHostBytes &&
         std::all_of(host.begin(), host.end(), [others](char c) { return is_one_of(c, others); });
}

void read_nodes(const PolicyValue& value, std::vector<std::string>& out) {
  const std::string expected = "1 to " + std::to_string(kMostNodes) + " nodes, host:port";
  out = value.strings(1, expected);
  if (out.size() > kMostNodes) value.fail(Error::policy_member_value, expected);
  for (const PolicyValue& element : value.elements(expected)) {
    if (!is_node(element.string())) element.fail(Error::policy_member_value, "host:port");
  }
}

void read_fleet(const PolicyValue& replay, ReplayFleet& out) {
  if (!replay.has("fleet")) return;
  const PolicyValue fleet = replay.at("fleet");
  fleet.object();
  fleet.allow_only({"nodes", "key_file", "deadline_ms", "allow_local_only", "wait_replicas", "user", "password_file"});
  read_nodes(fleet.at("nodes"), out.nodes);
  out.key_file = fleet.at("key_file").file_path();
  fleet.read_number("deadline_ms", 1, 10000, out.deadline_ms);
  out.local_only = fleet.allows("allow_local_only");
  fleet.read_number("wait_replicas", 0, 8, out.wait_replicas);
  if (fleet.has("password_file")) out.password_file = fleet.at("password_file").file_path();
  if (!fleet.has("user")) return;
  out.user = fleet.at("user").string("the name of a user");
  if (out.password_file.empty()) fleet.fail_member(Error::policy_member_value, "user", "only with password_file");
}

}  // namespace

ReplayPolicy read_replay(const PolicyValue& document) {
  ReplayPolicy out;
  if (!document.has("replay")) return out;
  const PolicyValue replay = document.at("replay");
  replay.object();
  replay.allow_only({"mode", "unique_per", "memory_bytes", "max_retention_s", "grace_s", "issuer_quota_percent",
                     "durability", "fleet"});
  out.once = read_mode(replay.at("mode"));
  out.unique_per = read_unique_per(replay);
  read_store(replay, out);
  read_durability(replay, out);
  read_fleet(replay, out.fleet);
  read_grace(replay, out);
  return out;
}

bool read_once(const PolicyValue& rule, const PolicyValue& document, const ReplayPolicy& replay) {
  const bool once = rule.has("replay") ? read_mode(rule.at("replay")) : replay.once;
  if (!once) return false;
  if (!document.has("replay")) {
    rule.fail_member(Error::policy_member_value, "replay", "once only where the document has a replay member");
  }
  if (rule.has("allow_missing_exp")) {
    rule.fail_member(Error::policy_member_value, "allow_missing_exp", "not in a rule that accepts a token once");
  }
  return true;
}

}  // namespace simdjwt
