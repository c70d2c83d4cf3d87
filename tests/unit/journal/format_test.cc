#include "journal/format.h"

#include "journal/crc32c.h"
#include "unit/journal/fixture.h"

namespace simdjwt::journal::test {
namespace {

bool read_whole(std::span<const std::uint8_t> bytes, std::uint32_t seed, Block& block) {
  return read_head(bytes, block) && is_good(block, seed);
}

TEST(JournalCrc32c, OfThePublishedExamples) {  // RFC 3720 §B.4
  std::array<std::uint8_t, 32> bytes{};
  EXPECT_EQ(crc32c(bytes.data(), bytes.size(), 0), 0x8A9136AAu);
  bytes.fill(0xFF);
  EXPECT_EQ(crc32c(bytes.data(), bytes.size(), 0), 0x62A8AB43u);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(crc32c(bytes.data(), bytes.size(), 0), 0x46DD794Eu);
  EXPECT_EQ(crc32c("123456789", 9, 0), 0xE3069283u);
}

TEST(JournalCrc32c, OfPartsIsThatOfTheWhole) {
  const std::string text(100, 'x');
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t first = crc32c(text.data(), cut, 0);
    EXPECT_EQ(crc32c(text.data() + cut, text.size() - cut, first), crc32c(text.data(), text.size(), 0)) << cut;
  }
}

TEST(JournalFormat, AGenerationHoldsTheTimesBeforeItsEnd) {
  EXPECT_EQ(generation_width(86400), 5400u);
  EXPECT_EQ(generation_width(1), 1u);
  EXPECT_EQ(generation_width(17), 2u);
  EXPECT_EQ(generation_width(10'000'000'000), 625'000'000u);
  EXPECT_EQ(generation_end(5400, 5400), 5400);
  EXPECT_EQ(generation_end(5401, 5400), 10800);
  EXPECT_EQ(generation_end(1, 5400), 5400);
  EXPECT_EQ(generation_end(0, 5400), 0);
  EXPECT_EQ(generation_end(INT64_MIN, 5400), 0);
  EXPECT_EQ(generation_end(INT64_MAX, 5400), INT64_MAX);
  EXPECT_EQ(generation_end(INT64_MAX, 1), INT64_MAX);
}

TEST(JournalFormat, ANameIsItsFile) {
  for (const FileName& name : {FileName{0, 0}, FileName{1'800'000'000, 3}, FileName{INT64_MAX, UINT32_MAX}}) {
    EXPECT_EQ(parse_file_name(file_name(name)), name) << file_name(name);
  }
  EXPECT_LT(file_name({999, 0}), file_name({1000, 0}));
  const std::string good = file_name({1'800'000'000, 3});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '-';
    EXPECT_FALSE(parse_file_name(bad)) << bad;
  }
  EXPECT_FALSE(parse_file_name(good + "0"));
  EXPECT_FALSE(parse_file_name("uses.2." + good.substr(7)));
  EXPECT_FALSE(parse_file_name("uses.1.9999999999999999999.0000000000"));
}

const FileHeader kHeader{{1'800'003'600, 2}, 3600, 0x0123456789abcdef};

TEST(JournalFormat, AHeaderComesBackAndAnyDamageIsSeen) {
  std::vector<std::uint8_t> bytes;
  append_header(bytes, kHeader);
  ASSERT_EQ(bytes.size(), kHeaderBytes);
  FileHeader back;
  ASSERT_EQ(read_header(bytes.data(), back), HeaderState::good);
  EXPECT_EQ(back, kHeader);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(read_header(bytes.data(), back), HeaderState::good) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

TEST(JournalFormat, ABlockComesBackAndAnyDamageIsSeen) {
  const std::vector<Record> records{record(1, 1'800'003'600), record(2, 1'800'000'001), record(3, 1'800'002'000, 9)};
  std::vector<std::uint8_t> bytes;
  append_block(bytes, kHeader, block_seed(kHeader), 5, records);
  Block block;
  ASSERT_TRUE(read_whole(bytes, block_seed(kHeader), block));
  EXPECT_EQ(block.number, 5u);
  ASSERT_EQ(block.count, records.size());
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const Record back = record_of(block, i, kHeader);
    EXPECT_EQ(std::memcmp(&back, &records[i], sizeof back), 0) << i;
  }
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(read_whole(bytes, block_seed(kHeader), block)) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_whole(std::span(bytes).first(size), block_seed(kHeader), block)) << size;
  }
}

TEST(JournalFormat, ABlockOfAnotherFileIsNoneOfThisOne) {
  const std::vector<Record> records{record(1, 1'800'003'600)};
  std::vector<std::uint8_t> bytes;
  append_block(bytes, kHeader, block_seed(kHeader), 0, records);
  for (FileHeader other : {FileHeader{{1'800'003'600, 3}, 3600, kHeader.key_check},
                           FileHeader{{1'800'007'200, 2}, 3600, kHeader.key_check}, FileHeader{kHeader.name, 3600, 1},
                           FileHeader{kHeader.name, 7200, kHeader.key_check}}) {
    Block block;
    EXPECT_FALSE(read_whole(bytes, block_seed(other), block));
  }
}

// A time that is too far before the end is kept for longer than it asked for, never shorter.
TEST(JournalFormat, NoRecordIsForgottenEarlier) {
  const FileHeader header{{0, 0}, 100, 0};
  for (const std::int64_t time : {INT64_MIN, std::int64_t{-1000}, std::int64_t{-50}, std::int64_t{0}}) {
    std::vector<std::uint8_t> bytes;
    append_block(bytes, header, block_seed(header), 0, std::vector{record(1, time)});
    Block block;
    ASSERT_TRUE(read_whole(bytes, block_seed(header), block));
    EXPECT_GE(record_of(block, 0, header).forget_at, time);
    EXPECT_LE(record_of(block, 0, header).forget_at, 0);
  }
}

}  // namespace
}  // namespace simdjwt::journal::test
