#include "journal/generation_files.h"

#include <fcntl.h>

#include "unit/journal/failing_new.h"
#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

constexpr std::uint32_t kWidth = 100;

class JournalFiles : public testing::Test {
 protected:
  JournalFiles() : descriptor_(::open(place_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) { begin(); }

  void begin() { files_ = std::make_unique<GenerationFiles>(system_, descriptor_.get(), kWidth, 42); }
  int append(std::vector<Record> records) { return files_->append(records); }
  void expire(std::int64_t time) {
    std::optional<FileName> name = FileName{-1, 0};
    while ((name = files_->begin_expiring(time, *name))) files_->end_expiring(*name, files_->unlink(*name) == 0);
  }
  void again() {
    files_ = nullptr;
    const Contents now = contents(place_.path());
    begin();
    for (std::size_t i = 0; i < now.files.size(); ++i) files_->add(now.names[i], now.files[i]);
  }

  FailingFileSystem system_;
  TemporaryDirectory place_;
  Descriptor descriptor_;
  std::unique_ptr<GenerationFiles> files_;
};

TEST_F(JournalFiles, OneFileForEachGeneration) {
  ASSERT_EQ(append({record(3, 250), record(1, 100), record(2, 101)}), 0);
  ASSERT_EQ(append({record(4, 300)}), 0);
  const Contents got = contents(place_.path());
  ASSERT_TRUE(got.outcome.is_ok()) << got.outcome.detail;
  EXPECT_EQ(got.names, (std::vector<FileName>{{100, 0}, {200, 0}, {300, 0}}));
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(files_->count(), 3u);
  std::uint64_t bytes = 0;
  for (const Scan& scan : got.files) bytes += scan.bytes;
  EXPECT_EQ(files_->bytes(), bytes);
  // A name is on the disk before its records count: the directory was synced for the new files, and not again.
  EXPECT_EQ(system_.directory_syncs, 1);
  EXPECT_EQ(files_->syncs(), 4u);
}

// What strict callers wait for is one sync; no record is in a file that goes before it may.
TEST_F(JournalFiles, ABatchThatIsWrittenTogetherIsOneSync) {
  std::vector<Record> records{record(1, 150), record(2, 950), record(3, 20)};
  ASSERT_EQ(files_->append(records, GenerationFiles::Spread::together), 0);
  EXPECT_EQ(system_.syncs, 1);
  const Contents got = contents(place_.path());
  EXPECT_EQ(got.names, (std::vector<FileName>{{1000, 0}}));
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(got.records[2].forget_at, 20);
}

TEST_F(JournalFiles, GoesOnWithTheFilesThatAreThere) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  again();
  ASSERT_EQ(append({record(2, 100)}), 0);
  const Contents got = contents(place_.path());
  ASSERT_EQ(got.files.size(), 1u);
  EXPECT_EQ(got.files[0].state, Scan::State::whole);
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalFiles, WritesManyBlocksAndShortWrites) {
  system_.write_limit = 1000;
  std::vector<Record> records;
  for (std::uint64_t i = 0; i < 3 * kMaxBlockRecords + 1; ++i) records.push_back(record(i, 50));
  ASSERT_EQ(append(records), 0);
  EXPECT_GT(system_.writes, 100);
  EXPECT_EQ(contents(place_.path()).numbers.size(), records.size());
}

// After a sync that failed, what the next one of the same file says is worth nothing.
TEST_F(JournalFiles, AFileWhoseSyncFailedIsNotWrittenAgain) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  system_.sync_error = EIO;
  EXPECT_EQ(append({record(2, 100)}), EIO);
  system_.sync_error = 0;
  ASSERT_EQ(append({record(3, 100)}), 0);
  const Contents got = contents(place_.path());
  EXPECT_EQ(got.names, (std::vector<FileName>{{100, 0}, {100, 1}}));
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(got.files[0].state, Scan::State::whole);  // cut back
}

TEST_F(JournalFiles, AWriteThatStopsHalfwayIsCutBack) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  system_.room = 30;
  EXPECT_EQ(append({record(2, 100)}), ENOSPC);
  EXPECT_EQ(append({record(3, 500)}), ENOSPC);  // a new file: it goes
  system_.room = SIZE_MAX;
  const Contents got = contents(place_.path());
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(got.names, (std::vector<FileName>{{100, 0}}));
  EXPECT_EQ(got.files[0].state, Scan::State::whole);
  EXPECT_EQ(files_->count(), 1u);
}

TEST_F(JournalFiles, WhatCannotBeCutBackIsFoundByItsChecksum) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  system_.room = 30;
  system_.truncate_error = EIO;
  EXPECT_EQ(append({record(2, 100)}), ENOSPC);
  system_.room = SIZE_MAX;
  ASSERT_EQ(append({record(3, 100)}), 0);
  const Contents got = contents(place_.path());
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(got.files[0].state, Scan::State::torn);
  EXPECT_EQ(got.files[0].torn_bytes(), 30u);
}

TEST_F(JournalFiles, ANameThatSomebodyElseTookIsPassedOver) {
  write_bytes(place_.path() + "/" + file_name({100, 0}), "");
  EXPECT_EQ(append({record(1, 100)}), EEXIST);
  ASSERT_EQ(append({record(1, 100)}), 0);
  EXPECT_EQ(contents(place_.path()).names, (std::vector<FileName>{{100, 0}, {100, 1}}));
}

// A sync of a file that somebody has removed says yes to nothing.
TEST_F(JournalFiles, AFileWithoutANameIsNoPlaceToWriteTo) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  std::filesystem::remove(place_.path() + "/" + file_name({100, 0}));
  EXPECT_EQ(append({record(2, 100)}), ENOENT);
  ASSERT_EQ(append({record(2, 100)}), 0);
  EXPECT_EQ(contents(place_.path()).names, (std::vector<FileName>{{100, 1}}));
  EXPECT_EQ(contents(place_.path()).numbers, (std::vector<std::uint64_t>{2}));
}

// Memory that runs out at any place: the append fails and nothing else, and the next one syncs what it writes.
TEST_F(JournalFiles, MemoryThatRunsOutFailsOneAppend) {
  int failed = 0;
  for (int sync_error : {0, EIO}) {
    for (int allocation = 0; allocation < 12; ++allocation) {
      for (const auto& entry : std::filesystem::directory_iterator(place_.path())) std::filesystem::remove(entry);
      begin();
      ASSERT_EQ(append({record(1, 50)}), 0);
      std::vector<Record> records{record(2, 50), record(3, 150), record(4, 250)};
      system_.sync_error = sync_error;
      fail_allocation(allocation);
      const int error = files_->append(records);
      failed += error == ENOMEM ? 1 : 0;
      const bool has_failed = stop_failing();
      EXPECT_TRUE(error == sync_error || (has_failed && error == ENOMEM)) << error;
      system_.sync_error = 0;
      const int before = system_.syncs;
      ASSERT_EQ(append({record(5, 50), record(6, 150)}), 0);
      EXPECT_EQ(system_.syncs, before + 2) << allocation;
      const std::vector<std::uint64_t> numbers = contents(place_.path()).numbers;
      for (const std::uint64_t number : {1, 5, 6}) EXPECT_EQ(std::ranges::count(numbers, number), 1) << allocation;
    }
  }
  EXPECT_GE(failed, 4);
}

TEST_F(JournalFiles, FilesGoWithoutMemory) {
  ASSERT_EQ(append({record(1, 100), record(2, 200)}), 0);
  fail_allocation(0);
  expire(200);
  EXPECT_FALSE(stop_failing());
  EXPECT_EQ(files_->count(), 0u);
}

TEST_F(JournalFiles, FailuresLeaveNothingBehind) {
  for (int i = 0; i < 50; ++i) {
    system_.open_error = i % 2 == 0 ? EMFILE : 0;
    system_.sync_error = i % 2 == 0 ? 0 : EIO;
    EXPECT_NE(append({record(1, 100)}), 0);
  }
  EXPECT_EQ(files_->count(), 0u);
  EXPECT_TRUE(place_.names().empty());
}

TEST_F(JournalFiles, ExpiresWholeFiles) {
  ASSERT_EQ(append({record(1, 100), record(2, 200), record(3, 300)}), 0);
  expire(99);
  EXPECT_EQ(files_->count(), 3u);
  expire(200);
  EXPECT_EQ(contents(place_.path()).names, (std::vector<FileName>{{300, 0}}));
  EXPECT_EQ(files_->bytes(), contents(place_.path()).files[0].bytes);
  // What cannot be unlinked now is tried again.
  system_.unlink_error = EROFS;
  expire(300);
  EXPECT_EQ(files_->count(), 1u);
  system_.unlink_error = 0;
  expire(300);
  EXPECT_EQ(files_->count(), 0u);
  EXPECT_EQ(files_->bytes(), 0u);
}

// While a file goes it is not written to: what comes for its generation meanwhile is in a file of its own.
TEST_F(JournalFiles, AFileThatGoesIsNotWrittenAgain) {
  ASSERT_EQ(append({record(1, 100)}), 0);
  const std::optional<FileName> going = files_->begin_expiring(100, {-1, 0});
  ASSERT_EQ(going, (FileName{100, 0}));
  EXPECT_EQ(files_->begin_expiring(100, {-1, 0}), std::nullopt);  // of another thread
  ASSERT_EQ(append({record(2, 100)}), 0);
  EXPECT_EQ(files_->unlink(*going), 0);
  files_->end_expiring(*going, true);
  EXPECT_EQ(contents(place_.path()).numbers, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(files_->count(), 1u);
}

TEST_F(JournalFiles, AFileThatCannotGoKeepsNoOther) {
  ASSERT_EQ(append({record(1, 100), record(2, 200)}), 0);
  std::optional<FileName> name = files_->begin_expiring(200, {-1, 0});
  ASSERT_TRUE(name);
  files_->end_expiring(*name, false);
  name = files_->begin_expiring(200, *name);
  EXPECT_EQ(name, (FileName{200, 0}));
}

TEST_F(JournalFiles, AProbeSaysWhetherTheDiskAnswers) {
  EXPECT_EQ(files_->probe(), 0);
  system_.room = 4096;
  EXPECT_EQ(files_->probe(), ENOSPC);
  system_.room = SIZE_MAX;
  system_.sync_error = EIO;
  EXPECT_EQ(files_->probe(), EIO);
  EXPECT_TRUE(place_.names().empty());
}

}  // namespace
}  // namespace simdjwt::journal::test
