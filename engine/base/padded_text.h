// A copy of a document with room after it for json/json_reader.h, wiped when it goes: it may hold HMAC keys.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>

#include "base/wipe.h"

namespace simdjwt {

class PaddedText {
 public:
  // Throws std::bad_alloc.
  PaddedText(std::string_view text, std::size_t padding)
      : size_(text.size()), capacity_(text.size() + padding), bytes_(new char[capacity_]()) {
    if (size_ != 0) std::memcpy(bytes_.get(), text.data(), size_);
  }
  ~PaddedText() { wipe(bytes_.get(), capacity_); }
  PaddedText(const PaddedText&) = delete;
  PaddedText& operator=(const PaddedText&) = delete;

  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace simdjwt
