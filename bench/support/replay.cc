#include "support/replay.h"

#include <cstdio>
#include <cstdlib>

namespace simdjwt::bench {
namespace {

constexpr std::size_t kTogether = 32;

ReplayStore::Config config(std::uint64_t bytes) {
  return {bytes, 86400, 100};
}

std::uint64_t bytes_for(std::uint64_t entries) {
  std::uint64_t bytes = std::max<std::uint64_t>(ReplayStore::kMinBytes, entries * 23);
  while (ReplayStore(config(bytes), KeyedHash128({})).capacity() < entries + entries / 100) bytes += bytes / 200;
  return bytes;
}

}  // namespace

SizedStore::SizedStore(std::uint64_t count)
    : entries(count),
      store(config(bytes_for(count)), KeyedHash128(KeyedHash128::Key{1, 2, 3})),
      issuer(store.issuer("https://as.example")) {}

void SizedStore::fill(std::uint64_t count) {
  constexpr std::uint64_t kPart = 8192;
  Jtis jtis;
  std::vector<ReplayRecord> records;
  for (std::uint64_t at = 0; at < count; at += kPart) {
    jtis.receive(static_cast<std::size_t>(std::min(kPart, count - at)), [at](std::size_t i) { return at + i; });
    records.clear();
    for (std::size_t i = 0; i < jtis.size(); ++i) records.push_back(record(jtis[i]));
    std::uint64_t loaded = 0;
    if (store.load(records.data(), records.size(), kReplayNow, &loaded) == Error::ok && loaded == jtis.size()) continue;
    std::fprintf(stderr, "the store does not take its entries\n");
    std::exit(1);
  }
}

void SizedStore::take_back(const Jtis& jtis) {
  for (std::size_t i = 0; i < jtis.size(); ++i) store.undo(record(jtis[i]), issuer.account);
}

std::size_t SizedStore::one_by_one(const Jtis& jtis, std::uint32_t stripe) {
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < jtis.size(); ++i) {
    accepted += store.consume(record(jtis[i]), issuer.account, kReplayNow, stripe) == Error::ok;
  }
  return accepted;
}

std::size_t SizedStore::together(const Jtis& jtis) {
  ReplayRecord records[kTogether];
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < jtis.size(); at += kTogether) {
    const std::size_t count = std::min(kTogether, jtis.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      records[i] = record(jtis[at + i]);
      store.prefetch(records[i].fingerprint);
    }
    for (std::size_t i = 0; i < count; ++i) {
      accepted += store.consume(records[i], issuer.account, kReplayNow, 0) == Error::ok;
    }
  }
  return accepted;
}

}  // namespace simdjwt::bench
