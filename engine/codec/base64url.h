// base64url without padding (RFC 4648 §5, RFC 7515 §2): one contract, several kernels.
//
// Canonical only: no padding, no whitespace, no '+' or '/', and the unused bits of the last character are zero, so that
// a byte string has exactly one encoding. Every kernel answers every input alike: same bytes, same error, same position.
//
// Ownership: the caller owns input and output. Thread-safety: stateless. Cost: O(n), no allocation.
// Public data only: not constant-time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "codec/base64url_kernel.h"

namespace simdjwt {

struct Base64Result {
  Error error = Error::ok;   // base64url_character, base64url_length or base64url_trailing_bits
  std::size_t size = 0;      // bytes written; 0 on error
  std::size_t position = 0;  // on error: the offset of the first bad character, or of the last one
};

// The bytes that n characters decode to; for an impossible length (n % 4 == 1) the result of n - 1.
constexpr std::size_t base64url_decoded_size(std::size_t characters) noexcept {
  return characters / 4 * 3 + characters % 4 * 3 / 4;
}

constexpr std::size_t base64url_encoded_size(std::size_t bytes) noexcept { return bytes / 3 * 4 + (bytes % 3 * 4 + 2) / 3; }

// Writes at most base64url_decoded_size(in.size()) bytes to `out`; on error those bytes are unspecified.
// Precedence of errors: a bad character, then the length, then the trailing bits.
Base64Result base64url_decode(std::string_view in, std::uint8_t* out) noexcept;

// The same by the kernel named, which this CPU must support.
Base64Result base64url_decode(const Base64Kernel& kernel, std::string_view in, std::uint8_t* out) noexcept;

// The kernels that were compiled in, slowest first; the scalar one is always there. Not all need be supported.
std::span<const Base64Kernel* const> base64url_kernels() noexcept;

// The one that base64url_decode() uses: the fastest at or below cpu_level().
const Base64Kernel& base64url_chosen_kernel() noexcept;

// Writes exactly base64url_encoded_size(in.size()) characters to `out`.
void base64url_encode(ByteView in, char* out) noexcept;

// For callers off the validate path. Allocates.
std::string base64url_encode(ByteView in);

}  // namespace simdjwt
