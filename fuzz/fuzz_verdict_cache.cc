// The map behind the verdict cache, as a machine whose steps are read from the input, against std::map: it may forget
// and refuse, but what it finds is the last record that it admitted for exactly that token, and it keeps its bounds.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check.h"
#include "validator/pin.h"
#include "validator/verdict_cache.h"

namespace {

using namespace simdjwt;

constexpr TokenHash::Key kKey = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
                                 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
                                 0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f};

class Machine {
 public:
  void run(std::string_view steps) {
    for (; steps.size() >= 4; steps.remove_prefix(4)) step(steps);
    unpin();
    for (const auto& [token, record] : model_) check(token);
    const VerdictCache::Stats stats = cache_.stats();
    FUZZ_CHECK(stats.entries <= model_.size() && stats.bytes <= stats.capacity && stats.reserved <= kBytes);
    for (const auto& [token, record] : model_) cache_.erase(token);
    FUZZ_CHECK(cache_.stats().entries == 0 && cache_.stats().bytes == 0);
  }

 private:
  static constexpr std::size_t kBytes = VerdictCache::kMinBytes;

  // Four bytes: what to do, which token (and where it differs from one of the same hash), its size, the record's size.
  void step(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::string token = make_token(at(1), at(2));
    switch (at(0) % 8) {
      case 0:
      case 1:
      case 2:
        return insert(token, make_record(at(3)));
      case 3:
      case 4:
        return check(token);
      case 5:
        FUZZ_CHECK(!cache_.erase(token) || model_.contains(token));
        model_.erase(token);
        return;
      case 6:  // a run of inserts, so that the ring goes round
        for (unsigned i = 0; i <= at(3) % 64u; ++i) {
          insert(make_token(static_cast<std::uint8_t>(at(1) + i), at(2)), make_record(at(3)));
        }
        return;
      default:
        return slot_pinned_ ? unpin() : pin(token);
    }
  }

  // Sizes from 0 to 16 KiB, which no cache of this size admits.
  static std::string make_token(std::uint8_t number, std::uint8_t size) {
    std::string token(size < 200 ? std::size_t{size} * 8 : (std::size_t{size} - 199) * 300, 'e');
    for (std::size_t i = 0; i < token.size(); i += 97) token[i] = static_cast<char>('a' + number / 4 % 16);
    if (!token.empty()) token.back() = static_cast<char>('a' + number / 64);
    if (token.size() > 9) token[number % 4 * 3] = 'L';
    return token;
  }

  std::string make_record(std::uint8_t size) { return std::to_string(++version_) + std::string(size * 4, 'r'); }

  void insert(const std::string& token, const std::string& record) {
    const bool admitted = cache_.insert(token, std::as_bytes(std::span(record)));
    FUZZ_CHECK(!admitted || VerdictEntry::bytes(token.size(), record.size()) <= cache_.max_entry_bytes());
    if (admitted) model_[token] = record;
    const VerdictCache::Stats stats = cache_.stats();
    FUZZ_CHECK(stats.bytes <= stats.capacity);
    if (slot_pinned_) FUZZ_CHECK(held_ == text(held_view_));
    if (admitted) check(token);
    if (admitted) FUZZ_CHECK(found_);
  }

  void check(const std::string& token) {
    const Pin pin(reader_);
    const auto record = cache_.find(token, cache_.hash(token));
    found_ = !record.empty();
    if (found_) FUZZ_CHECK(model_.contains(token) && model_[token] == text(record));
  }

  // A reader that holds a record over the steps to come.
  void pin(const std::string& token) {
    FUZZ_CHECK(holder_.pin());
    slot_pinned_ = true;
    held_view_ = cache_.find(token);
    held_ = text(held_view_);
  }
  void unpin() {
    if (!slot_pinned_) return;
    FUZZ_CHECK(held_ == text(held_view_));
    holder_.unpin();
    slot_pinned_ = false;
  }

  static std::string_view text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::shared_ptr<EpochDomain> domain_ = std::make_shared<EpochDomain>();
  VerdictCache cache_{kBytes, *domain_, TokenHash(kKey)};
  std::map<std::string, std::string> model_;
  EpochSlot reader_{domain_}, holder_{domain_};
  bool slot_pinned_ = false;
  bool found_ = false;
  std::string held_;
  std::span<const std::byte> held_view_;
  unsigned version_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Machine().run(fuzz::text(data, std::min<std::size_t>(size, 1024)));
  return 0;
}
