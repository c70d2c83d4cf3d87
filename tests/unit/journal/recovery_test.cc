#include "journal/recovery.h"

#include <sys/stat.h>

#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

struct Store : RecoveryTarget {
  Key of_store{1, 2, 3};
  bool was_set = false;
  simdjwt_error load_error = SIMDJWT_OK;
  std::vector<std::uint64_t> numbers;
  std::uint64_t reported = 0;

  simdjwt_error key(Key& key, bool& is_set) override {
    key = of_store;
    is_set = was_set;
    return SIMDJWT_OK;
  }
  simdjwt_error set_key(const Key& key) override {
    of_store = key;
    return SIMDJWT_OK;
  }
  simdjwt_error load(std::span<const Record> records, std::uint64_t& loaded) override {
    for (const Record& one : records) numbers.push_back(number_of(one));
    loaded += records.size();
    return load_error;
  }
  void progress(std::uint64_t read, std::uint64_t total) override {
    EXPECT_LE(read, total);
    reported = read;
  }
};

class JournalRecovery : public testing::Test {
 protected:
  Outcome recover() {
    out_ = {};
    return journal::recover(path_, 1600, system_, store_, out_);
  }
  void write(std::vector<Record> records) {
    ASSERT_EQ(out_.files->append(records), 0);
    out_ = {};
  }
  std::string file(std::int64_t end, std::uint32_t sequence = 0) const {
    return path_ + "/" + file_name({end, sequence});
  }

  FailingFileSystem system_;
  TemporaryDirectory place_;
  const std::string path_ = place_.path() + "/uses";
  Store store_;
  Recovered out_;
};

TEST_F(JournalRecovery, MakesADirectoryThatOnlyItsOwnerSees) {
  ASSERT_TRUE(recover().is_ok());
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat((path_ + "/key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(parse_key(read_bytes(path_ + "/key")), store_.of_store);
}

TEST_F(JournalRecovery, WhatWasWrittenComesBackUnderItsKey) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100), record(2, 1000)});
  store_ = {};
  store_.of_store = {9, 9, 9};  // random, of another process
  const Outcome again = recover();
  ASSERT_TRUE(again.is_ok()) << again.detail;
  EXPECT_EQ(store_.of_store, (Key{1, 2, 3}));
  EXPECT_EQ(store_.numbers, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(out_.records, 2u);
  EXPECT_GT(store_.reported, 0u);
}

TEST_F(JournalRecovery, AKeyThatTheFleetHasSetHasToBeTheJournals) {
  store_.was_set = true;
  ASSERT_TRUE(recover().is_ok());  // a new journal keeps it
  ASSERT_TRUE(recover().is_ok());
  store_.of_store[0] ^= 1;
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY);
}

TEST_F(JournalRecovery, AKeyThatOthersCanReadIsRefused) {
  ASSERT_TRUE(recover().is_ok());
  for (const mode_t mode : {0640u, 0604u, 0660u}) {
    ASSERT_EQ(::chmod((path_ + "/key").c_str(), mode), 0);
    EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY) << mode;
  }
}

TEST_F(JournalRecovery, AKeyThatIsDamagedOrMissingIsNotMadeAnew) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  const std::string good = read_bytes(path_ + "/key");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    write_bytes(path_ + "/key", bad);
    EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY) << i;
  }
  std::filesystem::remove(path_ + "/key");
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/key"));
}

TEST_F(JournalRecovery, AFileOfAnotherKeyIsRefused) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  write_bytes(path_ + "/key", key_text({7}));
  store_.numbers.clear();
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY);
  EXPECT_TRUE(store_.numbers.empty());
}

TEST_F(JournalRecovery, OneWriterAtATime) {
  ASSERT_TRUE(recover().is_ok());
  Recovered second;
  Store other;
  EXPECT_EQ(journal::recover(path_, 1600, system_, other, second).error, SIMDJWT_JOURNAL_IN_USE);
  // There is no file whose removal would let a second one in.
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().filename() != "key") std::filesystem::remove(entry.path());
  }
  EXPECT_EQ(journal::recover(path_, 1600, system_, other, second).error, SIMDJWT_JOURNAL_IN_USE);
  out_ = {};
  EXPECT_TRUE(journal::recover(path_, 1600, system_, other, second).is_ok());
}

TEST_F(JournalRecovery, ATornTailIsCutAndWrittenOn) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  write_bytes(file(100), read_bytes(file(100)) + "sjwB and no more");
  ASSERT_TRUE(recover().is_ok());
  EXPECT_EQ(out_.cut_bytes, 16u);
  write({record(2, 100)});
  const Contents got = contents(path_);
  ASSERT_EQ(got.files.size(), 1u);
  EXPECT_EQ(got.files[0].state, Scan::State::whole);
  EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalRecovery, AFileThatACrashLeftUnbornGoes) {
  ASSERT_TRUE(recover().is_ok());
  write_bytes(file(200), "sjwtuses");
  ASSERT_TRUE(recover().is_ok());
  EXPECT_EQ(out_.cut_bytes, 8u);
  EXPECT_FALSE(std::filesystem::exists(file(200)));
}

TEST_F(JournalRecovery, DamageIsKeptAndTheRestRecovered) {
  ASSERT_TRUE(recover().is_ok());
  std::vector<Record> records{record(1, 100)};
  ASSERT_EQ(out_.files->append(records), 0);
  records = {record(2, 100)};
  write(records);
  std::string bytes = read_bytes(file(100));
  bytes[kHeaderBytes + 25] ^= 1;
  write_bytes(file(100), bytes);
  store_.numbers.clear();
  ASSERT_TRUE(recover().is_ok());
  EXPECT_EQ(store_.numbers, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(out_.damaged_files, 1u);
  write({record(3, 100)});
  EXPECT_EQ(read_bytes(file(100)), bytes);  // not written on
  EXPECT_EQ(contents(path_).names, (std::vector<FileName>{{100, 0}, {100, 1}}));
}

TEST_F(JournalRecovery, WhatIsNoFileOfThisJournalIsRefused) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  const std::string bytes = read_bytes(file(100));
  std::string other = bytes;
  other[8] = 2;
  write_bytes(file(100), other);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_FORMAT);  // a version of the future
  other = bytes;
  other[30] ^= 1;
  write_bytes(file(100), other);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_FORMAT);  // a damaged header
  write_bytes(file(100), bytes);
  write_bytes(file(300), bytes);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_FORMAT);  // renamed
  std::filesystem::remove(file(300));
  write_bytes(path_ + "/uses.2.x", "");
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_FORMAT);
  std::filesystem::remove(path_ + "/uses.2.x");
  write_bytes(path_ + "/notes of an operator", "");
  EXPECT_TRUE(recover().is_ok());
}

TEST_F(JournalRecovery, ADirectoryThatOthersCanWriteToIsRefused) {
  ASSERT_TRUE(recover().is_ok());
  ASSERT_EQ(::chmod(path_.c_str(), 0770), 0);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_DIRECTORY);
}

// Nothing that a process relies on is only in the cache: the directory's own name, and those in it, of whoever made
// them.
TEST_F(JournalRecovery, NamesAreOnTheDiskBeforeItIsOpen) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(recover().is_ok());
    EXPECT_TRUE(system_.has_synced(place_.path())) << i;
    EXPECT_TRUE(system_.has_synced(path_)) << i;
    if (i == 1) write({record(1, 100)});
  }
}

TEST_F(JournalRecovery, WhatBelongsToSomebodyElseIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_TRUE(recover().is_ok());
  ASSERT_EQ(::chown((path_ + "/key").c_str(), 65534, 0), 0);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_KEY);
  ASSERT_EQ(::chown(path_.c_str(), 65534, 0), 0);
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_DIRECTORY);
  // Root may look into another user's.
  Directory directory;
  std::optional<Key> key;
  ASSERT_TRUE(directory.open(path_).is_ok());
  EXPECT_TRUE(directory.read_key(key).is_ok());
  EXPECT_TRUE(key.has_value());
}

TEST_F(JournalRecovery, ASyncThatFailsOpensNothing) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  system_.data_sync_error = EIO;
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_WRITE);
  system_.data_sync_error = 0;
  system_.sync_error = EIO;
  EXPECT_EQ(recover().error, SIMDJWT_JOURNAL_DIRECTORY);  // the parent's
}

TEST_F(JournalRecovery, AStoreThatIsTooSmallIsTold) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 100)});
  store_.load_error = SIMDJWT_STORE_FULL;
  EXPECT_EQ(recover().error, SIMDJWT_STORE_FULL);
}

TEST_F(JournalRecovery, AnotherRetentionBeginsFilesOfItsOwn) {
  ASSERT_TRUE(recover().is_ok());
  write({record(1, 200)});
  out_ = {};
  ASSERT_TRUE(journal::recover(path_, 3200, system_, store_, out_).is_ok());  // its generations end at 200 too
  write({record(2, 150)});
  EXPECT_EQ(contents(path_).names, (std::vector<FileName>{{200, 0}, {200, 1}}));
  EXPECT_EQ(contents(path_).numbers, (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace simdjwt::journal::test
