// A JSON document that has been read, with the padding that json/json_reader.h asks for.
//
// Ownership: owns the text and the reader, so that nodes stay valid as long as the document.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "json/json_reader.h"

namespace simdjwt::test {

class Document {
 public:
  explicit Document(std::string_view text, const JsonLimits& limits = {});

  Error error() const { return result_.error; }
  std::uint32_t offset() const { return result_.offset; }
  std::string_view text() const { return {buffer_.get(), size_}; }
  std::span<const JsonNode> nodes() const { return reader_.nodes(); }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> buffer_;
  JsonReader reader_;
  JsonResult result_;
};

}  // namespace simdjwt::test
