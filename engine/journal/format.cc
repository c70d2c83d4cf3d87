#include "journal/format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>

#include "journal/crc32c.h"
#include "journal/little_endian.h"

namespace simdjwt::journal {
namespace {

constexpr std::string_view kMagic = "sjwtuses";
constexpr std::uint32_t kVersion = 1;
constexpr std::int64_t kGenerations = 16;
constexpr std::size_t kHeaderCrcAt = 40;
constexpr std::size_t kBlockCrcAt = 16;
constexpr std::size_t kEndDigits = 19;       // of 2^63
constexpr std::size_t kSequenceDigits = 10;  // of 2^32

// What is further before the end than 32 bits can say is remembered longer than it asked for.
std::uint32_t before_end(std::int64_t forget_at, const FileHeader& header) noexcept {
  const std::uint64_t distance = static_cast<std::uint64_t>(header.name.end) - static_cast<std::uint64_t>(forget_at);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(distance, UINT32_MAX));
}

std::uint32_t block_crc(const std::uint8_t* block, std::size_t payload, std::uint32_t seed) noexcept {
  return crc32c(block + kBlockHeaderBytes, payload, crc32c(block, kBlockCrcAt, seed));
}

template <typename Number>
bool parse_digits(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
}

}  // namespace

std::uint32_t generation_width(std::int64_t max_retention_s) noexcept {
  const std::int64_t width = max_retention_s / kGenerations + (max_retention_s % kGenerations != 0 ? 1 : 0);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(width, 1, std::numeric_limits<std::uint32_t>::max()));
}

std::int64_t generation_end(std::int64_t forget_at, std::uint32_t width) noexcept {
  if (forget_at <= 0) return 0;
  const std::int64_t index = (forget_at - 1) / width + 1;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return index > kMax / width ? kMax : index * width;
}

// "uses.", two numbers and the version, of 10 digits at most, and two points: 47 bytes and the zero.
NameText name_text(const FileName& name) noexcept {
  NameText text;
  std::snprintf(text.data(), text.size(), "uses.%u.%0*lld.%0*u", kVersion, static_cast<int>(kEndDigits),
                static_cast<long long>(name.end), static_cast<int>(kSequenceDigits), name.sequence);
  return text;
}

std::string file_name(const FileName& name) {
  return name_text(name).data();
}

std::optional<FileName> parse_file_name(std::string_view text) {
  const std::string prefix = "uses." + std::to_string(kVersion) + ".";
  if (text.size() != prefix.size() + kEndDigits + 1 + kSequenceDigits || !text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  FileName name;
  if (text[kEndDigits] != '.' || !parse_digits(text.substr(0, kEndDigits), name.end) ||
      !parse_digits(text.substr(kEndDigits + 1), name.sequence)) {
    return std::nullopt;
  }
  return name;
}

void append_header(std::vector<std::uint8_t>& out, const FileHeader& header) {
  const std::size_t at = out.size();
  out.resize(at + kHeaderBytes);
  std::uint8_t* const bytes = out.data() + at;
  std::memcpy(bytes, kMagic.data(), kMagic.size());
  store_little(bytes + 8, kVersion);
  store_little(bytes + 12, header.name.sequence);
  store_little(bytes + 16, static_cast<std::uint64_t>(header.name.end));
  store_little(bytes + 24, header.width);
  store_little(bytes + 32, header.key_check);
  store_little(bytes + kHeaderCrcAt, crc32c(bytes, kHeaderCrcAt, 0));
}

HeaderState read_header(const std::uint8_t* bytes, FileHeader& header) noexcept {
  if (std::memcmp(bytes, kMagic.data(), kMagic.size()) != 0 || load32(bytes + 8) != kVersion) {
    return HeaderState::foreign;
  }
  header.name = {static_cast<std::int64_t>(load64(bytes + 16)), load32(bytes + 12)};
  header.width = load32(bytes + 24);
  header.key_check = load64(bytes + 32);
  const bool is_good = load32(bytes + kHeaderCrcAt) == crc32c(bytes, kHeaderCrcAt, 0) && load32(bytes + 28) == 0 &&
                       load32(bytes + 44) == 0 && header.name.end >= 0 && header.width != 0;
  return is_good ? HeaderState::good : HeaderState::damaged;
}

std::uint32_t block_seed(const FileHeader& header) noexcept {
  std::uint8_t fields[24];
  store_little(fields, static_cast<std::uint64_t>(header.name.end));
  store_little(fields + 8, header.name.sequence);
  store_little(fields + 12, header.width);
  store_little(fields + 16, header.key_check);
  return crc32c(fields, sizeof fields, 0);
}

void append_block(std::vector<std::uint8_t>& out, const FileHeader& header, std::uint32_t seed, std::uint64_t number,
                  std::span<const Record> records) {
  const std::size_t at = out.size();
  out.resize(at + kBlockHeaderBytes + records.size() * kRecordBytes);
  std::uint8_t* const block = out.data() + at;
  std::memcpy(block, kBlockMagic.data(), kBlockMagic.size());
  store_little(block + 4, static_cast<std::uint32_t>(records.size()));
  store_little(block + 8, number);
  std::uint8_t* place = block + kBlockHeaderBytes;
  for (const Record& record : records) {
    std::memcpy(place, record.fingerprint, sizeof record.fingerprint);
    store_little(place + 16, before_end(record.forget_at, header));
    store_little(place + 20, record.issuer);
    place += kRecordBytes;
  }
  store_little(block + kBlockCrcAt, block_crc(block, records.size() * kRecordBytes, seed));
}

bool read_head(std::span<const std::uint8_t> bytes, Block& block) noexcept {
  if (bytes.size() < kBlockHeaderBytes || std::memcmp(bytes.data(), kBlockMagic.data(), kBlockMagic.size()) != 0) {
    return false;
  }
  block.count = load32(bytes.data() + 4);
  if (block.count == 0 || block.count > kMaxBlockRecords || bytes.size() < block.bytes()) return false;
  block.number = load64(bytes.data() + 8);
  block.records = bytes.data() + kBlockHeaderBytes;
  return true;
}

bool is_good(const Block& block, std::uint32_t seed) noexcept {
  const std::uint8_t* const head = block.records - kBlockHeaderBytes;
  return load32(head + kBlockCrcAt) == block_crc(head, block.count * kRecordBytes, seed);
}

Record record_of(const Block& block, std::uint32_t index, const FileHeader& header) noexcept {
  const std::uint8_t* const place = block.records + index * kRecordBytes;
  Record record{};
  std::memcpy(record.fingerprint, place, sizeof record.fingerprint);
  record.forget_at = header.name.end - static_cast<std::int64_t>(load32(place + 16));
  record.issuer = load32(place + 20);
  return record;
}

}  // namespace simdjwt::journal
