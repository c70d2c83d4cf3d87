#include "fetch/state_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <new>

namespace simdjwt::fetch {
namespace {

constexpr std::string_view kMagic = "simdjwt keys 1\n";
constexpr std::size_t kDigestDigits = 64;
// Names and numbers of the fields, and the texts that a policy or a header bounds.
constexpr std::size_t kMaxOverhead = 64 * 1024;

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * std::size_t{size});
  for (unsigned i = 0; i < size; ++i) {
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 15];
  }
  return out;
}

void put(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(" ").append(std::to_string(value.size())).append("\n").append(value).append("\n");
}

// A whole number as std::to_string writes it: no sign but a minus, no leading zero.
template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && std::to_string(number) == text;
}

// Takes one field off `text`.
bool take(std::string_view& text, std::string_view name, std::string& value) {
  if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != ' ') return false;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  std::uint64_t size = 0;
  if (!parse_number(text.substr(name.size() + 1, end - name.size() - 1), size)) return false;
  text.remove_prefix(end + 1);
  if (text.size() <= size || text[size] != '\n') return false;
  value.assign(text.substr(0, size));
  text.remove_prefix(size + 1);
  return true;
}

class File {
 public:
  explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const noexcept { return descriptor_ >= 0; }
  int get() const noexcept { return descriptor_; }
  bool close() noexcept {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return descriptor < 0 || ::close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

StateFileResult failure(std::string detail) {
  return {SIMDJWT_FETCH_STATE_FILE, "state file: " + detail, {}};
}

StateFileResult system_failure(const char* what) {
  const int number = errno;
  std::array<char, 128> text{};
  return failure(std::string(what) + ": " + ::strerror_r(number, text.data(), text.size()));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The whole file, as long as it is no longer than it was said to be.
bool read_all(int descriptor, std::string& text) {
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

std::string write_kept_keys(const KeptKeys& keys) {
  std::string fields;
  put(fields, "issuer", keys.issuer);
  put(fields, "jwks_uri", keys.jwks_uri);
  put(fields, "etag", keys.etag);
  put(fields, "confirmed", std::to_string(keys.confirmed));
  put(fields, "body", keys.body);
  std::string out(kMagic);
  out.append(sha256_hex(fields)).append("\n").append(fields);
  return out;
}

std::optional<KeptKeys> parse_kept_keys(std::string_view text) {
  if (!text.starts_with(kMagic)) return std::nullopt;
  text.remove_prefix(kMagic.size());
  if (text.size() <= kDigestDigits || text[kDigestDigits] != '\n') return std::nullopt;
  const std::string_view digest = text.substr(0, kDigestDigits);
  text.remove_prefix(kDigestDigits + 1);
  if (sha256_hex(text) != digest) return std::nullopt;
  KeptKeys keys;
  std::string confirmed;
  const bool is_whole = take(text, "issuer", keys.issuer) && take(text, "jwks_uri", keys.jwks_uri) &&
                        take(text, "etag", keys.etag) && take(text, "confirmed", confirmed) &&
                        take(text, "body", keys.body) && text.empty() && parse_number(confirmed, keys.confirmed);
  if (!is_whole) return std::nullopt;
  return keys;
}

std::string state_file_name(std::string_view issuer) {
  return sha256_hex(issuer) + ".keys";
}

StateFileResult StateDirectory::load(std::string_view issuer, std::size_t max_bytes) const {
  if (!is_enabled()) return {SIMDJWT_NOT_FOUND, {}, {}};
  const std::string path = path_ + "/" + state_file_name(issuer);
  // Without O_NONBLOCK a FIFO in the file's place would hang the start.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return errno == ENOENT ? StateFileResult{SIMDJWT_NOT_FOUND, {}, {}} : system_failure("open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure("stat");
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return failure("not a file that only this user can write");
  }
  if (static_cast<std::uint64_t>(status.st_size) > max_bytes + kMaxOverhead) return failure("too long");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (!read_all(file.get(), text)) return failure("cut short");
  std::optional<KeptKeys> keys = parse_kept_keys(text);
  if (!keys || keys->body.size() > max_bytes) return failure("damaged");
  if (keys->issuer != issuer) return failure("of another issuer");
  return {SIMDJWT_OK, {}, std::move(*keys)};
}

StateFileResult StateDirectory::save(const KeptKeys& keys) const {
  if (!is_enabled()) return {};
  const std::string text = write_kept_keys(keys);
  const std::string name = state_file_name(keys.issuer);
  // A name that nobody else has: process numbers are the same in two containers with one directory.
  std::uint64_t digits = 0;
  if (::getentropy(&digits, sizeof digits) != 0) return system_failure("entropy");
  const std::string beside = name + "." + std::to_string(digits) + ".new";
  const File directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return system_failure("open the directory");
  File file(::openat(directory.get(), beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return system_failure("create");
  const bool is_written = write_all(file.get(), text) && ::fsync(file.get()) == 0 && file.close() &&
                          ::renameat(directory.get(), beside.c_str(), directory.get(), name.c_str()) == 0;
  if (!is_written) {
    StateFileResult result = system_failure("write");
    ::unlinkat(directory.get(), beside.c_str(), 0);
    return result;
  }
  if (::fsync(directory.get()) != 0) return system_failure("sync the directory");
  return {};
}

}  // namespace simdjwt::fetch
