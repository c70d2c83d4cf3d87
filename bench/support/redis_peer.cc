#include "support/redis_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace simdjwt::bench {
namespace {

constexpr std::size_t kAnswer = 5;  // "+OK\r\n", or "$-1\r\n" when the key is there

std::string path_of(const std::string& directory) {
  return directory + "/redis.sock";
}

}  // namespace

std::unique_ptr<RedisPeer> RedisPeer::start() {
  std::unique_ptr<RedisPeer> peer(new RedisPeer);
  char name[] = "/tmp/simdjwt-bench-XXXXXX";
  if (mkdtemp(name) == nullptr) return nullptr;
  peer->directory_ = name;
  const std::string path = path_of(peer->directory_);
  peer->server_ = fork();
  if (peer->server_ == 0) {
    const int silent = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(silent, STDOUT_FILENO);
    dup2(silent, STDERR_FILENO);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", path.c_str(), "--save", "", "--appendonly",
           "no", "--dir", name, static_cast<char*>(nullptr));
    _exit(127);
  }
  // Two seconds to start in.
  for (int i = 0; peer->server_ > 0 && i < 200; ++i) {
    if (peer->connect()) return peer;
    if (waitpid(peer->server_, nullptr, WNOHANG) != 0) {
      peer->server_ = -1;
      return nullptr;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return nullptr;
}

RedisPeer::~RedisPeer() {
  if (socket_ >= 0) close(socket_);
  if (server_ > 0) {
    kill(server_, SIGTERM);
    waitpid(server_, nullptr, 0);
  }
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

bool RedisPeer::connect() {
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_of(directory_).copy(address.sun_path, sizeof address.sun_path - 1);
  if (socket_ >= 0 && ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  return false;
}

long RedisPeer::set_all(std::span<const std::string_view> keys) {
  request_.clear();
  for (const std::string_view key : keys) {
    request_ += "*6\r\n$3\r\nSET\r\n$" + std::to_string(key.size()) + "\r\n";
    request_ += key;
    request_ += "\r\n$1\r\n1\r\n$2\r\nNX\r\n$2\r\nEX\r\n$3\r\n300\r\n";
  }
  for (std::size_t sent = 0; sent < request_.size();) {
    const ssize_t wrote = write(socket_, request_.data() + sent, request_.size() - sent);
    if (wrote <= 0) return -1;
    sent += static_cast<std::size_t>(wrote);
  }
  std::string answers(keys.size() * kAnswer, '\0');
  for (std::size_t got = 0; got < answers.size();) {
    const ssize_t read_now = read(socket_, answers.data() + got, answers.size() - got);
    if (read_now <= 0) return -1;
    got += static_cast<std::size_t>(read_now);
  }
  long set = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) set += answers[i * kAnswer] == '+';
  return set;
}

}  // namespace simdjwt::bench
