// What a snapshot holds of tokens that may be used once: where their uses are recorded, and who confirms them.
//
// Ownership: shares the store and the stages. Thread-safety: immutable, but for the store, which is concurrent by
// itself.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "policy/replay_store.h"

namespace simdjwt {

// Where uses are recorded besides the store; called by any number of threads at once, and may block (simdjwt.h).
class ReplayStage {
 public:
  virtual ~ReplayStage() = default;

  // One error a record, as many as there are records: ok, token_replayed, or any other, for which the use is taken
  // back.
  virtual void commit(std::span<const ReplayRecord> records, std::span<Error> errors) const noexcept = 0;
};

// In the order in which they are asked. The numbers are those of SIMDJWT_REPLAY_FLEET and _JOURNAL.
enum class ReplayStageName : std::uint8_t { fleet, journal };
inline constexpr std::size_t kReplayStages = 2;

struct ReplayState {
  std::shared_ptr<ReplayStore> store;  // null until a ruleset asks for one; then the same for good
  ReplayStore::Config config;          // that the store was made with
  std::vector<ReplayIssuer> issuers;   // by issuer of the ruleset, if some rule of it accepts a token once
  std::array<std::shared_ptr<const ReplayStage>, kReplayStages> stages;  // null: not attached
  bool is_complete = true;  // every stage that the ruleset asks for is attached

  bool has(ReplayStageName stage) const noexcept { return stages[static_cast<std::size_t>(stage)] != nullptr; }
};

}  // namespace simdjwt
