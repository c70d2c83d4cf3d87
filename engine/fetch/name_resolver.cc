#include "fetch/name_resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

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

struct NameResolver::Shared {
  std::mutex mutex;
  boost::asio::io_context* io;  // nullptr once the resolver has gone
  unsigned running = 0;
  LookupFunction look_up;
};

NameResolver::NameResolver(boost::asio::io_context& io, LookupFunction look_up)
    : shared_(new Shared{{}, &io, 0, std::move(look_up)}) {}

NameResolver::~NameResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->io = nullptr;
}

void NameResolver::resolve(const std::string& host, std::function<void(Lookup)> done) {
  const auto run = [shared = shared_, host, done] {
    Lookup lookup;
    try {
      lookup = shared->look_up(host);
    } catch (...) {
      lookup.failure = "out of memory";
    }
    const std::lock_guard lock(shared->mutex);
    --shared->running;
    if (shared->io == nullptr) return;
    try {
      boost::asio::post(*shared->io, [done, lookup = std::move(lookup)]() mutable { done(std::move(lookup)); });
    } catch (...) {
      // No memory to say so: the deadline of whoever asked will.
    }
  };
  const std::lock_guard lock(shared_->mutex);
  const char* failure = "too many look-ups are under way";
  if (shared_->running < kMaxLookups) {
    try {
      std::thread(run).detach();
      ++shared_->running;
      return;
    } catch (const std::system_error&) {
      failure = "no thread for the look-up";
    }
  }
  boost::asio::post(*shared_->io, [done, failure] { done(Lookup{{}, failure}); });
}

}  // namespace simdjwt::fetch
