// Which keys a token meets, how they are published and exchanged, and what a scratch may be used for.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "unit/validator/fixture.h"
#include "validator/validator.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Gate;
using test::jwks;
using test::key_set;
using test::kNow;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::policy;
using test::SigningKey;

constexpr std::string_view kIssuer = "https://as.example";
std::string kid(std::string_view value) {
  return R"("kid":")" + std::string(value) + '"';
}

const SigningKey& other_key() {
  static const SigningKey key = SigningKey::ec(Curve::p256);
  return key;
}

Parts parts_of(const SigningKey& key, std::string_view kid_json = {}) {
  Parts parts;
  parts.key = &key;
  parts.header.drop("kid");
  if (!kid_json.empty()) parts.header.set("kid", kid_json);
  return parts;
}

// RFC 7515 §4.1.4: a kid that is there names the key, whatever the signature says.
TEST(KeyChoice, AKidMustMatch) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("a")), other_key().jwk(kid("b"))}));
  EXPECT_EQ(gate.validate(parts_of(p256_key(), R"("a")")).error, Error::ok);
  EXPECT_EQ(gate.validate(parts_of(other_key(), R"("b")")).error, Error::ok);
  EXPECT_EQ(gate.validate(parts_of(p256_key(), R"("b")")).error, Error::signature_invalid);
  for (const char* wrong : {R"("c")", R"("")", R"("A")", R"("a\u0000")", R"("ab")", R"(" a")"}) {
    const Verdict verdict = gate.validate(parts_of(p256_key(), wrong));
    EXPECT_EQ(verdict.error, Error::key_unknown) << wrong;
    EXPECT_EQ(verdict.check, Check::key);
    EXPECT_EQ(verdict.member, "kid");
  }
}

TEST(KeyChoice, WithoutKidTheKeysThatFitAreTried) {
  Gate gate(policy({plain_rule().json()}),
            jwks({SigningKey::rsa().jwk(), p256_key().jwk(kid("a")), other_key().jwk()}));
  EXPECT_EQ(gate.validate(parts_of(p256_key())).error, Error::ok);
  EXPECT_EQ(gate.validate(parts_of(other_key())).error, Error::ok);
  EXPECT_EQ(gate.validate(parts_of(SigningKey::ec(Curve::p256))).error, Error::signature_invalid);
}

TEST(KeyChoice, WithoutKidAndWithoutAKeyThatFits) {
  Gate gate(policy({plain_rule().json()}), jwks({SigningKey::rsa().jwk()}));
  const Verdict verdict = gate.validate(parts_of(p256_key()));
  EXPECT_EQ(verdict.error, Error::key_unknown);
  EXPECT_EQ(verdict.member, "alg");
}

// RFC 8725 §3.1: the key of the kid decides.
TEST(KeyChoice, AKeyOfAnotherAlgorithmIsAMismatch) {
  Gate gate(policy({plain_rule().json()}),
            jwks({SigningKey::rsa().jwk(kid("a")), SigningKey::ec(Curve::p384).jwk(kid("b"))}));
  for (const char* name : {R"("a")", R"("b")"}) {
    const Verdict verdict = gate.validate(parts_of(p256_key(), name));
    EXPECT_EQ(verdict.error, Error::key_alg_mismatch) << name;
    EXPECT_EQ(verdict.check, Check::key);
    EXPECT_EQ(verdict.member, "kid");
  }
}

// RFC 8725 §2.1: HS256 with the public key as the secret.
TEST(KeyChoice, APublicKeyIsNoSecret) {
  Gate gate(policy({plain_rule().set("algorithms", R"(["RS256","HS256"])").json()}),
            jwks({SigningKey::rsa().jwk(kid("a"))}));
  const SigningKey secret = SigningKey::oct_of(test::unb64(SigningKey::rsa().member("n")));
  Parts parts = parts_of(secret, R"("a")");
  parts.algorithm = Algorithm::HS256;
  parts.header.set("alg", R"("HS256")");
  EXPECT_EQ(gate.validate(parts).error, Error::key_alg_mismatch);
  parts.header.drop("kid");
  EXPECT_EQ(gate.validate(parts).error, Error::key_unknown);
}

TEST(KeyChoice, OneKidForTwoAlgorithmsFindsTheRightOne) {
  Gate gate(policy({plain_rule().json()}), jwks({SigningKey::rsa().jwk(kid("a")), p256_key().jwk(kid("a"))}));
  EXPECT_EQ(gate.validate(parts_of(p256_key(), R"("a")")).error, Error::ok);
}

// A bounded number is tried: a token without kid costs no more than this.
TEST(KeyChoice, CandidatesAtTheLimitAndOver) {
  std::vector<SigningKey> keys;
  std::string set = R"({"keys":[)";
  for (int i = 0; i < 12; ++i) {
    keys.push_back(SigningKey::ec(Curve::p256));
    set += (i ? "," : "") + keys.back().jwk(kid("k" + std::to_string(i)));
  }
  set += "]}";
  for (const auto& [limits, tried] : {std::pair<std::string, int>("", 8),
                                      {R"(,"limits":{"max_key_candidates":1})", 1},
                                      {R"(,"limits":{"max_key_candidates":12})", 12}}) {
    Gate gate(policy({plain_rule().json()}, limits), set);
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(gate.validate(parts_of(keys[static_cast<std::size_t>(i)])).error,
                i < tried ? Error::ok : Error::signature_invalid)
          << i << " of " << tried;
      // With a kid every key of the set is reached.
      EXPECT_EQ(gate.validate(parts_of(keys[static_cast<std::size_t>(i)], "\"k" + std::to_string(i) + '"')).error,
                Error::ok);
    }
  }
}

TEST(KeyChoice, AnAmbiguousKidIsUnknown) {
  Gate gate(policy({plain_rule().json()}),
            jwks({p256_key().jwk(kid("a")), other_key().jwk(kid("a")), SigningKey::rsa().jwk()}));
  EXPECT_EQ(gate.validate(parts_of(p256_key(), R"("a")")).error, Error::key_unknown);
  EXPECT_EQ(gate.validate(parts_of(p256_key())).error, Error::key_unknown);
}

// Keys that were never there are not the token's fault: 503, not 401.
TEST(Publish, WithoutKeysTheyAreUnavailable) {
  Gate gate(policy({plain_rule().set("jwks_uri", R"("https://as.example/jwks")").json(),
                    plain_rule("https://other.example").json()}));
  const Verdict before = gate.validate(Parts());
  EXPECT_EQ(before.error, Error::keys_unavailable);
  EXPECT_EQ(before.check, Check::key);
  EXPECT_EQ(error_http_status(before.error), 503);
  EXPECT_EQ(gate.validator.publish(kIssuer, key_set(jwks({p256_key().jwk(kid("k"))}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  Parts other;
  other.claims.set("iss", R"("https://other.example")");
  EXPECT_EQ(gate.validate(other).error, Error::keys_unavailable) << "another issuer's keys are not its own";
  // A token that is refused anyway before its key matters is refused for that.
  other.header.set("typ", R"("x")");
  EXPECT_EQ(gate.validate(other).error, Error::typ_mismatch);
}

TEST(Publish, Errors) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://inline.example").set("jwks", p256_key().jwk()).json()}));
  const auto good = key_set(jwks({p256_key().jwk(kid("k"))}));
  EXPECT_EQ(gate.validator.publish("https://nobody.example", good), Error::not_found);
  EXPECT_EQ(gate.validator.publish("", good), Error::not_found);
  EXPECT_EQ(gate.validator.publish("https://inline.example", good), Error::not_found) << "inline keys are the policy's";
  for (const char* useless : {R"({"keys":[]})", R"({"keys":[{}]})"}) {
    EXPECT_EQ(gate.validator.publish(kIssuer, key_set(useless)), Error::jwks_shape);
  }
  EXPECT_EQ(gate.validator.publish(kIssuer, good), Error::ok);
  // A bad fetch never replaces good keys.
  EXPECT_EQ(gate.validator.publish(kIssuer, key_set(R"({"keys":[]})")), Error::jwks_shape);
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
}

TEST(Publish, NewKeysReplaceTheOldOnesAtOnce) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  Parts rotated;
  rotated.key = &other_key();
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  EXPECT_EQ(gate.validate(rotated).error, Error::signature_invalid);
  EXPECT_EQ(gate.validator.publish(kIssuer, key_set(jwks({other_key().jwk(kid("k"))}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::signature_invalid) << "a removed key verifies nothing any more";
  EXPECT_EQ(gate.validate(rotated).error, Error::ok);
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(gate.validator.publish(kIssuer, key_set(jwks({(i % 2 ? other_key() : p256_key()).jwk(kid("k"))}))),
              Error::ok);
    ASSERT_EQ(gate.validate(i % 2 ? rotated : Parts()).error, Error::ok) << i;
  }
}

TEST(SwapRuleset, KeepsThePublishedKeysOfIssuersThatStay) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://b.example").json()}), jwks({p256_key().jwk(kid("k"))}));
  Parts late;
  late.claims.set("exp", std::to_string(kNow - 10));
  EXPECT_EQ(gate.validate(late).error, Error::token_expired);
  // The issuer moves to another place of the document, and its leeway changes.
  EXPECT_EQ(gate.validator.swap_ruleset(
                compile(policy({plain_rule("https://c.example").json(), plain_rule().set("leeway_s", "60").json()}))),
            Error::ok);
  EXPECT_EQ(gate.validate(late).error, Error::ok);
  EXPECT_EQ(gate.validate(Parts()).issuer_index, 1u);
  EXPECT_EQ(gate.validator.ruleset()->issuers()[1].claims.leeway_s, 60);
  Parts gone;
  gone.claims.set("iss", R"("https://b.example")");
  EXPECT_EQ(gate.validate(gone).error, Error::iss_unknown);
  gone.claims.set("iss", R"("https://c.example")");
  EXPECT_EQ(gate.validate(gone).error, Error::keys_unavailable);
}

TEST(SwapRuleset, AnIssuerThatLeftComesBackWithoutKeys) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule("https://b.example").json()}))), Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::keys_unavailable);
}

TEST(SwapRuleset, InlineKeysAreThoseOfTheRuleset) {
  const std::string inline_p256 = plain_rule().set("jwks", p256_key().jwk(kid("k"))).json();
  const std::string inline_other = plain_rule().set("jwks", other_key().jwk(kid("k"))).json();
  Gate gate(policy({plain_rule().json()}), jwks({other_key().jwk(kid("k"))}));
  EXPECT_EQ(gate.validate(Parts()).error, Error::signature_invalid);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({inline_p256}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({inline_other}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::signature_invalid);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({inline_p256}))), Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}))), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::keys_unavailable)
      << "keys that the policy withdrew are not published ones";
}

TEST(SwapRuleset, ChangesWhatIsAccepted) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().set("algorithms", R"(["RS256"])").json()}))),
            Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::alg_not_allowed);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().set("audiences", R"(["b"])").json()}))),
            Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::aud_mismatch);
}

// The name of a claim that is missing, and of a scope, comes from the ruleset: the verdict outlives it.
TEST(SwapRuleset, AVerdictOutlivesItsRuleset) {
  const std::string long_name = "a_claim_name_that_is_too_long_for_a_small_string_buffer_to_hold";
  Gate gate(policy({plain_rule().set("required_claims", R"([")" + long_name + R"("])").json()}),
            jwks({p256_key().jwk(kid("k"))}));
  const Verdict missing = gate.validate(Parts());
  EXPECT_EQ(
      gate.validator.swap_ruleset(compile(policy({plain_rule().set("scopes", R"([")" + long_name + R"("])").json()}))),
      Error::ok);
  EXPECT_EQ(missing.member, long_name);
  const Verdict unscoped = gate.validate(Parts());
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule("https://b.example").json()}))), Error::ok);
  EXPECT_EQ(unscoped.missing_scope, long_name);
  EXPECT_EQ(unscoped.error, Error::insufficient_scope);
}

TEST(ScratchMisuse, UsedTwiceAtOnce) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  ASSERT_TRUE(gate.scratch->slot.pin());  // as a validation on another thread does
  const Verdict verdict = gate.validate(Parts());
  EXPECT_EQ(verdict.error, Error::scratch_in_use);
  EXPECT_EQ(verdict.check, Check::none) << "nothing about the token";
  gate.scratch->slot.unpin();
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
}

TEST(ScratchMisuse, OfAnotherValidator) {
  const std::string document = policy({plain_rule().json()});
  Gate gate(document, jwks({p256_key().jwk(kid("k"))})), other(document);
  const std::string token = Parts().token();
  EXPECT_EQ(gate.validator.validate(*other.scratch, {.token = token, .now = kNow}).error, Error::invalid_argument);
  Scratch free_scratch(Limits{}, std::make_shared<EpochDomain>());
  EXPECT_EQ(gate.validator.validate(free_scratch, {.token = token, .now = kNow}).error, Error::invalid_argument);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
}

TEST(ScratchMisuse, MadeForShorterTokens) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  const std::string token = Parts().token();
  const auto size = static_cast<std::uint32_t>(token.size());
  const auto exact = gate.validator.make_scratch(size), small = gate.validator.make_scratch(size - 1);
  EXPECT_EQ(gate.validator.validate(*exact, {.token = token, .now = kNow}).error, Error::ok);
  EXPECT_EQ(gate.validator.validate(*small, {.token = token, .now = kNow}).error, Error::scratch_too_small);
  EXPECT_EQ(gate.validator.validate(*small, {.token = "a.b", .now = kNow}).error, Error::token_segments);
  // Beyond the policy's limit it is the token that is too large.
  EXPECT_EQ(gate.validator.validate(*small, {.token = std::string(20000, 'a'), .now = kNow}).error,
            Error::token_too_large);
}

TEST(ScratchMisuse, MadeForALaxerPolicyOrAStricterOne) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}, R"(,"limits":{"max_json_nodes":5000})"))),
            Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::scratch_too_small);
  EXPECT_EQ(gate.validator.swap_ruleset(
                compile(policy({plain_rule().json()}, R"(,"limits":{"max_json_nodes":16,"max_json_depth":2})"))),
            Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  Parts deep;
  deep.claims.set("cnf", R"({"jwk":{}})");
  EXPECT_EQ(gate.validate(deep).error, Error::json_too_deep) << "the limits of the ruleset in force";
  // A bigger scratch does not lift the policy's limit either.
  const auto big = gate.validator.make_scratch(1 << 20);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}, R"(,"limits":{"max_token_bytes":256})"))),
            Error::ok);
  EXPECT_EQ(gate.validator.validate(*big, {.token = std::string(257, 'a'), .now = kNow}).error, Error::token_too_large);
}

TEST(Scratch, KeepCopiesAndCutsToTheRoomThereIs) {
  Scratch scratch(Limits{}, std::make_shared<EpochDomain>());
  scratch.begin();
  EXPECT_EQ(scratch.keep({}).data(), nullptr);
  const std::string text(600, 'x');
  const std::string_view first = scratch.keep(text), second = scratch.keep(text);
  EXPECT_EQ(first, text);
  EXPECT_NE(first.data(), text.data());
  EXPECT_EQ(second, std::string(424, 'x'));
  EXPECT_EQ(scratch.keep(text), "");
  scratch.begin();
  EXPECT_EQ(scratch.keep("y"), "y");
}

TEST(Scratch, ManyThreadsEachWithTheirOwn) {
  Gate gate(policy({plain_rule().json()}), jwks({p256_key().jwk(kid("k"))}));
  const std::string token = Parts().token();
  std::vector<std::thread> threads;
  std::vector<int> accepted(4, 0);
  for (int& count : accepted) {
    threads.emplace_back([&gate, &token, &count] {
      const auto scratch = gate.validator.make_scratch(0);
      for (int i = 0; i < 200; ++i)
        count += gate.validator.validate(*scratch, {.token = token, .now = kNow}).error == Error::ok;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, std::vector<int>(4, 200));
}

}  // namespace
}  // namespace simdjwt
