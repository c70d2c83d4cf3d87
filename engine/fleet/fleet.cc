#include "fleet/fleet.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/quiet_thread.h"

namespace simdjwt::fleet {
namespace {

constexpr char kBacklog[] = "too many records wait";

// Never 0 and, as Redis keeps numbers, less than 2^63, however many attempts follow.
std::uint64_t first_attempt() {
  std::uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) throw std::system_error(errno, std::generic_category(), "getentropy");
  return number >> 2;
}

timespec until(Time next, Time now) noexcept {
  const auto left = std::clamp(next > now ? next - now : Clock::duration::zero(), Clock::duration::zero(),
                               std::chrono::duration_cast<Clock::duration>(std::chrono::seconds(10)));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {static_cast<time_t>(seconds.count()),
          static_cast<long>(std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count())};
}

}  // namespace

Fleet::Fleet(Settings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      first_attempt_(first_attempt()),
      wake_(std::make_shared<Wake>()),
      lookups_(std::make_shared<NameLookup>(wake_, parts_.resolve)),
      dispatch_(settings_, board_, deferred_, *lookups_, parts_.random, parts_.undo) {
  thread_ = start_quiet_thread([this] { run(); });
}

Fleet::~Fleet() {
  is_stopping_.store(true, std::memory_order_release);
  wake_->raise();
  thread_.join();
}

// One caller may bring more than that alone: its records wait in its own memory.
bool Fleet::has_room(std::uint32_t count) const noexcept {
  const std::uint64_t waiting = waiting_.load(std::memory_order_relaxed);
  return waiting == 0 || waiting + count <= kMaxWaiting;
}

std::shared_ptr<Call> Fleet::make_call(const simdjwt_replay_record* records, std::uint32_t count) {
  auto call = std::make_shared<Call>(records, count, Clock::now() + settings_.deadline, waiting_);
  const std::uint64_t attempt = first_attempt_ + attempts_.fetch_add(count, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) call->checks[i].attempt = attempt + i;
  return call;
}

void Fleet::enter(const std::shared_ptr<Call>& call) {
  bool is_first;
  {
    const std::lock_guard lock(mutex_);
    is_first = entered_.empty();
    entered_.push_back(call);
    call->is_deferred = call->abandoned != nullptr;  // from here on somebody has to answer
  }
  if (is_first) wake_->raise();
}

void Fleet::commit(const simdjwt_replay_record* records, std::uint32_t count, simdjwt_error* errors) noexcept {
  board_.checks.fetch_add(count, std::memory_order_relaxed);
  std::fill_n(errors, count, simdjwt_error{SIMDJWT_STORE_UNAVAILABLE});
  try {
    if (!has_room(count)) {
      board_.show(SIMDJWT_FLEET_BACKLOG, kBacklog);
    } else if (!board_.is_open()) {
      const std::shared_ptr<Call> call = make_call(records, count);
      enter(call);
      call->wait(errors);
    }
  } catch (const std::bad_alloc&) {
    // Nothing was asked.
  }
  for (std::uint32_t i = 0; i < count; ++i) errors[i] = board_.count(errors[i], settings_.allow_local_only);
}

simdjwt_error Fleet::submit(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept {
  board_.checks.fetch_add(1, std::memory_order_relaxed);
  bool is_reserved = false;
  try {
    is_reserved = has_room(1) && deferred_.reserve();
    if (!is_reserved) {
      board_.show(SIMDJWT_FLEET_BACKLOG, kBacklog);
    } else {
      const std::shared_ptr<Call> call = make_call(&record, 1);
      call->cookie = cookie;
      call->abandoned = this;
      enter(call);
      return SIMDJWT_OK;
    }
  } catch (const std::bad_alloc&) {
    if (is_reserved) deferred_.cancel();
  }
  board_.unavailable.fetch_add(1, std::memory_order_relaxed);
  parts_.undo(record);
  return SIMDJWT_STORE_UNAVAILABLE;
}

void Fleet::run() noexcept {
  while (!is_stopping_.load(std::memory_order_acquire)) {
    try {
      turn();
    } catch (...) {
      // Memory ran out in the middle of something: connections are made anew. Not at once: there may be none for that.
      dispatch_.stop(Clock::now());
      std::this_thread::sleep_for(Millis(1));
    }
  }
  dispatch_.stop(Clock::now());
}

void Fleet::on_abandoned(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept {
  const simdjwt_error told = board_.count(SIMDJWT_STORE_UNAVAILABLE, settings_.allow_local_only);
  if (told != SIMDJWT_OK) parts_.undo(record);
  deferred_.give(cookie, told);
}

void Fleet::take_entered(Time now) {
  std::vector<std::shared_ptr<Call>> entered;
  {
    const std::lock_guard lock(mutex_);
    entered.swap(entered_);
  }
  for (auto call = entered.begin(); call != entered.end(); ++call) {
    try {
      dispatch_.take(*call, now);
    } catch (...) {
      for (; call != entered.end(); ++call) dispatch_.refuse_all(*call);
      throw;
    }
  }
}

void Fleet::turn() {
  std::vector<pollfd> polled{{wake_->fd(), POLLIN, 0}};
  std::vector<std::uint64_t> ids{0};
  for (const auto& node : dispatch_.nodes()) {
    if (node->fd() < 0) continue;
    polled.push_back({node->fd(), node->events(), 0});
    ids.push_back(node->id());
  }
  const timespec wait = until(dispatch_.next_time(), Clock::now());
  const int ready = ::ppoll(polled.data(), polled.size(), &wait, nullptr);
  const Time now = Clock::now();
  if (ready > 0 && polled[0].revents != 0) wake_->clear();
  // What callers ask first: it joins what is sent anyway.
  take_entered(now);
  for (std::size_t i = 1; i < polled.size() && ready > 0; ++i) {
    if (polled[i].revents != 0) dispatch_.on_ready(ids[i], polled[i].fd, polled[i].revents, now);
  }
  dispatch_.work(now);
}

}  // namespace simdjwt::fleet
