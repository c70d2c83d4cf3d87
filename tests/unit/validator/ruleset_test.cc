#include "validator/ruleset.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::plain_rule;
using test::policy;

void expect_refused(std::string_view document, Error error, std::string_view path) {
  const RulesetResult result = Ruleset::compile(document);
  EXPECT_EQ(result.error, error) << document.substr(0, 300) << "\n" << result.path << ": " << result.expected;
  EXPECT_EQ(result.path, path) << document.substr(0, 300);
  EXPECT_FALSE(result.expected.empty());
  EXPECT_EQ(result.ruleset, nullptr);
}

TEST(Ruleset, TheLeastDocumentHasTheDocumentedDefaults) {
  const auto ruleset = compile(policy({plain_rule().json()}));
  EXPECT_EQ(ruleset->limits().max_token_bytes, 16384u);
  EXPECT_EQ(ruleset->limits().max_json_depth, 32u);
  EXPECT_EQ(ruleset->limits().max_json_nodes, 4096u);
  EXPECT_EQ(ruleset->limits().max_kid_bytes, 256u);
  EXPECT_EQ(ruleset->limits().max_key_candidates, 8u);
  EXPECT_EQ(ruleset->challenge().realm, "");
  EXPECT_EQ(ruleset->challenge().resource_metadata, "");
  ASSERT_EQ(ruleset->issuers().size(), 1u);
  const IssuerRule& rule = ruleset->issuers()[0];
  EXPECT_EQ(rule.issuer, "https://as.example");
  EXPECT_EQ(rule.typs, std::vector<std::string>{"JWT"});
  EXPECT_FALSE(rule.any_typ);
  EXPECT_EQ(rule.claims.audiences, std::vector<std::string>{"api"});
  EXPECT_FALSE(rule.claims.any_audience);
  EXPECT_FALSE(rule.claims.missing_exp);
  EXPECT_FALSE(rule.claims.future_iat);
  EXPECT_FALSE(rule.claims.ignore_others);
  EXPECT_FALSE(rule.claims.check_azp);
  EXPECT_EQ(rule.claims.leeway_s, 0);
  EXPECT_EQ(rule.claims.max_age_s, 0);
  EXPECT_TRUE(rule.claims.required.empty());
  EXPECT_TRUE(rule.claims.expected.empty());
  EXPECT_TRUE(rule.scopes.empty());
  EXPECT_EQ(rule.jwks_uri, "");
  EXPECT_EQ(rule.keys, nullptr);
  EXPECT_TRUE(rule.algorithms.has(Algorithm::ES256));
  EXPECT_EQ(ruleset->algorithms(), rule.algorithms);
}

TEST(Ruleset, TheExampleOfTheManualCompiles) {
  const auto ruleset = compile(R"({
    "version": 1,
    "challenge": { "realm": "api", "resource_metadata": "https://api.example/.well-known/oauth-protected-resource" },
    "issuers": [ { "issuer": "https://as.example", "profile": "access-token", "audiences": ["https://api.example"],
      "algorithms": ["ES256"], "jwks_uri": "https://as.example/jwks", "leeway_s": 30, "scopes": ["orders:read"] } ] })");
  EXPECT_EQ(ruleset->challenge().realm, "api");
  EXPECT_EQ(ruleset->issuers()[0].jwks_uri, "https://as.example/jwks");
  EXPECT_EQ(ruleset->issuers()[0].claims.leeway_s, 30);
  EXPECT_EQ(ruleset->issuers()[0].scopes, std::vector<std::string>{"orders:read"});
}

TEST(Ruleset, TheDocumentIsStrictJson) {
  const auto refused = [](std::string_view document, std::uint32_t offset, Error why) {
    const RulesetResult result = Ruleset::compile(document);
    EXPECT_EQ(result.error, Error::policy_json) << document;
    EXPECT_EQ(result.offset, offset) << document;
    EXPECT_EQ(result.expected, error_text(why)) << document;
    EXPECT_EQ(result.path, "");
    EXPECT_EQ(result.ruleset, nullptr);
  };
  refused("", 0, Error::json_end);
  refused("[]", 0, Error::json_not_an_object);
  refused("\xef\xbb\xbf{}", 0, Error::json_utf8);
  refused(R"({"version":01})", 11, Error::json_number);
  refused(R"({"version":1} {})", 14, Error::json_end);
  EXPECT_EQ(Ruleset::compile(R"({"version":1,"issuers":[{"issuer":"a","issuer":"b"}]})").error, Error::policy_json);
  // An inline key set is a part of the document, and as strict.
  EXPECT_EQ(Ruleset::compile(policy({plain_rule().set("jwks", test::p256_key().jwk(R"("x":"AA")")).json()})).error,
            Error::policy_json);
}

TEST(Ruleset, DocumentMembers) {
  const std::string rules = "[" + plain_rule().json() + "]";
  expect_refused("{}", Error::policy_member_missing, "version");
  expect_refused(R"({"issuers":)" + rules + "}", Error::policy_member_missing, "version");
  expect_refused(R"({"version":1})", Error::policy_member_missing, "issuers");
  for (const char* version : {"0", "2", "1.5", "-1", "1e400"}) {
    expect_refused(std::string(R"({"version":)") + version + R"(,"issuers":)" + rules + "}", Error::policy_member_value,
                   "version");
  }
  for (const char* version : {R"("1")", "true", "null", "[1]"}) {
    expect_refused(std::string(R"({"version":)") + version + R"(,"issuers":)" + rules + "}", Error::policy_member_type,
                   "version");
  }
  for (const char* issuers : {"{}", R"("x")", "null", "1"}) {
    expect_refused(std::string(R"({"version":1,"issuers":)") + issuers + "}", Error::policy_member_type, "issuers");
  }
  expect_refused(R"({"version":1,"issuers":[]})", Error::policy_member_value, "issuers");
  for (const char* rule : {"1", "null", "[]", R"("x")"}) {
    expect_refused(policy({plain_rule().json(), rule}), Error::policy_member_type, "issuers[1]");
  }
  for (const char* member : {"Version", "issuer", "rules", "x"}) {
    expect_refused(policy({plain_rule().json()}, ",\"" + std::string(member) + "\":1"), Error::policy_member_unknown,
                   member);
  }
}

TEST(Ruleset, ReservedMembersAreRefusedBeforeAnythingElse) {
  for (const char* member : {"revocation", "binding", "mcp"}) {
    for (const char* value : {"{}", "null", "true"}) {
      expect_refused(policy({plain_rule().json()}, ",\"" + std::string(member) + "\":" + value), Error::policy_reserved,
                     member);
      expect_refused("{\"" + std::string(member) + "\":" + value + "}", Error::policy_reserved, member);
    }
  }
}

TEST(Ruleset, Limits) {
  struct Row {
    const char* name;
    std::int64_t min, max;
    std::uint32_t Limits::*field;
  };
  const Row rows[] = {{"max_token_bytes", 256, 1048576, &Limits::max_token_bytes},
                      {"max_json_depth", 2, 64, &Limits::max_json_depth},
                      {"max_json_nodes", 16, 65536, &Limits::max_json_nodes},
                      {"max_kid_bytes", 1, 4096, &Limits::max_kid_bytes},
                      {"max_key_candidates", 1, 64, &Limits::max_key_candidates}};
  for (const Row& row : rows) {
    const auto document = [&](const std::string& value) {
      return policy({plain_rule().json()}, ",\"limits\":{\"" + std::string(row.name) + "\":" + value + "}");
    };
    const std::string path = "limits." + std::string(row.name);
    for (const std::int64_t value : {row.min, row.max}) {
      EXPECT_EQ(compile(document(std::to_string(value)))->limits().*row.field, value) << row.name;
    }
    for (const std::string& value : {std::to_string(row.min - 1), std::to_string(row.max + 1), std::string("-1"),
                                     std::to_string(row.min) + ".5", std::string("1e400"), std::string("4294967297")}) {
      expect_refused(document(value), Error::policy_member_value, path);
    }
    for (const char* value : {"null", R"("300")", "true", "[]"})
      expect_refused(document(value), Error::policy_member_type, path);
  }
  for (const char* value : {"null", "1", "[]"}) {
    expect_refused(policy({plain_rule().json()}, std::string(",\"limits\":") + value), Error::policy_member_type,
                   "limits");
  }
  expect_refused(policy({plain_rule().json()}, R"(,"limits":{"max_tokens":1})"), Error::policy_member_unknown,
                 "limits.max_tokens");
  EXPECT_EQ(Ruleset::compile(policy({plain_rule().json()}, R"(,"limits":{"max_json_depth":1})")).expected,
            "an integer from 2 to 64");
}

TEST(Ruleset, TheVerdictCachesMemoryHasBounds) {
  const auto document = [](std::uint64_t bytes) {
    return policy({plain_rule().json()}, R"(,"limits":{"verdict_cache_bytes":)" + std::to_string(bytes) + '}');
  };
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{131072}, std::uint64_t{1} << 38}) {
    EXPECT_EQ(compile(document(bytes))->limits().verdict_cache_bytes, bytes);
  }
  for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{131071}, (std::uint64_t{1} << 38) + 1}) {
    expect_refused(document(bytes), Error::policy_member_value, "limits.verdict_cache_bytes");
  }
}

TEST(Ruleset, Challenge) {
  const auto document = [](const std::string& value) {
    return policy({plain_rule().json()}, ",\"challenge\":" + value);
  };
  EXPECT_EQ(compile(document(R"({"realm":"a b!'#"})"))->challenge().realm, "a b!'#");
  EXPECT_EQ(compile(document(R"({"resource_metadata":"http://x"})"))->challenge().resource_metadata, "http://x");
  EXPECT_EQ(compile(document("{}"))->challenge().realm, "");
  for (const char* value :
       {R"("")", R"("a\"b")", R"("a\\b")", R"("a\nb")", R"("\u007f")", R"("é")", R"("a\u0000")", R"("a\r\nX: y")"}) {
    expect_refused(document(std::string(R"({"realm":)") + value + "}"), Error::policy_member_value, "challenge.realm");
  }
  for (const char* value : {R"("")", R"("api.example")", R"("ftp://x")", R"("HTTPS://x")", R"("https://a b")",
                            R"("https://a\"b")", R"("https://\u00e9")", R"("https://a\n")", R"(" https://a")"}) {
    expect_refused(document(std::string(R"({"resource_metadata":)") + value + "}"), Error::policy_member_value,
                   "challenge.resource_metadata");
  }
  for (const char* value : {"1", "null", "[]"}) {
    expect_refused(document(value), Error::policy_member_type, "challenge");
    expect_refused(document(std::string(R"({"realm":)") + value + "}"), Error::policy_member_type, "challenge.realm");
    expect_refused(document(std::string(R"({"resource_metadata":)") + value + "}"), Error::policy_member_type,
                   "challenge.resource_metadata");
  }
  expect_refused(document(R"({"scope":"x"})"), Error::policy_member_unknown, "challenge.scope");
}

TEST(Ruleset, AnIssuerHasOneRule) {
  expect_refused(policy({plain_rule("a").json(), plain_rule("b").json(), plain_rule("a").json()}),
                 Error::policy_issuer_repeated, "issuers[2].issuer");
  // What differs in a byte is another issuer.
  const auto ruleset = compile(
      policy({plain_rule("a").json(), plain_rule("A").json(), plain_rule("a/").json(), plain_rule("a\\u0000").json()}));
  EXPECT_EQ(ruleset->find("a"), 0u);
  EXPECT_EQ(ruleset->find("A"), 1u);
  EXPECT_EQ(ruleset->find("a/"), 2u);
  EXPECT_EQ(ruleset->find(std::string_view("a\0", 2)), 3u);
  for (const std::string_view other : {"", "b", "aa", "a/b"})
    EXPECT_EQ(ruleset->find(other), Ruleset::kNoIssuer) << other;
  EXPECT_EQ(ruleset->find({}), Ruleset::kNoIssuer);
}

TEST(Ruleset, AThousandIssuersAreFound) {
  std::string document = R"({"version":1,"issuers":[)";
  for (int i = 0; i < 1000; ++i) {
    document += (i ? "," : "") +
                plain_rule("https://as" + std::to_string(i) + ".example").set("leeway_s", std::to_string(i)).json();
  }
  const auto ruleset = compile(document + "]}");
  ASSERT_EQ(ruleset->issuers().size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t index = ruleset->find("https://as" + std::to_string(i) + ".example");
    ASSERT_EQ(index, static_cast<std::uint32_t>(i));
    EXPECT_EQ(ruleset->issuers()[index].claims.leeway_s, i);
  }
  EXPECT_EQ(ruleset->find("https://as1000.example"), Ruleset::kNoIssuer);
}

TEST(Ruleset, SizeAtTheLimitAndOver) {
  const auto with_rules = [](std::size_t count) {
    std::string document = R"({"version":1,"issuers":[)";
    for (std::size_t i = 0; i < count; ++i) document += (i ? "," : "") + plain_rule("i" + std::to_string(i)).json();
    return document + "]}";
  };
  EXPECT_EQ(compile(with_rules(Ruleset::kMaxIssuers))->issuers().size(), Ruleset::kMaxIssuers);
  expect_refused(with_rules(Ruleset::kMaxIssuers + 1), Error::policy_member_value, "issuers");
  std::string document = policy({plain_rule().json()});
  document.append(Ruleset::kMaxBytes - document.size(), ' ');
  EXPECT_NE(compile(document), nullptr);
  expect_refused(document + " ", Error::policy_too_large, "");
}

TEST(Ruleset, AlgorithmsAreThoseOfAllRules) {
  const auto ruleset =
      compile(policy({plain_rule("a").json(), plain_rule("b").set("algorithms", R"(["RS256","PS512"])").json(),
                      plain_rule("c").set("algorithms", "[]").json()}));
  for (const AlgorithmInfo& row : algorithms()) {
    const bool listed = row.name == "ES256" || row.name == "RS256" || row.name == "PS512";
    EXPECT_EQ(ruleset->algorithms().has(row.algorithm), listed) << row.name;
  }
  EXPECT_TRUE(ruleset->issuers()[2].algorithms.empty()) << "an empty list allows nothing";
}

}  // namespace
}  // namespace simdjwt
