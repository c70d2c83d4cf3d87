#include "journal/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "journal/file_system.h"

namespace simdjwt::journal {
namespace {

constexpr const char* kLock = "lock";

Outcome directory_failure(const std::string& what) {
  return system_failure(SIMDJWT_JOURNAL_DIRECTORY, what, errno);
}

// The name of a new directory is on the disk when its parent is.
Outcome make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    return errno == EEXIST ? Outcome{} : directory_failure("make " + path);
  }
  const Descriptor parent(::open((path + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open() || ::fsync(parent.get()) != 0) return directory_failure("sync the parent of " + path);
  return {};
}

}  // namespace

Outcome Directory::open(const std::string& path) {
  path_ = path;
  directory_ = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory_.is_open() ? Outcome{} : directory_failure("open " + path);
}

Outcome Directory::open_and_lock(const std::string& path) {
  if (Outcome made = make_directory(path); !made.is_ok()) return made;
  if (Outcome opened = open(path); !opened.is_ok()) return opened;
  struct stat status {};
  if (::fstat(get(), &status) != 0) return directory_failure("stat " + path);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return {SIMDJWT_JOURNAL_DIRECTORY, path + ": a directory that others cannot write to (chmod go-w)"};
  }
  lock_ = Descriptor(::openat(get(), kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!lock_.is_open()) return directory_failure("open " + path + "/" + kLock);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return directory_failure("lock " + path);
    return {SIMDJWT_JOURNAL_IN_USE, path + ": a directory that no other process writes to"};
  }
  return {};
}

Outcome Directory::list(std::vector<FileName>& names) const {
  names.clear();
  // A descriptor of its own: where it stands in the directory is nobody else's.
  Descriptor own(::openat(get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own.is_open()) return directory_failure("open " + path_);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(::dup(own.get())), ::closedir);
  if (listing == nullptr) return directory_failure("list " + path_);
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(listing.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (!name.starts_with(kFilePrefix)) continue;
    const std::optional<FileName> parsed = parse_file_name(name);
    if (!parsed) return {SIMDJWT_JOURNAL_FORMAT, path_ + "/" + std::string(name) + ": a name of this version"};
    names.push_back(*parsed);
  }
  if (errno != 0) return directory_failure("list " + path_);
  std::ranges::sort(names);
  return {};
}

}  // namespace simdjwt::journal
