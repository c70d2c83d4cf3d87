// The fetcher's thread and timer, with a client that a test answers for. Real time passes here, so nothing is said
// about how much of it.
#include "fetch/fetcher.h"

#include <atomic>
#include <boost/asio/post.hpp>

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

constexpr Millis kPatience{20'000};

// Answers from the io_context, as a real client does; or never.
class PostingClient final : public HttpClient {
 public:
  struct Control {
    std::atomic<bool> is_silent{false};
    std::atomic<int> requests{0};
    std::atomic<int> clients{0};
    std::string body = key_set("a");
  };

  PostingClient(boost::asio::io_context& io, std::shared_ptr<Control> control) : io_(io), control_(std::move(control)) {
    ++control_->clients;
  }
  ~PostingClient() override { *is_alive_ = false; }
  Id get(HttpRequest, Done done) override {
    ++control_->requests;
    if (!control_->is_silent) {
      boost::asio::post(io_, [done = std::move(done), body = control_->body, is_alive = is_alive_] {
        if (*is_alive) done(good(body, "\"1\""));
      });
    }
    return 1;
  }
  void cancel(Id) override {}

 private:
  boost::asio::io_context& io_;
  std::shared_ptr<Control> control_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

thread_local bool is_waiter = false;

class LockedKeys final : public Keys {
 public:
  struct Control {
    std::atomic<std::uint64_t> total{0};
    std::atomic<std::uint32_t> reasons{0};
    std::atomic<int> publications{0};
    std::atomic<int> waiters{0};  // that have begun
  };
  explicit LockedKeys(std::shared_ptr<Control> control) : control_(std::move(control)) {}
  simdjwt_error publish(std::string_view, const simdjwt_jwks*, std::int64_t) override {
    ++control_->publications;
    return SIMDJWT_OK;
  }
  simdjwt_error withdraw(std::string_view) override { return SIMDJWT_OK; }
  std::uint64_t wanted_total() override {
    if (is_waiter) ++control_->waiters;
    return control_->total;
  }
  std::uint32_t wanted(std::string_view) override { return control_->reasons.exchange(0); }

 private:
  std::shared_ptr<Control> control_;
};

struct Scene {
  std::shared_ptr<PostingClient::Control> client = std::make_shared<PostingClient::Control>();
  std::shared_ptr<LockedKeys::Control> keys = std::make_shared<LockedKeys::Control>();

  std::unique_ptr<Fetcher> make(boost::asio::io_context* lent = nullptr) {
    return std::make_unique<Fetcher>(std::make_unique<LockedKeys>(keys), plan(kRule), lent,
                                     [control = client](boost::asio::io_context& io, const simdjwt_fetch_policy&) {
                                       return std::make_unique<PostingClient>(io, control);
                                     });
  }
  static Plan plan(const IssuerRule& rule) { return {{rule}, OwnedPolicy(default_policy())}; }
};

TEST(FetchThread, FetchesByItselfAndWaitSaysWhenItIsDone) {
  Scene scene;
  const auto fetcher = scene.make();
  // Whether the fetch was over before the call or not: then there are keys.
  EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  EXPECT_TRUE(fetcher->board().is_ready());
  EXPECT_EQ(scene.keys->publications, 1);
  EXPECT_EQ(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_NOT_FOUND);
  EXPECT_EQ(fetcher->wait("https://other.example", kPatience), SIMDJWT_NOT_FOUND);
}

TEST(FetchThread, AWantIsHeardBeforeWaitLooks) {
  Scene scene;
  const auto fetcher = scene.make();
  EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  scene.keys->reasons = SIMDJWT_WANTED_UNKNOWN_KID;
  ++scene.keys->total;
  EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  EXPECT_EQ(scene.client->requests, 2);
  simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
  ASSERT_TRUE(fetcher->board().read(0, Clock::now(), health));
  EXPECT_EQ(health.fetches, 2u);
}

TEST(FetchThread, WaitEndsAtItsDeadline) {
  Scene scene;
  scene.client->is_silent = true;
  const auto fetcher = scene.make();
  EXPECT_EQ(fetcher->wait(kRule.issuer, Millis(30)), SIMDJWT_FETCH_DEADLINE);
  EXPECT_FALSE(fetcher->board().is_ready());
}

TEST(FetchThread, GoesInEveryState) {
  for (const int until : {0, 1, 2, 3}) {
    Scene scene;
    scene.client->is_silent = until == 2;
    auto fetcher = scene.make();
    if (until == 1) {
      EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
    }
    while (until == 2 && scene.client->requests == 0) std::this_thread::yield();
    if (until == 3) fetcher->swap(Scene::plan({"https://b.example", "https://b.example/jwks"}));
    fetcher.reset();
    const int requests = scene.client->requests;
    EXPECT_LE(requests, 2) << until;
    EXPECT_EQ(scene.client.use_count(), 1) << until;  // no client, no factory is left
  }
}

TEST(FetchThread, GoesWhileOthersWait) {
  Scene scene;
  scene.client->is_silent = true;
  const auto fetcher = scene.make();
  simdjwt_error error = SIMDJWT_OK;
  std::thread waiting([&] { error = fetcher->wait(kRule.issuer, Millis(50)); });
  fetcher->swap(Scene::plan({"https://b.example", "https://b.example/jwks"}));
  waiting.join();
  EXPECT_NE(error, SIMDJWT_OK);
}

TEST(FetchThread, GoesOnlyWhenThoseWhoWaitHaveLeft) {
  Scene scene;
  scene.client->is_silent = true;
  auto fetcher = scene.make();
  std::vector<std::thread> waiting;
  std::atomic<int> refused{0};
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&, &at = *fetcher] {
      is_waiter = true;
      if (at.wait(kRule.issuer, kPatience) == SIMDJWT_NOT_FOUND) ++refused;
    });
  }
  while (scene.keys->waiters < 4) std::this_thread::yield();
  fetcher.reset();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(refused, 4);
}

TEST(FetchBoard, StopLetsAVisitEndFirst) {
  const auto board = std::make_shared<Board>();
  board->replace({kRule});
  auto visit = std::make_unique<Board::Visit>(board);
  std::atomic<bool> is_left{false};
  std::thread leaving([&] {
    EXPECT_EQ(board->wait(kRule.issuer, 0, kPatience), SIMDJWT_NOT_FOUND);  // until it is stopped
    is_left = true;
    visit.reset();
  });
  board->stop();
  EXPECT_TRUE(is_left);
  leaving.join();
}

TEST(FetchBoard, DoesNotWaitForWhatIsPutOffPastTheDeadline) {
  Board board;
  const auto slots = board.replace({kRule});
  IssuerReport report;
  report.is_pending = true;
  report.next_try = Clock::now() + std::chrono::hours(2);
  board.show(*slots[0], report);
  // Otherwise this would take an hour.
  EXPECT_EQ(board.wait(kRule.issuer, 0, std::chrono::hours(1)), SIMDJWT_FETCH_DEADLINE);
}

TEST(FetchBoard, AMovedIssuerIsReadyWhileItsKeysAreInForce) {
  Board board;
  const IssuerRule other{"https://b.example", "https://b.example/jwks"};
  const auto slots = board.replace({kRule});
  IssuerReport report;
  report.state = SIMDJWT_FETCH_READY;
  report.confirmed = Clock::now();
  report.usable_keys = 3;
  board.show(*slots[0], report);
  const auto moved = board.replace({{kRule.issuer, "https://as.example/moved"}});
  EXPECT_NE(moved[0], slots[0]);
  EXPECT_TRUE(board.is_ready());
  simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
  ASSERT_TRUE(board.read(0, Clock::now(), health));
  EXPECT_EQ(health.state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(health.usable_keys, 3u);
  EXPECT_STREQ(health.jwks_uri, "https://as.example/moved");
  board.replace({other});
  EXPECT_FALSE(board.is_ready());
}

TEST(FetchThread, SwapTakesEffectBeforeItReturns) {
  Scene scene;
  const auto fetcher = scene.make();
  EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  const IssuerRule other{"https://b.example", "https://b.example/jwks"};
  fetcher->swap(Scene::plan(other));
  EXPECT_EQ(scene.client->clients, 2);
  EXPECT_EQ(fetcher->board().count(), 1u);
  EXPECT_EQ(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_NOT_FOUND);
  EXPECT_NE(fetcher->wait(other.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  EXPECT_TRUE(fetcher->board().is_ready());
}

TEST(FetchThread, AClientThatCannotBeMadeChangesNothing) {
  Scene scene;
  bool is_refused = true;
  const ClientFactory factory = [&](boost::asio::io_context& io, const simdjwt_fetch_policy&) {
    if (is_refused) throw std::bad_alloc();
    return std::make_unique<PostingClient>(io, scene.client);
  };
  const auto make = [&] {
    return std::make_unique<Fetcher>(std::make_unique<LockedKeys>(scene.keys), Scene::plan(kRule), nullptr, factory);
  };
  EXPECT_THROW(make(), std::bad_alloc);
  is_refused = false;
  const auto fetcher = make();
  is_refused = true;
  EXPECT_THROW(fetcher->swap(Scene::plan({"https://b.example", "https://b.example/jwks"})), std::bad_alloc);
  EXPECT_NE(fetcher->wait(kRule.issuer, kPatience), SIMDJWT_FETCH_DEADLINE);
  EXPECT_TRUE(fetcher->board().is_ready());
}

TEST(FetchThread, OnALentContextNothingRunsByItself) {
  Scene scene;
  boost::asio::io_context io(1);
  auto fetcher = scene.make(&io);
  EXPECT_EQ(scene.client->requests, 0);
  const Time end = Clock::now() + kPatience;
  while (!fetcher->board().is_ready() && Clock::now() < end) io.run_one();
  EXPECT_TRUE(fetcher->board().is_ready());
  fetcher->swap(Scene::plan({"https://b.example", "https://b.example/jwks"}));  // on the thread that runs it
  EXPECT_EQ(fetcher->board().count(), 1u);
  while (!fetcher->board().is_ready() && Clock::now() < end) io.run_one();
  EXPECT_TRUE(fetcher->board().is_ready());
  fetcher.reset();
  io.restart();
  io.run();  // what was queued finds nobody, and ends
  EXPECT_EQ(scene.client.use_count(), 1);
}

TEST(FetchThread, ALentContextMayGoFirstWithHandlersQueued) {
  Scene scene;
  auto io = std::make_unique<boost::asio::io_context>(1);
  auto fetcher = scene.make(io.get());
  io->poll();
  fetcher.reset();
  io.reset();
  EXPECT_EQ(scene.client.use_count(), 1);
}

}  // namespace
}  // namespace simdjwt::fetch::test
