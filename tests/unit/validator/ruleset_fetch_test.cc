// What a policy document says of fetching keys (docs/policy.md): the `fetch` member, and where a rule's keys are.
#include <gtest/gtest.h>

#include <string>

#include "unit/validator/fixture.h"
#include "validator/ruleset.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Members;
using test::plain_rule;
using test::policy;

std::string document(std::string_view fetch, const Members& rule = plain_rule()) {
  return policy({rule.json()}, ",\"fetch\":" + std::string(fetch));
}

void expect_refused(std::string_view text, Error error, std::string_view path) {
  const RulesetResult result = Ruleset::compile(text);
  EXPECT_EQ(result.error, error) << text << "\n" << result.path << ": " << result.expected;
  EXPECT_EQ(result.path, path) << text;
  EXPECT_FALSE(result.expected.empty());
  EXPECT_EQ(result.ruleset, nullptr);
}

TEST(Fetch, Defaults) {
  for (const std::string& text : {policy({plain_rule().json()}), document("{}")}) {
    const auto ruleset = compile(text);
    const FetchPolicy& fetch = ruleset->fetch();
    EXPECT_EQ(fetch.deadline_ms, 5000u);
    EXPECT_EQ(fetch.max_body_bytes, 1048576u);
    EXPECT_EQ(fetch.max_header_bytes, 16384u);
    EXPECT_EQ(fetch.max_redirects, 2u);
    EXPECT_FALSE(fetch.cross_origin_redirects);
    EXPECT_FALSE(fetch.private_addresses);
    EXPECT_FALSE(fetch.http);
    EXPECT_EQ(fetch.min_refresh_s, 60u);
    EXPECT_EQ(fetch.max_refresh_s, 600u);
    EXPECT_EQ(fetch.max_stale_s, 86400u);
    EXPECT_EQ(fetch.demand.cooldown_s, 31u);
    EXPECT_EQ(fetch.demand.unknown_kid_ttl_s, 300u);
    EXPECT_EQ(fetch.min_backoff_ms, 500u);
    EXPECT_EQ(fetch.max_backoff_s, 30u);
    EXPECT_EQ(fetch.host_requests_per_minute, 120u);
    EXPECT_EQ(fetch.ca_file + fetch.proxy + fetch.state_dir, "");
  }
}

struct Range {
  const char* name;
  std::uint32_t FetchPolicy::*member;
  std::int64_t min, max;
  const char* more;  // members that keep the order of the others
};

TEST(Fetch, NumbersHaveRanges) {
  const Range ranges[] = {
      {"deadline_ms", &FetchPolicy::deadline_ms, 10, 60000, ""},
      {"max_body_bytes", &FetchPolicy::max_body_bytes, 1024, 16777216, ""},
      {"max_header_bytes", &FetchPolicy::max_header_bytes, 1024, 1048576, ""},
      {"max_redirects", &FetchPolicy::max_redirects, 0, 10, ""},
      {"min_refresh_s", &FetchPolicy::min_refresh_s, 1, 86400, R"(,"max_refresh_s":86400)"},
      {"max_refresh_s", &FetchPolicy::max_refresh_s, 1, 604800, R"(,"min_refresh_s":1,"max_stale_s":604800)"},
      {"max_stale_s", &FetchPolicy::max_stale_s, 1, 31536000, R"(,"min_refresh_s":1,"max_refresh_s":1)"},
      {"min_backoff_ms", &FetchPolicy::min_backoff_ms, 10, 60000, R"(,"max_backoff_s":60)"},
      {"max_backoff_s", &FetchPolicy::max_backoff_s, 1, 3600, ""},
      {"host_requests_per_minute", &FetchPolicy::host_requests_per_minute, 1, 100000, ""},
  };
  for (const Range& range : ranges) {
    const auto with = [&range](const std::string& value) {
      return document("{\"" + std::string(range.name) + "\":" + value + range.more + "}");
    };
    const std::string path = std::string("fetch.") + range.name;
    for (const std::int64_t value : {range.min, range.max}) {
      const auto ruleset = compile(with(std::to_string(value)));
      ASSERT_NE(ruleset, nullptr) << path;
      EXPECT_EQ(ruleset->fetch().*range.member, value) << path;
    }
    expect_refused(with(std::to_string(range.min - 1)), Error::policy_member_value, path);
    expect_refused(with(std::to_string(range.max + 1)), Error::policy_member_value, path);
    expect_refused(with("\"1\""), Error::policy_member_type, path);
  }
  EXPECT_EQ(compile(document(R"({"cooldown_s":1,"unknown_kid_ttl_s":0})"))->fetch().demand.cooldown_s, 1u);
  EXPECT_EQ(compile(document(R"({"unknown_kid_ttl_s":86400})"))->fetch().demand.unknown_kid_ttl_s, 86400u);
  expect_refused(document(R"({"cooldown_s":0})"), Error::policy_member_value, "fetch.cooldown_s");
  expect_refused(document(R"({"cooldown_s":3601})"), Error::policy_member_value, "fetch.cooldown_s");
  expect_refused(document(R"({"unknown_kid_ttl_s":86401})"), Error::policy_member_value, "fetch.unknown_kid_ttl_s");
}

// The path is that of a member that is there.
TEST(Fetch, LeastAndMostAreInOrder) {
  expect_refused(document(R"({"min_refresh_s":601})"), Error::policy_member_value, "fetch.min_refresh_s");
  expect_refused(document(R"({"max_refresh_s":59})"), Error::policy_member_value, "fetch.max_refresh_s");
  expect_refused(document(R"({"max_stale_s":599})"), Error::policy_member_value, "fetch.max_stale_s");
  expect_refused(document(R"({"max_refresh_s":86401})"), Error::policy_member_value, "fetch.max_refresh_s");
  expect_refused(document(R"({"min_backoff_ms":30001})"), Error::policy_member_value, "fetch.min_backoff_ms");
  EXPECT_NE(compile(document(R"({"min_backoff_ms":30000,"min_refresh_s":600,"max_stale_s":600})")), nullptr);
}

TEST(Fetch, WhatLoosensIsNamed) {
  const auto all =
      compile(document(R"({"allow_cross_origin_redirects":true,"allow_private_addresses":true,"allow_http":true})"));
  EXPECT_TRUE(all->fetch().cross_origin_redirects);
  EXPECT_TRUE(all->fetch().private_addresses);
  EXPECT_TRUE(all->fetch().http);
  for (const std::string name : {"allow_cross_origin_redirects", "allow_private_addresses", "allow_http"}) {
    expect_refused(document("{\"" + name + "\":false}"), Error::policy_member_value, "fetch." + name);
    expect_refused(document("{\"" + name + "\":1}"), Error::policy_member_type, "fetch." + name);
  }
}

TEST(Fetch, Texts) {
  const auto ruleset =
      compile(document(R"({"ca_file":"/etc/roots.pem","proxy":"http://proxy:3128","state_dir":"/var/lib/keys"})"));
  EXPECT_EQ(ruleset->fetch().ca_file, "/etc/roots.pem");
  EXPECT_EQ(ruleset->fetch().proxy, "http://proxy:3128");
  EXPECT_EQ(ruleset->fetch().state_dir, "/var/lib/keys");
  EXPECT_EQ(compile(document(R"({"proxy":"http://[::1]:65535"})"))->fetch().proxy, "http://[::1]:65535");
  for (const std::string name : {"ca_file", "proxy", "state_dir"}) {
    expect_refused(document("{\"" + name + "\":\"\"}"), Error::policy_member_value, "fetch." + name);
    expect_refused(document("{\"" + name + "\":\"a\\u0000b\"}"), Error::policy_member_value, "fetch." + name);
    expect_refused(document("{\"" + name + "\":null}"), Error::policy_member_type, "fetch." + name);
  }
  for (const char* proxy :
       {"proxy:3128", "https://proxy:3128", "http://proxy", "http://:1", "http://proxy:", "http://", "http://proxy:0",
        "http://proxy:65536", "http://proxy:x", "http://u:p@proxy:1", "http://proxy:1/", "http://a b:1"}) {
    expect_refused(document("{\"proxy\":\"" + std::string(proxy) + "\"}"), Error::policy_member_value, "fetch.proxy");
  }
}

TEST(Fetch, IsAnObjectOfKnownMembers) {
  for (const char* wrong : {"null", "[]", "1", "true"}) {
    expect_refused(document(wrong), Error::policy_member_type, "fetch");
  }
  expect_refused(document(R"({"deadline":1})"), Error::policy_member_unknown, "fetch.deadline");
}

TEST(Fetch, HttpOnlyWhereItIsAllowed) {
  const Members plain = plain_rule().set("jwks_uri", R"("http://127.0.0.1:8080/jwks")");
  expect_refused(document("{}", plain), Error::policy_member_value, "issuers[0].jwks_uri");
  EXPECT_EQ(compile(document(R"({"allow_http":true})", plain))->issuers()[0].jwks_uri, "http://127.0.0.1:8080/jwks");
  const Members discovered = plain_rule("http://127.0.0.1:8080").set("discovery", "true");
  expect_refused(document("{}", discovered), Error::policy_member_value, "issuers[0].discovery");
  EXPECT_TRUE(compile(document(R"({"allow_http":true})", discovered))->issuers()[0].discovery);
}

// RFC 8414 §2: the issuer is an https URL without query and fragment.
TEST(Fetch, Discovery) {
  EXPECT_FALSE(compile(policy({plain_rule().json()}))->issuers()[0].discovery);
  EXPECT_TRUE(compile(policy({plain_rule().set("discovery", "true").json()}))->issuers()[0].discovery);
  EXPECT_TRUE(compile(policy({plain_rule("https://as.example/tenant").set("discovery", "true").json()}))
                  ->issuers()[0]
                  .discovery);
  const auto refused = [](const Members& rule, Error error) {
    expect_refused(policy({rule.json()}), error, "issuers[0].discovery");
  };
  refused(plain_rule().set("discovery", "false"), Error::policy_member_value);
  refused(plain_rule().set("discovery", "\"true\""), Error::policy_member_type);
  refused(plain_rule().set("discovery", "true").set("jwks_uri", R"("https://as.example/jwks")"),
          Error::policy_member_value);
  refused(plain_rule().set("discovery", "true").set("jwks", test::p256_key().jwk()), Error::policy_member_value);
  for (const char* issuer : {"as.example", "https://as.example?a", "https://as.example#a", "https://", "https:///a",
                             "https://as.example/a b", "urn:as"}) {
    refused(plain_rule(issuer).set("discovery", "true"), Error::policy_member_value);
  }
}

}  // namespace
}  // namespace simdjwt
