#include "base/keyed_hash.h"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <new>

#include "base/sip_state.h"

namespace simdjwt {
namespace {

// Up to eight bytes, the first one lowest.
std::uint64_t word_of(std::string_view bytes) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  return word;
}

}  // namespace

KeyedHash KeyedHash::random() {
  std::uint64_t key[2];
  if (getentropy(key, sizeof key) != 0) throw std::bad_alloc();
  return {key[0], key[1]};
}

std::uint64_t KeyedHash::operator()(std::string_view text) const noexcept {
  SipState state(key0_, key1_, 0);
  const std::uint64_t size = text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) state.absorb(word_of(text.substr(0, 8)));
  state.absorb(size << 56 | word_of(text));
  state.c ^= 0xff;
  return state.squeeze();
}

}  // namespace simdjwt
