// A server in this process that speaks RESP2 as Redis does, as far as a fleet goes, and misbehaves as a test asks.
//
// Ownership: owns its threads and connections. Thread-safety: all of it. Ports are picked by the system.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace simdjwt::fleet {

using Words = std::vector<std::string>;

// "$4\r\ntext\r\n"
std::string bulk(const std::string& text);

class FakeServer {
 public:
  // What a test does with a command: nothing (then the server answers by itself), the bytes to answer with, which may
  // be none at all or a part of an answer; "\0close" ends the connection, with what stands before it sent.
  using Script = std::function<std::optional<std::string>(const Words&)>;

  explicit FakeServer(Script script = {});
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  void set_script(Script script);
  // While paused, commands are read, carried out, and their answers kept back.
  void pause();
  void resume();
  // Ends every connection; new ones are accepted.
  void drop_connections();
  std::map<std::string, std::string> keys() const;
  // Of a command by its first word.
  int count(const std::string& command) const;
  std::vector<Words> commands() const;
  // The most commands that one read brought.
  int most_at_once() const noexcept { return most_at_once_.load(); }

 private:
  void accept_all();
  void serve(int socket);
  std::string answer(const Words& words);
  std::string by_itself(const Words& words);
  void wait_until_resumed();

  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  Script script_;
  std::map<std::string, std::string> keys_;
  std::vector<Words> commands_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::atomic<int> most_at_once_{0};
  std::atomic<bool> is_paused_{false}, is_stopping_{false};
  std::thread acceptor_;
};

}  // namespace simdjwt::fleet
