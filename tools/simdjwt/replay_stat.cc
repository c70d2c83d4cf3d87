#include "replay_stat.h"

#include <unistd.h>

#include <cstdio>

#include "failure.h"
#include "handles.h"
#include "json_writer.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

class Reading {
 public:
  explicit Reading(std::int64_t now) : now_(now), is_shown_(is_terminal(STDERR_FILENO)) {}
  ~Reading() {
    if (is_shown_ && records_ != 0) std::fputs("\r\033[K", stderr);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void add(const simdjwt_replay_record* records, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) live_ += records[i].forget_at > now_ ? 1 : 0;
    constexpr std::uint64_t kTellEvery = 1 << 20;
    if (is_shown_ && records_ / kTellEvery != (records_ + count) / kTellEvery) {
      std::fprintf(stderr, "\r%s entries read", grouped(records_ + count).c_str());
    }
    records_ += count;
  }
  void end(const simdjwt_journal_file& file) {
    stat.files.push_back({file, live_});
    live_ = 0;
  }

  JournalStat stat;

 private:
  std::int64_t now_;
  bool is_shown_;
  std::uint64_t live_ = 0;
  std::uint64_t records_ = 0;
};

const char* state_name(const simdjwt_journal_file& file) {
  return file.state == 0 ? "whole" : file.state == 1 ? "torn" : "damaged";
}

struct Totals {
  std::uint64_t bytes = 0, records = 0, live = 0, torn = 0;
  std::uint32_t damaged = 0;
};

Totals totals_of(const JournalStat& stat) {
  Totals out;
  for (const auto& [file, live] : stat.files) {
    out.bytes += file.bytes;
    out.records += file.records;
    out.live += live;
    out.torn += file.torn_bytes;
    out.damaged += file.state == 2 ? 1 : 0;
  }
  return out;
}

std::string span_text(std::int64_t time) {
  return time == SIMDJWT_NO_TIME ? "-" : date_text(time);
}

std::int64_t signed_of(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

void read_journal(const std::string& directory, const simdjwt_journal_reader& reader, std::uint8_t* key) {
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_journal_read(directory.data(), directory.size(), &reader, key, &diagnostic);
  if (error != SIMDJWT_OK) throw document_failure("the journal", error, diagnostic);
}

JournalStat read_stat(const std::string& directory, std::int64_t now) {
  Reading reading(now);
  auto reader = sized<simdjwt_journal_reader>();
  reader.context = &reading;
  reader.file = [](void* context, const simdjwt_journal_file* file) {
    static_cast<Reading*>(context)->end(*file);
    return std::uint32_t{0};
  };
  reader.records = [](void* context, const simdjwt_replay_record* records, std::uint32_t count) {
    static_cast<Reading*>(context)->add(records, count);
    return std::uint32_t{0};
  };
  read_journal(directory, reader, nullptr);
  return std::move(reading.stat);
}

std::string stat_text(const JournalStat& stat, std::int64_t now, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"file", "state", "entries", "live", "bytes", "torn", "from", "until"}};
  for (const auto& [file, live] : stat.files) {
    rows.push_back({printable(file.name), state_name(file), grouped(file.records), grouped(live), grouped(file.bytes),
                    grouped(file.torn_bytes), span_text(file.first_forget_at), span_text(file.last_forget_at)});
  }
  const Totals totals = totals_of(stat);
  std::string out = table(rows, style) + count_of(stat.files.size(), "file", "files") + ", " +
                    count_of(totals.records, "entry", "entries") + ", " + grouped(totals.live) + " live at " +
                    date_text(now) + ", " + grouped(totals.bytes) + " bytes\n";
  if (totals.torn != 0) {
    out += style.warning("torn: ") + grouped(totals.torn) +
           " bytes behind the last good record; whoever opens the journal next cuts them, unless it is being written\n";
  }
  if (totals.damaged != 0) {
    out += style.bad("damaged: ") + count_of(totals.damaged, "file", "files") +
           "; what stood there may be accepted again\n";
  }
  return out;
}

std::string stat_json(const JournalStat& stat) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("files").begin_array();
  for (const auto& [file, live] : stat.files) {
    json.begin_object().member("name", file.name).member("state", state_name(file));
    json.member_number("entries", signed_of(file.records)).member_number("live", signed_of(live));
    json.member_number("bytes", signed_of(file.bytes)).member_number("torn_bytes", signed_of(file.torn_bytes));
    if (file.records != 0) {
      json.member_number("first_forget_at", file.first_forget_at).member_number("last_forget_at", file.last_forget_at);
    }
    json.end_object();
  }
  const Totals totals = totals_of(stat);
  json.end_array().member_number("entries", signed_of(totals.records)).member_number("live", signed_of(totals.live));
  json.member_number("bytes", signed_of(totals.bytes)).member_number("torn_bytes", signed_of(totals.torn));
  json.member_number("damaged", totals.damaged).end_object();
  return out + "\n";
}

}  // namespace simdjwt::cli
