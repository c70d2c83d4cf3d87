// What a validation remembers, headers in the scratch and verdicts in the cache, changes nothing but the time it takes:
// not across other tokens, other times, other keys or other policies.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::fields;
using test::Gate;
using test::jwks;
using test::key_set;
using test::keys_with_kid;
using test::kNow;
using test::Members;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::policy;
using test::SigningKey;

constexpr std::string_view kIssuer = "https://as.example";
constexpr std::string_view kCache = R"(,"limits":{"verdict_cache_bytes":1048576})";

// The same as a validator that remembers nothing says: a new one, with a new scratch.
void expect_as_new(const Verdict& verdict, std::string_view document, std::string_view keys, const Request& request) {
  Gate fresh(document, keys);
  const Verdict expected = fresh.validator.validate(*fresh.scratch, request);
  EXPECT_EQ(fields(verdict), fields(expected)) << error_name(verdict.error) << " " << error_name(expected.error);
}

Parts full_parts() {
  Parts parts;
  parts.claims = Members{{"iss", R"("https://as.example")"},
                         {"sub", R"("alice")"},
                         {"aud", R"(["x","api"])"},
                         {"exp", std::to_string(kNow + 300) + ".5"},
                         {"nbf", std::to_string(kNow - 100)},
                         {"iat", std::to_string(kNow - 100)},
                         {"jti", R"("j-1")"},
                         {"client_id", R"("web")"},
                         {"scope", R"("read write")"}};
  return parts;
}

// RFC 8725 §3.1: the key that a header stands for is that of the keys in force, never one that was there before.
TEST(Remembered, AHeaderIsForgottenWhenTheKeysChange) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  const std::string token = Parts().token();
  for (int round = 0; round < 3; ++round) ASSERT_EQ(gate.validate(token).error, Error::ok);
  const SigningKey other = SigningKey::ec(Curve::p256);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(jwks({other.jwk(R"("kid":"other")")}))), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::key_unknown);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(jwks({other.jwk(R"("kid":"k")")}))), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::signature_invalid);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
}

TEST(Remembered, AHeaderIsForgottenWhenThePolicyChanges) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  const std::string token = Parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().set("algorithms", R"(["RS256"])").json()}))),
            Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::alg_not_allowed);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}, R"(,"limits":{"max_kid_bytes":1})"))),
            Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
}

// One header, two issuers, two keys of the same kid.
TEST(Remembered, AHeaderChoosesTheKeyOfEachIssuerByItself) {
  const SigningKey second = SigningKey::ec(Curve::p256);
  Gate gate(policy({plain_rule().json(), plain_rule("https://two.example").json()}), keys_with_kid());
  ASSERT_EQ(gate.validator.publish("https://two.example", key_set(jwks({second.jwk(R"("kid":"k")")}))), Error::ok);
  Parts one, two, crossed;
  two.claims.set("iss", R"("https://two.example")");
  two.key = &second;
  crossed.key = &second;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(gate.validate(one).error, Error::ok);
    EXPECT_EQ(gate.validate(two).error, Error::ok);
    EXPECT_EQ(gate.validate(crossed).error, Error::signature_invalid);
  }
}

TEST(Remembered, HeadersOfEveryKindGiveTheVerdictOfANewScratch) {
  const std::string document = policy({plain_rule().json()});
  Gate gate(document, keys_with_kid());
  std::vector<Parts> all(6);
  all[1].header.set("kid", R"("\u006b")");                    // spelled with an escape
  all[2].header.set("x", '"' + std::string(300, 'y') + '"');  // too long to be remembered
  all[3].header.set("kid", R"("l")");                         // as long as a good one
  all[4].header.set("typ", R"("JWX")");
  all[5].header.set("alg", R"("ES384")");
  for (int round = 0; round < 3; ++round) {
    for (const Parts& parts : all) {
      const std::string token = parts.token();
      expect_as_new(gate.validate(token), document, keys_with_kid(), {.token = token, .now = kNow});
    }
  }
}

TEST(Remembered, ATraceIsTheSameWithAKnownHeader) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  const std::string token = Parts().token();
  Trace first, second;
  ASSERT_EQ(gate.validate(token, {.trace = &first}).error, Error::ok);
  ASSERT_EQ(gate.validate(token, {.trace = &second}).error, Error::ok);
  ASSERT_EQ(first.count, second.count);
  for (std::uint32_t i = 0; i < first.count; ++i) EXPECT_EQ(first.entries[i].check, second.entries[i].check);
}

// Whether the last verdict came from the cache: its claims have not been read.
bool was_cached(const Gate& gate) {
  return gate.scratch->unread;
}

TEST(VerdictCacheUse, AHitGivesTheSameVerdictAndItsClaims) {
  const std::string document = policy({plain_rule().json()}, kCache);
  Gate gate(document, keys_with_kid());
  const std::string token = full_parts().token();
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate));
  for (int round = 0; round < 3; ++round) {
    const Verdict verdict = gate.validate(token);
    ASSERT_TRUE(was_cached(gate));
    expect_as_new(verdict, document, keys_with_kid(), {.token = gate.last_token, .now = kNow});
    ASSERT_TRUE(gate.scratch->read_claims());
    ASSERT_NE(find_member(gate.scratch->payload_reader.nodes(), 0, "client_id"), nullptr);
    EXPECT_EQ(find_member(gate.scratch->payload_reader.nodes(), 0, "client_id")->text, "web");
  }
  // Another thread's scratch, which has not met the header yet, and then has.
  const auto other = gate.validator.make_scratch(0);
  EXPECT_EQ(gate.validator.validate(*other, {.token = token, .now = kNow}).error, Error::ok);
  EXPECT_FALSE(other->unread);
  EXPECT_EQ(gate.validator.validate(*other, {.token = token, .now = kNow}).error, Error::ok);
  EXPECT_TRUE(other->unread);
}

TEST(VerdictCacheUse, ALookAlikeIsValidatedByItself) {
  const std::string document = policy({plain_rule().json()}, kCache);
  Gate gate(document, keys_with_kid());
  const std::string token = full_parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    const Verdict verdict = gate.validate(other);
    ASSERT_FALSE(was_cached(gate)) << at;
    ASSERT_NE(verdict.error, Error::ok) << at;
  }
  for (const std::string& other : {token.substr(0, token.size() - 1), token + "A", token + ".", "A" + token}) {
    EXPECT_NE(gate.validate(other).error, Error::ok);
  }
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
}

// RFC 7519 §4.1.4 to §4.1.6: on the second, and back again.
TEST(VerdictCacheUse, NothingOutlivesItsTimes) {
  const std::string document = policy({plain_rule().set("leeway_s", "10").set("max_age_s", "350").json()}, kCache);
  Gate gate(document, keys_with_kid());
  Parts parts = full_parts();
  for (const char* exp : {"1700000300.5", "1700000200"}) {
    parts.claims.set("exp", exp);
    const std::string token = parts.token();
    ASSERT_EQ(gate.validate(token).error, Error::ok);
    for (const std::int64_t now : {kNow - 111, kNow - 110, kNow - 109, kNow, kNow + 209, kNow + 210, kNow + 211,
                                   kNow + 259, kNow + 260, kNow + 261, kNow + 310, kNow + 311, kNow + 100000}) {
      expect_as_new(gate.validate(token, {.now = now}), document, keys_with_kid(),
                    {.token = gate.last_token, .now = now});
    }
    EXPECT_EQ(gate.validate(token).error, Error::ok);
    EXPECT_TRUE(was_cached(gate));
  }
}

TEST(VerdictCacheUse, AKeyThatIsGoneEndsItsVerdictsAtOnce) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://two.example").json()}, kCache), keys_with_kid());
  ASSERT_EQ(gate.validator.publish("https://two.example", key_set(keys_with_kid())), Error::ok);
  const std::string token = full_parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  // Keys of another issuer do not end it: once the scratch has met the header again it is found.
  ASSERT_EQ(gate.validator.publish("https://two.example", key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
  const SigningKey other = SigningKey::ec(Curve::p256);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(jwks({other.jwk(R"("kid":"other")")}))), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::key_unknown);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate)) << "under a set that was published since";
}

TEST(VerdictCacheUse, APolicyThatChangesEndsAllVerdictsAtOnce) {
  const std::string document = policy({plain_rule().json()}, kCache);
  Gate gate(document, keys_with_kid());
  const std::string token = full_parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(
      gate.validator.swap_ruleset(compile(policy({plain_rule().set("audiences", R"(["other"])").json()}, kCache))),
      Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::aud_mismatch);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().set("scopes", R"(["admin"])").json()}, kCache))),
            Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::insufficient_scope);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(document)), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate));
  // Without a cache, and with one again.
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}))), Error::ok);
  for (int round = 0; round < 2; ++round) EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate));
  EXPECT_EQ(gate.validator.swap_ruleset(compile(document)), Error::ok);
  for (int round = 0; round < 2; ++round) EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
}

// RFC 6750 §3.1: what a request needs is asked of every hit.
TEST(VerdictCacheUse, AHitIsAskedForTheScopesOfItsRequest) {
  const std::string document = policy({plain_rule().set("scopes", R"(["read"])").json()}, kCache);
  Gate gate(document, keys_with_kid());
  const std::string token = full_parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  const std::string_view wanted[] = {"write", "admin"};
  const Request enough{.required_scopes = {wanted, 1}}, too_much{.required_scopes = wanted};
  EXPECT_EQ(gate.validate(token, enough).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
  const Verdict verdict = gate.validate(token, too_much);
  EXPECT_TRUE(was_cached(gate));
  EXPECT_EQ(verdict.missing_scope, "admin");
  expect_as_new(verdict, document, keys_with_kid(), {.token = gate.last_token, .now = kNow, .required_scopes = wanted});
}

TEST(VerdictCacheUse, WhatWasNotAcceptedIsNotRemembered) {
  Gate gate(policy({plain_rule().json()}, kCache), keys_with_kid());
  Parts forged = full_parts(), bound = full_parts(), escaped = full_parts();
  forged.forged = true;
  bound.claims.set("cnf", R"({"jkt":"x"})");
  escaped.claims.set("sub", R"("\u0061lice")");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(gate.validate(forged).error, Error::signature_invalid);
    EXPECT_FALSE(was_cached(gate));
    EXPECT_EQ(gate.validate(bound).error, Error::binding_missing);
    EXPECT_FALSE(was_cached(gate));
    const Verdict verdict = gate.validate(escaped);
    EXPECT_EQ(verdict.error, Error::ok);
    EXPECT_EQ(verdict.subject, "alice");
  }
  // A nonce is of one request, and a trace shows every check.
  const std::string token = full_parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(gate.validate(token, {.nonce = "n"}).error, Error::nonce_mismatch);
  Trace trace;
  EXPECT_EQ(gate.validate(token, {.trace = &trace}).error, Error::ok);
  EXPECT_FALSE(was_cached(gate));
  EXPECT_GT(trace.count, 20u);
}

}  // namespace
}  // namespace simdjwt
