// Whole files, in and out, each with a bound.
//
// Every function throws Failure, whose message names the file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace simdjwt::cli {

// The bytes of a file, or of standard input for "-". More than `most` bytes is a failure.
std::string read_file(const std::string& path, std::size_t most);

enum class Secrecy { open, secret };

// Writes a new file, mode 0600 when secret, else 0644. An existing file is kept, and that is a failure, unless
// `replace` is set: a key that was overwritten is gone.
void write_file(const std::string& path, std::string_view bytes, Secrecy secrecy, bool replace);

}  // namespace simdjwt::cli
