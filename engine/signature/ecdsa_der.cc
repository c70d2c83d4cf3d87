#include "signature/ecdsa_der.h"

#include <cstring>

namespace simdjwt {
namespace {

ByteView strip_zeros(ByteView number) noexcept {
  while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
  return number;
}

// A leading zero keeps a number with its top bit set positive.
std::size_t content_size(ByteView number) noexcept { return number.size() + (number[0] >> 7); }

std::uint8_t* put_integer(ByteView number, std::uint8_t* out) noexcept {
  *out++ = 0x02;
  *out++ = static_cast<std::uint8_t>(content_size(number));
  if (number[0] & 0x80) *out++ = 0;
  std::memcpy(out, number.data(), number.size());
  return out + number.size();
}

}  // namespace

std::size_t ecdsa_to_der(ByteView r_and_s, std::uint8_t* out) noexcept {
  const std::size_t n = r_and_s.size() / 2;
  const ByteView r = strip_zeros(r_and_s.first(n)), s = strip_zeros(r_and_s.last(n));
  const std::size_t body = 2 + content_size(r) + 2 + content_size(s);
  std::uint8_t* p = out;
  *p++ = 0x30;
  if (body >= 0x80) *p++ = 0x81;
  *p++ = static_cast<std::uint8_t>(body);
  p = put_integer(r, p);
  p = put_integer(s, p);
  return static_cast<std::size_t>(p - out);
}

}  // namespace simdjwt
