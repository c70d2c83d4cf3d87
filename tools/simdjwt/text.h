// Text that may be shown: everything a token or file says is hostile until it has been through here.
//
// Terminals act on control characters, and bidirectional or invisible ones make a claim look like another; both are
// written as escapes. Ownership: results are owned strings. Thread-safety: stateless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simdjwt::cli {

inline constexpr std::uint32_t kNotUtf8 = 0xFFFFFFFFU;

// The code point at `position`, which moves past it; kNotUtf8, and one byte further, where there is none.
std::uint32_t next_code_point(std::string_view text, std::size_t& position) noexcept;

// A JSON string literal, safe on a terminal. Bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);

// The same escapes without the quotes, and " and \ as they are: for running text. Cut to `limit` bytes or so.
std::string printable(std::string_view text, std::size_t limit = 4096);

// "a, b, c", each quoted; after `most` of them "and 12 more".
std::string quote_list(const std::vector<std::string_view>& items, std::size_t most = 12);

// "1 key", "2 keys".
std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural);

// "1234567" as "1,234,567".
std::string grouped(std::uint64_t number);

// JSON text that is already valid, without the whitespace between its tokens.
std::string compact_json(std::string_view json);

}  // namespace simdjwt::cli
