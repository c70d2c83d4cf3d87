// What the tests of json/ share: a document that must be read, or refused with an error at a place.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/json.h"
#include "support/print.h"

namespace simdjwt::test {

inline std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

// Whatever the error, its offset lies in the text or at its end, and no node is left to look at.
inline void expect_error(std::string_view text, Error error, const JsonLimits& limits = {}) {
  const Document document(text, limits);
  EXPECT_EQ(document.error(), error) << quoted(text) << " " << error_name(document.error());
  EXPECT_LE(document.offset(), text.size()) << quoted(text);
  EXPECT_TRUE(document.nodes().empty()) << quoted(text);
}

inline void expect_error_at(std::string_view text, Error error, std::uint32_t offset) {
  expect_error(text, error);
  EXPECT_EQ(Document(text).offset(), offset) << quoted(text);
}

inline void expect_ok(std::string_view text, const JsonLimits& limits = {}) {
  const Document document(text, limits);
  EXPECT_EQ(document.error(), Error::ok) << quoted(text) << " " << error_name(document.error());
  EXPECT_EQ(document.offset(), 0u);
  EXPECT_FALSE(document.nodes().empty());
}

// As the value of a member, in an array, and nested: whatever a validator does not look at is validated all the same.
inline void expect_bad_value(std::string_view value, Error error) {
  expect_error(R"({"a":)" + std::string(value) + "}", error);
  expect_error(R"({"a":[)" + std::string(value) + "]}", error);
  expect_error(R"({"a":1,"b":{"c":[{"d":)" + std::string(value) + "}]}}", error);
}

}  // namespace simdjwt::test
