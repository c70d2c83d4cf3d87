#include "journal/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace simdjwt::journal {
namespace {

template <typename Call>
auto again_after_signal(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Posix : public FileSystem {
 public:
  int open_to_append(int directory, const char* name, bool is_new) override {
    // Without O_NONBLOCK a FIFO in the file's place would hang.
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (is_new ? O_CREAT | O_EXCL : 0);
    return again_after_signal([&] { return ::openat(directory, name, flags, 0600); });
  }
  ssize_t write(int file, const void* bytes, std::size_t size) override {
    return again_after_signal([&] { return ::write(file, bytes, size); });
  }
  int sync_data(int file) override { return ::fdatasync(file); }
  int sync_directory(int file) override { return ::fsync(file); }
  bool is_linked(int file) override {
    struct stat status {};
    return ::fstat(file, &status) == 0 && status.st_nlink != 0;
  }
  int truncate(int file, std::uint64_t size) override {
    return again_after_signal([&] { return ::ftruncate(file, static_cast<off_t>(size)); });
  }
  int unlink(int directory, const char* name) override { return ::unlinkat(directory, name, 0); }
  void close(int file) override { ::close(file); }
};

}  // namespace

FileSystem& posix_file_system() noexcept {
  static Posix system;
  return system;
}

int sync_data_of(FileSystem& system, int file) {
  if (system.sync_data(file) == 0 || (errno == EINTR && system.sync_data(file) == 0)) return 0;
  return errno;
}

int write_all(FileSystem& system, int file, const void* bytes, std::size_t size) {
  const auto* rest = static_cast<const std::uint8_t*>(bytes);
  while (size != 0) {
    const ssize_t written = system.write(file, rest, size);
    if (written < 0) return errno;
    if (written == 0) return EIO;
    rest += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

}  // namespace simdjwt::journal
