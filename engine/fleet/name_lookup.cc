#include "fleet/name_lookup.h"

#include <netdb.h>

#include <cstring>
#include <new>
#include <thread>
#include <utility>

namespace simdjwt::fleet {

Lookup NameLookup::with_getaddrinfo(const Address& address) {
  Lookup lookup;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  if (const int error = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found); error != 0) {
    lookup.failure = ::gai_strerror(error);
    return lookup;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress one;
    if (entry->ai_addrlen > sizeof one.storage) continue;
    std::memcpy(&one.storage, entry->ai_addr, entry->ai_addrlen);
    one.size = entry->ai_addrlen;
    lookup.addresses.push_back(one);
  }
  if (lookup.addresses.empty()) lookup.failure = "no address";
  return lookup;
}

bool NameLookup::begin(std::uint64_t id, const Address& address) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (under_way_.contains(id)) return true;
    if (under_way_.size() >= kMost) return false;
    under_way_.insert(id);
  } catch (const std::bad_alloc&) {
    return false;
  }
  try {
    std::thread([self = shared_from_this(), id, address] { self->run(id, address); }).detach();
    return true;
  } catch (...) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(id);
    return false;
  }
}

void NameLookup::run(std::uint64_t id, const Address& address) noexcept {
  Lookup lookup;
  try {
    lookup = resolve_(address);
  } catch (...) {
    lookup.addresses.clear();  // without a word: there may be no memory for one
  }
  lookup.id = id;
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(id);
    try {
      done_.push_back(std::move(lookup));
    } catch (const std::bad_alloc&) {
      // Nobody hears of it; the limit of the attempt ends it.
    }
  }
  wake_->raise();
}

std::vector<Lookup> NameLookup::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

}  // namespace simdjwt::fleet
