// Lines from a file descriptor, each followed by readable padding, within a fixed bound of memory.
//
// Ownership: the reader owns the buffer; a line lives until the next call. Thread-safety: one thread.
// Cost: one read per buffer, O(n) in the bytes. Address space for the longest line is taken at once, memory as lines
// need it, so that no line is copied to make room.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace simdjwt::cli {

class LineReader {
 public:
  // `padding` bytes after a line are readable and may hold anything. Throws std::bad_alloc.
  LineReader(int fd, std::size_t longest_line, std::size_t padding);

  enum class Status { line, too_long, end };

  // The next line without its end. A line that is too long is read to its end and not kept. A last line without an end
  // counts. Throws Failure when reading fails.
  Status next(std::string_view& line);

 private:
  bool fill();
  Status skip_rest();

  struct Free {
    void operator()(char* bytes) const noexcept { std::free(bytes); }
  };

  int fd_;
  std::size_t longest_;
  std::unique_ptr<char[], Free> buffer_;  // longest_ + 1 bytes and the padding
  std::size_t begin_ = 0;                 // of the line
  std::size_t scanned_ = 0;               // no line end in [begin_, scanned_)
  std::size_t end_ = 0;                   // of what was read
  bool at_end_ = false;
};

}  // namespace simdjwt::cli
