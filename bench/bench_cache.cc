// The verdict cache in whole validations: a hot working set, a million tokens at random, and traffic of which some is
// new.
//
// A token that has just arrived lies in the processor's cache, wherever the remembered one lies: each group of tokens is
// therefore copied to where it is warm before its validations are timed. The claims of every hit are there to be read:
// verdict.claims is looked into.
//
// The cache of a million tokens has room for them and little more: 1,152 bytes each, an eighth of that for segments that
// are always being emptied and for shards that got more than others, and the index. What a hit in it costs says little
// without what one read at random of as much memory costs on the same machine at the same time: it waits for two, of the
// index and of the entry.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "support/gateway.h"
#include "support/random_read.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

constexpr std::size_t kGroup = 64;

std::string make_token(const Gateway& gateway, std::size_t index) {
  // 960 bytes in all.
  const std::string more = R"(,"sub":"user-)" + std::to_string(10000000 + index) + R"(","scope":"orders:read orders:write",)" +
                           R"("groups":")" + std::string(462, 'g') + '"';
  return gateway.token(more);
}

struct Cached {
  Gateway gateway;
  std::unique_ptr<Scratch> scratch;
  std::vector<std::string> tokens;
  std::uint64_t hits = 0, validations = 0;

  Cached(std::size_t count, std::uint64_t bytes) : gateway(Algorithm::HS256, 1, bytes), scratch(gateway.validator->make_scratch(0, kGroup)) {
    tokens.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      tokens.push_back(make_token(gateway, i));
      validate(tokens.back());
    }
    for (const std::string& token : tokens) validate(token);
    hits = validations = 0;
  }

  void judge(const Verdict& verdict, const Lane& lane) {
    if (verdict.error != Error::ok || verdict.claims.front() != '{') {
      std::fprintf(stderr, "not the verdict that was to be timed: %s\n", std::string(error_name(verdict.error)).c_str());
      std::exit(1);
    }
    hits += lane.unread;
    ++validations;
  }

  void validate(std::string_view token) {
    judge(gateway.validator->validate(*scratch, {.token = token, .now = kGatewayNow}), *scratch);
  }

  // Nanoseconds a token over `groups` groups, each of tokens that `pick` chooses; all of a group at once if `batch`.
  template <typename Pick>
  double time(std::size_t groups, bool batch, Pick&& pick) {
    std::vector<std::string> warm(kGroup);
    std::vector<Request> requests(kGroup);
    std::vector<Verdict> verdicts(kGroup);
    std::chrono::steady_clock::duration spent{};
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t i = 0; i < kGroup; ++i) {
        warm[i] = tokens[pick()];
        requests[i] = {.token = warm[i], .now = kGatewayNow};
      }
      const auto start = std::chrono::steady_clock::now();
      if (batch) {
        if (gateway.validator->validate_batch(*scratch, requests, verdicts) != Error::ok) std::exit(1);
        for (std::uint32_t i = 0; i < kGroup; ++i) judge(verdicts[i], scratch->lane(i));
      } else {
        for (const std::string& token : warm) validate(token);
      }
      spent += std::chrono::steady_clock::now() - start;
    }
    return std::chrono::duration<double, std::nano>(spent).count() / static_cast<double>(groups * kGroup);
  }
};

// Zipf's law with exponent 1 over n ranks: the inverse of its integral.
class Zipf {
 public:
  explicit Zipf(std::size_t n) : n_(static_cast<double>(n)) {}
  template <typename Random>
  std::size_t operator()(Random& random) const {
    const double u = std::uniform_real_distribution<double>(0, 1)(random);
    return std::min(static_cast<std::size_t>(std::pow(n_, u)) - 1, static_cast<std::size_t>(n_) - 1);
  }

 private:
  double n_;
};

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  const std::size_t many = options.quick ? 2000 : 1000000, groups = options.quick ? 4 : 400;
  const int repeats = options.quick ? 2 : 9;
  const std::uint64_t mib = 1 << 20;
  Cached none(64, 0), hot(64, 4 * mib), random(many, options.quick ? 16 * mib : 1280 * mib);
  RandomRead memory(many * 1152);
  std::vector<double> read_ns;
  // Room for a twentieth of the tokens: Zipf's traffic hits what is asked for often.
  Cached small(many / 10, options.quick ? mib : 12 * mib);
  std::mt19937_64 dice(1);
  const auto hot_pick = [&dice] { return dice() % 64; };
  const auto random_pick = [&dice, many] { return dice() % many; };
  const Zipf zipf(many / 10);
  const auto zipf_pick = [&dice, &zipf] { return zipf(dice); };
  struct Row {
    const char* name;
    std::vector<double> ns;
    Cached* cached;
    std::uint64_t hits = 0, validations = 0;
  };
  Row rows[] = {{"no cache", {}, &none},          {"64 tokens", {}, &hot},           {"64 tokens, batches of 64", {}, &hot},
                {"a million tokens, cache of 1,280 MiB", {}, &random},
                {"a million, batches of 64, cache of 1,280 MiB", {}, &random},
                {"Zipf over 100,000, cache of 12 MiB", {}, &small}};
  for (int i = 0; i < repeats; ++i) {
    const auto run = [&](Row& row, bool batch, auto&& pick) {
      row.cached->hits = row.cached->validations = 0;
      row.ns.push_back(row.cached->time(groups, batch, pick));
      row.hits += row.cached->hits;
      row.validations += row.cached->validations;
    };
    run(rows[0], false, hot_pick);
    run(rows[1], false, hot_pick);
    run(rows[2], true, hot_pick);
    run(rows[3], false, random_pick);
    read_ns.push_back(memory.time(groups * kGroup));
    run(rows[4], true, random_pick);
    run(rows[5], false, zipf_pick);
  }
  Table table{"ns a token of 960 bytes, HS256", {"traffic", "ns", "hits %"}, {}, "", {}};
  Tables found{"Verdict cache",
               "Whole validations, one thread. Tokens are warm, as if they had just arrived; what the cache holds of them is "
               "where its last use left it.",
               {},
               {}};
  for (const Row& row : rows) {
    table.rows.push_back({std::string(row.name), median(row.ns),
                          100.0 * static_cast<double>(row.hits) / static_cast<double>(row.validations)});
    if (&row == rows) continue;
    Ratio ratio{std::string(row.name) + " / no cache", true, {}};
    for (std::size_t i = 0; i < row.ns.size(); ++i) ratio.samples.push_back(row.ns[i] / rows[0].ns[i]);
    found.ratios.push_back(std::move(ratio));
  }
  table.rows.push_back({"one read at random of as much memory", median(read_ns), ""});
  Ratio waits{"a million tokens / one read at random", true, {}};
  for (std::size_t i = 0; i < read_ns.size(); ++i) waits.samples.push_back(rows[3].ns[i] / read_ns[i]);
  table.note = "A million tokens / one read at random: " + std::to_string(median(waits.samples)).substr(0, 4) + ".";
  found.ratios.push_back(std::move(waits));
  found.tables.push_back(std::move(table));
  return found.finish(options);
}
