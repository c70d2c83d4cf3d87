#include "support/json.h"

#include <cstring>

namespace simdjwt::test {

// The padding holds quotes and braces, not zeros: a reader that looks beyond its input is misled by them.
Document::Document(std::string_view text, const JsonLimits& limits)
    : size_(text.size()), buffer_(new char[text.size() + JsonReader::kPadding]), reader_(limits) {
  if (!text.empty()) std::memcpy(buffer_.get(), text.data(), text.size());
  for (std::size_t i = 0; i < JsonReader::kPadding; ++i) buffer_[size_ + i] = "\"}]1"[i % 4];
  result_ = reader_.read(this->text());
}

}  // namespace simdjwt::test
