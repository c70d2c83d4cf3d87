// What a journal asks of the operating system to write: one place that tests put failures into.
//
// Every function answers as the call of its name does, with errno (POSIX.1-2017); all but the syncs are called again
// after EINTR by whoever implements them. Names are of files in the directory of the descriptor. Thread-safety: as the
// system's calls.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace simdjwt::journal {

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // A file to append to; is_new: it must not be there yet.
  virtual int open_to_append(int directory, const char* name, bool is_new) = 0;
  virtual ssize_t write(int file, const void* bytes, std::size_t size) = 0;
  virtual int sync_data(int file) = 0;       // fdatasync
  virtual int sync_directory(int file) = 0;  // fsync
  virtual bool is_linked(int file) = 0;      // fstat: whether it has a name still
  virtual int truncate(int file, std::uint64_t size) = 0;
  virtual int unlink(int directory, const char* name) = 0;
  virtual void close(int file) = 0;
};

// The real one; stateless.
FileSystem& posix_file_system() noexcept;

// sync_data(), and once more when a signal interrupted it: 0 or an errno. Who blocks all signals sees none, but for a
// debugger's.
int sync_data_of(FileSystem& system, int file);

// All of the bytes; 0, or the errno of what went wrong: a part may have been written.
int write_all(FileSystem& system, int file, const void* bytes, std::size_t size);

}  // namespace simdjwt::journal
