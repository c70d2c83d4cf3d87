// An immutable set of keys (RFC 7517 §5) with an index by kid.
//
// Ownership: owns its keys; hand it around as shared_ptr<const JwkSet>. Thread-safety: immutable. Cost: find() is one
// hash look-up and no allocation; parsing costs what the keys cost.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jwk/jwk.h"

namespace simdjwt {

struct JwkSetResult;

class JwkSet {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  static constexpr std::size_t kMaxKeys = 10000;
  // Of how many keys at most tables are made that speed up ES384, ES512 and ES256K (ec_tables.h; 0.7 to 2 ms and 110 to
  // 140 KB each): of the first usable ones. A set of a thousand such keys costs no more, and those beyond verify
  // without.
  static constexpr std::size_t kMaxWithTables = 16;

  // Reads a JWK Set or a single JWK. A bad key becomes an entry with its error; the document fails as a whole only when
  // it is no key set at all (jwks_json, jwks_shape, jwks_too_large). Throws std::bad_alloc.
  static JwkSetResult parse(std::string_view json);

  // Imports from a document that has been read with DuplicateMembers::mark; `object` is the set or the JWK.
  static JwkSetResult import(std::span<const JsonNode> nodes, std::uint32_t object);

  ~JwkSet();
  JwkSet(const JwkSet&) = delete;
  JwkSet& operator=(const JwkSet&) = delete;

  // Every key of the document, in its order, dropped ones too.
  std::span<const Jwk> entries() const noexcept { return entries_; }

  // The usable keys with this exact kid, compared as opaque bytes.
  std::span<const Jwk* const> find(std::string_view kid) const noexcept;

  // The usable keys that may verify this algorithm, in document order: for tokens without kid.
  std::span<const Jwk* const> fitting(Algorithm algorithm) const noexcept;

  bool has_usable() const noexcept { return has_usable_; }

  // Whether the usable keys are the same, in the same order and under the same kids, for the same algorithms: every
  // token meets in both sets what it meets in one. So for two sets parsed from the same bytes. O(keys).
  bool has_same_keys(const JwkSet& other) const noexcept;

 private:
  struct Index;
  explicit JwkSet(std::vector<Jwk> entries);

  std::vector<Jwk> entries_;
  bool has_usable_ = false;
  std::unique_ptr<Index> index_;
};

struct JwkSetResult {
  Error error = Error::ok;
  std::uint32_t offset = 0;              // on jwks_json: where
  Error json_error = Error::ok;          // on jwks_json: what
  std::shared_ptr<const JwkSet> set;     // null on error
};

}  // namespace simdjwt
