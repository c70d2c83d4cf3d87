// What every fuzzer shares: an invariant that aborts when it does not hold, and inputs with room after them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/padded_text.h"
#include "json/json_reader.h"

// Unlike assert() it is there in every build.
#define FUZZ_CHECK(condition)                                                             \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

namespace simdjwt::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// An empty input is no pointer to copy from.
inline PaddedText padded(std::string_view input) {
  return PaddedText(input, JsonReader::kPadding);
}

}  // namespace simdjwt::fuzz
