// The JSON reader: its nodes make a tree that lies in the input, and simdjson's DOM parser, which shares no walk with
// it, reads the same document.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <vector>

#include "check.h"
#include "json/json_number.h"

namespace {

using namespace simdjwt;
namespace dom = simdjson::dom;

constexpr std::uint32_t kMaxBytes = 1 << 16;

bool is_within(std::string_view inner, std::string_view outer) {
  return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

// The subtree at `self` is well nested, and every value stands inside its container.
void check_tree(std::span<const JsonNode> nodes, std::uint32_t self) {
  const JsonNode& node = nodes[self];
  FUZZ_CHECK(node.next > self && node.next <= nodes.size() && !node.json.empty());
  const bool is_container = node.kind == JsonKind::object || node.kind == JsonKind::array;
  FUZZ_CHECK(is_container || node.next == self + 1);
  FUZZ_CHECK(node.kind == JsonKind::string || node.text == node.json);
  FUZZ_CHECK(node.kind != JsonKind::number || parse_json_number(node.json));
  if (!is_container) return;
  FUZZ_CHECK(node.json.front() == (node.kind == JsonKind::object ? '{' : '['));
  FUZZ_CHECK(node.json.back() == (node.kind == JsonKind::object ? '}' : ']'));
  const char* last = node.json.data();
  for (std::uint32_t i = first_child(self); i < node.next; i = nodes[i].next) {
    FUZZ_CHECK(is_within(nodes[i].json, node.json) && nodes[i].json.data() > last);
    FUZZ_CHECK(node.kind == JsonKind::object || nodes[i].name.empty());
    FUZZ_CHECK(nodes[i].next <= node.next);
    last = nodes[i].json.data() + nodes[i].json.size() - 1;
    check_tree(nodes, i);
  }
}

void check_same(std::span<const JsonNode> nodes, std::uint32_t& at, dom::element element) {
  const JsonNode& node = nodes[at++];
  if (element.is_object()) {
    FUZZ_CHECK(node.kind == JsonKind::object);
    for (const dom::key_value_pair field : dom::object(element.get_object().value_unsafe())) {
      FUZZ_CHECK(at < node.next && nodes[at].name == field.key);
      check_same(nodes, at, field.value);
    }
  } else if (element.is_array()) {
    FUZZ_CHECK(node.kind == JsonKind::array);
    for (const dom::element child : dom::array(element.get_array().value_unsafe())) {
      FUZZ_CHECK(at < node.next);
      check_same(nodes, at, child);
    }
  } else if (element.is_string()) {
    FUZZ_CHECK(node.kind == JsonKind::string && node.text == element.get_string().value_unsafe());
  } else if (element.is_bool()) {
    FUZZ_CHECK(node.kind == JsonKind::boolean && (node.json == "true") == element.get_bool().value_unsafe());
  } else if (element.is_null()) {
    FUZZ_CHECK(node.kind == JsonKind::null && node.json == "null");
  } else {
    FUZZ_CHECK(node.kind == JsonKind::number);
    if (std::int64_t whole = 0; element.get_int64().get(whole) == simdjson::SUCCESS) {
      const auto number = parse_json_number(node.json);
      FUZZ_CHECK(number && (!number->fits || (number->floor == whole && !number->fraction)));
    }
  }
  FUZZ_CHECK(at == node.next);
}

// The DOM parser refuses numbers that do not fit, which the reader keeps as text, and takes what the reader's own rules
// refuse: duplicate members, other roots, depth and size, byte order marks, and some lone surrogates.
void check_against_dom(std::string_view json, const JsonReader& reader, Error error) {
  static dom::parser parser;
  dom::element root;
  const simdjson::error_code code = parser.parse(json.data(), json.size(), false).get(root);
  if (error == Error::ok && code == simdjson::SUCCESS) {
    std::uint32_t at = 0;
    check_same(reader.nodes(), at, root);
  } else if (error == Error::ok) {
    FUZZ_CHECK(code == simdjson::NUMBER_ERROR);
  } else if (code == simdjson::SUCCESS) {
    FUZZ_CHECK(error != Error::json_syntax && error != Error::json_end && error != Error::json_number);
    FUZZ_CHECK(error != Error::json_utf8 || json.starts_with("\xef\xbb\xbf"));
    FUZZ_CHECK(error != Error::json_not_an_object || !root.is_object());
  }
}

bool is_same(std::span<const JsonNode> a, std::span<const JsonNode> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const JsonNode& x, const JsonNode& y) {
    return x.name == y.name && x.json == y.json && x.text == y.text && x.next == y.next && x.kind == y.kind;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const JsonLimits limits{.max_bytes = kMaxBytes};
  static JsonReader reader(limits), again(limits);
  static JsonReader marking({.max_bytes = kMaxBytes,
                             .max_depth = limits.max_depth,
                             .max_nodes = limits.max_nodes,
                             .duplicates = DuplicateMembers::mark});
  if (size > kMaxBytes) return 0;
  const PaddedText input = fuzz::padded(fuzz::text(data, size));
  const std::string_view json = input.view();

  const JsonResult result = reader.read(json);
  FUZZ_CHECK(result.offset <= json.size());
  FUZZ_CHECK((result.error == Error::ok) != reader.nodes().empty());
  if (result.error == Error::ok) {
    FUZZ_CHECK(reader.nodes()[0].next == reader.nodes().size() && reader.nodes()[0].kind == JsonKind::object);
    FUZZ_CHECK(is_within(reader.nodes()[0].json, json));
    check_tree(reader.nodes(), 0);
  }
  check_against_dom(json, reader, result.error);

  const JsonResult second = again.read(json);
  FUZZ_CHECK(second.error == result.error && second.offset == result.offset);
  FUZZ_CHECK(is_same(reader.nodes(), again.nodes()));

  const JsonResult marked = marking.read(json);
  const bool has_duplicate = std::any_of(marking.nodes().begin(), marking.nodes().end(),
                                         [](const JsonNode& node) { return node.has_duplicate; });
  if (result.error == Error::ok) FUZZ_CHECK(marked.error == Error::ok && !has_duplicate);
  if (marked.error == Error::ok) {
    FUZZ_CHECK(has_duplicate == (result.error == Error::json_duplicate_member));
    FUZZ_CHECK(has_duplicate || result.error == Error::ok);
  }
  return 0;
}
