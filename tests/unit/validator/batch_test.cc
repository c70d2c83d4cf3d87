// A batch gives every token the verdict that it gets alone, whatever stands beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::fields;
using test::Gate;
using test::jwks;
using test::kNow;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::policy;
using test::SigningKey;

// Of another issuer, for a symmetric key among public ones is dropped.
constexpr std::string_view kSecretIssuer = R"("https://hs.example")";

// Tokens of every kind: good under 40 headers and 3 algorithms, forged, expired, of unknown keys, cut, and garbage.
struct Traffic {
  SigningKey ec = SigningKey::ec(Curve::p256), rsa = SigningKey::rsa(), secret = SigningKey::oct(32);
  std::vector<std::string> tokens;
  std::string keys, secrets = jwks({secret.jwk(R"("kid":"h")")});

  Traffic() {
    std::vector<std::string> all = {rsa.jwk(R"("kid":"r")")};
    for (int i = 0; i < 40; ++i) all.push_back(ec.jwk(R"("kid":"e)" + std::to_string(i) + '"'));
    keys = R"({"keys":[)";
    for (const std::string& key : all) keys += (keys.back() == '[' ? "" : ",") + key;
    keys += "]}";
    for (int i = 0; i < 120; ++i) tokens.push_back(token(i));
  }

  std::string token(int i) const {
    Parts parts;
    parts.claims.set("sub", '"' + std::to_string(i) + '"').set("scope", i % 3 == 0 ? R"("read write")" : R"("read")");
    parts.key = &ec;
    parts.header.set("kid", R"("e)" + std::to_string(i % 40) + '"');
    if (i % 10 == 1) {
      parts.header.set("alg", R"("RS256")").set("kid", R"("r")");
      parts.key = &rsa;
      parts.algorithm = Algorithm::RS256;
    } else if (i % 10 == 2) {
      parts.header.set("alg", R"("HS256")").set("kid", R"("h")");
      parts.claims.set("iss", kSecretIssuer);
      parts.key = &secret;
      parts.algorithm = Algorithm::HS256;
    }
    if (i % 7 == 3) parts.forged = true;
    if (i % 11 == 4) parts.claims.set("exp", std::to_string(kNow - 1));
    if (i % 13 == 5) parts.header.set("kid", R"("nobody")");
    if (i % 17 == 6) parts.claims.set("cnf", "{}");
    if (i % 19 == 7) parts.header.set("kid", R"("\u0065)" + std::to_string(i % 40) + '"');
    const std::string token = parts.token();
    return i % 23 == 8 ? token.substr(0, token.size() / 2) : i % 29 == 9 ? std::string(300, 'A') : token;
  }
};

const Traffic& traffic() {
  static const Traffic traffic;
  return traffic;
}

// A validator of both issuers.
struct TwoIssuers : Gate {
  explicit TwoIssuers(std::string_view more, const std::string& keys = traffic().keys,
                      const std::string& secrets = traffic().secrets)
      : Gate(policy({plain_rule().set("algorithms", R"(["ES256","RS256"])").json(),
                     plain_rule("https://hs.example").set("algorithms", R"(["HS256"])").json()},
                    more),
             keys) {
    EXPECT_EQ(validator.publish("https://hs.example", test::key_set(secrets)), Error::ok);
  }
};

class Batch : public testing::TestWithParam<std::string_view> {};

TEST_P(Batch, EveryVerdictIsTheOneTheTokenGetsAlone) {
  TwoIssuers alone(""), together(GetParam());
  const auto scratch = together.validator.make_scratch(0, 64);
  std::mt19937 random(20251125);
  const std::string_view wanted[] = {"write"};
  for (int round = 0; round < 40; ++round) {
    const std::size_t count = random() % 65;
    std::vector<Request> requests(count);
    std::vector<Trace> traces(count), traces_alone(count);
    for (std::size_t i = 0; i < count; ++i) {
      requests[i] = {.token = traffic().tokens[random() % traffic().tokens.size()], .now = kNow + (random() % 8 ? 0 : 400)};
      if (random() % 4 == 0) requests[i].required_scopes = wanted;
      if (random() % 16 == 0) requests[i].nonce = "n";
      if (random() % 16 == 0) requests[i].trace = &traces[i];
    }
    std::vector<Verdict> verdicts(count);
    ASSERT_EQ(together.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
    for (std::size_t i = 0; i < count; ++i) {
      Request request = requests[i];
      if (request.trace != nullptr) request.trace = &traces_alone[i];
      const Verdict verdict = alone.validator.validate(*alone.scratch, request);
      ASSERT_EQ(fields(verdicts[i]), fields(verdict)) << i << " " << error_name(verdict.error) << " " << request.token;
      ASSERT_EQ(traces[i].count, traces_alone[i].count);
      ASSERT_EQ(scratch->lane(static_cast<std::uint32_t>(i)).verified, alone.scratch->verified);
      if (verdict.verified) {
        ASSERT_TRUE(scratch->lane(static_cast<std::uint32_t>(i)).read_claims());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, Batch,
                         testing::Values("", R"(,"limits":{"verdict_cache_bytes":1048576})"));

// Without a kid every key that fits is tried in turn: the first beside those of the other tokens, the rest one by one.
TEST(BatchKeys, AreTriedInTurnAsForOneToken) {
  const SigningKey rsa[] = {SigningKey::rsa(0), SigningKey::rsa(1)};
  const SigningKey secret[] = {SigningKey::oct(32), SigningKey::oct(48), SigningKey::oct(64)};
  const SigningKey ec[] = {SigningKey::ec(Curve::p256), SigningKey::ec(Curve::p256), SigningKey::ec(Curve::p256)};
  std::vector<std::string> tokens;
  const auto add = [&](const SigningKey& key, std::string_view name, Algorithm algorithm) {
    Parts parts;
    parts.key = &key;
    parts.algorithm = algorithm;
    if (algorithm == Algorithm::HS256) parts.claims.set("iss", kSecretIssuer);
    parts.header.set("alg", '"' + std::string(name) + '"').drop("kid");
    tokens.push_back(parts.token());
    parts.forged = true;
    tokens.push_back(parts.token());
  };
  for (const SigningKey& key : rsa) add(key, "RS256", Algorithm::RS256);
  for (const SigningKey& key : secret) add(key, "HS256", Algorithm::HS256);
  for (const SigningKey& key : ec) add(key, "ES256", Algorithm::ES256);
  const SigningKey unknown = SigningKey::oct(32);
  add(unknown, "HS256", Algorithm::HS256);
  const std::string keys = jwks({ec[0].jwk(), rsa[0].jwk(), ec[1].jwk(), ec[2].jwk(), rsa[1].jwk()}),
                    secrets = jwks({secret[0].jwk(), secret[1].jwk(), secret[2].jwk()});
  TwoIssuers alone("", keys, secrets), together("", keys, secrets);
  const auto scratch = together.validator.make_scratch(0, 64);
  std::mt19937 random(20251128);
  for (int round = 0; round < 20; ++round) {
    std::vector<Request> requests(1 + random() % 64);
    for (Request& request : requests) request = {.token = tokens[random() % tokens.size()], .now = kNow};
    std::vector<Verdict> verdicts(requests.size());
    ASSERT_EQ(together.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::size_t which = static_cast<std::size_t>(
          std::find(tokens.begin(), tokens.end(), requests[i].token) - tokens.begin());
      const bool is_good = which % 2 == 0 && which < tokens.size() - 2;
      ASSERT_EQ(verdicts[i].error, is_good ? Error::ok : Error::signature_invalid) << which;
      ASSERT_EQ(fields(verdicts[i]), fields(alone.validator.validate(*alone.scratch, requests[i]))) << which;
    }
  }
}

// What was found out about one token is not believed of another, nor with another key.
TEST(BatchChecks, BelongToTheirToken) {
  const SigningKey key = SigningKey::oct(32), other_key = SigningKey::oct(48);
  const auto set = JwkSet::parse(jwks({key.jwk(), other_key.jwk()})).set;
  const Jwk* const keys[] = {&set->entries()[0]};
  const Jwk* const other_keys[] = {&set->entries()[1]};
  Gate gate(policy({plain_rule().json()}));
  const auto scratch = gate.validator.make_scratch(0, 2);
  Lane &good = scratch->lane(0), &forged = scratch->lane(1);
  good.header.algorithm = forged.header.algorithm = Algorithm::HS256;
  good.jws.signing_input = "what was signed";
  forged.jws.signing_input = "what was not!!!";
  const test::Octets signature = key.sign(Algorithm::HS256, "what was signed"), copy = signature;
  SignatureCheck check = SignatureStep::first_check(good, keys, signature);
  SignatureCheck* const all[] = {&check};
  VerifyContext& context = scratch->verify;
  context.verify_all(all);
  ASSERT_EQ(check.error(), Error::ok);
  EXPECT_EQ(SignatureStep::go_on(context, good, keys, signature, check).error, Error::ok);
  EXPECT_EQ(SignatureStep::go_on(context, good, keys, copy, check).error, Error::ok) << "verified anew";
  EXPECT_EQ(SignatureStep::go_on(context, forged, keys, signature, check).error, Error::signature_invalid);
  EXPECT_EQ(SignatureStep::go_on(context, good, other_keys, signature, check).error, Error::signature_invalid);
  const test::Octets wrong(32);
  EXPECT_EQ(SignatureStep::go_on(context, good, keys, wrong, check).error, Error::signature_invalid);
}

TEST(BatchUse, IsRefusedAsAWholeWhenItCannotBeDone) {
  TwoIssuers gate("");
  const auto scratch = gate.validator.make_scratch(0, 2);
  const Request requests[3] = {{.token = traffic().tokens[0], .now = kNow}};
  Verdict verdicts[3];
  verdicts[0].error = Error::not_found;
  EXPECT_EQ(gate.validator.validate_batch(*scratch, requests, verdicts), Error::invalid_argument) << "more than lanes";
  EXPECT_EQ(gate.validator.validate_batch(*scratch, std::span(requests).first(2), std::span(verdicts).first(1)),
            Error::invalid_argument);
  ASSERT_TRUE(scratch->slot.pin());
  EXPECT_EQ(gate.validator.validate_batch(*scratch, std::span(requests).first(1), std::span(verdicts).first(1)),
            Error::scratch_in_use);
  scratch->slot.unpin();
  TwoIssuers other("");
  EXPECT_EQ(other.validator.validate_batch(*scratch, std::span(requests).first(1), std::span(verdicts).first(1)),
            Error::invalid_argument) << "the scratch of another validator";
  EXPECT_EQ(verdicts[0].error, Error::not_found) << "nothing was written";
  EXPECT_EQ(gate.validator.validate_batch(*scratch, {}, {}), Error::ok);
  EXPECT_EQ(gate.validator.validate_batch(*scratch, std::span(requests).first(1), std::span(verdicts).first(1)), Error::ok);
  EXPECT_EQ(verdicts[0].error, Error::ok);
}

}  // namespace
}  // namespace simdjwt
