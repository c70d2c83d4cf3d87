// The grammar of RFC 8259, and what RFC 7493 takes away from it.
#include <gtest/gtest.h>

#include <string>

#include "json/json_reader.h"
#include "unit/json/fixture.h"

namespace simdjwt {
namespace {

using test::Document;
using test::expect_bad_value;
using test::expect_error;
using test::expect_error_at;
using test::expect_ok;

// RFC 8259 §2: a JSON text is one value and white space.
TEST(JsonReader, NothingFollowsTheObject) {
  for (const std::string_view tail :
       {"x", "{}", "[]", "}", "]", ",", ":", "0", "\"\"", "null", " {}", "\n1", "\x01", "//c"}) {
    expect_error("{}" + std::string(tail), Error::json_end);
    expect_error(R"({"a":[1,{"b":2}]})" + std::string(tail), Error::json_end);
  }
  expect_error(std::string_view("{}\0", 3), Error::json_end);
  expect_error(std::string_view("{\"a\":1}\0\0", 9), Error::json_end);
  expect_error_at(R"({"a":1} {})", Error::json_end, 8);
}

TEST(JsonReader, ATextThatIsCutShortIsRefused) {
  const std::string_view whole = R"({"a":[1,true,"x\n",{"b":null}],"c":-1.5})";
  expect_ok(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Document document(whole.substr(0, size));
    EXPECT_NE(document.error(), Error::ok) << whole.substr(0, size);
    EXPECT_LE(document.offset(), size);
  }
  for (const std::string_view text :
       {"", " ", "\n\t\r ", "{", "{\"a\":1", "{\"a\"", "{\"a", "{\"a\":\"b", "{\"a\":[1,2"}) {
    expect_error(text, Error::json_end);
  }
  expect_error({}, Error::json_end);
}

// RFC 8259 §8.1, RFC 7519 §7.2.
TEST(JsonReader, AByteOrderMarkIsRefused) {
  expect_error_at("\xef\xbb\xbf{}", Error::json_utf8, 0);
  expect_error_at("\xef\xbb\xbf{\"a\":1}", Error::json_utf8, 0);
  EXPECT_NE(Document(std::string_view("\xfe\xff\0{\0}", 6)).error(), Error::ok);  // UTF-16, big-endian
  EXPECT_NE(Document(std::string_view("\xff\xfe{\0}\0", 6)).error(), Error::ok);  // UTF-16, little-endian
  EXPECT_NE(Document(std::string_view("{\0}\0", 4)).error(), Error::ok);          // UTF-16 without a mark
  EXPECT_NE(Document(std::string_view("\0\0\0{\0\0\0}", 8)).error(), Error::ok);  // UTF-32
}

// RFC 3629 §3, RFC 8259 §8.1.
TEST(JsonReader, InvalidUtf8IsRefusedWhereverItStands) {
  for (const std::string_view bytes : {
           "\x80",
           "\xbf",  // a continuation byte alone
           "\xc3",
           "\xe2\x82",
           "\xf0\x9f\x98",  // cut short
           "\xc0\x80",
           "\xc1\xbf",  // overlong, two bytes
           "\xe0\x80\x80",
           "\xe0\x9f\xbf",  // overlong, three
           "\xf0\x80\x80\x80",
           "\xf0\x8f\xbf\xbf",  // overlong, four
           "\xed\xa0\x80",
           "\xed\xbf\xbf",  // surrogates
           "\xf4\x90\x80\x80",
           "\xf5\x80\x80\x80",  // beyond U+10FFFF
           "\xfe",
           "\xff",
           "\xf8\x88\x80\x80\x80",
           "\xc3\x28",
           "\xe2\x28\xa1",
           "\xe2\x82\x28",
           "\xf0\x28\x8c\xbc",
           "\xf0\x90\x28\xbc",
       }) {
    const std::string b(bytes);
    expect_error(R"({"a":")" + b + R"("})", Error::json_utf8);
    expect_error(R"({")" + b + R"(":1})", Error::json_utf8);
    expect_error(R"({"a":[{"b":"x)" + b + R"(y"}]})", Error::json_utf8);
    expect_error(R"({"a":")" + std::string(70, 'x') + b + R"("})", Error::json_utf8);  // in a second block
    expect_error(R"({"a":1})" + b, Error::json_utf8);
  }
  expect_ok("{\"\xc3\xa9\":\"\xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80 \x7f\"}");
}

// RFC 8259 §7: escapes; RFC 7493 §2.1: no lone surrogates.
TEST(JsonReader, EscapesSpellTheirCharacters) {
  const Document document(R"({"a\u0062\"":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\u0000z"})");
  ASSERT_EQ(document.error(), Error::ok);
  EXPECT_EQ(document.nodes()[1].name, "ab\"");
  const std::string expected = std::string("\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") + '\0' + "z";
  EXPECT_EQ(document.nodes()[1].text, expected);
  EXPECT_EQ(document.nodes()[1].json, R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\u0000z")");
  EXPECT_NE(Document(R"({"a":""})").nodes()[1].text.data(), nullptr) << "an empty string is not a missing one";
}

TEST(JsonReader, BadEscapesAndLoneSurrogatesAreRefused) {
  for (const std::string_view body : {
           R"(\x41)",         R"(\a)",           R"(\')",           R"(\0)",     R"(\U0041)", R"(\ )",
           R"(\u)",           R"(\u1)",          R"(\u12)",         R"(\u123)",  R"(\u12g4)", R"(\u+123)",
           R"(\u 041)",       R"(\u-001)",       R"(\ud800)",       R"(\udbff)", R"(\udc00)", R"(\udfff)",  // alone
           R"(\ud800x)",      R"(\ud800\n)",     R"(\ud83d\u0041)",  // a high one before something else
           R"(\ude00\ud83d)", R"(\ud83d\ud83d)",                     // in the wrong order
           R"(\ud83d\ude0)",  R"(x\udc00y)",     R"(\uD800\uE000)",
       }) {
    const std::string b(body);
    expect_error(R"({"a":")" + b + R"("})", Error::json_string);
    expect_error(R"({"a":[0,{"b":")" + b + R"("}]})", Error::json_string);
    expect_error(R"({")" + b + R"(":1})", Error::json_string);
    expect_error(R"({"a":{")" + b + R"(":1}})", Error::json_string);
  }
}

// RFC 8259 §7: the control characters must be escaped.
TEST(JsonReader, ControlCharactersInStringsAreRefused) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string b(1, static_cast<char>(c));
    expect_error(R"({"a":"x)" + b + R"(y"})", Error::json_string);
    expect_error(R"({"x)" + b + R"(y":1})", Error::json_string);
  }
  expect_ok("{\"a\":\"\x7f\"}");
}

TEST(JsonReader, NulBytesAreRefusedEverywhere) {
  const std::string whole = R"({"a":[1,true,"x"],"b":{}})";
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    std::string text = whole;
    text.insert(at, 1, '\0');
    const Document document(text);
    EXPECT_NE(document.error(), Error::ok) << at;
    EXPECT_LE(document.offset(), text.size()) << at;
  }
}

// RFC 8259 §6.
TEST(JsonReader, NumbersFollowTheGrammar) {
  for (const std::string_view value : {"0", "-0", "1", "10", "-1", "1.5", "0.0", "1e1", "1E+1", "1e-1", "-1.5E-10",
                                       "1e400", "123456789012345678901234567890", "0e00"}) {
    const Document document(R"({"a":)" + std::string(value) + "}");
    ASSERT_EQ(document.error(), Error::ok) << value;
    EXPECT_EQ(document.nodes()[1].kind, JsonKind::number) << value;
    EXPECT_EQ(document.nodes()[1].json, value);
  }
  for (const std::string_view value : {"01", "-01", "-", "1.", "1.e1", "1e", "1e+", "0x1", "1_0", "--1", "1.2.3",
                                       "1e1.5", "-a", "1a", "00", "1\"\"", "-Infinity", "1.+1"}) {
    const Document document(R"({"a":)" + std::string(value) + "}");
    EXPECT_TRUE(document.error() == Error::json_number || document.error() == Error::json_syntax)
        << value << " " << error_name(document.error());
  }
  for (const std::string_view value : {"01", "-", "1.", "1e", "0x1", "1.2.3", "1e+", "-a"}) {
    expect_bad_value(value, Error::json_number);
  }
  for (const std::string_view value : {"+1", ".5", "NaN", "Infinity", "1 2"})
    expect_bad_value(value, Error::json_syntax);
  expect_error(std::string_view("{\"a\":1\0}", 8), Error::json_number);
}

// RFC 8259 §3: literals are lower-case, whole, and there are three.
TEST(JsonReader, LiteralsAreExact) {
  for (const std::string_view value : {"True", "TRUE", "tru", "truex", "truE", "fals", "falsee", "False", "nul",
                                       "nulll", "NULL", "None", "undefined", "t", "f", "n", "'a'", "a", "True1"}) {
    expect_bad_value(value, Error::json_syntax);
  }
  const Document document(R"({"a":true,"b":false,"c":null})");
  ASSERT_EQ(document.error(), Error::ok);
  EXPECT_EQ(document.nodes()[1].kind, JsonKind::boolean);
  EXPECT_EQ(document.nodes()[2].text, "false");
  EXPECT_EQ(document.nodes()[3].kind, JsonKind::null);
}

TEST(JsonReader, GrammarOfObjectsAndArrays) {
  for (const std::string_view text : {
           R"({"a":1,})",      R"({,"a":1})",    R"({"a":1,,"b":2})", R"({"a" 1})",        R"({"a":1 "b":2})",
           R"({"a"::1})",      R"({"a":})",      R"({a:1})",          R"({1:1})",          R"({"a":[1,]})",
           R"({"a":[,1]})",    R"({"a":[1 2]})", R"({"a":[1,,2]})",   R"({"a":[1:2]})",    R"({"a":"x";"b":2})",
           R"({'a':1})",       R"({"a":[}]})",   R"({"a":{]}})",      R"({"a":null/**/})", R"({"a","b":1})",
           R"({"a":"b" "c"})", R"({"a":"b"x})",  R"({:1})",           R"({null:1})",       R"({"a":[1}})",
       }) {
    expect_error(text, Error::json_syntax);
  }
}

// RFC 8259 §2: white space is these four; simdjson's classifier takes 0x0c and 0x1a for structural characters at first.
TEST(JsonReader, OnlyFourCharactersAreWhiteSpace) {
  expect_ok(" \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n1 \t\r\n} \t\r\n");
  for (const std::string_view space :
       {"\x0b", "\x0c", "\x1a", "\xc2\xa0", "\xe2\x80\xa8", "\x08", "\x1e", "\x1f", "\x7f"}) {
    const std::string s(space);
    expect_error("{" + s + "\"a\":1}", Error::json_syntax);
    expect_error("{\"a\"" + s + ":1}", Error::json_syntax);
    EXPECT_NE(Document("{\"a\":1" + s + "}").error(), Error::ok) << static_cast<int>(space[0]);
    EXPECT_NE(Document("{\"a\":1" + s + "\"b\":2}").error(), Error::ok) << static_cast<int>(space[0]);
    expect_error(s + "{\"a\":1}", Error::json_not_an_object);
    expect_error("{\"a\":1}" + s, Error::json_end);
  }
}

// RFC 7519 §7.2 step 10, RFC 7515 §4: a JSON object.
TEST(JsonReader, TheRootIsAnObject) {
  for (const std::string_view text : {"[]", "[{}]", "1", "\"a\"", "true", "null", " [1]", "x", "}"}) {
    expect_error(text, Error::json_not_an_object);
  }
  expect_error_at("  []", Error::json_not_an_object, 2);
  expect_ok("{}");
  EXPECT_EQ(Document(" {} ").nodes()[0].json, "{}");
  EXPECT_EQ(Document(" {} ").nodes()[0].next, 1u);
}

}  // namespace
}  // namespace simdjwt
