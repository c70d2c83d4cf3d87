#include "fetch/response_fields.h"

#include <algorithm>
#include <cstdint>

namespace simdjwt::fetch {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxEntityTagBytes = 1024;
constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// delta-seconds (RFC 9111 §1.2.2).
std::optional<seconds> parse_seconds(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kMaxDeltaSeconds.count());
  }
  return seconds(value);
}

// The first element of a list, cut off `rest`; a comma within a quoted string does not end it.
std::string_view next_element(std::string_view& rest) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (is_quoted || rest[end] != ','); ++end) {
    if (rest[end] == '"') is_quoted = !is_quoted;
    if (is_quoted && rest[end] == '\\' && end + 1 < rest.size()) ++end;
  }
  const std::string_view element = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(element);
}

bool is_named(std::string_view text, std::string_view name) {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char c, char low) { return c == low || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == low); });
}

// The quoted form means the same (RFC 9111 §5.2).
std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<seconds> remaining_age(std::string_view cache_control, std::string_view age) {
  std::optional<seconds> found;
  while (!cache_control.empty()) {
    const std::string_view directive = next_element(cache_control);
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string_view name = directive.substr(0, equals);
    const std::string_view value = directive.substr(std::min(equals + 1, directive.size()));
    if (is_named(name, "no-store") || is_named(name, "no-cache")) found = seconds(0);
    // Invalid freshness information makes an answer stale (RFC 9111 §4.2.1).
    if (is_named(name, "max-age")) {
      found = std::min(found.value_or(kMaxDeltaSeconds), parse_seconds(unquoted(value)).value_or(seconds(0)));
    }
  }
  if (found) *found -= std::min(*found, parse_seconds(next_element(age)).value_or(seconds(0)));
  return found;
}

std::optional<seconds> retry_delay(std::string_view retry_after) {
  return parse_seconds(trimmed(retry_after));
}

bool is_entity_tag(std::string_view text) {
  if (text.size() > kMaxEntityTagBytes) return false;
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  // etagc: visible ASCII without the quote, and bytes from 0x80 on.
  return std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
  });
}

}  // namespace simdjwt::fetch
