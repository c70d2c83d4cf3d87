#include "fetch/host_budget.h"

#include <algorithm>
#include <optional>

#include "fetch/url.h"

namespace simdjwt::fetch {
namespace {

constexpr std::chrono::seconds kWindow{60};

// A probe whose outcome nobody tells holds the others no longer than this.
constexpr std::chrono::seconds kProbe{1};

void forget_old(std::deque<Time>& sent, Time now) {
  while (!sent.empty() && sent.front() + kWindow <= now) sent.pop_front();
}

}  // namespace

std::string authority_of(std::string_view url) {
  const std::optional<Url> parsed = parse_url(url);
  return parsed ? print_authority(*parsed) : std::string();
}

HostBudget::Answer HostBudget::take(const std::string& host, std::uint32_t per_minute, Time now) {
  Host& entry = hosts_[host];
  if (entry.is_refusing && now < entry.refusing_until) return Answer::refusing;
  if (entry.under_way >= kMaxUnderWay) return Answer::busy;
  forget_old(entry.sent, now);
  if (entry.sent.size() >= per_minute) return Answer::spent;
  entry.sent.push_back(now);
  ++entry.under_way;
  // The first to try again tries for all of them.
  if (entry.is_refusing) entry.refusing_until = now + kProbe;
  return Answer::granted;
}

void HostBudget::ended(const std::string& host) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end() && found->second.under_way != 0) --found->second.under_way;
}

Time HostBudget::next(const std::string& host, std::uint32_t per_minute, Time now) const {
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return now;
  const Host& entry = found->second;
  Time at = entry.is_refusing ? std::max(now, entry.refusing_until) : now;
  if (entry.sent.size() >= std::max<std::uint32_t>(per_minute, 1)) {
    at = std::max(at, entry.sent[entry.sent.size() - std::max<std::uint32_t>(per_minute, 1)] + kWindow);
  }
  return at;
}

void HostBudget::refused(const std::string& host, Time until) {
  Host& entry = hosts_[host];
  if (!entry.sent.empty()) entry.sent.pop_back();
  entry.is_refusing = true;
  entry.refusing_until = until;
}

void HostBudget::accepted(const std::string& host) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) found->second.is_refusing = false;
}

void HostBudget::sweep(Time now) {
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    forget_old(at->second.sent, now);
    const Host& host = at->second;
    const bool is_idle = host.sent.empty() && host.under_way == 0;
    at = is_idle && (!host.is_refusing || host.refusing_until + kWindow <= now) ? hosts_.erase(at) : std::next(at);
  }
}

}  // namespace simdjwt::fetch
