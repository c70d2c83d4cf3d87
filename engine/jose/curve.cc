#include "jose/curve.h"

#include <array>
#include <cstring>

namespace simdjwt {
namespace {

constexpr std::uint8_t nibble(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

template <std::size_t N>
constexpr std::array<std::uint8_t, (N - 1) / 2> hex(const char (&digits)[N]) {
  static_assert(N % 2 == 1);
  std::array<std::uint8_t, (N - 1) / 2> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]));
  }
  return bytes;
}

constexpr auto kP256Field = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
constexpr auto kP256Order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
constexpr auto kP384Field =
    hex("ffffffffffffffffffffffffffffffffffffffffffffffff"
        "fffffffffffffffeffffffff0000000000000000ffffffff");
constexpr auto kP384Order =
    hex("ffffffffffffffffffffffffffffffffffffffffffffffff"
        "c7634d81f4372ddf581a0db248b0a77aecec196accc52973");
constexpr auto kP521Field =
    hex("01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
constexpr auto kP521Order =
    hex("01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409");
constexpr auto kK256Field = hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
constexpr auto kK256Order = hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
constexpr auto k25519Field = hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
constexpr auto k25519Order = hex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
// 57 bytes, as in an encoded point: the first is zero.
constexpr auto k448Field =
    hex("00fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
constexpr auto k448Order =
    hex("003fffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3");

static_assert(kP384Order.size() == 48 && kP521Field.size() == 66 && kP521Order.size() == 66);
static_assert(k448Field.size() == 57 && k448Order.size() == 57);

const CurveInfo kTable[] = {
    {"P-256", "P-256", Curve::p256, KeyType::ec, 256, 32, kP256Field, kP256Order},
    {"P-384", "P-384", Curve::p384, KeyType::ec, 384, 48, kP384Field, kP384Order},
    {"P-521", "P-521", Curve::p521, KeyType::ec, 521, 66, kP521Field, kP521Order},
    {"secp256k1", "secp256k1", Curve::secp256k1, KeyType::ec, 256, 32, kK256Field, kK256Order},
    {"Ed25519", "ED25519", Curve::ed25519, KeyType::okp, 255, 32, k25519Field, k25519Order},
    {"Ed448", "ED448", Curve::ed448, KeyType::okp, 448, 57, k448Field, k448Order},
};
const CurveInfo kUnknown{};

}  // namespace

const CurveInfo& find_curve(std::string_view name) noexcept {
  for (const CurveInfo& row : kTable) {
    if (row.name == name) return row;
  }
  return kUnknown;
}

const CurveInfo& info(Curve curve) noexcept {
  return curve == Curve::none ? kUnknown : kTable[static_cast<std::size_t>(curve) - 1];
}

bool is_less(ByteView a, ByteView b) noexcept { return std::memcmp(a.data(), b.data(), a.size()) < 0; }

}  // namespace simdjwt
