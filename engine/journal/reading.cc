#include "journal/reading.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

namespace simdjwt::journal {
namespace {

using namespace std::chrono_literals;

constexpr auto kReportEvery = 250ms;

std::uint64_t total_bytes(const Directory& directory, const std::vector<FileName>& names) {
  std::uint64_t total = 0;
  for (const FileName& name : names) {
    struct stat status {};
    if (::fstatat(directory.get(), file_name(name).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      total += static_cast<std::uint64_t>(status.st_size);
    }
  }
  return total;
}

class Progress {
 public:
  Progress(const ReadingHooks& hooks, std::uint64_t total) : hooks_(hooks), total_(total) {}

  void add(std::uint64_t bytes) {
    read_ += bytes;
    const auto now = std::chrono::steady_clock::now();
    if (!hooks_.progress || now - last_ < kReportEvery) return;
    last_ = now;
    hooks_.progress(read_, total_);
  }
  void end() {
    if (hooks_.progress) hooks_.progress(read_, total_);
  }

 private:
  const ReadingHooks& hooks_;
  std::uint64_t total_;
  std::uint64_t read_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// What keeps a file that was read from being one of this journal.
Outcome judge(const std::string& path, const FileName& name, std::optional<std::uint64_t> check, const Scan& scan) {
  switch (scan.state) {
    case Scan::State::unborn:
      return {};
    case Scan::State::foreign:
      return {SIMDJWT_JOURNAL_FORMAT, path + ": a journal's file of this version"};
    case Scan::State::bad_header:
      return {SIMDJWT_JOURNAL_FORMAT, path + ": a header that is not damaged; without it no record can be trusted"};
    case Scan::State::unreadable:
      return system_failure(SIMDJWT_JOURNAL_DIRECTORY, "read " + path, scan.read_errno);
    default:
      break;
  }
  if (scan.header.name != name) return {SIMDJWT_JOURNAL_FORMAT, path + ": the name that the file was made with"};
  if (check && scan.header.key_check != *check) {
    return {SIMDJWT_JOURNAL_KEY, path + ": a file that was written under the key of this journal"};
  }
  return {};
}

}  // namespace

Outcome read_files(const Directory& directory, std::optional<std::uint64_t> check, const ReadingHooks& hooks) {
  std::vector<FileName> names;
  if (Outcome listed = directory.list(names); !listed.is_ok()) return listed;
  Progress progress(hooks, total_bytes(directory, names));
  Scanner scanner;
  for (const FileName& name : names) {
    const std::string path = directory.path() + "/" + file_name(name);
    const Descriptor file(
        ::openat(directory.get(), file_name(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.is_open()) {
      if (errno == ENOENT) continue;
      return system_failure(SIMDJWT_JOURNAL_DIRECTORY, "open " + path, errno);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_failure(SIMDJWT_JOURNAL_DIRECTORY, "stat " + path, errno);
    const auto source = [&](std::uint8_t* room, std::size_t size) -> std::int64_t {
      ssize_t got = ::read(file.get(), room, size);
      while (got < 0 && errno == EINTR) got = ::read(file.get(), room, size);
      if (got < 0) return -errno;
      progress.add(static_cast<std::uint64_t>(got));
      return got;
    };
    simdjwt_error refused = SIMDJWT_OK;
    const Scan scan = scanner.scan(
        source, static_cast<std::uint64_t>(status.st_size),
        // Before a record is believed, what the header says of its file is.
        [&](const FileHeader& header) { return header.name == name && (!check || header.key_check == *check); },
        [&](std::span<const Record> records) {
          if (hooks.records) refused = hooks.records(records);
          return refused == SIMDJWT_OK;
        });
    if (refused != SIMDJWT_OK) return {refused, path};
    if (Outcome judged = judge(path, name, check, scan); !judged.is_ok()) return judged;
    if (Outcome told = hooks.file(name, scan); !told.is_ok()) return told;
  }
  progress.end();
  return {};
}

}  // namespace simdjwt::journal
