#include "jsonl_policy.h"

#include <algorithm>
#include <array>

#include "json/json_number.h"
#include "json_writer.h"

namespace simdjwt::cli {
namespace {

// What the compiler knows; it refuses a whole document for any other, while a line may list what it likes.
constexpr std::array<std::string_view, 19> kAlgorithms{
    "HS256", "HS384", "HS512",  "RS256", "RS384",   "RS512", "PS256",     "PS384",     "PS512",    "ES256",
    "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};

constexpr std::array<std::string_view, 10> kRules{
    "issuer", "audiences", "algorithms",      "leeway_s",        "now",
    "typ",    "mode",      "required_claims", "max_token_bytes", "replay"};
constexpr std::array<std::string_view, 4> kFeatures{"revoked", "require_binding", "client_cert_der", "dpop"};

constexpr std::int64_t kLeastTokenBytes = 256;
constexpr std::int64_t kMostTokenBytes = std::int64_t{1} << 20U;
// The line protocol runs with the caches on.
constexpr std::int64_t kVerdictCacheBytes = 256 << 10;
// What has been used is remembered by one store of the engine, for as long as any token may live; a validator's own is
// the smallest, and is let go at once.
constexpr std::int64_t kReplayBytes = 1 << 20;
constexpr std::int64_t kReplayRetention = 10'000'000'000;
// The leeway is each line's own: a token that has expired for one line may be alive for the next.
constexpr std::int64_t kReplayGrace = 86400;

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether a feature is asked for: null, false, "" and containers that hold nothing are the ways of not asking.
bool asks(std::span<const JsonNode> nodes, std::uint32_t at) noexcept {
  const JsonNode& node = nodes[at];
  switch (node.kind) {
    case JsonKind::null:
      return false;
    case JsonKind::boolean:
      return node.json == "true";
    case JsonKind::number:
      return true;
    case JsonKind::string:
      return !node.text.empty();
    case JsonKind::array:
      return node.next != first_child(at);
    case JsonKind::object:
      break;
  }
  // {"jti": [], "sub": []} revokes nothing; the reader bounds the depth.
  for (std::uint32_t i = first_child(at); i < node.next; i = nodes[i].next) {
    if (asks(nodes, i)) return true;
  }
  return false;
}

class Translation {
 public:
  Translation(std::span<const JsonNode> nodes, std::uint32_t policy) : nodes_(nodes), policy_(policy) {}

  LinePolicy result() {
    if (check_members() && read_mode() && read_replay() && read_now() && read_max_token_bytes()) {
      if (out_.jws) {
        read_algorithms();
      } else {
        write_document();
      }
    }
    return std::move(out_);
  }

 private:
  const JsonNode* find(std::string_view name) const noexcept { return find_member(nodes_, policy_, name); }

  bool refuse(const char* error, std::string_view member) {
    out_.error = error;
    out_.member = member;
    return false;
  }

  bool check_members() {
    if (nodes_[policy_].has_duplicate) return refuse("policy_json", {});
    for (std::uint32_t i = first_child(policy_); i < nodes_[policy_].next; i = nodes_[i].next) {
      const std::string_view name = nodes_[i].name;
      if (one_of(kFeatures, name)) {
        out_.skip = out_.skip || asks(nodes_, i);
      } else if (!one_of(kRules, name)) {
        return refuse("policy_member_unknown", name);
      }
    }
    return !out_.skip;
  }

  bool read_mode() {
    const JsonNode* mode = find("mode");
    if (mode == nullptr) return true;
    if (mode->kind != JsonKind::string) return refuse("policy_member_type", "mode");
    if (mode->text != "jws" && mode->text != "jwt") return refuse("policy_member_value", "mode");
    out_.jws = mode->text == "jws";
    return true;
  }

  // A signature alone has no jti to tell its use by.
  bool read_replay() {
    const JsonNode* replay = find("replay");
    if (replay == nullptr || replay->kind == JsonKind::null) return true;
    if (replay->kind != JsonKind::string) return refuse("policy_member_value", "replay");
    out_.once = replay->text == "once";
    const bool is_known = out_.once || replay->text.empty() || replay->text == "off";
    return (is_known && !(out_.once && out_.jws)) || refuse("policy_member_value", "replay");
  }

  bool read_now() {
    const JsonNode* now = find("now");
    // A signature alone knows no time.
    if (now == nullptr) return out_.jws || refuse("policy_member_missing", "now");
    const auto number = now->kind == JsonKind::number ? parse_json_number(now->json) : std::nullopt;
    if (!number) return refuse("policy_member_type", "now");
    if (!number->fits) return refuse("policy_member_value", "now");
    out_.now = number->floor;
    return true;
  }

  bool read_max_token_bytes() {
    const JsonNode* most = find("max_token_bytes");
    if (most == nullptr) return true;
    const auto number = most->kind == JsonKind::number ? parse_json_number(most->json) : std::nullopt;
    if (!number) return refuse("policy_member_type", "max_token_bytes");
    const std::int64_t bytes = number->fits ? number->floor : number->floor < 0 ? kLeastTokenBytes : kMostTokenBytes;
    out_.max_token_bytes = static_cast<std::uint64_t>(std::clamp(bytes, kLeastTokenBytes, kMostTokenBytes));
    return true;
  }

  // The listed names that the engine knows, `none` never among them; false when there is no list.
  template <typename Use>
  bool for_each_algorithm(Use use) {
    const JsonNode* list = find("algorithms");
    if (list == nullptr || list->kind != JsonKind::array) return false;
    for (auto i = first_child(static_cast<std::uint32_t>(list - nodes_.data())); i < list->next; i = nodes_[i].next) {
      if (nodes_[i].kind == JsonKind::string && one_of(kAlgorithms, nodes_[i].text)) use(nodes_[i].text);
    }
    return true;
  }

  void read_algorithms() {
    const bool listed = for_each_algorithm([&](std::string_view name) {
      if (!out_.algorithms.empty()) out_.algorithms += ' ';
      out_.algorithms += name;
    });
    if (!listed) refuse("policy_member_missing", "algorithms");
  }

  void copy(JsonWriter& json, std::string_view from, std::string_view to) {
    if (const JsonNode* node = find(from)) json.key(to).raw(node->json);
  }

  void write_document() {
    JsonWriter json(out_.document);
    json.begin_object().member_number("version", 1);
    json.key("limits").begin_object().member_number("verdict_cache_bytes", kVerdictCacheBytes);
    if (out_.max_token_bytes != 0) {
      json.member_number("max_token_bytes", static_cast<std::int64_t>(out_.max_token_bytes));
    }
    json.end_object();
    if (out_.once) {
      json.key("replay").begin_object().member("mode", "once").member_number("memory_bytes", kReplayBytes);
      json.member_number("max_retention_s", kReplayRetention).member_number("grace_s", kReplayGrace).end_object();
    }
    json.key("issuers").begin_array().begin_object();
    copy(json, "issuer", "issuer");
    if (const JsonNode* issuer = find("issuer")) out_.issuer = issuer->text;
    const JsonNode* audiences = find("audiences");
    const bool any = audiences != nullptr && audiences->kind == JsonKind::array &&
                     audiences->next == first_child(static_cast<std::uint32_t>(audiences - nodes_.data()));
    if (any) {
      json.member("allow_any_audience", true);
    } else {
      copy(json, "audiences", "audiences");
    }
    write_algorithms(json);
    copy(json, "leeway_s", "leeway_s");
    if (find("typ") != nullptr) {
      copy(json, "typ", "typ");
    } else {
      json.member("allow_any_typ", true);
    }
    copy(json, "required_claims", "required_claims");
    json.member("other_claims", "ignore").end_object().end_array().end_object();
  }

  void write_algorithms(JsonWriter& json) {
    const JsonNode* list = find("algorithms");
    if (list != nullptr && list->kind != JsonKind::array) return copy(json, "algorithms", "algorithms");
    if (list == nullptr) return;
    json.key("algorithms").begin_array();
    for_each_algorithm([&](std::string_view name) { json.string(name); });
    json.end_array();
  }

  std::span<const JsonNode> nodes_;
  std::uint32_t policy_;
  LinePolicy out_;
};

}  // namespace

LinePolicy translate_policy(std::span<const JsonNode> nodes, std::uint32_t policy) {
  return Translation(nodes, policy).result();
}

}  // namespace simdjwt::cli
