#include "time_text.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "json/json_number.h"

namespace simdjwt::cli {

std::int64_t wall_clock() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string date_text(std::int64_t seconds) {
  constexpr std::int64_t kYear0 = -62167219200;
  constexpr std::int64_t kYear9999 = 253402300799;
  if (seconds > kYear9999) return "after the year 9999";
  if (seconds < kYear0) return "before the year 0";
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u %02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer.data();
}

std::string duration_text(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t seconds;
    const char* name;
  };
  static constexpr std::array<Unit, 5> kUnits{{{31556952, "y"}, {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
  std::string out;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    out = std::to_string(seconds / kUnits[i].seconds) + " " + kUnits[i].name;
    const std::uint64_t rest = seconds % kUnits[i].seconds;
    if (i + 1 < kUnits.size() && rest >= kUnits[i + 1].seconds) {
      out += " " + std::to_string(rest / kUnits[i + 1].seconds) + " " + kUnits[i + 1].name;
    }
    return out;
  }
  return "0 s";
}

std::uint64_t distance(std::int64_t a, std::int64_t b) noexcept {
  // The subtraction of unsigned numbers wraps to the right distance even where the signed one would overflow.
  const auto ua = static_cast<std::uint64_t>(a);
  const auto ub = static_cast<std::uint64_t>(b);
  return a > b ? ua - ub : ub - ua;
}

std::string relative_text(std::int64_t seconds, std::int64_t now) {
  if (seconds == now) return "now";
  const std::string far = duration_text(distance(seconds, now));
  return seconds > now ? "in " + far : far + " ago";
}

std::string numeric_date_text(std::string_view json, std::int64_t now) {
  const auto number = parse_json_number(json);
  if (!number) return "";
  if (!number->fits) return number->floor < 0 ? "before all time" : "after all time";
  return date_text(number->floor) + ", " + relative_text(number->floor, now);
}

}  // namespace simdjwt::cli
