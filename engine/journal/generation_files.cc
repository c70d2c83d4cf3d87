#include "journal/generation_files.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>

namespace simdjwt::journal {
namespace {

constexpr const char* kProbe = "probe";
constexpr std::size_t kProbeBytes = 64 << 10;
constexpr std::size_t kFlushBytes = 1 << 20;

}  // namespace

GenerationFiles::GenerationFiles(FileSystem& system, int directory, std::uint32_t width, std::uint64_t key_check)
    : system_(system), directory_(directory), width_(width), key_check_(key_check) {
  buffer_.reserve(kFlushBytes + kMaxBlockBytes);
}

GenerationFiles::~GenerationFiles() {
  for (auto& [name, file] : files_) {
    if (file.descriptor >= 0) system_.close(file.descriptor);
  }
}

void GenerationFiles::add(const FileName& name, const Scan& scan) {
  File file;
  file.header = scan.header;
  file.seed = block_seed(scan.header);
  file.bytes = scan.bytes;
  file.next_block = scan.next_block;
  file.is_appendable = scan.state == Scan::State::whole && scan.header.width == width_;
  bytes_ += file.bytes;
  files_.insert_or_assign(name, file);
}

// Whatever happens behind the catch takes no memory.
int GenerationFiles::append(std::span<Record> records, Spread spread) {
  int error = ENOMEM;
  try {
    error = append_to_touched(records, spread);
  } catch (const std::bad_alloc&) {
  }
  for (File* const file : touched_) file->is_touched = false;
  if (error == 0) {
    keep_touched();
  } else {
    give_up_touched();
  }
  touched_.clear();
  return error;
}

int GenerationFiles::append_to_touched(std::span<Record> records, Spread spread) {
  if (spread == Spread::together) {
    const Record& latest = *std::ranges::max_element(records, {}, &Record::forget_at);
    const int error = write_generation(generation_end(latest.forget_at, width_), records);
    return error != 0 ? error : sync_touched();
  }
  if (!std::ranges::is_sorted(records, {}, &Record::forget_at)) std::ranges::sort(records, {}, &Record::forget_at);
  while (!records.empty()) {
    const std::int64_t end = generation_end(records.front().forget_at, width_);
    const auto next = std::ranges::upper_bound(records, end, {}, &Record::forget_at);
    const auto count = static_cast<std::size_t>(next - records.begin());
    if (const int error = write_generation(end, records.first(count)); error != 0) return error;
    records = records.subspan(count);
  }
  return sync_touched();
}

int GenerationFiles::write_generation(std::int64_t end, std::span<const Record> records) {
  File* file = nullptr;
  if (const int error = current(end, file); error != 0) return error;
  buffer_.clear();
  if (file->bytes == 0) append_header(buffer_, file->header);
  while (!records.empty()) {
    const auto block = records.first(std::min<std::size_t>(records.size(), kMaxBlockRecords));
    records = records.subspan(block.size());
    append_block(buffer_, file->header, file->seed, file->next_block++, block);
    if (buffer_.size() < kFlushBytes && !records.empty()) continue;
    if (const int error = write_all(system_, file->descriptor, buffer_.data(), buffer_.size()); error != 0)
      return error;
    file->new_bytes += buffer_.size();
    buffer_.clear();
  }
  return 0;
}

// The file that the generation is written to, open, and made when there is none.
int GenerationFiles::current(std::int64_t end, File*& file) {
  touched_.reserve(touched_.size() + 1);  // may throw: before anything is changed
  FileName name{end, 0};
  // The last of the generation: the one before the first of any later one.
  const auto after = files_.upper_bound({end, std::numeric_limits<std::uint32_t>::max()});
  if (after != files_.begin() && std::prev(after)->first.end == end) {
    file = &std::prev(after)->second;
    name.sequence = std::prev(after)->first.sequence + 1;
    if (!file->is_appendable) file = nullptr;
  }
  if (file == nullptr) {
    file = &files_[name];
    file->header = {name, width_, key_check_};
    file->seed = block_seed(file->header);
    file->is_new = true;
  }
  if (!file->is_touched) {
    file->is_touched = true;
    file->new_bytes = 0;
    touched_.push_back(file);
  }
  if (file->descriptor < 0) {
    file->descriptor = system_.open_to_append(directory_, name_text(file->header.name).data(), file->is_new);
    if (file->descriptor < 0) {
      file->is_strange = file->is_new && errno == EEXIST;
      return errno;
    }
  }
  file->is_appendable = true;
  return 0;
}

int GenerationFiles::sync_touched() {
  bool has_new_name = false;
  for (const File* const file : touched_) {
    ++syncs_;
    if (const int error = sync_data_of(system_, file->descriptor); error != 0) return error;
    has_new_name |= file->is_new;
  }
  if (has_new_name && system_.sync_directory(directory_) != 0) return errno;
  // What somebody has removed is on no disk, whatever the sync says.
  for (const File* const file : touched_) {
    if (!system_.is_linked(file->descriptor)) return ENOENT;
  }
  return 0;
}

void GenerationFiles::keep_touched() {
  for (File* const file : touched_) {
    file->bytes += file->new_bytes;
    bytes_ += file->new_bytes;
    file->is_new = false;
  }
}

// What was written is cut off where the disk allows it; where it does not, checksums tell, or the records stand there
// unacknowledged: tokens that were refused and, after a restart, have been used.
void GenerationFiles::give_up_touched() {
  for (File* const file : touched_) {
    const FileName name = file->header.name;
    const bool was_open = file->descriptor >= 0;
    file->is_appendable = false;
    if (was_open) {
      if (!file->is_new) static_cast<void>(system_.truncate(file->descriptor, file->bytes));
      system_.close(file->descriptor);
      file->descriptor = -1;
    }
    // A new file goes, and its name is free again; a name that could not be freed, or was never ours, stays taken.
    if (!file->is_new || file->is_strange) continue;
    if (!was_open || unlink(name) == 0) files_.erase(name);
  }
}

int GenerationFiles::probe() {
  static_cast<void>(system_.unlink(directory_, kProbe));
  const int file = system_.open_to_append(directory_, kProbe, true);
  if (file < 0) return errno;
  buffer_.assign(kProbeBytes, 0);
  int error = write_all(system_, file, buffer_.data(), buffer_.size());
  if (error == 0) error = sync_data_of(system_, file);
  system_.close(file);
  static_cast<void>(system_.unlink(directory_, kProbe));
  return error;
}

std::optional<FileName> GenerationFiles::begin_expiring(std::int64_t time, const FileName& after) noexcept {
  for (auto next = files_.upper_bound(after); next != files_.end() && next->first.end <= time; ++next) {
    File& file = next->second;
    if (file.is_going) continue;
    if (file.descriptor >= 0) system_.close(file.descriptor);
    file.descriptor = -1;
    file.is_appendable = false;
    file.is_going = true;
    return next->first;
  }
  return std::nullopt;
}

int GenerationFiles::unlink(const FileName& name) const noexcept {
  return system_.unlink(directory_, name_text(name).data()) == 0 || errno == ENOENT ? 0 : errno;
}

void GenerationFiles::end_expiring(const FileName& name, bool is_unlinked) noexcept {
  const auto at = files_.find(name);
  if (at == files_.end()) return;
  at->second.is_going = false;
  if (!is_unlinked) return;
  bytes_ -= at->second.bytes;
  files_.erase(at);
}

}  // namespace simdjwt::journal
