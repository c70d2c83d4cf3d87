// A world of its own for the scheduling half of engine/fetch: time that a test moves, a client that a test answers for,
// and a validator that remembers what was done to it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "fetch/schedule.h"
#include "support/keys.h"

namespace simdjwt::fetch::test {

using simdjwt::test::SigningKey;

// One EC key under this kid; the same kid, the same bytes.
inline std::string key_set(const std::string& kid) {
  static std::map<std::string, std::string> made;
  std::string& text = made[kid];
  if (text.empty()) text = simdjwt::test::jwks({SigningKey::ec(Curve::p256).jwk("\"kid\":\"" + kid + "\"")});
  return text;
}

inline HttpAnswer good(std::string body, std::string etag = {}) {
  HttpAnswer answer;
  answer.status = 200;
  answer.body = std::move(body);
  answer.etag = std::move(etag);
  return answer;
}

inline HttpAnswer bad(simdjwt_error error, std::uint32_t status = 0) {
  HttpAnswer answer;
  answer.error = error;
  answer.status = status;
  answer.detail = "as the test says";
  return answer;
}

inline HttpAnswer not_modified() {
  HttpAnswer answer;
  answer.status = 304;
  return answer;
}

inline std::string metadata_of(const std::string& issuer, const std::string& jwks_uri) {
  return R"({"issuer":")" + issuer + R"(","jwks_uri":")" + jwks_uri + R"("})";
}

class FakeKeys final : public Keys {
 public:
  simdjwt_error publish(std::string_view issuer, const simdjwt_jwks* jwks, std::int64_t usable_until) override {
    if (refusal != SIMDJWT_OK) return refusal;
    until[std::string(issuer)] = usable_until;
    ++publications;
    in_force[std::string(issuer)] = jwks;
    return SIMDJWT_OK;
  }
  simdjwt_error withdraw(std::string_view issuer) override {
    if (refusal != SIMDJWT_OK) return refusal;
    in_force.erase(std::string(issuer));
    ++withdrawals;
    return SIMDJWT_OK;
  }
  std::uint64_t wanted_total() override { return total; }
  std::uint32_t wanted(std::string_view issuer) override {
    ++questions;
    const auto found = wants.find(std::string(issuer));
    return found == wants.end() ? 0 : std::exchange(found->second, 0);
  }

  void want(const std::string& issuer, std::uint32_t reasons) {
    wants[issuer] |= reasons;
    ++total;
  }

  std::map<std::string, const simdjwt_jwks*> in_force;
  std::map<std::string, std::int64_t> until;
  std::map<std::string, std::uint32_t> wants;
  std::uint64_t total = 0;
  int publications = 0, withdrawals = 0, questions = 0;
  simdjwt_error refusal = SIMDJWT_OK;
};

class FakeClient final : public HttpClient {
 public:
  using Server = std::function<HttpAnswer(const HttpRequest&)>;

  explicit FakeClient(const Time& now) : now_(now) {}

  Id get(HttpRequest request, Done done) override {
    if (is_out_of_memory) throw std::bad_alloc();
    sent.push_back(request.url);
    etags.push_back(request.etag);
    times.push_back(now_);
    under_way_[++last_] = {std::move(request), std::move(done), now_ + latency};
    most_under_way = std::max(most_under_way, under_way_.size());
    return last_;
  }
  void cancel(Id id) override { cancelled += under_way_.erase(id); }

  // Answers what is due.
  void deliver() {
    std::vector<Id> due;
    for (const auto& [id, request] : under_way_) {
      if (request.at <= now_) due.push_back(id);
    }
    for (const Id id : due) {
      auto taken = under_way_.extract(id);
      if (!taken.empty()) taken.mapped().done(server(taken.mapped().request));
    }
  }

  std::size_t under_way() const { return under_way_.size(); }

  Server server = [](const HttpRequest&) { return bad(SIMDJWT_FETCH_CONNECT); };
  Millis latency{20};
  bool is_out_of_memory = false;
  std::vector<std::string> sent, etags;
  std::vector<Time> times;
  std::size_t most_under_way = 0, cancelled = 0;

 private:
  struct UnderWay {
    HttpRequest request;
    Done done;
    Time at;
  };
  const Time& now_;
  std::map<Id, UnderWay> under_way_;
  Id last_ = 0;
};

inline simdjwt_fetch_policy default_policy() {
  simdjwt_fetch_policy policy = SIMDJWT_FETCH_POLICY_INIT;
  policy.deadline_ms = 5000;
  policy.max_body_bytes = 1 << 20;
  policy.min_refresh_s = 60;
  policy.max_refresh_s = 600;
  policy.max_stale_s = 86400;
  policy.cooldown_s = 30;
  policy.min_backoff_ms = 500;
  policy.max_backoff_s = 30;
  policy.host_requests_per_minute = 120;
  return policy;
}

// A sequence that a test can repeat (Knuth's constants).
inline Random sequence(std::uint64_t seed = 1) {
  return [state = seed]() mutable {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-53;
  };
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "simdjwt-fetch-XXXXXX").string();
    path_ = ::mkdtemp(name.data()) == nullptr ? std::string() : name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct World {
  explicit World(std::vector<IssuerRule> wanted_rules, simdjwt_fetch_policy policy = default_policy(),
                 std::string state_dir = {})
      : rules(std::move(wanted_rules)),
        state(std::move(state_dir)),
        environment{policy, &keys, &state, sequence(), [this] { return wall; }, 0} {}

  void start() { schedule.adopt(board.replace(rules), client); }
  void run(Millis total, Millis step = Millis(10)) {
    for (const Time end = now + total; now < end;) {
      now += step;
      client.deliver();
      schedule.tick();
    }
  }
  simdjwt_issuer_health health(std::uint32_t index = 0) const {
    simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
    EXPECT_TRUE(board.read(index, now, health));
    return health;
  }

  std::vector<IssuerRule> rules;
  Time now{std::chrono::hours(1000)};
  std::int64_t wall = 1'800'000'000;
  FakeKeys keys;
  FakeClient client{now};
  StateDirectory state;
  Environment environment;
  Board board;
  Schedule schedule{environment, board, [this] { return now; }};
};

inline const IssuerRule kRule{"https://as.example", "https://as.example/jwks"};

}  // namespace simdjwt::fetch::test
