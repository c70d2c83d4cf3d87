#include "policy/replay_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "policy/replay_table.h"

namespace simdjwt {
namespace {

constexpr std::int64_t kNow = 1'760'000'000;
const KeyedHash128 kKey(KeyedHash128::Key{1, 2, 3});

Hash128 fingerprint(std::uint64_t number) {
  return kKey("jti", std::to_string(number));
}

ReplayRecord record(std::uint64_t number, std::int64_t forget_at = kNow + 300) {
  return {fingerprint(number), forget_at, 0};
}

ReplayStore::Config config(std::uint64_t bytes = ReplayStore::kMinBytes, std::uint32_t quota = 100) {
  return {bytes, 86400, quota};
}

class ReplayStoreTest : public ::testing::Test {
 protected:
  Error consume(const ReplayRecord& record, std::int64_t now = kNow, std::uint32_t account = 0) {
    return store_.consume(record, account, now, 0);
  }
  ReplayStore store_{config(), kKey};
};

TEST_F(ReplayStoreTest, AUseIsAcceptedOnce) {
  EXPECT_TRUE(store_.empty());
  EXPECT_EQ(consume(record(1)), Error::ok);
  EXPECT_FALSE(store_.empty());
  EXPECT_EQ(consume(record(1)), Error::token_replayed);
  EXPECT_EQ(consume(record(2)), Error::ok);
  EXPECT_EQ(consume(record(1), kNow + 299), Error::token_replayed);
  const ReplayStore::Stats stats = store_.stats();
  EXPECT_EQ(stats.consumed, 2u);
  EXPECT_EQ(stats.replayed, 2u);
}

// One bit of difference, wherever it is, is another token.
TEST_F(ReplayStoreTest, FingerprintsAreComparedWhole) {
  ASSERT_EQ(consume(record(1)), Error::ok);
  for (unsigned bit = 0; bit < 72; ++bit) {
    ReplayRecord other = record(1);
    (bit < 64 ? other.fingerprint.low : other.fingerprint.high) ^= std::uint64_t{1} << bit % 64;
    EXPECT_EQ(store_.check(other, kNow, 0), Error::ok) << bit;
  }
}

TEST_F(ReplayStoreTest, CheckRecordsNothing) {
  EXPECT_EQ(store_.check(record(1), kNow, 0), Error::ok);
  EXPECT_EQ(store_.check(record(1), kNow, 0), Error::ok);
  EXPECT_TRUE(store_.empty());
  ASSERT_EQ(consume(record(1)), Error::ok);
  EXPECT_EQ(store_.check(record(1), kNow, 0), Error::token_replayed);
}

TEST_F(ReplayStoreTest, WhatNeedNotBeRememberedIsRefused) {
  EXPECT_EQ(consume(record(1, kNow)), Error::store_forgot);
  EXPECT_EQ(consume(record(1, kNow - 1)), Error::store_forgot);
  EXPECT_EQ(store_.check(record(1, kNow), kNow, 0), Error::store_forgot);
  EXPECT_EQ(consume(record(1, -5), -10), Error::store_forgot) << "there is no time before 1970";
  EXPECT_EQ(consume(record(1, kNow + 1)), Error::ok);
}

// Beyond 2106 nothing can be remembered: refused from then on, and remembered until then.
TEST_F(ReplayStoreTest, TheEndOfTimeIsClosed) {
  constexpr std::int64_t kEnd = 4'294'967'295;
  EXPECT_EQ(consume(record(1, kEnd + 1'000'000), kEnd - 10), Error::ok);
  EXPECT_EQ(consume(record(1, kEnd + 1'000'000), kEnd - 1), Error::token_replayed);
  EXPECT_EQ(consume(record(1, kEnd + 1'000'000), kEnd), Error::store_forgot);
  EXPECT_EQ(consume(record(2, INT64_MAX), kEnd + 5), Error::store_forgot);
  EXPECT_EQ(consume(record(3, INT64_MAX), INT64_MIN), Error::ok);
  EXPECT_EQ(consume(record(3, INT64_MAX), INT64_MIN), Error::token_replayed);
}

TEST_F(ReplayStoreTest, UndoTakesBackExactlyThatUse) {
  ASSERT_EQ(consume(record(1)), Error::ok);
  store_.undo(record(1, kNow + 301), 0);
  store_.undo(record(1, kNow + 299), 0);
  store_.undo(record(2), 0);
  EXPECT_EQ(consume(record(1)), Error::token_replayed);
  store_.undo(record(1), 0);
  EXPECT_EQ(store_.stats().entries, 0u);
  EXPECT_EQ(consume(record(1)), Error::ok);
  EXPECT_EQ(consume(record(1)), Error::token_replayed);
}

TEST_F(ReplayStoreTest, UndoWorksInTheSpillToo) {
  const std::uint64_t count = store_.capacity();
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(consume(record(i)), Error::ok);
  ASSERT_GT(store_.stats().spilled, count / 20);
  for (std::uint64_t i = 0; i < count; ++i) store_.undo(record(i), 0);
  EXPECT_EQ(store_.stats().entries, 0u);
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(consume(record(i)), Error::ok);
}

// The place of a token that has expired is taken by others; nothing else makes room.
TEST_F(ReplayStoreTest, FullMeansRefusedUntilTimeMakesRoom) {
  std::uint64_t accepted = 0, refused = 0;
  for (std::uint64_t i = 0; i < 2 * store_.capacity(); ++i) {
    const Error error = consume(record(i));
    ASSERT_TRUE(error == Error::ok || error == Error::store_full);
    (error == Error::ok ? accepted : refused) += 1;
    if (error == Error::store_full) {
      ASSERT_EQ(store_.check(record(i), kNow, 0), Error::store_full);
    }
  }
  EXPECT_GE(accepted, store_.capacity());
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(store_.stats().refused_full, 2 * refused);
  EXPECT_EQ(store_.stats().entries, accepted);
  for (std::uint64_t i = 0; i < store_.capacity(); ++i) ASSERT_EQ(consume(record(i)), Error::token_replayed);
  for (std::uint64_t i = 0; i < store_.capacity(); ++i) {
    ASSERT_EQ(consume(record(i, kNow + 900), kNow + 300), Error::ok);
  }
  EXPECT_EQ(store_.stats().entries, store_.capacity());
}

TEST_F(ReplayStoreTest, AStepBackDoesNotForgetWhatStandsThere) {
  ASSERT_EQ(consume(record(1)), Error::ok);
  EXPECT_EQ(store_.check(record(1, kNow + 301), kNow + 300, 0), Error::ok);
  EXPECT_EQ(consume(record(1), kNow - 3600), Error::token_replayed);
}

// What others were written over may have been used: refused until it would have expired.
TEST_F(ReplayStoreTest, AStepBackAcceptsNothingThatMayHaveBeenForgotten) {
  const std::uint64_t count = store_.capacity();
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(consume(record(i)), Error::ok);
  for (std::uint64_t i = 0; i < count; ++i) {
    ASSERT_EQ(consume(record(count + i, kNow + 3900), kNow + 3600), Error::ok);
  }
  std::uint64_t forgot = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Error error = consume(record(i));
    ASSERT_TRUE(error == Error::token_replayed || error == Error::store_forgot) << error_name(error);
    forgot += error == Error::store_forgot;
  }
  EXPECT_GT(forgot, count / 2);
  EXPECT_EQ(store_.stats().refused_forgot, forgot);
  // A token that lives longer than all that was forgotten is none of these.
  std::uint64_t fresh = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) fresh += consume(record(3 * count + i, kNow + 301)) == Error::ok;
  EXPECT_GT(fresh, 0u);
}

// Without a step of the clock nothing is ever taken for forgotten, and what is live is never lost.
TEST_F(ReplayStoreTest, RunsForDaysAtItsCapacity) {
  const std::uint64_t each = store_.capacity() / 10;
  std::uint64_t number = 0;
  for (std::int64_t minute = 0; minute < 2000; minute += 7) {
    const std::int64_t now = kNow + minute * 60;
    for (std::uint64_t i = 0; i < each; ++i) {
      ASSERT_EQ(consume(record(++number, now + 70 * 60), now), Error::ok);
    }
    const std::uint64_t old = number > 9 * each ? number - 9 * each : 1;
    ASSERT_EQ(store_.check(record(old, now + 70 * 60), now, 0), Error::token_replayed);
  }
  const ReplayStore::Stats stats = store_.stats();
  EXPECT_EQ(stats.consumed, number);
  EXPECT_EQ(stats.refused_forgot, 0u);
  EXPECT_LT(static_cast<double>(stats.filter_false) / static_cast<double>(stats.filter_queries), 0.02);
}

TEST(ReplayStore, EveryEntryUpToItsCapacityFindsRoom) {
  std::uint64_t number = 0;
  for (const std::uint64_t bytes : {ReplayStore::kMinBytes, std::uint64_t{1'234'567}, std::uint64_t{4} << 20,
                                    std::uint64_t{16} << 20, std::uint64_t{64} << 20}) {
    for (int repeat = 0; repeat < (bytes < 8 << 20 ? 8 : 1); ++repeat) {
      ReplayStore store(config(bytes), kKey);
      for (std::uint64_t i = 0; i < store.capacity(); ++i) {
        ASSERT_EQ(store.consume(record(++number), 0, kNow, 0), Error::ok) << bytes << ": entry " << i;
      }
      const ReplayStore::Stats stats = store.stats();
      EXPECT_LE(stats.bytes, bytes);
      EXPECT_NEAR(static_cast<double>(stats.entries) / static_cast<double>(store.capacity()), 1, 0.02);
      EXPECT_LE(static_cast<double>(bytes) / static_cast<double>(store.capacity()), bytes < 16 << 20 ? 25 : 24);
      EXPECT_LT(static_cast<double>(stats.spilled), 0.065 * static_cast<double>(store.capacity()));
    }
  }
}

// However jtis are chosen, they fall on the buckets as chance has it: the sum of squares of a bucket's deviations is
// that of a Poisson variable, within six of its standard deviations. So do the spill's two places and the filter's
// lines, which the same bits choose.
TEST(ReplayStore, ChosenJtisDoNotCrowd) {
  const ReplayTable table(std::uint64_t{4} << 20, 86400);
  const KeyedHash128 hash = kKey.derive("https://issuer.example");
  const Hash128 first{0, 0}, last{UINT64_MAX, UINT64_MAX};
  const auto home_count = static_cast<std::uint64_t>(&table.home_of(last) - &table.home_of(first)) + 1;
  const auto spill_count = static_cast<std::uint64_t>(table.spill_of(last).first - table.spill_of(first).first) + 1;
  const std::vector<std::function<std::string(std::uint64_t)>> choices = {
      [](std::uint64_t i) { return std::to_string(i); },
      [](std::uint64_t i) { return std::string(i % 512, 'a') + std::to_string(i / 512); },
      [](std::uint64_t i) { return "00000000-0000-0000-0000-" + std::to_string(1'000'000'000'000 + i * 4096); },
      [](std::uint64_t i) {
        return std::string({'j', static_cast<char>(i), static_cast<char>(i >> 8), '\0', static_cast<char>(i >> 16)});
      }};
  for (std::size_t choice = 0; choice < choices.size(); ++choice) {
    std::map<const ReplayBucket*, double> homes, spills;
    const std::uint64_t count = home_count * 8;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Hash128 fingerprint = hash("", choices[choice](i));
      ++homes[&table.home_of(fingerprint)];
      ++spills[table.spill_of(fingerprint).first];
      ++spills[table.spill_of(fingerprint).second];
    }
    const auto chi_square = [](const std::map<const ReplayBucket*, double>& loads, std::uint64_t buckets, double sum) {
      const double mean = sum / static_cast<double>(buckets);
      double square = mean * static_cast<double>(buckets - loads.size());
      for (const auto& [bucket, load] : loads) square += (load - mean) * (load - mean) / mean;
      return (square - static_cast<double>(buckets)) / std::sqrt(2 * static_cast<double>(buckets));
    };
    EXPECT_LT(std::abs(chi_square(homes, home_count, static_cast<double>(count))), 6) << choice;
    EXPECT_LT(std::abs(chi_square(spills, spill_count, 2 * static_cast<double>(count))), 6) << choice;
  }
}

// Whoever holds a bucket is not waited for by who counts, and waits for nobody who does.
TEST(ReplayStore, CountingTakesNoBit) {
  const ReplayTable table(std::uint64_t{1} << 20, 86400);
  const ReplayBucket::Hold home(table.home_of({0, 0}));
  const ReplayBucket::Hold spill(*table.spill_of({0, 0}).first);
  EXPECT_EQ(table.entries(0), 0u);
}

// Three standard errors of the sample, in a store that is too large to be counted.
TEST(ReplayStore, CountsManyFromASample) {
  ReplayStore store(config(std::uint64_t{16} << 20), kKey);
  for (std::uint64_t i = 0; i < store.capacity() / 2; ++i) {
    ASSERT_EQ(store.consume(record(i, kNow + (i % 2 ? 300 : 100)), 0, kNow, 0), Error::ok);
  }
  const auto share = [&store] {
    return static_cast<double>(store.stats().entries) / static_cast<double>(store.capacity());
  };
  EXPECT_NEAR(share(), 0.5, 0.03);
  ASSERT_EQ(store.consume(record(store.capacity(), kNow + 300), 0, kNow + 100, 0), Error::ok);
  EXPECT_NEAR(share(), 0.25, 0.03);
}

// A use that may have been recorded for a shorter time, and forgotten: seen as long as it stands there.
TEST(ReplayStore, NoUseIsSureToBeRememberedLongerThanTheLeastOfItsIssuer) {
  ReplayStore store(config(), kKey);
  const ReplayIssuer more = store.issuer("a", 30), other = store.issuer("b", 30);
  const ReplaySurety surety{kNow, more.beyond}, of_other{kNow, other.beyond};
  const ReplayRecord once = record(1, kNow + 30);
  EXPECT_EQ(store.check(once, kNow + 29, 0, surety), Error::ok);
  EXPECT_EQ(store.issuer("a", 10).beyond, more.beyond);
  EXPECT_EQ(store.issuer("a", 20).beyond, more.beyond);
  EXPECT_EQ(store.issuer("a").beyond, more.beyond);
  EXPECT_EQ(store.check(once, kNow + 9, 0, surety), Error::ok);
  EXPECT_EQ(store.check(once, kNow + 10, 0, surety), Error::store_forgot);
  EXPECT_EQ(store.consume(once, 0, kNow + 10, 0, surety), Error::store_forgot);
  EXPECT_EQ(store.consume(once, 0, kNow + 10, 0, of_other), Error::ok);
  EXPECT_EQ(store.consume(once, 0, kNow + 10, 0, surety), Error::token_replayed);
  const ReplaySurety far{INT64_MAX - 5, more.beyond};
  EXPECT_EQ(store.check(record(2, INT64_MAX), kNow, 0, far), Error::ok);
  EXPECT_EQ(store.stats().refused_forgot, 2u);
}

TEST(ReplayStore, RefusesSizesOutsideItsBounds) {
  EXPECT_THROW(ReplayStore(config(ReplayStore::kMinBytes - 1), kKey), std::bad_alloc);
  EXPECT_THROW(ReplayStore(config(ReplayStore::kMaxBytes + 1), kKey), std::bad_alloc);
}

TEST(ReplayStore, AnIssuerIsTheSameEachTimeAndHasFingerprintsOfItsOwn) {
  ReplayStore store(config(ReplayStore::kMinBytes, 10), kKey), other(config(4 << 20, 20), kKey);
  const ReplayIssuer a = store.issuer("https://a.example"), b = store.issuer("https://b.example");
  EXPECT_EQ(store.issuer("https://a.example").account, a.account);
  EXPECT_NE(a.account, b.account);
  EXPECT_NE(a.id, b.id);
  EXPECT_NE(a.hash("", "jti"), b.hash("", "jti"));
  EXPECT_EQ(other.issuer("https://a.example").id, a.id);
  EXPECT_EQ(other.issuer("https://a.example").hash("", "jti"), a.hash("", "jti"));
  EXPECT_EQ(store.key().key(), kKey.key());
}

TEST(ReplayStore, LoadsAJournal) {
  ReplayStore store(config(), kKey);
  ASSERT_EQ(store.consume(record(1), 0, kNow, 0), Error::ok);
  const std::vector<ReplayRecord> records = {record(1), record(2), record(3, kNow), record(2), record(4, kNow + 1)};
  std::uint64_t loaded = 99;
  EXPECT_EQ(store.load(records.data(), records.size(), kNow, &loaded), Error::ok);
  EXPECT_EQ(loaded, 2u);
  for (const std::uint64_t number : {1, 2, 4}) EXPECT_EQ(store.check(record(number), kNow, 0), Error::token_replayed);
  EXPECT_EQ(store.check(record(3), kNow, 0), Error::ok);
  EXPECT_EQ(store.load(nullptr, 0, kNow, &loaded), Error::ok);
  EXPECT_EQ(loaded, 0u);
}

// A clock that is ahead when the journal is read, and goes back: what was passed over may have been used.
TEST(ReplayStore, WhatAJournalHeldIsNotResurrectedByAStepBack) {
  ReplayStore store(config(), kKey);
  const std::vector<ReplayRecord> records = {record(1, kNow + 60)};
  std::uint64_t loaded = 99;
  ASSERT_EQ(store.load(records.data(), records.size(), kNow + 3600, &loaded), Error::ok);
  EXPECT_EQ(loaded, 0u);
  EXPECT_EQ(store.consume(record(1, kNow + 60), 0, kNow, 0), Error::store_forgot);
  EXPECT_EQ(store.consume(record(1, kNow + 61), 0, kNow, 0), Error::ok);
}

// Of two records of one fingerprint the later time counts, in whatever order and place they are.
TEST(ReplayStore, LoadKeepsTheLaterTime) {
  ReplayStore store(config(), kKey);
  std::vector<ReplayRecord> records;
  std::uint64_t loaded = 0;
  for (std::uint64_t i = 0; i < store.capacity(); ++i) records.push_back(record(i));
  ASSERT_EQ(store.load(records.data(), records.size(), kNow, &loaded), Error::ok);
  EXPECT_EQ(loaded, store.capacity());
  for (ReplayRecord& one : records) one.forget_at += 50'000;
  ASSERT_EQ(store.load(records.data(), records.size(), kNow, &loaded), Error::ok);
  EXPECT_EQ(loaded, 0u);
  for (ReplayRecord& one : records) one.forget_at -= 49'000;
  ASSERT_EQ(store.load(records.data(), records.size(), kNow, &loaded), Error::ok);
  for (const ReplayRecord& one : records) {
    ASSERT_EQ(store.check({one.fingerprint, kNow + 50'300, 0}, kNow + 49'000, 0), Error::token_replayed);
  }
}

TEST(ReplayStore, SaysWhenAJournalDoesNotFit) {
  ReplayStore store(config(), kKey);
  std::vector<ReplayRecord> records;
  for (std::uint64_t i = 0; i < 2 * store.capacity(); ++i) records.push_back(record(i));
  std::uint64_t loaded = 0;
  EXPECT_EQ(store.load(records.data(), records.size(), kNow, &loaded), Error::store_full);
  EXPECT_GE(loaded, store.capacity());
  EXPECT_EQ(store.stats().entries, loaded);
}

// Whatever one issuer's tokens do, they take their share and the others find room.
TEST(ReplayStore, AQuotaLeavesRoomForOtherIssuers) {
  ReplayStore store(config(4 << 20, 50), kKey);
  const std::uint32_t attacker = store.issuer("attacker").account, victim = store.issuer("victim").account;
  const double capacity = static_cast<double>(store.capacity());
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < 3 * store.capacity(); ++i) {
    const Error error = store.consume(record(i), attacker, kNow, 0);
    ASSERT_TRUE(error == Error::ok || error == Error::store_quota) << error_name(error);
    accepted += error == Error::ok;
  }
  EXPECT_NEAR(static_cast<double>(accepted) / capacity, 0.5, 0.03);
  for (std::uint64_t i = 0; i < store.capacity() * 4 / 10; ++i) {
    ASSERT_EQ(store.consume(record((std::uint64_t{1} << 40) + i), victim, kNow, 0), Error::ok);
  }
  EXPECT_EQ(store.consume(record(0), attacker, kNow, 0), Error::token_replayed);
  // Its entries are forgotten, and it has room again.
  std::uint64_t again = 0;
  for (std::uint64_t i = 0; i < store.capacity(); ++i) {
    again += store.consume(record((std::uint64_t{1} << 41) + i, kNow + 700), attacker, kNow + 300, 0) == Error::ok;
  }
  EXPECT_NEAR(static_cast<double>(again) / capacity, 0.5, 0.03);
}

// However many of others have come and gone before.
TEST(ReplayStore, AQuotaCountsForDays) {
  ReplayStore store(config(ReplayStore::kMinBytes, 50), kKey);
  std::uint32_t account = 0;
  std::uint64_t number = 0;
  std::int64_t now = kNow;
  for (int turn = 0; turn < 20; ++turn, now += 300) {
    account = store.issuer(std::to_string(turn)).account;
    for (std::uint64_t i = 0; i < store.capacity() * 4 / 10; ++i) {
      ASSERT_EQ(store.consume(record(++number, now + 300), account, now, 0), Error::ok);
    }
  }
  std::uint64_t accepted = 0;
  account = store.issuer("last").account;
  for (std::uint64_t i = 0; i < store.capacity(); ++i) {
    accepted += store.consume(record(++number, now + 300), account, now, 0) == Error::ok;
  }
  EXPECT_NEAR(static_cast<double>(accepted) / static_cast<double>(store.capacity()), 0.5, 0.04);
}

TEST(ReplayStore, AnUndoGivesTheQuotaBack) {
  ReplayStore store(config(ReplayStore::kMinBytes, 10), kKey);
  const std::uint32_t account = store.issuer("a").account;
  for (std::uint64_t i = 0; i < store.capacity(); ++i) {
    ASSERT_EQ(store.consume(record(i), account, kNow, 0), Error::ok);
    store.undo(record(i), account);
  }
  EXPECT_EQ(store.stats().entries, 0u);
}

TEST(ReplayStore, ManyIssuersShareAnAccount) {
  ReplayStore store(config(16 << 20, 1), kKey);
  std::vector<std::uint32_t> accounts;
  for (int i = 0; i < 20'000; ++i) accounts.push_back(store.issuer("issuer " + std::to_string(i)).account);
  std::vector<std::uint32_t> distinct = accounts;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  EXPECT_NEAR(static_cast<double>(distinct.size()), 16385, 16);
  EXPECT_EQ(accounts[18'000], accounts[19'000]);
  EXPECT_EQ(store.issuer("issuer 5").account, accounts[5]);
  EXPECT_EQ(store.consume(record(1), accounts[19'000], kNow, 0), Error::ok);
}

}  // namespace
}  // namespace simdjwt
