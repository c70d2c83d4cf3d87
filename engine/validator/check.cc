#include "validator/check.h"

namespace simdjwt {
namespace {

struct Row {
  std::string_view name;
  std::string_view text;
};

constexpr Row kRows[] = {
    {"none", ""},
#define SIMDJWT_X(name, text) {#name, text},
    SIMDJWT_CHECK_LIST(SIMDJWT_X)
#undef SIMDJWT_X
};

const Row& row(Check check) noexcept {
  const auto index = static_cast<std::size_t>(check);
  return index < std::size(kRows) ? kRows[index] : kRows[0];
}

}  // namespace

std::string_view check_name(Check check) noexcept { return row(check).name; }
std::string_view check_text(Check check) noexcept { return row(check).text; }

}  // namespace simdjwt
