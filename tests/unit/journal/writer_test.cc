#include "journal/writer.h"

#include <fcntl.h>

#include <thread>

#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

using namespace std::chrono_literals;

class JournalWriter : public testing::Test {
 protected:
  JournalWriter() : descriptor_(::open(place_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  void begin(bool is_strict, std::chrono::milliseconds interval = 1ms, std::uint32_t capacity = 1000) {
    WriterOptions options;
    options.is_strict = is_strict;
    options.interval = interval;
    options.capacity = capacity;
    options.min_retry = 1ms;
    options.max_retry = 4ms;
    writer_ =
        std::make_unique<Writer>(options, std::make_unique<GenerationFiles>(system_, descriptor_.get(), 100, 42), kNow);
  }
  simdjwt_error commit(std::uint64_t number, std::int64_t forget_at = kNow + 50) {
    const Record one = record(number, forget_at);
    simdjwt_error error = 12345;
    writer_->commit(&one, 1, &error);
    return error;
  }
  // Until it holds; ctest's time limit is what ends it when it never does.
  template <typename Condition>
  void wait_until(const Condition& condition) {
    while (!condition(writer_->stats())) std::this_thread::sleep_for(1ms);
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> found = contents(place_.path()).numbers;
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  FailingFileSystem system_;
  TemporaryDirectory place_;
  Descriptor descriptor_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(JournalWriter, StrictAnswersWhenItIsOnTheDisk) {
  begin(true);
  EXPECT_EQ(commit(1), SIMDJWT_OK);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  EXPECT_GE(system_.syncs, 1);
  const WriterStats stats = writer_->stats();
  EXPECT_EQ(stats.waiting, 0u);
  EXPECT_EQ(stats.files, 1u);
  EXPECT_GT(stats.bytes, 0u);
}

TEST_F(JournalWriter, StrictRefusesWhatIsNotOnTheDisk) {
  begin(true);
  ASSERT_EQ(commit(1), SIMDJWT_OK);
  system_.sync_error = EIO;
  EXPECT_EQ(commit(2), SIMDJWT_JOURNAL_WRITE);
  EXPECT_EQ(commit(3), SIMDJWT_JOURNAL_WRITE);
  EXPECT_TRUE(writer_->stats().is_failing);
  EXPECT_EQ(writer_->stats().last_errno, EIO);
  EXPECT_EQ(writer_->stats().refused, 2u);
  system_.sync_error = 0;
  wait_until([](const WriterStats& stats) { return !stats.is_failing; });  // by itself
  EXPECT_EQ(commit(2), SIMDJWT_OK);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalWriter, ABatchIsOneWrite) {
  begin(true);
  std::vector<Record> records;
  for (std::uint64_t i = 0; i < 64; ++i) records.push_back(record(i, kNow + 50));
  std::vector<simdjwt_error> errors(records.size(), 12345);
  writer_->commit(records.data(), static_cast<std::uint32_t>(records.size()), errors.data());
  EXPECT_EQ(errors, std::vector<simdjwt_error>(64, SIMDJWT_OK));
  EXPECT_EQ(system_.writes, 1);
  EXPECT_EQ(system_.syncs, 1);
}

TEST_F(JournalWriter, IntervalWritesByItself) {
  begin(false);
  EXPECT_EQ(commit(1), SIMDJWT_OK);
  wait_until([](const WriterStats& stats) { return stats.waiting == 0; });
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(commit(2), SIMDJWT_OK);
  wait_until([](const WriterStats& stats) { return stats.records == 2; });
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalWriter, WhatWaitsIsWrittenAtTheEnd) {
  begin(false, 60s);
  EXPECT_EQ(commit(1), SIMDJWT_OK);
  EXPECT_EQ(writer_->stats().waiting, 1u);
  EXPECT_TRUE(numbers().empty());
  writer_ = nullptr;
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
}

TEST_F(JournalWriter, AQueueThatFillsIsWrittenBeforeItsInterval) {
  begin(false, 60s, 100);
  for (std::uint64_t i = 0; i < 25; ++i) EXPECT_EQ(commit(i), SIMDJWT_OK);
  wait_until([](const WriterStats& stats) { return stats.records == 25; });
  EXPECT_EQ(numbers().size(), 25u);
}

TEST_F(JournalWriter, MoreThanMayWaitIsRefused) {
  begin(false, 60s, 100);
  std::vector<Record> records(101, record(1, kNow + 50));
  std::vector<simdjwt_error> errors(records.size(), 12345);
  writer_->commit(records.data(), 101, errors.data());
  EXPECT_EQ(errors, std::vector<simdjwt_error>(101, SIMDJWT_JOURNAL_WRITE));
  EXPECT_EQ(writer_->stats().refused, 101u);
}

// What was accepted before the disk failed is not forgotten, and nothing is accepted while it fails.
TEST_F(JournalWriter, IntervalKeepsWhatItAcceptedThroughAFailure) {
  begin(false);
  system_.room = 10;
  ASSERT_EQ(commit(1), SIMDJWT_OK);
  wait_until([](const WriterStats& stats) { return stats.is_failing; });
  EXPECT_EQ(commit(2), SIMDJWT_JOURNAL_WRITE);
  EXPECT_EQ(writer_->stats().last_errno, ENOSPC);
  EXPECT_EQ(writer_->stats().waiting, 1u);
  wait_until([](const WriterStats& stats) { return stats.failures >= 3; });  // tries again and again
  system_.room = SIZE_MAX;
  wait_until([](const WriterStats& stats) { return !stats.is_failing; });
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(commit(2), SIMDJWT_OK);
  writer_ = nullptr;
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalWriter, ADiskThatNeverComesBackDoesNotKeepTheProgramFromEnding) {
  begin(false);
  system_.write_error = EIO;
  ASSERT_EQ(commit(1), SIMDJWT_OK);
  wait_until([](const WriterStats& stats) { return stats.is_failing; });
  writer_ = nullptr;
  EXPECT_TRUE(numbers().empty());
}

// A clock that was an hour ahead and goes back finds everything still there.
TEST_F(JournalWriter, FilesAreKeptForTwoHoursAfterTheirTime) {
  begin(true);
  ASSERT_EQ(commit(1, kNow - kKeepPast + 150), SIMDJWT_OK);
  EXPECT_EQ(writer_->stats().files, 1u);
  writer_->expire(kNow);
  EXPECT_EQ(writer_->stats().files, 1u);
  writer_->expire(kNow + 3600);
  EXPECT_EQ(writer_->stats().files, 0u);
  EXPECT_TRUE(numbers().empty());
}

TEST_F(JournalWriter, UnlinksWhatIsPastWhenItWrites) {
  begin(true);
  ASSERT_EQ(commit(1, kNow - kKeepPast - 1000), SIMDJWT_OK);  // past already by the time that this opened with
  EXPECT_TRUE(numbers().empty());
  ASSERT_EQ(commit(2), SIMDJWT_OK);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{2}));
}

}  // namespace
}  // namespace simdjwt::journal::test
