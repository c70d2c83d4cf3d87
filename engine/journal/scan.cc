#include "journal/scan.h"

#include <algorithm>
#include <cstring>

namespace simdjwt::journal {

Scanner::Scanner(std::size_t window) : window_(std::max(window, 2 * kMaxBlockBytes)) {
  records_.reserve(kMaxBlockRecords);
}

// Reads until `wanted` bytes wait, or none follow; false when the source fails.
bool Scanner::fill(const Source& source, std::size_t wanted, Scan& scan) {
  if (end_ - begin_ >= wanted || is_at_end_) return true;
  std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < wanted) {
    const std::int64_t got = source(window_.data() + end_, window_.size() - end_);
    if (got < 0) {
      scan.state = Scan::State::unreadable;
      scan.read_errno = static_cast<int>(-got);
      return false;
    }
    if (got == 0) {
      is_at_end_ = true;
      return true;
    }
    end_ += static_cast<std::size_t>(got);
    scan.bytes += static_cast<std::uint64_t>(got);
  }
  return true;
}

bool Scanner::is_zero_to_the_end(const Source& source, Scan& scan) {
  do {
    if (!std::ranges::all_of(unread(), [](std::uint8_t byte) { return byte == 0; })) return false;
    begin_ = end_;
    if (!fill(source, 1, scan)) return false;
  } while (begin_ != end_);
  return true;
}

// The header; false when there is nothing to read behind it.
bool Scanner::begin(const Source& source, Scan& scan) {
  begin_ = end_ = 0;
  is_at_end_ = false;
  if (!fill(source, kHeaderBytes, scan)) return false;
  if (unread().size() < kHeaderBytes) {
    scan.state = Scan::State::unborn;
    return false;
  }
  const HeaderState state = read_header(unread().data(), scan.header);
  if (state == HeaderState::good) {
    begin_ += kHeaderBytes;
    scan.good_end = kHeaderBytes;
    return true;
  }
  scan.header = {};
  scan.state = state == HeaderState::damaged ? Scan::State::bad_header : Scan::State::foreign;
  if (state == HeaderState::foreign && is_zero_to_the_end(source, scan)) scan.state = Scan::State::unborn;
  return false;
}

bool Scanner::deliver(const Block& block, const Sink& sink, Scan& scan) {
  records_.clear();
  std::int64_t first = scan.records == 0 ? INT64_MAX : scan.first_forget_at;
  std::int64_t last = scan.records == 0 ? INT64_MIN : scan.last_forget_at;
  for (std::uint32_t i = 0; i < block.count; ++i) {
    records_.push_back(record_of(block, i, scan.header));
    first = std::min(first, records_.back().forget_at);
    last = std::max(last, records_.back().forget_at);
  }
  scan.first_forget_at = first;
  scan.last_forget_at = last;
  scan.records += block.count;
  scan.next_block = block.number + 1;
  return sink(records_);
}

void Scanner::skip_to_magic() noexcept {
  ++begin_;
  const void* const found = std::memchr(window_.data() + begin_, kBlockMagic.front(), end_ - begin_);
  begin_ = found == nullptr ? end_ : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - window_.data());
}

// Whether what begins here is a block that may follow. A number that has been is a copy of a block that was read:
// damage, and nothing to learn from it. A number beyond all blocks that the file has room for is none.
bool Scanner::find_block(std::uint32_t seed, std::uint64_t size, Block& block, Scan& scan) noexcept {
  if (!read_head(unread(), block) || block.number < scan.next_block) return false;
  const std::uint64_t room = std::max(size, scan.bytes) / (kBlockHeaderBytes + kRecordBytes);
  if (block.number - scan.next_block > room) return false;
  if (is_good(block, seed)) return true;
  scan.wasted += block.bytes();
  return false;
}

Scan Scanner::scan(const Source& source, std::uint64_t size, const Accept& accept, const Sink& sink) {
  Scan scan;
  if (!begin(source, scan)) return scan;
  if (!accept(scan.header)) {
    scan.state = Scan::State::stopped;
    return scan;
  }
  const std::uint32_t seed = block_seed(scan.header);
  bool is_damaged = false;
  while (true) {
    if (!fill(source, kMaxBlockBytes, scan)) return scan;
    if (begin_ == end_) break;
    Block block;
    if (!find_block(seed, size, block, scan)) {
      if (scan.wasted > waste_limit(std::max(size, scan.bytes))) {
        scan.state = Scan::State::damaged;
        return scan;
      }
      skip_to_magic();
      continue;
    }
    const std::uint64_t at = scan.bytes - (end_ - begin_);
    is_damaged |= at != scan.good_end || block.number != scan.next_block;
    begin_ += block.bytes();
    scan.good_end = at + block.bytes();
    if (!deliver(block, sink, scan)) {
      scan.state = Scan::State::stopped;
      return scan;
    }
  }
  if (is_damaged) {
    scan.state = Scan::State::damaged;
  } else if (scan.good_end != scan.bytes) {
    scan.state = Scan::State::torn;
  }
  return scan;
}

}  // namespace simdjwt::journal
