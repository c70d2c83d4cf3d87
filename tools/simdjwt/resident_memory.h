// Keeps the memory that long lines need at hand, so that the first of them is answered as fast as the next.
#pragma once

namespace simdjwt::cli {

// Tells malloc to keep what is freed and has the kernel map the start of it, all at once: a page fault for each page of
// a first line of a megabyte takes longer than the line. Once, before other threads start. Failing changes nothing.
void keep_memory_resident() noexcept;

}  // namespace simdjwt::cli
