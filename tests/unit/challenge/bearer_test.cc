#include "challenge/bearer.h"

#include <gtest/gtest.h>

#include <string>

#include "support/print.h"

namespace simdjwt {
namespace {

// RFC 6750 §2.1: credentials = "Bearer" 1*SP b64token; the scheme is case-insensitive (RFC 9110 §11.1).
TEST(BearerToken, Table) {
  struct Row {
    std::string_view value;
    Error error;
    std::string_view token;
  };
  constexpr Row kRows[] = {
      {"Bearer abc", Error::ok, "abc"},
      {"bearer abc", Error::ok, "abc"},
      {"BEARER abc", Error::ok, "abc"},
      {"bEaReR abc", Error::ok, "abc"},
      {"Bearer   abc", Error::ok, "abc"},
      {"Bearer a.b-c_d~e+f/g0", Error::ok, "a.b-c_d~e+f/g0"},
      {"Bearer abc=", Error::ok, "abc="},
      {"Bearer abc==", Error::ok, "abc=="},
      // Another scheme, or none: no bearer credentials (RFC 6750 §3.1).
      {"", Error::credentials_missing, ""},
      {" ", Error::credentials_missing, ""},
      {"abc", Error::credentials_missing, ""},
      {"Basic YTpi", Error::credentials_missing, ""},
      {"DPoP abc", Error::credentials_missing, ""},
      {"Bearerx abc", Error::credentials_missing, ""},
      {"Beare abc", Error::credentials_missing, ""},
      {" Bearer abc", Error::credentials_missing, ""},
      {"Bearer,abc", Error::credentials_missing, ""},
      {"Bearer\tabc", Error::credentials_missing, ""},
      {"Bearer=abc", Error::credentials_missing, ""},
      {"\xc2\xa0"
       "Bearer abc",
       Error::credentials_missing, ""},
      // The scheme, and not exactly one token.
      {"Bearer", Error::request_malformed, ""},
      {"bearer", Error::request_malformed, ""},
      {"Bearer ", Error::request_malformed, ""},
      {"Bearer    ", Error::request_malformed, ""},
      {"Bearer abc ", Error::request_malformed, ""},
      {"Bearer abc def", Error::request_malformed, ""},
      {"Bearer abc, Basic x", Error::request_malformed, ""},
      {"Bearer \tabc", Error::request_malformed, ""},
      {"Bearer \"abc\"", Error::request_malformed, ""},
      {"Bearer realm=\"x\"", Error::request_malformed, ""},
      {"Bearer =", Error::request_malformed, ""},
      {"Bearer ==abc", Error::request_malformed, ""},
      {"Bearer a=b", Error::request_malformed, ""},
      {"Bearer abc\n", Error::request_malformed, ""},
      {"Bearer abc\r\nX: y", Error::request_malformed, ""},
      {"Bearer \xc3\xa9", Error::request_malformed, ""},
      {"Bearer a,b", Error::request_malformed, ""},
  };
  for (const Row& row : kRows) {
    const BearerResult got = bearer_token(row.value);
    EXPECT_EQ(got.error, row.error) << "'" << row.value << "'";
    EXPECT_EQ(got.token, row.token) << "'" << row.value << "'";
  }
  EXPECT_EQ(bearer_token({}).error, Error::credentials_missing) << "no such field in the request";
  EXPECT_EQ(bearer_token(std::string_view("Bearer a\0b", 10)).error, Error::request_malformed);
  EXPECT_EQ(bearer_token(std::string_view("Bearer\0abc", 10)).error, Error::credentials_missing);
}

// token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" (RFC 9110 §11.2).
TEST(BearerToken, EveryByteOfAToken) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                         (byte != 0 && std::string_view("-._~+/").find(c) != std::string_view::npos);
    const std::string value = std::string("Bearer x") + c + "y";
    EXPECT_EQ(bearer_token(value).error, allowed ? Error::ok : Error::request_malformed) << byte;
  }
}

TEST(BearerToken, TheTokenIsAViewIntoTheValue) {
  const std::string value = "Bearer  abc";
  EXPECT_EQ(bearer_token(value).token.data(), value.data() + 8);
}

}  // namespace
}  // namespace simdjwt
