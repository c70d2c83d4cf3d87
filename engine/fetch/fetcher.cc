#include "fetch/fetcher.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <random>
#include <utility>

#include "base/quiet_thread.h"
#include "fetch/schedule.h"

namespace simdjwt::fetch {
namespace {

constexpr Millis kTick{10};

Random random_source() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return [generator = std::mt19937_64(seed)]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
  };
}

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

// A plan on its way to the loop. The handler that takes it there is queued first, and what can fail comes after:
// `mutex` keeps the handler from looking too early, `is_whole` tells it that nothing failed.
struct Fetcher::Adoption {
  std::mutex mutex;
  bool is_whole = false;
  OwnedPolicy policy;
  std::vector<Board::SlotPtr> slots;
  std::unique_ptr<HttpClient> client;
  std::promise<void> done;
};

// What runs on the thread of the io_context. Handlers that are still queued when the fetcher goes hold it, and find it
// stopped.
class Fetcher::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(boost::asio::io_context& io, std::shared_ptr<Keys> keys, std::shared_ptr<Board> board)
      : keys_(std::move(keys)),
        board_(std::move(board)),
        state_(""),
        environment_{SIMDJWT_FETCH_POLICY_INIT, keys_.get(), &state_, random_source(), wall_seconds, 0},
        timer_(std::make_unique<boost::asio::steady_timer>(io)),
        schedule_(environment_, *board_, Clock::now) {}

  // Throws std::bad_alloc, having changed no issuer.
  void adopt(Adoption& adoption) {
    OwnedPolicy old = std::exchange(policy_, std::move(adoption.policy));
    environment_.policy = policy_.view();
    if (old.state_dir() != policy_.state_dir()) ++environment_.state_version;
    state_ = StateDirectory(std::string(policy_.state_dir()));
    try {
      schedule_.adopt(adoption.slots, *adoption.client);
    } catch (...) {
      adoption.policy = std::exchange(policy_, std::move(old));
      environment_.policy = policy_.view();
      throw;
    }
    client_ = std::move(adoption.client);
  }

  // The same at the next tick; again and again while there is no memory for it.
  void adopt_later(std::shared_ptr<Adoption> adoption) noexcept { next_ = std::move(adoption); }

  void arm() {
    timer_->expires_after(kTick);
    timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->is_stopped_) return;
      self->arm();
      self->tick();
    });
  }

  void tick() noexcept {
    if (is_stopped_) return;
    is_nudged_ = false;
    try {
      if (next_) {
        const std::lock_guard lock(next_->mutex);
        if (next_->is_whole) adopt(*next_);
      }
      if (const auto done = std::move(next_)) done->done.set_value();
      schedule_.tick();
    } catch (...) {
      // Memory ran out; what was not done is still due at the next tick.
    }
  }

  // True for the first nudge since the last tick: any number of waiting threads is one handler.
  bool nudge() noexcept { return !is_nudged_.exchange(true); }

  void stop() noexcept {
    is_stopped_ = true;
    next_.reset();
    schedule_.stop();
    client_.reset();
    timer_.reset();
    board_->stop();
  }

 private:
  std::shared_ptr<Keys> keys_;
  std::shared_ptr<Board> board_;
  std::shared_ptr<Adoption> next_;
  OwnedPolicy policy_;
  StateDirectory state_;
  Environment environment_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  std::unique_ptr<HttpClient> client_;
  Schedule schedule_;
  std::atomic<bool> is_nudged_{false};
  bool is_stopped_ = false;
};

Fetcher::Fetcher(std::unique_ptr<Keys> keys, Plan plan, boost::asio::io_context* lent, ClientFactory make_client)
    : keys_(std::move(keys)),
      make_client_(std::move(make_client)),
      board_(std::make_shared<Board>()),
      own_(lent == nullptr ? std::make_unique<boost::asio::io_context>(1) : nullptr),
      io_(lent == nullptr ? *own_ : *lent),
      loop_(std::make_shared<Loop>(io_, keys_, board_)) {
  try {
    Adoption adoption;
    adoption.client = make_client_(io_, plan.policy.view());
    adoption.policy = std::move(plan.policy);
    adoption.slots = board_->replace(plan.rules);
    loop_->adopt(adoption);
    if (own_ == nullptr) {
      boost::asio::post(io_, [loop = loop_] { loop->tick(); });
      loop_->arm();
      return;
    }
    thread_ = start_quiet_thread([this] { run(); });
  } catch (...) {
    loop_->stop();
    throw;
  }
}

void Fetcher::run() noexcept {
  const auto work = boost::asio::make_work_guard(io_);
  bool is_armed = false;
  for (;;) {
    try {
      if (!is_armed) loop_->arm();
      is_armed = true;
      io_.run();
      return;
    } catch (...) {
      // No memory for a handler. The timer may have gone with it.
      is_armed = false;
      std::this_thread::sleep_for(kTick);
    }
  }
}

Fetcher::~Fetcher() {
  if (own_ == nullptr) {
    loop_->stop();
    return;
  }
  // Not by a handler, for which there may be no memory; from here on nobody but this thread runs what is on the loop.
  io_.stop();
  thread_.join();
  loop_->stop();
}

void Fetcher::swap(Plan plan) {
  const std::lock_guard lock(swapping_);
  const auto adoption = std::make_shared<Adoption>();
  adoption->client = make_client_(io_, plan.policy.view());
  adoption->policy = std::move(plan.policy);
  {
    const std::lock_guard look(adoption->mutex);
    boost::asio::post(io_, [loop = loop_, adoption] {
      loop->adopt_later(adoption);
      loop->tick();
    });
    adoption->slots = board_->replace(plan.rules);
    adoption->is_whole = true;
  }
  // A lent io_context may not be run by anybody just now, or by this very thread.
  if (own_ != nullptr) adoption->done.get_future().wait();
}

simdjwt_error Fetcher::wait(std::string_view issuer, Millis limit) {
  const Board::Visit visit(board_);
  const std::uint64_t total = keys_->wanted_total();
  if (!board_->is_polled(total) && loop_->nudge()) {
    boost::asio::post(io_, [loop = loop_] { loop->tick(); });
  }
  return board_->wait(issuer, total, limit);
}

}  // namespace simdjwt::fetch
