#include "fleet/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/wipe.h"

namespace simdjwt::fleet {
namespace {

constexpr int kMaxReads = 8;  // of 64 KiB, in one turn

}  // namespace

bool Connection::connect(std::vector<SocketAddress> addresses) {
  close();
  addresses_ = std::move(addresses);
  next_address_ = 0;
  reader_ = std::make_unique<ReplyReader>();
  out_.clear();
  sent_ = 0;
  failure_ = "no address";
  return try_next();
}

void Connection::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  is_connecting_ = false;
}

bool Connection::try_next() {
  while (next_address_ < addresses_.size()) {
    const SocketAddress& address = addresses_[next_address_++];
    close();
    fd_ = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
      fail("socket", errno);
      continue;
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, address.get(), address.size) == 0) return true;
    if (errno == EINPROGRESS) {
      is_connecting_ = true;
      return true;
    }
    fail("connect", errno);
  }
  close();
  return false;
}

short Connection::events() const noexcept {
  if (is_connecting_) return POLLOUT;
  return static_cast<short>(POLLIN | (sent_ < out_.size() ? POLLOUT : 0));
}

bool Connection::on_ready(short events) {
  if (is_connecting_) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) {
      fail("connect", error);
      return try_next();
    }
    is_connecting_ = false;
    return flush();
  }
  if ((events & POLLOUT) != 0 && !flush()) return false;
  return (events & (POLLIN | POLLERR | POLLHUP)) == 0 || receive();
}

bool Connection::flush() {
  if (is_connecting_) return true;
  while (sent_ < out_.size()) {
    const ssize_t sent = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (sent < 0) return fail("send", errno);
    sent_ += static_cast<std::size_t>(sent);
  }
  wipe(out_.data(), out_.size());  // a password may have been among it
  out_.clear();
  sent_ = 0;
  return true;
}

bool Connection::receive() {
  std::array<char, 65536> bytes;
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (got < 0) return fail("recv", errno);
    if (got == 0) {
      failure_ = "the server closed the connection";
      return false;
    }
    if (!reader_->feed({bytes.data(), static_cast<std::size_t>(got)})) {
      failure_ = "the server sent more than any answer has";
      return false;
    }
    if (static_cast<std::size_t>(got) < bytes.size()) return true;
  }
  return true;
}

bool Connection::fail(const char* what, int number) {
  std::array<char, 128> text{};
  failure_ = std::string(what) + ": " + ::strerror_r(number, text.data(), text.size());
  return false;
}

}  // namespace simdjwt::fleet
