// What a server answers, read by hiredis and bounded by us: hiredis would reserve whatever an array's head announces,
// and keep on buffering a text for as long as bytes come.
//
// Ownership: a Reply owns its parts; a ReplyReader what has been fed and not taken. Thread-safety: one thread. Cost:
// one allocation a reply and one a part. Source: the RESP2 specification (redis.io/docs/reference/protocol-spec).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace simdjwt::fleet {

struct Reply {
  enum class Kind { nil, status, error, integer, text, array };

  Kind kind = Kind::nil;
  long long integer = 0;
  std::string text;  // of a status, an error or a text
  std::vector<std::unique_ptr<Reply>> parts;

  bool is(Kind other) const noexcept { return kind == other; }
};

class ReplyReader {
 public:
  // A slot map of a Cluster in pieces of one slot each has room; nothing that is honest is longer.
  static constexpr std::size_t kMaxBytes = 8 << 20;
  static constexpr int kMaxDepth = 6;

  enum class Result { reply, more, broken };

  // Throws std::bad_alloc.
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // False when there is no memory for it, or too much waits: the connection is of no use any more.
  bool feed(std::string_view bytes) noexcept;
  // more: there is no whole reply yet. broken: these bytes are no reply, or one beyond the bounds; so is every later
  // call.
  Result next(std::unique_ptr<Reply>& reply) noexcept;

 private:
  redisReader* reader_;
  std::size_t spent_ = 0;  // bytes of the reply that is being put together, its parts counted
  bool is_broken_ = false;
};

}  // namespace simdjwt::fleet
