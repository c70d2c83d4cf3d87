#include "claims/claims_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "support/json.h"
#include "support/print.h"

namespace simdjwt {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNow = 1700000000;

using Method = ClaimResult (ClaimsCheck::*)() const noexcept;

struct Outcome {
  Error error;
  std::string claim;
};

Outcome check(const std::function<ClaimResult(const ClaimsCheck&)>& what, std::string_view json,
              const ClaimRules& rules, std::int64_t now) {
  const test::Document document(json);
  EXPECT_EQ(document.error(), Error::ok) << json;
  UnverifiedClaims claims;
  EXPECT_EQ(claims.parse(document.nodes()).error, Error::ok) << json;
  const ClaimResult result = what(ClaimsCheck(claims, rules, now));
  return {result.error, std::string(result.claim)};
}

Error check(Method method, std::string_view json, const ClaimRules& rules, std::int64_t now = kNow) {
  return check([method](const ClaimsCheck& c) { return (c.*method)(); }, json, rules, now).error;
}

std::string dated(std::string_view claim, std::string_view value) {
  return "{\"" + std::string(claim) + "\":" + std::string(value) + "}";
}
std::string dated(std::string_view claim, std::int64_t value, std::string_view fraction = {}) {
  return dated(claim, std::to_string(value).append(fraction));
}

// RFC 7519 §4.1.4: "on or after" exp the token is expired.
TEST(Expiry, NowIsBeforeExp) {
  const ClaimRules rules;
  const auto expiry = [&](const std::string& json, std::int64_t now = kNow) {
    return check(&ClaimsCheck::expiry, json, rules, now);
  };
  EXPECT_EQ(expiry(dated("exp", kNow + 1)), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kNow)), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kNow - 1)), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kNow, ".001")), Error::ok) << "now is still before it";
  EXPECT_EQ(expiry(dated("exp", kNow - 1, ".999")), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kNow, ".000")), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", "17e8")), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", "1700000001e0")), Error::ok);
  EXPECT_EQ(expiry(dated("exp", 0)), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", -1)), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", -1), -2), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kMax)), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kMin)), Error::token_expired);
}

TEST(Expiry, LeewayIsAddedToExp) {
  const ClaimRules rules{.leeway_s = 30};
  const auto expiry = [&](const std::string& json, std::int64_t now = kNow) {
    return check(&ClaimsCheck::expiry, json, rules, now);
  };
  EXPECT_EQ(expiry(dated("exp", kNow - 29)), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kNow - 30)), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kNow - 30, ".5")), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kNow - 31, ".999")), Error::token_expired);
}

// Sums that would wrap saturate, on the side of refusing.
TEST(Expiry, TheEndsOfTime) {
  const ClaimRules rules{.leeway_s = 86400};
  const auto expiry = [&](const std::string& json, std::int64_t now) {
    return check(&ClaimsCheck::expiry, json, rules, now);
  };
  EXPECT_EQ(expiry(dated("exp", kMax), kMax), Error::ok) << "the leeway is on top of exp";
  EXPECT_EQ(expiry(dated("exp", kMax - 86400), kMax), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kMax - 86399), kMax), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kMin), kMax), Error::token_expired);
  EXPECT_EQ(expiry(dated("exp", kMax), kMin), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kMin), kMin), Error::token_expired) << "now - leeway must not wrap to the far future";
  EXPECT_EQ(expiry(dated("exp", kMin + 1), kMin), Error::ok);
}

TEST(Expiry, ExpIsRequiredUnlessTheRuleSaysOtherwise) {
  EXPECT_EQ(check(&ClaimsCheck::expiry, "{}", {}), Error::exp_missing);
  EXPECT_EQ(check(&ClaimsCheck::expiry, "{}", {.missing_exp = true}), Error::ok);
  EXPECT_EQ(check(&ClaimsCheck::expiry, dated("exp", kNow), {.missing_exp = true}), Error::token_expired)
      << "one that is there is checked";
  EXPECT_EQ(check([](const ClaimsCheck& c) { return c.expiry(); }, "{}", {}, kNow).claim, "exp");
}

// RFC 7519 §4.1.5: "before" nbf the token is not accepted.
TEST(NotBefore, NowIsNotBeforeNbf) {
  const auto not_before = [](const std::string& json, std::int64_t leeway = 0, std::int64_t now = kNow) {
    return check(&ClaimsCheck::not_before, json, {.leeway_s = leeway}, now);
  };
  EXPECT_EQ(not_before("{}"), Error::ok);
  EXPECT_EQ(not_before(dated("nbf", kNow - 1)), Error::ok);
  EXPECT_EQ(not_before(dated("nbf", kNow)), Error::ok);
  EXPECT_EQ(not_before(dated("nbf", kNow, ".5")), Error::token_not_yet_valid);
  EXPECT_EQ(not_before(dated("nbf", kNow + 1)), Error::token_not_yet_valid);
  EXPECT_EQ(not_before(dated("nbf", kNow + 30), 30), Error::ok);
  EXPECT_EQ(not_before(dated("nbf", kNow + 30, ".1"), 30), Error::token_not_yet_valid);
  EXPECT_EQ(not_before(dated("nbf", kNow + 31), 30), Error::token_not_yet_valid);
  EXPECT_EQ(not_before(dated("nbf", kMin)), Error::ok);
  EXPECT_EQ(not_before(dated("nbf", kMax)), Error::token_not_yet_valid);
  EXPECT_EQ(not_before(dated("nbf", kMax), 86400, kMax - 1), Error::ok) << "now + leeway must not wrap to the past";
  EXPECT_EQ(not_before(dated("nbf", kMin), 86400, kMin), Error::ok);
}

// RFC 7519 §4.1.6.
TEST(IssuedAt, IsNotInTheFuture) {
  const auto issued_at = [](const std::string& json, std::int64_t leeway = 0, bool future = false) {
    return check(&ClaimsCheck::issued_at, json, {.future_iat = future, .leeway_s = leeway});
  };
  EXPECT_EQ(issued_at("{}"), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kNow)), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kNow, ".5")), Error::iat_in_future);
  EXPECT_EQ(issued_at(dated("iat", kNow + 1)), Error::iat_in_future);
  EXPECT_EQ(issued_at(dated("iat", kNow + 30), 30), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kNow + 31), 30), Error::iat_in_future);
  EXPECT_EQ(issued_at(dated("iat", kNow + 1000000), 0, true), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kMin)), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kMax), 86400), Error::iat_in_future);
}

TEST(IssuedAt, IsNotTooLongAgo) {
  const auto issued_at = [](const std::string& json, std::int64_t leeway = 0, std::int64_t now = kNow,
                            std::int64_t age = 600) {
    return check(&ClaimsCheck::issued_at, json, {.leeway_s = leeway, .max_age_s = age}, now);
  };
  EXPECT_EQ(issued_at("{}"), Error::claim_missing);
  EXPECT_EQ(issued_at(dated("iat", kNow - 600)), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kNow - 601)), Error::token_too_old);
  EXPECT_EQ(issued_at(dated("iat", kNow - 601, ".999")), Error::token_too_old) << "older than 600 s by a thousandth";
  EXPECT_EQ(issued_at(dated("iat", kNow - 630), 30), Error::ok);
  EXPECT_EQ(issued_at(dated("iat", kNow - 631), 30), Error::token_too_old);
  EXPECT_EQ(issued_at(dated("iat", kMin), 86400, kMax, 1000000000), Error::token_too_old);
  EXPECT_EQ(issued_at(dated("iat", kMin), 86400, kMin, 1000000000), Error::ok)
      << "the oldest time must not wrap to the future";
  EXPECT_EQ(issued_at(dated("iat", kMax), 0, kMin), Error::iat_in_future);
  // An age and a future that is allowed: the age still counts.
  const ClaimRules rules{.future_iat = true, .max_age_s = 600};
  EXPECT_EQ(check(&ClaimsCheck::issued_at, dated("iat", kNow + 5000), rules), Error::ok);
  EXPECT_EQ(check(&ClaimsCheck::issued_at, dated("iat", kNow - 601), rules), Error::token_too_old);
}

// A few are compared one by one, many are searched: both lists are sorted, and both say the same.
const std::vector<std::string> kFewAudiences = {"api", "https://api.example", "x"};
const std::vector<std::string> kManyAudiences = {"0", "api", "https://a.example", "https://api.example", "u", "x", "z"};

// RFC 7519 §4.1.3, RFC 8725 §3.9: one of them, compared byte for byte.
class RuleAudiences : public testing::TestWithParam<std::vector<std::string>> {};
INSTANTIATE_TEST_SUITE_P(FewAndMany, RuleAudiences, testing::Values(kFewAudiences, kManyAudiences));

TEST_P(RuleAudiences, HoldOneOfTheToken) {
  const ClaimRules rules{.audiences = GetParam()};
  const auto audience = [&](const std::string& value) {
    return check(&ClaimsCheck::audience, R"({"aud":)" + value + "}", rules);
  };
  for (const char* value :
       {R"("api")", R"("x")", R"(["api"])", R"(["other","https://api.example"])", R"(["x","x"])", R"("a\u0070i")"}) {
    EXPECT_EQ(audience(value), Error::ok) << value;
  }
  for (const char* value :
       {R"("other")", R"("")", R"("API")", R"("ap")", R"("apis")", R"("api ")", R"(" api")", R"("api\u0000")",
        R"("https://api.example/")", R"("https://API.example")", R"("https:\/\/api.exampl")", R"("api x")", "[]",
        R"([""])", R"(["other","another"])", R"(["api "])"}) {
    EXPECT_EQ(audience(value), Error::aud_mismatch) << value;
  }
  EXPECT_EQ(check(&ClaimsCheck::audience, "{}", rules), Error::aud_missing);
  EXPECT_EQ(check(&ClaimsCheck::audience, R"({"x":{"aud":"api"}})", rules), Error::aud_missing);
  EXPECT_EQ(check([](const ClaimsCheck& c) { return c.audience(); }, "{}", rules, kNow).claim, "aud");
}

TEST(Audience, AnyWhenTheRuleSaysSo) {
  for (const char* json : {"{}", R"({"aud":"x"})", R"({"aud":[]})"}) {
    EXPECT_EQ(check(&ClaimsCheck::audience, json, {.any_audience = true}), Error::ok) << json;
  }
  EXPECT_EQ(check(&ClaimsCheck::audience, R"({"aud":"x"})", {}), Error::aud_mismatch) << "no audience is not any";
}

TEST(RequiredClaims, AreThereWhateverTheirValue) {
  const ClaimRules rules{.required = {"sub", "x"}};
  const auto required = [&](std::string_view json) {
    return check([](const ClaimsCheck& c) { return c.required(); }, json, rules, kNow);
  };
  EXPECT_EQ(required(R"({"x":null,"sub":""})").error, Error::ok);
  EXPECT_EQ(required(R"({"x":1})").error, Error::claim_missing);
  EXPECT_EQ(required(R"({"x":1})").claim, "sub");
  EXPECT_EQ(required(R"({"sub":"s","X":1})").claim, "x");
  EXPECT_EQ(required(R"({"sub":"s","y":{"x":1}})").claim, "x");
}

ExpectedValue text(std::string value) {
  return {JsonKind::string, std::move(value), 0};
}
ExpectedValue number(std::int64_t value) {
  return {JsonKind::number, "", value};
}
ExpectedValue boolean(bool value) {
  return {JsonKind::boolean, value ? "true" : "false", 0};
}

Outcome expected(std::vector<ExpectedValue> values, bool contains, std::string_view json) {
  ClaimRules rules;
  rules.expected.push_back({"c", contains, std::move(values)});
  return check([](const ClaimsCheck& c) { return c.expected(); }, json, rules, kNow);
}

void expect_match(const std::vector<ExpectedValue>& values, bool contains, std::initializer_list<const char*> good,
                  std::initializer_list<const char*> bad) {
  for (const char* value : good) EXPECT_EQ(expected(values, contains, dated("c", value)).error, Error::ok) << value;
  for (const char* value : bad) {
    const Outcome outcome = expected(values, contains, dated("c", value));
    EXPECT_EQ(outcome.error, Error::claim_mismatch) << value;
    EXPECT_EQ(outcome.claim, "c");
  }
  EXPECT_EQ(expected(values, contains, "{}").error, Error::claim_missing);
  EXPECT_EQ(expected(values, contains, "{}").claim, "c");
  EXPECT_EQ(expected(values, contains, R"({"d":{"c":"x"}})").error, Error::claim_missing);
}

TEST(ExpectedClaims, EqualsComparesByTypeAndValue) {
  expect_match({text("x")}, false, {R"("x")", R"("\u0078")"},
               {R"("X")", R"("")", R"("xx")", R"("x\u0000")", "1", "null", R"(["x"])", "{}"});
  expect_match({text("1")}, false, {R"("1")"}, {"1"});
  expect_match({text("true")}, false, {R"("true")"}, {"true"});
  expect_match({text("null")}, false, {R"("null")"}, {"null"});
  expect_match({number(5)}, false, {"5", "5.0", "5e0", "50e-1", "0.5e1"},
               {R"("5")", "5.1", "4", "-5", "true", "5e1", "[5]", "18446744073709551621"});
  expect_match({number(0)}, false, {"0", "-0", "0.0", "0e9"}, {"false", R"("")", "null", "0.1", "1e-400"});
  expect_match({number(kMax)}, false, {"9223372036854775807"}, {"9223372036854775808", "9223372036854775806", "1e400"});
  expect_match({number(-3)}, false, {"-3"}, {"3", "-2.5", "-3.5"});
  expect_match({boolean(true)}, false, {"true"}, {"false", "1", R"("true")", "null"});
  expect_match({boolean(false)}, false, {"false"}, {"true", "0", R"("false")", "null", R"("")"});
}

TEST(ExpectedClaims, OneOf) {
  expect_match({text("a"), number(2), boolean(true)}, false, {R"("a")", "2", "true"},
               {R"("b")", "3", "false", R"("2")", R"(["a"])"});
}

TEST(ExpectedClaims, ContainsLooksIntoAnArrayOfStrings) {
  expect_match({text("a")}, true, {R"(["a"])", R"(["b","a"])", R"([1,"a"])", R"(["\u0061"])"},
               {R"("a")", "[]", R"(["b"])", R"([["a"]])", R"([{"a":"a"}])", R"({"a":"a"})", "null", R"(["a "])",
                R"(["aa"])", R"({"x":["a"]})"});
}

TEST(ExpectedClaims, AllMustMatch) {
  ClaimRules rules;
  rules.expected = {{"a", false, {text("1")}}, {"b", false, {text("2")}}};
  const auto run = [&](std::string_view json) {
    return check([](const ClaimsCheck& c) { return c.expected(); }, json, rules, kNow).claim;
  };
  EXPECT_EQ(run(R"({"a":"1","b":"2"})"), "");
  EXPECT_EQ(run(R"({"a":"1","b":"1"})"), "b");
  EXPECT_EQ(run(R"({"a":"2","b":"1"})"), "a");
}

TEST(OtherClaims, AreRefusedUnlessKnown) {
  const ClaimRules rules{.known = {"aud", "exp", "iss"}};
  const auto others = [&](std::string_view json) {
    return check([](const ClaimsCheck& c) { return c.others(); }, json, rules, kNow);
  };
  EXPECT_EQ(others(R"({"iss":"x","exp":1})").error, Error::ok);
  EXPECT_EQ(others("{}").error, Error::ok);
  EXPECT_EQ(others(R"({"iss":"x","role":"admin"})").error, Error::claim_unexpected);
  EXPECT_EQ(others(R"({"iss":"x","role":"admin"})").claim, "role");
  EXPECT_EQ(others(R"({"":1})").error, Error::claim_unexpected);
  EXPECT_EQ(others(R"({"ISS":"x"})").error, Error::claim_unexpected);
  EXPECT_EQ(others(R"({"iss":"x","aud":[],"cnf":{"y":{"z":1}}})").claim, "cnf") << "members of a claim are no claims";
  EXPECT_EQ(check(&ClaimsCheck::others, R"({"role":1})", {.ignore_others = true}), Error::ok);
}

// OpenID Connect Core §3.1.3.7, steps 4 and 5.
TEST(AuthorizedParty, IsThisClient) {
  const ClaimRules rules{.audiences = {"me", "me-too"}, .check_azp = true};
  const auto azp = [&](std::string_view json) { return check(&ClaimsCheck::authorized_party, json, rules); };
  EXPECT_EQ(azp(R"({"aud":"me"})"), Error::ok);
  EXPECT_EQ(azp(R"({"aud":["me"]})"), Error::ok);
  EXPECT_EQ(azp(R"({"aud":["me","other"]})"), Error::azp_mismatch) << "several audiences need an azp";
  EXPECT_EQ(azp(R"({"aud":["me","me-too"]})"), Error::azp_mismatch);
  EXPECT_EQ(azp(R"({"aud":["me","other"],"azp":"me"})"), Error::ok);
  EXPECT_EQ(azp(R"({"aud":"me","azp":"me-too"})"), Error::ok);
  EXPECT_EQ(azp(R"({"aud":"me","azp":"other"})"), Error::azp_mismatch);
  EXPECT_EQ(azp(R"({"aud":["me","other"],"azp":"other"})"), Error::azp_mismatch);
  EXPECT_EQ(azp(R"({"aud":"me","azp":""})"), Error::azp_mismatch);
  EXPECT_EQ(azp(R"({"aud":[]})"), Error::ok);
  EXPECT_EQ(check(&ClaimsCheck::authorized_party, R"({"aud":["a","b"],"azp":"other"})", {.audiences = {"me"}}),
            Error::ok)
      << "other kinds of tokens have no azp rule";
  EXPECT_EQ(check(&ClaimsCheck::authorized_party, R"({"azp":"other"})", {.any_audience = true, .check_azp = true}),
            Error::ok);
}

// OpenID Connect Core §3.1.3.7, step 11.
TEST(Nonce, IsTheOneThatWasSent) {
  const auto nonce = [](std::string_view json, std::string_view sent) {
    return check([&](const ClaimsCheck& c) { return c.nonce(sent); }, json, {}, kNow).error;
  };
  EXPECT_EQ(nonce(R"({"nonce":"n"})", {}), Error::ok) << "none was sent: nothing to compare";
  EXPECT_EQ(nonce("{}", {}), Error::ok);
  EXPECT_EQ(nonce(R"({"nonce":"n"})", "n"), Error::ok);
  EXPECT_EQ(nonce(R"({"nonce":"n"})", "N"), Error::nonce_mismatch);
  EXPECT_EQ(nonce(R"({"nonce":"nn"})", "n"), Error::nonce_mismatch);
  EXPECT_EQ(nonce("{}", "n"), Error::nonce_mismatch);
  EXPECT_EQ(nonce("{}", ""), Error::nonce_mismatch) << "an empty one was sent";
  EXPECT_EQ(nonce(R"({"nonce":""})", ""), Error::ok);
  EXPECT_EQ(nonce(R"({"nonce":"n\u0000"})", "n"), Error::nonce_mismatch);
}

// A token that may be used once ends, leeway included, no later than it can be remembered.
TEST(Retention, IsBounded) {
  const ClaimRules rules{.leeway_s = 5, .once = true, .max_retention_s = 100};
  const auto expiry = [&](const std::string& json, std::int64_t now = kNow) {
    return check(&ClaimsCheck::expiry, json, rules, now);
  };
  EXPECT_EQ(expiry(dated("exp", kNow + 95)), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kNow + 96)), Error::token_lives_too_long);
  EXPECT_EQ(expiry(dated("exp", kNow + 95, ".1")), Error::token_lives_too_long);
  EXPECT_EQ(expiry(dated("exp", kNow - 4)), Error::ok);
  EXPECT_EQ(expiry(dated("exp", kNow - 5)), Error::token_expired);
  EXPECT_EQ(expiry("{}"), Error::exp_missing);
  for (const std::int64_t now : {kMin, std::int64_t{0}, kNow, kMax - 1}) {
    EXPECT_EQ(expiry(dated("exp", kMax), now), Error::token_lives_too_long) << now;
  }
  EXPECT_EQ(expiry(dated("exp", kMin + 1), kMin), Error::ok);
}

// Each part of what a token is remembered by makes another fingerprint, and nothing else does.
TEST(Fingerprint, IsOfTheJtiAndWhatItIsUniquePer) {
  const KeyedHash128 issuer(KeyedHash128::Key{1});
  const auto of = [&](JtiScope per, std::string_view json) {
    const test::Document document(json);
    UnverifiedClaims claims;
    EXPECT_EQ(claims.parse(document.nodes()).error, Error::ok);
    const ClaimRules rules{.once = true, .unique_per = per};
    return ClaimsCheck(claims, rules, kNow).fingerprint(issuer);
  };
  constexpr std::string_view full = R"({"jti":"j","sub":"s","client_id":"c","azp":"a","exp":1})";
  EXPECT_EQ(of(JtiScope::issuer, full), of(JtiScope::issuer, R"({"jti":"\u006a"})"));
  EXPECT_EQ(of(JtiScope::subject, full), of(JtiScope::subject, R"({"sub":"s","jti":"j"})"));
  EXPECT_EQ(of(JtiScope::client, full), of(JtiScope::client, R"({"azp":"c","jti":"j"})"));
  EXPECT_EQ(of(JtiScope::client, full), hash_jti(issuer, JtiScope::client, "s", "c", "j"));
  EXPECT_NE(of(JtiScope::issuer, full), of(JtiScope::issuer, R"({"jti":"J"})"));
  EXPECT_NE(of(JtiScope::subject, full), of(JtiScope::subject, R"({"jti":"j","sub":"t"})"));
  EXPECT_NE(of(JtiScope::issuer, full), of(JtiScope::subject, full));
  EXPECT_NE(of(JtiScope::subject, R"({"jti":"j","sub":"s"})"), of(JtiScope::subject, R"({"jti":"sj","sub":""})"));
}

TEST(RequiredClaims, AClientIsNamedByEitherClaim) {
  const ClaimRules rules{.once = true, .unique_per = JtiScope::client};
  EXPECT_EQ(check(&ClaimsCheck::required, R"({"client_id":"c"})", rules), Error::ok);
  EXPECT_EQ(check(&ClaimsCheck::required, R"({"azp":"c"})", rules), Error::ok);
  EXPECT_EQ(check(&ClaimsCheck::required, "{}", rules), Error::claim_missing);
}

// RFC 7519 §4.1.4 to §4.1.6: the range says of every second what the checks say of it.
TEST(ClaimsCheck, TheRangeOfValidTimesIsWhatTheChecksSay) {
  for (const std::string_view exp : {"", "1000", "1000.5", "1e3"}) {
    for (const std::string_view nbf : {"", "990", "990.25", "1001"}) {
      for (const std::string_view iat : {"", "985", "985.5", "1002"}) {
        for (const std::int64_t leeway : {0, 3}) {
          for (const std::int64_t max_age : {0, 10}) {
            for (const bool future_iat : {false, true}) {
              std::string json = R"({"x":0)";
              if (!exp.empty()) json.append(R"(,"exp":)").append(exp);
              if (!nbf.empty()) json.append(R"(,"nbf":)").append(nbf);
              if (!iat.empty()) json.append(R"(,"iat":)").append(iat);
              json += "}";
              const test::Document document(json);
              UnverifiedClaims claims;
              ASSERT_EQ(claims.parse(document.nodes()).error, Error::ok);
              const ClaimRules rules{
                  .missing_exp = true, .future_iat = future_iat, .leeway_s = leeway, .max_age_s = max_age};
              if (iat.empty() && max_age != 0) continue;  // never accepted
              ClaimRules once = rules;
              once.missing_exp = false;
              once.once = true;
              once.max_retention_s = 12;
              for (std::int64_t now = 970; now < 1020; ++now) {
                for (const ClaimRules& either : {rules, once}) {
                  if (either.once && exp.empty()) continue;  // never accepted
                  const ClaimsCheck check(claims, either, now);
                  const bool passes = check.expiry().error == Error::ok && check.not_before().error == Error::ok &&
                                      check.issued_at().error == Error::ok;
                  ASSERT_EQ(check.valid_times().hold(now), passes) << json << " " << now << " " << either.once;
                }
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace simdjwt
