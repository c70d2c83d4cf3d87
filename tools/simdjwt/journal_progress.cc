#include "journal_progress.h"

#include <unistd.h>

#include <cstdio>

#include "handles.h"
#include "terminal.h"

namespace simdjwt::cli {

JournalProgress::JournalProgress() noexcept
    : hook_(sized<simdjwt_journal_progress>()), is_shown_(is_terminal(STDERR_FILENO)) {
  hook_.context = this;
  hook_.report = [](void* context, std::uint64_t read, std::uint64_t total) {
    static_cast<JournalProgress*>(context)->report(read, total);
  };
}

JournalProgress::~JournalProgress() {
  if (has_written_) std::fputs("\r\033[K", stderr);
}

void JournalProgress::report(std::uint64_t read, std::uint64_t total) {
  const double megabyte = 1e6;
  const double percent = total == 0 ? 100.0 : 100.0 * static_cast<double>(read) / static_cast<double>(total);
  std::fprintf(stderr, "\rreading the journal: %.0f of %.0f MB, %.0f%%", static_cast<double>(read) / megabyte,
               static_cast<double>(total) / megabyte, percent);
  has_written_ = true;
}

}  // namespace simdjwt::cli
