// A JSON document that was read strictly, with the text it was read from.
//
// Ownership: owns text and nodes; moving it keeps views valid. Thread-safety: one thread. Off the hot path: allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_number.h"
#include "json/json_reader.h"

namespace simdjwt::cli {

inline constexpr std::size_t kMaxDocumentBytes = 16U << 20U;

class JsonDocument {
 public:
  // Reads `text`; look at error() before anything else.
  explicit JsonDocument(std::string_view text, DuplicateMembers duplicates = DuplicateMembers::reject);

  Error error() const noexcept { return result_.error; }
  bool ok() const noexcept { return result_.error == Error::ok; }
  std::uint32_t offset() const noexcept { return result_.offset; }
  std::string_view text() const noexcept { return std::string_view(*padded_).substr(0, size_); }

  std::span<const JsonNode> nodes() const noexcept { return reader_.nodes(); }

  // The member of the root, or of `object`, with this name; nullptr when missing, or when there is no such container.
  const JsonNode* find(std::string_view name) const noexcept;
  const JsonNode* find(const JsonNode* object, std::string_view name) const noexcept;

  // The children of a container, in order.
  std::vector<const JsonNode*> children(const JsonNode* container) const;
  std::vector<const JsonNode*> children() const;

 private:
  std::unique_ptr<std::string> padded_;  // on the heap: a short string that moves takes its bytes with it
  std::size_t size_;
  JsonReader reader_;
  JsonResult result_;
};

// The string elements of an array, or the one string itself; nothing for anything else.
std::vector<std::string_view> strings_of(const JsonDocument& document, const JsonNode* node);

// Whether `text` is exactly one JSON value, such as 1, "x" or [true].
bool is_json_value(std::string_view text);

}  // namespace simdjwt::cli
