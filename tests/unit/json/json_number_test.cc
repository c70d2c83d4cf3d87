#include "json/json_number.h"

#include <gtest/gtest.h>

#include <string>

namespace simdjwt {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

struct Row {
  std::string text;
  JsonNumber number;
};

void expect_numbers(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const std::optional<JsonNumber> got = parse_json_number(row.text);
    ASSERT_TRUE(got.has_value()) << row.text;
    EXPECT_EQ(got->floor, row.number.floor) << row.text;
    EXPECT_EQ(got->fraction, row.number.fraction) << row.text;
    EXPECT_EQ(got->fits, row.number.fits) << row.text;
  }
}

TEST(JsonNumber, WholeNumbersAreExact) {
  expect_numbers({
      {"0", {0, false, true}},
      {"-0", {0, false, true}},
      {"7", {7, false, true}},
      {"-7", {-7, false, true}},
      {"1300819380", {1300819380, false, true}},
      {"9007199254740993", {9007199254740993, false, true}},  // 2^53 + 1: a double would round it
      {"9223372036854775807", {kMax, false, true}},
      {"-9223372036854775807", {-kMax, false, true}},
  });
}

// floor "does not fit 64 bits" only below -2^63.
TEST(JsonNumber, TheLeastInt64Fits) {
  expect_numbers({
      {"-9223372036854775808", {kMin, false, true}},
      {"-9223372036854775807.5", {kMin, true, true}},
  });
}

TEST(JsonNumber, WhatDoesNotFitSaysOnlyItsSign) {
  expect_numbers({
      {"9223372036854775808", {kMax, false, false}},
      {"-9223372036854775809", {kMin, false, false}},
      {"-9223372036854775808.5", {kMin, false, false}},
      {"18446744073709551616", {kMax, false, false}},  // 2^64: wraps to 0
      {"18446744073709551617", {kMax, false, false}},  // wraps to 1
      {"1e19", {kMax, false, false}},
      {"-1e19", {kMin, false, false}},
      {"1e400", {kMax, false, false}},
      {"1e99999999999999999999", {kMax, false, false}},
      {"-1E+99999999999999999999", {kMin, false, false}},
      {"92233720368547758079e-1", {kMax, true, true}},  // 2^63 - 1 and 0.9
      {std::string(400, '9'), {kMax, false, false}},
  });
}

TEST(JsonNumber, FractionsAreFlooredAndMarked) {
  expect_numbers({
      {"1.5", {1, true, true}},
      {"-1.5", {-2, true, true}},
      {"0.1", {0, true, true}},
      {"-0.1", {-1, true, true}},
      {"-0.0", {0, false, true}},
      {"1.0", {1, false, true}},
      {"1.000000000000000000000000000001", {1, true, true}},
      {"0." + std::string(5000, '0') + "1", {0, true, true}},
      {"9223372036854775807.999", {kMax, true, true}},
      {"1300819379.9999999999", {1300819379, true, true}},
  });
}

TEST(JsonNumber, ExponentsMoveThePointExactly) {
  expect_numbers({
      {"1e0", {1, false, true}},
      {"1.5e1", {15, false, true}},
      {"1.25e1", {12, true, true}},
      {"1E2", {100, false, true}},
      {"1e+2", {100, false, true}},
      {"100e-2", {1, false, true}},
      {"150e-2", {1, true, true}},
      {"-150e-2", {-2, true, true}},
      {"5e-1", {0, true, true}},
      {"5e-3", {0, true, true}},
      {"-5e-3", {-1, true, true}},
      {"1e-400", {0, true, true}},
      {"1e-99999999999999999999", {0, true, true}},
      {"0e99999999999999999999", {0, false, true}},
      {"0.000e5", {0, false, true}},
      {"-0e-5", {0, false, true}},
      {"0.0013e6", {1300, false, true}},
      {"922337203685477580.7e1", {kMax, false, true}},
      {"922337203685477580.8e1", {kMax, false, false}},
      {"0." + std::string(300, '0') + "1e301", {1, false, true}},
      {"1" + std::string(300, '0') + "e-300", {1, false, true}},
      {"1e18", {1000000000000000000, false, true}},
      {"1e007", {10000000, false, true}},  // only the integer part may not start with a zero
  });
}

// RFC 8259 §6: number = [ minus ] int [ frac ] [ exp ].
TEST(JsonNumber, WhatBreaksTheGrammarIsNoNumber) {
  for (const std::string_view text :
       {"",    "-",     "+1",    "01",    "-01",      "00",  "1.",   ".1",  "-.1",      "1.e1",      "1e",    "1e+",
        "1E-", "1e1.0", "1.2.3", "1 ",    " 1",       "1a",  "0x10", "NaN", "Infinity", "-Infinity", "1_000", "1,0",
        "--1", "1-",    "1e--1", "1e1e1", "\xd9\xa1", "1\t", "-a",   "0.",  "1e 1",     "e1",        "1.+1"}) {
    EXPECT_FALSE(parse_json_number(text).has_value()) << "'" << text << "'";
  }
  EXPECT_FALSE(parse_json_number(std::string_view("1\0", 2)).has_value());
}

TEST(JsonNumber, AFractionIsAfterItsFloor) {
  EXPECT_TRUE(is_after({5, true, true}, 5));
  EXPECT_FALSE(is_after({5, false, true}, 5));
  EXPECT_TRUE(is_after({6, false, true}, 5));
  EXPECT_FALSE(is_after({4, true, true}, 5));
  EXPECT_TRUE(is_after({kMax, true, true}, kMax));
  EXPECT_FALSE(is_after({kMin, false, true}, kMin));
}

TEST(JsonNumber, SumsSaturate) {
  EXPECT_EQ(saturating_add(2, 3), 5);
  EXPECT_EQ(saturating_add(2, -3), -1);
  EXPECT_EQ(saturating_add(kMax, 1), kMax);
  EXPECT_EQ(saturating_add(kMax, kMax), kMax);
  EXPECT_EQ(saturating_add(kMin, -1), kMin);
  EXPECT_EQ(saturating_add(kMin, kMin), kMin);
  EXPECT_EQ(saturating_add(kMin, kMax), -1);
  EXPECT_EQ(saturating_add(kMax, 0), kMax);
}

TEST(JsonNumber, CeilRoundsUp) {
  EXPECT_EQ(ceil(JsonNumber{5, false, true}), 5);
  EXPECT_EQ(ceil(JsonNumber{5, true, true}), 6);
  EXPECT_EQ(ceil(JsonNumber{-2, true, true}), -1);
  EXPECT_EQ(ceil(JsonNumber{kMax, true, true}), kMax);
}

}  // namespace
}  // namespace simdjwt
