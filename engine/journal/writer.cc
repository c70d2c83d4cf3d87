#include "journal/writer.h"

#include <algorithm>

#include "base/quiet_thread.h"
#include "simdjwt/journal.h"

namespace simdjwt::journal {
namespace {

// Callers of the strict level that may wait without the list of them growing; more than threads that validate.
constexpr std::size_t kWaiters = 1024;

// seconds >= 0.
std::int64_t minus_saturated(std::int64_t time, std::int64_t seconds) noexcept {
  return time < INT64_MIN + seconds ? INT64_MIN : time - seconds;
}

std::int64_t plus_saturated(std::int64_t time, std::int64_t seconds) noexcept {
  return time > INT64_MAX - seconds ? INT64_MAX : time + seconds;
}

}  // namespace

Writer::Writer(const WriterOptions& options, std::unique_ptr<GenerationFiles> files, std::int64_t now)
    : options_(options), opened_at_(now), opened_(Clock::now()), backoff_(options.min_retry), files_(std::move(files)) {
  pending_.reserve(options.capacity);
  batch_.reserve(options.capacity);
  waiters_.reserve(kWaiters);
  batch_waiters_.reserve(kWaiters);
  note_files();
  thread_ = start_quiet_thread([this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

void Writer::commit(const Record* records, std::uint32_t count, simdjwt_error* errors) noexcept {
  const bool is_taken = take(records, count);
  const simdjwt_error refusal = SIMDJWT_JOURNAL_WRITE;
  std::fill_n(errors, count, is_taken ? simdjwt_error{SIMDJWT_OK} : refusal);
}

bool Writer::take(const Record* records, std::uint32_t count) {
  std::unique_lock lock(mutex_);
  const bool has_room = count <= options_.capacity - pending_.size() && waiters_.size() < kWaiters;
  if (stats_.is_failing || is_stopping_ || !has_room) {
    stats_.refused += count;
    return false;
  }
  if (pending_.empty()) first_came_ = Clock::now();
  const bool wakes = pending_.empty() || (!options_.is_strict && pending_.size() < options_.capacity / 4 &&
                                          pending_.size() + count >= options_.capacity / 4);
  pending_.insert(pending_.end(), records, records + count);
  Waiter waiter{count};
  if (options_.is_strict) waiters_.push_back(&waiter);
  if (wakes) work_.notify_one();
  if (!options_.is_strict) return true;
  done_.wait(lock, [&] { return waiter.is_done; });
  return waiter.is_written;
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wait_for_work(lock);
    if (is_stopping_ && pending_.empty() && batch_.empty()) return;
    // A batch that could not be written comes first; its tokens have been accepted.
    if (batch_.empty()) {
      batch_.swap(pending_);
      batch_waiters_.swap(waiters_);
    }
    const bool is_probing = stats_.is_failing;
    lock.unlock();
    const int error = write(is_probing);
    lock.lock();
    settle(error);
    if (is_stopping_ && error != 0) return;
    if (error != 0) continue;
    lock.unlock();
    expire_by_own_time();
    lock.lock();
  }
}

void Writer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto is_stopping = [this] { return is_stopping_; };
  if (stats_.is_failing) {
    work_.wait_until(lock, retry_at_, is_stopping);
    return;
  }
  work_.wait(lock, [this] { return is_stopping_ || !pending_.empty(); });
  if (options_.is_strict) return;
  work_.wait_until(lock, first_came_ + options_.interval,
                   [this] { return is_stopping_ || pending_.size() >= options_.capacity / 4; });
}

// Without mutex_: batch_ is the thread's, and nobody else changes it.
int Writer::write(bool is_probing) noexcept {
  const std::lock_guard lock(files_mutex_);
  learn_time(batch_);
  if (is_probing) {
    if (const int error = files_->probe(); error != 0) return error;
  }
  // Callers of the strict level wait for every sync: they get one.
  using Spread = GenerationFiles::Spread;
  const Spread spread = options_.is_strict ? Spread::together : Spread::by_generation;
  const int error = batch_.empty() ? 0 : files_->append(batch_, spread);
  note_files();
  return error;
}

void Writer::settle(int error) {
  stats_.is_failing = error != 0;
  if (error == 0) {
    stats_.records += batch_.size();
    batch_.clear();
    backoff_ = options_.min_retry;
    answer(batch_waiters_, true);
    return;
  }
  ++stats_.failures;
  stats_.last_errno = error;
  retry_at_ = Clock::now() + backoff_;
  backoff_ = std::min(2 * backoff_, options_.max_retry);
  if (!options_.is_strict) return;
  // Nobody was told that these are good; those who came meanwhile need not wait for a disk that fails.
  stats_.refused += batch_.size() + pending_.size();
  batch_.clear();
  pending_.clear();
  answer(batch_waiters_, false);
  answer(waiters_, false);
}

void Writer::answer(std::vector<Waiter*>& waiters, bool is_written) {
  if (waiters.empty()) return;
  for (Waiter* const waiter : waiters) {
    waiter->is_written = is_written;
    waiter->is_done = true;
  }
  waiters.clear();
  done_.notify_all();
}

// A use was consumed when its forget_at had not come. With files_mutex_.
void Writer::learn_time(std::span<const Record> uses) {
  if (uses.empty()) return;
  const Record& first = *std::ranges::min_element(uses, {}, &Record::forget_at);
  limit_ = std::min(limit_, minus_saturated(first.forget_at, elapsed() + 1));
}

std::int64_t Writer::elapsed() const noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - opened_).count();
}

// With files_mutex_.
std::int64_t Writer::time_at_most(std::int64_t time) const noexcept {
  return std::min(time, plus_saturated(limit_, elapsed()));
}

// Once a second at most, whatever the uses a second.
void Writer::expire_by_own_time() noexcept {
  const std::int64_t now = elapsed();
  if (now == expired_at_) return;
  expired_at_ = now;
  expire(plus_saturated(opened_at_, now));
}

// One file at a time, and no lock is held while it goes. How far may change between: it is asked for each.
void Writer::expire(std::int64_t now) noexcept {
  std::optional<FileName> name = FileName{-1, 0};
  while (true) {
    {
      const std::lock_guard lock(files_mutex_);
      name = files_->begin_expiring(minus_saturated(time_at_most(now), kKeepPast), *name);
    }
    if (!name) break;
    const int error = files_->unlink(*name);
    const std::lock_guard lock(files_mutex_);
    files_->end_expiring(*name, error == 0);
    if (error != 0) note_failure(error);
  }
  const std::lock_guard lock(files_mutex_);
  note_files();
}

void Writer::note_failure(int error) {
  const std::lock_guard lock(mutex_);
  ++stats_.failures;
  stats_.last_errno = error;
}

// With files_mutex_.
void Writer::note_files() {
  const std::lock_guard lock(mutex_);
  stats_.bytes = files_->bytes();
  stats_.files = files_->count();
  stats_.syncs = files_->syncs();
}

WriterStats Writer::stats() const {
  const std::lock_guard lock(mutex_);
  WriterStats stats = stats_;
  stats.waiting = pending_.size() + batch_.size();
  return stats;
}

}  // namespace simdjwt::journal
