// The whole of libsimdjwt_fetch through its C API, with a real validator, against a server on the loopback.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "simdjwt/fetch.h"
#include "support/keys.h"

namespace simdjwt::fetch::test {
namespace {

using simdjwt::test::SigningKey;

constexpr std::uint32_t kPatience = 20'000;
// Not any time: keys end by the wall clock at last.
const std::int64_t kNow =
    std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();

// One connection at a time: reads a request up to its empty line, answers with the page of its path, closes.
class Server {
 public:
  Server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    origin_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    is_stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  const std::string& origin() const { return origin_; }
  int requests() const { return requests_; }
  void put(const std::string& path, std::string body) {
    const std::lock_guard lock(mutex_);
    pages_[path] = std::move(body);
  }

 private:
  void serve() {
    while (!is_stopped_) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      std::string request;
      char piece[4096];
      ssize_t got = 1;
      while (request.find("\r\n\r\n") == std::string::npos && (got = ::read(connection, piece, sizeof piece)) > 0) {
        request.append(piece, static_cast<std::size_t>(got));
      }
      if (got > 0) answer(connection, request.substr(4, request.find(' ', 4) - 4));
      ::close(connection);
    }
  }
  void answer(int connection, const std::string& path) {
    ++requests_;
    const std::lock_guard lock(mutex_);
    const auto page = pages_.find(path);
    const std::string body = page == pages_.end() ? "" : page->second;
    const std::string text =
        std::string("HTTP/1.1 ") + (page == pages_.end() ? "404 Not Found" : "200 OK") +
        "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    EXPECT_EQ(::send(connection, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

  int listener_;
  std::string origin_;
  std::atomic<bool> is_stopped_{false};
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::map<std::string, std::string> pages_;
  std::thread thread_;
};

std::string policy(const std::string& issuer, const std::string& where) {
  return R"({"version":1,"fetch":{"allow_http":true,"allow_private_addresses":true},"issuers":[{"issuer":")" + issuer +
         R"(","algorithms":["ES256"],"allow_any_audience":true,"allow_any_typ":true,"other_claims":"ignore",)" + where +
         "}]}";
}

struct Gateway {
  explicit Gateway(const std::string& document) {
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    EXPECT_EQ(simdjwt_ruleset_compile(document.data(), document.size(), &ruleset, &diagnostic), SIMDJWT_OK)
        << diagnostic.path << ": " << diagnostic.expected;
    EXPECT_EQ(simdjwt_validator_new(ruleset, &validator), SIMDJWT_OK);
    EXPECT_EQ(simdjwt_scratch_new(validator, 0, &scratch), SIMDJWT_OK);
  }
  ~Gateway() {
    simdjwt_fetcher_free(fetcher);
    simdjwt_scratch_free(scratch);
    simdjwt_validator_free(validator);
    simdjwt_ruleset_free(ruleset);
  }
  simdjwt_error start() {
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    const simdjwt_error error = simdjwt_fetcher_new(validator, ruleset, nullptr, &fetcher, &diagnostic);
    EXPECT_EQ(error, diagnostic.error);
    return error;
  }
  simdjwt_error validate(const std::string& token) {
    simdjwt_request request = SIMDJWT_REQUEST_INIT;
    request.token = {token.data(), token.size()};
    request.now = kNow;
    simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
    return simdjwt_validate(validator, scratch, &request, &verdict);
  }
  simdjwt_error wait(const std::string& issuer, std::uint32_t limit = kPatience) {
    return simdjwt_fetcher_wait(fetcher, issuer.data(), issuer.size(), limit);
  }
  simdjwt_issuer_health health() {
    simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
    EXPECT_EQ(simdjwt_fetcher_health(fetcher, 0, &health), SIMDJWT_OK);
    return health;
  }

  simdjwt_ruleset* ruleset = nullptr;
  simdjwt_validator* validator = nullptr;
  simdjwt_scratch* scratch = nullptr;
  simdjwt_fetcher* fetcher = nullptr;
};

std::string token(const std::string& issuer, const SigningKey& key, const std::string& kid) {
  return simdjwt::test::sign_token(R"({"alg":"ES256","kid":")" + kid + "\"}",
                                   R"({"iss":")" + issuer + R"(","exp":)" + std::to_string(kNow + 60) + "}", key,
                                   Algorithm::ES256);
}

TEST(FetchOverLoopback, StartRotateAndAFloodOfUnknownKids) {
  Server server;
  const std::string issuer = server.origin();
  const SigningKey first = SigningKey::ec(Curve::p256), second = SigningKey::ec(Curve::p256);
  server.put("/jwks", simdjwt::test::jwks({first.jwk(R"("kid":"1")")}));
  Gateway gateway(policy(issuer, R"("jwks_uri":")" + issuer + "/jwks\""));
  EXPECT_EQ(gateway.validate(token(issuer, first, "1")), SIMDJWT_KEYS_UNAVAILABLE);
  ASSERT_EQ(gateway.start(), SIMDJWT_OK);
  EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(simdjwt_fetcher_ready(gateway.fetcher), 1u) << gateway.health().last_detail;
  EXPECT_EQ(gateway.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(gateway.validate(token(issuer, first, "1")), SIMDJWT_OK);

  server.put("/jwks", simdjwt::test::jwks({second.jwk(R"("kid":"2")")}));
  EXPECT_EQ(gateway.validate(token(issuer, second, "2")), SIMDJWT_KEY_UNKNOWN);
  EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(gateway.validate(token(issuer, second, "2")), SIMDJWT_OK);
  EXPECT_EQ(gateway.validate(token(issuer, first, "1")), SIMDJWT_KEY_UNKNOWN);

  const int before = server.requests();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(gateway.validate(token(issuer, first, "x" + std::to_string(i))), SIMDJWT_KEY_UNKNOWN);
    EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  }
  EXPECT_LE(server.requests() - before, 1);
}

TEST(FetchOverLoopback, Discovery) {
  Server server;
  const std::string issuer = server.origin() + "/t";
  const SigningKey key = SigningKey::ec(Curve::p256);
  server.put("/.well-known/oauth-authorization-server/t",
             R"({"issuer":")" + issuer + R"(","jwks_uri":")" + server.origin() + "/keys\"}");
  server.put("/keys", simdjwt::test::jwks({key.jwk(R"("kid":"1")")}));
  Gateway gateway(policy(issuer, R"("discovery":true)"));
  ASSERT_EQ(gateway.start(), SIMDJWT_OK);
  EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(gateway.validate(token(issuer, key, "1")), SIMDJWT_OK) << gateway.health().last_detail;
  EXPECT_EQ(gateway.health().jwks_uri, server.origin() + "/keys");
}

TEST(FetchOverLoopback, AnEndpointThatIsNotThereIsSaidAndGoesWithTheFetcher) {
  std::string gone;
  {
    Server server;
    gone = server.origin();
  }
  Gateway gateway(policy(gone, R"("jwks_uri":")" + gone + "/jwks\""));
  ASSERT_EQ(gateway.start(), SIMDJWT_OK);
  EXPECT_NE(gateway.wait(gone), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(gateway.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(gateway.health().last_error, SIMDJWT_FETCH_CONNECT);
  EXPECT_EQ(simdjwt_fetcher_ready(gateway.fetcher), 0u);
}

TEST(FetchOverLoopback, SwapRuleset) {
  Server server;
  const std::string issuer = server.origin();
  const SigningKey key = SigningKey::ec(Curve::p256);
  server.put("/a", simdjwt::test::jwks({key.jwk(R"("kid":"1")")}));
  server.put("/b", simdjwt::test::jwks({key.jwk(R"("kid":"2")")}));
  Gateway gateway(policy(issuer, R"("jwks_uri":")" + issuer + "/a\""));
  ASSERT_EQ(gateway.start(), SIMDJWT_OK);
  EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  const std::string document = policy(issuer, R"("jwks_uri":")" + issuer + "/b\"");
  simdjwt_ruleset* next = nullptr;
  ASSERT_EQ(simdjwt_ruleset_compile(document.data(), document.size(), &next, nullptr), SIMDJWT_OK);
  ASSERT_EQ(simdjwt_validator_swap_ruleset(gateway.validator, next), SIMDJWT_OK);
  ASSERT_EQ(simdjwt_fetcher_swap_ruleset(gateway.fetcher, next, nullptr), SIMDJWT_OK);
  simdjwt_ruleset_free(next);
  EXPECT_NE(gateway.wait(issuer), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(gateway.validate(token(issuer, key, "2")), SIMDJWT_OK);
}

TEST(FetchOverLoopback, Once) {
  Server server;
  const SigningKey key = SigningKey::ec(Curve::p256);
  server.put("/keys", simdjwt::test::jwks({key.jwk(R"("kid":"1")")}));
  server.put("/none", R"({"keys":[]})");
  simdjwt_fetch_policy allowed = SIMDJWT_FETCH_POLICY_INIT;
  allowed.allow_http = allowed.allow_private_addresses = 1;
  const auto once = [&](const std::string& url, const simdjwt_fetch_policy* rules, simdjwt_jwks** out) {
    char where[128];
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    const simdjwt_error error =
        simdjwt_fetch_jwks(url.data(), url.size(), 0, rules, out, where, sizeof where, &diagnostic);
    EXPECT_EQ(error, diagnostic.error);
    EXPECT_EQ(url, where);
    EXPECT_EQ(error == SIMDJWT_OK, diagnostic.expected[0] == '\0') << diagnostic.expected;
    return error;
  };
  simdjwt_jwks* jwks = nullptr;
  EXPECT_EQ(once(server.origin() + "/keys", &allowed, &jwks), SIMDJWT_OK);
  EXPECT_EQ(simdjwt_jwks_count(jwks), 1u);
  simdjwt_jwks_free(std::exchange(jwks, nullptr));
  EXPECT_EQ(once(server.origin() + "/none", &allowed, &jwks), SIMDJWT_FETCH_NO_KEYS);
  simdjwt_jwks_free(std::exchange(jwks, nullptr));
  EXPECT_EQ(once(server.origin() + "/404", &allowed, &jwks), SIMDJWT_FETCH_STATUS);
  const int before = server.requests();
  EXPECT_EQ(once(server.origin() + "/keys", nullptr, &jwks), SIMDJWT_FETCH_URL);
  allowed.allow_private_addresses = 0;
  EXPECT_EQ(once(server.origin() + "/keys", &allowed, &jwks), SIMDJWT_FETCH_ADDRESS_PRIVATE);
  EXPECT_EQ(server.requests(), before);
  EXPECT_EQ(jwks, nullptr);
}

TEST(FetchApi, RefusesWhatItCannotUse) {
  Gateway gateway(policy("https://as.example", R"("jwks_uri":"https://as.example/jwks")"));
  simdjwt_diagnostic old = SIMDJWT_DIAGNOSTIC_INIT;
  old.struct_size = 8;
  EXPECT_EQ(simdjwt_fetcher_new(gateway.validator, gateway.ruleset, nullptr, &gateway.fetcher, &old),
            SIMDJWT_STRUCT_SIZE_UNKNOWN);
  EXPECT_EQ(simdjwt_fetcher_new(nullptr, gateway.ruleset, nullptr, &gateway.fetcher, nullptr),
            SIMDJWT_INVALID_ARGUMENT);
  EXPECT_EQ(simdjwt_fetcher_new(gateway.validator, nullptr, nullptr, &gateway.fetcher, nullptr),
            SIMDJWT_INVALID_ARGUMENT);
  EXPECT_EQ(gateway.fetcher, nullptr);
  EXPECT_EQ(simdjwt_fetcher_ready(nullptr), 0u);
  EXPECT_EQ(simdjwt_fetcher_issuer_count(nullptr), 0u);
  EXPECT_EQ(simdjwt_fetcher_wait(nullptr, "", 0, 0), SIMDJWT_INVALID_ARGUMENT);
  EXPECT_STREQ(simdjwt_fetch_state_name(SIMDJWT_FETCH_DOWN), "down");
  EXPECT_STREQ(simdjwt_fetch_state_name(9), "unknown");
  simdjwt_jwks* jwks = nullptr;
  EXPECT_EQ(simdjwt_fetch_jwks(nullptr, 0, 0, nullptr, &jwks, nullptr, 0, nullptr), SIMDJWT_INVALID_ARGUMENT);
  EXPECT_EQ(simdjwt_fetch_jwks("https://a", 9, 0, nullptr, nullptr, nullptr, 0, nullptr), SIMDJWT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace simdjwt::fetch::test
