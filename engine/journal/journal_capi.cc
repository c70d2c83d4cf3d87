// The C API of libsimdjwt_journal: translation, and the wall between exceptions and C.
#include <algorithm>
#include <chrono>
#include <exception>
#include <new>

#include "base/text_field.h"
#include "journal/reading.h"
#include "journal/recovery.h"
#include "journal/writer.h"
#include "simdjwt/journal.h"

struct simdjwt_journal {
  simdjwt::journal::Recovered recovered;
  std::uint64_t recovery_us = 0;
  std::unique_ptr<simdjwt::journal::Writer> writer;  // goes before the directory, whose lock it needs
};

namespace {

using namespace simdjwt::journal;
using simdjwt::copy_text;

constexpr std::string_view kPath = "replay.durability.directory";

bool knows_size(const simdjwt_diagnostic* diagnostic) noexcept {
  return diagnostic == nullptr || diagnostic->struct_size == sizeof(simdjwt_diagnostic);
}

simdjwt_error tell(simdjwt_diagnostic* diagnostic, simdjwt_error error, std::string_view path,
                   std::string_view expected) noexcept {
  if (diagnostic == nullptr) return error;
  diagnostic->error = error;
  diagnostic->offset = UINT32_MAX;
  copy_text(path, diagnostic->path);
  copy_text(expected, diagnostic->expected);
  return error;
}

// Runs `work`, which returns an Outcome, and lets nothing out.
template <typename Work>
simdjwt_error guarded(simdjwt_diagnostic* diagnostic, std::string_view path, const Work& work) noexcept {
  try {
    const Outcome outcome = work();
    return tell(diagnostic, outcome.error, outcome.is_ok() ? std::string_view{} : path, outcome.detail);
  } catch (const std::exception& failure) {
    // Memory, or a thread that the system does not give: a resource that ran out.
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, path, failure.what());
  } catch (...) {
    // Of a caller's function.
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, path, "functions that throw nothing");
  }
}

class ValidatorStore : public RecoveryTarget {
 public:
  ValidatorStore(simdjwt_validator* validator, std::int64_t now, const simdjwt_journal_progress* progress)
      : validator_(validator), now_(now), progress_(progress) {}

  simdjwt_error key(Key& key, bool& is_set) override {
    uint32_t set = 0;
    const simdjwt_error error = simdjwt_replay_key(validator_, key.data(), &set);
    is_set = set != 0;
    return error;
  }
  simdjwt_error set_key(const Key& key) override { return simdjwt_replay_set_key(validator_, key.data()); }
  simdjwt_error load(std::span<const Record> records, std::uint64_t& loaded) override {
    std::uint64_t some = 0;
    const simdjwt_error error =
        simdjwt_replay_load(validator_, records.data(), static_cast<uint32_t>(records.size()), now_, &some);
    loaded += some;
    return error;
  }
  void progress(std::uint64_t read, std::uint64_t total) override {
    if (progress_ != nullptr && progress_->report != nullptr) progress_->report(progress_->context, read, total);
  }

 private:
  simdjwt_validator* validator_;
  std::int64_t now_;
  const simdjwt_journal_progress* progress_;
};

void commit(void* context, const simdjwt_replay_record* records, uint32_t count, simdjwt_error* errors) {
  static_cast<Writer*>(context)->commit(records, count, errors);
}

Outcome open_journal(simdjwt_validator* validator, const simdjwt_replay_policy& policy, std::int64_t now,
                     const simdjwt_journal_progress* progress, simdjwt_journal& journal) {
  const auto begin = std::chrono::steady_clock::now();
  ValidatorStore store(validator, now, progress);
  const std::string path(policy.directory.data, policy.directory.size);
  Outcome recovered = recover(path, policy.max_retention_s, posix_file_system(), store, journal.recovered);
  if (!recovered.is_ok()) return recovered;
  WriterOptions options;
  options.is_strict = policy.durability == SIMDJWT_DURABILITY_STRICT;
  options.interval = std::chrono::milliseconds(policy.interval_ms);
  journal.writer = std::make_unique<Writer>(options, std::move(journal.recovered.files), now);
  journal.writer->expire(now);
  const auto stage = simdjwt_replay_stage{sizeof(simdjwt_replay_stage), 0, journal.writer.get(), commit};
  if (const simdjwt_error error = simdjwt_replay_attach(validator, SIMDJWT_REPLAY_JOURNAL, &stage);
      error != SIMDJWT_OK) {
    return {error, "a validator without a journal"};
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  journal.recovery_us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return {};
}

simdjwt_journal_file describe(const FileName& name, const Scan& scan) {
  simdjwt_journal_file file{};
  file.struct_size = sizeof file;
  file.state = scan.state == Scan::State::whole ? 0 : scan.state == Scan::State::damaged ? 2 : 1;
  file.bytes = scan.bytes;
  file.records = scan.records;
  file.torn_bytes = scan.torn_bytes();
  file.first_forget_at = scan.first_forget_at;
  file.last_forget_at = scan.last_forget_at;
  copy_text(file_name(name), file.name);
  return file;
}

// What a reader's function answers when it has seen enough.
constexpr simdjwt_error kEnough = SIMDJWT_NOT_FOUND;

simdjwt_error enough_if(bool is_enough) noexcept {
  return is_enough ? kEnough : simdjwt_error{SIMDJWT_OK};
}

Outcome read_journal(const std::string& path, const simdjwt_journal_reader& reader, uint8_t* key) {
  Directory directory;
  if (Outcome opened = directory.open(path); !opened.is_ok()) return opened;
  std::optional<std::uint64_t> check;
  if (key != nullptr) {
    std::optional<Key> found;
    if (Outcome read = directory.read_key(found); !read.is_ok()) return read;
    if (!found) return {SIMDJWT_JOURNAL_KEY, path + ": a journal's directory, which has a key"};
    std::copy(found->begin(), found->end(), key);
    check = key_check(*found);
  }
  ReadingHooks hooks;
  if (reader.records != nullptr) {
    hooks.records = [&](std::span<const Record> records) {
      const auto count = static_cast<uint32_t>(records.size());
      return enough_if(reader.records(reader.context, records.data(), count) != 0);
    };
  }
  hooks.file = [&](const FileName& name, const Scan& scan) {
    const simdjwt_journal_file file = describe(name, scan);
    return Outcome{enough_if(reader.file != nullptr && reader.file(reader.context, &file) != 0), {}};
  };
  Outcome outcome = read_files(directory, check, hooks);
  return outcome.error == kEnough ? Outcome{} : outcome;
}

}  // namespace

simdjwt_error simdjwt_journal_open(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, int64_t now,
                                   const simdjwt_journal_progress* progress, simdjwt_journal** out,
                                   simdjwt_diagnostic* diagnostic) noexcept {
  if (!knows_size(diagnostic)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (progress != nullptr && progress->struct_size != sizeof *progress) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (validator == nullptr || ruleset == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  simdjwt_replay_policy policy{};
  policy.struct_size = sizeof policy;
  if (const simdjwt_error error = simdjwt_ruleset_replay(ruleset, &policy); error != SIMDJWT_OK) return error;
  if (policy.enabled == 0 || policy.durability == SIMDJWT_DURABILITY_NONE) return SIMDJWT_NOT_FOUND;
  return guarded(diagnostic, kPath, [&] {
    auto journal = std::make_unique<simdjwt_journal>();
    Outcome opened = open_journal(validator, policy, now, progress, *journal);
    if (opened.is_ok()) *out = journal.release();
    return opened;
  });
}

void simdjwt_journal_free(simdjwt_journal* journal) noexcept {
  delete journal;
}

simdjwt_error simdjwt_journal_stats_of(const simdjwt_journal* journal, simdjwt_journal_stats* stats) noexcept {
  if (journal == nullptr || stats == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (stats->struct_size != sizeof *stats) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  const WriterStats now = journal->writer->stats();
  stats->last_error = 0;
  if (now.is_failing) stats->last_error = SIMDJWT_JOURNAL_WRITE;
  stats->records = now.records;
  stats->recovered = journal->recovered.records;
  stats->cut_bytes = journal->recovered.cut_bytes;
  stats->recovery_us = journal->recovery_us;
  stats->bytes = now.bytes;
  stats->syncs = now.syncs;
  stats->failures = now.failures;
  stats->refused = now.refused;
  stats->files = now.files;
  stats->last_errno = static_cast<uint32_t>(now.last_errno);
  stats->waiting = now.waiting;
  stats->damaged = journal->recovered.damaged_files;
  return SIMDJWT_OK;
}

void simdjwt_journal_expire(simdjwt_journal* journal, int64_t now) noexcept {
  if (journal != nullptr) journal->writer->expire(now);
}

simdjwt_error simdjwt_journal_read(const char* directory, uint64_t directory_size, const simdjwt_journal_reader* reader,
                                   uint8_t* key, simdjwt_diagnostic* diagnostic) noexcept {
  if (!knows_size(diagnostic)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (directory == nullptr || reader == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (reader->struct_size != sizeof *reader) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  return guarded(diagnostic, "", [&] {
    return read_journal(std::string(directory, static_cast<std::size_t>(directory_size)), *reader, key);
  });
}
