// What the fields of an answer say about how long it is good and when to come back. Fields that came several times are
// given joined with commas (RFC 9110 §5.2).
//
// Thread-safety: pure functions. Cost: one pass, no allocation. RFC 9111 §4.2, §5.1, §5.2; RFC 9110 §8.8.3, §10.2.3.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace simdjwt::fetch {

// Larger numbers are this one (RFC 9111 §1.2.2).
inline constexpr std::chrono::seconds kMaxDeltaSeconds{std::int64_t{1} << 31};

// max-age less Age, never negative; nothing when Cache-Control says neither max-age, no-cache nor no-store. Of several
// max-age the smallest; one that is no number is 0, as are no-cache, its qualified form too, and no-store.
std::optional<std::chrono::seconds> remaining_age(std::string_view cache_control, std::string_view age);

// Seconds only: a date would need a clock that both sides agree on.
std::optional<std::chrono::seconds> retry_delay(std::string_view retry_after);

// An entity-tag, weak or strong, of at most 1 KiB: what may be sent back in If-None-Match.
bool is_entity_tag(std::string_view text);

}  // namespace simdjwt::fetch
