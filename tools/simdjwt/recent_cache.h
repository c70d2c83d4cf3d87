// A small cache of what was used last, found by the bytes it was made from.
//
// Bounded in entries and in bytes of keys, except that the newest entry always stays. A search compares whole keys, in
// order of use: the usual hit is the first, and there are few. Ownership: owns keys and values; a pointer to a value
// lives until the next insert. Thread-safety: one thread.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace simdjwt::cli {

template <typename Value>
class RecentCache {
 public:
  RecentCache(std::size_t most_entries, std::size_t most_bytes)
      : most_entries_(most_entries), most_bytes_(most_bytes) {}

  Value* find(std::string_view key) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->first != key) continue;
      entries_.splice(entries_.begin(), entries_, entry);
      return &entries_.front().second;
    }
    return nullptr;
  }

  Value* insert(std::string_view key, Value value) {
    entries_.emplace_front(std::string(key), std::move(value));
    bytes_ += key.size();
    while (entries_.size() > 1 && (entries_.size() > most_entries_ || bytes_ > most_bytes_)) {
      bytes_ -= entries_.back().first.size();
      entries_.pop_back();
    }
    return &entries_.front().second;
  }

 private:
  std::size_t most_entries_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<std::pair<std::string, Value>> entries_;
};

}  // namespace simdjwt::cli
