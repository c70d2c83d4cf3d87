#include "codec/base64url.h"

#include <atomic>

#include "codec/base64url_alphabet.h"

namespace simdjwt {
namespace {

constexpr const Base64Kernel* kKernels[] = {
    &kBase64Scalar,
#if defined(__x86_64__)
    &kBase64Avx2, &kBase64Avx512,
#elif defined(__aarch64__)
    &kBase64Neon,
#endif
};

// The scalar kernel until this file's static initialisation has chosen: a call from another file's, whichever comes first,
// is answered alike. Written once, when the library is loaded.
constinit std::atomic<Base64Kernel::Decode> chosen_decode{[](const char* in, std::size_t n, std::uint8_t* out) noexcept {
  return kBase64Scalar.decode(in, n, out);
}};
[[maybe_unused]] const bool kIsChosen = (chosen_decode.store(base64url_chosen_kernel().decode), true);

std::size_t first_bad(std::string_view in) noexcept {
  const auto value = [in](std::size_t i) { return unsigned{kBase64Value[static_cast<unsigned char>(in[i])]}; };
  std::size_t at = 0;
  // Four a step, for whoever sends a bad character chooses how far away it is. Values below 64 make no more than 63.
  while (at + 4 <= in.size() && (value(at) | value(at + 1) | value(at + 2) | value(at + 3)) < 64) at += 4;
  while (at < in.size() && value(at) != kBase64Bad) ++at;
  return at;
}

// What the contract says beyond the alphabet, once for all kernels.
Base64Result judge(bool is_in_alphabet, std::string_view in) noexcept {
  if (!is_in_alphabet) return {Error::base64url_character, 0, first_bad(in)};
  // 12 bits carry 8 and 18 carry 16: the low 4 or 2 of the last character must be zero (RFC 4648 §3.5).
  constexpr std::uint8_t kUnused[4] = {0, 0, 15, 3};
  const std::size_t rest = in.size() % 4;
  if (rest == 1) return {Error::base64url_length, 0, in.size() - 1};
  if (rest != 0 && (kBase64Value[static_cast<unsigned char>(in.back())] & kUnused[rest]) != 0) {
    return {Error::base64url_trailing_bits, 0, in.size() - 1};
  }
  return {Error::ok, base64url_decoded_size(in.size()), 0};
}

}  // namespace

std::span<const Base64Kernel* const> base64url_kernels() noexcept { return kKernels; }

const Base64Kernel& base64url_chosen_kernel() noexcept {
  const Base64Kernel* chosen = kKernels[0];
  for (const Base64Kernel* kernel : kKernels) {
    if (kernel->level <= cpu_level() && cpu_supports(kernel->level)) chosen = kernel;
  }
  return *chosen;
}

Base64Result base64url_decode(std::string_view in, std::uint8_t* out) noexcept {
  return judge(chosen_decode.load(std::memory_order_relaxed)(in.data(), in.size(), out), in);
}

Base64Result base64url_decode(const Base64Kernel& kernel, std::string_view in, std::uint8_t* out) noexcept {
  return judge(kernel.decode(in.data(), in.size(), out), in);
}

void base64url_encode(ByteView in, char* out) noexcept {
  std::size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) {
    const std::uint32_t v = std::uint32_t{in[i]} << 16 | std::uint32_t{in[i + 1]} << 8 | in[i + 2];
    *out++ = kBase64Alphabet[v >> 18];
    *out++ = kBase64Alphabet[v >> 12 & 63];
    *out++ = kBase64Alphabet[v >> 6 & 63];
    *out++ = kBase64Alphabet[v & 63];
  }
  const std::size_t rest = in.size() - i;
  if (rest == 0) return;
  const std::uint32_t v = std::uint32_t{in[i]} << 16 | (rest == 2 ? std::uint32_t{in[i + 1]} << 8 : 0);
  *out++ = kBase64Alphabet[v >> 18];
  *out++ = kBase64Alphabet[v >> 12 & 63];
  if (rest == 2) *out++ = kBase64Alphabet[v >> 6 & 63];
}

std::string base64url_encode(ByteView in) {
  std::string out(base64url_encoded_size(in.size()), '\0');
  base64url_encode(in, out.data());
  return out;
}

}  // namespace simdjwt
