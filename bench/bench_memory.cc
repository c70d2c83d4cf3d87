// What things weigh: bytes that malloc has handed out (mallinfo2) for scratches, keys, rulesets and validators, made in
// hundreds so that rounding drops out. Address space that a scratch has not touched is counted as well.

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "support/gateway.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

double in_use() {
  const struct mallinfo2 now = mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

// Bytes for each of `count` objects that make() returns.
template <class Make>
double weigh(std::size_t count, const Make& make) {
  std::vector<decltype(make())> kept;
  kept.reserve(count);
  const double before = in_use();
  for (std::size_t i = 0; i < count; ++i) kept.push_back(make());
  return (in_use() - before) / static_cast<double>(count);
}

std::string policy_of(std::size_t issuers) {
  std::string document = R"({"version":1,"issuers":[)";
  for (std::size_t i = 0; i < issuers; ++i) {
    if (i != 0) document += ',';
    document += R"({"issuer":"https://as-)" + std::to_string(i) +
                R"(.example","profile":"access-token","audiences":["https://api.example"],"algorithms":["ES256"]})";
  }
  return document + "]}";
}

// A scratch that has validated a token of this gateway: contexts are prepared.
std::unique_ptr<Scratch> used_scratch(const Gateway& gateway, const std::string& token) {
  auto scratch = gateway.validator->make_scratch(0);
  if (gateway.validator->validate(*scratch, {.token = token, .now = kGatewayNow}).error != Error::ok) {
    std::fprintf(stderr, "the token was refused\n");
    std::exit(1);
  }
  return scratch;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  using simdjwt::Algorithm;
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  const std::size_t count = options.quick ? 10 : 200;
  Table table{"bytes", {"of what", "bytes"}, {}, "", {}};
  Tables found{"Memory",
               "Bytes that malloc has handed out for one of each, those of OpenSSL included; a scratch's buffers are "
               "counted in full, though their pages are touched only as tokens need them.",
               {},
               {}};
  const auto add = [&](const std::string& what, double bytes) {
    table.rows.push_back({what, bytes});
    found.ratios.push_back({"bytes of " + what, true, {bytes}});
  };
  const Gateway es256(Algorithm::ES256);
  add("a scratch for tokens of 4 KiB", weigh(count, [&] { return es256.validator->make_scratch(4096); }));
  add("a scratch for tokens of 16 KiB", weigh(count, [&] { return es256.validator->make_scratch(16384); }));
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::Ed25519}) {
    const Gateway gateway(algorithm);
    const std::string name(simdjwt::info(algorithm).name), token = gateway.token();
    const double fresh = weigh(count, [&] { return gateway.validator->make_scratch(0); });
    add("what a scratch prepares for one key of " + name,
        weigh(count, [&] { return used_scratch(gateway, token); }) - fresh);
  }
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::Ed25519}) {
    const Gateway gateway(algorithm);
    add("a key set of one key of " + std::string(simdjwt::info(algorithm).name),
        weigh(count, [&] { return simdjwt::JwkSet::parse(gateway.jwks).set; }));
  }
  const std::string one = policy_of(1), many = policy_of(101);
  const double small = weigh(count, [&] { return simdjwt::Ruleset::compile(one).ruleset; });
  add("a ruleset of one issuer", small);
  add("each further issuer of a ruleset",
      (weigh(count / 10, [&] { return simdjwt::Ruleset::compile(many).ruleset; }) - small) / 100);
  const auto ruleset = simdjwt::Ruleset::compile(one).ruleset;
  add("a validator", weigh(count, [&] { return std::make_unique<simdjwt::Validator>(ruleset); }));
  found.tables.push_back(table);
  return found.finish(options);
}
