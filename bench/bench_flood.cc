// What an attacker's token costs: every way to be rejected, in the same run as the accepted token, and traffic of which
// nine tenths are forged. A rejection must not cost more than an acceptance.

#include <random>

#include "support/gateway.h"
#include "support/repeats.h"

namespace simdjwt::bench {
namespace {

struct Attack {
  std::string name;
  const Gateway* gateway;
  std::vector<std::string> tokens;  // taken in turn
  std::vector<Error> expected;      // one for each token
  std::int64_t now = kGatewayNow;
};

void validate(benchmark::State& state, const Attack& attack) {
  const Validator& validator = *attack.gateway->validator;
  const auto scratch = validator.make_scratch(0);
  std::size_t next = 0;
  for (auto _ : state) {
    const Verdict verdict = validator.validate(*scratch, {.token = attack.tokens[next], .now = attack.now});
    if (verdict.error != attack.expected[next]) return wrong_verdict(state, std::string(error_name(verdict.error)));
    if (++next == attack.tokens.size()) next = 0;
  }
}

std::string claims(std::size_t index) {
  return R"(,"sub":"user-8f14e45fceea167a","scope":"orders:read orders:write profile","jti":"0d5c2f1e-9a44-4b7e-)" +
         std::to_string(100000 + index) + "\"";
}

std::string replaced(std::string text, std::string_view old, std::string_view with) {
  return text.replace(text.find(old), old.size(), with);
}

// The tokens that are refused before the signature, and what they are refused for.
std::vector<Attack> cheap_attacks(const Gateway& es256) {
  const auto one = [&](const char* name, std::string token, Error error) {
    return Attack{name, &es256, {token}, {error}};
  };
  std::minstd_rand random(1);
  std::string noise(700, 'x');
  for (char& c : noise) c = static_cast<char>(33 + random() % 94);
  for (char& c : noise) c = c == '.' ? ',' : c;
  const std::string good = es256.token(claims(0)), payload = Gateway::payload(claims(0));
  const auto with_header = [&](const std::string& header) {
    return test::sign_token(header, payload, es256.keys[0], Algorithm::ES256);
  };
  Attack expired = one("expired", good, Error::token_expired);
  expired.now = kGatewayLate;
  return {
      one("no dots", noise, Error::token_segments),
      one("longer than the limit", std::string(20000, 'A'), Error::token_too_large),
      one("not base64url", "$" + good, Error::base64url_character),
      one("not JSON", test::join_token("{alg}", payload, es256.keys[0].sign(Algorithm::ES256, "x")),
          Error::json_syntax),
      one("alg none", with_header(replaced(es256.header(), "ES256", "none")), Error::alg_none),
      one("another alg", with_header(replaced(es256.header(), "ES256", "RS256")), Error::alg_not_allowed),
      one("unknown issuer",
          test::sign_token(es256.header(), replaced(payload, "as.example", "no.example"), es256.keys[0],
                           Algorithm::ES256),
          Error::iss_unknown),
      one("unknown key", with_header(replaced(es256.header(), "key-0", "key-1")), Error::key_unknown),
      expired,
  };
}

// Ten different tokens, `forged` of them with the signature of another message.
Attack mix(std::string name, const Gateway& gateway, std::size_t forged) {
  Attack attack{std::move(name), &gateway, {}, {}};
  for (std::size_t i = 0; i < 10; ++i) {
    // 3 and 10 have no common factor: the forged ones are spread.
    const bool bad = i * 3 % 10 < forged;
    attack.tokens.push_back(bad ? gateway.forged(claims(i)) : gateway.token(claims(i)));
    attack.expected.push_back(bad ? Error::signature_invalid : Error::ok);
  }
  return attack;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  using simdjwt::Algorithm;
  const Options options(argc, argv);
  const Gateway hs256(Algorithm::HS256), rs256(Algorithm::RS256), es256(Algorithm::ES256);
  const std::pair<const char*, const Gateway*> gateways[] = {{"HS256", &hs256}, {"RS256", &rs256}, {"ES256", &es256}};
  std::vector<Attack> attacks = cheap_attacks(es256);
  for (const auto& [alg, gateway] : gateways) {
    attacks.push_back(mix(std::string(alg) + " forged", *gateway, 10));
    attacks.push_back(mix(std::string(alg) + " 90% forged", *gateway, 9));
    attacks.push_back(mix(std::string(alg) + " accepted", *gateway, 0));
  }
  for (const Attack& attack : attacks) {
    benchmark::RegisterBenchmark(attack.name.c_str(), [&attack](benchmark::State& state) { validate(state, attack); });
  }
  const std::string floor_tokens[] = {hs256.token(claims(0)), rs256.token(claims(0)), es256.token(claims(0))};
  for (std::size_t i = 0; i < std::size(gateways); ++i) {
    benchmark::RegisterBenchmark((std::string(gateways[i].first) + " floor").c_str(), [&, i](benchmark::State& state) {
      time_floor(state, *gateways[i].second, floor_tokens[i]);
    });
  }
  const Repeats runs(options, argc, argv);

  Table table{"ns a token", {"token", "verdict", "ns", "% of an accepted one"}, {}, "", {}};
  Tables found{"Under attack",
               "Every way to be rejected, and traffic of which nine tenths are forged; the last column is the "
               "cost in percent of accepting a token in the same run.",
               {},
               {}};
  for (const Attack& attack : attacks) {
    const auto space = attack.name.find(' ');
    const std::string alg = attack.name.substr(0, space);
    const bool has_own = alg == "HS256" || alg == "RS256" || alg == "ES256";
    const std::string accepted = (has_own ? alg : "ES256") + " accepted";
    const bool mixed = attack.name.find('%') != std::string::npos;
    const double ns = runs.median_ns(attack.name), whole = runs.median_ns(accepted);
    table.rows.push_back({attack.name, mixed ? std::string("mixed") : std::string(error_name(attack.expected[0])), ns,
                          whole > 0 ? 100 * ns / whole : 0});
    // To the floor, not to the accepted token: a faster acceptance is not a slower rejection.
    const std::string floor = (has_own ? alg : "HS256") + " floor";
    found.ratios.push_back(runs.ratio(attack.name + " / floor", attack.name, floor));
  }
  found.tables.push_back(table);
  return found.finish(options);
}
