#include "validator/validator.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::b64;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::Members;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::policy;

// One rule in which every check has something to say, and a second one so that two algorithms are allowed in all.
std::string full_policy() {
  const std::string main_rule = Members{
      {"issuer", R"("https://as.example")"},
      {"profile", R"("id-token")"},
      {"algorithms", R"(["ES256"])"},
      {"audiences", R"(["api"])"},
      {"typ", R"("JWT")"},
      {"required_claims", R"(["jti"])"},
      {"claims", R"({"role":{"equals":"admin"}})"},
      {"other_claims", R"("reject")"},
      {"scopes", R"(["read"])"}}.json();
  return policy({main_rule, plain_rule("https://other.example").set("algorithms", R"(["RS256","ES384"])").json()},
                R"(,"limits":{"max_token_bytes":2048})");
}

Parts full_parts() {
  Parts parts;
  parts.claims = Members{{"iss", R"("https://as.example")"},
                         {"sub", R"("u")"},
                         {"aud", R"("api")"},
                         {"exp", std::to_string(kNow + 300)},
                         {"nbf", std::to_string(kNow - 1)},
                         {"iat", std::to_string(kNow - 1)},
                         {"jti", R"("j")"},
                         {"role", R"("admin")"},
                         {"nonce", R"("n")"},
                         {"scope", R"("read")"}};
  return parts;
}

// A way to spoil a token, the verdict it must lead to, and whether a trace goes on after it.
struct Fault {
  const char* name;
  Check check;
  Error error;
  std::string_view member;
  bool trace_goes_on;
  void (*spoil)(Parts&);
};

// In the order of the pipeline: a token with several is refused for the first.
constexpr Fault kFaults[] = {
    {"size", Check::size, Error::token_too_large, "", false, [](Parts& p) { p.after_token = std::string(2048, 'A'); }},
    {"structure", Check::structure, Error::token_segments, "", false, [](Parts& p) { p.after_token = ".x"; }},
    {"header encoding", Check::header_encoding, Error::base64url_character, "", false,
     [](Parts& p) { p.before_header = "*"; }},
    {"header JSON", Check::header_json, Error::json_end, "", false, [](Parts& p) { p.header_tail = " {}"; }},
    {"crit", Check::header_members, Error::header_crit, "crit", false,
     [](Parts& p) { p.header.set("crit", R"(["exp"])"); }},
    {"alg of nobody", Check::algorithm, Error::alg_not_allowed, "alg", true,
     [](Parts& p) { p.header.set("alg", R"("HS256")"); }},
    {"payload encoding", Check::payload_encoding, Error::base64url_character, "", false,
     [](Parts& p) { p.before_payload = "*"; }},
    {"payload JSON", Check::payload_json, Error::json_end, "", false, [](Parts& p) { p.payload_tail = " {}"; }},
    {"claim type", Check::claim_types, Error::claim_type, "sub", false, [](Parts& p) { p.claims.set("sub", "1"); }},
    {"iss", Check::issuer, Error::iss_unknown, "iss", false,
     [](Parts& p) { p.claims.set("iss", R"("https://as.exampl")"); }},
    {"alg of another", Check::issuer_algorithm, Error::alg_not_allowed, "alg", true,
     [](Parts& p) { p.header.set("alg", R"("ES384")"); }},
    {"typ", Check::typ, Error::typ_mismatch, "typ", true, [](Parts& p) { p.header.set("typ", R"("at+jwt")"); }},
    {"kid", Check::key, Error::key_unknown, "kid", true, [](Parts& p) { p.header.set("kid", R"("K")"); }},
    {"exp", Check::expiry, Error::token_expired, "exp", true,
     [](Parts& p) { p.claims.set("exp", std::to_string(kNow)); }},
    {"nbf", Check::not_before, Error::token_not_yet_valid, "nbf", true,
     [](Parts& p) { p.claims.set("nbf", std::to_string(kNow + 1)); }},
    {"iat", Check::issued_at, Error::iat_in_future, "iat", true,
     [](Parts& p) { p.claims.set("iat", std::to_string(kNow + 1)); }},
    {"aud", Check::audience, Error::aud_mismatch, "aud", true, [](Parts& p) { p.claims.set("aud", R"("API")"); }},
    {"required", Check::required_claims, Error::claim_missing, "jti", true, [](Parts& p) { p.claims.drop("jti"); }},
    {"expected", Check::expected_claims, Error::claim_mismatch, "role", true,
     [](Parts& p) { p.claims.set("role", R"("user")"); }},
    {"other", Check::other_claims, Error::claim_unexpected, "x", true, [](Parts& p) { p.claims.set("x", "1"); }},
    {"azp", Check::authorized_party, Error::azp_mismatch, "azp", true,
     [](Parts& p) { p.claims.set("azp", R"("other")"); }},
    {"nonce", Check::nonce, Error::nonce_mismatch, "nonce", true, [](Parts& p) { p.claims.set("nonce", R"("m")"); }},
    {"signature encoding", Check::signature_encoding, Error::base64url_character, "", false,
     [](Parts& p) { p.before_signature = "*"; }},
    {"signature", Check::signature, Error::signature_invalid, "", false, [](Parts& p) { p.forged = true; }},
    {"binding", Check::binding, Error::binding_missing, "cnf", true,
     [](Parts& p) { p.claims.set("cnf", R"({"jkt":"x"})"); }},
    {"scope", Check::scope, Error::insufficient_scope, "scope", true,
     [](Parts& p) { p.claims.set("scope", R"("reader")"); }},
};

Verdict run(Gate& gate, const Parts& parts, Trace* trace = nullptr) {
  return gate.validate(parts, {.nonce = "n", .trace = trace});
}

TEST(Validate, AGoodTokenIsAccepted) {
  Gate gate(full_policy(), keys_with_kid());
  const Verdict verdict = run(gate, full_parts());
  EXPECT_EQ(verdict.error, Error::ok) << check_name(verdict.check) << " " << verdict.member;
  EXPECT_EQ(verdict.check, Check::none);
  EXPECT_TRUE(verdict.verified);
}

TEST(Validate, EveryCheckCanRefuse) {
  Gate gate(full_policy(), keys_with_kid());
  std::set<Check> seen;
  for (const Fault& fault : kFaults) {
    Parts parts = full_parts();
    fault.spoil(parts);
    const Verdict verdict = run(gate, parts);
    EXPECT_EQ(verdict.error, fault.error) << fault.name;
    EXPECT_EQ(verdict.check, fault.check) << fault.name;
    EXPECT_EQ(verdict.member, fault.member) << fault.name;
    seen.insert(verdict.check);
    // What the token says is told only once its signature has been verified.
    const bool verified = fault.check > Check::signature;
    EXPECT_EQ(verdict.verified, verified) << fault.name;
    EXPECT_EQ(gate.scratch->verified, verified) << fault.name;
    EXPECT_EQ(verdict.subject.empty(), !verified) << fault.name;
    EXPECT_EQ(verdict.claims.empty(), !verified) << fault.name;
    EXPECT_EQ(verdict.exp == kNoTime, !verified) << fault.name;
    EXPECT_EQ(verdict.issuer_index, fault.check > Check::issuer ? 0u : UINT32_MAX) << fault.name;
    EXPECT_EQ(run(gate, full_parts()).error, Error::ok) << "a refusal must not spoil the scratch: " << fault.name;
  }
  seen.insert(Check::replay);  // which looks at what came before: replay_test.cc
  EXPECT_EQ(seen.size(), kCheckCount) << "every check of the list has a fault here";
}

// Of two faults the earlier one in the pipeline is told, however the two are combined. This is also how it shows that
// all that is cheap comes before the signature: a forged token that has expired has expired.
TEST(Validate, TheFirstFaultOfThePipelineIsTold) {
  Gate gate(full_policy(), keys_with_kid());
  for (std::size_t first = 0; first < std::size(kFaults); ++first) {
    for (std::size_t second = first + 1; second < std::size(kFaults); ++second) {
      Parts parts = full_parts();
      kFaults[second].spoil(parts);
      kFaults[first].spoil(parts);
      const Verdict verdict = run(gate, parts);
      EXPECT_EQ(verdict.error, kFaults[first].error) << kFaults[first].name << " and " << kFaults[second].name;
      EXPECT_EQ(verdict.check, kFaults[first].check) << kFaults[first].name << " and " << kFaults[second].name;
    }
  }
  Parts all = full_parts();
  for (std::size_t i = std::size(kFaults); i-- > 0;) kFaults[i].spoil(all);
  EXPECT_EQ(run(gate, all).check, Check::size);
}

TEST(Trace, HoldsEveryCheckOfAGoodToken) {
  Gate gate(full_policy(), keys_with_kid());
  Trace trace;
  EXPECT_EQ(run(gate, full_parts(), &trace).error, Error::ok);
  ASSERT_EQ(trace.count, kCheckCount);
  for (std::uint32_t i = 0; i < trace.count; ++i) {
    EXPECT_EQ(trace.entries[i].check, static_cast<Check>(i + 1)) << "in the order of the list";
    EXPECT_EQ(trace.entries[i].error, Error::ok);
    EXPECT_EQ(trace.entries[i].member, "");
  }
}

TEST(Trace, EqualsTheVerdictAndGoesOnPastFailures) {
  Gate gate(full_policy(), keys_with_kid());
  for (const Fault& fault : kFaults) {
    Parts parts = full_parts();
    fault.spoil(parts);
    const std::string token = parts.token();
    const Verdict plain = gate.validate(token, {.nonce = "n"});
    Trace trace;
    const Verdict traced = gate.validate(token, {.nonce = "n", .trace = &trace});
    EXPECT_EQ(traced.error, plain.error) << fault.name;
    EXPECT_EQ(traced.check, plain.check) << fault.name;
    EXPECT_EQ(traced.offset, plain.offset) << fault.name;
    EXPECT_EQ(traced.member, plain.member) << fault.name;
    ASSERT_GT(trace.count, 0u);
    const TraceEntry& at = trace.entries[static_cast<std::size_t>(fault.check) - 1];
    EXPECT_EQ(at.check, fault.check) << fault.name;
    EXPECT_EQ(at.error, fault.error) << fault.name;
    EXPECT_EQ(at.member, fault.member) << fault.name;
    for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(fault.check); ++i)
      EXPECT_EQ(trace.entries[i].error, Error::ok) << fault.name;
    // Without a key there is no signature to verify.
    const bool keyless =
        fault.check == Check::key || fault.check == Check::algorithm || fault.check == Check::issuer_algorithm;
    const Check last = !fault.trace_goes_on ? fault.check : keyless ? Check::signature_encoding : Check::scope;
    EXPECT_EQ(trace.entries[trace.count - 1].check, last) << fault.name;
    EXPECT_EQ(trace.count, static_cast<std::uint32_t>(last)) << fault.name;
  }
}

TEST(Trace, TellsEveryFaultAfterWhichThereIsMoreToSee) {
  Gate gate(full_policy(), keys_with_kid());
  Parts parts = full_parts();
  std::vector<Check> faults;
  for (const Fault& fault : kFaults) {
    const bool keyless =
        fault.check == Check::key || fault.check == Check::algorithm || fault.check == Check::issuer_algorithm;
    if (!fault.trace_goes_on || keyless) continue;
    fault.spoil(parts);
    faults.push_back(fault.check);
  }
  Trace trace;
  const Verdict verdict = run(gate, parts, &trace);
  EXPECT_EQ(verdict.check, faults.front());
  std::vector<Check> told;
  for (std::uint32_t i = 0; i < trace.count; ++i) {
    if (trace.entries[i].error != Error::ok) told.push_back(trace.entries[i].check);
  }
  EXPECT_EQ(told, faults);
}

TEST(Trace, StartsAnewWithEachValidation) {
  Gate gate(full_policy(), keys_with_kid());
  Trace trace;
  EXPECT_EQ(run(gate, full_parts(), &trace).error, Error::ok);
  EXPECT_EQ(gate.validate("a.b", {.trace = &trace}).error, Error::token_segments);
  EXPECT_EQ(trace.count, 2u);
}

TEST(CheckTable, NamesAndTexts) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i <= kCheckCount; ++i) {
    EXPECT_TRUE(names.insert(check_name(static_cast<Check>(i))).second);
    EXPECT_EQ(check_text(static_cast<Check>(i)).empty(), i == 0);
  }
  EXPECT_EQ(check_name(Check::none), "none");
  EXPECT_EQ(check_name(Check::expiry), "expiry");
  EXPECT_EQ(check_name(static_cast<Check>(kCheckCount + 1)), "none");
  EXPECT_EQ(static_cast<int>(Check::scope), 26) << "part of the ABI";
}

TEST(Validate, LooseningsLetThroughWhatTheyName) {
  const auto accepted = [](const Members& rule, const Parts& parts) {
    Gate gate(policy({rule.json()}), keys_with_kid());
    return gate.validate(parts).error;
  };
  Parts no_exp, future, no_aud, no_typ, other;
  no_exp.claims.drop("exp");
  future.claims.set("iat", std::to_string(kNow + 100000));
  no_aud.claims.drop("aud");
  no_typ.header.drop("typ");
  other.claims.set("x", "1");
  EXPECT_EQ(accepted(plain_rule().set("allow_missing_exp", "true"), no_exp), Error::ok);
  EXPECT_EQ(accepted(plain_rule().set("allow_future_iat", "true"), future), Error::ok);
  EXPECT_EQ(accepted(plain_rule().drop("audiences").set("allow_any_audience", "true"), no_aud), Error::ok);
  EXPECT_EQ(accepted(plain_rule().drop("typ").set("allow_any_typ", "true"), no_typ), Error::ok);
  EXPECT_EQ(accepted(plain_rule().set("other_claims", R"("ignore")"), other), Error::ok);
  EXPECT_EQ(accepted(plain_rule().set("claims", R"({"x":"ignore"})"), other), Error::ok);
  EXPECT_EQ(accepted(plain_rule(), no_exp), Error::exp_missing);
  EXPECT_EQ(accepted(plain_rule(), future), Error::iat_in_future);
  EXPECT_EQ(accepted(plain_rule(), no_aud), Error::aud_missing);
  EXPECT_EQ(accepted(plain_rule(), no_typ), Error::typ_missing);
  EXPECT_EQ(accepted(plain_rule(), other), Error::claim_unexpected);
}

// RFC 7515 §4.1.9, RFC 8725 §3.11.
TEST(Validate, TypWithAndWithoutItsPrefix) {
  const auto typed = [](std::string_view rule_typ, std::string_view token_typ) {
    Gate gate(policy({plain_rule().set("typ", rule_typ).json()}), keys_with_kid());
    Parts parts;
    parts.header.set("typ", token_typ);
    return gate.validate(parts).error;
  };
  EXPECT_EQ(typed(R"("at+jwt")", R"("at+jwt")"), Error::ok);
  EXPECT_EQ(typed(R"("at+jwt")", R"("application/at+jwt")"), Error::ok);
  EXPECT_EQ(typed(R"("application/at+jwt")", R"("at+jwt")"), Error::ok);
  EXPECT_EQ(typed(R"(["JWT","at+jwt"])", R"("at+jwt")"), Error::ok);
  EXPECT_EQ(typed(R"("at+jwt")", R"("AT+JWT")"), Error::typ_mismatch);
  EXPECT_EQ(typed(R"("at+jwt")", R"("JWT")"), Error::typ_mismatch);
  EXPECT_EQ(typed(R"("at+jwt")", R"("application/application/at+jwt")"), Error::typ_mismatch);
  EXPECT_EQ(typed(R"("at+jwt")", R"("at+jwt ")"), Error::typ_mismatch);
}

// RFC 8725 §3.10: what a token brings along is never a key.
TEST(Validate, AKeyInTheHeaderIsNotTrusted) {
  const test::SigningKey attacker = test::SigningKey::ec(Curve::p256);
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  for (const auto& [name, value] : {std::pair<std::string, std::string>("jwk", attacker.jwk()),
                                    {"jku", R"("https://attacker.example/jwks")"},
                                    {"x5u", R"("https://attacker.example/x")"},
                                    {"x5c", R"(["MIIB"])"}}) {
    Parts forged;
    forged.key = &attacker;
    forged.header.set(name, value);
    EXPECT_EQ(gate.validate(forged).error, Error::signature_invalid) << name;
    forged.header.drop("kid");
    EXPECT_EQ(gate.validate(forged).error, Error::signature_invalid) << name;
    Parts honest;
    honest.header.set(name, value);
    EXPECT_EQ(gate.validate(honest).error, Error::ok) << name;
  }
}

TEST(Validate, TheVerdictTellsWhatTheTokenSays) {
  Gate gate(policy({plain_rule("https://first.example").json(),
                    plain_rule().set("other_claims", R"("ignore")").set("scopes", R"(["b"])").json()}),
            keys_with_kid());
  Parts parts;
  parts.claims.set("sub", R"("us\u0065r")")
      .set("jti", R"("id-1")")
      .set("client_id", R"("client")")
      .set("azp", R"("party")")
      .set("scope", R"("a b")")
      .set("exp", std::to_string(kNow) + ".25")
      .set("nbf", std::to_string(kNow - 10) + ".75")
      .set("iat", std::to_string(kNow - 20) + ".5");
  const Verdict verdict = gate.validate(parts);
  ASSERT_EQ(verdict.error, Error::ok);
  EXPECT_TRUE(verdict.verified);
  EXPECT_EQ(verdict.offset, kNoOffset);
  EXPECT_EQ(verdict.member, "");
  EXPECT_EQ(verdict.missing_scope, "");
  EXPECT_EQ(verdict.issuer_index, 1u);
  EXPECT_EQ(verdict.alg, "ES256");
  EXPECT_EQ(verdict.kid, "k");
  EXPECT_EQ(verdict.header, parts.header.json());
  EXPECT_EQ(verdict.claims, parts.claims.json());
  EXPECT_EQ(verdict.issuer, "https://as.example");
  EXPECT_EQ(verdict.subject, "user");
  EXPECT_EQ(verdict.jti, "id-1");
  EXPECT_EQ(verdict.client_id, "client");
  EXPECT_EQ(verdict.scope, "a b");
  EXPECT_EQ(verdict.exp, kNow + 1) << "rounded up: the token lives until then";
  EXPECT_EQ(verdict.nbf, kNow - 9);
  EXPECT_EQ(verdict.iat, kNow - 20);
  // azp stands in for client_id; what is missing is empty.
  parts.claims.drop("client_id").drop("sub").drop("jti").drop("nbf").drop("iat");
  const Verdict less = gate.validate(parts);
  ASSERT_EQ(less.error, Error::ok);
  EXPECT_EQ(less.client_id, "party");
  EXPECT_EQ(less.subject, "");
  EXPECT_EQ(less.subject.data(), nullptr) << "missing, not empty";
  EXPECT_EQ(less.nbf, kNoTime);
  EXPECT_EQ(less.iat, kNoTime);
}

// RFC 6750 §3.1: scopes of the rule and of the request; the first that is missing is named.
TEST(Validate, Scopes) {
  Gate gate(policy({plain_rule().set("scopes", R"(["a","b"])").json()}), keys_with_kid());
  const auto scoped = [&](std::string_view scope, std::vector<std::string_view> required = {}) {
    Parts parts;
    if (scope.data() != nullptr) parts.claims.set("scope", '"' + std::string(scope) + '"');
    const Verdict verdict = gate.validate(parts, {.required_scopes = required});
    EXPECT_EQ(verdict.error, verdict.missing_scope.empty() ? Error::ok : Error::insufficient_scope);
    EXPECT_EQ(verdict.member, verdict.missing_scope.empty() ? "" : "scope");
    EXPECT_TRUE(verdict.verified);
    return std::string(verdict.missing_scope);
  };
  EXPECT_EQ(scoped("a b"), "");
  EXPECT_EQ(scoped("b a"), "");
  EXPECT_EQ(scoped("a"), "b");
  EXPECT_EQ(scoped("b"), "a");
  EXPECT_EQ(scoped({}), "a");
  EXPECT_EQ(scoped(""), "a");
  EXPECT_EQ(scoped("ab"), "a");
  EXPECT_EQ(scoped("a b c", {"c"}), "");
  EXPECT_EQ(scoped("a b c", {"c", "d"}), "d");
  EXPECT_EQ(scoped("a b", {"c"}), "c");
  EXPECT_EQ(scoped("A B"), "a");
}

// Each issuer has its own keys and algorithms: a good signature of one is none of another.
TEST(Validate, OneIssuerCannotSpeakForAnother) {
  const test::SigningKey other = test::SigningKey::ec(Curve::p256);
  Gate gate(policy({plain_rule().set("jwks", p256_key().jwk(R"("kid":"k")")).json(),
                    plain_rule("https://other.example").set("jwks", other.jwk(R"("kid":"k")")).json()}));
  Parts parts;
  EXPECT_EQ(gate.validate(parts).error, Error::ok);
  parts.claims.set("iss", R"("https://other.example")");
  EXPECT_EQ(gate.validate(parts).error, Error::signature_invalid);
  parts.key = &other;
  const Verdict verdict = gate.validate(parts);
  EXPECT_EQ(verdict.error, Error::ok);
  EXPECT_EQ(verdict.issuer_index, 1u);
}

TEST(Validate, LeewayAndNowAreThoseOfTheCall) {
  Gate gate(policy({plain_rule().set("leeway_s", "30").json()}), keys_with_kid());
  Parts parts;  // exp is now + 300
  EXPECT_EQ(gate.validate(parts, {.now = kNow + 329}).error, Error::ok);
  EXPECT_EQ(gate.validate(parts, {.now = kNow + 330}).error, Error::token_expired);
  parts.claims.set("nbf", std::to_string(kNow));
  EXPECT_EQ(gate.validate(parts, {.now = kNow - 30}).error, Error::ok);
  EXPECT_EQ(gate.validate(parts, {.now = kNow - 31}).error, Error::token_not_yet_valid);
  EXPECT_EQ(gate.validate(parts, {.now = INT64_MAX}).error, Error::token_expired);
  EXPECT_EQ(gate.validate(parts, {.now = INT64_MIN}).error, Error::token_not_yet_valid);
}

// Every algorithm through the whole pipeline, EdDSA with both curves.
TEST(Validate, EveryAlgorithm) {
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.family == AlgorithmFamily::ml_dsa && !test::openssl_has_ml_dsa()) continue;
    const test::SigningKey key = test::SigningKey::for_algorithm(row.algorithm);
    Gate gate(policy({plain_rule().set("algorithms", R"([")" + std::string(row.name) + R"("])").json()}),
              test::jwks({key.jwk(R"("kid":"k")")}));
    Parts parts;
    parts.key = &key;
    parts.algorithm = row.algorithm;
    parts.header.set("alg", '"' + std::string(row.name) + '"');
    const Verdict verdict = gate.validate(parts);
    EXPECT_EQ(verdict.error, Error::ok) << row.name;
    EXPECT_EQ(verdict.alg, row.name);
    parts.forged = true;
    const Error forged = gate.validate(parts).error;
    EXPECT_TRUE(forged == Error::signature_invalid || forged == Error::signature_range) << row.name;
  }
}

// Every change of a single character of a token is refused, or spells the same bytes.
TEST(Validate, NoSingleCharacterCanBeChanged) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  const std::string token = Parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', '_', '.', '=', '\0', ' '}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_NE(gate.validate(changed).error, Error::ok) << i << " " << c;
    }
    std::string shorter = token, longer = token;
    shorter.erase(i, 1);
    longer.insert(i, 1, 'A');
    EXPECT_NE(gate.validate(shorter).error, Error::ok) << i;
    EXPECT_NE(gate.validate(longer).error, Error::ok) << i;
  }
}

}  // namespace
}  // namespace simdjwt
