#include "line_reader.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "failure.h"

namespace simdjwt::cli {
namespace {

// One page fault for 2 MiB of a long line instead of 512.
constexpr std::size_t kHugePage = std::size_t{2} << 20;

char* reserve(std::size_t size) {
  const std::size_t whole = (size + kHugePage - 1) / kHugePage * kHugePage;
  void* const bytes = std::aligned_alloc(kHugePage, whole);
  if (bytes == nullptr) throw std::bad_alloc();
  (void)madvise(bytes, whole, MADV_HUGEPAGE);
  return static_cast<char*>(bytes);
}

}  // namespace

LineReader::LineReader(int fd, std::size_t longest_line, std::size_t padding)
    : fd_(fd), longest_(longest_line), buffer_(reserve(longest_line + 1 + padding)) {}

// Reads more behind end_, after making room; false at the end of the input. One byte more than the longest line fits,
// so a line that fills the buffer is too long.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  const std::size_t capacity = longest_ + 1;
  for (;;) {
    const ssize_t got = ::read(fd_, buffer_.get() + end_, capacity - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Failure(std::string("standard input: ") + std::strerror(errno));
    end_ += static_cast<std::size_t>(got);
    return got > 0;
  }
}

LineReader::Status LineReader::skip_rest() {
  for (;;) {
    const auto* const newline = static_cast<const char*>(std::memchr(buffer_.get() + begin_, '\n', end_ - begin_));
    if (newline != nullptr) {
      begin_ = scanned_ = static_cast<std::size_t>(newline - buffer_.get()) + 1;
      return Status::too_long;
    }
    begin_ = scanned_ = end_ = 0;
    if (!fill()) {
      at_end_ = true;
      return Status::too_long;
    }
  }
}

LineReader::Status LineReader::next(std::string_view& line) {
  while (!at_end_) {
    const auto* const newline = static_cast<const char*>(std::memchr(buffer_.get() + scanned_, '\n', end_ - scanned_));
    if (newline != nullptr) {
      const auto at = static_cast<std::size_t>(newline - buffer_.get());
      line = {buffer_.get() + begin_, at - begin_};
      begin_ = scanned_ = at + 1;
      return line.size() > longest_ ? Status::too_long : Status::line;
    }
    scanned_ = end_;
    if (end_ - begin_ > longest_) return skip_rest();
    if (!fill()) at_end_ = true;
  }
  if (begin_ == end_) return Status::end;
  line = {buffer_.get() + begin_, end_ - begin_};
  begin_ = scanned_ = end_;
  return Status::line;
}

}  // namespace simdjwt::cli
