// The last good keys of an issuer on disk, for a cold start while its endpoint is down.
//
// A file is believed only when it is whole (SHA-256 over all of it), names the very issuer that was asked for, is a
// regular file of this user that nobody else may write, and is not too old. Everything else is as if it were not there.
// The digest finds damage, not forgery: who may write the directory may name keys.
//
// Ownership: values. Thread-safety: one thread for each directory. Cost: reads and writes the file, with two fsync a
// save.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simdjwt/fetch.h"

namespace simdjwt::fetch {

struct KeptKeys {
  std::string issuer;
  std::string jwks_uri;
  std::string etag;
  std::int64_t confirmed = 0;  // wall clock, Unix seconds: when a server last said so
  std::string body;

  bool operator==(const KeptKeys&) const = default;
};

// A document and the one text of it: parse_kept_keys(write_kept_keys(k)) is k, and the other way round.
std::string write_kept_keys(const KeptKeys& keys);
std::optional<KeptKeys> parse_kept_keys(std::string_view text);

// The name of an issuer's file: 64 hexadecimal digits, so that an issuer's own characters never make a path.
std::string state_file_name(std::string_view issuer);

struct StateFileResult {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_NOT_FOUND: no file; SIMDJWT_FETCH_STATE_FILE
  std::string detail;                // for a person, when there is an error
  KeptKeys keys;
};

class StateDirectory {
 public:
  // An empty path: keeps nothing and has nothing.
  explicit StateDirectory(std::string path) : path_(std::move(path)) {}

  bool is_enabled() const noexcept { return !path_.empty(); }

  // In: max_bytes  of the body; a file with a longer one is refused unread
  StateFileResult load(std::string_view issuer, std::size_t max_bytes) const;

  // Written beside, synced, renamed over and the directory synced: after a crash there is the old file or the new one.
  StateFileResult save(const KeptKeys& keys) const;

 private:
  std::string path_;
};

}  // namespace simdjwt::fetch
