// A descriptor that is readable while somebody has something to say: how other threads end a poll().
//
// Ownership: owns an eventfd. Thread-safety: all of it.
#pragma once

namespace simdjwt::fleet {

class Wake {
 public:
  // Throws std::system_error without a descriptor.
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  int fd() const noexcept { return fd_; }
  void raise() const noexcept;
  void clear() const noexcept;

 private:
  int fd_;
};

}  // namespace simdjwt::fleet
