// The files that a journal writes: one for each generation, appended to, synced, and unlinked when its time is past.
//
// append() is all or nothing to its caller. After a failure no file that it touched is written to again: a sync that
// failed may have dropped pages that the next one says are on the disk. The next append() begins a new file of the
// generation (docs/decisions/0018).
//
// Ownership: owns its descriptors; the file system and the directory outlive it. Thread-safety: one thread at a time.
// Cost: a write and a sync for each file that is written to; allocates for a new one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "journal/file_system.h"
#include "journal/format.h"
#include "journal/scan.h"

namespace simdjwt::journal {

class GenerationFiles {
 public:
  GenerationFiles(FileSystem& system, int directory, std::uint32_t width, std::uint64_t key_check);
  ~GenerationFiles();
  GenerationFiles(const GenerationFiles&) = delete;
  GenerationFiles& operator=(const GenerationFiles&) = delete;

  // A file that is there. It is appended to when it was read whole and is of this width.
  void add(const FileName& name, const Scan& scan);

  enum class Spread {
    by_generation,  // each record to the file that goes when the record may: a sync for each generation of the batch
    together,       // all to the file of the latest: one sync, and a file may hold records for longer than they need
  };

  // Writes the records, in an order of its own; 0 when they are on the disk, else an errno.
  int append(std::span<Record> records, Spread spread = Spread::by_generation);

  // Whether there is room for more than nothing and the disk answers: writes a file, syncs it and unlinks it. An errno.
  int probe();

  // Files of generations that ended at `time` or before go one by one: begin_expiring() closes the first one behind
  // `after`, which is never written to again; unlink(), which any thread may call, takes it from the disk (0 or an
  // errno); end_expiring() forgets it, or keeps it for another time.
  std::optional<FileName> begin_expiring(std::int64_t time, const FileName& after) noexcept;
  int unlink(const FileName& name) const noexcept;
  void end_expiring(const FileName& name, bool is_unlinked) noexcept;

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(files_.size()); }
  std::uint64_t syncs() const noexcept { return syncs_; }

 private:
  struct File {
    FileHeader header;
    std::uint32_t seed = 0;
    std::uint64_t bytes = 0;  // good and on the disk
    std::uint64_t next_block = 0;
    bool is_appendable = false;
    bool is_new = false;      // its name is not known to be on the disk
    bool is_going = false;    // somebody unlinks it
    bool is_strange = false;  // made by somebody else, under a name that was to be ours
    int descriptor = -1;
    // While append() is at work.
    bool is_touched = false;
    std::uint64_t new_bytes = 0;
  };
  using Files = std::map<FileName, File>;

  int append_to_touched(std::span<Record> records, Spread spread);
  int write_generation(std::int64_t end, std::span<const Record> records);
  int current(std::int64_t end, File*& file);
  int sync_touched();
  void keep_touched();
  void give_up_touched();

  FileSystem& system_;
  int directory_;
  std::uint32_t width_;
  std::uint64_t key_check_;
  Files files_;
  std::vector<File*> touched_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t bytes_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace simdjwt::journal
