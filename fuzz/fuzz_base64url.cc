// base64url: decoding what is canonical gives back the same text, every kernel answers alike, and OpenSSL agrees on
// bytes.
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "codec/base64url.h"

namespace {

using namespace simdjwt;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct Output {
  Base64Result result;
  std::vector<std::uint8_t> bytes;  // exactly as long as the contract allows to write
};

template <typename Decode>
Output decode_with(const Decode& decode, std::string_view in) {
  Output out{{}, std::vector<std::uint8_t>(base64url_decoded_size(in.size()))};
  out.result = decode(in, out.bytes.data());
  return out;
}

void check_error(std::string_view in, const Base64Result& result) {
  const std::size_t bad = in.find_first_not_of(kAlphabet);
  FUZZ_CHECK(result.size == 0);
  if (bad != std::string_view::npos) {
    FUZZ_CHECK(result.error == Error::base64url_character && result.position == bad);
  } else if (in.size() % 4 == 1) {
    FUZZ_CHECK(result.error == Error::base64url_length && result.position == in.size() - 1);
  } else {
    const unsigned unused = in.size() % 4 == 2 ? 15 : 3;
    FUZZ_CHECK(in.size() % 4 != 0 && (kAlphabet.find(in.back()) & unused) != 0);
    FUZZ_CHECK(result.error == Error::base64url_trailing_bits && result.position == in.size() - 1);
  }
}

// OpenSSL decodes the other alphabet, padded, and gives zero bytes for padding.
void check_against_openssl(std::string_view in, const std::vector<std::uint8_t>& bytes) {
  std::string standard(in);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  std::vector<std::uint8_t> out(standard.size() / 4 * 3 + 1);
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(standard.data()),
                                   static_cast<int>(standard.size()));
  FUZZ_CHECK(size >= 0 && static_cast<std::size_t>(size) >= bytes.size());
  FUZZ_CHECK(std::equal(bytes.begin(), bytes.end(), out.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in = fuzz::text(data, size);
  const Output chosen = decode_with([](std::string_view t, std::uint8_t* o) { return base64url_decode(t, o); }, in);
  const Output scalar = decode_with(base64url_scalar::decode, in);
  FUZZ_CHECK(chosen.result.error == scalar.result.error && chosen.result.size == scalar.result.size &&
             chosen.result.position == scalar.result.position);
  if (chosen.result.error == Error::ok) {
    FUZZ_CHECK(chosen.result.size == chosen.bytes.size() && chosen.bytes == scalar.bytes);
    FUZZ_CHECK(base64url_encode(chosen.bytes) == in);
    check_against_openssl(in, chosen.bytes);
  } else {
    check_error(in, chosen.result);
  }

  // The input as bytes: there and back.
  const std::string encoded = base64url_encode({data, size});
  FUZZ_CHECK(encoded.size() == base64url_encoded_size(size));
  const Output back = decode_with(base64url_scalar::decode, encoded);
  FUZZ_CHECK(back.result.error == Error::ok && back.bytes == std::vector<std::uint8_t>(data, data + size));
  return 0;
}
