#include "json/json_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include "json/json_name.h"
#include "json/json_number.h"
#include "json/json_string.h"
#include "json/json_structure.h"

namespace simdjwt {
namespace {

constexpr bool is_space(char c) noexcept {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}

// Up to so many members a name that may be a duplicate is compared with those before it; beyond, all are sorted once.
constexpr std::uint32_t kMaxScan = 32;

// Says that a set of names surely has no duplicate, or that it may have one: 256 bits, one per name.
class NameFilter {
 public:
  // True when another name with this hash has been added: it may have been the same.
  bool add(std::uint8_t hash) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << (hash & 63);
    const bool seen = (bits_[hash >> 6] & bit) != 0;
    bits_[hash >> 6] |= bit;
    return seen;
  }

 private:
  std::uint64_t bits_[4] = {};
};

// Nodes are assigned to where none was built: they are of an implicit-lifetime type, and operator new gave the storage.
static_assert(std::is_trivially_copyable_v<JsonNode> && std::is_trivially_destructible_v<JsonNode>);
struct FreeNodes {
  void operator()(JsonNode* nodes) const noexcept { ::operator delete(nodes); }
};

// A container that is being read.
struct Frame {
  std::uint32_t self = 0;  // its node
  std::uint32_t members = 0;
  char closing = '}';
  bool sort = false;  // its names may repeat and are too many to compare one by one
  NameFilter names;
};

// Where the walk is: `at` is the position of the next token, `last` the one behind the last.
struct Cursor {
  const char* text;
  const std::uint32_t* at;
  const std::uint32_t* last;

  const char* here() const noexcept { return text + *at; }
  bool is_at_end() const noexcept { return at == last; }

  // The token here, without the white space that follows it. There is a token: a position is never white space.
  std::string_view token() const noexcept {
    const char* const first = here();
    const char* stop = text + at[1];
    while (is_space(stop[-1])) --stop;
    return {first, static_cast<std::size_t>(stop - first)};
  }

  // Whether a name without escapes, its colon and something more stand here, nothing between name and colon.
  bool is_plain_name(bool escapes) const noexcept {
    if (last - at < 3 || escapes) return false;
    const char* const colon = text + at[1];
    return *here() == '"' && *colon == ':' && colon[-1] == '"' && colon - here() >= 2;
  }
};

}  // namespace

struct JsonReader::Impl {
  explicit Impl(const JsonLimits& l)
      : limits(l),
        nodes(static_cast<JsonNode*>(::operator new(l.max_nodes * sizeof(JsonNode)))),
        order(std::make_unique_for_overwrite<std::uint32_t[]>(l.max_nodes)),
        unescaped(std::make_unique_for_overwrite<char[]>(std::size_t{l.max_bytes} + kPadding)),
        structure(l.max_bytes) {
    limits.max_depth = std::min(limits.max_depth, kMaxJsonDepth);
  }

  JsonLimits limits;
  std::uint32_t max_depth = 0;  // of this read
  std::uint32_t max_nodes = 0;
  // Raw storage: a node is written when it is read, so that a large limit costs nothing until a document needs it.
  std::unique_ptr<JsonNode[], FreeNodes> nodes;
  std::unique_ptr<std::uint32_t[]> order;  // scratch of the duplicate check
  std::uint32_t count = 0;
  // What strings with escapes spell, one after the other: never longer than the document, and padded like it.
  std::unique_ptr<char[]> unescaped;
  char* free = nullptr;
  JsonStructure structure;
  std::array<Frame, kMaxJsonDepth> frames;
  bool escapes = false;  // the document has a backslash: names and strings may need unescaping
  const char* begin = nullptr;
  const char* end = nullptr;
  const char* error_at = nullptr;

  Error fail(Error error, const char* at) noexcept {
    error_at = at;
    return error;
  }

  Error read(std::string_view json) noexcept;
  Error walk(Cursor cursor) noexcept;
  Error read_value(Cursor& cursor, Frame*& frame, bool& entered) noexcept;
  Error read_name(Cursor& cursor, std::string_view& name) noexcept;
  Error check_name(Frame& frame, std::string_view name, const char* at) noexcept;
  Error read_scalar(std::string_view token, JsonNode& node) noexcept;
  Error read_string(std::string_view token, std::string_view& out) noexcept;
  Error read_escapes(std::string_view token, std::string_view& out) noexcept;
  Error close(Frame& frame, const char* end_of_container) noexcept;
  bool find_member_so_far(std::uint32_t self, std::string_view name) const noexcept;
  Error duplicate(std::uint32_t self, const char* at) noexcept;
  Error check_names(std::uint32_t self, std::uint32_t members) noexcept;
};

// What a string with a backslash in it spells.
[[gnu::noinline]] Error JsonReader::Impl::read_escapes(std::string_view token, std::string_view& out) noexcept {
  char* const text = free;
  char* const text_end = unescape(out, text);
  if (text_end == nullptr) return fail(Error::json_string, token.data());
  out = {text, static_cast<std::size_t>(text_end - text)};
  free = text_end;
  return Error::ok;
}

// A string without a backslash is its own text: control characters and bad UTF-8 have been refused already. A token
// that starts with a quote ends with the quote that closes it.
[[gnu::always_inline]] inline Error JsonReader::Impl::read_string(std::string_view token,
                                                                  std::string_view& out) noexcept {
  if (token.size() < 2 || token.back() != '"') return fail(Error::json_string, token.data());
  out = token.substr(1, token.size() - 2);
  return escapes && has_escape(out) ? read_escapes(token, out) : Error::ok;
}

[[gnu::always_inline]] inline Error JsonReader::Impl::read_scalar(std::string_view token, JsonNode& node) noexcept {
  const char first = token.front();
  if (first == '"') {
    node.kind = JsonKind::string;
    return read_string(token, node.text);
  }
  node.text = token;
  if (first == '-' || (first >= '0' && first <= '9')) {
    node.kind = JsonKind::number;
    node.whole = parse_short_number(token);
    return node.whole >= 0 || is_json_number(token) ? Error::ok : fail(Error::json_number, token.data());
  }
  node.kind = first == 'n' ? JsonKind::null : JsonKind::boolean;
  return token == "true" || token == "false" || token == "null" ? Error::ok : fail(Error::json_syntax, token.data());
}

// A name and its colon; moves the cursor to the value.
[[gnu::noinline]] Error JsonReader::Impl::read_name(Cursor& cursor, std::string_view& name) noexcept {
  if (*cursor.here() != '"') return fail(Error::json_syntax, cursor.here());
  if (const Error error = read_string(cursor.token(), name); error != Error::ok) return error;
  ++cursor.at;
  if (cursor.is_at_end()) return fail(Error::json_end, end);
  if (*cursor.here() != ':') return fail(Error::json_syntax, cursor.here());
  ++cursor.at;
  return cursor.is_at_end() ? fail(Error::json_end, end) : Error::ok;
}

[[gnu::noinline]] Error JsonReader::Impl::check_name(Frame& frame, std::string_view name, const char* at) noexcept {
  if (frame.members > kMaxScan) {
    frame.sort = true;
  } else if (find_member_so_far(frame.self, name)) {
    return duplicate(frame.self, at);
  }
  return Error::ok;
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

Error JsonReader::Impl::close(Frame& frame, const char* end_of_container) noexcept {
  JsonNode& node = nodes[frame.self];
  node.next = count;
  node.json = {node.json.data(), static_cast<std::size_t>(end_of_container - node.json.data())};
  node.text = node.json;
  return frame.sort ? check_names(frame.self, frame.members) : Error::ok;
}

// A member or an element at the cursor, which moves behind it or, when it is a container, into it.
[[gnu::always_inline]] inline Error JsonReader::Impl::read_value(Cursor& cursor, Frame*& frame,
                                                                 bool& entered) noexcept {
  if (count == max_nodes) return fail(Error::json_too_many_members, cursor.here());
  JsonNode& node = nodes[count];  // every member is written below: nothing of it stands yet
  if (frame->closing == '}') {
    const char* const name_at = cursor.here() + 1;
    if (cursor.is_plain_name(escapes)) {
      node.name = {name_at, static_cast<std::size_t>(cursor.text + cursor.at[1] - 1 - name_at)};
      cursor.at += 2;
    } else if (const Error error = read_name(cursor, node.name); error != Error::ok) {
      return error;
    }
    node.name_hash = hash_name(node.name);
    if (frame->names.add(node.name_hash)) {
      if (const Error error = check_name(*frame, node.name, name_at); error != Error::ok) return error;
    }
    ++frame->members;
  } else {
    node.name = {};
    node.name_hash = 0;
  }
  const char* const value = cursor.here();
  node.next = ++count;
  node.whole = -1;
  node.has_duplicate = false;
  if (*value == '{' || *value == '[') {
    if (static_cast<std::uint32_t>(frame - frames.data()) + 1 == max_depth) return fail(Error::json_too_deep, value);
    node.kind = *value == '{' ? JsonKind::object : JsonKind::array;
    node.json = {value, 1};
    ++frame;
    *frame = Frame{.self = count - 1, .closing = *value == '{' ? '}' : ']'};
    ++cursor.at;
    entered = true;
    return Error::ok;
  }
  node.json = cursor.token();
  if (const Error error = read_scalar(node.json, node); error != Error::ok) return error;
  ++cursor.at;
  return Error::ok;
}

// Everything inside the root, whose frame is the first, and its end. The cursor stands behind its brace.
//
// A round reads a member or an element, and what stands behind it: ends of containers and a comma. An empty container
// is left in the round that entered it.
Error JsonReader::Impl::walk(Cursor cursor) noexcept {
  Frame* frame = frames.data();
  for (bool at_value = *cursor.here() != '}';; at_value = true) {
    if (cursor.is_at_end()) return fail(Error::json_end, end);
    if (at_value) {
      bool entered = false;
      if (const Error error = read_value(cursor, frame, entered); error != Error::ok) return error;
      if (entered && *cursor.here() != frame->closing) continue;
    }
    for (;;) {
      if (cursor.is_at_end()) return fail(Error::json_end, end);
      const char* const here = cursor.here();
      ++cursor.at;
      if (*here == ',') break;
      if (*here != frame->closing) return fail(Error::json_syntax, here);
      if (const Error error = close(*frame, here + 1); error != Error::ok) return error;
      if (frame == frames.data()) return cursor.is_at_end() ? Error::ok : fail(Error::json_end, cursor.here());
      --frame;
    }
  }
}

Error JsonReader::Impl::read(std::string_view json) noexcept {
  count = 0;
  free = unescaped.get();
  begin = error_at = json.data();
  end = json.data() + json.size();
  if (json.size() > limits.max_bytes) return Error::token_too_large;
  // RFC 8259 §8.1: no byte order mark. Newer parsers skip one silently.
  if (json.starts_with("\xef\xbb\xbf")) return Error::json_utf8;
  if (const Error error = structure.find(json); error != Error::ok) return error;
  escapes = has_escape(json);
  const std::span<const std::uint32_t> positions = structure.positions();
  const char* const root = begin + positions.front();
  if (*root != '{') return fail(Error::json_not_an_object, root);

  count = 1;
  nodes[0] = JsonNode{};
  nodes[0].kind = JsonKind::object;
  nodes[0].json = {root, 1};
  frames[0] = Frame{};
  return walk({begin, positions.data() + 1, positions.data() + positions.size()});
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

std::span<const JsonNode> JsonReader::nodes() const noexcept {
  return {impl_->nodes.get(), impl_->count};
}

}  // namespace simdjwt
