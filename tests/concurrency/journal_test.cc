// The journal's writer under many threads that record uses, while the disk comes and goes and files are unlinked.
#include <fcntl.h>

#include <thread>

#include "journal/writer.h"
#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

using namespace std::chrono_literals;

class JournalStorm : public testing::TestWithParam<bool> {};

// Whoever was told that a use is written finds it in the files; strict tells nobody else.
TEST_P(JournalStorm, WhatWasAnsweredIsWritten) {
  constexpr int kThreads = 4;
  constexpr std::uint64_t kUses = 300;
  const TemporaryDirectory place;
  const Descriptor directory(::open(place.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  FailingFileSystem system;
  WriterOptions options;
  options.is_strict = GetParam();
  options.interval = 1ms;
  options.min_retry = 1ms;
  options.max_retry = 2ms;
  auto writer =
      std::make_unique<Writer>(options, std::make_unique<GenerationFiles>(system, directory.get(), 100, 42), kNow);
  std::atomic<bool> is_over{false};
  std::thread disk([&] {
    for (int i = 0; !is_over; ++i) {
      system.sync_error = i % 3 == 0 ? EIO : 0;
      system.write_limit = i % 2 == 0 ? SIZE_MAX : 37;
      writer->expire(kNow + 86400);  // of a clock that is a day ahead: whoever records a use knows better
      static_cast<void>(writer->stats());
      std::this_thread::sleep_for(1ms);
    }
    system.sync_error = 0;
  });
  std::vector<std::vector<std::uint64_t>> told(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kUses; ++i) {
        const std::uint64_t first = (static_cast<std::uint64_t>(t) * kUses + i) * 2;
        const Record records[] = {record(first, kNow + 50), record(first + 1, kNow + 150)};
        simdjwt_error errors[2] = {};
        writer->commit(records, 2, errors);
        EXPECT_EQ(errors[0], errors[1]);
        if (errors[0] == SIMDJWT_OK) {
          told[t].push_back(first);
          told[t].push_back(first + 1);
        } else {
          std::this_thread::sleep_for(100us);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  is_over = true;
  disk.join();
  while (writer->stats().is_failing) std::this_thread::sleep_for(1ms);
  writer = nullptr;
  std::vector<std::uint64_t> found = contents(place.path()).numbers;
  std::ranges::sort(found);
  std::size_t total = 0;
  for (const auto& numbers : told) {
    total += numbers.size();
    for (const std::uint64_t number : numbers) EXPECT_TRUE(std::ranges::binary_search(found, number)) << number;
  }
  EXPECT_GT(total, 0u);
}

INSTANTIATE_TEST_SUITE_P(Levels, JournalStorm, testing::Values(false, true),
                         [](const auto& level) { return level.param ? "strict" : "interval"; });

// Readers look on while it is written: they see whole records, in a file that may have a tail.
TEST(JournalReaders, DisturbNobody) {
  const TemporaryDirectory place;
  const Descriptor directory(::open(place.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  WriterOptions options;
  options.interval = 0ms;
  Writer writer(options, std::make_unique<GenerationFiles>(posix_file_system(), directory.get(), 100, 42), kNow);
  std::atomic<bool> is_over{false};
  std::thread reader([&] {
    std::size_t before = 0;
    while (!is_over) {
      const Contents seen = contents(place.path());
      EXPECT_TRUE(seen.outcome.is_ok()) << seen.outcome.detail;
      EXPECT_GE(seen.numbers.size(), before);
      before = seen.numbers.size();
      for (std::size_t i = 0; i < before; ++i) ASSERT_EQ(seen.numbers[i], i);
    }
  });
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const Record one = record(i, kNow + 50);
    simdjwt_error error = 1;
    writer.commit(&one, 1, &error);
    EXPECT_EQ(error, SIMDJWT_OK);
    if (i % 50 == 0) std::this_thread::sleep_for(1ms);
  }
  is_over = true;
  reader.join();
}

}  // namespace
}  // namespace simdjwt::journal::test
