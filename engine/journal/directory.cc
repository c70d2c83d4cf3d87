#include "journal/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace simdjwt::journal {
namespace {

Outcome directory_failure(const std::string& what) {
  return system_failure(SIMDJWT_JOURNAL_DIRECTORY, what, errno);
}

// A name is on the disk when its parent is: also one that was there, for who made it may not have lived to sync it.
// Where the parent cannot be read, and the name was there, it is an operator's.
Outcome make_directory(const std::string& path, FileSystem& system) {
  const bool is_new = ::mkdir(path.c_str(), 0700) == 0;
  if (!is_new && errno != EEXIST) return directory_failure("make " + path);
  const Descriptor parent(::open((path + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!is_new && !parent.is_open() && errno == EACCES) return {};
  if (!parent.is_open() || system.sync_directory(parent.get()) != 0) {
    return directory_failure("sync the parent of " + path);
  }
  return {};
}

}  // namespace

Outcome Directory::open(const std::string& path) {
  path_ = path;
  directory_ = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory_.is_open() ? Outcome{} : directory_failure("open " + path);
}

Outcome Directory::open_and_lock(const std::string& path, FileSystem& system) {
  if (Outcome made = make_directory(path, system); !made.is_ok()) return made;
  if (Outcome opened = open(path); !opened.is_ok()) return opened;
  struct stat status {};
  if (::fstat(get(), &status) != 0) return directory_failure("stat " + path);
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return {SIMDJWT_JOURNAL_DIRECTORY, path + ": a directory that belongs to the user of this process, or to root"};
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return {SIMDJWT_JOURNAL_DIRECTORY, path + ": a directory that others cannot write to (chmod go-w)"};
  }
  if (::flock(get(), LOCK_EX | LOCK_NB) != 0) {
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
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(own.get()), ::closedir);
  if (listing == nullptr) return directory_failure("list " + path_);
  own.release();
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
