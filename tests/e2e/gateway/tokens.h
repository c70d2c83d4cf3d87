// The tokens of the traffic, each in a class that the test gave it, and tokens that name keys which nobody has.
//
// Ownership: a TokenList owns its tokens and is immutable; a Board hands out shared ones. Thread-safety: Board is; the
// rest is for one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace simdjwt::gateway {

struct Token {
  std::string label;
  std::string text;
};

using TokenList = std::vector<Token>;

// What is sent just now; changed by commands while threads send.
class Board {
 public:
  std::shared_ptr<const TokenList> tokens() const;
  void add(Token token);
  void drop(const std::string& label);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TokenList> tokens_ = std::make_shared<TokenList>();
};

// Copies of a token under a header with an ever new kid: what a flood of unknown keys looks like (RFC 7517 §4.5).
class UnknownKids {
 public:
  explicit UnknownKids(std::string_view model);

  // The next one; valid until the next call.
  std::string_view next();

 private:
  std::string text_;
  std::string rest_;  // ".payload.signature"
  std::uint64_t state_;
};

}  // namespace simdjwt::gateway
