#include "validator/policy_reader.h"

#include <algorithm>
#include <optional>

#include "json/json_number.h"

namespace simdjwt {
namespace {

std::string join(const std::string& path, std::string_view member) {
  std::string joined = path.empty() ? std::string() : path + ".";
  return joined.append(member);
}

std::string list(std::initializer_list<std::string_view> names) {
  std::string text;
  for (std::string_view name : names) text.append(text.empty() ? "one of: " : ", ").append(name);
  return text;
}

}  // namespace

void PolicyValue::fail_member(Error error, std::string_view member, std::string expected) const {
  throw PolicyError{error, join(path_, member), std::move(expected)};
}

std::string_view PolicyValue::string(std::string_view expected) const {
  if (node().kind != JsonKind::string) fail(Error::policy_member_type, std::string(expected));
  if (node().text.empty()) fail(Error::policy_member_value, std::string(expected) + ", not empty");
  return node().text;
}

std::int64_t PolicyValue::integer(std::int64_t min, std::int64_t max) const {
  const std::string expected = "an integer from " + std::to_string(min) + " to " + std::to_string(max);
  if (node().kind != JsonKind::number) fail(Error::policy_member_type, expected);
  const std::optional<JsonNumber> number = parse_json_number(node().json);
  if (!number || !number->fits || number->fraction || number->floor < min || number->floor > max) {
    fail(Error::policy_member_value, expected);
  }
  return number->floor;
}

void PolicyValue::literal_true() const {
  if (node().kind != JsonKind::boolean) fail(Error::policy_member_type, "true");
  if (node().json != "true") fail(Error::policy_member_value, "true, or leave the member out");
}

void PolicyValue::object() const {
  if (node().kind != JsonKind::object) fail(Error::policy_member_type, "an object");
}

std::string PolicyValue::file_path() const {
  const std::string_view path = string("the path of a file");
  if (path.find('\0') != std::string_view::npos) fail(Error::policy_member_value, "a path without NUL");
  return std::string(path);
}

PolicyValue PolicyValue::at(std::string_view name) const {
  const JsonNode* member = find_member(nodes_, index_, name);
  if (member == nullptr) fail_member(Error::policy_member_missing, name, "this member");
  return {nodes_, static_cast<std::uint32_t>(member - nodes_.data()), join(path_, name)};
}

void PolicyValue::allow_only(std::initializer_list<std::string_view> names) const {
  for (std::uint32_t i = first_child(index_); i < node().next; i = nodes_[i].next) {
    if (std::find(names.begin(), names.end(), nodes_[i].name) == names.end()) {
      fail_member(Error::policy_member_unknown, nodes_[i].name, list(names));
    }
  }
}

void PolicyValue::read_number(std::string_view name, std::int64_t min, std::int64_t max, std::uint32_t& out) const {
  if (has(name)) out = static_cast<std::uint32_t>(at(name).integer(min, max));
}

bool PolicyValue::allows(std::string_view name) const {
  if (!has(name)) return false;
  at(name).literal_true();
  return true;
}

std::vector<PolicyValue> PolicyValue::elements(std::string_view expected) const {
  if (node().kind != JsonKind::array) fail(Error::policy_member_type, std::string(expected));
  std::vector<PolicyValue> found;
  for (std::uint32_t i = first_child(index_); i < node().next; i = nodes_[i].next) {
    found.emplace_back(nodes_, i, path_ + "[" + std::to_string(found.size()) + "]");
  }
  return found;
}

std::vector<PolicyValue> PolicyValue::members() const {
  object();
  std::vector<PolicyValue> found;
  for (std::uint32_t i = first_child(index_); i < node().next; i = nodes_[i].next) {
    found.emplace_back(nodes_, i, join(path_, nodes_[i].name));
  }
  return found;
}

std::vector<std::string> PolicyValue::strings(std::size_t min, std::string_view expected) const {
  std::vector<std::string> found;
  for (const PolicyValue& element : elements(expected)) {
    const std::string_view text = element.string();
    if (std::find(found.begin(), found.end(), text) != found.end()) {
      element.fail(Error::policy_member_value, "a string that is not there already");
    }
    found.emplace_back(text);
  }
  if (found.size() < min) fail(Error::policy_member_value, std::string(expected));
  return found;
}

}  // namespace simdjwt
