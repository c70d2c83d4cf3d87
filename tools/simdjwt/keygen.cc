// simdjwt keygen: a new private key as a JWK (RFC 7517).
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "commands.h"
#include "crypto.h"
#include "failure.h"
#include "file.h"
#include "key_options.h"
#include "terminal.h"

namespace simdjwt::cli {
namespace {

struct Options {
  std::string alg;
  std::string kid;
  std::string out;
  std::string public_out;
  unsigned bits = 2048;
  bool force = false;
};

// RFC 7638, from the engine, which drops a key it could not verify with: then no key is made.
std::string thumbprint(const JwkMembers& key) {
  const JwkMembers public_key = public_part(key);
  std::string document = to_json(public_key.empty() ? key : public_key);
  const Jwks set = parse_jwks("the new key", document);
  wipe(document);
  auto info = sized<simdjwt_key_info>();
  require_ok(simdjwt_jwks_key(set.get(), 0, &info), "the new key");
  require_ok(info.error, "the new key");
  return info.thumbprint;
}

// kty first, then what says how the key is used, then the key.
JwkMembers described(JwkMembers key, const Options& options) {
  std::string alg = options.alg;
  JwkMembers out{key.front(), {"alg", alg}, {"use", "sig"}};
  for (auto member = key.begin() + 1; member != key.end(); ++member) {
    if (member->name != "alg") out.push_back(*member);
  }
  wipe(key);
  const std::string kid = options.kid.empty() ? thumbprint(out) : options.kid;
  out.insert(out.begin() + 1, {"kid", kid});
  return out;
}

int run(const Options& options) {
  JwkMembers key = described(generate_key(options.alg, options.bits), options);
  const JwkMembers public_key = public_part(key);
  if (!options.public_out.empty() && public_key.empty()) {
    throw Failure("a symmetric key has no public half: leave --public out");
  }
  std::string document = to_json(key) + "\n";
  wipe(key);
  if (options.out.empty()) {
    print(document);
  } else {
    write_file(options.out, document, Secrecy::secret, options.force);
  }
  wipe(document);
  if (!options.public_out.empty()) {
    write_file(options.public_out, to_json(public_key) + "\n", Secrecy::open, options.force);
  }
  return kExitOk;
}

}  // namespace

void add_keygen(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("keygen", "Make a private key (JWK), for trying things out");
  const auto options = std::make_shared<Options>();
  command->add_option("--alg", options->alg, "HS256 ... ES256 ... EdDSA, Ed25519, Ed448, ML-DSA-44 ...")
      ->required()
      ->type_name("ALG");
  command->add_option("--kid", options->kid, "The kid (default: the RFC 7638 thumbprint)")->type_name("KID");
  command->add_option("--out", options->out, "Write the private key here, mode 0600 (default: standard output)")
      ->type_name("FILE");
  command->add_option("--public", options->public_out, "Write the public key here")->type_name("FILE");
  command->add_option("--bits", options->bits, "The size of an RSA key")
      ->check(CLI::Range(2048U, 8192U))
      ->capture_default_str()
      ->type_name("BITS");
  command->add_flag("--force", options->force, "Replace files that exist");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
