#include "jwk/jwk_set.h"

#include <gtest/gtest.h>

#include <string>

#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::jwks;
using test::SigningKey;

const SigningKey& p256() {
  static const SigningKey key = SigningKey::ec(Curve::p256);
  return key;
}
const SigningKey& other_p256() {
  static const SigningKey key = SigningKey::ec(Curve::p256);
  return key;
}
const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}

std::string kid(std::string_view value) {
  return R"("kid":")" + std::string(value) + '"';
}

std::shared_ptr<const JwkSet> parse(std::string_view json) {
  JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, Error::ok) << json.substr(0, 200);
  EXPECT_NE(result.set, nullptr);
  return result.set;
}

void expect_refused(std::string_view json, Error error, Error json_error = Error::ok) {
  const JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, error) << json.substr(0, 200);
  EXPECT_EQ(result.json_error, json_error) << json.substr(0, 200);
  EXPECT_EQ(result.set, nullptr);
}

TEST(JwkSet, FindsByKidAndByAlgorithm) {
  const auto set = parse(
      jwks({p256().jwk(kid("a")), rsa().jwk(kid("b")), other_p256().jwk(kid("c")), rsa().jwk(R"("alg":"PS256")")}));
  ASSERT_EQ(set->entries().size(), 4u);
  EXPECT_TRUE(set->has_usable());
  ASSERT_EQ(set->find("a").size(), 1u);
  EXPECT_EQ(set->find("a")[0], &set->entries()[0]);
  EXPECT_EQ(set->find("b")[0], &set->entries()[1]);
  EXPECT_TRUE(set->find("d").empty());
  // In document order, for tokens without kid.
  ASSERT_EQ(set->fitting(Algorithm::ES256).size(), 2u);
  EXPECT_EQ(set->fitting(Algorithm::ES256)[0], &set->entries()[0]);
  EXPECT_EQ(set->fitting(Algorithm::ES256)[1], &set->entries()[2]);
  ASSERT_EQ(set->fitting(Algorithm::PS256).size(), 2u);
  EXPECT_EQ(set->fitting(Algorithm::PS256)[1], &set->entries()[3]);
  EXPECT_EQ(set->fitting(Algorithm::RS256).size(), 1u);
  EXPECT_TRUE(set->fitting(Algorithm::EdDSA).empty());
  EXPECT_TRUE(set->fitting(Algorithm::unknown).empty());
}

// RFC 7515 §4.1.4: a case-sensitive string; compared as opaque bytes.
TEST(JwkSet, KidsAreOpaqueBytes) {
  const auto set = parse(jwks({p256().jwk(kid("key")), other_p256().jwk(kid("key\\u0000x")), rsa().jwk(kid(""))}));
  EXPECT_EQ(set->find("key").size(), 1u);
  EXPECT_EQ(set->find("key")[0], &set->entries()[0]);
  ASSERT_EQ(set->find(std::string_view("key\0x", 5)).size(), 1u);
  EXPECT_EQ(set->find(std::string_view("key\0x", 5))[0], &set->entries()[1]);
  ASSERT_EQ(set->find("").size(), 1u);
  EXPECT_EQ(set->find("")[0], &set->entries()[2]);
  for (const std::string_view near : {"Key", "ke", "keyx", " key", "key "})
    EXPECT_TRUE(set->find(near).empty()) << near;
  EXPECT_TRUE(set->find(std::string_view("key\0", 4)).empty());
}

TEST(JwkSet, AKeyWithoutKidIsNotFoundByAnyKid) {
  const auto set = parse(jwks({p256().jwk()}));
  EXPECT_TRUE(set->find("").empty());
  EXPECT_TRUE(set->find({}).empty());
  EXPECT_EQ(set->fitting(Algorithm::ES256).size(), 1u);
}

TEST(JwkSet, ASingleJwkIsASetOfOne) {
  const auto set = parse(p256().jwk(kid("only")));
  ASSERT_EQ(set->entries().size(), 1u);
  EXPECT_EQ(set->find("only").size(), 1u);
  EXPECT_TRUE(set->has_usable());
  // It may be a bad one, which is told as any other bad key is.
  EXPECT_EQ(parse(R"({"kty":"DSA"})")->entries()[0].error, Error::jwk_kty_unknown);
  EXPECT_EQ(parse(p256().jwk(R"("x":"AA")"))->entries()[0].error, Error::jwk_duplicate_member);
}

TEST(JwkSet, OnlyTheBadKeyOfASetIsDropped) {
  const auto set = parse(jwks(
      {R"({"kty":"EC"})", p256().jwk(kid("a")), "1", R"({"kty":"RSA","kty":"RSA"})", rsa().jwk(R"("use":"enc")")}));
  ASSERT_EQ(set->entries().size(), 5u);
  EXPECT_EQ(set->entries()[0].error, Error::jwk_member_missing);
  EXPECT_EQ(set->entries()[1].error, Error::ok);
  EXPECT_EQ(set->entries()[2].error, Error::jwk_member_type);
  EXPECT_EQ(set->entries()[3].error, Error::jwk_duplicate_member);
  EXPECT_EQ(set->entries()[4].error, Error::jwk_use);
  EXPECT_TRUE(set->has_usable());
  EXPECT_EQ(set->find("a").size(), 1u);
  EXPECT_TRUE(set->fitting(Algorithm::RS256).empty());
}

TEST(JwkSet, ASetMayHaveNoUsableKey) {
  for (const char* json : {R"({"keys":[]})", R"({"keys":[{}]})", R"({"keys":[null]})", R"({"keys":[],"kty":"EC"})"}) {
    const auto set = parse(json);
    EXPECT_FALSE(set->has_usable()) << json;
    EXPECT_TRUE(set->fitting(Algorithm::ES256).empty());
  }
}

// RFC 7517 §4.5: different keys of one set should have different kids; which one is meant cannot be told.
TEST(JwkSet, TwoKeysOfOneKidAreBothDropped) {
  const auto set = parse(jwks({p256().jwk(kid("a")), other_p256().jwk(kid("a")), rsa().jwk(kid("b"))}));
  for (const int i : {0, 1}) {
    EXPECT_EQ(set->entries()[i].error, Error::jwk_kid_ambiguous);
    EXPECT_EQ(set->entries()[i].member, "kid");
    EXPECT_EQ(set->entries()[i].material, nullptr);
  }
  EXPECT_TRUE(set->find("a").empty());
  EXPECT_TRUE(set->fitting(Algorithm::ES256).empty());
  EXPECT_EQ(set->find("b").size(), 1u);
}

TEST(JwkSet, TheSameKeyTwiceIsNotAmbiguous) {
  const auto set = parse(jwks({p256().jwk(kid("a")), p256().jwk(kid("a") + R"(,"use":"sig")")}));
  EXPECT_EQ(set->find("a").size(), 2u);
  EXPECT_EQ(set->entries()[0].error, Error::ok);
  EXPECT_EQ(set->entries()[1].error, Error::ok);
}

// RFC 7517 §4.5: the same kid for keys of different kty that are equivalent alternatives.
TEST(JwkSet, OneKidForKeysOfDifferentAlgorithmsIsFine) {
  const auto set =
      parse(jwks({p256().jwk(kid("a")), rsa().jwk(kid("a")), SigningKey::okp(Curve::ed25519).jwk(kid("a"))}));
  EXPECT_EQ(set->find("a").size(), 3u);
  const auto narrowed = parse(jwks({SigningKey::rsa(0).jwk(kid("a") + R"(,"alg":"RS256")"),
                                    SigningKey::rsa(1).jwk(kid("a") + R"(,"alg":"PS256")")}));
  EXPECT_EQ(narrowed->find("a").size(), 2u);
  const auto overlapping =
      parse(jwks({SigningKey::rsa(0).jwk(kid("a")), SigningKey::rsa(1).jwk(kid("a") + R"(,"alg":"PS256")")}));
  EXPECT_TRUE(overlapping->find("a").empty());
}

TEST(JwkSet, AThirdKeyOfTheKidIsDroppedToo) {
  const auto set = parse(jwks({p256().jwk(kid("a")), p256().jwk(kid("a")), other_p256().jwk(kid("a"))}));
  for (const Jwk& key : set->entries()) EXPECT_EQ(key.error, Error::jwk_kid_ambiguous);
}

// A key whose numbers are damaged may be the one that the kid means: its twin is not to be trusted in its place.
TEST(JwkSet, ADamagedTwinMakesAKidAmbiguous) {
  const std::string damaged = R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA",)" + kid("a") + "}";
  for (const bool damaged_first : {false, true}) {
    const auto set =
        damaged_first ? parse(jwks({damaged, p256().jwk(kid("a"))})) : parse(jwks({p256().jwk(kid("a")), damaged}));
    EXPECT_EQ(set->entries()[damaged_first ? 1 : 0].error, Error::jwk_kid_ambiguous);
    EXPECT_EQ(set->entries()[damaged_first ? 0 : 1].error, Error::jwk_ec_length) << "its own fault is what it tells";
    EXPECT_FALSE(set->has_usable());
  }
  // Of another kty, or meant for something else, it cannot be the one.
  EXPECT_EQ(parse(jwks({damaged, rsa().jwk(kid("a"))}))->find("a").size(), 1u);
  EXPECT_EQ(parse(jwks({damaged, p256().jwk(kid("b"))}))->find("b").size(), 1u);
  for (const char* harmless : {R"("use":"enc")", R"("key_ops":["sign"])", R"("alg":"ES384")"}) {
    const auto set = parse(jwks({other_p256().jwk(kid("a") + "," + harmless), p256().jwk(kid("a"))}));
    EXPECT_EQ(set->find("a").size(), 1u) << harmless;
  }
  EXPECT_EQ(parse(jwks({R"({"kty":"EC","crv":"P-224","x":"AA","y":"AA",)" + kid("a") + "}", p256().jwk(kid("a"))}))
                ->find("a")
                .size(),
            1u);
}

// RFC 8725 §2.1: a secret among public keys invites taking the one for the other.
TEST(JwkSet, ASecretAmongPublicKeysIsDropped) {
  const SigningKey secret = SigningKey::oct(64);
  const auto mixed = parse(jwks({secret.jwk(kid("s")), p256().jwk(kid("a"))}));
  EXPECT_EQ(mixed->entries()[0].error, Error::jwk_mixed_set);
  EXPECT_EQ(mixed->entries()[0].member, "kty");
  EXPECT_EQ(mixed->entries()[0].material, nullptr);
  EXPECT_TRUE(mixed->find("s").empty());
  EXPECT_TRUE(mixed->fitting(Algorithm::HS256).empty());
  EXPECT_EQ(mixed->find("a").size(), 1u);
  // Secrets alone stay; a public key that is not usable is none.
  EXPECT_EQ(parse(jwks({secret.jwk(kid("s")), SigningKey::oct(64).jwk(kid("t"))}))->fitting(Algorithm::HS512).size(),
            2u);
  EXPECT_EQ(parse(jwks({secret.jwk(kid("s")), p256().jwk(R"("use":"enc")")}))->find("s").size(), 1u);
}

TEST(JwkSet, WhatIsNoKeySetIsRefusedAsAWhole) {
  for (const char* json : {"{}", R"({"Keys":[]})", R"({"keys":{}})", R"({"keys":"x"})", R"({"keys":null})",
                           R"({"keys":[],"keys":[]})", R"({"a":1,"a":2})", R"({"jwks":{"keys":[]}})"}) {
    expect_refused(json, Error::jwks_shape);
  }
  expect_refused("[]", Error::jwks_shape, Error::json_not_an_object);
  expect_refused("1", Error::jwks_shape, Error::json_not_an_object);
  expect_refused("", Error::jwks_json, Error::json_end);
  expect_refused("{\"keys\":[", Error::jwks_json, Error::json_end);
  expect_refused("{\"keys\":[]}x", Error::jwks_json, Error::json_end);
  expect_refused("<html></html>", Error::jwks_shape, Error::json_not_an_object);
  expect_refused("{\"keys\":[{\"kid\":\"\\ud800\"}]}", Error::jwks_json, Error::json_string);
  expect_refused("\xef\xbb\xbf{\"keys\":[]}", Error::jwks_json, Error::json_utf8);
  expect_refused(R"({"keys":[)" + std::string(20, '[') + std::string(20, ']') + "]}", Error::jwks_json,
                 Error::json_too_deep);
}

TEST(JwkSet, AJsonErrorSaysWhere) {
  const JwkSetResult result = JwkSet::parse(R"({"keys":[{"kty":tru}]})");
  EXPECT_EQ(result.error, Error::jwks_json);
  EXPECT_EQ(result.json_error, Error::json_syntax);
  EXPECT_EQ(result.offset, 16u);
}

TEST(JwkSet, SizeAtTheLimitAndOver) {
  std::string keys = R"({"keys":[)";
  for (std::size_t i = 0; i < JwkSet::kMaxKeys; ++i) keys += i ? ",{}" : "{}";
  EXPECT_EQ(parse(keys + "]}")->entries().size(), JwkSet::kMaxKeys);
  expect_refused(keys + ",{}]}", Error::jwks_too_large);
  std::string bytes = R"({"keys":[]})";
  bytes.append(JwkSet::kMaxBytes - bytes.size(), ' ');
  EXPECT_EQ(parse(bytes)->entries().size(), 0u);
  expect_refused(bytes + " ", Error::jwks_too_large);
  // Members that no key needs are bounded as well.
  std::string nodes = R"({"keys":[],"x":[0)";
  for (std::size_t i = 0; i < 40 * JwkSet::kMaxKeys; ++i) nodes += ",0";
  expect_refused(nodes + "]}", Error::jwks_json, Error::json_too_many_members);
}

TEST(JwkSet, AThousandKidsAreFound) {
  std::string json = R"({"keys":[)";
  for (int i = 0; i < 1000; ++i) json += (i ? "," : "") + p256().jwk(kid("key-" + std::to_string(i)));
  const auto set = parse(json + "]}");
  for (int i = 0; i < 1000; ++i) {
    const auto found = set->find("key-" + std::to_string(i));
    ASSERT_EQ(found.size(), 1u) << i;
    EXPECT_EQ(found[0], &set->entries()[i]);
  }
  EXPECT_TRUE(set->find("key-1000").empty());
}

TEST(JwkSet, SameKeysAreTheSameForEveryToken) {
  const std::string a = p256().jwk(kid("a")), b = rsa().jwk(kid("b"));
  const auto set = parse(jwks({a, b}));
  EXPECT_TRUE(set->has_same_keys(*set));
  EXPECT_TRUE(set->has_same_keys(*parse(jwks({a, b}))));
  EXPECT_TRUE(set->has_same_keys(*parse(" " + jwks({"{}", a, R"({"kty":"EC"})", b, "{}"}))))
      << "dropped keys verify nothing";
  for (const std::string& other :
       {jwks({a}), jwks({b}), jwks({b, a}), jwks({a, b, other_p256().jwk(kid("c"))}), jwks({p256().jwk(), b}),
        jwks({p256().jwk(kid("A")), b}), jwks({p256().jwk(kid("")), b}), jwks({other_p256().jwk(kid("a")), b}),
        std::string(R"({"keys":[]})"), jwks({a, rsa().jwk(kid("b") + R"(,"alg":"RS256")")})}) {
    EXPECT_FALSE(set->has_same_keys(*parse(other))) << other;
    EXPECT_FALSE(parse(other)->has_same_keys(*set)) << other;
  }
  EXPECT_FALSE(parse(jwks({p256().jwk()}))->has_same_keys(*parse(jwks({p256().jwk(kid(""))}))))
      << "an empty kid is one";
}

}  // namespace
}  // namespace simdjwt
