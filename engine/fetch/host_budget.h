// How many requests each host may still get: so many in any minute, all of its issuers together, a few at a time, and
// none at all for a moment after it refused a connection.
//
// Ownership: the object owns its hosts. Thread-safety: one thread. Cost: O(log hosts); 8 bytes for each request of the
// last minute. A window that slides, not a bucket that fills: a bucket of a minute's requests lets twice as many
// through in the minute after a pause.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "fetch/backoff.h"

namespace simdjwt::fetch {

// The host and port of an absolute URL, as it would stand in Host; empty when there is none.
std::string authority_of(std::string_view url);

class HostBudget {
 public:
  // Of all that may be under way at once (Schedule::kMaxUnderWay) a part, so that a host that answers nobody leaves
  // room for the others.
  static constexpr std::uint32_t kMaxUnderWay = 4;

  enum class Answer { granted, spent, refusing, busy };

  // Takes one request of the host's minute, when there is one. What was granted is under way until ended().
  Answer take(const std::string& host, std::uint32_t per_minute, Time now);
  void ended(const std::string& host);

  // When a request refused by take() may be tried again; one that found the host busy, when another has ended.
  Time next(const std::string& host, std::uint32_t per_minute, Time now) const;

  // The host took no connection, so that the last request was none: it is given back, and nobody else tries for a
  // moment.
  void refused(const std::string& host, Time until);
  // The host took a connection.
  void accepted(const std::string& host);

  // Forgets hosts without a request under way or in the last minute.
  void sweep(Time now);

 private:
  struct Host {
    std::deque<Time> sent;  // of the last minute, oldest first
    std::uint32_t under_way = 0;
    bool is_refusing = false;  // the last connection was not taken
    Time refusing_until{};
  };

  std::map<std::string, Host> hosts_;
};

}  // namespace simdjwt::fetch
