// Opens a journal to write: its lock, its key, and what it holds.
//
// Ownership: the result owns the directory and the files that are written on. Thread-safety: one thread. Cost: reads
// all files, and syncs them: what an earlier process wrote and did not live to sync is on the disk before it is relied
// on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "journal/directory.h"
#include "journal/generation_files.h"
#include "journal/outcome.h"

namespace simdjwt::journal {

// The store that records go to, and whose key the journal is about.
struct RecoveryTarget {
  virtual ~RecoveryTarget() = default;
  // The key of the store, and whether somebody has set it (a fleet).
  virtual simdjwt_error key(Key& key, bool& is_set) = 0;
  virtual simdjwt_error set_key(const Key& key) = 0;
  virtual simdjwt_error load(std::span<const Record> records, std::uint64_t& loaded) = 0;
  virtual void progress(std::uint64_t read, std::uint64_t total) = 0;
};

struct Recovered {
  std::unique_ptr<Directory> directory;
  std::unique_ptr<GenerationFiles> files;
  std::uint64_t records = 0;  // put into the store
  std::uint64_t cut_bytes = 0;
  std::uint32_t damaged_files = 0;
};

// SIMDJWT_JOURNAL_*; or what the target said, with the file's name.
Outcome recover(const std::string& path, std::int64_t max_retention_s, FileSystem& system, RecoveryTarget& target,
                Recovered& out);

}  // namespace simdjwt::journal
