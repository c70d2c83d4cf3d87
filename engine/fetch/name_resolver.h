// Names to addresses, without waiting: a look-up has a thread of its own, for getaddrinfo can hang longer than any
// deadline, and a name server that hangs must delay nobody else's names, nor the end of a client. Who asks for a host
// that is being looked up shares that look-up: a name that hangs holds one thread, however often it is asked for.
//
// Ownership: Lookups are shared by resolvers and by their threads; a look-up that is still under way when the last
// resolver goes ends by itself, and nobody hears of it. Thread-safety: Lookups all of it; a NameResolver on the thread
// of its io_context, callbacks too. Cost: a thread for each host, at most kMaxLookups at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace simdjwt::fetch {

struct Lookup {
  std::vector<boost::asio::ip::address> addresses;  // in the order of preference (RFC 6724); empty: `failure` says why
  std::string failure;
};

// Blocks. Called on any thread, on several at once. Names of the loopback are no name server's to say (RFC 6761 §6.3), and
// are there without a hosts file.
using LookupFunction = std::function<Lookup(const std::string& host)>;
Lookup look_up_with_getaddrinfo(const std::string& host);

// The look-ups under way; of one fetcher, so that they outlive a client that a new policy replaces.
class Lookups : public std::enable_shared_from_this<Lookups> {
 public:
  static constexpr std::size_t kMaxLookups = 16;

  // Made by std::make_shared.
  explicit Lookups(LookupFunction look_up) : look_up_(std::move(look_up)) {}

 private:
  friend class NameResolver;
  struct Gate;
  struct Waiting {
    std::shared_ptr<Gate> gate;
    std::weak_ptr<const void> owner;
    std::function<void(const Lookup&)> done;
  };

  // Why there will be no look-up; nullptr when there is one.
  const char* join(const std::string& host, Waiting waiting);
  void run(const std::string& host) noexcept;

  const LookupFunction look_up_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Waiting>> under_way_;  // by host
};

class NameResolver {
 public:
  NameResolver(boost::asio::io_context& io, std::shared_ptr<Lookups> lookups);
  ~NameResolver() { stop(); }
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;

  // `done` is called once, later, unless `owner` goes or the resolver is stopped first.
  void resolve(const std::string& host, std::weak_ptr<const void> owner, std::function<void(const Lookup&)> done);
  // From here on no look-up touches the io_context, which may go.
  void stop();

 private:
  const std::shared_ptr<Lookups> lookups_;
  const std::shared_ptr<Lookups::Gate> gate_;
};

}  // namespace simdjwt::fetch
