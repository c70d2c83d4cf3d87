#include "fetch/name_resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "fetch/address_rule.h"

namespace simdjwt::fetch {
namespace {

namespace ip = boost::asio::ip;

bool read_address(const sockaddr* from, ip::address& to) {
  if (from->sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, from, sizeof ipv4);
    ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
    to = ip::address_v4(bytes);
    return true;
  }
  if (from->sa_family != AF_INET6) return false;
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, from, sizeof ipv6);
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
  to = ip::address_v6(bytes, ipv6.sin6_scope_id);
  return true;
}

}  // namespace

Lookup look_up_with_getaddrinfo(const std::string& host) {
  if (is_loopback_name(host)) return {{ip::address_v4::loopback(), ip::address_v6::loopback()}, {}};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  Lookup lookup;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    lookup.failure = gai_strerror(error);
    return lookup;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (ip::address address; read_address(entry->ai_addr, address)) lookup.addresses.push_back(address);
  }
  if (lookup.addresses.empty()) lookup.failure = "no address";
  return lookup;
}

// Where answers go: an io_context, until it may no longer be touched.
struct Lookups::Gate {
  explicit Gate(boost::asio::io_context& to) : io(&to) {}

  void post(Waiting waiting, Lookup lookup) {
    const std::lock_guard lock(mutex);
    if (io == nullptr) return;
    boost::asio::post(*io, [waiting = std::move(waiting), lookup = std::move(lookup)] {
      if (const auto alive = waiting.owner.lock()) waiting.done(lookup);
    });
  }

  std::mutex mutex;
  boost::asio::io_context* io;
};

const char* Lookups::join(const std::string& host, Waiting waiting) {
  const std::lock_guard lock(mutex_);
  if (const auto same = under_way_.find(host); same != under_way_.end()) {
    // Those who gave up: a name may hang for longer than it is asked for.
    std::erase_if(same->second, [](const Waiting& other) { return other.owner.expired(); });
    same->second.push_back(std::move(waiting));
    return nullptr;
  }
  if (under_way_.size() >= kMaxLookups) return "too many look-ups are under way";
  const auto begun = under_way_.try_emplace(host).first;
  try {
    begun->second.push_back(std::move(waiting));
    std::thread([self = shared_from_this(), host] { self->run(host); }).detach();
    return nullptr;
  } catch (const std::system_error&) {
    under_way_.erase(begun);
    return "no thread for the look-up";
  } catch (...) {
    under_way_.erase(begun);
    throw;
  }
}

void Lookups::run(const std::string& host) noexcept {
  Lookup lookup;
  try {
    lookup = look_up_(host);
  } catch (...) {
    lookup.failure = "out of memory";
  }
  auto ended = [&] {
    const std::lock_guard lock(mutex_);
    return under_way_.extract(host);
  }();
  for (Waiting& waiting : ended.mapped()) {
    try {
      const std::shared_ptr<Gate> gate = waiting.gate;
      gate->post(std::move(waiting), lookup);
    } catch (...) {
      // No memory to say so: the deadline of whoever asked will.
    }
  }
}

NameResolver::NameResolver(boost::asio::io_context& io, std::shared_ptr<Lookups> lookups)
    : lookups_(std::move(lookups)), gate_(std::make_shared<Lookups::Gate>(io)) {}

void NameResolver::resolve(const std::string& host, std::weak_ptr<const void> owner,
                           std::function<void(const Lookup&)> done) {
  const Lookups::Waiting waiting{gate_, std::move(owner), std::move(done)};
  if (const char* failure = lookups_->join(host, waiting)) gate_->post(waiting, Lookup{{}, failure});
}

void NameResolver::stop() {
  const std::lock_guard lock(gate_->mutex);
  gate_->io = nullptr;
}

}  // namespace simdjwt::fetch
