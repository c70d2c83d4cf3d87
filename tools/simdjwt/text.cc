#include "text.h"

#include <array>
#include <cstdio>

namespace simdjwt::cli {
namespace {

// Controls, and characters that move, hide or reorder what stands around them.
bool is_deceptive(std::uint32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

void append_escape(std::string& out, std::uint32_t c) {
  std::array<char, 16> buffer{};
  if (c >= 0x10000) {
    const std::uint32_t rest = c - 0x10000;
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x\\u%04x", 0xD800U + (rest >> 10U), 0xDC00U + (rest & 0x3FFU));
  } else {
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", c);
  }
  out += buffer.data();
}

void append_safe(std::string& out, std::string_view text, bool quoted) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const std::uint32_t c = next_code_point(text, i);
    if (c == kNotUtf8) {
      out += "\xEF\xBF\xBD";
    } else if (quoted && (c == '"' || c == '\\')) {
      out += '\\';
      out += static_cast<char>(c);
    } else if (quoted && c == '\n') {
      out += "\\n";
    } else if (quoted && c == '\t') {
      out += "\\t";
    } else if (quoted && c == '\r') {
      out += "\\r";
    } else if (is_deceptive(c)) {
      append_escape(out, c);
    } else {
      out.append(text, start, i - start);
    }
  }
}

}  // namespace

std::uint32_t next_code_point(std::string_view text, std::size_t& position) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  const std::uint32_t lead = byte(position);
  std::size_t extra = 0;
  std::uint32_t least = 0;
  std::uint32_t c = 0;
  if (lead < 0x80) {
    ++position;
    return lead;
  }
  if ((lead & 0xE0U) == 0xC0) {
    extra = 1, least = 0x80, c = lead & 0x1FU;
  } else if ((lead & 0xF0U) == 0xE0) {
    extra = 2, least = 0x800, c = lead & 0x0FU;
  } else if ((lead & 0xF8U) == 0xF0) {
    extra = 3, least = 0x10000, c = lead & 0x07U;
  }
  bool good = extra != 0 && text.size() - position > extra;
  for (std::size_t i = 1; good && i <= extra; ++i) {
    good = (byte(position + i) & 0xC0U) == 0x80;
    c = (c << 6U) | (byte(position + i) & 0x3FU);
  }
  if (!good || c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    ++position;
    return kNotUtf8;
  }
  position += extra + 1;
  return c;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  append_safe(out, text, true);
  out += '"';
  return out;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  append_safe(out, text.substr(0, limit), false);
  if (text.size() > limit) out += "...";
  return out;
}

std::string quote_list(const std::vector<std::string_view>& items, std::size_t most) {
  if (items.empty()) return "(none)";
  std::string out;
  for (std::size_t i = 0; i < items.size() && i < most; ++i) {
    if (i != 0) out += ", ";
    out += quote(items[i].substr(0, 256));
  }
  if (items.size() > most) out += " and " + std::to_string(items.size() - most) + " more";
  return out;
}

std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural) {
  return grouped(count) + " " + std::string(count == 1 ? singular : plural);
}

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t i = out.size(); i > 3; i -= 3) out.insert(i - 3, 1, ',');
  return out;
}

std::string compact_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    if (!in_string && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) continue;
    out += c;
    if (in_string && !escaped && c == '\\') {
      escaped = true;
      continue;
    }
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = false;
  }
  return out;
}

}  // namespace simdjwt::cli
