// Key sets of 1 to 1,000 keys with traffic over all of them: what finding a key costs, and what it costs that not every
// key's contexts stay prepared and cached.

#include <algorithm>
#include <random>

#include "support/gateway.h"
#include "support/repeats.h"

namespace simdjwt::bench {
namespace {

constexpr Algorithm kAlgorithms[] = {Algorithm::HS256, Algorithm::ES256};
constexpr std::size_t kCounts[] = {1, 10, 100, 1000};
constexpr std::size_t kIssuers[] = {1, 50, 1000};

struct Traffic {
  std::string name;  // "ES256/100"
  Gateway gateway;
  std::vector<std::string> tokens;  // one of each key, in a random order that is the same in every run

  Traffic(Algorithm algorithm, std::size_t count)
      : name(std::string(info(algorithm).name) + "/" + std::to_string(count)), gateway(algorithm, count) {
    for (std::size_t i = 0; i < count; ++i) tokens.push_back(gateway.token(R"(,"sub":"user")", i));
    std::shuffle(tokens.begin(), tokens.end(), std::minstd_rand(1));
  }
};

// Each iteration takes the next key's token.
void validate(benchmark::State& state, const Traffic& traffic, std::int64_t now, Error expected) {
  const Validator& validator = *traffic.gateway.validator;
  const auto scratch = validator.make_scratch(0);
  std::size_t next = 0;
  for (auto _ : state) {
    const Verdict verdict = validator.validate(*scratch, {.token = traffic.tokens[next], .now = now});
    if (verdict.error != expected) return wrong_verdict(state, std::string(error_name(verdict.error)));
    if (++next == traffic.tokens.size()) next = 0;
  }
}

// A policy of many issuers whose names differ at the end alone, and the look-up of each in turn.
struct Issuers {
  std::vector<std::string> names;
  std::shared_ptr<const Ruleset> ruleset;

  explicit Issuers(std::size_t count) {
    std::string policy;
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back("https://login.example.com/tenant-" + std::to_string(100000 + i));
      policy += (i == 0 ? R"({"version":1,"issuers":[)" : ",") + std::string(R"({"issuer":")") + names.back() +
                R"(","profile":"access-token","audiences":["api"]})";
    }
    ruleset = Ruleset::compile(policy + "]}").ruleset;
    if (!ruleset) std::abort();
    std::shuffle(names.begin(), names.end(), std::minstd_rand(1));
  }
};

void find_issuer(benchmark::State& state, const Issuers& issuers) {
  std::size_t next = 0;
  for (auto _ : state) {
    if (issuers.ruleset->find(issuers.names[next]) == Ruleset::kNoIssuer) return wrong_verdict(state, "iss_unknown");
    if (++next == issuers.names.size()) next = 0;
  }
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  using simdjwt::Error;
  const Options options(argc, argv);
  std::vector<std::unique_ptr<Traffic>> all;
  for (const simdjwt::Algorithm algorithm : kAlgorithms) {
    for (const std::size_t count : kCounts) all.push_back(std::make_unique<Traffic>(algorithm, count));
  }
  for (const auto& traffic : all) {
    benchmark::RegisterBenchmark(("whole/" + traffic->name).c_str(), [&traffic](benchmark::State& state) {
      validate(state, *traffic, kGatewayNow, Error::ok);
    });
    benchmark::RegisterBenchmark(("before/" + traffic->name).c_str(), [&traffic](benchmark::State& state) {
      validate(state, *traffic, kGatewayLate, Error::token_expired);
    });
  }
  for (const auto& [name, traffic] :
       {std::pair{"floor/HS256", &all.front()}, std::pair{"floor/ES256", &all[std::size(kCounts)]}}) {
    benchmark::RegisterBenchmark(
        name, [traffic](benchmark::State& state) { time_floor(state, (*traffic)->gateway, (*traffic)->tokens[0]); });
  }
  std::vector<std::unique_ptr<Issuers>> issuers;
  for (const std::size_t count : kIssuers) {
    issuers.push_back(std::make_unique<Issuers>(count));
    benchmark::RegisterBenchmark(("issuer/" + std::to_string(count)).c_str(),
                                 [&one = *issuers.back()](benchmark::State& state) { find_issuer(state, one); });
  }
  const Repeats runs(options, argc, argv);
  Table table{
      "ns a token by the number of keys", {"keys", "HS256", "ES256", "HS256 before the signature"}, {}, "", {1, 2, 3}};
  Tables found{
      "Many keys",
      "One issuer with a set of keys, a token of each in turn. A scratch keeps a number of keys prepared; with more "
      "keys than that each token finds its key unprepared.",
      {},
      {}};
  for (const std::size_t count : kCounts) {
    const std::string number = std::to_string(count);
    table.rows.push_back({static_cast<double>(count), runs.median_ns("whole/HS256/" + number),
                          runs.median_ns("whole/ES256/" + number), runs.median_ns("before/HS256/" + number)});
    for (const std::string alg : {"HS256", "ES256"}) {
      found.ratios.push_back(
          runs.ratio(alg + ", " + number + " keys / floor", "whole/" + alg + "/" + number, "floor/" + alg));
    }
  }
  found.tables.push_back(table);
  Table by_issuers{"ns to find the rule of an issuer", {"issuers", "ns"}, {}, "", {1}};
  for (const std::size_t count : kIssuers) {
    const std::string name = "issuer/" + std::to_string(count);
    by_issuers.rows.push_back({static_cast<double>(count), runs.median_ns(name)});
    if (count != 1) found.ratios.push_back(runs.ratio(std::to_string(count) + " issuers / 1 issuer", name, "issuer/1"));
  }
  found.tables.push_back(by_issuers);
  return found.finish(options);
}
