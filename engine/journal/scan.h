// Reads one journal's file from its beginning to its end: every block that is whole and good, whatever stands between
// them.
//
// What follows the last good block is a torn tail: a write that a crash cut short. A gap before a good block is damage,
// which no crash makes; the blocks after it are found again by their magic, number and checksum. A file that somebody
// has filled with what looks like blocks costs some times its size: then the scan ends, and it is damaged.
//
// Ownership: the source and the sink are the caller's. Thread-safety: one thread a scanner. Cost: about a nanosecond a
// byte; 1 MiB of memory.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "journal/format.h"

namespace simdjwt::journal {

struct Scan {
  enum class State {
    whole,
    torn,
    damaged,
    unborn,  // shorter than a header, or nothing but zeros: a crash when it was made; no record was ever acknowledged
    bad_header,  // damaged: none of its blocks can be told from another file's
    foreign,     // another version, or no journal's file
    unreadable,  // read_errno
    stopped,     // by the caller's functions
  };

  State state = State::whole;
  FileHeader header;
  std::uint64_t bytes = 0;  // read
  std::uint64_t records = 0;
  std::uint64_t good_end = 0;    // where the last good block ends
  std::uint64_t next_block = 0;  // the number of the block that would follow
  std::uint64_t wasted = 0;      // bytes whose checksum was none of a block
  std::int64_t first_forget_at = SIMDJWT_NO_TIME;
  std::int64_t last_forget_at = SIMDJWT_NO_TIME;
  int read_errno = 0;

  std::uint64_t torn_bytes() const noexcept { return bytes - good_end; }
};

// How many bytes of a file of that size may be wasted.
inline std::uint64_t waste_limit(std::uint64_t size) noexcept {
  return 4 * size + 16 * kMaxBlockBytes;
}

class Scanner {
 public:
  // Up to `room` bytes: how many, 0 at the end, or the negative errno.
  using Source = std::function<std::int64_t(std::uint8_t* room, std::size_t size)>;
  // The records of one block; false ends the scan.
  using Sink = std::function<bool(std::span<const Record> records)>;

  // Whether the blocks behind this header are wanted.
  using Accept = std::function<bool(const FileHeader& header)>;

  explicit Scanner(std::size_t window = 1 << 20);

  // `size`: how much the source has, as far as is known. It may grow.
  Scan scan(const Source& source, std::uint64_t size, const Accept& accept, const Sink& sink);

 private:
  std::span<const std::uint8_t> unread() const noexcept { return {window_.data() + begin_, end_ - begin_}; }
  bool fill(const Source& source, std::size_t wanted, Scan& scan);
  bool begin(const Source& source, Scan& scan);
  bool is_zero_to_the_end(const Source& source, Scan& scan);
  bool deliver(const Block& block, const Sink& sink, Scan& scan);
  bool find_block(std::uint32_t seed, std::uint64_t size, Block& block, Scan& scan) noexcept;
  void skip_to_magic() noexcept;

  std::vector<std::uint8_t> window_;
  std::vector<Record> records_;
  std::size_t begin_ = 0, end_ = 0;  // of what has been read and not yet looked at
  bool is_at_end_ = false;
};

}  // namespace simdjwt::journal
