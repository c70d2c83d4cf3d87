#include "jwk/jwk_set.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/padded_text.h"
#include "json/json_reader.h"
#include "jwk/ec_tables.h"
#include "jwk/key_material.h"

namespace simdjwt {
namespace {

constexpr std::size_t kMaxNodes = 40 * JwkSet::kMaxKeys;

absl::string_view to_absl(std::string_view text) noexcept { return {text.data(), text.size()}; }

void drop(Jwk& key, Error error, std::string_view member) {
  key.error = error;
  key.member = member;
  key.material.reset();
  key.algorithms = {};
  key.thumbprint.clear();
}

// A secret has no place among public keys: one document for both invites taking the one for the other (RFC 8725 §2.1).
void drop_symmetric_among_public(std::vector<Jwk>& keys) {
  const bool any_public =
      std::any_of(keys.begin(), keys.end(), [](const Jwk& k) { return k.usable() && k.type != KeyType::oct; });
  if (!any_public) return;
  for (Jwk& key : keys) {
    if (key.usable() && key.type == KeyType::oct) drop(key, Error::jwk_mixed_set, "kty");
  }
}

// Whether a key was dropped because its numbers are damaged, so that it may be the one its kid means.
bool is_damaged(const Jwk& key) noexcept {
  switch (key.error) {
    case Error::ok:
    case Error::jwk_use:
    case Error::jwk_key_ops:
    case Error::jwk_alg_mismatch:
    case Error::jwk_kty_unknown:
    case Error::jwk_crv_unknown:
    case Error::jwk_mixed_set:
    case Error::unsupported_algorithm:
      return false;
    default:
      return true;
  }
}

// Two keys of one kid leave it open which one is meant (RFC 7517 §4.5) when they differ and fit the same alg, or when
// one of them is damaged and has the same kty: neither is.
void drop_ambiguous(std::vector<Jwk>& keys) {
  absl::flat_hash_map<absl::string_view, std::vector<std::size_t>> by_kid;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].has_kid) by_kid[to_absl(keys[i].kid)].push_back(i);
  }
  std::vector<bool> ambiguous(keys.size(), false);
  for (const auto& [kid, same] : by_kid) {
    // Only two keys matter for each alg: whether a second, different one exists.
    for (const AlgorithmInfo& row : algorithms()) {
      const Jwk* first = nullptr;
      bool clash = false;
      for (const std::size_t i : same) {
        if (!keys[i].algorithms.has(row.algorithm)) continue;
        if (first == nullptr) first = &keys[i];
        clash |= first->thumbprint != keys[i].thumbprint;
      }
      if (!clash) continue;
      for (const std::size_t i : same) ambiguous[i] = ambiguous[i] || keys[i].algorithms.has(row.algorithm);
    }
    std::set<std::string_view> damaged_types;
    for (const std::size_t i : same) {
      if (is_damaged(keys[i])) damaged_types.insert(keys[i].kty);
    }
    for (const std::size_t i : same) {
      if (keys[i].usable() && damaged_types.contains(keys[i].kty)) ambiguous[i] = true;
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (ambiguous[i]) drop(keys[i], Error::jwk_kid_ambiguous, "kid");
  }
}

void make_tables(std::vector<Jwk>& keys) {
  std::size_t left = JwkSet::kMaxWithTables;
  for (Jwk& key : keys) {
    if (left == 0) return;
    if (!key.usable() || !EcTables::are_worth_it(key.curve)) continue;
    --left;
    EVP_PKEY* const pkey = key.material->pkey();
    auto tables = EcTables::make(key.curve, pkey);
    if (tables == nullptr) continue;
    if (EVP_PKEY_up_ref(pkey) != 1) continue;
    key.material = std::make_shared<const KeyMaterial>(OwnedPkey(pkey), std::move(tables));
  }
}

}  // namespace

struct JwkSet::Index {
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  std::vector<const Jwk*> by_kid;  // keys of one kid stand together
  absl::flat_hash_map<absl::string_view, Range> ranges;
  std::array<std::vector<const Jwk*>, kAlgorithmCount + 1> by_algorithm;
};

JwkSet::JwkSet(std::vector<Jwk> entries) : entries_(std::move(entries)), index_(std::make_unique<Index>()) {
  for (const Jwk& key : entries_) {
    if (!key.usable()) continue;
    has_usable_ = true;
    for (const AlgorithmInfo& row : algorithms()) {
      if (key.algorithms.has(row.algorithm)) index_->by_algorithm[static_cast<std::size_t>(row.algorithm)].push_back(&key);
    }
    if (key.has_kid) index_->by_kid.push_back(&key);
  }
  std::stable_sort(index_->by_kid.begin(), index_->by_kid.end(),
                   [](const Jwk* a, const Jwk* b) { return a->kid < b->kid; });
  for (std::uint32_t i = 0; i < index_->by_kid.size(); ++i) {
    Index::Range& range = index_->ranges[to_absl(index_->by_kid[i]->kid)];
    if (range.count++ == 0) range.first = i;
  }
}

JwkSet::~JwkSet() = default;

std::span<const Jwk* const> JwkSet::find(std::string_view kid) const noexcept {
  const auto found = index_->ranges.find(to_absl(kid));
  if (found == index_->ranges.end()) return {};
  return {index_->by_kid.data() + found->second.first, found->second.count};
}

std::span<const Jwk* const> JwkSet::fitting(Algorithm algorithm) const noexcept {
  return index_->by_algorithm[static_cast<std::size_t>(algorithm)];
}

// A thumbprint covers all that a signature is verified with (RFC 7638 §3.2, RFC 8037 §2), or is empty when it could not be
// made.
bool JwkSet::has_same_keys(const JwkSet& other) const noexcept {
  const auto next_usable = [](std::span<const Jwk> keys, std::size_t from) {
    while (from < keys.size() && !keys[from].usable()) ++from;
    return from;
  };
  const std::span<const Jwk> mine(entries_), theirs(other.entries_);
  std::size_t i = next_usable(mine, 0), j = next_usable(theirs, 0);
  for (; i < mine.size() && j < theirs.size(); i = next_usable(mine, i + 1), j = next_usable(theirs, j + 1)) {
    const Jwk &a = mine[i], &b = theirs[j];
    if (a.has_kid != b.has_kid || a.kid != b.kid || a.algorithms != b.algorithms) return false;
    if (a.thumbprint.empty() || a.thumbprint != b.thumbprint) return false;
  }
  return i == mine.size() && j == theirs.size();
}

JwkSetResult JwkSet::import(std::span<const JsonNode> nodes, std::uint32_t object) {
  const JsonNode& root = nodes[object];
  if (root.kind != JsonKind::object) return {.error = Error::jwks_shape};
  std::vector<Jwk> entries;
  if (const JsonNode* keys = find_member(nodes, object, "keys"); keys != nullptr) {
    if (keys->kind != JsonKind::array || root.has_duplicate) return {.error = Error::jwks_shape};
    const auto self = static_cast<std::uint32_t>(keys - nodes.data());
    for (std::uint32_t i = first_child(self); i < keys->next; i = nodes[i].next) {
      if (entries.size() == kMaxKeys) return {.error = Error::jwks_too_large};
      entries.push_back(import_jwk(nodes, i));
    }
  } else if (find_member(nodes, object, "kty") != nullptr) {
    entries.push_back(import_jwk(nodes, object));
  } else {
    return {.error = Error::jwks_shape};
  }
  drop_symmetric_among_public(entries);
  drop_ambiguous(entries);
  make_tables(entries);
  return {.set = std::shared_ptr<const JwkSet>(new JwkSet(std::move(entries)))};
}

JwkSetResult JwkSet::parse(std::string_view json) {
  if (json.size() > kMaxBytes) return {.error = Error::jwks_too_large};
  const PaddedText padded(json, JsonReader::kPadding);
  JsonReader reader(JsonLimits{.max_bytes = static_cast<std::uint32_t>(std::max<std::size_t>(json.size(), 1)),
                               .max_depth = 16,
                               // No JSON text has more values than half its bytes, and no honest key set more than this.
                               .max_nodes = static_cast<std::uint32_t>(std::min(json.size() / 2 + 2, kMaxNodes)),
                               .duplicates = DuplicateMembers::mark});
  const JsonResult read = reader.read(padded.view());
  if (read.error != Error::ok) {
    const bool shape = read.error == Error::json_not_an_object;
    return {.error = shape ? Error::jwks_shape : Error::jwks_json, .offset = read.offset, .json_error = read.error};
  }
  return import(reader.nodes(), 0);
}

}  // namespace simdjwt
