// The verdict cache under threads: a cache so small that its memory is written again and again while it is read. Every
// record that is found is the asked token's, whole, and stays so until the reader unpins.
#include "validator/verdict_cache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "concurrency/storm.h"
#include "validator/pin.h"

namespace simdjwt {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// Tokens of 64 to 1,100 bytes; some of them differ in their first characters alone, so that they share a hash.
std::string token(std::uint64_t number) {
  std::string text = std::to_string(number) + "#";
  const std::uint64_t like = number / 3;
  text.resize(64 + mix(like) % 1000 + 36, static_cast<char>('a' + like % 26));
  for (std::size_t i = 40; i < text.size(); ++i) text[i] = static_cast<char>('a' + mix(like * 2048 + i) % 26);
  return text;
}

// Both ends of a record and all between are made from the token and a version: one word out of place shows.
void write_record(const std::string& text, std::uint64_t version, std::vector<std::uint64_t>& record) {
  record.resize(8 + version % 40);
  record[0] = version;
  for (std::size_t i = 1; i < record.size(); ++i) record[i] = mix(std::hash<std::string>()(text) ^ (version + i));
}

void check_record(const std::string& text, std::span<const std::byte> found, std::vector<std::uint64_t>& expected) {
  std::uint64_t version;
  std::memcpy(&version, found.data(), sizeof version);
  write_record(text, version, expected);
  ASSERT_EQ(found.size(), expected.size() * sizeof(std::uint64_t));
  ASSERT_EQ(std::memcmp(found.data(), expected.data(), found.size()), 0);
}

class VerdictCacheStorm : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kTokens = 600;  // three times what the small cache holds

  struct Worker {
    explicit Worker(const std::shared_ptr<EpochDomain>& domain, std::uint64_t seed) : slot(domain), state(seed) {}
    std::uint64_t random() { return mix(state += 0x9e3779b97f4a7c15); }
    // Often of a few, seldom of many.
    std::uint64_t pick() { return random() % 4 == 0 ? random() % kTokens : random() % 24; }
    EpochSlot slot;
    std::uint64_t state;
    std::uint64_t found = 0, admitted = 0;
    std::vector<std::uint64_t> words;
  };

  VerdictCacheStorm() {
    for (std::uint64_t i = 0; i < kTokens; ++i) tokens_.push_back(token(i));
  }

  void read(Worker& worker) {
    const Pin pin(worker.slot);
    ASSERT_TRUE(pin.held());
    const std::string& first = tokens_[worker.pick()];
    const auto record = cache_.find(first);
    for (int i = 0; i < 4; ++i) {
      const std::string& text = tokens_[worker.pick()];
      const std::uint64_t hash = cache_.hash(text);
      cache_.prefetch(hash);
      cache_.prefetch_entry(hash, text.size());
      const auto other = cache_.find(text, hash);
      if (!other.empty()) check_record(text, other, worker.words);
    }
    if (record.empty()) return;
    ++worker.found;
    check_record(first, record, worker.words);  // after all that others have written since
  }

  void insert(Worker& worker) {
    const Pin pin(worker.slot);
    const std::string& text = tokens_[worker.random() % kTokens];
    write_record(text, worker.random() % 1000, worker.words);
    worker.admitted += cache_.insert(text, std::as_bytes(std::span(worker.words)));
    if (worker.random() % 64 == 0) cache_.erase(tokens_[worker.random() % kTokens]);
  }

  std::shared_ptr<EpochDomain> domain_ = std::make_shared<EpochDomain>();
  VerdictCache cache_{VerdictCache::kMinBytes, *domain_};
  std::vector<std::string> tokens_;
  Worker a_{domain_, 1}, b_{domain_, 2}, c_{domain_, 3}, d_{domain_, 4};
};

TEST_F(VerdictCacheStorm, ReadersSeeWholeRecordsWhileMemoryIsWrittenAgain) {
  test::storm({[&] { read(a_); }, [&] { read(b_); }, [&] { insert(c_); }, [&] { insert(d_); }});
  EXPECT_GT(a_.found + b_.found, 0u);
  EXPECT_GT(c_.admitted + d_.admitted, 0u);
  EXPECT_GT(cache_.stats().evicted, 0u) << "or the segments did not go round";
  EXPECT_LE(cache_.stats().bytes, cache_.stats().capacity);
}

// As in a gateway: whoever does not find a token inserts it. Meanwhile others retire objects in the same domain.
TEST_F(VerdictCacheStorm, EveryThreadReadsAndInserts) {
  const auto use = [&](Worker& worker) {
    read(worker);
    if (worker.random() % 4 == 0) insert(worker);
  };
  test::storm({[&] { use(a_); }, [&] { use(b_); }, [&] { use(c_); },
               [&] {
                 domain_->reserve();
                 domain_->retire(std::make_shared<int>(1));
               },
               [&] {
                 const auto stats = cache_.stats();
                 ASSERT_LE(stats.bytes, stats.capacity);
                 EpochSlot visitor(domain_);
                 const Pin pin(visitor);
               }});
  EXPECT_GT(a_.found + b_.found + c_.found, 0u);
  EXPECT_GT(cache_.stats().evicted, 0u);
}

// A reader that stands still costs admissions, never what it reads; when it has gone, inserts are admitted again.
TEST_F(VerdictCacheStorm, AReaderThatStandsStillIsNotWrittenOver) {
  for (std::uint64_t i = 0; i < 50; ++i) insert(a_);
  std::vector<std::pair<const std::string*, std::span<const std::byte>>> held;
  ASSERT_TRUE(b_.slot.pin());
  for (const std::string& text : tokens_) {
    if (const auto record = cache_.find(text); !record.empty()) held.emplace_back(&text, record);
  }
  ASSERT_GT(held.size(), 10u);
  test::storm({[&] { insert(c_); }, [&] { insert(d_); }, [&] { read(a_); }});
  for (const auto& [text, record] : held) check_record(*text, record, b_.words);
  b_.slot.unpin();
  const std::uint64_t before = c_.admitted;
  for (int i = 0; i < 100; ++i) insert(c_);
  EXPECT_GT(c_.admitted, before + 50);
}

}  // namespace
}  // namespace simdjwt
