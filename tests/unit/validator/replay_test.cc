// A token that may be used once is accepted once (RFC 7519 §4.1.7), and what is refused for any other reason is not
// used.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Gate;
using test::key_set;
using test::keys_with_kid;
using test::kNow;
using test::kReplayIssuer;
using test::Members;
using test::once_parts;
using test::once_policy;
using test::once_token;
using test::Parts;
using test::plain_rule;
using test::policy;

constexpr const char* kCache = R"(,"limits":{"verdict_cache_bytes":1048576})";

bool is_zero(const ReplayRecord& record) {
  return record.fingerprint == Hash128{} && record.forget_at == 0 && record.issuer == 0;
}

// With and without the verdict cache: what is remembered of a token is never that it may be used again.
class Replay : public testing::TestWithParam<bool> {
 protected:
  std::string document(const std::string& members = "", const Members& rule = plain_rule()) const {
    return once_policy(members, rule, GetParam() ? kCache : "");
  }
};

TEST_P(Replay, TheFirstUseIsTheLast) {
  Gate gate(document(), keys_with_kid());
  const std::string token = once_token();
  const Verdict first = gate.validate(token);
  ASSERT_EQ(first.error, Error::ok);
  EXPECT_EQ(first.replay_record.forget_at, kNow + 300);
  EXPECT_FALSE(is_zero(first.replay_record));
  for (int i = 0; i < 3; ++i) {
    const Verdict again = gate.validate(token);
    EXPECT_EQ(again.error, Error::token_replayed);
    EXPECT_EQ(again.check, Check::replay);
    EXPECT_EQ(again.member, "jti");
    EXPECT_TRUE(again.verified);
    EXPECT_EQ(again.jti, "j-1");
    EXPECT_TRUE(is_zero(again.replay_record));
  }
  EXPECT_EQ(gate.validate(once_token("j-2")).error, Error::ok);
}

// It is the jti that is used, not the bytes of the token.
TEST_P(Replay, AnotherTokenWithTheSameJtiIsAReplay) {
  Gate gate(document(), keys_with_kid());
  ASSERT_EQ(gate.validate(once_token()).error, Error::ok);
  Parts other = once_parts();
  other.claims.set("sub", R"("somebody else")").set("exp", std::to_string(kNow + 10));
  EXPECT_EQ(gate.validate(other).error, Error::token_replayed);
  other.claims.set("jti", R"("\u006a-1")");
  EXPECT_EQ(gate.validate(other).error, Error::token_replayed);
}

TEST_P(Replay, RulesAndDocumentsWithoutItAcceptAgain) {
  for (const std::string& text :
       {document("", plain_rule().set("replay", R"("off")")), policy({plain_rule().json()})}) {
    Gate gate(text, keys_with_kid());
    const std::string token = once_token();
    for (int i = 0; i < 3; ++i) {
      const Verdict verdict = gate.validate(token);
      EXPECT_EQ(verdict.error, Error::ok);
      EXPECT_TRUE(is_zero(verdict.replay_record));
    }
  }
}

// A forged, misdirected, early, late, bound or under-scoped token uses up nothing.
TEST_P(Replay, WhatIsRefusedIsNotUsed) {
  Gate gate(document("", plain_rule().set("scopes", R"(["read"])")), keys_with_kid());
  const auto good = [] {
    Parts parts = once_parts();
    parts.claims.set("scope", R"("read")");
    return parts;
  };
  const auto refused = [&](Parts parts, Error error, Request request = {}) {
    EXPECT_EQ(gate.validate(parts, request).error, error);
    EXPECT_TRUE(gate.validator.replay_store()->empty()) << error_name(error);
  };
  Parts parts = good();
  parts.forged = true;
  refused(parts, Error::signature_invalid);
  parts = good();
  parts.claims.set("aud", R"("other")");
  refused(parts, Error::aud_mismatch);
  refused(good(), Error::token_expired, {.now = kNow + 300});
  parts = good();
  parts.claims.set("nbf", std::to_string(kNow + 1));
  refused(parts, Error::token_not_yet_valid);
  parts = good();
  parts.claims.set("cnf", R"({"jkt":"x"})");
  refused(parts, Error::binding_missing);
  parts = good();
  parts.claims.set("scope", R"("write")");
  refused(parts, Error::insufficient_scope);
  const std::string_view admin[] = {"admin"};
  refused(good(), Error::insufficient_scope, {.required_scopes = admin});
  refused(good(), Error::nonce_mismatch, {.nonce = "n"});
  EXPECT_EQ(gate.validate(good()).error, Error::ok);
  // A token that has been used and lacks a scope is told of the scope: what it lacks comes first.
  EXPECT_EQ(gate.validate(good(), {.required_scopes = admin}).error, Error::insufficient_scope);
  EXPECT_EQ(gate.validate(good()).error, Error::token_replayed);
}

// Once it is remembered as good, a token that asks for too much is still not used.
TEST_P(Replay, ARememberedTokenIsNotUsedForWantOfScope) {
  Gate gate(document(), keys_with_kid());
  Parts parts = once_parts();
  parts.claims.set("scope", R"("read")");
  const std::string token = parts.token();
  const std::string_view admin[] = {"admin"};
  ASSERT_EQ(gate.validate(token, {.replay = ReplayUse::check}).error, Error::ok);
  EXPECT_EQ(gate.validate(token, {.required_scopes = admin}).error, Error::insufficient_scope);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::token_replayed);
}

TEST_P(Replay, JtiAndExpAreRequired) {
  Gate gate(document(), keys_with_kid());
  const Verdict without_jti = gate.validate(Parts());
  EXPECT_EQ(without_jti.error, Error::claim_missing);
  EXPECT_EQ(without_jti.member, "jti");
  EXPECT_EQ(without_jti.check, Check::required_claims);
  Parts without_exp = once_parts();
  without_exp.claims.drop("exp");
  EXPECT_EQ(gate.validate(without_exp).error, Error::exp_missing);
}

TEST_P(Replay, LooksOnlyWhereAskedTo) {
  Gate gate(document(), keys_with_kid());
  const std::string token = once_token();
  const Request look{.replay = ReplayUse::check};
  for (int i = 0; i < 3; ++i) {
    const Verdict verdict = gate.validate(token, look);
    EXPECT_EQ(verdict.error, Error::ok);
    EXPECT_TRUE(is_zero(verdict.replay_record));
  }
  EXPECT_TRUE(gate.validator.replay_store()->empty());
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_EQ(gate.validate(token, look).error, Error::token_replayed);
}

// With a trace a use is recorded only when nothing has failed, and the check shows only then.
TEST_P(Replay, ATraceUsesWhatItAccepts) {
  Gate gate(document(), keys_with_kid());
  Parts bad = once_parts();
  bad.claims.set("aud", R"("other")");
  Trace trace;
  EXPECT_EQ(gate.validate(bad, {.trace = &trace}).error, Error::aud_mismatch);
  EXPECT_EQ(trace.entries[trace.count - 1].check, Check::scope);
  EXPECT_TRUE(gate.validator.replay_store()->empty());

  EXPECT_EQ(gate.validate(once_parts(), {.trace = &trace}).error, Error::ok);
  EXPECT_EQ(trace.count, kCheckCount);
  EXPECT_EQ(trace.entries[trace.count - 1].check, Check::replay);
  EXPECT_EQ(trace.entries[trace.count - 1].error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts(), {.trace = &trace}).error, Error::token_replayed);
  EXPECT_EQ(trace.count, kCheckCount);
  EXPECT_EQ(trace.entries[trace.count - 1].error, Error::token_replayed);
  EXPECT_EQ(trace.entries[trace.count - 1].member, "jti");
}

TEST_P(Replay, UniquePerSubject) {
  Gate gate(document(R"("unique_per":"subject")"), keys_with_kid());
  const auto of = [](const char* subject) {
    Parts parts = once_parts();
    parts.claims.set("sub", subject);
    return parts;
  };
  EXPECT_EQ(gate.validate(of(R"("alice")")).error, Error::ok);
  EXPECT_EQ(gate.validate(of(R"("bob")")).error, Error::ok);
  EXPECT_EQ(gate.validate(of(R"("alice")")).error, Error::token_replayed);
  const Verdict missing = gate.validate(once_parts());
  EXPECT_EQ(missing.error, Error::claim_missing);
  EXPECT_EQ(missing.member, "sub");
}

TEST_P(Replay, UniquePerClient) {
  Gate gate(document(R"("unique_per":"client")"), keys_with_kid());
  const auto of = [](const char* claim, const char* client) {
    Parts parts = once_parts();
    parts.claims.set(claim, client);
    return parts;
  };
  EXPECT_EQ(gate.validate(of("client_id", R"("web")")).error, Error::ok);
  EXPECT_EQ(gate.validate(of("client_id", R"("app")")).error, Error::ok);
  EXPECT_EQ(gate.validate(of("azp", R"("web")")).error, Error::token_replayed);
  EXPECT_EQ(gate.validate(of("azp", R"("other")")).error, Error::ok);
  const Verdict missing = gate.validate(once_parts());
  EXPECT_EQ(missing.error, Error::claim_missing);
  EXPECT_EQ(missing.member, "client_id");
}

// A jti is one issuer's own.
TEST_P(Replay, IssuersDoNotShareJtis) {
  const std::string one = plain_rule().json(), two = plain_rule("https://two.example").json();
  Gate gate(policy({one, two}, R"(,"replay":{"mode":"once","memory_bytes":1048576})"), keys_with_kid());
  ASSERT_EQ(gate.validator.publish("https://two.example", key_set(keys_with_kid())), Error::ok);
  Parts other = once_parts();
  other.claims.set("iss", R"("https://two.example")");
  EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(gate.validate(other).error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
  EXPECT_EQ(gate.validate(other).error, Error::token_replayed);
}

TEST_P(Replay, RetentionIsBounded) {
  Gate gate(document(R"("max_retention_s":100)", plain_rule().set("leeway_s", "10")), keys_with_kid());
  const auto until = [&gate](const std::string& exp, std::int64_t now = kNow) {
    Parts parts = once_parts(exp + "-" + std::to_string(now));
    parts.claims.set("exp", exp);
    return gate.validate(parts, {.now = now});
  };
  EXPECT_EQ(until(std::to_string(kNow + 90)).error, Error::ok);
  const Verdict verdict = until(std::to_string(kNow + 91));
  EXPECT_EQ(verdict.error, Error::token_lives_too_long);
  EXPECT_EQ(verdict.check, Check::expiry);
  EXPECT_EQ(verdict.member, "exp");
  EXPECT_EQ(until(std::to_string(kNow + 89) + ".5").error, Error::ok);
  EXPECT_EQ(until(std::to_string(kNow + 90) + ".5").error, Error::token_lives_too_long);
  EXPECT_EQ(until("9223372036854775807").error, Error::token_lives_too_long);
  EXPECT_EQ(until("9223372036854775807", INT64_MAX - 1).error, Error::token_lives_too_long);
  EXPECT_EQ(until(std::to_string(kNow - 11)).error, Error::token_expired);
}

// Also where the verdict is remembered, and the clock has gone back since.
TEST_P(Replay, RetentionIsLookedAtAgain) {
  Gate gate(document(R"("max_retention_s":300)"), keys_with_kid());
  const std::string token = once_token();
  const auto look = [&](std::int64_t now) {
    return gate.validate(token, {.now = now, .replay = ReplayUse::check}).error;
  };
  EXPECT_EQ(look(kNow), Error::ok);
  EXPECT_EQ(look(kNow - 1), Error::token_lives_too_long);
  EXPECT_EQ(look(kNow), Error::ok);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, Replay, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Cached" : "Plain"; });

// A use may be forgotten at forget_at: at no whole second from then on does the token pass its check of exp, and at the
// second before it does.
TEST(ReplayTime, NothingIsForgottenThatCouldStillBeAccepted) {
  std::mt19937_64 random(20261127);
  for (int round = 0; round < 300; ++round) {
    const std::int64_t leeway = static_cast<std::int64_t>(random() % 4 == 0 ? 0 : random() % 86401);
    const std::int64_t exp = kNow + static_cast<std::int64_t>(random() % 1000000);
    const std::string digits = random() % 2 ? "." + std::to_string(random() % 1000) : "";
    Gate gate(once_policy(R"("max_retention_s":10000000000)", plain_rule().set("leeway_s", std::to_string(leeway))),
              keys_with_kid());
    Parts parts = once_parts();
    parts.claims.set("exp", std::to_string(exp) + digits);
    const std::string token = parts.token();
    const ReplayRecord record = gate.validate(token).replay_record;
    const auto look = [&](std::int64_t now) {
      return gate.validate(token, {.now = now, .replay = ReplayUse::check}).error;
    };
    EXPECT_EQ(look(record.forget_at), Error::token_expired) << token;
    EXPECT_EQ(look(record.forget_at + 1), Error::token_expired) << token;
    EXPECT_EQ(look(record.forget_at - 1), Error::token_replayed) << exp << digits << " + " << leeway;
  }
}

}  // namespace
}  // namespace simdjwt
