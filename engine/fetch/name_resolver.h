// Names to addresses, without waiting: each look-up has a thread of its own, for getaddrinfo can hang longer than any
// deadline, and a name server that hangs must delay nobody else's names, nor the end of the client.
//
// Ownership: a look-up that is still under way when the resolver goes ends by itself, and nobody hears of it.
// Thread-safety: everything on the thread of the io_context, callbacks too. Cost: a thread for each look-up, at most
// kMaxLookups at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simdjwt::fetch {

struct Lookup {
  std::vector<boost::asio::ip::address> addresses;  // in the order of preference (RFC 6724); empty: `failure` says why
  std::string failure;
};

// Blocks. Called on any thread.
using LookupFunction = std::function<Lookup(const std::string& host)>;
Lookup look_up_with_getaddrinfo(const std::string& host);

class NameResolver {
 public:
  static constexpr unsigned kMaxLookups = 16;

  NameResolver(boost::asio::io_context& io, LookupFunction look_up);
  ~NameResolver();
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;

  // `done` is called once, later, unless the resolver goes first.
  void resolve(const std::string& host, std::function<void(Lookup)> done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace simdjwt::fetch
