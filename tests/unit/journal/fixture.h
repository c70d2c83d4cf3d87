// What the journal's tests share: records, directories that go, and a file system that fails on demand.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "journal/descriptor.h"
#include "journal/directory.h"
#include "journal/file_system.h"
#include "journal/format.h"
#include "journal/reading.h"
#include "simdjwt/journal.h"

namespace simdjwt::journal::test {

inline constexpr std::int64_t kNow = 1'800'000'000;

inline Record record(std::uint64_t number, std::int64_t forget_at, std::uint32_t issuer = 7) {
  Record out{};
  std::memcpy(out.fingerprint, &number, sizeof number);
  out.fingerprint[15] = 0x5a;
  out.forget_at = forget_at;
  out.issuer = issuer;
  return out;
}

inline std::uint64_t number_of(const Record& record) {
  std::uint64_t number = 0;
  std::memcpy(&number, record.fingerprint, sizeof number);
  return number;
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "simdjwt-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::bad_alloc();
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) out.push_back(entry.path().filename());
    std::ranges::sort(out);
    return out;
  }

 private:
  std::string path_;
};

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The real file system, until it is told to fail.
class FailingFileSystem : public FileSystem {
 public:
  std::atomic<int> open_error{0}, write_error{0}, sync_error{0}, truncate_error{0}, unlink_error{0};
  std::atomic<std::size_t> write_limit{SIZE_MAX};  // bytes that one write takes
  std::atomic<std::size_t> room{SIZE_MAX};         // bytes until ENOSPC
  std::atomic<int> data_sync_error{0};             // not of directories
  std::atomic<int> interrupts{0};                  // syncs that a signal ends
  std::atomic<int> writes{0}, syncs{0}, directory_syncs{0};

  int open_to_append(int directory, const char* name, bool is_new) override {
    return fails(open_error) ? -1 : real_.open_to_append(directory, name, is_new);
  }
  ssize_t write(int file, const void* bytes, std::size_t size) override {
    ++writes;
    if (fails(write_error)) return -1;
    const std::size_t takes = std::min({size, write_limit.load(), room.load()});
    if (takes == 0) {
      errno = ENOSPC;
      return -1;
    }
    if (room != SIZE_MAX) room -= takes;
    return real_.write(file, bytes, takes);
  }
  int sync_data(int file) override {
    ++syncs;
    if (interrupts > 0) {
      --interrupts;
      errno = EINTR;
      return -1;
    }
    return fails(sync_error) || fails(data_sync_error) ? -1 : real_.sync_data(file);
  }
  int sync_directory(int file) override {
    ++directory_syncs;
    struct stat status {};
    EXPECT_EQ(::fstat(file, &status), 0);
    {
      const std::lock_guard lock(mutex_);
      synced_.push_back(status.st_ino);
    }
    return fails(sync_error) ? -1 : real_.sync_directory(file);
  }
  bool is_linked(int file) override { return real_.is_linked(file); }
  // Whether the directory of that name has been synced since the last question.
  bool has_synced(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    const std::lock_guard lock(mutex_);
    return std::erase(synced_, status.st_ino) != 0;
  }
  int truncate(int file, std::uint64_t size) override {
    return fails(truncate_error) ? -1 : real_.truncate(file, size);
  }
  int unlink(int directory, const char* name) override {
    return fails(unlink_error) ? -1 : real_.unlink(directory, name);
  }
  void close(int file) override { real_.close(file); }

 private:
  std::mutex mutex_;
  std::vector<ino_t> synced_;  // directories

  static bool fails(const std::atomic<int>& error) {
    errno = error;
    return error != 0;
  }
  FileSystem& real_ = posix_file_system();
};

// All records of a directory's files, in their order, and the state of each file.
struct Contents {
  Outcome outcome;
  std::vector<std::uint64_t> numbers;
  std::vector<Record> records;
  std::vector<Scan> files;
  std::vector<FileName> names;
};

inline Contents contents(const std::string& path) {
  Contents out;
  Directory directory;
  out.outcome = directory.open(path);
  if (!out.outcome.is_ok()) return out;
  ReadingHooks hooks;
  hooks.records = [&](std::span<const Record> records) {
    for (const Record& one : records) {
      out.records.push_back(one);
      out.numbers.push_back(number_of(one));
    }
    return simdjwt_error{SIMDJWT_OK};
  };
  hooks.file = [&](const FileName& name, const Scan& scan) {
    out.files.push_back(scan);
    out.names.push_back(name);
    return Outcome{};
  };
  out.outcome = read_files(directory, {}, hooks);
  return out;
}

}  // namespace simdjwt::journal::test
