#include "unit/fleet/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace simdjwt::fleet {
namespace {

const std::string kClose("\0close", 6);

// A command that has come whole is taken off `buffer`.
bool take_command(std::string& buffer, Words& words) {
  words.clear();
  if (buffer.empty() || buffer[0] != '*') return false;
  std::size_t at = buffer.find("\r\n");
  if (at == std::string::npos) return false;
  const int count = std::stoi(buffer.substr(1, at - 1));
  at += 2;
  for (int i = 0; i < count; ++i) {
    const std::size_t end = buffer.find("\r\n", at);
    if (end == std::string::npos) return false;
    const std::size_t size = std::stoul(buffer.substr(at + 1, end - at - 1));
    if (buffer.size() < end + 2 + size + 2) return false;
    words.push_back(buffer.substr(end + 2, size));
    at = end + 2 + size + 2;
  }
  buffer.erase(0, at);
  return true;
}

}  // namespace

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

FakeServer::FakeServer(Script script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), script_(std::move(script)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeServer::~FakeServer() {
  is_stopping_ = true;
  resume();
  drop_connections();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void FakeServer::set_script(Script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void FakeServer::pause() {
  is_paused_ = true;
}

void FakeServer::resume() {
  is_paused_ = false;
}

void FakeServer::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

std::map<std::string, std::string> FakeServer::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::vector<Words> FakeServer::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

int FakeServer::count(const std::string& command) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(
      std::count_if(commands_.begin(), commands_.end(), [&](const Words& words) { return words[0] == command; }));
}

void FakeServer::accept_all() {
  while (!is_stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 10) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
    if (is_stopping_) ::shutdown(socket, SHUT_RDWR);
  }
}

void FakeServer::wait_until_resumed() {
  while (is_paused_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void FakeServer::serve(int socket) {
  std::string buffer;
  char bytes[65536];
  for (bool is_open = true; is_open;) {
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    buffer.append(bytes, static_cast<std::size_t>(got));
    std::string out;
    Words words;
    int at_once = 0;
    while (is_open && take_command(buffer, words)) {
      ++at_once;
      out += answer(words);
      if (const std::size_t close = out.find(kClose); close != std::string::npos) {
        out.resize(close);
        is_open = false;
      }
    }
    most_at_once_ = std::max(most_at_once_.load(), at_once);
    wait_until_resumed();
    if (!out.empty()) is_open = ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) > 0 && is_open;
  }
  const std::lock_guard lock(mutex_);
  sockets_.erase(std::find(sockets_.begin(), sockets_.end(), socket));
  ::close(socket);
}

std::string FakeServer::answer(const Words& words) {
  Script script;
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(words);
    script = script_;
  }
  if (script) {
    if (const std::optional<std::string> scripted = script(words)) return *scripted;
  }
  return by_itself(words);
}

std::string FakeServer::by_itself(const Words& words) {
  const std::lock_guard lock(mutex_);
  const std::string& name = words[0];
  if (name == "PING") return "+PONG\r\n";
  if (name == "ROLE") return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
  if (name == "CLUSTER") return "-ERR This instance has cluster support disabled\r\n";
  if (name == "INFO") return bulk("# Memory\r\nmaxmemory_policy:noeviction\r\n");
  if (name == "AUTH" || name == "ASKING") return "+OK\r\n";
  if (name == "WAIT") return ":" + words[1] + "\r\n";
  if (name == "SET") return keys_.emplace(words[1], words[2]).second ? "+OK\r\n" : "$-1\r\n";
  if (name == "EVAL") {
    const auto found = keys_.find(words[3]);
    if (found == keys_.end() || found->second != words[4]) return ":0\r\n";
    keys_.erase(found);
    return ":1\r\n";
  }
  return "-ERR unknown command\r\n";
}

}  // namespace simdjwt::fleet
