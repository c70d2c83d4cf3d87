// What a journal holds, file by file, for people and for programs.
//
// Ownership: values. Thread-safety: stateless. Cost: reads the whole journal.
#pragma once

#include <simdjwt/journal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "terminal.h"

namespace simdjwt::cli {

struct JournalStat {
  struct File {
    simdjwt_journal_file file;
    std::uint64_t live = 0;  // records that are remembered still
  };
  std::vector<File> files;
};

// simdjwt_journal_read; throws Failure. The reader's functions may end the reading.
void read_journal(const std::string& directory, const simdjwt_journal_reader& reader, std::uint8_t* key);

JournalStat read_stat(const std::string& directory, std::int64_t now);
std::string stat_text(const JournalStat& stat, std::int64_t now, const Style& style);
std::string stat_json(const JournalStat& stat);

}  // namespace simdjwt::cli
