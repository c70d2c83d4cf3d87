#include "fleet/wake.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace simdjwt::fleet {

Wake::Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Wake::~Wake() {
  ::close(fd_);
}

// A counter that is full is readable as well.
void Wake::raise() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void Wake::clear() const noexcept {
  std::uint64_t count;
  [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
}

}  // namespace simdjwt::fleet
