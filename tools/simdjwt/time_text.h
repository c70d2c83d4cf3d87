// Times for people: NumericDate values as dates, and how far they are from now.
//
// Thread-safety: stateless. The clock is read by wall_clock alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simdjwt::cli {

// Seconds since 1970-01-01T00:00:00Z, now.
std::int64_t wall_clock() noexcept;

// "2023-11-14 22:13:20Z"; a time outside the years 0 to 9999 is said to be so.
std::string date_text(std::int64_t seconds);

// "2 h 3 min", "45 s", "3 d 4 h": the two largest units.
std::string duration_text(std::uint64_t seconds);

// "in 5 min", "3 h ago", "now".
std::string relative_text(std::int64_t seconds, std::int64_t now);

// The distance between two times, without overflow.
std::uint64_t distance(std::int64_t a, std::int64_t b) noexcept;

// "2023-11-14 22:13:20Z, 3 h ago" for the text of a JSON number; "" when it is not one.
std::string numeric_date_text(std::string_view json, std::int64_t now);

}  // namespace simdjwt::cli
