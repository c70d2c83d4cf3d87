// Names to addresses without waiting: each look-up has a thread of its own, for getaddrinfo can hang longer than any
// deadline, and a name server that hangs must delay no other node, nor the end of the fleet.
//
// Ownership: shared by the I/O thread and the threads of look-ups; one that is under way when the fleet goes ends by
// itself and nobody hears of it. Thread-safety: all of it. Cost: a thread a look-up, at most kMost at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fleet/address.h"
#include "fleet/wake.h"

namespace simdjwt::fleet {

struct Lookup {
  std::uint64_t id = 0;  // of whom it is for
  std::vector<SocketAddress> addresses;
  std::string failure;  // where there are none
};

class NameLookup : public std::enable_shared_from_this<NameLookup> {
 public:
  static constexpr std::size_t kMost = 16;
  using Resolve = std::function<Lookup(const Address&)>;

  // Raises `wake` when an answer is there. Made by std::make_shared.
  explicit NameLookup(std::shared_ptr<const Wake> wake, Resolve resolve = with_getaddrinfo)
      : wake_(std::move(wake)), resolve_(std::move(resolve)) {}

  // Its answer will be among those of take(); one that is under way for this id serves. False when too many are under
  // way, or there is no thread or memory for it. Throws nothing.
  bool begin(std::uint64_t id, const Address& address) noexcept;
  std::vector<Lookup> take();

  static Lookup with_getaddrinfo(const Address& address);

 private:
  void run(std::uint64_t id, const Address& address) noexcept;

  const std::shared_ptr<const Wake> wake_;
  const Resolve resolve_;
  std::mutex mutex_;
  std::vector<Lookup> done_;
  std::set<std::uint64_t> under_way_;
};

}  // namespace simdjwt::fleet
