#include "codec/base64url.h"

namespace simdjwt {

Base64Result base64url_decode(std::string_view in, std::uint8_t* out) noexcept {
  return base64url_scalar::decode(in, out);
}

void base64url_encode(ByteView in, char* out) noexcept {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) {
    const std::uint32_t v = std::uint32_t{in[i]} << 16 | std::uint32_t{in[i + 1]} << 8 | in[i + 2];
    *out++ = kAlphabet[v >> 18];
    *out++ = kAlphabet[v >> 12 & 63];
    *out++ = kAlphabet[v >> 6 & 63];
    *out++ = kAlphabet[v & 63];
  }
  const std::size_t rest = in.size() - i;
  if (rest == 0) return;
  const std::uint32_t v = std::uint32_t{in[i]} << 16 | (rest == 2 ? std::uint32_t{in[i + 1]} << 8 : 0);
  *out++ = kAlphabet[v >> 18];
  *out++ = kAlphabet[v >> 12 & 63];
  if (rest == 2) *out++ = kAlphabet[v >> 6 & 63];
}

std::string base64url_encode(ByteView in) {
  std::string out(base64url_encoded_size(in.size()), '\0');
  base64url_encode(in, out.data());
  return out;
}

}  // namespace simdjwt
