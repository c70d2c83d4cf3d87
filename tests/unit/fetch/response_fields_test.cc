// Fields of an answer: how long it is good (RFC 9111 §4.2), when to come back, and what is an entity-tag.
#include "fetch/response_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace simdjwt::fetch {
namespace {

using std::chrono::seconds;

TEST(ResponseFieldsTest, HowLongAnAnswerIsGood) {
  const struct {
    const char* cache_control;
    const char* age;
    std::optional<seconds> left;
  } cases[] = {
      {"", "", {}},
      {"public", "10", {}},
      {"max-age=60", "", seconds(60)},
      {"public, max-age=60, must-revalidate", "", seconds(60)},
      {"MAX-AGE=60", "", seconds(60)},
      {"max-age=\"60\"", "", seconds(60)},
      {"max-age=60, max-age=30", "", seconds(30)},
      {"max-age=30,max-age=60", "", seconds(30)},
      {"max-age=60", "45", seconds(15)},
      {"max-age=60", "61", seconds(0)},
      {"max-age=60", "99999999999999999999999", seconds(0)},
      {"max-age=60", "45, 10", seconds(15)},
      {"max-age=60", "-5", seconds(60)},
      {"max-age=60", "x", seconds(60)},
      {"max-age=99999999999999999999999", "", kMaxDeltaSeconds},
      {"max-age", "", seconds(0)},
      {"max-age=", "", seconds(0)},
      {"max-age=-1", "", seconds(0)},
      {"max-age=1.5", "", seconds(0)},
      {"max-age=60, no-store", "", seconds(0)},
      {"no-cache", "", seconds(0)},
      {"no-cache=\"set-cookie, max-age=5\", max-age=60", "", seconds(0)},
      {"x=\"max-age=5, \\\"no-store\", max-age=60", "", seconds(60)},
      {"s-maxage=5, xmax-age=7", "", {}},
      {",, ,\tmax-age=60\t,,", "", seconds(60)},
      {"\"max-age=60", "", {}},
  };
  for (const auto& one : cases) EXPECT_EQ(remaining_age(one.cache_control, one.age), one.left) << one.cache_control;
}

TEST(ResponseFieldsTest, WhenToComeBack) {
  EXPECT_EQ(retry_delay("120"), seconds(120));
  EXPECT_EQ(retry_delay(" 0 "), seconds(0));
  EXPECT_EQ(retry_delay("99999999999999999999"), kMaxDeltaSeconds);
  for (const char* none : {"", " ", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT", "5, 6"}) {
    EXPECT_EQ(retry_delay(none), std::nullopt) << none;
  }
}

TEST(ResponseFieldsTest, EntityTags) {
  for (const char* tag : {"\"\"", "\"a\"", "W/\"a!#~\"", "\"\xc3\xa9\""}) EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const char* none : {"", "a", "\"", "\"a", "a\"", "w/\"a\"", "W/a", "\"a\"b\"", "\"a b\"", "\"a\r\nX: y\"",
                           "\"a\x7f\"", "\"a\", \"b\""}) {
    EXPECT_FALSE(is_entity_tag(none)) << none;
  }
  EXPECT_TRUE(is_entity_tag("\"" + std::string(1022, 'a') + "\""));
  EXPECT_FALSE(is_entity_tag("\"" + std::string(1023, 'a') + "\""));
}

}  // namespace
}  // namespace simdjwt::fetch
