// No heap on the validate path (house rule 6): every verdict a token can cause is reached without one allocation by the
// engine, once its scratch is warm. What OpenSSL allocates for itself is counted apart and printed.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "challenge/bearer.h"
#include "challenge/challenge.h"
#include "jwk/ec_tables.h"
#include "unit/validator/counted_malloc.h"
#include "unit/validator/fixture.h"
#include "validator/verify_jws.h"

namespace simdjwt {
namespace {

using test::b64;
using test::count;
using test::expect_none;
using test::Gate;
using test::kNow;
using test::Members;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::SigningKey;
using test::Used;

TEST(Allocation, TheCounterCounts) {
  REQUIRE_COUNTING();
  std::string* volatile kept = nullptr;  // volatile: or the compiler drops the pair
  const Used ours = count([&] {
    kept = new std::string(1000, 'x');
    delete kept;
  });
  EXPECT_EQ(ours.engine.allocations, 2);
  EXPECT_EQ(ours.engine.frees, 2);
  EXPECT_EQ(ours.openssl.allocations, 0);
  const Used theirs = count([] { OPENSSL_free(OPENSSL_malloc(64)); });
  EXPECT_EQ(theirs.openssl.allocations, 1);
  EXPECT_EQ(theirs.openssl.frees, 1);
  expect_none(theirs.engine, "what OpenSSL asks for is not the engine's");
}

// A token, the error that it must lead to, and what was asked besides.
struct Case {
  std::string name;
  Error error;
  std::string token;
};

constexpr std::string_view kHeader = R"({"alg":"ES256","typ":"JWT","kid":"k"})";

std::string with(std::string_view header, std::string_view payload) {
  return b64(header) + "." + b64(payload) + "." + b64(std::string(64, 'x'));
}

Parts good_parts() {
  Parts parts;
  parts.claims = Members{{"iss", R"("https://as.example")"},
                         {"sub", R"("\u0075")"},
                         {"aud", R"(["x","api"])"},
                         {"azp", R"("api")"},
                         {"exp", std::to_string(kNow + 300)},
                         {"nbf", std::to_string(kNow - 1)},
                         {"iat", std::to_string(kNow - 1)},
                         {"jti", R"("j")"},
                         {"role", R"("admin")"},
                         {"nonce", R"("n")"},
                         {"scope", R"("read write")"}};
  return parts;
}

// Of the rule that accepts a token once.
Parts once_parts() {
  Parts parts;
  parts.claims.set("iss", R"("https://once.example")").set("jti", R"("j")").set("nonce", R"("n")");
  return parts;
}

std::string every_check_policy() {
  const std::string rule = Members{
      {"issuer", R"("https://as.example")"},
      {"profile", R"("id-token")"},
      {"algorithms", R"(["ES256","RS256","ML-DSA-44"])"},
      {"audiences", R"(["api"])"},
      {"typ", R"("JWT")"},
      {"max_age_s", "3600"},
      {"required_claims", R"(["jti"])"},
      {"claims", R"({"role":{"one_of":["admin",1,true]}})"},
      {"other_claims", R"("reject")"},
      {"scopes",
       R"(["read"])"}}.json();
  const std::string once =
      plain_rule("https://once.example").set("replay", R"("once")").set("other_claims", R"("ignore")").json();
  return test::policy({rule, plain_rule("https://nokeys.example").json(), once},
                      R"(,"limits":{"max_token_bytes":4096,"max_json_depth":4,"max_json_nodes":64,"max_kid_bytes":8},)"
                      R"("replay":{"mode":"off","memory_bytes":1048576,"max_retention_s":1000})");
}

// Spoils one thing of a good token.
Case spoilt(std::string name, Error error, void (*spoil)(Parts&)) {
  Parts parts = good_parts();
  spoil(parts);
  return {std::move(name), error, parts.token()};
}

void add_json_cases(std::vector<Case>& cases) {
  std::string wide = R"({"x":[0)", many = "{";
  for (int i = 0; i < 70; ++i) wide += ",0";
  // More members than any filter tells apart, so that the duplicate check sorts them.
  for (int i = 0; i < 60; ++i) many += "\"m" + std::to_string(i) + "\":0,";
  const std::pair<std::string, Error> texts[] = {
      {R"({"a" 1})", Error::json_syntax},
      {R"({"a":tru})", Error::json_syntax},
      {R"({"a":1)", Error::json_end},
      {"{} {}", Error::json_end},
      {"{\"a\":\"\xff\"}", Error::json_utf8},
      {"\xef\xbb\xbf{}", Error::json_utf8},
      {R"({"a":"\ud800"})", Error::json_string},
      {"{\"a\":\"\x01\"}", Error::json_string},
      {R"({"a\q":1})", Error::json_string},
      {R"({"a":01})", Error::json_number},
      {R"({"a":1,"\u0061":2})", Error::json_duplicate_member},
      {many + R"("m0":1})", Error::json_duplicate_member},
      {R"({"a":[[[[1]]]]})", Error::json_too_deep},
      {wide + "]}", Error::json_too_many_members},
      {"[]", Error::json_not_an_object},
  };
  for (const auto& [text, error] : texts) {
    cases.push_back({"header " + text.substr(0, 20), error, with(text, "{}")});
    cases.push_back({"payload " + text.substr(0, 20), error, with(kHeader, text)});
  }
}

void add_shape_cases(std::vector<Case>& cases) {
  const std::string header = b64(kHeader), payload = b64(good_parts().claims.json()),
                    signature = b64(std::string(64, 'x'));
  const auto add = [&](Error error, std::string token) {
    cases.push_back({token.substr(0, 24), error, std::move(token)});
  };
  add(Error::token_too_large, std::string(4097, 'a'));
  add(Error::token_segments, "a.b");
  add(Error::token_segments, std::string(4000, '.'));
  add(Error::token_empty_segment, header + "." + payload + ".");
  add(Error::token_empty_segment, header + ".." + signature);
  for (const auto& [segment, error] :
       {std::pair("ab*d", Error::base64url_character), std::pair("abcde", Error::base64url_length),
        std::pair("ab", Error::base64url_trailing_bits)}) {
    add(error, std::string(segment) + "." + payload + "." + signature);
    add(error, header + "." + segment + "." + signature);
    add(error, header + "." + payload + "." + segment);
  }
}

void add_header_cases(std::vector<Case>& cases) {
  const std::string claims = good_parts().claims.json();
  const auto add = [&](Error error, std::string_view header) {
    cases.push_back({std::string(header), error, with(header, claims)});
  };
  add(Error::header_alg_missing, "{}");
  add(Error::header_member_type, R"({"alg":1})");
  add(Error::header_crit, R"({"alg":"ES256","crit":["b64"]})");
  add(Error::header_b64, R"({"alg":"ES256","b64":false})");
  add(Error::kid_too_long, R"({"alg":"ES256","kid":"123456789"})");
  add(Error::alg_none, R"({"alg":"nOnE"})");
  add(Error::alg_unknown, R"({"alg":"ES257"})");
  add(Error::alg_not_allowed, R"({"alg":"HS256"})");
  add(Error::typ_missing, R"({"alg":"ES256","kid":"k"})");
  add(Error::typ_mismatch, R"({"alg":"ES256","kid":"k","typ":"at+jwt"})");
  add(Error::key_unknown, R"({"alg":"ES256","kid":"K","typ":"JWT"})");
  add(Error::key_alg_mismatch, R"({"alg":"ES256","kid":"r","typ":"JWT"})");
  if (!test::openssl_has_ml_dsa()) add(Error::unsupported_algorithm, R"({"alg":"ML-DSA-44","kid":"k","typ":"JWT"})");
}

void add_claim_cases(std::vector<Case>& cases) {
  cases.push_back(spoilt("sub type", Error::claim_type, [](Parts& p) { p.claims.set("sub", "1"); }));
  cases.push_back(spoilt("exp range", Error::claim_range, [](Parts& p) { p.claims.set("exp", "1e400"); }));
  cases.push_back(spoilt("no iss", Error::iss_missing, [](Parts& p) { p.claims.drop("iss"); }));
  cases.push_back(spoilt("iss", Error::iss_unknown, [](Parts& p) { p.claims.set("iss", R"("x")"); }));
  cases.push_back(spoilt("no exp", Error::exp_missing, [](Parts& p) { p.claims.drop("exp"); }));
  cases.push_back(spoilt("exp", Error::token_expired, [](Parts& p) { p.claims.set("exp", "1"); }));
  cases.push_back(spoilt("nbf", Error::token_not_yet_valid, [](Parts& p) { p.claims.set("nbf", "9e9"); }));
  cases.push_back(spoilt("iat", Error::iat_in_future, [](Parts& p) { p.claims.set("iat", "9e9"); }));
  cases.push_back(spoilt("old", Error::token_too_old, [](Parts& p) { p.claims.set("iat", "1"); }));
  cases.push_back(spoilt("no aud", Error::aud_missing, [](Parts& p) { p.claims.drop("aud"); }));
  cases.push_back(spoilt("aud", Error::aud_mismatch, [](Parts& p) { p.claims.set("aud", R"(["a","b"])"); }));
  cases.push_back(spoilt("no jti", Error::claim_missing, [](Parts& p) { p.claims.drop("jti"); }));
  cases.push_back(spoilt("no role", Error::claim_missing, [](Parts& p) { p.claims.drop("role"); }));
  cases.push_back(spoilt("role", Error::claim_mismatch, [](Parts& p) { p.claims.set("role", "1.5"); }));
  cases.push_back(spoilt("x", Error::claim_unexpected, [](Parts& p) { p.claims.set("x", "1"); }));
  cases.push_back(spoilt("azp", Error::azp_mismatch, [](Parts& p) { p.claims.set("azp", R"("x")"); }));
  cases.push_back(spoilt("nonce", Error::nonce_mismatch, [](Parts& p) { p.claims.set("nonce", R"("x")"); }));
  cases.push_back(spoilt("forged", Error::signature_invalid, [](Parts& p) { p.forged = true; }));
  cases.push_back(spoilt("short", Error::signature_length, [](Parts& p) { p.before_signature = "AAAA"; }));
  cases.push_back(spoilt("cnf", Error::binding_missing, [](Parts& p) { p.claims.set("cnf", "{}"); }));
  cases.push_back(spoilt("scope", Error::insufficient_scope, [](Parts& p) { p.claims.set("scope", R"("reader")"); }));
  cases.push_back(
      spoilt("no keys", Error::keys_unavailable, [](Parts& p) { p.claims.set("iss", R"("https://nokeys.example")"); }));
  cases.push_back(spoilt("lives", Error::token_lives_too_long, [](Parts& p) {
    p.claims.set("iss", R"("https://once.example")").set("exp", std::to_string(kNow + 1001));
  }));
  cases.push_back({"used while warming up", Error::token_replayed, once_parts().token()});
  Parts zeros = good_parts();
  const std::string good = zeros.token();
  cases.push_back({"zeros", Error::signature_range, good.substr(0, good.rfind('.') + 1) + std::string(86, 'A')});
  cases.push_back({"accepted", Error::ok, good});
}

TEST(Allocation, NoVerdictThatATokenCanCauseAllocates) {
  REQUIRE_COUNTING();
  Gate gate(every_check_policy(), test::jwks({p256_key().jwk(R"("kid":"k")"), SigningKey::rsa().jwk(R"("kid":"r")")}));
  ASSERT_EQ(gate.validator.publish("https://once.example", test::key_set(test::keys_with_kid())), Error::ok);
  std::vector<Case> cases;
  add_shape_cases(cases);
  add_json_cases(cases);
  add_header_cases(cases);
  add_claim_cases(cases);

  Trace trace;
  Verdict verdict;
  std::set<Error> reached;
  const auto validate = [&](const Case& one, Trace* to) {
    verdict = gate.validator.validate(*gate.scratch, {.token = one.token, .now = kNow, .nonce = "n", .trace = to});
  };
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    for (const Case& one : cases) {
      validate(one, nullptr);
      validate(one, &trace);
    }
  }
  for (const Case& one : cases) {
    for (Trace* const to : {static_cast<Trace*>(nullptr), &trace}) {
      const Used used = count([&] { validate(one, to); });
      EXPECT_EQ(verdict.error, one.error) << one.name;
      expect_none(used.engine, std::string(error_name(one.error)) + ": " + one.name);
    }
    reached.insert(verdict.error);
  }
  // Nothing of the list is left out: a new error needs a token here.
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error = error_at(i);
    const ErrorCategory category = category_of(error);
    if (category != ErrorCategory::token && category != ErrorCategory::scope && category != ErrorCategory::keys)
      continue;
    if (error == Error::unsupported_algorithm && test::openssl_has_ml_dsa()) continue;
    EXPECT_TRUE(reached.contains(error)) << "no token leads to " << error_name(error);
  }
}

TEST(Allocation, NeitherDoesAskingForKeys) {
  REQUIRE_COUNTING();
  Gate gate(test::policy({plain_rule().json()}, R"(,"limits":{"verdict_cache_bytes":1048576})"));
  const Case unknown = spoilt("kid", Error::key_unknown, [](Parts& p) { p.header.set("kid", R"("new")"); });
  const std::string good = Parts().token(), tokens[] = {good, good, unknown.token};
  for (const std::uint32_t i : {0u, 1u, 2u}) {
    std::uint32_t reasons = 0;
    const auto work = [&] {
      (void)gate.validator.validate(*gate.scratch, {.token = tokens[i], .now = kNow + 10});
      (void)gate.validator.take_wanted("https://as.example", reasons);
    };
    expect_none(count(work).engine, "wanted");
    EXPECT_EQ(reasons, 1u << i);
    ASSERT_EQ(gate.validator.publish("https://as.example", test::key_set(test::keys_with_kid()), {kNow + 10}), Error::ok);
    for (int warm_up = 0; warm_up < 2; ++warm_up) EXPECT_EQ(gate.validate(tokens[1]).error, Error::ok);
    EXPECT_TRUE(gate.scratch->unread);
  }
}

TEST(Allocation, NeitherDoTheCallersMistakes) {
  REQUIRE_COUNTING();
  Gate gate(test::policy({plain_rule().json()}), test::jwks({p256_key().jwk(R"("kid":"k")")}));
  Gate other(test::policy({plain_rule().json()}));
  const std::string token = Parts().token();
  const auto small = gate.validator.make_scratch(100);
  Verdict verdict;
  expect_none(count([&] { verdict = gate.validator.validate(*other.scratch, {.token = token, .now = kNow}); }).engine,
              "other");
  EXPECT_EQ(verdict.error, Error::invalid_argument);
  expect_none(count([&] { verdict = gate.validator.validate(*small, {.token = token, .now = kNow}); }).engine, "small");
  EXPECT_EQ(verdict.error, Error::scratch_too_small);
  ASSERT_TRUE(gate.scratch->slot.pin());
  expect_none(count([&] { verdict = gate.validator.validate(*gate.scratch, {.token = token, .now = kNow}); }).engine, "");
  EXPECT_EQ(verdict.error, Error::scratch_in_use);
  gate.scratch->slot.unpin();
}

// Accepted and forged, for every algorithm of the linked OpenSSL and the whole of validate(); and what OpenSSL takes.
TEST(Allocation, NoAlgorithmMakesTheEngineAllocate) {
  REQUIRE_COUNTING();
  std::printf("%-10s %10s %22s %22s\n", "algorithm", "engine", "OpenSSL, accepted", "OpenSSL, forged");
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.family == AlgorithmFamily::ml_dsa && !test::openssl_has_ml_dsa()) continue;
    const SigningKey key = SigningKey::for_algorithm(row.algorithm);
    Gate gate(test::policy({plain_rule().set("algorithms", R"([")" + std::string(row.name) + R"("])").json()}),
              test::jwks({key.jwk(R"("kid":"k")")}));
    Parts parts;
    parts.key = &key;
    parts.algorithm = row.algorithm;
    parts.header.set("alg", '"' + std::string(row.name) + '"');
    const std::string good = parts.token();
    parts.forged = true;
    const std::string forged = parts.token();
    Verdict verdict;
    const auto validate = [&](const std::string& token) {
      verdict = gate.validator.validate(*gate.scratch, {.token = token, .now = kNow});
    };
    for (int warm_up = 0; warm_up < 3; ++warm_up) {
      validate(good);
      validate(forged);
    }
    constexpr int kRounds = 20;
    const Used accepted = count([&] {
      for (int i = 0; i < kRounds; ++i) validate(good);
    });
    EXPECT_EQ(verdict.error, Error::ok) << row.name;
    const Used refused = count([&] {
      for (int i = 0; i < kRounds; ++i) validate(forged);
    });
    EXPECT_NE(verdict.error, Error::ok) << row.name;
    expect_none(accepted.engine, std::string(row.name) + " accepted");
    expect_none(refused.engine, std::string(row.name) + " forged");
    // Such a key verifies by its tables, and nothing but the hash allocates (docs/decisions/0021).
    if (EcTables::are_worth_it(row.curve)) {
      EXPECT_LE(accepted.openssl.allocations, 2 * kRounds) << row.name;
      EXPECT_LE(refused.openssl.allocations, 2 * kRounds) << row.name;
    }
    std::printf("%-10s %10ld %22.1f %22.1f\n", row.name.data(),
                accepted.engine.allocations + refused.engine.allocations,
                static_cast<double>(accepted.openssl.allocations) / kRounds,
                static_cast<double>(refused.openssl.allocations) / kRounds);
  }
}

// A key that a context meets for the first time, or again after it was pushed out, costs OpenSSL a context and the
// engine nothing.
TEST(Allocation, AKeyThatIsNewToTheContextCostsTheEngineNothing) {
  REQUIRE_COUNTING();
  std::string set = R"({"keys":[)";
  std::vector<SigningKey> keys;
  for (int i = 0; i < 300; ++i) {
    keys.push_back(SigningKey::oct(32));
    set += (i ? "," : "") + keys.back().jwk(R"("kid":")" + std::to_string(i) + '"');
  }
  Gate gate(test::policy({plain_rule().set("algorithms", R"(["HS256"])").json()}), set + "]}");
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Parts parts;
    parts.key = &keys[i];
    parts.algorithm = Algorithm::HS256;
    parts.header.set("alg", R"("HS256")").set("kid", '"' + std::to_string(i) + '"');
    tokens.push_back(parts.token());
  }
  int accepted = 0;
  const Used used = count([&] {
    for (int round = 0; round < 2; ++round) {
      for (const std::string& token : tokens) {
        accepted += gate.validator.validate(*gate.scratch, {.token = token, .now = kNow}).error == Error::ok;
      }
    }
  });
  EXPECT_EQ(accepted, 600);
  expect_none(used.engine, "300 keys through 128 prepared contexts");
  EXPECT_GT(used.openssl.allocations, 0);
}

// Every algorithm in one batch, good and forged by turns.
TEST(Allocation, BatchesOfEveryAlgorithm) {
  REQUIRE_COUNTING();
  // Symmetric keys are of an issuer of their own: among public ones they are dropped.
  std::string sets[2] = {R"({"keys":[)", R"({"keys":[)"}, names[2] = {"[", "["};
  std::vector<std::string> tokens;
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.family == AlgorithmFamily::ml_dsa && !test::openssl_has_ml_dsa()) continue;
    const SigningKey key = SigningKey::for_algorithm(row.algorithm);
    const std::string name = '"' + std::string(row.name) + '"';
    const bool is_secret = row.family == AlgorithmFamily::hmac;
    sets[is_secret] += (sets[is_secret].back() == '[' ? "" : ",") + key.jwk("\"kid\":" + name);
    names[is_secret] += (names[is_secret].back() == '[' ? "" : ",") + name;
    Parts parts;
    if (is_secret) parts.claims.set("iss", R"("https://hs.example")");
    parts.key = &key;
    parts.algorithm = row.algorithm;
    parts.header.set("alg", name).set("kid", name);
    for (const bool forged : {false, true, false}) {
      parts.forged = forged;
      tokens.push_back(parts.token());
    }
  }
  Gate gate(test::policy({plain_rule().set("algorithms", names[0] + "]").json(),
                          plain_rule("https://hs.example").set("algorithms", names[1] + "]").json()}),
            sets[0] + "]}");
  ASSERT_EQ(gate.validator.publish("https://hs.example", test::key_set(sets[1] + "]}")), Error::ok);
  const auto scratch = gate.validator.make_scratch(0, 64);
  std::vector<Request> requests;
  for (const std::string& token : tokens) requests.push_back({.token = token, .now = kNow});
  std::vector<Verdict> verdicts(requests.size());
  const auto work = [&] { (void)gate.validator.validate_batch(*scratch, requests, verdicts); };
  for (int warm_up = 0; warm_up < 3; ++warm_up) work();
  expect_none(count(work).engine, "a batch of every algorithm");
  for (std::size_t i = 0; i < verdicts.size(); ++i) EXPECT_EQ(verdicts[i].error == Error::ok, i % 3 != 1) << tokens[i];
}

TEST(Allocation, TheRestOfTheRequestPath) {
  REQUIRE_COUNTING();
  const auto keys = test::key_set(test::jwks({p256_key().jwk(R"("kid":"k")")}));
  Scratch scratch(Limits{}, std::make_shared<EpochDomain>());
  AlgorithmSet allowed;
  allowed.add(Algorithm::ES256);
  const std::string token = Parts().token(), field = "Bearer " + token;
  IssuerRule rule;
  rule.scopes = {"a", "b"};
  const ChallengeParameters parameters{"api", "https://api.example/metadata"};
  const std::string_view required[] = {"c"};
  std::array<char, 512> out;
  const auto work = [&] {
    const BearerResult bearer = bearer_token(field);
    const Verdict verdict = verify_jws(*keys, allowed, scratch, bearer.token);
    const ChallengeResult challenge = make_challenge(
        parameters, {.error = Error::insufficient_scope, .rule = &rule, .required_scopes = required}, out);
    return verdict.error == Error::ok && challenge.http_status == 403;
  };
  EXPECT_TRUE(work());
  bool done = false;
  expect_none(count([&] { done = work(); }).engine, "bearer, verify_jws, challenge");
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace simdjwt
