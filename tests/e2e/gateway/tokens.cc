#include "tokens.h"

#include <algorithm>
#include <random>

namespace simdjwt::gateway {
namespace {

std::string base64url(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(byte);
    bits += 8;
    for (; bits >= 6; bits -= 6) out += kAlphabet[(held >> (bits - 6)) & 63U];
  }
  if (bits != 0) out += kAlphabet[(held << (6 - bits)) & 63U];
  return out;
}

}  // namespace

std::shared_ptr<const TokenList> Board::tokens() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return tokens_;
}

void Board::add(Token token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto changed = std::make_shared<TokenList>(*tokens_);
  changed->push_back(std::move(token));
  tokens_ = std::move(changed);
}

void Board::drop(const std::string& label) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto changed = std::make_shared<TokenList>(*tokens_);
  std::erase_if(*changed, [&](const Token& token) { return token.label == label; });
  tokens_ = std::move(changed);
}

UnknownKids::UnknownKids(std::string_view model)
    : rest_(model.substr(std::min(model.find('.'), model.size()))), state_(std::random_device{}()) {}

std::string_view UnknownKids::next() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string kid(16, '0');
  // Steps of an odd constant visit all 2^64 values before one comes again.
  state_ += 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < kid.size(); ++i) kid[i] = kHex[(state_ >> (4 * i)) & 15U];
  text_ = base64url(R"({"alg":"ES256","typ":"at+jwt","kid":")" + kid + "\"}") + rest_;
  return text_;
}

}  // namespace simdjwt::gateway
