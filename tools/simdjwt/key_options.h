// The options that name public keys: a JWK Set, a JWK or a PEM file.
#pragma once

#include <string>

#include "handles.h"

namespace CLI {
class App;
}

namespace simdjwt::cli {

// A parsed key set, and the file it came from. No set: the file name is empty.
struct KeySource {
  std::string name;
  Jwks keys;
};

class KeyOptions {
 public:
  void add_to(CLI::App& command);

  // Throws Failure with the diagnostic of a document that is refused.
  KeySource load() const;

 private:
  std::string jwks_;
  std::string jwk_;
  std::string pem_;
  std::string kid_;
};

// A document that is a JWK Set or a JWK; `name` is for the message.
Jwks parse_jwks(const std::string& name, std::string_view document);

}  // namespace simdjwt::cli
