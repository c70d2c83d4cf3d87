#include "support/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "jose/curve.h"

namespace simdjwt::test {
namespace {

// Test keys of no other use, from `openssl genrsa 2048`.
constexpr const char* kRsaKeys[] = {
    R"(
-----BEGIN RSA PRIVATE KEY-----
MIIEogIBAAKCAQEAg4qRxDUtpsaYZx1XOKqoGuUfxkG7PpwrwleFWEdtCmOPmVR8
Vu8ZjYP3yrdTDguJGFvtEd7AdQPxTqkyChhOSvKZFJa2331b3ahr1JjfdfJDO67t
ETp1rKkI+NYVO2InfvsJccyOxJw5/8gR+KSEiE+yjLVW0sa2ZvJIeG6PXxvEkkvY
6IeWXut8CDew8PssUc/K9iaH8q/05/thrMTDlz7ozGczCeDDp2xSyaTRFISi43g2
ByjyZz4sCOMMP+5HEyiPzYEDQ1Hmjlhopc65KfTQPXLDXdpQHrnb1omLLNZ9ZyKZ
IdHR0b+zclIpX8Dud1QyBk66p6ERyW2zZMCsnwIDAQABAoIBAC3zQn9NalCXkFZ4
9+aKKuYWQvbBMHUrHdgqNaEEdnFKHTgdPMArjvwR7QYJ6z/9RJtXRWXYL9fQlEN7
tEi1e+gPfe0kxuYkRuqT8nMWIf10LwtSzGqXxtKVS9aNBmazn4Nqkz6HDBpfTp1s
2OZIJint2Tvw/s7rbn1gxnMXgArjSp2VCPviiG8D1vzUR+qWAxAGAXXL56u24xx1
v91ba42arEg35SQOyDqQuYFSOoHJC7Vu9zNC2AOiSG/hV0iAQPz1RrzAqEC8ZVlw
JkIrem8+iBqKoUavkpCEX+Mqcp0gsRqls0HQnq2yUNi8ESTrSwQTbIp1sWALmhK+
FvuyvFECgYEAuT6eh+HRfxPEcEZpyP2wXk7C+DDJ4SAhJKIJI94f/jAaUR28wDTG
FZaeHzz0ZHpAcr1mwqq1wE28LbH7YZzhd2EmMKyFyUmBvNTQ0O+ynY+UnbhH6v5x
mX+/9uw3xxY+EEZsvVtr46z8Zb/iVp9miEuU9J6qQL8wwGZfhaP5X5ECgYEAtcjK
0H+uJ1V7WT4HtbLweo8EYBaf5AKeTYnATExUGob4eAEZX0ItJ8TbPTGXNGUiK/6n
jbcPGFSaOuxBz2UFmsAzvpXhossjDNk4ViQRQ/fkm43MI7WWIfmO7/lcf226uaH3
wDGjEEBcVORnzpSgMv84WmVi+9wBHuPJ7l/nkS8CgYBOG0IaxzNfIoWUVYwrDBR+
XzVEEsY8XyC6Ynv6HKFeuweNpj08ycOvvJclUr01VHqyJnwanoIN+Hjcx4vX558F
h/fjVAsBCTZj2VPGlRq55p1iNx5Tzj812rClO4p1LkKy+A7HdLG0CO9PM64KmiFQ
XJYM4o2kyTiUF1Y1ciMmkQKBgG8gGxOQKeczs17fs5jYlXdmfDc9PWsGSr19qwc5
VeSNg9DgYyE/dBkulxN2gEdwV45rcwQH1vt5pHrGuIhO6jkqq7cjKrb41SlilLTc
AY36OU76RMPDms6UH1QFrQzdCFu4bpqX/WXO4mKm6ep4IuJp8IoaFoN+f1ThzSyi
hg3TAoGAKWBUl5B4mVspPOsyf0eV2Lqz6O63CfXoGWPSngHxZLuhlw50oN1Ya+6s
HhzwO86Hxr81L7tkmlUgCV8dVIWU22RjVUvrXajF24H7ZqMtz3NeLXDs4qnRVqNm
B4EHzBM1NXqyeO9H41qAAFKeIEVncDVgpqDVmdzpMojdwFSVVsY=
-----END RSA PRIVATE KEY-----
)",
    R"(
-----BEGIN RSA PRIVATE KEY-----
MIIEogIBAAKCAQEAwl/VPI9fyxvCab0Scw9pRTE29L2/6mCyR7ygbV2Oa1SvrV+G
ST5+aRe8O7Ps/Zb8k1KYmoMS6sSx3XpEpFCDGrQZtjeRMetR3DBvUypdozQUCvuw
ahtcS9l138sO9Ioa1TVR91EOVaK/Dep2rN4D0/mPPp48FfwIZjPFIUSU2lGBWkd3
yDeSsCSekjJitCVYPGwI1OlsHByRgKIV4m8CQ8BfRZ1ntAPA78wjSuGiqG3lulHj
jTNlFjC2crXQ7MD2Mu3feCQb/URa97sYqOwt/ev1F0p41G0POx72JugBJ9dR/APF
PFO+uAwrybyI82dFgk5K5emKabJ/sObG42lrnwIDAQABAoIBADsw/tk12hiah/42
RyeF0mtxPMiT/h0MPE5POVWEr4ms3ODBnb2xS8KKKVbPCIUDFUBx3ynyb3DR3E5T
XRLit8IKhWfxjQQ0IpYYo9YiKSi5g78CfWsakOVCQDyZ9CBw7BHwblkPtHtMl7zP
oTssUuMa9M2/VxHk0dP5wPbMET5YGkeXtwA5qhay8Do07yCdNsf/ZTfMxbyGlEWT
NQHfoM06lZ3NmlODDPtC86OX/hhGuZwCOFUAiR0lI8yxuNtVPK8LGh+1XgS+iUvL
xdw+JJViT02QGuf0K9KBIeLQOlTfe+J++5F2/UkKOQ4oXKbLZxCv1uknASV5Ifm0
XidilykCgYEA9LwKIHxyiLSDo3rSUYoWNaALRQSkhE7AlqHNyJ+U+xdxV3TdqZna
7wDfJL/RsAllSW0gsNRIJ50NwDw7rAMAtzAhLuK9w8OFZ6QASXEODVsA+H2mZoCK
HcPT4H5259WIw5fXJ8YgfwWaUlOX6dBL/5muan3FRpE5x6wNrPRifYcCgYEAy1JY
4ub27TTr4vR4YHfbxRC7Vdy5fEytuWk0IHRZrsGySI5Yi67koWQVmatIXbMhPYff
ZpfJrRZWeGe6I4OjbE6KdeN0KcBAd4BUR3eX7Rb3rUjRSb9BjbTGYbE21Eiur9HE
Agp55EiBGY+S+794WXZzSAgrUPFIRVuwyyBOZykCgYAWYS+n4tlyaNd01qFu9Wqs
grMlH5SPyMfRvoAb7YPpJi6mKbivbrNXkcPWD3h0WZeajFEl+nOSs8jzIE7wnuGs
3sjaCcACq9mCLbwc+yqmzACduJfD3dNDf4nbiJUFBEDaagMxzutf0jpXdu94YSTh
/cK2WEP2/QbEnJYvj7WF9wKBgG0dRUyIDO5iH1GOR2fmCxBoGVFMAlM9x2GgnvPn
3RVXJ/meQtC7zED8uEbe0BhRAL7Hw1GIlhgIy+EUMaXLiJGgWNhJd9bMMQyw1wn/
mY4IbGUXlhHQzTpiULCu7TDhzLXYiitaOe4UJwxzq7rlF45TbiyzDaQDyPhH68on
DUx5AoGAa6b4+BwhIEb++U/+cgP7pWhurHsdPflSjRl60PDsc8N9zUEiRnmlMA+v
No5FOv2YlWZVvVjRVuEODGn0xDqMxyIhnT5NPaIJX6290QXQZrduMx9NorGB5RdD
9eCouKCzEvjn4F73viIVMoQDpj002hxOr7DvDM9DXMPhO0uhl2g=
-----END RSA PRIVATE KEY-----
)",
};

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "tests/support/keys.cc: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

const EVP_MD* digest_of(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

Octets bignum_octets(const BIGNUM* number, std::size_t size) {
  Octets out(size);
  require(BN_bn2binpad(number, out.data(), static_cast<int>(size)) == static_cast<int>(size), "BN_bn2binpad");
  return out;
}

Octets bignum_param(EVP_PKEY* pkey, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(pkey, name, &number) == 1, "EVP_PKEY_get_bn_param");
  const Octets out = bignum_octets(number, size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size);
  BN_free(number);
  return out;
}

Octets raw_public(EVP_PKEY* pkey) {
  std::size_t size = 0;
  require(EVP_PKEY_get_raw_public_key(pkey, nullptr, &size) == 1, "EVP_PKEY_get_raw_public_key");
  Octets out(size);
  require(EVP_PKEY_get_raw_public_key(pkey, out.data(), &size) == 1, "EVP_PKEY_get_raw_public_key");
  return out;
}

Octets der_to_jose(const Octets& der, std::size_t coordinate_size) {
  const std::uint8_t* at = der.data();
  ECDSA_SIG* parsed = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  require(parsed != nullptr, "d2i_ECDSA_SIG");
  Octets out = bignum_octets(ECDSA_SIG_get0_r(parsed), coordinate_size);
  const Octets s = bignum_octets(ECDSA_SIG_get0_s(parsed), coordinate_size);
  out.insert(out.end(), s.begin(), s.end());
  ECDSA_SIG_free(parsed);
  return out;
}

Octets digest_sign(EVP_PKEY* pkey, const EVP_MD* md, const EVP_MD* mgf1, int salt, std::string_view message) {
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  EVP_PKEY_CTX* pkey_ctx = nullptr;
  require(ctx != nullptr && EVP_DigestSignInit(ctx, &pkey_ctx, md, nullptr, pkey) == 1, "EVP_DigestSignInit");
  if (mgf1 != nullptr) {
    require(EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(pkey_ctx, mgf1) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, salt) == 1,
            "PSS parameters");
  }
  const ByteView bytes = as_bytes(message);
  std::size_t size = 0;
  require(EVP_DigestSign(ctx, nullptr, &size, bytes.data(), bytes.size()) == 1, "EVP_DigestSign");
  Octets out(size);
  require(EVP_DigestSign(ctx, out.data(), &size, bytes.data(), bytes.size()) == 1, "EVP_DigestSign");
  out.resize(size);
  EVP_MD_CTX_free(ctx);
  return out;
}

}  // namespace

std::string b64(ByteView bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (!out.empty() && out.back() == '=') out.pop_back();
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::string b64(std::string_view text) {
  return b64(as_bytes(text));
}

Octets unb64(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  Octets out(padded.size() / 4 * 3);
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(padded.data()),
                                   static_cast<int>(padded.size()));
  require(size >= 0, "EVP_DecodeBlock");
  out.resize(static_cast<std::size_t>(size) - padding);  // it counts padding as bytes
  return out;
}

Octets from_hex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  Octets out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(value(digits[i]) * 16 + value(digits[i + 1])));
  }
  return out;
}

Octets random_octets(std::size_t size) {
  Octets out(size);
  if (size != 0) require(RAND_bytes(out.data(), static_cast<int>(size)) == 1, "RAND_bytes");
  return out;
}

bool openssl_has_ml_dsa() {
  ERR_set_mark();
  EVP_SIGNATURE* found = EVP_SIGNATURE_fetch(nullptr, "ML-DSA-44", nullptr);
  ERR_pop_to_mark();
  EVP_SIGNATURE_free(found);
  return found != nullptr;
}

SigningKey::SigningKey(EVP_PKEY* pkey) : pkey_(pkey, &EVP_PKEY_free) {
  require(pkey != nullptr, "making a key");
}

SigningKey SigningKey::rsa(unsigned which) {
  BIO* bio = BIO_new_mem_buf(kRsaKeys[which] + 1, -1);  // after the newline that opens the literal
  SigningKey key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  key.members_ = {{"kty", "RSA"},
                  {"n", b64(bignum_param(key.pkey(), OSSL_PKEY_PARAM_RSA_N, 0))},
                  {"e", b64(bignum_param(key.pkey(), OSSL_PKEY_PARAM_RSA_E, 0))}};
  return key;
}

SigningKey SigningKey::ec(Curve curve) {
  const CurveInfo& row = info(curve);
  SigningKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", row.openssl));
  key.members_ = {{"kty", "EC"},
                  {"crv", std::string(row.name)},
                  {"x", b64(bignum_param(key.pkey(), OSSL_PKEY_PARAM_EC_PUB_X, row.coordinate_size))},
                  {"y", b64(bignum_param(key.pkey(), OSSL_PKEY_PARAM_EC_PUB_Y, row.coordinate_size))}};
  return key;
}

SigningKey SigningKey::okp(Curve curve) {
  const CurveInfo& row = info(curve);
  SigningKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, row.openssl));
  key.members_ = {{"kty", "OKP"}, {"crv", std::string(row.name)}, {"x", b64(raw_public(key.pkey()))}};
  return key;
}

SigningKey SigningKey::oct(std::size_t bytes) {
  return oct_of(random_octets(bytes));
}

SigningKey SigningKey::oct_of(Octets secret) {
  SigningKey key;
  key.members_ = {{"kty", "oct"}, {"k", b64(secret)}};
  key.secret_ = std::move(secret);
  return key;
}

SigningKey SigningKey::akp(Algorithm algorithm) {
  const std::string name(info(algorithm).name);
  SigningKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, name.c_str()));
  key.members_ = {{"kty", "AKP"}, {"alg", name}, {"pub", b64(raw_public(key.pkey()))}};
  return key;
}

SigningKey SigningKey::for_algorithm(Algorithm algorithm) {
  const AlgorithmInfo& row = info(algorithm);
  switch (row.kty) {
    case KeyType::rsa:
      return rsa();
    case KeyType::ec:
      return ec(row.curve);
    case KeyType::okp:
      return okp(row.curve == Curve::none ? Curve::ed25519 : row.curve);
    case KeyType::akp:
      return akp(algorithm);
    default:
      return oct(hash_size(row.hash));
  }
}

Octets SigningKey::sign(Algorithm algorithm, std::string_view message) const {
  const AlgorithmInfo& row = info(algorithm);
  const EVP_MD* md = digest_of(row.hash);
  if (row.family == AlgorithmFamily::hmac) {
    Octets out(hash_size(row.hash));
    unsigned size = 0;
    const ByteView bytes = as_bytes(message);
    require(HMAC(md, secret_.data(), static_cast<int>(secret_.size()), bytes.data(), bytes.size(), out.data(), &size) !=
                nullptr,
            "HMAC");
    return out;
  }
  if (row.family == AlgorithmFamily::rsa_pss) {
    return sign_pss(row.hash, row.hash, static_cast<int>(hash_size(row.hash)), message);
  }
  const Octets out = digest_sign(pkey(), md, nullptr, 0, message);
  return row.family == AlgorithmFamily::ecdsa ? der_to_jose(out, info(row.curve).coordinate_size) : out;
}

Octets SigningKey::sign_pss(Hash hash, Hash mgf1, int salt, std::string_view message) const {
  return digest_sign(pkey(), digest_of(hash), digest_of(mgf1), salt, message);
}

std::string SigningKey::jwk(std::string_view extra) const {
  std::string out = "{";
  for (const Member& m : members_) {
    if (out.size() > 1) out += ',';
    out += '"' + m.name + "\":\"" + m.value + '"';
  }
  if (!extra.empty()) out.append(",").append(extra);
  return out + "}";
}

std::string SigningKey::member(std::string_view name) const {
  for (const Member& m : members_) {
    if (m.name == name) return m.value;
  }
  require(false, "SigningKey::member");
  return {};
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string out = R"({"keys":[)";
  for (const std::string& key : keys) {
    if (out.back() != '[') out += ',';
    out += key;
  }
  return out + "]}";
}

std::string join_token(std::string_view header, std::string_view payload, ByteView signature) {
  return b64(header) + "." + b64(payload) + "." + b64(signature);
}

std::string sign_token(std::string_view header, std::string_view payload, const SigningKey& key, Algorithm algorithm) {
  return join_token(header, payload, key.sign(algorithm, b64(header) + "." + b64(payload)));
}

Octets ecdsa_signature(ByteView r, ByteView s, std::size_t coordinate_size) {
  Octets out(2 * coordinate_size);
  std::copy(r.begin(), r.end(), out.begin() + static_cast<std::ptrdiff_t>(coordinate_size - r.size()));
  std::copy(s.begin(), s.end(), out.begin() + static_cast<std::ptrdiff_t>(2 * coordinate_size - s.size()));
  return out;
}

Octets openssl_ecdsa_der(ByteView r_and_s) {
  const int half = static_cast<int>(r_and_s.size() / 2);
  ECDSA_SIG* signature = ECDSA_SIG_new();
  require(signature != nullptr && ECDSA_SIG_set0(signature, BN_bin2bn(r_and_s.data(), half, nullptr),
                                                 BN_bin2bn(r_and_s.data() + half, half, nullptr)) == 1,
          "ECDSA_SIG_set0");
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  require(size > 0, "i2d_ECDSA_SIG");
  const Octets out(der, der + size);
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return out;
}

}  // namespace simdjwt::test
