// A strict JSON reader (RFC 8259, with RFC 7493's refusal of duplicate members and lone surrogates).
//
// One walk reads the whole document and validates all of it: grammar, UTF-8, escapes, numbers, duplicate member names
// (compared unescaped, so "\u0061lg" is alg), depth, and the end of input. The result is a flat array of nodes in
// document order: node 0 is the root object; the children of a container follow it; `next` jumps over a subtree.
//
// Ownership: the reader owns nodes and unescaped text; both, and views into the input, live until the next read() or
// the end of reader or input. Thread-safety: one reader per thread. Cost: O(n), O(n log n) in the members of one
// object beyond a few; no allocation after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"

namespace simdjwt {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

struct JsonNode {
  std::string_view name;       // the unescaped member name; empty for an element of an array and for the root
  std::string_view json;       // the value as it stands in the input
  std::string_view text;       // a string unescaped; for every other kind the same as json
  std::int64_t whole = -1;     // a number's value, when parse_short_number knows it
  std::uint32_t next = 0;      // the index after this node and everything in it
  JsonKind kind = JsonKind::null;
  bool has_duplicate = false;  // an object, one of whose member names repeats (DuplicateMembers::mark only)
  std::uint8_t name_hash = 0;  // hash_name() of a member's name
};

enum class DuplicateMembers : std::uint8_t {
  reject,  // json_duplicate_member
  mark     // the object's node is marked; for key sets, where one bad key must not cost the others
};

inline constexpr std::uint32_t kMaxJsonDepth = 64;

struct JsonLimits {
  std::uint32_t max_bytes = 16384;
  std::uint32_t max_depth = 32;    // containers within containers, the root being 1; at most kMaxJsonDepth
  std::uint32_t max_nodes = 4096;  // members and elements of the whole document, the root among them
  DuplicateMembers duplicates = DuplicateMembers::reject;
};

struct JsonResult {
  Error error = Error::ok;   // one of json_*; token_too_large beyond max_bytes
  std::uint32_t offset = 0;  // on error: where, in bytes; as near as the parser can tell
};

class JsonReader {
 public:
  // Bytes after the input that must be readable; they may hold anything.
  static constexpr std::size_t kPadding = 64;

  // Allocates everything up front; throws std::bad_alloc.
  explicit JsonReader(const JsonLimits& limits);
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

  // Reads a document that is a JSON object. `json` must be followed by kPadding readable bytes.
  JsonResult read(std::string_view json) noexcept;

  // The same under limits of this call, which never exceed those of the constructor.
  JsonResult read(std::string_view json, std::uint32_t max_depth, std::uint32_t max_nodes) noexcept;

  // The nodes of the last successful read(); empty after a failed one.
  std::span<const JsonNode> nodes() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The children of the container at `index`, by index: for (auto i = first_child(nodes, at); i < end; i = nodes[i].next).
constexpr std::uint32_t first_child(std::uint32_t index) noexcept { return index + 1; }

// nodes[i].next, without waiting for it to be read where the kind says it: for loops with little else to do.
inline std::uint32_t next_sibling(std::span<const JsonNode> nodes, std::uint32_t i) noexcept {
  return nodes[i].kind < JsonKind::array ? i + 1 : nodes[i].next;
}

// The member of the object at `object` with this exact name, or nullptr. O(members).
inline const JsonNode* find_member(std::span<const JsonNode> nodes, std::uint32_t object, std::string_view name) noexcept {
  for (std::uint32_t i = first_child(object); i < nodes[object].next; i = nodes[i].next) {
    if (nodes[i].name == name) return &nodes[i];
  }
  return nullptr;
}

}  // namespace simdjwt
