#include "json/json_structure.h"

#include <algorithm>
#include <new>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "json/json_reader.h"

namespace simdjwt {
namespace {

static_assert(JsonReader::kPadding >= simdjson::SIMDJSON_PADDING);

Error translate(simdjson::error_code code) noexcept {
  switch (code) {
    case simdjson::SUCCESS:
      return Error::ok;
    case simdjson::UTF8_ERROR:
      return Error::json_utf8;
    case simdjson::UNESCAPED_CHARS:
      return Error::json_string;
    case simdjson::UNCLOSED_STRING:
    case simdjson::EMPTY:
      return Error::json_end;
    default:
      return Error::json_syntax;
  }
}

}  // namespace

// The parser of the best instruction set that simdjson has found on this machine.
struct JsonStructure::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

JsonStructure::JsonStructure(std::uint32_t max_bytes) : impl_(std::make_unique<Impl>()) {
  // A depth of 1: that stack belongs to stage 2, which is not used.
  const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(
      std::max<std::size_t>(max_bytes, 64), 1, impl_->parser);
  if (code != simdjson::SUCCESS) throw std::bad_alloc();
}

JsonStructure::~JsonStructure() = default;
JsonStructure::JsonStructure(JsonStructure&&) noexcept = default;
JsonStructure& JsonStructure::operator=(JsonStructure&&) noexcept = default;

Error JsonStructure::find(std::string_view json) noexcept {
  if (json.empty()) return Error::json_end;
  const auto code = impl_->parser->stage1(reinterpret_cast<const std::uint8_t*>(json.data()), json.size(),
                                          simdjson::stage1_mode::regular);
  return translate(code);
}

std::span<const std::uint32_t> JsonStructure::positions() const noexcept {
  return {impl_->parser->structural_indexes.get(), impl_->parser->n_structural_indexes};
}

}  // namespace simdjwt
