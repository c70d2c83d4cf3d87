// The fetcher at work: a schedule on the thread of an io_context, driven by a timer of 10 ms.
//
// The timer, not a callback, is how validations are heard: they count up one number, which the tick loads; nothing of
// the fetcher is on their path. It costs a hundred wake-ups a second and an unknown kid up to 10 ms.
//
// Ownership: owns the thread and io_context, unless one is lent; what runs on it is shared with its handlers, which
// outlive the fetcher in a lent one. Thread-safety: all of it, but for the destructor. Cost: as in simdjwt/fetch.h.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "fetch/board.h"
#include "fetch/http_client.h"
#include "fetch/plan.h"

namespace simdjwt::fetch {

using ClientFactory = std::function<std::unique_ptr<HttpClient>(boost::asio::io_context&, const simdjwt_fetch_policy&)>;

class Fetcher {
 public:
  // Throws std::bad_alloc, std::system_error without a thread, and whatever the factory throws.
  Fetcher(std::unique_ptr<Keys> keys, Plan plan, boost::asio::io_context* lent, ClientFactory make_client);
  // With a lent io_context: on its thread, or when no thread runs it. Ends every wait() that is under way, and lets it
  // return first.
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // Changes nothing when it throws.
  void swap(Plan plan);
  simdjwt_error wait(std::string_view issuer, Millis limit);
  const Board& board() const noexcept { return *board_; }

 private:
  struct Adoption;
  class Loop;

  void run() noexcept;

  std::shared_ptr<Keys> keys_;
  ClientFactory make_client_;
  std::shared_ptr<Board> board_;
  std::unique_ptr<boost::asio::io_context> own_;
  boost::asio::io_context& io_;
  std::mutex swapping_;
  std::shared_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace simdjwt::fetch
