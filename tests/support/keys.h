// Keys, signatures and tokens for tests, made with OpenSSL alone: nothing of the engine helps to make what it judges.
//
// Thread-safety: a SigningKey is immutable. Cost: RSA keys are fixed (making one takes a tenth of a second), the others
// are generated. A failure of OpenSSL here aborts: a test that cannot make its input has nothing to say.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "jose/algorithm.h"

namespace simdjwt::test {

using Octets = std::vector<std::uint8_t>;

// base64url without padding, through EVP_EncodeBlock and EVP_DecodeBlock.
std::string b64(ByteView bytes);
std::string b64(std::string_view text);
Octets unb64(std::string_view text);
Octets from_hex(std::string_view digits);
Octets random_octets(std::size_t size);

// The linked OpenSSL has ML-DSA (3.5 and later).
bool openssl_has_ml_dsa();

class SigningKey {
 public:
  static SigningKey rsa(unsigned which = 0);  // 0 or 1: two fixed keys of 2,048 bits
  static SigningKey ec(Curve curve);
  static SigningKey okp(Curve curve);
  static SigningKey oct(std::size_t bytes);
  static SigningKey oct_of(Octets secret);
  static SigningKey akp(Algorithm algorithm);  // only when openssl_has_ml_dsa()
  static SigningKey for_algorithm(Algorithm algorithm);

  // In JOSE form: R || S for ECDSA.
  Octets sign(Algorithm algorithm, std::string_view message) const;
  // RSASSA-PSS with another salt or another hash in MGF1 than RFC 7518 §3.5 says.
  Octets sign_pss(Hash hash, Hash mgf1, int salt, std::string_view message) const;

  // The public JWK (the only one of a symmetric key); `extra` are more members: R"("kid":"a")".
  std::string jwk(std::string_view extra = {}) const;
  // The value of one member of jwk(): "n", "x", ...
  std::string member(std::string_view name) const;

  EVP_PKEY* pkey() const { return pkey_.get(); }
  const Octets& secret() const { return secret_; }

 private:
  struct Member {
    std::string name, value;
  };
  SigningKey() = default;
  explicit SigningKey(EVP_PKEY* pkey);

  std::shared_ptr<EVP_PKEY> pkey_;
  Octets secret_;
  std::vector<Member> members_;
};

// {"keys":[a,b,...]}
std::string jwks(std::initializer_list<std::string> keys);

// b64(header) . b64(payload) . b64(signature), all as given.
std::string sign_token(std::string_view header, std::string_view payload, const SigningKey& key, Algorithm algorithm);
std::string join_token(std::string_view header, std::string_view payload, ByteView signature);

// R || S from two numbers of any length.
Octets ecdsa_signature(ByteView r, ByteView s, std::size_t coordinate_size);

// The DER that OpenSSL makes of R || S.
Octets openssl_ecdsa_der(ByteView r_and_s);

}  // namespace simdjwt::test
