// Reads all files of a journal's directory, in order of time: for recovery, and for whoever only looks.
//
// Ownership: the directory and the functions are the caller's. Thread-safety: one thread. Cost: as Scanner; 1 MiB.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "journal/directory.h"
#include "journal/scan.h"

namespace simdjwt::journal {

struct ReadingHooks {
  // May be empty. `total` is what the files held when reading began.
  std::function<void(std::uint64_t read, std::uint64_t total)> progress;
  // An error ends the reading and is its outcome.
  std::function<simdjwt_error(std::span<const Record> records)> records;
  // After a file.
  std::function<Outcome(const FileName& name, const Scan& scan)> file;
};

// Of files of another key than `check` (when there is one) SIMDJWT_JOURNAL_KEY; SIMDJWT_JOURNAL_FORMAT where a file is
// not one of the journal's, or says that it is another than its name does. A file that goes while it is read was past
// its time.
Outcome read_files(const Directory& directory, std::optional<std::uint64_t> check, const ReadingHooks& hooks);

}  // namespace simdjwt::journal
