// CRC-32C (Castagnoli), eight tables, for finding what a crash or a disk has damaged; it is no protection from forgery.
//
// Thread-safety: stateless. Cost: about 0.6 ns a byte, no allocation. Source: RFC 3720 §12.1, appendix B.4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simdjwt::journal {

// Of `size` bytes that follow those whose CRC is `seed`; 0 at the beginning.
std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t seed) noexcept;

}  // namespace simdjwt::journal
