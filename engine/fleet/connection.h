// One TCP connection that never blocks: bytes out, replies in.
//
// Ownership: owns its socket and buffers. Thread-safety: one thread. Cost: one send() a flush, and one recv() for each
// 64 KiB; what one call reads is bounded, so that no server keeps the others waiting.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fleet/address.h"
#include "fleet/reply.h"

namespace simdjwt::fleet {

class Connection {
 public:
  Connection() = default;
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins with the first of the addresses; the others follow when it fails. False: none is left; failure() says why.
  bool connect(std::vector<SocketAddress> addresses);
  // Gives up the address that is being connected to. False like connect().
  bool next_address() { return try_next(); }
  bool has_next_address() const noexcept { return is_connecting_ && next_address_ < addresses_.size(); }
  // The place of the address in use; 0 before the first.
  std::size_t address() const noexcept { return next_address_ == 0 ? 0 : next_address_ - 1; }
  void close() noexcept;

  int fd() const noexcept { return fd_; }
  bool is_connected() const noexcept { return fd_ >= 0 && !is_connecting_; }
  bool is_closed() const noexcept { return fd_ < 0; }
  short events() const noexcept;
  const std::string& failure() const noexcept { return failure_; }

  // To be called when poll() says something. False: the connection is of no use any more.
  bool on_ready(short events);
  // Where commands are appended; flush() sends what the socket takes.
  std::string& out() noexcept { return out_; }
  bool flush();
  // A reply that has come whole.
  ReplyReader::Result next(std::unique_ptr<Reply>& reply) { return reader_->next(reply); }

 private:
  bool try_next();
  bool receive();
  bool fail(const char* what, int number);

  int fd_ = -1;
  bool is_connecting_ = false;
  std::vector<SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  std::unique_ptr<ReplyReader> reader_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  std::string failure_;
};

}  // namespace simdjwt::fleet
