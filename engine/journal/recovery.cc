#include "journal/recovery.h"

#include <cerrno>
#include <optional>

#include "journal/reading.h"

namespace simdjwt::journal {
namespace {

// The store asks memory for what comes, as far as it is told what that is: blocks may be of one record.
constexpr std::size_t kLoadAtOnce = 1 << 14;

// The journal's key becomes the store's; a new journal takes the store's key. A key that was set in the store before, a
// fleet's, has to be the journal's.
Outcome agree_on_key(const Directory& directory, RecoveryTarget& target, Key& key) {
  Key of_store{};
  bool is_set = false;
  if (const simdjwt_error error = target.key(of_store, is_set); error != SIMDJWT_OK) return {error, "a replay store"};
  std::optional<Key> own;
  if (Outcome read = directory.read_key(own); !read.is_ok()) return read;
  if (!own) {
    std::vector<FileName> names;
    if (Outcome listed = directory.list(names); !listed.is_ok()) return listed;
    if (!names.empty()) {
      return {SIMDJWT_JOURNAL_KEY, directory.path() + ": the key of the files that are there"};
    }
    key = of_store;
    return directory.write_key(key);
  }
  key = *own;
  if (of_store == key) return {};
  if (is_set) {
    return {SIMDJWT_JOURNAL_KEY, directory.path() + ": the key that the store has been given, the fleet's"};
  }
  if (const simdjwt_error error = target.set_key(key); error != SIMDJWT_OK) return {error, "a store without entries"};
  return {};
}

class Recovery {
 public:
  Recovery(FileSystem& system, RecoveryTarget& target, Recovered& out) : system_(system), target_(target), out_(out) {
    gathered_.reserve(kLoadAtOnce + kMaxBlockRecords);
  }

  Outcome run(std::uint64_t check) {
    ReadingHooks hooks;
    hooks.progress = [this](std::uint64_t read, std::uint64_t total) { target_.progress(read, total); };
    hooks.records = [this](std::span<const Record> records) {
      gathered_.insert(gathered_.end(), records.begin(), records.end());
      return gathered_.size() < kLoadAtOnce ? simdjwt_error{SIMDJWT_OK} : load_gathered();
    };
    hooks.file = [this](const FileName& name, const Scan& scan) { return take(name, scan); };
    if (Outcome read = read_files(*out_.directory, check, hooks); !read.is_ok()) return read;
    // Names too may be what an earlier process did not live to sync.
    if (system_.sync_directory(out_.directory->get()) == 0) return {};
    return system_failure(SIMDJWT_JOURNAL_WRITE, "sync " + out_.directory->path(), errno);
  }

 private:
  simdjwt_error load_gathered() {
    const simdjwt_error error = target_.load(gathered_, out_.records);
    gathered_.clear();
    return error;
  }

  Outcome take(const FileName& name, Scan scan) {
    const std::string text = file_name(name);
    const std::string path = out_.directory->path() + "/" + text;
    if (const simdjwt_error error = load_gathered(); error != SIMDJWT_OK) return {error, path};
    if (scan.state == Scan::State::unborn) {
      out_.cut_bytes += scan.bytes;
      if (system_.unlink(out_.directory->get(), text.c_str()) == 0) return {};
      return system_failure(SIMDJWT_JOURNAL_WRITE, "unlink " + path, errno);
    }
    const Descriptor file(system_.open_to_append(out_.directory->get(), text.c_str(), false));
    if (!file.is_open()) return system_failure(SIMDJWT_JOURNAL_WRITE, "open " + path, errno);
    if (scan.state == Scan::State::torn) {
      if (system_.truncate(file.get(), scan.good_end) != 0) {
        return system_failure(SIMDJWT_JOURNAL_WRITE, "cut the tail of " + path, errno);
      }
      out_.cut_bytes += scan.torn_bytes();
      scan.bytes = scan.good_end;
      scan.state = Scan::State::whole;
    }
    if (scan.state == Scan::State::damaged) ++out_.damaged_files;
    if (const int error = sync_data_of(system_, file.get()); error != 0) {
      return system_failure(SIMDJWT_JOURNAL_WRITE, "sync " + path, error);
    }
    out_.files->add(name, scan);
    return {};
  }

  FileSystem& system_;
  RecoveryTarget& target_;
  Recovered& out_;
  std::vector<Record> gathered_;
};

}  // namespace

Outcome recover(const std::string& path, std::int64_t max_retention_s, FileSystem& system, RecoveryTarget& target,
                Recovered& out) {
  out.directory = std::make_unique<Directory>();
  if (Outcome opened = out.directory->open_and_lock(path, system); !opened.is_ok()) return opened;
  Key key{};
  if (Outcome agreed = agree_on_key(*out.directory, target, key); !agreed.is_ok()) return agreed;
  out.files = std::make_unique<GenerationFiles>(system, out.directory->get(), generation_width(max_retention_s),
                                                key_check(key));
  return Recovery(system, target, out).run(key_check(key));
}

}  // namespace simdjwt::journal
