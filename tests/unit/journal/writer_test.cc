#include "journal/writer.h"

#include <fcntl.h>
#include <signal.h>

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
  // Strict, and there is a file of an earlier process, whose generation ended then.
  void begin_with(std::int64_t end) {
    const FileHeader header{{end, 0}, 100, 42};
    std::vector<std::uint8_t> bytes;
    append_header(bytes, header);
    write_bytes(place_.path() + "/" + file_name(header.name), {bytes.begin(), bytes.end()});
    Scan scan;
    scan.header = header;
    scan.bytes = bytes.size();
    auto files = std::make_unique<GenerationFiles>(system_, descriptor_.get(), 100, 42);
    files->add(header.name, scan);
    WriterOptions options;
    options.is_strict = true;
    writer_ = std::make_unique<Writer>(options, std::move(files), kNow);
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
  begin_with(kNow - kKeepPast + 100);
  writer_->expire(kNow);
  EXPECT_EQ(writer_->stats().files, 1u);
  writer_->expire(kNow + 3600);
  EXPECT_EQ(writer_->stats().files, 0u);
  EXPECT_TRUE(contents(place_.path()).names.empty());
}

// Opened by a clock that was a day ahead and has been corrected: a use that is live proves it wrong.
TEST_F(JournalWriter, WhatALiveUseStandsInIsNeverUnlinked) {
  for (const bool is_strict : {true, false}) {
    begin(is_strict);  // at kNow, and the time is a day before
    const std::uint64_t first = is_strict ? 1 : 11;
    constexpr std::int64_t kRight = kNow - 86400;
    for (std::uint64_t i = 0; i < 3; ++i) {
      ASSERT_EQ(commit(first + i, kRight + 500 * static_cast<std::int64_t>(i + 1)), SIMDJWT_OK);
      wait_until([&](const WriterStats& stats) { return stats.records == i + 1; });
      writer_->expire(kNow);  // somebody who has not heard of the correction
    }
    writer_ = nullptr;
    const std::vector<std::uint64_t> there = numbers();
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(std::ranges::binary_search(there, first + i)) << first + i;
  }
}

TEST_F(JournalWriter, UnlinksByItselfWhatIsPast) {
  begin_with(kNow - kKeepPast - 100);
  for (std::uint64_t number = 1; number == 1 || writer_->stats().files != 1; ++number) {
    ASSERT_EQ(commit(number), SIMDJWT_OK);
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(contents(place_.path()).names, (std::vector<FileName>{{generation_end(kNow + 50, 100), 0}}));
}

TEST_F(JournalWriter, WhatCannotBeUnlinkedIsToldAndTriedAgain) {
  begin_with(100);
  system_.unlink_error = EROFS;
  writer_->expire(kNow);
  WriterStats stats = writer_->stats();
  EXPECT_EQ(stats.files, 1u);
  EXPECT_EQ(stats.failures, 1u);
  EXPECT_EQ(stats.last_errno, EROFS);
  EXPECT_FALSE(stats.is_failing);  // it can be written to
  system_.unlink_error = 0;
  writer_->expire(kNow);
  EXPECT_EQ(writer_->stats().files, 0u);
}

// Signals are for the threads of the program.
TEST_F(JournalWriter, ItsThreadTakesNoSignals) {
  begin(true);
  const std::string own = std::to_string(::getpid());  // of the main thread
  int others = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string status = read_bytes(task.path() / "status");
    const std::uint64_t blocked = std::stoull(status.substr(status.find("SigBlk:") + 7), nullptr, 16);
    const std::uint64_t kTerminate = std::uint64_t{1} << (SIGTERM - 1);
    if (task.path().filename() == own) {
      EXPECT_EQ(blocked & kTerminate, 0u);
    } else {
      EXPECT_EQ(blocked & kTerminate, kTerminate);
      ++others;
    }
  }
  EXPECT_GE(others, 1);
}

// A signal is no failure of the disk.
TEST_F(JournalWriter, ASyncThatASignalInterruptsIsAskedForOnceMore) {
  begin(true);
  system_.interrupts = 1;
  EXPECT_EQ(commit(1), SIMDJWT_OK);
  system_.interrupts = 2;
  EXPECT_EQ(commit(2), SIMDJWT_JOURNAL_WRITE);
  EXPECT_EQ(writer_->stats().last_errno, EINTR);
}

}  // namespace
}  // namespace simdjwt::journal::test
