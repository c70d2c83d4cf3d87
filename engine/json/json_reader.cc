#include "json/json_reader.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "json/json_number.h"

namespace simdjwt {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(JsonReader::kPadding >= simdjson::SIMDJSON_PADDING);

Error translate(simdjson::error_code code) noexcept {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return Error::json_utf8;
    case simdjson::UNESCAPED_CHARS:
    case simdjson::STRING_ERROR:
      return Error::json_string;
    case simdjson::UNCLOSED_STRING:
    case simdjson::EMPTY:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return Error::json_end;
    case simdjson::DEPTH_ERROR:
      return Error::json_too_deep;
    case simdjson::CAPACITY:
      return Error::token_too_large;
    default:
      return Error::json_syntax;
  }
}

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim_end(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool has_escape(std::string_view text) noexcept { return std::memchr(text.data(), '\\', text.size()) != nullptr; }

// Up to so many members a name that may be a duplicate is compared with those before it; beyond, all are sorted once.
constexpr std::uint32_t kMaxScan = 32;

// Says that a set of names surely has no duplicate, or that it may have one: 256 bits, one per name.
class NameFilter {
 public:
  // True when another name may have been the same.
  bool add(std::string_view name) noexcept {
    const unsigned first = name.empty() ? 0 : static_cast<unsigned char>(name.front());
    const unsigned last = name.empty() ? 0 : static_cast<unsigned char>(name.back());
    const unsigned hash = (static_cast<unsigned>(name.size()) * 71 + first * 13 + last * 5) & 255;
    const std::uint64_t bit = std::uint64_t{1} << (hash & 63);
    const bool seen = (bits_[hash >> 6] & bit) != 0;
    bits_[hash >> 6] |= bit;
    return seen;
  }

 private:
  std::uint64_t bits_[4] = {};
};

static_assert(std::is_trivially_destructible_v<JsonNode>);
struct FreeNodes {
  void operator()(JsonNode* nodes) const noexcept { ::operator delete(nodes); }
};

}  // namespace

struct JsonReader::Impl {
  explicit Impl(const JsonLimits& l)
      : limits(l),
        nodes(static_cast<JsonNode*>(::operator new(l.max_nodes * sizeof(JsonNode)))),
        order(std::make_unique_for_overwrite<std::uint32_t[]>(l.max_nodes)) {
    limits.max_depth = std::min(limits.max_depth, kMaxJsonDepth);
    // simdjson counts the root scalar as a level of its own.
    if (parser.allocate(limits.max_bytes, limits.max_depth + 1) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  JsonLimits limits;
  std::uint32_t max_depth = 0;  // of this read
  std::uint32_t max_nodes = 0;
  // Raw storage: a node is built when it is read, so that a large limit costs nothing until a document needs it.
  std::unique_ptr<JsonNode[], FreeNodes> nodes;
  std::unique_ptr<std::uint32_t[]> order;  // scratch of the duplicate check
  std::uint32_t count = 0;
  ondemand::parser parser;
  ondemand::document document;
  bool escapes = false;  // the document has a backslash: names and strings may need unescaping
  const char* begin = nullptr;
  const char* end = nullptr;
  const char* error_at = nullptr;

  Error fail(Error error, const char* at) noexcept {
    error_at = at;
    return error;
  }

  Error fail(simdjson::error_code code) noexcept {
    const char* at = nullptr;
    if (document.current_location().get(at) != simdjson::SUCCESS) at = end;
    return fail(translate(code), at);
  }

  // The end of a container that has just been walked: the character before the next token, white space skipped.
  const char* container_end() noexcept {
    const char* at = nullptr;
    if (document.current_location().get(at) != simdjson::SUCCESS) at = end;
    while (at > begin && is_space(at[-1])) --at;
    return at;
  }

  Error read(std::string_view json) noexcept;
  Error walk_object(ondemand::object object, std::uint32_t self, std::uint32_t depth) noexcept;
  Error walk_array(ondemand::array array, std::uint32_t depth) noexcept;
  Error walk_value(ondemand::value value, std::string_view name, std::uint32_t depth) noexcept;
  Error walk_scalar(ondemand::value& value, JsonNode& node) noexcept;
  Error unescape(ondemand::value& value, JsonNode& node) noexcept;
  Error member_name(ondemand::field& field, std::string_view& name) noexcept;
  bool find_member_so_far(std::uint32_t self, std::string_view name) const noexcept;
  Error duplicate(std::uint32_t self, const char* at) noexcept;
  Error check_names(std::uint32_t self, std::uint32_t members) noexcept;
};

// A string without a backslash is its own text: the parser has already refused control characters and bad UTF-8.
Error JsonReader::Impl::unescape(ondemand::value& value, JsonNode& node) noexcept {
  if (node.json.size() < 2 || node.json.back() != '"') return fail(Error::json_string, node.json.data());
  node.text = node.json.substr(1, node.json.size() - 2);
  if (!escapes || !has_escape(node.text)) {
    // Consumed, or the parser would take a string that is followed by ':' for a name and skip what comes, unchecked.
    const auto code = value.get_raw_json_string().error();
    return code ? fail(translate(code), node.json.data()) : Error::ok;
  }
  if (const auto code = value.get_string().get(node.text)) return fail(translate(code), node.json.data());
  return Error::ok;
}

Error JsonReader::Impl::member_name(ondemand::field& field, std::string_view& name) noexcept {
  const char* const start = field.key().raw();
  const char* quote = start;
  // The parser has found the closing quote; the bound is for what it may not have looked at.
  while (quote < end && *quote != '"') ++quote;
  if (quote == end) return fail(Error::json_string, start);
  name = {start, static_cast<std::size_t>(quote - start)};
  if (!escapes || !has_escape(name)) return Error::ok;
  if (const auto code = field.unescaped_key().get(name)) return fail(translate(code), start);
  return Error::ok;
}

Error JsonReader::Impl::walk_scalar(ondemand::value& value, JsonNode& node) noexcept {
  switch (node.kind) {
    case JsonKind::string:
      return unescape(value, node);
    case JsonKind::number:
      if (!parse_json_number(node.json)) return fail(Error::json_number, node.json.data());
      break;
    case JsonKind::boolean:
      if (node.json != "true" && node.json != "false") return fail(Error::json_syntax, node.json.data());
      break;
    default:
      if (node.json != "null") return fail(Error::json_syntax, node.json.data());
  }
  node.text = node.json;
  return Error::ok;
}

Error JsonReader::Impl::walk_value(ondemand::value value, std::string_view name, std::uint32_t depth) noexcept {
  const std::string_view token = value.raw_json_token();
  if (count == max_nodes) return fail(Error::json_too_many_members, token.data());
  const std::uint32_t self = count++;
  JsonNode& node = *std::construct_at(&nodes[self]);
  node.name = name;
  ondemand::json_type type;
  if (const auto code = value.type().get(type)) return fail(code);
  if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
    if (depth == max_depth) return fail(Error::json_too_deep, token.data());
    Error error = Error::ok;
    if (type == ondemand::json_type::object) {
      node.kind = JsonKind::object;
      ondemand::object object;
      if (const auto code = value.get_object().get(object)) return fail(code);
      error = walk_object(object, self, depth + 1);
    } else {
      node.kind = JsonKind::array;
      ondemand::array array;
      if (const auto code = value.get_array().get(array)) return fail(code);
      error = walk_array(array, depth + 1);
    }
    if (error != Error::ok) return error;
    node.json = {token.data(), static_cast<std::size_t>(container_end() - token.data())};
    node.text = node.json;
  } else {
    node.json = trim_end(token);
    switch (type) {
      case ondemand::json_type::string:
        node.kind = JsonKind::string;
        break;
      case ondemand::json_type::number:
        node.kind = JsonKind::number;
        break;
      case ondemand::json_type::boolean:
        node.kind = JsonKind::boolean;
        break;
      default:
        node.kind = JsonKind::null;
    }
    if (const Error error = walk_scalar(value, node); error != Error::ok) return error;
  }
  node.next = count;
  return Error::ok;
}

Error JsonReader::Impl::walk_object(ondemand::object object, std::uint32_t self, std::uint32_t depth) noexcept {
  std::uint32_t members = 0;
  NameFilter names;
  bool sort = false;
  for (auto result : object) {
    ondemand::field field;
    if (const auto code = std::move(result).get(field)) return fail(code);
    const char* const at = field.key().raw();  // unescaping takes it away
    std::string_view name;
    if (const Error error = member_name(field, name); error != Error::ok) return error;
    if (names.add(name)) {
      if (members > kMaxScan) {
        sort = true;
      } else if (find_member_so_far(self, name)) {
        if (const Error error = duplicate(self, at); error != Error::ok) return error;
      }
    }
    ++members;
    if (const Error error = walk_value(std::move(field).value(), name, depth); error != Error::ok) return error;
  }
  return sort ? check_names(self, members) : Error::ok;
}

// The members of an object that is still being walked: their `next` stands, its own does not yet.
bool JsonReader::Impl::find_member_so_far(std::uint32_t self, std::string_view name) const noexcept {
  for (std::uint32_t i = first_child(self); i < count; i = nodes[i].next) {
    if (nodes[i].name == name) return true;
  }
  return false;
}

Error JsonReader::Impl::duplicate(std::uint32_t self, const char* at) noexcept {
  nodes[self].has_duplicate = true;
  return limits.duplicates == DuplicateMembers::mark ? Error::ok : fail(Error::json_duplicate_member, at);
}

Error JsonReader::Impl::walk_array(ondemand::array array, std::uint32_t depth) noexcept {
  for (auto result : array) {
    ondemand::value value;
    if (const auto code = std::move(result).get(value)) return fail(code);
    if (const Error error = walk_value(value, {}, depth); error != Error::ok) return error;
  }
  return Error::ok;
}

// Sorting the members by name brings duplicates together: O(n log n), whatever names an attacker picks.
Error JsonReader::Impl::check_names(std::uint32_t self, std::uint32_t members) noexcept {
  std::uint32_t* const first = order.get();
  std::uint32_t n = 0;
  for (std::uint32_t i = first_child(self); n < members; i = nodes[i].next) first[n++] = i;
  std::sort(first, first + n, [this](std::uint32_t a, std::uint32_t b) {
    const std::string_view x = nodes[a].name, y = nodes[b].name;
    if (x.size() != y.size()) return x.size() < y.size();
    const int order_of_bytes = std::memcmp(x.data(), y.data(), x.size());
    return order_of_bytes != 0 ? order_of_bytes < 0 : a < b;
  });
  for (std::uint32_t i = 1; i < n; ++i) {
    if (nodes[first[i - 1]].name == nodes[first[i]].name) return duplicate(self, nodes[first[i]].json.data());
  }
  return Error::ok;
}

Error JsonReader::Impl::read(std::string_view json) noexcept {
  count = 0;
  begin = error_at = json.data();
  end = json.data() + json.size();
  if (json.size() > limits.max_bytes) return Error::token_too_large;
  // RFC 8259 §8.1: no byte order mark. Newer parsers skip one silently.
  if (json.starts_with("\xef\xbb\xbf")) return Error::json_utf8;
  escapes = has_escape(json);
  const auto padded = simdjson::padded_string_view(json.data(), json.size(), json.size() + kPadding);
  if (const auto code = parser.iterate(padded).get(document)) return fail(translate(code), begin);
  std::size_t start = 0;
  while (start < json.size() && is_space(json[start])) ++start;
  if (start == json.size()) return Error::json_end;
  if (json[start] != '{') return fail(Error::json_not_an_object, begin + start);

  count = 1;
  std::construct_at(&nodes[0]);
  nodes[0].kind = JsonKind::object;
  ondemand::object object;
  if (const auto code = document.get_object().get(object)) return fail(code);
  if (const Error error = walk_object(object, 0, 1); error != Error::ok) return error;
  if (const char* rest = nullptr; document.current_location().get(rest) == simdjson::SUCCESS) {
    return fail(Error::json_end, rest);
  }
  nodes[0].next = count;
  nodes[0].json = trim_end(json.substr(start));
  nodes[0].text = nodes[0].json;
  return Error::ok;
}

JsonReader::JsonReader(const JsonLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

JsonResult JsonReader::read(std::string_view json) noexcept {
  return read(json, impl_->limits.max_depth, impl_->limits.max_nodes);
}

JsonResult JsonReader::read(std::string_view json, std::uint32_t max_depth, std::uint32_t max_nodes) noexcept {
  impl_->max_depth = std::min(max_depth, impl_->limits.max_depth);
  impl_->max_nodes = std::min(max_nodes, impl_->limits.max_nodes);
  const Error error = impl_->read(json);
  if (error == Error::ok) return {};
  impl_->count = 0;
  return {error, static_cast<std::uint32_t>(impl_->error_at - impl_->begin)};
}

std::span<const JsonNode> JsonReader::nodes() const noexcept { return {impl_->nodes.get(), impl_->count}; }

}  // namespace simdjwt
