// The bytes of a journal's file: a header that says of which generation it is, then blocks of records, each with a
// checksum.
//
//   header  48 bytes: magic 8, version 4, sequence 4, end 8, width 4, zero 4, key check 8, CRC-32C of those 4, zero 4
//   block   magic 4, count 4, number 8, CRC-32C 4, then `count` records of 24 bytes
//   record  fingerprint 16, end - forget_at 4, issuer 4
//
// Little-endian. The CRC of a block begins with that of the header: a block of another file is none of this one. Blocks
// are numbered from 0. A file holds records with
// forget_at <= end, most of them with end - width < forget_at.
//
// Ownership: views into the caller's bytes. Thread-safety: stateless.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simdjwt/simdjwt.h"

namespace simdjwt::journal {

using Record = simdjwt_replay_record;

inline constexpr std::size_t kHeaderBytes = 48;
inline constexpr std::size_t kBlockHeaderBytes = 20;
inline constexpr std::size_t kRecordBytes = 24;
inline constexpr std::uint32_t kMaxBlockRecords = 2048;
inline constexpr std::size_t kMaxBlockBytes = kBlockHeaderBytes + kMaxBlockRecords * kRecordBytes;
inline constexpr std::string_view kBlockMagic = "sjwB";

// How wide a generation is, in seconds: a 16th of the longest time that a use is remembered.
std::uint32_t generation_width(std::int64_t max_retention_s) noexcept;

// The end of the generation that a time is in; 0 for every time before.
std::int64_t generation_end(std::int64_t forget_at, std::uint32_t width) noexcept;

// Which file it is: uses.1.END.SEQUENCE. A generation has more than one after a failure, or after max_retention_s
// changed.
struct FileName {
  std::int64_t end = 0;
  std::uint32_t sequence = 0;

  friend auto operator<=>(const FileName&, const FileName&) = default;
};
inline constexpr std::string_view kFilePrefix = "uses.";

// Ends with a zero. file_name() allocates.
using NameText = std::array<char, 48>;
NameText name_text(const FileName& name) noexcept;
std::string file_name(const FileName& name);
std::optional<FileName> parse_file_name(std::string_view text);  // the exact inverse

struct FileHeader {
  FileName name;
  std::uint32_t width = 1;
  std::uint64_t key_check = 0;  // a hash of a fixed text under the key

  friend bool operator==(const FileHeader&, const FileHeader&) = default;
};

void append_header(std::vector<std::uint8_t>& out, const FileHeader& header);

enum class HeaderState {
  good,
  damaged,  // of this version, as far as can be told
  foreign,  // another version, or no journal's file
};
// Of kHeaderBytes bytes.
HeaderState read_header(const std::uint8_t* bytes, FileHeader& header) noexcept;

// What the checksums of a file's blocks begin with.
std::uint32_t block_seed(const FileHeader& header) noexcept;

// Appends one block of 1 to kMaxBlockRecords records of this generation.
void append_block(std::vector<std::uint8_t>& out, const FileHeader& header, std::uint32_t seed, std::uint64_t number,
                  std::span<const Record> records);

struct Block {
  std::uint64_t number = 0;
  std::uint32_t count = 0;
  const std::uint8_t* records = nullptr;

  std::size_t bytes() const noexcept { return kBlockHeaderBytes + count * kRecordBytes; }
};

// The block that begins with the first of these bytes, by its head: it is whole, and its checksum has not been looked
// at.
bool read_head(std::span<const std::uint8_t> bytes, Block& block) noexcept;

// Whether that is what was written.
bool is_good(const Block& block, std::uint32_t seed) noexcept;

// One record of a block, index < count.
Record record_of(const Block& block, std::uint32_t index, const FileHeader& header) noexcept;

}  // namespace simdjwt::journal
