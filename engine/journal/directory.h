// A journal's directory: its lock, its key and the names of its files.
//
//   key                      the secret under which the records' fingerprints were made; nobody else may read it
//   uses.1.END.SEQUENCE      the records (format.h)
//
// The process that writes holds a lock (flock) on the directory itself: a file of its own could be removed, and be held
// by one process under its name and by another without.
//
// Ownership: owns its descriptor; the lock is held as long as the object lives. Thread-safety: const functions from
// any thread. Cost: system calls; making a key syncs twice.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journal/descriptor.h"
#include "journal/file_system.h"
#include "journal/format.h"
#include "journal/outcome.h"

namespace simdjwt::journal {

using Key = std::array<std::uint8_t, 16>;

// The text of a key's file and back; nothing when it is damaged.
std::string key_text(const Key& key);
std::optional<Key> parse_key(std::string_view text);

// A hash of a fixed text under the key: what files name their key by.
std::uint64_t key_check(const Key& key) noexcept;

class Directory {
 public:
  // An existing directory, to read.
  Outcome open(const std::string& path);
  // The same to write: made with mode 0700 when it is not there, its name on the disk, and locked. It belongs to the
  // effective user or to root, and others may not be able to write to it.
  Outcome open_and_lock(const std::string& path, FileSystem& system);

  int get() const noexcept { return directory_.get(); }
  const std::string& path() const noexcept { return path_; }

  // In order of time. SIMDJWT_JOURNAL_FORMAT when a name is of another version.
  Outcome list(std::vector<FileName>& names) const;

  // Nothing without a key's file. SIMDJWT_JOURNAL_KEY when it is damaged, others can read it, or it belongs to somebody
  // other than the effective user, root, and the owner of the directory.
  Outcome read_key(std::optional<Key>& key) const;
  // On the disk, with its name, when this returns. Only with the lock.
  Outcome write_key(const Key& key) const;

 private:
  std::string path_;
  Descriptor directory_;
};

}  // namespace simdjwt::journal
