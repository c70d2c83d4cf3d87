// Writes one JSON value into a string: commas, quotes and escapes; the caller sees to the order of calls.
//
// Output is always valid UTF-8 and one line, whatever the strings hold. Ownership: the caller owns the string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simdjwt::cli {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  // A member; a missing text (data() == nullptr) leaves it out.
  JsonWriter& member(std::string_view name, std::string_view text);
  JsonWriter& member(std::string_view name, const char* text) { return member(name, std::string_view(text)); }
  JsonWriter& member(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& member_number(std::string_view name, std::int64_t value) { return key(name).number(value); }

 private:
  void separate();

  std::string& out_;
  bool comma_ = false;
};

}  // namespace simdjwt::cli
