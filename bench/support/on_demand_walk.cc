#include "support/on_demand_walk.h"

#include <array>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace simdjwt::bench {
namespace {

namespace ondemand = simdjson::ondemand;

[[gnu::always_inline]] inline bool read_array(ondemand::value& value, std::int64_t& sum) {
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  for (auto element : array) {
    std::string_view text;
    if (element.get_string().get(text)) return false;
    sum += static_cast<std::int64_t>(text.size());
  }
  return true;
}

[[gnu::always_inline]] inline bool read_value(ondemand::value& value, std::int64_t& sum) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  if (type == ondemand::json_type::array) return read_array(value, sum);
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    sum += static_cast<std::int64_t>(text.size());
    return true;
  }
  std::int64_t number = 0;
  if (type != ondemand::json_type::number || value.get_int64().get(number)) return false;
  sum += number;
  return true;
}

}  // namespace

struct OnDemandWalk::Impl {
  explicit Impl(std::string_view json) : text(json) {}

  simdjson::padded_string text;
  ondemand::parser parser;
  std::array<std::string_view, 64> names;
};

OnDemandWalk::OnDemandWalk(std::string_view json) : impl_(std::make_unique<Impl>(json)) {}
OnDemandWalk::~OnDemandWalk() = default;

bool OnDemandWalk::read(std::int64_t& sum) {
  auto document = impl_->parser.iterate(impl_->text);
  ondemand::object object;
  if (document.get_object().get(object)) return false;
  auto& names = impl_->names;
  std::size_t count = 0;
  for (auto field : object) {
    std::string_view name;
    ondemand::value value;
    if (count == names.size() || field.unescaped_key().get(name) || field.value().get(value)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (names[i] == name) return false;
    }
    names[count++] = name;
    if (!read_value(value, sum)) return false;
  }
  // At the end there is nowhere to be any more.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace simdjwt::bench
