// Tells a person on a terminal how far the reading of a journal has come.
//
// Ownership: the hook refers to the object. Thread-safety: one thread. Cost: a line a few times a second.
#pragma once

#include <simdjwt/journal.h>

#include <cstdint>

namespace simdjwt::cli {

class JournalProgress {
 public:
  JournalProgress() noexcept;
  JournalProgress(const JournalProgress&) = delete;
  JournalProgress& operator=(const JournalProgress&) = delete;
  // Wipes the line.
  ~JournalProgress();

  // Null where standard error is no terminal.
  const simdjwt_journal_progress* hook() const noexcept { return is_shown_ ? &hook_ : nullptr; }
  void report(std::uint64_t read, std::uint64_t total);

 private:
  simdjwt_journal_progress hook_;
  bool is_shown_;
  bool has_written_ = false;
};

}  // namespace simdjwt::cli
