// The shape of what is read: nodes, duplicates, limits and offsets.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "json/json_reader.h"
#include "unit/json/fixture.h"

namespace simdjwt {
namespace {

using test::Document;
using test::expect_error;
using test::expect_error_at;
using test::expect_ok;

TEST(JsonReader, NodesFollowTheDocument) {
  const Document document(R"( {"a": "x", "b" : {"c":[1, {"d":null}, "y"], "e":{}} ,"f":[ ],"g":-1.5e3,"h":true} )");
  ASSERT_EQ(document.error(), Error::ok);
  struct Row {
    std::string_view name, json, text;
    JsonKind kind;
    std::uint32_t next;
  };
  const Row rows[] = {
      {"", R"({"a": "x", "b" : {"c":[1, {"d":null}, "y"], "e":{}} ,"f":[ ],"g":-1.5e3,"h":true})",
       R"({"a": "x", "b" : {"c":[1, {"d":null}, "y"], "e":{}} ,"f":[ ],"g":-1.5e3,"h":true})", JsonKind::object, 12},
      {"a", R"("x")", "x", JsonKind::string, 2},
      {"b", R"({"c":[1, {"d":null}, "y"], "e":{}})", R"({"c":[1, {"d":null}, "y"], "e":{}})", JsonKind::object, 9},
      {"c", R"([1, {"d":null}, "y"])", R"([1, {"d":null}, "y"])", JsonKind::array, 8},
      {"", "1", "1", JsonKind::number, 5},
      {"", R"({"d":null})", R"({"d":null})", JsonKind::object, 7},
      {"d", "null", "null", JsonKind::null, 7},
      {"", R"("y")", "y", JsonKind::string, 8},
      {"e", "{}", "{}", JsonKind::object, 9},
      {"f", "[ ]", "[ ]", JsonKind::array, 10},
      {"g", "-1.5e3", "-1.5e3", JsonKind::number, 11},
      {"h", "true", "true", JsonKind::boolean, 12},
  };
  ASSERT_EQ(document.nodes().size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const JsonNode& node = document.nodes()[i];
    EXPECT_EQ(node.name, rows[i].name) << i;
    EXPECT_EQ(node.json, rows[i].json) << i;
    EXPECT_EQ(node.text, rows[i].text) << i;
    EXPECT_EQ(node.kind, rows[i].kind) << i;
    EXPECT_EQ(node.next, rows[i].next) << i;
    EXPECT_FALSE(node.has_duplicate) << i;
    // A slice of the input, so that an embedder can hand it on without a copy.
    EXPECT_GE(node.json.data(), document.text().data());
    EXPECT_LE(node.json.data() + node.json.size(), document.text().data() + document.text().size());
  }
}

TEST(JsonReader, SlicesHoldNoOuterWhiteSpace) {
  const Document document(
      "\r\n\t {\t\"a\"\n:\r\n[ 1 ,\t2 ]\t,\n\"b\" : { \"c\" : \"d\" } \n, \"e\" :  7  , \"f\": \"x\" \t}\r\n ");
  ASSERT_EQ(document.error(), Error::ok);
  EXPECT_EQ(document.nodes()[0].json, document.text().substr(4, document.text().size() - 7));
  EXPECT_EQ(find_member(document.nodes(), 0, "a")->json, "[ 1 ,\t2 ]");
  EXPECT_EQ(find_member(document.nodes(), 0, "b")->json, "{ \"c\" : \"d\" }");
  EXPECT_EQ(find_member(document.nodes(), 0, "e")->json, "7");
  EXPECT_EQ(find_member(document.nodes(), 0, "f")->json, "\"x\"");
}

TEST(JsonReader, FindMemberLooksAtOneObjectOnly) {
  const Document document(R"({"outer":{"inner":1},"array":["inner"],"":2})");
  ASSERT_EQ(document.error(), Error::ok);
  EXPECT_EQ(find_member(document.nodes(), 0, "inner"), nullptr);
  EXPECT_EQ(find_member(document.nodes(), 0, "Outer"), nullptr);
  ASSERT_NE(find_member(document.nodes(), 1, "inner"), nullptr);
  EXPECT_EQ(find_member(document.nodes(), 1, "inner")->json, "1");
  ASSERT_NE(find_member(document.nodes(), 0, ""), nullptr);
  EXPECT_EQ(find_member(document.nodes(), 0, "")->json, "2");
}

TEST(JsonReader, ReadersAreReusedAndForgetTheLastDocument) {
  JsonReader reader(JsonLimits{});
  const std::string good = R"({"a":1,"b":2})" + std::string(JsonReader::kPadding, ' ');
  const std::string bad = R"({"a":1,"a":2})" + std::string(JsonReader::kPadding, ' ');
  const std::string_view good_view(good.data(), 13), bad_view(bad.data(), 13);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(reader.read(good_view).error, Error::ok);
    EXPECT_EQ(reader.nodes().size(), 3u);
    EXPECT_EQ(reader.read(bad_view).error, Error::json_duplicate_member);
    EXPECT_TRUE(reader.nodes().empty());
  }
  JsonReader moved = std::move(reader);
  EXPECT_EQ(moved.read(good_view).error, Error::ok);
  EXPECT_EQ(moved.nodes().size(), 3u);
}

// RFC 7519 §4, RFC 7515 §4, RFC 7493 §2.3: member names are unique; an escaped name is the name that it spells.
TEST(JsonReader, DuplicateMembersAreRefused) {
  for (const std::string_view text : {
           R"({"a":1,"a":1})",
           R"({"a":1,"b":2,"a":3})",
           R"({"alg":1,"\u0061lg":2})",
           R"({"\u0061lg":1,"\u0061\u006cg":2})",
           R"({"\u0061":1,"\u0061":1})",
           R"({"a\/b":1,"a/b":2})",
           R"({"a\nb":1,"a\u000ab":2})",
           R"({"\ud83d\ude00":1,"😀":2})",
           R"({"":1,"":2})",
           R"({"a":{"b":1,"b":2}})",
           R"({"x":[{"b":1,"c":0,"b":2}]})",
           R"({"x":{"y":[[{"\u0062":1,"b":2}]]},"z":1})",
           R"({"a":{"a":1},"a":2})",
       }) {
    expect_error(text, Error::json_duplicate_member);
  }
}

TEST(JsonReader, AlikeIsNotTheSame) {
  expect_ok(R"({"a":1,"A":2,"aa":3,"a ":4," a":5,"á":6,"a\u0000":7})");
  expect_ok(R"({"a":{"a":{"a":[{"a":1},{"a":1}]}},"b":{"a":1}})");
  expect_ok(R"({"x\"y":1,"x\\y":2,"x/y":3})");
  expect_ok(
      R"({"azb":1,"ayb":2,"axb":3})");  // one size, first and last letter: told apart by sorting, not by the filter
  // U+00E9 as one code point and as two: no normalization (RFC 8259 §8.3).
  expect_ok("{\"\xc3\xa9\":1,\"e\xcc\x81\":2}");
}

// Beyond a few members the check sorts: the pair is found wherever the two stand, in objects of every size.
TEST(JsonReader, ADuplicateAmongManyIsFoundWhereverItStands) {
  for (const std::size_t members : {2u, 31u, 32u, 33u, 64u, 200u}) {
    for (std::size_t copy = 1; copy < members; copy += std::max<std::size_t>(1, members / 7)) {
      for (const bool nested : {false, true}) {
        std::string text = nested ? R"({"in":{)" : "{";
        for (std::size_t i = 0; i < members; ++i) {
          const std::size_t name = i == copy ? copy / 2 : i;
          text += (i ? ",\"m" : "\"m") + std::to_string(name) + "\":" + std::to_string(i);
        }
        text += nested ? "}}" : "}";
        expect_error(text, Error::json_duplicate_member);
      }
    }
  }
  std::string distinct = "{";
  for (int i = 0; i < 3000; ++i) distinct += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":0";
  expect_ok(distinct + "}", {.max_bytes = 1 << 20});
}

TEST(JsonReader, MarkModeMarksTheObjectAndGoesOn) {
  const JsonLimits limits{.duplicates = DuplicateMembers::mark};
  const Document document(R"({"k":[{"a":1,"\u0061":2},{"a":1},{"b":{"c":1,"c":2}}],"z":1})", limits);
  ASSERT_EQ(document.error(), Error::ok);
  std::vector<std::string_view> marked;
  for (const JsonNode& node : document.nodes()) {
    if (node.has_duplicate) marked.push_back(node.json);
  }
  EXPECT_EQ(marked, (std::vector<std::string_view>{R"({"a":1,"\u0061":2})", R"({"c":1,"c":2})"}));
  EXPECT_TRUE(Document(R"({"a":1,"a":2})", limits).nodes()[0].has_duplicate);
  EXPECT_FALSE(Document(R"({"a":1,"b":2})", limits).nodes()[0].has_duplicate);
}

TEST(JsonReader, AMarkOfOneReadIsGoneInTheNext) {
  const JsonLimits limits{.duplicates = DuplicateMembers::mark};
  JsonReader reader(limits);
  const std::string first = R"({"k":{"a":1,"a":2}})" + std::string(JsonReader::kPadding, ' ');
  const std::string second = R"({"k":{"a":1,"b":2}})" + std::string(JsonReader::kPadding, ' ');
  ASSERT_EQ(reader.read({first.data(), 19}).error, Error::ok);
  EXPECT_TRUE(reader.nodes()[1].has_duplicate);
  ASSERT_EQ(reader.read({second.data(), 19}).error, Error::ok);
  EXPECT_FALSE(reader.nodes()[1].has_duplicate);
}

std::string nested(std::size_t depth, bool arrays) {
  std::string text = "{\"a\":";
  for (std::size_t i = 1; i < depth; ++i) text += arrays ? "[" : "{\"a\":";
  text += "1";
  for (std::size_t i = 1; i < depth; ++i) text += arrays ? "]" : "}";
  return text + "}";
}

TEST(JsonReader, DepthAtTheLimitAndOver) {
  for (const std::uint32_t limit : {1u, 2u, 3u, 16u, 32u, kMaxJsonDepth}) {
    for (const bool arrays : {false, true}) {
      expect_ok(nested(limit, arrays), {.max_depth = limit});
      expect_error(nested(limit + 1, arrays), Error::json_too_deep, {.max_depth = limit});
      expect_error(nested(2000, arrays), Error::json_too_deep, {.max_depth = limit});
    }
    // Siblings do not add up.
    std::string wide = "{";
    for (int i = 0; i < 70; ++i) wide += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":" + (limit > 1 ? "[]" : "0");
    expect_ok(wide + "}", {.max_depth = limit});
  }
  // The bound of the project stands above what is asked for.
  expect_ok(nested(kMaxJsonDepth, true), {.max_depth = 1000});
  expect_error(nested(kMaxJsonDepth + 1, true), Error::json_too_deep, {.max_depth = 1000});
  // A flood of brackets that nobody closes, too.
  EXPECT_NE(Document("{\"a\":" + std::string(10000, '['), {.max_depth = 8}).error(), Error::ok);
}

// The root, and every member and element.
TEST(JsonReader, NodesAtTheLimitAndOver) {
  for (const std::uint32_t limit : {2u, 16u, 100u}) {
    std::string elements = "{\"a\":[", members = "{";
    for (std::uint32_t i = 0; i + 2 < limit; ++i) elements += i ? ",0" : "0";
    for (std::uint32_t i = 0; i + 1 < limit; ++i) members += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":0";
    expect_ok(elements + "]}", {.max_nodes = limit});
    expect_ok(members + "}", {.max_nodes = limit});
    expect_error(elements + (limit > 2 ? ",0]}" : "0]}"), Error::json_too_many_members, {.max_nodes = limit});
    expect_error(members + ",\"z\":0}", Error::json_too_many_members, {.max_nodes = limit});
    EXPECT_EQ(Document(members + "}", {.max_nodes = limit}).nodes().size(), limit);
  }
}

TEST(JsonReader, BytesAtTheLimitAndOver) {
  const std::string text = R"({"a":")" + std::string(92, 'x') + R"("})";
  ASSERT_EQ(text.size(), 100u);
  expect_ok(text, {.max_bytes = 100});
  expect_error(text + " ", Error::token_too_large, {.max_bytes = 100});
}

TEST(JsonReader, ACallMayNarrowTheLimitsAndNeverWidenThem) {
  JsonReader reader(JsonLimits{.max_depth = 3, .max_nodes = 5});
  const auto read = [&](std::string text, std::uint32_t depth, std::uint32_t nodes) {
    const std::size_t size = text.size();
    text.append(JsonReader::kPadding, ' ');
    return reader.read({text.data(), size}, depth, nodes).error;
  };
  EXPECT_EQ(read(nested(2, true), 2, 5), Error::ok);
  EXPECT_EQ(read(nested(3, true), 2, 5), Error::json_too_deep);
  EXPECT_EQ(read(nested(3, true), 64, 5), Error::ok);
  EXPECT_EQ(read(nested(4, true), 64, 5), Error::json_too_deep);
  EXPECT_EQ(read(R"({"a":1,"b":2})", 3, 3), Error::ok);
  EXPECT_EQ(read(R"({"a":1,"b":2,"c":3})", 3, 3), Error::json_too_many_members);
  EXPECT_EQ(read(R"({"a":1,"b":2,"c":3,"d":4})", 3, 100), Error::ok);
  EXPECT_EQ(read(R"({"a":1,"b":2,"c":3,"d":4,"e":5})", 3, 100), Error::json_too_many_members);
}

TEST(JsonReader, OffsetsPointAtTheFault) {
  expect_error_at(R"({"a":1,"b":01})", Error::json_number, 11);
  expect_error_at(R"({"a":1,"b":tru})", Error::json_syntax, 11);
  expect_error_at(R"({"abc":1,"b":"\q"})", Error::json_string, 13);
}

// Of two members the second is the fault: its name or its value, whether the object was scanned or sorted.
TEST(JsonReader, TheOffsetOfADuplicateLiesInTheSecondMember) {
  for (const std::string_view second : {R"("a":22)", R"("\u0061":22)"}) {
    for (const int others : {0, 5, 100}) {
      std::string text = R"({"a":1)";
      for (int i = 0; i < others; ++i) text += ",\"m" + std::to_string(i) + "\":0";
      const std::size_t at = text.size() + 1;
      text.append(",").append(second).append(R"(,"z":3})");
      const Document document(text);
      EXPECT_EQ(document.error(), Error::json_duplicate_member) << text;
      EXPECT_GE(document.offset(), at) << text;
      EXPECT_LE(document.offset(), at + second.size() - 2) << text;
    }
  }
}

// Every single-byte change of a valid document is judged as a whole: what is accepted still parses to the end.
TEST(JsonReader, EveryByteAtEveryPositionIsSafe) {
  const std::string whole = R"({"a":["\u00e9",-1.5e3,{"b":null}],"c":true})";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = whole;
      text[at] = static_cast<char>(byte);
      const Document document(text);
      ASSERT_LE(document.offset(), text.size());
      ASSERT_EQ(document.nodes().empty(), document.error() != Error::ok);
      if (document.error() == Error::ok) {
        ASSERT_EQ(document.nodes()[0].next, document.nodes().size());
        ASSERT_EQ(document.nodes()[0].json, text);
      }
    }
  }
}

// What the padding holds is never taken for a part of the document.
TEST(JsonReader, EverySizeAroundABlockIsRead) {
  for (std::size_t size = 8; size < 200; ++size) {
    const std::string text = R"({"a":")" + std::string(size - 8, 'x') + R"("})";
    ASSERT_EQ(text.size(), size);
    const Document document(text);
    ASSERT_EQ(document.error(), Error::ok) << size;
    EXPECT_EQ(document.nodes()[1].text.size(), size - 8);
  }
}

}  // namespace
}  // namespace simdjwt
