// The members of one rule (docs/policy.md), and what each profile makes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/validator/fixture.h"
#include "validator/ruleset.h"

namespace simdjwt {
namespace {

using test::Members;
using test::plain_rule;
using test::policy;

// The rule is the second of two, so that the path must name the right one.
void expect_refused(const Members& rule, Error error, std::string_view member) {
  const RulesetResult result = Ruleset::compile(policy({plain_rule("other").json(), rule.json()}));
  EXPECT_EQ(result.error, error) << rule.json() << "\n" << result.path << ": " << result.expected;
  EXPECT_EQ(result.path, "issuers[1]." + std::string(member)) << rule.json();
  EXPECT_FALSE(result.expected.empty());
  EXPECT_EQ(result.ruleset, nullptr);
}

IssuerRule accept(const Members& rule) {
  const auto ruleset = test::compile(policy({rule.json()}));
  return ruleset ? ruleset->issuers()[0] : IssuerRule{};
}

void expect_types(const Members& rule, std::string_view member, std::initializer_list<const char*> wrong) {
  for (const char* value : wrong) expect_refused(Members(rule).set(member, value), Error::policy_member_type, member);
}

TEST(RuleMembers, UnknownOnesAreNamed) {
  for (const char* name : {"alg", "aud", "Issuer", "audience", "leeway", "jwks_url", "allow_none", ""}) {
    expect_refused(plain_rule().set(name, "1"), Error::policy_member_unknown, name);
  }
}

TEST(RuleMembers, Issuer) {
  expect_refused(plain_rule().drop("issuer"), Error::policy_member_missing, "issuer");
  expect_refused(plain_rule().set("issuer", R"("")"), Error::policy_member_value, "issuer");
  expect_types(plain_rule(), "issuer", {"null", "1", "[]", R"(["a"])"});
  EXPECT_EQ(accept(plain_rule().set("issuer", R"("https:\/\/x")")).issuer, "https://x");
}

TEST(RuleMembers, Algorithms) {
  expect_refused(plain_rule().drop("algorithms"), Error::policy_member_missing, "algorithms");
  expect_types(plain_rule(), "algorithms", {"null", R"("ES256")", "{}", "1"});
  // RFC 8725 §3.1, §3.2: exact names, and never none.
  for (const char* name : {"none", "None", "es256", "ES256 ", "RSA-OAEP", "dir"}) {
    expect_refused(plain_rule().set("algorithms", R"(["ES256",")" + std::string(name) + R"("])"),
                   Error::policy_member_value, "algorithms[1]");
  }
  expect_refused(plain_rule().set("algorithms", R"([""])"), Error::policy_member_value, "algorithms[0]");
  expect_refused(plain_rule().set("algorithms", R"(["ES256",1])"), Error::policy_member_type, "algorithms[1]");
  EXPECT_TRUE(accept(plain_rule().set("algorithms", "[]")).algorithms.empty());
  for (const AlgorithmInfo& row : algorithms()) {
    AlgorithmSet only;
    only.add(row.algorithm);
    EXPECT_EQ(accept(plain_rule().set("algorithms", R"([")" + std::string(row.name) + R"("])")).algorithms, only)
        << row.name;
  }
}

TEST(RuleMembers, Audiences) {
  expect_refused(plain_rule().drop("audiences"), Error::policy_member_missing, "audiences");
  expect_types(plain_rule(), "audiences", {"null", R"("api")", "{}", "1"});
  expect_refused(plain_rule().set("audiences", "[]"), Error::policy_member_value, "audiences");
  expect_refused(plain_rule().set("audiences", R"(["a",""])"), Error::policy_member_value, "audiences[1]");
  expect_refused(plain_rule().set("audiences", R"(["a","b","a"])"), Error::policy_member_value, "audiences[2]");
  expect_refused(plain_rule().set("audiences", R"(["a",1])"), Error::policy_member_type, "audiences[1]");
  EXPECT_EQ(accept(plain_rule().set("audiences", R"(["b","a"])")).claims.audiences,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(accept(plain_rule().drop("audiences").set("allow_any_audience", "true")).claims.any_audience);
  expect_refused(plain_rule().set("allow_any_audience", "true"), Error::policy_member_value, "audiences");
}

TEST(RuleMembers, Typ) {
  expect_refused(plain_rule().drop("typ"), Error::policy_member_missing, "typ");
  expect_types(plain_rule(), "typ", {"null", "1", "{}"});
  expect_refused(plain_rule().set("typ", R"("")"), Error::policy_member_value, "typ");
  expect_refused(plain_rule().set("typ", "[]"), Error::policy_member_value, "typ");
  expect_refused(plain_rule().set("typ", R"(["a",""])"), Error::policy_member_value, "typ[1]");
  expect_refused(plain_rule().set("typ", R"(["a",1])"), Error::policy_member_type, "typ[1]");
  EXPECT_EQ(accept(plain_rule().set("typ", R"(["application/at+jwt","JWT"])")).typs,
            (std::vector<std::string>{"at+jwt", "JWT"}));
  EXPECT_TRUE(accept(plain_rule().drop("typ").set("allow_any_typ", "true")).any_typ);
  expect_refused(plain_rule().set("allow_any_typ", "true"), Error::policy_member_value, "typ");
}

TEST(RuleMembers, LooseningsAreTrueOrLeftOut) {
  for (const char* name : {"allow_any_audience", "allow_any_typ", "allow_missing_exp", "allow_future_iat"}) {
    expect_refused(plain_rule().set(name, "false"), Error::policy_member_value, name);
    expect_types(plain_rule(), name, {"null", "1", R"("true")", "{}"});
  }
  EXPECT_TRUE(accept(plain_rule().set("allow_missing_exp", "true")).claims.missing_exp);
  EXPECT_TRUE(accept(plain_rule().set("allow_future_iat", "true")).claims.future_iat);
}

TEST(RuleMembers, Times) {
  expect_types(plain_rule(), "leeway_s", {"null", R"("30")", "true", "[]"});
  expect_types(plain_rule(), "max_age_s", {"null", R"("30")", "true", "[]"});
  for (const char* value : {"-1", "86401", "0.5", "1e400", "-1e400"}) {
    expect_refused(plain_rule().set("leeway_s", value), Error::policy_member_value, "leeway_s");
  }
  for (const char* value : {"0", "-1", "1000000001", "1.5", "1e10"}) {
    expect_refused(plain_rule().set("max_age_s", value), Error::policy_member_value, "max_age_s");
  }
  EXPECT_EQ(accept(plain_rule().set("leeway_s", "0")).claims.leeway_s, 0);
  EXPECT_EQ(accept(plain_rule().set("leeway_s", "86400")).claims.leeway_s, 86400);
  EXPECT_EQ(accept(plain_rule().set("max_age_s", "1")).claims.max_age_s, 1);
  EXPECT_EQ(accept(plain_rule().set("max_age_s", "1000000000")).claims.max_age_s, 1000000000);
  EXPECT_EQ(Ruleset::compile(policy({plain_rule().set("leeway_s", "-1").json()})).expected,
            "an integer from 0 to 86400");
}

TEST(RuleMembers, RequiredClaims) {
  expect_types(plain_rule(), "required_claims", {"null", R"("sub")", "{}"});
  expect_refused(plain_rule().set("required_claims", R"(["a",""])"), Error::policy_member_value, "required_claims[1]");
  expect_refused(plain_rule().set("required_claims", R"(["a","a"])"), Error::policy_member_value, "required_claims[1]");
  expect_refused(plain_rule().set("required_claims", "[1]"), Error::policy_member_type, "required_claims[0]");
  EXPECT_TRUE(accept(plain_rule().set("required_claims", "[]")).claims.required.empty());
  const IssuerRule rule = accept(plain_rule().set("required_claims", R"(["role","sub"])"));
  EXPECT_EQ(rule.claims.required, (std::vector<std::string>{"role", "sub"}));
  EXPECT_TRUE(std::binary_search(rule.claims.known.begin(), rule.claims.known.end(), "role"))
      << "a required claim is known";
}

TEST(RuleMembers, OtherClaims) {
  expect_types(plain_rule(), "other_claims", {"null", "true", "[]"});
  for (const char* value : {R"("")", R"("Ignore")", R"("accept")"}) {
    expect_refused(plain_rule().set("other_claims", value), Error::policy_member_value, "other_claims");
  }
  EXPECT_TRUE(accept(plain_rule().set("other_claims", R"("ignore")")).claims.ignore_others);
  EXPECT_FALSE(accept(plain_rule().set("other_claims", R"("reject")")).claims.ignore_others);
}

TEST(RuleMembers, Claims) {
  expect_types(plain_rule(), "claims", {"null", "[]", R"("ignore")", "1"});
  const auto refused = [](const char* value, Error error, const char* member) {
    expect_refused(plain_rule().set("claims", std::string(R"({"a":"ignore","c":)") + value + "}"), error, member);
  };
  for (const char* value : {"null", "1", "true", "[]", R"("Ignore")", R"("x")"})
    refused(value, Error::policy_member_type, "claims.c");
  refused("{}", Error::policy_member_value, "claims.c");
  refused(R"({"equals":1,"one_of":[1]})", Error::policy_member_value, "claims.c");
  refused(R"({"equal":1})", Error::policy_member_unknown, "claims.c.equal");
  for (const char* value : {"null", "[]", "{}"}) {
    refused((std::string(R"({"equals":)") + value + "}").c_str(), Error::policy_member_type, "claims.c.equals");
  }
  for (const char* value : {"1.5", "1e400", "9223372036854775808"}) {
    refused((std::string(R"({"equals":)") + value + "}").c_str(), Error::policy_member_value, "claims.c.equals");
  }
  refused(R"({"one_of":[]})", Error::policy_member_value, "claims.c.one_of");
  refused(R"({"one_of":"x"})", Error::policy_member_type, "claims.c.one_of");
  refused(R"({"one_of":["x",null]})", Error::policy_member_type, "claims.c.one_of[1]");
  refused(R"({"one_of":["x",0.5]})", Error::policy_member_value, "claims.c.one_of[1]");
  refused(R"({"contains":1})", Error::policy_member_type, "claims.c.contains");
  refused(R"({"contains":["x"]})", Error::policy_member_type, "claims.c.contains");
  refused(R"({"contains":""})", Error::policy_member_value, "claims.c.contains");

  const IssuerRule rule = accept(plain_rule().set(
      "claims", R"({"z":"ignore","e":{"equals":"x"},"o":{"one_of":[5,true,"",-1]},"h":{"contains":"y"}})"));
  ASSERT_EQ(rule.claims.expected.size(), 3u);
  EXPECT_EQ(rule.claims.expected[0].name, "e");
  EXPECT_EQ(rule.claims.expected[0].values[0].text, "x");
  EXPECT_FALSE(rule.claims.expected[0].contains);
  ASSERT_EQ(rule.claims.expected[1].values.size(), 4u);
  EXPECT_EQ(rule.claims.expected[1].values[0].integer, 5);
  EXPECT_EQ(rule.claims.expected[1].values[1].kind, JsonKind::boolean);
  EXPECT_EQ(rule.claims.expected[1].values[2].text, "");
  EXPECT_EQ(rule.claims.expected[1].values[3].integer, -1);
  EXPECT_TRUE(rule.claims.expected[2].contains);
  EXPECT_EQ(rule.claims.expected[2].values[0].text, "y");
  EXPECT_TRUE(std::is_sorted(rule.claims.known.begin(), rule.claims.known.end()));
  for (const char* name : {"z", "e", "o", "h", "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "client_id"}) {
    EXPECT_TRUE(std::binary_search(rule.claims.known.begin(), rule.claims.known.end(), name)) << name;
  }
  EXPECT_FALSE(std::binary_search(rule.claims.known.begin(), rule.claims.known.end(), "azp"));
}

TEST(RuleMembers, Keys) {
  const std::string key = test::p256_key().jwk();
  EXPECT_EQ(accept(plain_rule().set("jwks", key)).keys->entries().size(), 1u);
  EXPECT_EQ(accept(plain_rule().set("jwks", test::jwks({key, "{}"}))).keys->entries().size(), 2u);
  for (const char* value : {"null", "1", "[]", "{}", R"({"keys":1})", R"("https://x")"}) {
    expect_refused(plain_rule().set("jwks", value), Error::jwks_shape, "jwks");
  }
  for (const char* value : {R"({"keys":[]})", R"({"keys":[{}]})", R"({"kty":"EC"})"}) {
    expect_refused(plain_rule().set("jwks", value), Error::policy_jwks, "jwks");
  }
  expect_types(plain_rule(), "jwks_uri", {"null", "1", "[]"});
  for (const char* value :
       {R"("")", R"("x")", R"("file:///etc/passwd")", R"("HTTPS://x")", R"("https://a b")", R"("https://a\nb")",
        R"("//x")", R"("https://")", R"("https:///jwks")", R"("http://127.0.0.1/jwks")"}) {
    expect_refused(plain_rule().set("jwks_uri", value), Error::policy_member_value, "jwks_uri");
  }
  EXPECT_EQ(accept(plain_rule().set("jwks_uri", R"("https://127.0.0.1/jwks")")).jwks_uri, "https://127.0.0.1/jwks");
  expect_refused(plain_rule().set("jwks", key).set("jwks_uri", R"("https://x")"), Error::policy_member_value,
                 "jwks_uri");
}

// RFC 6749 §3.3.
TEST(RuleMembers, Scopes) {
  expect_types(plain_rule(), "scopes", {"null", R"("a")", "{}"});
  expect_refused(plain_rule().set("scopes", R"(["a",""])"), Error::policy_member_value, "scopes[1]");
  expect_refused(plain_rule().set("scopes", R"(["a","a"])"), Error::policy_member_value, "scopes[1]");
  expect_refused(plain_rule().set("scopes", R"(["a",1])"), Error::policy_member_type, "scopes[1]");
  for (const char* scope : {"a b", "a\\\"", "a\\\\", "\\u00e9", "a\\n", " "}) {
    // The path names the array here, not the element.
    expect_refused(plain_rule().set("scopes", R"(["ok",")" + std::string(scope) + R"("])"), Error::policy_member_value,
                   "scopes");
  }
  EXPECT_TRUE(accept(plain_rule().set("scopes", "[]")).scopes.empty());
  EXPECT_EQ(accept(plain_rule().set("scopes", R"(["b","a"])")).scopes, (std::vector<std::string>{"b", "a"}));
}

Members profile_rule(std::string_view name) {
  return {{"issuer", R"("i")"}, {"profile", '"' + std::string(name) + '"'}, {"audiences", R"(["api"])"}};
}

AlgorithmSet set_of(std::initializer_list<Algorithm> list) {
  AlgorithmSet set;
  for (const Algorithm algorithm : list) set.add(algorithm);
  return set;
}

TEST(Profiles, NamesAreExact) {
  expect_types(plain_rule(), "profile", {"null", "1", "[]"});
  for (const char* value : {R"("")", R"("Strict")", R"("access_token")", R"("default")"}) {
    expect_refused(plain_rule().set("profile", value), Error::policy_member_value, "profile");
  }
}

// RFC 9068 §2.1, §2.2, §4.
TEST(Profiles, AccessToken) {
  const IssuerRule rule = accept(profile_rule("access-token"));
  EXPECT_EQ(rule.algorithms,
            set_of({Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::Ed25519}));
  EXPECT_EQ(rule.typs, std::vector<std::string>{"at+jwt"});
  EXPECT_FALSE(rule.any_typ);
  EXPECT_EQ(rule.claims.required, (std::vector<std::string>{"sub", "client_id", "iat", "jti"}));
  EXPECT_TRUE(rule.claims.ignore_others);
  EXPECT_FALSE(rule.claims.check_azp);
  for (const char* alg : {"HS256", "HS384", "HS512"}) {
    expect_refused(profile_rule("access-token").set("algorithms", R"(["ES256",")" + std::string(alg) + R"("])"),
                   Error::policy_member_value, "algorithms[1]");
  }
  expect_refused(profile_rule("access-token").drop("audiences"), Error::policy_member_missing, "audiences");
  const IssuerRule other = accept(profile_rule("access-token")
                                      .set("algorithms", R"(["ES512"])")
                                      .set("typ", R"("x+jwt")")
                                      .set("other_claims", R"("reject")")
                                      .set("required_claims", R"(["sub","acr"])")
                                      .set("leeway_s", "86400"));
  EXPECT_EQ(other.algorithms, set_of({Algorithm::ES512}));
  EXPECT_EQ(other.typs, std::vector<std::string>{"x+jwt"});
  EXPECT_FALSE(other.claims.ignore_others);
  EXPECT_EQ(other.claims.required, (std::vector<std::string>{"sub", "client_id", "iat", "jti", "acr"}));
  const IssuerRule loose = accept(profile_rule("access-token")
                                      .drop("audiences")
                                      .set("allow_any_audience", "true")
                                      .set("allow_any_typ", "true")
                                      .set("allow_missing_exp", "true")
                                      .set("allow_future_iat", "true"));
  EXPECT_TRUE(loose.any_typ);
  EXPECT_TRUE(loose.claims.any_audience && loose.claims.missing_exp && loose.claims.future_iat);
}

// OpenID Connect Core §2, §3.1.3.7.
TEST(Profiles, IdToken) {
  const IssuerRule rule = accept(profile_rule("id-token"));
  EXPECT_EQ(rule.algorithms, set_of({Algorithm::RS256}));
  EXPECT_TRUE(rule.any_typ);
  EXPECT_EQ(rule.claims.required, (std::vector<std::string>{"sub", "iat"}));
  EXPECT_TRUE(rule.claims.ignore_others);
  EXPECT_TRUE(rule.claims.check_azp);
  for (const char* name : {"azp", "nonce"})
    EXPECT_TRUE(std::binary_search(rule.claims.known.begin(), rule.claims.known.end(), name));
  EXPECT_EQ(accept(profile_rule("id-token").set("algorithms", R"(["HS256"])")).algorithms, set_of({Algorithm::HS256}));
  const IssuerRule typed = accept(profile_rule("id-token").set("typ", R"("JWT")"));
  EXPECT_FALSE(typed.any_typ);
  EXPECT_EQ(typed.typs, std::vector<std::string>{"JWT"});
  expect_refused(profile_rule("id-token").drop("audiences"), Error::policy_member_missing, "audiences");
}

// RFC 8725 §3.
TEST(Profiles, Strict) {
  const Members full = profile_rule("strict")
                           .set("algorithms", R"(["ES256"])")
                           .set("typ", R"("at+jwt")")
                           .set("other_claims", R"("reject")");
  const IssuerRule rule = accept(full);
  EXPECT_EQ(rule.claims.required, (std::vector<std::string>{"sub", "iat", "jti"}));
  EXPECT_FALSE(rule.claims.ignore_others);
  EXPECT_TRUE(accept(Members(full).set("other_claims", R"("ignore")")).claims.ignore_others);
  for (const char* name : {"algorithms", "typ", "other_claims", "audiences"}) {
    expect_refused(Members(full).drop(name), Error::policy_member_missing, name);
  }
  expect_refused(Members(full).set("algorithms", R"(["HS512"])"), Error::policy_member_value, "algorithms[0]");
  EXPECT_EQ(accept(Members(full).set("leeway_s", "60")).claims.leeway_s, 60);
  expect_refused(Members(full).set("leeway_s", "61"), Error::policy_member_value, "leeway_s");
  for (const char* name : {"allow_missing_exp", "allow_future_iat"}) {
    expect_refused(Members(full).set(name, "true"), Error::policy_member_value, name);
  }
  expect_refused(Members(full).drop("typ").set("allow_any_typ", "true"), Error::policy_member_value, "allow_any_typ");
  expect_refused(Members(full).drop("audiences").set("allow_any_audience", "true"), Error::policy_member_value,
                 "allow_any_audience");
}

}  // namespace
}  // namespace simdjwt
