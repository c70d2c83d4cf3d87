// Journal files: the scanner reads whatever is on the disk, in pieces of any size, alike; never beyond its bytes; what
// it accepts is, block for block, what would be written of it; and a tail or damage behind good blocks takes none of
// them away. The input is tried as a whole file, and as what a crash left behind blocks that were written well.
#include <algorithm>
#include <cstring>
#include <vector>

#include "check.h"
#include "journal/scan.h"

namespace {

using namespace simdjwt;
using namespace simdjwt::journal;

struct Seen {
  Scan scan;
  std::vector<std::vector<Record>> blocks;
};

Seen read(std::span<const std::uint8_t> bytes, std::size_t at_once) {
  Seen seen;
  Scanner scanner(0);
  std::size_t at = 0;
  const auto source = [&](std::uint8_t* room, std::size_t size) {
    const std::size_t some = std::min({size, at_once, bytes.size() - at});
    if (some != 0) std::memcpy(room, bytes.data() + at, some);
    at += some;
    return static_cast<std::int64_t>(some);
  };
  seen.scan = scanner.scan(
      source, bytes.size(), [](const FileHeader&) { return true; },
      [&](std::span<const Record> records) {
        seen.blocks.emplace_back(records.begin(), records.end());
        return true;
      });
  return seen;
}

bool is_same(const Record& a, const Record& b) {
  return std::memcmp(a.fingerprint, b.fingerprint, sizeof a.fingerprint) == 0 && a.forget_at == b.forget_at &&
         a.issuer == b.issuer;
}

bool is_same(const std::vector<Record>& a, const std::vector<Record>& b) {
  return std::ranges::equal(a, b, [](const Record& x, const Record& y) { return is_same(x, y); });
}

void check_scan(std::span<const std::uint8_t> bytes) {
  const Seen seen = read(bytes, SIZE_MAX);
  const Scan& scan = seen.scan;
  FUZZ_CHECK(scan.good_end <= scan.bytes && scan.bytes <= bytes.size());
  std::uint64_t records = 0;
  for (const auto& block : seen.blocks) records += block.size();
  FUZZ_CHECK(scan.records == records);
  FUZZ_CHECK(scan.wasted <= waste_limit(bytes.size()) + kMaxBlockBytes);
  const Seen pieces = read(bytes, 13);
  FUZZ_CHECK(pieces.scan.state == scan.state && pieces.scan.good_end == scan.good_end);
  FUZZ_CHECK(
      std::ranges::equal(seen.blocks, pieces.blocks, [](const auto& a, const auto& b) { return is_same(a, b); }));
  if (scan.state != Scan::State::whole && scan.state != Scan::State::torn) return;
  // Up to the tear it is what the writer makes of these records.
  std::vector<std::uint8_t> again;
  append_header(again, scan.header);
  std::uint64_t number = 0;
  for (const auto& block : seen.blocks) append_block(again, scan.header, block_seed(scan.header), number++, block);
  FUZZ_CHECK(again.size() == scan.good_end && std::equal(again.begin(), again.end(), bytes.begin()));
}

// Good blocks, then the input, then, by its last byte, another good block: nothing good is lost.
void check_behind_good_blocks(std::span<const std::uint8_t> input) {
  const FileHeader header{{1'800'000'000, 1}, 3600, 42};
  std::vector<std::uint8_t> bytes;
  append_header(bytes, header);
  std::vector<Record> records(3);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].fingerprint[0] = static_cast<std::uint8_t>(i);
    records[i].forget_at = 1'800'000'000 - static_cast<std::int64_t>(i);
  }
  append_block(bytes, header, block_seed(header), 0, records);
  append_block(bytes, header, block_seed(header), 1, std::span(records).first(1));
  const std::size_t good = bytes.size();
  bytes.insert(bytes.end(), input.begin(), input.end());
  const bool goes_on = !input.empty() && (input.back() & 1) != 0;
  if (goes_on) {
    // So far behind, and of so high a number, that no block of the input can hide it.
    bytes.resize(bytes.size() + kMaxBlockBytes);
    const std::uint64_t size = bytes.size() + kBlockHeaderBytes + kRecordBytes;
    const std::uint64_t highest = 2 + size / (kBlockHeaderBytes + kRecordBytes);
    append_block(bytes, header, block_seed(header), highest, std::span(records).last(1));
  }
  const Seen seen = read(bytes, SIZE_MAX);
  // Unless the input looked like so many blocks that the scan gave up before.
  const bool gave_up = seen.scan.wasted > waste_limit(bytes.size());
  FUZZ_CHECK(seen.blocks.size() >= (goes_on && !gave_up ? 3U : 2U));
  FUZZ_CHECK(is_same(seen.blocks[0], records));
  FUZZ_CHECK(seen.scan.good_end >= good);
  if (goes_on) FUZZ_CHECK(seen.scan.state == Scan::State::damaged && (gave_up || seen.scan.torn_bytes() == 0));
  check_scan(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  check_scan(bytes);
  check_behind_good_blocks(bytes);
  const std::optional<FileName> name = parse_file_name(fuzz::text(data, size));
  FUZZ_CHECK(!name || file_name(*name) == fuzz::text(data, size));
  // With the checksums made right, so that what is behind them is reached.
  if (size >= kHeaderBytes) {
    FileHeader header{{static_cast<std::int64_t>(data[0]) << 20, data[1]}, 1U + data[2], data[3]};
    std::vector<std::uint8_t> made;
    append_header(made, header);
    std::vector<Record> records(1 + data[4] % 8);
    for (std::size_t i = 0; i < records.size(); ++i) {
      std::memcpy(records[i].fingerprint, data + i * 4, sizeof records[i].fingerprint);
      std::memcpy(&records[i].forget_at, data + i * 5, sizeof records[i].forget_at);
    }
    append_block(made, header, block_seed(header), 0, records);
    made.insert(made.end(), bytes.begin(), bytes.end());
    check_scan(made);
  }
  return 0;
}
