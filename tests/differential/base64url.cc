#include "differential/base64url.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string_view>

#include "codec/base64url.h"
#include "codec/base64url_alphabet.h"

namespace simdjwt::test {
namespace {

// Memory that ends where a page begins that may not be touched.
class Fenced {
 public:
  Fenced() : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    void* memory = ::mmap(nullptr, size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    begin_ = static_cast<std::uint8_t*>(memory);
    if (::mprotect(begin_ + page_, page_, PROT_NONE) != 0) throw std::runtime_error("mprotect");
  }
  ~Fenced() { ::munmap(begin_, size()); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;

  // The last `n` bytes before the fence.
  std::uint8_t* last(std::size_t n) const { return begin_ + page_ - n; }

 private:
  std::size_t size() const { return 2 * page_; }
  std::size_t page_;
  std::uint8_t* begin_;
};

class Differential {
 public:
  explicit Differential(const Base64Kernel& kernel) : kernel_(kernel) {}

  bool check(std::string_view text) {
    const std::size_t size = base64url_decoded_size(text.size());
    std::uint8_t* in = in_.last(text.size());
    std::copy(text.begin(), text.end(), in);
    std::uint8_t* out = out_.last(size);
    std::fill_n(out - kGuard, kGuard + size, kUntouched);
    const Base64Result expected = base64url_decode(kBase64Scalar, text, expected_);
    const Base64Result got = base64url_decode(kernel_, {reinterpret_cast<const char*>(in), text.size()}, out);
    if (got.error != expected.error || got.size != expected.size || got.position != expected.position) {
      return differ(text, "error " + std::to_string(static_cast<unsigned>(got.error)) + " at " +
                              std::to_string(got.position) + ", scalar: " +
                              std::to_string(static_cast<unsigned>(expected.error)) + " at " +
                              std::to_string(expected.position));
    }
    if (!std::equal(out, out + got.size, expected_)) return differ(text, "other bytes");
    if (std::any_of(out - kGuard, out, [](std::uint8_t byte) { return byte != kUntouched; })) {
      return differ(text, "bytes before the output are written");
    }
    // The same in the middle of memory, where the bytes after the output can be seen to stay.
    std::uint8_t* inner = out_.last(size + kGuard);
    std::fill_n(inner, size + kGuard, kUntouched);
    (void)base64url_decode(kernel_, {reinterpret_cast<const char*>(in), text.size()}, inner);
    if (std::any_of(inner + size, inner + size + kGuard, [](std::uint8_t byte) { return byte != kUntouched; })) {
      return differ(text, "bytes after the output are written");
    }
    return true;
  }

  const std::string& difference() const { return difference_; }

 private:
  static constexpr std::size_t kGuard = 80;  // more than a register
  static constexpr std::uint8_t kUntouched = 0xa5;

  bool differ(std::string_view text, const std::string& what) {
    difference_ = std::string(kernel_.name) + " on '" + std::string(text) + "': " + what;
    return false;
  }

  const Base64Kernel& kernel_;
  Fenced in_, out_;
  std::uint8_t expected_[1024];
  std::string difference_;
};

char any_character(std::mt19937& random) { return kBase64Alphabet[random() % 64]; }

std::string any_text(std::mt19937& random, std::size_t length) {
  std::string text(length, '\0');
  for (char& c : text) c = any_character(random);
  return text;
}

// Every length, with every trailing bit.
bool check_lengths(Differential& differential, std::mt19937& random) {
  for (std::size_t length = 0; length <= 700; ++length) {
    std::string text = any_text(random, length);
    if (length == 0) {
      if (!differential.check(text)) return false;
      continue;
    }
    for (const char last : kBase64Alphabet) {
      text.back() = last;
      if (!differential.check(text)) return false;
    }
  }
  return true;
}

// Every byte at every position, of lengths around the blocks of 4, 16, 32, 64 and 256 characters.
bool check_bytes(Differential& differential, std::mt19937& random) {
  for (const std::size_t length : {1u, 2u, 3u, 4u, 7u, 15u, 16u, 19u, 31u, 32u, 43u, 44u, 63u, 64u, 65u, 86u, 131u, 342u}) {
    std::string text = any_text(random, length);
    for (char& c : text) {
      const char good = c;
      for (int byte = 0; byte < 256; ++byte) {
        c = static_cast<char>(byte);
        if (!differential.check(text)) return false;
      }
      c = good;
    }
  }
  return true;
}

// One bad character at each position of every length, and two anywhere.
bool check_positions(Differential& differential, std::mt19937& random) {
  for (std::size_t length = 1; length <= 300; ++length) {
    std::string text = any_text(random, length);
    for (char& c : text) {
      const char good = c;
      c = "=+/.\0 \x7f\x80\xff\xad"[random() % 10];
      if (!differential.check(text)) return false;
      char& other = text[random() % length];
      const char other_good = other;
      other = '=';
      if (!differential.check(text)) return false;
      other = other_good;
      c = good;
    }
  }
  return true;
}

}  // namespace

std::string first_difference(const Base64Kernel& kernel) {
  Differential differential(kernel);
  std::mt19937 random(4648);
  (void)(check_lengths(differential, random) && check_bytes(differential, random) && check_positions(differential, random));
  return differential.difference();
}

}  // namespace simdjwt::test
