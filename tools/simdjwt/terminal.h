// Colours, on a terminal only.
//
// NO_COLOR (no-color.org) and TERM=dumb turn them off. Thread-safety: immutable after construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simdjwt::cli {

class Style {
 public:
  explicit Style(bool colours) noexcept : colours_(colours) {}

  std::string good(std::string_view text) const { return paint("32;1", text); }
  std::string bad(std::string_view text) const { return paint("31;1", text); }
  std::string warning(std::string_view text) const { return paint("33;1", text); }
  std::string strong(std::string_view text) const { return paint("1", text); }
  std::string faint(std::string_view text) const { return paint("2", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const;

  bool colours_;
};

bool is_terminal(int fd) noexcept;

// The style for a file descriptor, standard output or standard error.
Style style_for(int fd);

// Writes to standard output at once; throws Failure when that is not possible.
void print(std::string_view text);

// A table: columns padded to their widest cell, two spaces between them; the first row is the head.
std::string table(const std::vector<std::vector<std::string>>& rows, const Style& style);

}  // namespace simdjwt::cli
