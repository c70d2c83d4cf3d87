#include "journal/scan.h"

#include "journal/little_endian.h"
#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

const FileHeader kHeader{{kNow + 3600, 0}, 3600, 42};

// A file of `blocks` blocks of `each` records, numbered from 0; block i begins at starts[i].
struct Sample {
  std::vector<std::uint8_t> bytes;
  std::vector<std::size_t> starts;

  explicit Sample(std::size_t blocks, std::uint32_t each = 3) {
    append_header(bytes, kHeader);
    for (std::size_t i = 0; i < blocks; ++i) {
      starts.push_back(bytes.size());
      std::vector<Record> records;
      for (std::uint32_t k = 0; k < each; ++k) records.push_back(record(i * each + k, kNow + 1 + k));
      append_block(bytes, kHeader, block_seed(kHeader), i, records);
    }
    starts.push_back(bytes.size());
  }
};

struct Read {
  Scan scan;
  std::vector<std::uint64_t> numbers;
};

Read read(std::span<const std::uint8_t> bytes, std::size_t at_once = SIZE_MAX) {
  Read out;
  Scanner scanner(0);
  std::size_t at = 0;
  const auto source = [&](std::uint8_t* room, std::size_t size) {
    const std::size_t some = std::min({size, at_once, bytes.size() - at});
    if (some != 0) std::memcpy(room, bytes.data() + at, some);
    at += some;
    return static_cast<std::int64_t>(some);
  };
  const auto accept = [](const FileHeader&) { return true; };
  out.scan = scanner.scan(source, bytes.size(), accept, [&](std::span<const Record> records) {
    for (const Record& one : records) out.numbers.push_back(number_of(one));
    return true;
  });
  return out;
}

std::vector<std::uint64_t> from_to(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> out;
  for (; from < to; ++from) out.push_back(from);
  return out;
}

TEST(JournalScan, ReadsAWholeFileInPiecesOfAnySize) {
  const Sample sample(5);
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{48}, SIZE_MAX}) {
    const Read got = read(sample.bytes, at_once);
    EXPECT_EQ(got.scan.state, Scan::State::whole);
    EXPECT_EQ(got.numbers, from_to(0, 15));
    EXPECT_EQ(got.scan.records, 15u);
    EXPECT_EQ(got.scan.next_block, 5u);
    EXPECT_EQ(got.scan.torn_bytes(), 0u);
    EXPECT_EQ(got.scan.first_forget_at, kNow + 1);
    EXPECT_EQ(got.scan.last_forget_at, kNow + 3);
  }
}

TEST(JournalScan, ReadsBeyondItsWindow) {
  const Sample sample(40, kMaxBlockRecords);
  const Read got = read(sample.bytes, 5000);
  EXPECT_EQ(got.scan.state, Scan::State::whole);
  EXPECT_EQ(got.numbers, from_to(0, 40 * kMaxBlockRecords));
}

TEST(JournalScan, ATearAnywhereLosesOnlyTheBlockThatItTears) {
  const Sample sample(4);
  for (std::size_t size = kHeaderBytes; size <= sample.bytes.size(); ++size) {
    const Read got = read(std::span(sample.bytes).first(size));
    const auto after = std::ranges::upper_bound(sample.starts, size);
    const auto blocks = static_cast<std::size_t>(after - sample.starts.begin()) - 1;
    EXPECT_EQ(got.numbers, from_to(0, 3 * blocks)) << size;
    EXPECT_EQ(got.scan.torn_bytes(), size - sample.starts[blocks]) << size;
    EXPECT_EQ(got.scan.state, size == sample.starts[blocks] ? Scan::State::whole : Scan::State::torn) << size;
  }
}

TEST(JournalScan, ATailOfZerosOrGarbageIsATear) {
  for (const std::uint8_t filling : {std::uint8_t{0}, std::uint8_t{'s'}, std::uint8_t{0xFF}}) {
    Sample sample(2);
    sample.bytes.insert(sample.bytes.end(), 5000, filling);
    const Read got = read(sample.bytes);
    EXPECT_EQ(got.scan.state, Scan::State::torn);
    EXPECT_EQ(got.numbers, from_to(0, 6));
    EXPECT_EQ(got.scan.torn_bytes(), 5000u);
  }
}

TEST(JournalScan, DamageInTheMiddleLosesOneBlockAndIsTold) {
  for (std::size_t i = Sample(4).starts[1]; i < Sample(4).starts[2]; ++i) {
    Sample sample(4);
    sample.bytes[i] ^= 1;
    const Read got = read(sample.bytes);
    EXPECT_EQ(got.scan.state, Scan::State::damaged) << i;
    EXPECT_EQ(got.numbers, (std::vector<std::uint64_t>{0, 1, 2, 6, 7, 8, 9, 10, 11})) << i;
    EXPECT_EQ(got.scan.torn_bytes(), 0u);
  }
}

TEST(JournalScan, AMissingOrRepeatedBlockIsDamage) {
  const Sample sample(3);
  std::vector<std::uint8_t> missing = sample.bytes;
  missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(sample.starts[1]),
                missing.begin() + static_cast<std::ptrdiff_t>(sample.starts[2]));
  EXPECT_EQ(read(missing).scan.state, Scan::State::damaged);
  EXPECT_EQ(read(missing).numbers, (std::vector<std::uint64_t>{0, 1, 2, 6, 7, 8}));
  std::vector<std::uint8_t> repeated = sample.bytes;
  repeated.insert(repeated.end(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(sample.starts[0]),
                  sample.bytes.begin() + static_cast<std::ptrdiff_t>(sample.starts[1]));
  EXPECT_EQ(read(repeated).scan.state, Scan::State::torn);
  EXPECT_EQ(read(repeated).numbers, from_to(0, 9));
}

// What looks like a block at every place: the work is bounded, and what was good is read.
TEST(JournalScan, AFileOfHeadsCostsSomeTimesItsSize) {
  const auto fill = [](std::vector<std::uint8_t>& bytes, std::span<const std::uint8_t> head) {
    for (std::size_t i = 0; i < (std::size_t{1} << 20) / head.size(); ++i)
      bytes.insert(bytes.end(), head.begin(), head.end());
  };
  std::vector<std::uint8_t> head(8);
  std::memcpy(head.data(), "sjwB", 4);
  store_little<std::uint32_t>(head.data() + 4, kMaxBlockRecords);
  Sample far(2);
  fill(far.bytes, head);  // each says a number of 2^43 at least
  Read got = read(far.bytes);
  EXPECT_EQ(got.scan.wasted, 0u);
  EXPECT_EQ(got.scan.state, Scan::State::torn);
  EXPECT_EQ(got.numbers, from_to(0, 6));
  head.resize(kBlockHeaderBytes);
  store_little<std::uint64_t>(head.data() + 8, 1000);
  Sample near(2);
  fill(near.bytes, head);
  got = read(near.bytes);
  EXPECT_GT(got.scan.wasted, near.bytes.size());
  EXPECT_LE(got.scan.wasted, waste_limit(near.bytes.size()) + kMaxBlockBytes);
  EXPECT_EQ(got.scan.state, Scan::State::damaged);
  EXPECT_EQ(got.numbers, from_to(0, 6));
}

TEST(JournalScan, AFileThatWasNeverBornIsNoDamage) {
  const Sample sample(1);
  for (std::size_t size = 0; size < kHeaderBytes; ++size) {
    EXPECT_EQ(read(std::span(sample.bytes).first(size)).scan.state, Scan::State::unborn) << size;
  }
  EXPECT_EQ(read(std::vector<std::uint8_t>(200'000, 0)).scan.state, Scan::State::unborn);
}

TEST(JournalScan, WhatIsNoFileOfThisVersionIsNotRead) {
  Sample sample(2);
  sample.bytes[8] = 2;  // the version
  EXPECT_EQ(read(sample.bytes).scan.state, Scan::State::foreign);
  sample.bytes[8] = 1;
  sample.bytes[20] ^= 1;
  EXPECT_EQ(read(sample.bytes).scan.state, Scan::State::bad_header);
  EXPECT_TRUE(read(sample.bytes).numbers.empty());
  std::vector<std::uint8_t> late(100'000, 0);
  late.back() = 1;
  EXPECT_EQ(read(late).scan.state, Scan::State::foreign);
}

TEST(JournalScan, ASourceThatFailsIsTold) {
  Scanner scanner(0);
  const Scan scan = scanner.scan([](std::uint8_t*, std::size_t) { return std::int64_t{-EIO}; }, 0,
                                 [](const FileHeader&) { return true; }, [](std::span<const Record>) { return true; });
  EXPECT_EQ(scan.state, Scan::State::unreadable);
  EXPECT_EQ(scan.read_errno, EIO);
}

}  // namespace
}  // namespace simdjwt::journal::test
