#include "challenge/challenge.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/print.h"

namespace simdjwt {
namespace {

struct Answer {
  int status;
  std::string value;
};

Answer answer(const ChallengeParameters& parameters, const ChallengeRequest& request) {
  std::string out(2048, '#');
  const ChallengeResult result = make_challenge(parameters, request, {out.data(), out.size()});
  EXPECT_EQ(out.find('#', result.size), result.size) << "nothing is written beyond the value";
  out.resize(result.size);
  return {result.http_status, out};
}

IssuerRule rule_with(std::vector<std::string> scopes) {
  IssuerRule rule;
  rule.scopes = std::move(scopes);
  return rule;
}

const ChallengeParameters kNone;
const ChallengeParameters kFull{"api", "https://api.example/.well-known/oauth-protected-resource"};

// RFC 6750 §3, §3.1.
TEST(Challenge, InvalidToken) {
  const Answer got = answer(kNone, {.error = Error::token_expired});
  EXPECT_EQ(got.status, 401);
  EXPECT_EQ(got.value, R"(Bearer error="invalid_token", error_description="the token has expired")");
}

TEST(Challenge, InvalidRequest) {
  const Answer got = answer(kNone, {.error = Error::request_malformed});
  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(
      got.value,
      R"(Bearer error="invalid_request", error_description="the Authorization header is not 'Bearer' and one token")");
}

// RFC 9728 §5.1.
TEST(Challenge, InsufficientScopeWithEveryParameter) {
  const IssuerRule rule = rule_with({"orders:read", "orders:write"});
  const Answer got = answer(kFull, {.error = Error::insufficient_scope, .rule = &rule});
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(
      got.value,
      R"(Bearer realm="api", error="insufficient_scope", error_description="the token lacks a scope the request needs", )"
      R"(scope="orders:read orders:write", resource_metadata="https://api.example/.well-known/oauth-protected-resource")");
}

// RFC 6750 §3.1: no error code when the request has no credentials.
TEST(Challenge, NoCredentials) {
  EXPECT_EQ(answer(kNone, {.error = Error::credentials_missing}).value, "Bearer");
  EXPECT_EQ(answer(kNone, {.error = Error::credentials_missing}).status, 401);
  const IssuerRule rule = rule_with({"a"});
  EXPECT_EQ(
      answer(kFull, {.error = Error::credentials_missing, .rule = &rule}).value,
      R"(Bearer realm="api", scope="a", resource_metadata="https://api.example/.well-known/oauth-protected-resource")");
}

TEST(Challenge, WhatTheClientCannotMendIsNoChallenge) {
  const IssuerRule rule = rule_with({"a"});
  for (const auto& [error, status] : {std::pair(Error::keys_unavailable, 503), std::pair(Error::scratch_in_use, 500),
                                      std::pair(Error::store_full, 503), std::pair(Error::store_unavailable, 503),
                                      std::pair(Error::store_unconfirmed, 503), std::pair(Error::journal_write, 500),
                                      std::pair(Error::policy_json, 500), std::pair(Error::jwks_json, 500),
                                      std::pair(Error::out_of_memory, 500), std::pair(Error::ok, 200)}) {
    const Answer got = answer(kFull, {.error = error, .rule = &rule});
    EXPECT_EQ(got.status, status) << error_name(error);
    EXPECT_EQ(got.value, "") << error_name(error);
  }
}

TEST(Challenge, EachParameterAlone) {
  EXPECT_EQ(answer({"r", ""}, {.error = Error::credentials_missing}).value, R"(Bearer realm="r")");
  EXPECT_EQ(answer({"", "https://x"}, {.error = Error::credentials_missing}).value,
            R"(Bearer resource_metadata="https://x")");
}

TEST(Challenge, EveryErrorHasItsNameAndText) {
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error = error_at(i);
    const Answer got = answer(kNone, {.error = error});
    EXPECT_EQ(got.status, error_http_status(error));
    if (error_oauth_code(error).empty()) continue;
    EXPECT_EQ(got.value, "Bearer error=\"" + std::string(error_oauth_code(error)) + "\", error_description=\"" +
                             std::string(error_text(error)) + "\"");
  }
}

// RFC 6750 §3: the scope is what accessing the resource takes; a union, each once.
TEST(Challenge, ScopesOfRuleAndRequestAreUnited) {
  const IssuerRule rule = rule_with({"a", "b"});
  const auto value = [&](const IssuerRule* r, std::vector<std::string_view> required) {
    return answer(kNone, {.error = Error::credentials_missing, .rule = r, .required_scopes = required}).value;
  };
  EXPECT_EQ(value(nullptr, {}), "Bearer");
  EXPECT_EQ(value(nullptr, {"x"}), R"(Bearer scope="x")");
  EXPECT_EQ(value(&rule, {}), R"(Bearer scope="a b")");
  EXPECT_EQ(value(&rule, {"c"}), R"(Bearer scope="a b c")");
  EXPECT_EQ(value(&rule, {"b", "c", "a"}), R"(Bearer scope="a b c")");
  EXPECT_EQ(value(&rule, {"ab"}), R"(Bearer scope="a b ab")");
  EXPECT_EQ(value(nullptr, {"x", "y", "x"}), R"(Bearer scope="x y")");
  const IssuerRule empty;
  EXPECT_EQ(value(&empty, {}), "Bearer");
}

TEST(Challenge, ASmallBufferIsFilledAndTheWholeSizeIsTold) {
  const IssuerRule rule = rule_with({"orders:read"});
  const ChallengeRequest request{.error = Error::insufficient_scope, .rule = &rule};
  const std::string whole = answer(kFull, request).value;
  for (std::size_t capacity = 0; capacity <= whole.size() + 1; ++capacity) {
    std::string out(whole.size() + 2, '#');
    const ChallengeResult result = make_challenge(kFull, request, {out.data(), capacity});
    EXPECT_EQ(result.size, whole.size());
    EXPECT_EQ(result.http_status, 403);
    const std::size_t written = std::min(capacity, whole.size());
    EXPECT_EQ(out.substr(0, written), whole.substr(0, written));
    EXPECT_EQ(out.substr(written), std::string(out.size() - written, '#')) << capacity;
  }
  EXPECT_EQ(make_challenge(kFull, request, {}).size, whole.size());
}

}  // namespace
}  // namespace simdjwt
