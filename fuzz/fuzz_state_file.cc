// Kept keys: whatever is accepted is, byte for byte, what would be written of it, and what is written is accepted. The
// input is tried as a whole file, as the fields after a right digest, and as the texts of the fields.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

#include "check.h"
#include "fetch/state_file.h"

namespace {

using namespace simdjwt;
using namespace simdjwt::fetch;

std::string with_digest(std::string_view fields) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  FUZZ_CHECK(EVP_Digest(fields.data(), fields.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::string out = "simdjwt keys 1\n";
  for (unsigned i = 0; i < size; ++i) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", digest[i]);
    out += pair;
  }
  return out.append("\n").append(fields);
}

void check_one_text(std::string_view text) {
  const std::optional<KeptKeys> keys = parse_kept_keys(text);
  FUZZ_CHECK(!keys || write_kept_keys(*keys) == text);
}

void check_round_trip(std::string_view text) {
  std::array<std::string, 4> pieces;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t end = i + 1 == pieces.size() ? text.size() : std::min(text.find('|'), text.size());
    pieces[i] = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const KeptKeys keys{pieces[0], pieces[1], pieces[2], static_cast<std::int64_t>(text.size()) - 7, pieces[3]};
  FUZZ_CHECK(parse_kept_keys(write_kept_keys(keys)) == keys);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text(data, size);
  check_one_text(text);
  check_one_text(with_digest(text));
  check_round_trip(text);
  return 0;
}
