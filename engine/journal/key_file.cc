// The key of a journal: Directory's part that has to do with the secret.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "journal/crc32c.h"
#include "journal/directory.h"
#include "journal/file_system.h"
#include "journal/little_endian.h"

namespace simdjwt::journal {
namespace {

constexpr const char* kName = "key";
constexpr const char* kNewName = "key.new";
constexpr std::string_view kMagic = "simdjwt journal key 1\n";
constexpr std::size_t kTextBytes = kMagic.size() + 32 + 1 + 8 + 1;

simdjwt_str str(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace

std::string key_text(const Key& key) {
  std::string text(kMagic);
  char digits[16];
  for (const std::uint8_t byte : key) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  std::snprintf(digits, sizeof digits, "\n%08x\n", crc32c(key.data(), key.size(), 0));
  return text + digits;
}

std::optional<Key> parse_key(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  const auto value = [](char digit) {
    return static_cast<std::uint8_t>(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
  };
  Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::size_t at = kMagic.size() + 2 * i;
    key[i] = static_cast<std::uint8_t>(value(text[at]) << 4 | (value(text[at + 1]) & 15));
  }
  // Whatever the digits were, only the one text of a key is accepted.
  if (key_text(key) != text) return std::nullopt;
  return key;
}

std::uint64_t key_check(const Key& key) noexcept {
  std::uint8_t fingerprint[16];
  simdjwt_replay_fingerprint(key.data(), str("simdjwt journal"), {}, str("key check"), fingerprint);
  return load64(fingerprint);
}

Outcome Directory::read_key(std::optional<Key>& key) const {
  key.reset();
  const std::string path = path_ + "/" + kName;
  const Descriptor file(::openat(get(), kName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) {
    return errno == ENOENT ? Outcome{} : system_failure(SIMDJWT_JOURNAL_KEY, "open " + path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure(SIMDJWT_JOURNAL_KEY, "stat " + path, errno);
  struct stat directory {};
  if (::fstat(get(), &directory) != 0) return system_failure(SIMDJWT_JOURNAL_KEY, "stat " + path_, errno);
  if (status.st_uid != ::geteuid() && status.st_uid != 0 && status.st_uid != directory.st_uid) {
    return {SIMDJWT_JOURNAL_KEY, path + ": a file that belongs to the user of this process, or to root"};
  }
  if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return {SIMDJWT_JOURNAL_KEY, path + ": a file that only its owner can read (chmod 600)"};
  }
  char text[kTextBytes + 1];
  const ssize_t got = ::read(file.get(), text, sizeof text);
  if (got < 0) return system_failure(SIMDJWT_JOURNAL_KEY, "read " + path, errno);
  key = parse_key({text, static_cast<std::size_t>(got)});
  if (!key) return {SIMDJWT_JOURNAL_KEY, path + ": the key as it was written: it is damaged"};
  return {};
}

Outcome Directory::write_key(const Key& key) const {
  const std::string path = path_ + "/" + kName;
  const auto failure = [&](const char* what) {
    return system_failure(SIMDJWT_JOURNAL_DIRECTORY, std::string(what) + " " + path, errno);
  };
  // Whole under its name or not there: a crash between leaves key.new, which is begun again.
  if (::unlinkat(get(), kNewName, 0) != 0 && errno != ENOENT) return failure("replace the rest of");
  const Descriptor file(::openat(get(), kNewName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return failure("make");
  const std::string text = key_text(key);
  if (const int error = write_all(posix_file_system(), file.get(), text.data(), text.size()); error != 0) {
    return system_failure(SIMDJWT_JOURNAL_DIRECTORY, "write " + path, error);
  }
  if (::fsync(file.get()) != 0) return failure("sync");
  if (::renameat(get(), kNewName, get(), kName) != 0) return failure("rename");
  if (::fsync(get()) != 0) return failure("sync the directory of");
  return {};
}

}  // namespace simdjwt::journal
