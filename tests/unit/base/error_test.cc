#include "base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "simdjwt/simdjwt.h"
#include "support/print.h"

namespace simdjwt {
namespace {

std::vector<Error> all_errors() {
  std::vector<Error> out{Error::ok};
  for (std::size_t i = 0; i < error_count(); ++i) out.push_back(error_at(i));
  return out;
}

TEST(ErrorTable, NumbersAscendAndNamesAreUnique) {
  std::set<std::string_view> names;
  std::uint16_t last = 0;
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error = error_at(i);
    EXPECT_GT(static_cast<std::uint16_t>(error), last) << error_name(error);
    last = static_cast<std::uint16_t>(error);
    EXPECT_TRUE(names.insert(error_name(error)).second) << error_name(error);
    EXPECT_NE(error_name(error), "unknown");
  }
  EXPECT_EQ(names.size(), error_count());
  EXPECT_GE(error_count(), 80u);
  EXPECT_EQ(error_at(error_count()), Error::ok);
}

TEST(ErrorTable, NamesAreLowerCaseWords) {
  for (const Error error : all_errors()) {
    const std::string_view name = error_name(error);
    EXPECT_FALSE(name.empty());
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    })) << name;
  }
}

// RFC 6750 §3: an error_description holds %x20-21 / %x23-5B / %x5D-7E only, so that it needs no escaping.
TEST(ErrorTable, TextsFitAnErrorDescription) {
  std::set<std::string_view> texts;
  for (const Error error : all_errors()) {
    const std::string_view text = error_text(error);
    EXPECT_FALSE(text.empty()) << error_name(error);
    for (const char c : text) {
      EXPECT_TRUE((c >= 0x20 && c <= 0x21) || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e))
          << error_name(error) << " has " << static_cast<int>(c);
    }
    EXPECT_TRUE(texts.insert(text).second) << "two errors share a text: " << text;
  }
}

// RFC 6750 §3.1.
TEST(ErrorTable, StatusAndOAuthCodeFollowTheCategory) {
  for (const Error error : all_errors()) {
    int status = 0;
    std::string_view code;
    switch (static_cast<unsigned>(error) >> 8) {
      case 0:
        status = 200;
        break;
      case 1:
        status = error == Error::credentials_missing ? 401 : 400;
        code = error == Error::credentials_missing ? "" : "invalid_request";
        break;
      case 2:
        status = 401;
        code = "invalid_token";
        break;
      case 3:
        status = 403;
        code = "insufficient_scope";
        break;
      case 4:
      case 5:
        status = 503;
        break;
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
        status = 500;
        break;
      default:
        ADD_FAILURE() << "a category that has no status: " << error_name(error);
    }
    EXPECT_EQ(error_http_status(error), status) << error_name(error);
    EXPECT_EQ(error_oauth_code(error), code) << error_name(error);
  }
}

TEST(ErrorTable, NumbersAreThoseOfTheAbi) {
  EXPECT_EQ(static_cast<unsigned>(Error::ok), unsigned{SIMDJWT_OK});
  EXPECT_EQ(static_cast<unsigned>(Error::request_malformed), unsigned{SIMDJWT_REQUEST_MALFORMED});
  EXPECT_EQ(static_cast<unsigned>(Error::token_expired), unsigned{SIMDJWT_TOKEN_EXPIRED});
  EXPECT_EQ(static_cast<unsigned>(Error::insufficient_scope), 0x0301u);
  EXPECT_EQ(static_cast<unsigned>(Error::keys_unavailable), 0x0401u);
  EXPECT_EQ(static_cast<unsigned>(Error::store_full), 0x0501u);
  EXPECT_EQ(static_cast<unsigned>(Error::journal_directory), 0x0a01u);
  EXPECT_EQ(static_cast<unsigned>(Error::fleet_address), 0x0b01u);
  EXPECT_EQ(static_cast<unsigned>(Error::not_found), unsigned{SIMDJWT_NOT_FOUND});
  EXPECT_EQ(category_of(Error::alg_none), ErrorCategory::token);
  EXPECT_EQ(category_of(Error::ok), ErrorCategory::none);
}

TEST(ErrorTable, ANumberOutsideTheListIsUnknown) {
  for (const unsigned number : {0x0001u, 0x0103u, 0x0200u, 0x02ffu, 0x0506u, 0x0900u, 0x0c01u, 0xffffu}) {
    const auto error = static_cast<Error>(number);
    EXPECT_EQ(error_name(error), "unknown") << number;
    EXPECT_EQ(error_text(error), "unknown error") << number;
  }
  EXPECT_EQ(error_http_status(static_cast<Error>(0x0001)), 500);
  EXPECT_EQ(error_http_status(static_cast<Error>(0x0c01)), 500);
  EXPECT_EQ(error_http_status(static_cast<Error>(0xffff)), 500);
  EXPECT_EQ(error_oauth_code(static_cast<Error>(0xffff)), "");
}

}  // namespace
}  // namespace simdjwt
