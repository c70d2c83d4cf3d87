// The replay store: what it costs to insert a jti or to find that it was used, with one million and with many live
// entries, beside a hash set that a mutex guards and beside Redis on a socket; two threads to one; percentiles on a
// quiet day and while generations end; how often its filter is wrong. The jti, a UUID of 36 characters, is hashed
// within the time.
//
// BENCH_REPLAY_ENTRIES is the number of entries of the large store (default 100,000,000: 5 GB of memory with the set).

#include <absl/container/flat_hash_set.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/huge_memory.h"
#include "support/redis_peer.h"
#include "support/replay.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

double seconds(clockid_t clock = CLOCK_THREAD_CPUTIME_ID) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "not the answer that was to be timed: %s\n", what);
  std::exit(1);
}

void expect(std::size_t got, std::size_t wanted, const char* what) {
  if (got != wanted) fail(what);
}

struct HashOf {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

// A hash set of whole fingerprints that remembers no time, behind a mutex.
struct GuardedSet {
  std::mutex mutex;
  absl::flat_hash_set<Hash128, HashOf> set;

  GuardedSet(const KeyedHash128& hash, std::uint64_t count) {
    set.reserve(count + count / 50);
    Jtis jtis;
    for (std::uint64_t at = 0; at < count; at += 4096) {
      jtis.receive(static_cast<std::size_t>(std::min<std::uint64_t>(4096, count - at)),
                   [at](std::size_t i) { return at + i; });
      for (std::size_t i = 0; i < jtis.size(); ++i) set.insert(hash("", jtis[i]));
    }
  }
  std::size_t one_by_one(const KeyedHash128& hash, const Jtis& jtis) {
    std::size_t inserted = 0;
    for (std::size_t i = 0; i < jtis.size(); ++i) {
      const Hash128 fingerprint = hash("", jtis[i]);
      const std::lock_guard lock(mutex);
      inserted += set.insert(fingerprint).second;
    }
    return inserted;
  }
  void take_back(const KeyedHash128& hash, const Jtis& jtis) {
    for (std::size_t i = 0; i < jtis.size(); ++i) set.erase(hash("", jtis[i]));
  }
};

struct Settings {
  int repeats;
  std::uint64_t small, large;
};

// Uses in a repeat: few beside what stands there, for they come on top of a full store.
std::size_t batch_of(std::uint64_t entries) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(entries / 128, 256, 65'536));
}

// ns an operation: repeats of every case in turn.
struct Times {
  std::vector<double> fresh, replayed, fresh_together, replayed_together, set_fresh, set_replayed, hash, read;
};

template <typename Body>
void time_one(std::vector<double>& samples, const Jtis& jtis, std::size_t wanted, const char* what, const Body& body) {
  const double begin = seconds();
  const std::size_t accepted = body();
  samples.push_back((seconds() - begin) * 1e9 / static_cast<double>(jtis.size()));
  expect(accepted, wanted, what);
}

// Uses of each repeat: new ones and replayed ones.
struct Uses {
  Jtis fresh, used;
  Uses(std::uint64_t entries, int repeat) {
    const std::uint64_t seed = mix(static_cast<std::uint64_t>(repeat) + 1);
    const std::size_t batch = batch_of(entries);
    fresh.receive(batch, [&](std::size_t i) { return (std::uint64_t{1} << 60) + (seed >> 8) + i; });
    used.receive(batch, [&](std::size_t i) { return mix(seed + i) % entries; });
  }
};

void time_store(Times& times, SizedStore& sized, int repeats) {
  const KeyedHash128& hash = sized.issuer.hash;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const Uses uses(sized.entries, repeat);
    const Jtis &fresh = uses.fresh, &used = uses.used;
    time_one(times.hash, fresh, fresh.size(), "hash", [&] {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < fresh.size(); ++i) sum |= hash("", fresh[i]).low;
      return sum == 0 ? 0 : fresh.size();
    });
    time_one(times.fresh, fresh, fresh.size(), "new", [&] { return sized.one_by_one(fresh); });
    sized.take_back(fresh);
    time_one(times.replayed, used, 0, "replayed", [&] { return sized.one_by_one(used); });
    time_one(times.fresh_together, fresh, fresh.size(), "new together", [&] { return sized.together(fresh); });
    sized.take_back(fresh);
    time_one(times.replayed_together, used, 0, "replayed together", [&] { return sized.together(used); });
  }
}

// After the store's, not in turn with them: each has the processor's cache for itself.
void time_set(Times& times, const SizedStore& sized, int repeats) {
  const KeyedHash128& hash = sized.issuer.hash;
  GuardedSet set(hash, sized.entries);
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const Uses uses(sized.entries, repeat);
    time_one(times.set_fresh, uses.fresh, uses.fresh.size(), "new in the set",
             [&] { return set.one_by_one(hash, uses.fresh); });
    set.take_back(hash, uses.fresh);
    time_one(times.set_replayed, uses.used, 0, "replayed in the set", [&] { return set.one_by_one(hash, uses.used); });
  }
}

// What the machine allows: a read at random of as much memory, which waits for the one before.
void time_read(Times& times, std::uint64_t bytes, int repeats) {
  const HugeMemory memory(bytes);
  std::memset(memory.data(), 1, memory.size());
  constexpr int kReads = 20'000;
  std::uint64_t at = 0;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double begin = seconds();
    for (int i = 0; i < kReads; ++i) at = mix(at + std::to_integer<std::uint64_t>(memory.data()[at % memory.size()]));
    times.read.push_back((seconds() - begin) * 1e9 / kReads);
  }
  if (at == 0) fail("read");
}

std::string whole(const std::vector<double>& samples) {
  return std::to_string(std::lround(median(samples)));
}

Table times_table(std::uint64_t entries, const Times& times, bool has_set) {
  Table table{std::to_string(entries) + " live entries: ns a use, its jti hashed within",
              {"case", "one by one", "32 at a time", "set behind a mutex"},
              {},
              "the set keeps no times; the hash alone takes " + whole(times.hash) + " ns, a read of as much memory " +
                  whole(times.read),
              {}};
  const auto set = [&](const std::vector<double>& samples) {
    return has_set ? Cell(median(samples)) : Cell(std::string("no memory"));
  };
  table.rows.push_back({"new", median(times.fresh), median(times.fresh_together), set(times.set_fresh)});
  table.rows.push_back({"replayed", median(times.replayed), median(times.replayed_together), set(times.set_replayed)});
  return table;
}

// Of queries about what is not there, and of the theory for the load that the cells show.
std::vector<Cell> filter_row(SizedStore& sized, const Settings& settings) {
  constexpr std::size_t kPart = 4096;
  const ReplayStore::Stats before = sized.store.stats();
  Jtis jtis;
  for (std::uint64_t at = 0; at < settings.small; at += kPart) {
    jtis.receive(kPart, [at](std::size_t i) { return (std::uint64_t{1} << 61) + at + i; });
    for (std::size_t i = 0; i < jtis.size(); ++i) {
      if (sized.store.check(sized.record(jtis[i]), kReplayNow, 0) != Error::ok) fail("check");
    }
  }
  const ReplayStore::Stats after = sized.store.stats();
  const double measured = static_cast<double>(after.filter_false - before.filter_false) /
                          static_cast<double>(after.filter_queries - before.filter_queries);
  return {std::to_string(sized.entries), static_cast<double>(after.bytes) / static_cast<double>(sized.entries),
          static_cast<double>(after.bytes) / static_cast<double>(after.capacity), 100 * measured,
          100 * after.filter_false_predicted};
}

// Uses a second of each number of threads, each with jtis of its own.
double throughput(SizedStore& sized, unsigned threads, const std::vector<Jtis>& jtis) {
  std::vector<std::thread> running;
  std::vector<double> ends(threads), begins(threads);
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      begins[t] = seconds(CLOCK_MONOTONIC);
      expect(sized.one_by_one(jtis[t], t), jtis[t].size(), "new on a thread");
      ends[t] = seconds(CLOCK_MONOTONIC);
    });
  }
  for (std::thread& thread : running) thread.join();
  double rate = 0;
  for (unsigned t = 0; t < threads; ++t) rate += static_cast<double>(jtis[t].size()) / (ends[t] - begins[t]);
  for (unsigned t = 0; t < threads; ++t) sized.take_back(jtis[t]);
  return rate;
}

Ratio set_ratio(const Times& times) {
  Ratio ratio{"new / new in a set behind a mutex", true, {}};
  for (std::size_t i = 0; i < times.set_fresh.size(); ++i) ratio.samples.push_back(times.fresh[i] / times.set_fresh[i]);
  return ratio;
}

Table ratios_table(const std::vector<Ratio>& ratios) {
  Table table{"Ratios, medians", {"", "ratio"}, {}, "", {}};
  for (const Ratio& ratio : ratios) table.rows.push_back({ratio.name, median(ratio.samples)});
  return table;
}

// In a store that is half full.
Ratio two_threads(const Settings& settings) {
  SizedStore half(2 * settings.small);
  half.fill(settings.small);
  Ratio ratio{"two threads / one, jtis of their own", false, {}};
  std::vector<Jtis> jtis(2);
  for (int repeat = 0; repeat < settings.repeats; ++repeat) {
    for (unsigned t = 0; t < 2; ++t) {
      const std::uint64_t from = mix(static_cast<std::uint64_t>(repeat * 2) + t + 77) >> 8;
      jtis[t].receive(static_cast<std::size_t>(settings.small / 4), [from](std::size_t i) { return from + i; });
    }
    const double one = throughput(half, 1, jtis);
    ratio.samples.push_back(throughput(half, 2, jtis) / one);
  }
  return ratio;
}

// A store in which as many entries expire as come, each use timed alone: in the middle of a generation of the filter,
// and as one ends.
Table latency(const Settings& settings) {
  constexpr std::int64_t kGeneration = 360, kShort = 300, kLong = 3900, kWindow = 20;
  SizedStore sized(settings.small);
  // Half of (short + long) is how long an entry stands on average.
  const std::uint64_t a_second = std::max<std::uint64_t>(settings.small * 2 / (kShort + kLong) * 95 / 100, 1);
  const std::int64_t begin = (kReplayNow / kGeneration + 1) * kGeneration;
  std::vector<double> quiet, ending, ignored;
  std::uint64_t next = std::uint64_t{1} << 62;
  Jtis jtis;
  for (std::int64_t now = begin; now < begin + kLong + 10 * kGeneration; ++now) {
    const std::int64_t phase = now % kGeneration;
    auto& samples = now < begin + kLong                                             ? ignored
                    : phase < kWindow                                               ? ending
                    : phase >= kGeneration / 2 && phase < kGeneration / 2 + kWindow ? quiet
                                                                                    : ignored;
    jtis.receive(a_second, [&](std::size_t) { return next++; });
    for (std::size_t i = 0; i < jtis.size(); ++i) {
      const auto life = static_cast<std::int64_t>(mix(next + i) % (kLong - kShort)) + kShort;
      const double start = seconds(CLOCK_MONOTONIC);
      const ReplayRecord record{sized.issuer.hash("", jtis[i]), now + life, sized.issuer.id};
      const Error error = sized.store.consume(record, sized.issuer.account, now, 0);
      const double end = seconds(CLOCK_MONOTONIC);
      if (error != Error::ok) fail("new on a day");
      if (&samples != &ignored) samples.push_back((end - start) * 1e9);
    }
  }
  Table table{"ns a use while time passes, the reading of the clock included",
              {"", "p50", "p99", "p99.9", "largest"},
              {},
              std::to_string(settings.small) + " entries, as many expiring as coming",
              {}};
  for (auto* samples : {&quiet, &ending}) {
    std::sort(samples->begin(), samples->end());
    table.rows.push_back({samples == &quiet ? "within a generation" : "as a generation ends", quantile(*samples, 0.5),
                          quantile(*samples, 0.99), quantile(*samples, 0.999), samples->back()});
  }
  return table;
}

Table redis(const Settings& settings) {
  Table table{"Redis on a Unix socket, SET NX EX: ns a use by the clock", {"pipelined", "new", "replayed"}, {}, "", {}};
  const auto peer = RedisPeer::start();
  if (peer == nullptr) {
    table.note = "skipped: no redis-server on this machine";
    return table;
  }
  std::uint64_t next = std::uint64_t{1} << 59;
  for (const std::size_t pipelined : {std::size_t{1}, std::size_t{100}}) {
    std::vector<double> fresh, used;
    for (int repeat = 0; repeat < settings.repeats; ++repeat) {
      Jtis jtis;
      jtis.receive(pipelined * 20, [&](std::size_t) { return next++; });
      std::vector<std::string_view> keys;
      for (std::size_t i = 0; i < jtis.size(); ++i) keys.push_back(jtis[i]);
      for (auto* samples : {&fresh, &used}) {
        const double begin = seconds(CLOCK_MONOTONIC);
        long set = 0;
        for (std::size_t at = 0; at < keys.size(); at += pipelined) {
          set += peer->set_all(std::span(keys).subspan(at, pipelined));
        }
        samples->push_back((seconds(CLOCK_MONOTONIC) - begin) * 1e9 / static_cast<double>(keys.size()));
        expect(static_cast<std::size_t>(set), samples == &fresh ? keys.size() : 0, "redis");
      }
    }
    table.rows.push_back({std::to_string(pipelined), median(fresh), median(used)});
  }
  return table;
}

bool has_memory(std::uint64_t bytes) {
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_AVPHYS_PAGES));
  return bytes < pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t large_entries() {
  const char* const wanted = std::getenv("BENCH_REPLAY_ENTRIES");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 100'000'000;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  const Settings settings = options.quick ? Settings{3, 20'000, 100'000} : Settings{9, 1'000'000, large_entries()};
  Tables found{"Replay store",
               "What it costs to record that a jti is used, or to find that it was; medians of repeats, processor "
               "time of one thread.",
               {},
               {}};
  Table filter{"Memory, and the filter before the spill",
               {"entries", "bytes an entry", "at capacity", "% wrongly passed", "% predicted"},
               {},
               "",
               {}};
  for (const std::uint64_t entries : {settings.small, settings.large}) {
    if (!has_memory(entries * 24)) {
      filter.note = "no memory for " + std::to_string(entries) + " entries";
      continue;
    }
    SizedStore sized(entries);
    sized.fill(entries);
    filter.rows.push_back(filter_row(sized, settings));
    Times times;
    time_store(times, sized, settings.repeats);
    const bool has_both = has_memory(entries * 48);
    if (has_both) time_set(times, sized, settings.repeats);
    if (has_both) time_read(times, entries * 24, settings.repeats);
    found.tables.push_back(times_table(entries, times, has_both));
    if (entries == settings.small) found.ratios.push_back(set_ratio(times));
  }
  found.tables.push_back(filter);
  found.ratios.push_back(two_threads(settings));
  found.tables.push_back(ratios_table(found.ratios));
  found.tables.push_back(latency(settings));
  found.tables.push_back(redis(settings));
  return found.finish(options);
}
