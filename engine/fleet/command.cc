#include "fleet/command.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>

#include "base/wipe.h"

namespace simdjwt::fleet {
namespace {

constexpr std::string_view kRelease =
    "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end";

}  // namespace

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  constexpr std::size_t kMost = 8;
  const char* texts[kMost];
  std::size_t sizes[kMost];
  int count = 0;
  for (const std::string_view word : words) {
    texts[count] = word.data();
    sizes[count++] = word.size();
  }
  char* command = nullptr;
  const long long size = redisFormatCommandArgv(&command, count, texts, sizes);
  if (size < 0) throw std::bad_alloc();
  auto free = [size](char* text) {
    wipe(text, static_cast<std::size_t>(size));  // it may hold a password
    redisFreeCommand(text);
  };
  const std::unique_ptr<char, decltype(free)> owned(command, free);
  out.append(command, static_cast<std::size_t>(size));
}

std::string key_of(const simdjwt_replay_record& record) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string key = "sj:";
  for (const std::uint8_t byte : record.fingerprint) {
    key += kDigits[byte >> 4];
    key += kDigits[byte & 15];
  }
  return key;
}

void append_set(std::string& out, const simdjwt_replay_record& record, std::uint64_t attempt) {
  // Redis counts milliseconds.
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / 1000;
  const std::int64_t until = std::min(record.forget_at, kLast);
  append_command(out, {"SET", key_of(record), std::to_string(attempt), "NX", "EXAT", std::to_string(until)});
}

void append_release(std::string& out, const simdjwt_replay_record& record, std::uint64_t attempt) {
  append_command(out, {"EVAL", kRelease, "1", key_of(record), std::to_string(attempt)});
}

void append_wait(std::string& out, std::uint32_t replicas, std::int64_t milliseconds) {
  append_command(out, {"WAIT", std::to_string(replicas), std::to_string(milliseconds)});
}

}  // namespace simdjwt::fleet
