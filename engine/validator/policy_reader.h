// Reads a policy document member by member, keeping the path for error messages. Internal to validator/.
//
// A member that is not as it should be throws PolicyError, which PolicyCompiler turns into a RulesetResult; nothing of
// this runs while tokens are validated.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/json_reader.h"

namespace simdjwt {

struct PolicyError {
  Error error;
  std::string path;
  std::string expected;
};

// A value of the document and where it stands.
class PolicyValue {
 public:
  PolicyValue(std::span<const JsonNode> nodes, std::uint32_t index, std::string path)
      : nodes_(nodes), index_(index), path_(std::move(path)) {}

  [[noreturn]] void fail(Error error, std::string expected) const {
    throw PolicyError{error, path_, std::move(expected)};
  }
  [[noreturn]] void fail_member(Error error, std::string_view member, std::string expected) const;

  const JsonNode& node() const noexcept { return nodes_[index_]; }
  std::span<const JsonNode> nodes() const noexcept { return nodes_; }
  std::uint32_t index() const noexcept { return index_; }
  const std::string& path() const noexcept { return path_; }

  // The value as what it must be; `expected` describes that in full for the error.
  std::string_view string(std::string_view expected = "a string") const;
  std::int64_t integer(std::int64_t min, std::int64_t max) const;
  void literal_true() const;
  void object() const;
  std::string file_path() const;  // a string without NUL

  // The members of an object; of an unknown one policy_member_unknown is thrown.
  bool has(std::string_view name) const noexcept { return find_member(nodes_, index_, name) != nullptr; }
  PolicyValue at(std::string_view name) const;  // policy_member_missing
  void allow_only(std::initializer_list<std::string_view> names) const;

  // Of an object: an integer into `out`, if it is there; whether a loosening is there, which must be true.
  void read_number(std::string_view name, std::int64_t min, std::int64_t max, std::uint32_t& out) const;
  bool allows(std::string_view name) const;

  // The children of an array, or the members of an object, whose names are then in node().name.
  std::vector<PolicyValue> elements(std::string_view expected) const;
  std::vector<PolicyValue> members() const;

  // Strings, none empty or repeated, at least `min` of them.
  std::vector<std::string> strings(std::size_t min, std::string_view expected) const;

 private:
  std::span<const JsonNode> nodes_;
  std::uint32_t index_;
  std::string path_;
};

}  // namespace simdjwt
