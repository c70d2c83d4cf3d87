#include "validator/header_cache.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace simdjwt {
namespace {

// Moves a view of `from` to the copy of it at `to`; false when it is a view of something else. A missing one stays missing.
bool rebase(std::string_view& view, std::string_view from, const char* to) noexcept {
  if (view.data() == nullptr) return true;
  const std::optional<std::size_t> at = offset_within(view, from);
  if (!at) return false;
  view = {to + *at, view.size()};
  return true;
}

}  // namespace

// Headers of one issuer differ where the kid stands, near the end or the middle: a few bytes of both choose the entry.
KnownHeader& HeaderCache::entry(std::string_view encoded) noexcept {
  std::uint64_t hash = encoded.size();
  if (encoded.size() >= 16) {
    std::uint64_t middle = 0, end = 0;
    std::memcpy(&middle, encoded.data() + encoded.size() / 2 - 4, sizeof(middle));
    std::memcpy(&end, encoded.data() + encoded.size() - 8, sizeof(end));
    hash += middle * 0x9e3779b97f4a7c15 ^ end;
  }
  return entries_[hash * 0x9e3779b97f4a7c15 >> 60];
}

KnownHeader* HeaderCache::find(std::string_view encoded, std::uint64_t generation) noexcept {
  static_assert(kEntries == 16, "four bits choose an entry");
  KnownHeader& known = entry(encoded);
  const bool same = known.generation_ == generation && known.encoded_size_ == encoded.size() &&
                    std::memcmp(known.encoded_.data(), encoded.data(), encoded.size()) == 0;
  if (!same) return nullptr;
  known.used_ = use_;
  return &known;
}

KnownHeader* HeaderCache::remember(std::string_view encoded, ByteView decoded, const JoseHeader& header,
                                   std::string_view json, std::uint64_t generation) noexcept {
  KnownHeader& known = entry(encoded);
  if (encoded.size() > known.encoded_.size() || decoded.size() > known.decoded_.size()) return nullptr;
  if (known.used_ == use_) return nullptr;
  JoseHeader moved = header;
  const std::string_view from = as_text(decoded);
  char* const to = known.decoded_.data();
  if (!rebase(moved.alg, from, to) || !rebase(moved.kid, from, to) || !rebase(moved.typ, from, to) ||
      !rebase(json, from, to)) {
    return nullptr;
  }
  std::copy(encoded.begin(), encoded.end(), known.encoded_.begin());
  std::copy(from.begin(), from.end(), known.decoded_.begin());
  known.encoded_size_ = static_cast<std::uint32_t>(encoded.size());
  known.header_ = moved;
  known.json_ = json;
  known.issuer_ = Ruleset::kNoIssuer;
  known.choice_ = {};
  known.generation_ = generation;
  known.used_ = use_;
  return &known;
}

}  // namespace simdjwt
