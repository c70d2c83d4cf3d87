// A base64url kernel against the scalar one, on inputs chosen to lie across every boundary of a block, and in memory where
// one byte read or written too many ends the program.
//
// Standard library and mmap() alone, so that it also runs cross-compiled, under an emulator. Deterministic.
#pragma once

#include <string>

#include "codec/base64url_kernel.h"

namespace simdjwt::test {

// Describes the first input that the kernel answers otherwise than the scalar kernel (error, position, bytes), or where it
// writes outside what the contract allows; empty when there is none. Half a million inputs.
std::string first_difference(const Base64Kernel& kernel);

}  // namespace simdjwt::test
