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

Output decode_with(const Base64Kernel& kernel, std::string_view in) {
  Output out{{}, std::vector<std::uint8_t>(base64url_decoded_size(in.size()))};
  out.result = base64url_decode(kernel, in, out.bytes.data());
  return out;
}

void check_same(const Base64Result& a, const Base64Result& b) {
  FUZZ_CHECK(a.error == b.error && a.size == b.size && a.position == b.position);
}

// In the middle of memory that is ours, where no sanitizer sees a byte too many: those around the output stay.
void check_guards(const Base64Kernel& kernel, std::string_view in) {
  constexpr std::size_t kGuard = 80;  // more than a register
  constexpr std::uint8_t kUntouched = 0xa5;
  const std::size_t size = base64url_decoded_size(in.size());
  std::vector<std::uint8_t> memory(kGuard + size + kGuard, kUntouched);
  (void)base64url_decode(kernel, in, memory.data() + kGuard);
  const auto is_touched = [](std::uint8_t byte) { return byte != kUntouched; };
  FUZZ_CHECK(std::none_of(memory.begin(), memory.begin() + kGuard, is_touched));
  FUZZ_CHECK(std::none_of(memory.end() - kGuard, memory.end(), is_touched));
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
  const Output scalar = decode_with(kBase64Scalar, in);
  for (const Base64Kernel* kernel : base64url_kernels()) {
    if (!cpu_supports(kernel->level)) continue;
    const Output other = decode_with(*kernel, in);
    check_same(other.result, scalar.result);
    FUZZ_CHECK(other.result.error != Error::ok || other.bytes == scalar.bytes);
    check_guards(*kernel, in);
  }
  std::vector<std::uint8_t> chosen(scalar.bytes.size());
  check_same(base64url_decode(in, chosen.data()), scalar.result);
  if (scalar.result.error == Error::ok) {
    FUZZ_CHECK(scalar.result.size == scalar.bytes.size() && chosen == scalar.bytes);
    FUZZ_CHECK(base64url_encode(scalar.bytes) == in);
    check_against_openssl(in, scalar.bytes);
  } else {
    check_error(in, scalar.result);
  }

  // The input as bytes: there and back.
  const std::string encoded = base64url_encode({data, size});
  FUZZ_CHECK(encoded.size() == base64url_encoded_size(size));
  for (const Base64Kernel* kernel : base64url_kernels()) {
    if (!cpu_supports(kernel->level)) continue;
    const Output back = decode_with(*kernel, encoded);
    FUZZ_CHECK(back.result.error == Error::ok && back.bytes == std::vector<std::uint8_t>(data, data + size));
  }
  return 0;
}
