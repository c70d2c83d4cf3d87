// Redis as a set of used tokens, for comparison: a redis-server that is started here, on a Unix socket in a directory
// of its own, without persistence; and SET key 1 NX EX seconds, pipelined over one connection. No client library.
//
// Ownership: owns the server, ended in the destructor, and its directory. Thread-safety: none.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace simdjwt::bench {

class RedisPeer {
 public:
  // Null when there is no redis-server on this machine, or it does not answer.
  static std::unique_ptr<RedisPeer> start();
  ~RedisPeer();
  RedisPeer(const RedisPeer&) = delete;
  RedisPeer& operator=(const RedisPeer&) = delete;

  // Sets all keys in one write, and reads the answers. How many were not there; -1 when the connection failed.
  long set_all(std::span<const std::string_view> keys);

 private:
  RedisPeer() = default;
  bool connect();

  std::string directory_;
  pid_t server_ = -1;
  int socket_ = -1;
  std::string request_;
};

}  // namespace simdjwt::bench
