// Tokens of 200 bytes to 16 KiB: the whole validation, what comes before the signature (the same token, expired), and
// the floor, HS256 and ES256. What makes a token long is an array of short strings, as groups and roles are. And batches
// of 32 tokens against the same tokens one by one.

#include "support/gateway.h"
#include "support/repeats.h"

namespace simdjwt::bench {
namespace {

constexpr Algorithm kAlgorithms[] = {Algorithm::HS256, Algorithm::ES256};
constexpr Algorithm kBatchAlgorithms[] = {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256};
constexpr std::size_t kSizes[] = {200, 512, 1024, 2048, 4096, 8192, 16384};

// The longest token of at most `size` bytes, or the shortest there is.
std::string token_of(const Gateway& gateway, std::size_t size) {
  const std::size_t bare = gateway.token().size();
  if (size < bare + 64) return gateway.token();
  std::size_t characters = (size - bare) * 3 / 4 - 14;  // what the array's own characters leave
  std::string groups = R"(,"groups":[)";
  for (std::size_t i = 0; characters > 16; ++i, characters -= 16) {
    char group[20];
    std::snprintf(group, sizeof(group), "\"team-%05zu-rd\",", i % 100000);
    groups += group;
  }
  groups.back() = ']';
  return gateway.token(groups);
}

struct Case {
  Algorithm algorithm;
  std::string name;  // "HS256/512"
  std::string token;
  const Gateway* gateway;
};

// 32 tokens of 780 to 1,080 bytes, which differ in who they are about.
struct Batch {
  static constexpr std::size_t kTokens = 32;
  Gateway gateway;
  std::vector<std::string> tokens;
  std::vector<Request> requests;

  explicit Batch(Algorithm algorithm) : gateway(algorithm) {
    const std::string padding = R"(,"groups":[")" + std::string(400, 'g') + R"("])";
    for (std::size_t i = 0; i < kTokens; ++i) {
      tokens.push_back(gateway.token(R"(,"sub":"user-)" + std::to_string(1000 + i) + '"' + padding));
    }
    for (const std::string& token : tokens) requests.push_back({.token = token, .now = kGatewayNow});
  }
};

void validate_batch(benchmark::State& state, const Batch& batch) {
  const auto scratch = batch.gateway.validator->make_scratch(0, Batch::kTokens);
  std::vector<Verdict> verdicts(Batch::kTokens);
  for (auto _ : state) {
    if (batch.gateway.validator->validate_batch(*scratch, batch.requests, verdicts) != Error::ok) {
      return wrong_verdict(state, "no batch");
    }
    for (const Verdict& verdict : verdicts) {
      if (verdict.error != Error::ok) return wrong_verdict(state, std::string(error_name(verdict.error)));
    }
  }
}

void validate_each(benchmark::State& state, const Batch& batch) {
  const auto scratch = batch.gateway.validator->make_scratch(0, Batch::kTokens);
  for (auto _ : state) {
    for (const Request& request : batch.requests) {
      const Verdict verdict = batch.gateway.validator->validate(*scratch, request);
      if (verdict.error != Error::ok) return wrong_verdict(state, std::string(error_name(verdict.error)));
    }
  }
}

void validate(benchmark::State& state, const Case& one, std::int64_t now, Error expected) {
  const auto scratch = one.gateway->validator->make_scratch(0);
  for (auto _ : state) {
    const Verdict verdict = one.gateway->validator->validate(*scratch, {.token = one.token, .now = now});
    if (verdict.error != expected) return wrong_verdict(state, std::string(error_name(verdict.error)));
  }
}

Table table_of(const Repeats& runs, const std::vector<Case>& cases, Algorithm algorithm) {
  Table table{std::string(info(algorithm).name) + ", ns a token",
              {"bytes", "validation", "before the signature", "floor", "ratio to the floor"},
              {},
              "",
              {1, 2, 3}};
  for (const Case& one : cases) {
    if (one.algorithm != algorithm) continue;
    const double whole = runs.median_ns("whole/" + one.name), bare = runs.median_ns("floor/" + one.name);
    table.rows.push_back({static_cast<double>(one.token.size()), whole, runs.median_ns("before/" + one.name), bare,
                          bare > 0 ? whole / bare : 0});
  }
  return table;
}

Table table_of_batches(const Repeats& runs) {
  Table table{"Batches of 32 tokens of 780 to 1,080 bytes, ns a token",
              {"algorithm", "one by one", "batch", "batch / one by one"},
              {},
              "",
              {}};
  for (const Algorithm algorithm : kBatchAlgorithms) {
    const std::string name(info(algorithm).name);
    const double each = runs.median_ns("each/" + name), batch = runs.median_ns("batch/" + name);
    table.rows.push_back({name, each / Batch::kTokens, batch / Batch::kTokens, each > 0 ? batch / each : 0});
  }
  return table;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  using simdjwt::Error;
  const Options options(argc, argv);
  std::vector<std::unique_ptr<Gateway>> gateways;
  std::vector<Case> cases;
  for (const simdjwt::Algorithm algorithm : kAlgorithms) {
    gateways.push_back(std::make_unique<Gateway>(algorithm));
    for (const std::size_t size : kSizes) {
      cases.push_back({algorithm, std::string(simdjwt::info(algorithm).name) + "/" + std::to_string(size),
                       token_of(*gateways.back(), size), gateways.back().get()});
    }
  }
  for (const Case& one : cases) {
    benchmark::RegisterBenchmark(("whole/" + one.name).c_str(),
                                 [&one](benchmark::State& state) { validate(state, one, kGatewayNow, Error::ok); });
    benchmark::RegisterBenchmark(("before/" + one.name).c_str(), [&one](benchmark::State& state) {
      validate(state, one, kGatewayLate, Error::token_expired);
    });
    benchmark::RegisterBenchmark(("floor/" + one.name).c_str(),
                                 [&one](benchmark::State& state) { time_floor(state, *one.gateway, one.token); });
  }
  std::vector<std::unique_ptr<Batch>> batches;
  for (const simdjwt::Algorithm algorithm : kBatchAlgorithms) {
    const std::string name(simdjwt::info(algorithm).name);
    const Batch& batch = *batches.emplace_back(std::make_unique<Batch>(algorithm));
    benchmark::RegisterBenchmark(("each/" + name).c_str(),
                                 [&batch](benchmark::State& state) { validate_each(state, batch); });
    benchmark::RegisterBenchmark(("batch/" + name).c_str(),
                                 [&batch](benchmark::State& state) { validate_batch(state, batch); });
  }
  const Repeats runs(options, argc, argv);
  Tables found{
      "Token sizes",
      "The same checks on tokens of 200 bytes to 16 KiB, made longer by an array of short strings. “Before the "
      "signature” is the same token after it has expired. And 32 tokens in one call against 32 calls.",
      {},
      {}};
  for (const simdjwt::Algorithm algorithm : kAlgorithms) found.tables.push_back(table_of(runs, cases, algorithm));
  for (const Case& one : cases) {
    found.ratios.push_back(runs.ratio(one.name + " / floor", "whole/" + one.name, "floor/" + one.name));
  }
  found.tables.push_back(table_of_batches(runs));
  for (const simdjwt::Algorithm algorithm : kBatchAlgorithms) {
    const std::string name(simdjwt::info(algorithm).name);
    found.ratios.push_back(runs.ratio(name + " batch / one by one", "batch/" + name, "each/" + name));
  }
  return found.finish(options);
}
