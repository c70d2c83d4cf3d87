#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& path) {
  throw Failure(printable(path) + ": " + std::strerror(errno));
}

}  // namespace

std::string read_file(const std::string& path, std::size_t most) {
  const bool standard_input = path == "-";
  const Descriptor file(standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path);
  std::string bytes;
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(std::min(most + 1, std::max<std::size_t>(65536, bytes.size() * 2)));
    const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(standard_input ? "standard input" : path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > most) throw Failure(printable(path) + ": longer than " + grouped(most) + " bytes");
  }
  bytes.resize(size);
  return bytes;
}

void write_file(const std::string& path, std::string_view bytes, Secrecy secrecy, bool replace) {
  const mode_t mode = secrecy == Secrecy::secret ? 0600 : 0644;
  const int create = O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL);
  const Descriptor file(::open(path.c_str(), create, mode));
  if (file.get() < 0) {
    if (errno == EEXIST) throw Failure(printable(path) + ": exists already (--force replaces it)");
    fail(path);
  }
  // A file that was there before keeps its old mode unless told otherwise.
  if (secrecy == Secrecy::secret && ::fchmod(file.get(), mode) != 0) fail(path);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace simdjwt::cli
