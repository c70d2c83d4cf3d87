#include <algorithm>
#include <array>

#include "capi/handles.h"

using namespace simdjwt;
using namespace simdjwt::capi;

static_assert(SIMDJWT_REPLAY_FLEET == static_cast<unsigned>(ReplayStageName::fleet));
static_assert(SIMDJWT_REPLAY_JOURNAL == static_cast<unsigned>(ReplayStageName::journal));

namespace {

constexpr std::size_t kHalf = sizeof(std::uint64_t);

void write_half(std::uint64_t half, std::uint8_t* out) noexcept {
  for (std::size_t i = 0; i < kHalf; ++i) out[i] = static_cast<std::uint8_t>(half >> (8 * i));
}

std::uint64_t read_half(const std::uint8_t* in) noexcept {
  std::uint64_t half = 0;
  for (std::size_t i = 0; i < kHalf; ++i) half |= std::uint64_t{in[i]} << (8 * i);
  return half;
}

void write_fingerprint(const Hash128& hash, std::uint8_t* out) noexcept {
  write_half(hash.low, out);
  write_half(hash.high, out + kHalf);
}

KeyedHash128 key_of(const std::uint8_t* bytes) noexcept {
  KeyedHash128::Key key;
  std::copy_n(bytes, key.size(), key.begin());
  return KeyedHash128(key);
}

// A stage of the C API; batches are no longer than a scratch has lanes.
class StageOfCaller final : public ReplayStage {
 public:
  explicit StageOfCaller(const simdjwt_replay_stage& stage) noexcept : stage_(stage) {}

  void commit(std::span<const ReplayRecord> records, std::span<Error> errors) const noexcept override {
    std::array<simdjwt_replay_record, Scratch::kMaxLanes> given;
    std::array<simdjwt_error, Scratch::kMaxLanes> answers;
    std::transform(records.begin(), records.end(), given.begin(), write_record);
    answers.fill(SIMDJWT_STORE_UNAVAILABLE);  // what the stage leaves out has not been recorded
    stage_.commit(stage_.context, given.data(), static_cast<uint32_t>(records.size()), answers.data());
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const simdjwt_error answer = answers[i];
      errors[i] = answer == SIMDJWT_OK               ? Error::ok
                  : answer == SIMDJWT_TOKEN_REPLAYED ? Error::token_replayed
                                                     : Error::store_unavailable;
    }
  }

 private:
  simdjwt_replay_stage stage_;
};

}  // namespace

simdjwt_replay_record simdjwt::capi::write_record(const ReplayRecord& record) noexcept {
  simdjwt_replay_record out{{}, record.forget_at, record.issuer, 0};
  write_fingerprint(record.fingerprint, out.fingerprint);
  return out;
}

ReplayRecord simdjwt::capi::read_record(const simdjwt_replay_record& record) noexcept {
  return {{read_half(record.fingerprint), read_half(record.fingerprint + kHalf)}, record.forget_at, record.issuer};
}

simdjwt_error simdjwt_replay_attach(simdjwt_validator* validator, uint32_t which,
                                    const simdjwt_replay_stage* stage) noexcept {
  if (validator == nullptr || stage == nullptr || which >= kReplayStages) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(stage)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (stage->commit == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    const auto name = static_cast<ReplayStageName>(which);
    return code(validator->validator.attach(name, std::make_shared<StageOfCaller>(*stage)));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

simdjwt_error simdjwt_replay_share(simdjwt_validator* validator, const simdjwt_validator* other) noexcept {
  if (validator == nullptr || other == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return code(validator->validator.share_replay(other->validator));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

simdjwt_error simdjwt_replay_set_key(simdjwt_validator* validator, const uint8_t key[16]) noexcept {
  if (validator == nullptr || key == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return code(validator->validator.set_replay_key(key_of(key)));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

simdjwt_error simdjwt_replay_key(const simdjwt_validator* validator, uint8_t key[16], uint32_t* is_set) noexcept {
  if (validator == nullptr || key == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  const std::shared_ptr<ReplayStore> store = validator->validator.replay_store();
  if (!store) return SIMDJWT_NOT_FOUND;
  const KeyedHash128::Key bytes = store->key().key();
  std::copy(bytes.begin(), bytes.end(), key);
  if (is_set != nullptr) *is_set = validator->validator.is_replay_key_set() ? 1 : 0;
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_replay_load(simdjwt_validator* validator, const simdjwt_replay_record* records, uint32_t count,
                                  int64_t now, uint64_t* loaded) noexcept {
  if (validator == nullptr || (records == nullptr && count != 0)) return SIMDJWT_INVALID_ARGUMENT;
  const std::shared_ptr<ReplayStore> store = validator->validator.replay_store();
  if (!store) return SIMDJWT_NOT_FOUND;
  constexpr std::size_t kAtOnce = 256;
  std::array<ReplayRecord, kAtOnce> some;
  std::uint64_t total = 0;
  Error error = Error::ok;
  for (std::size_t done = 0; done < count;) {
    const std::size_t size = std::min<std::size_t>(kAtOnce, count - done);
    std::transform(records + done, records + done + size, some.begin(), read_record);
    std::uint64_t put = 0;
    const Error one = store->load(some.data(), size, now, &put);
    if (one != Error::ok) error = one;
    total += put;
    done += size;
  }
  if (loaded != nullptr) *loaded = total;
  return code(error);
}

void simdjwt_replay_undo(simdjwt_validator* validator, const simdjwt_replay_record* record) noexcept {
  if (validator == nullptr || record == nullptr) return;
  validator->validator.undo_use(read_record(*record));
}

void simdjwt_replay_fingerprint(const uint8_t key[16], simdjwt_str issuer, simdjwt_str per, simdjwt_str jti,
                                uint8_t fingerprint[16]) noexcept {
  if (key == nullptr || fingerprint == nullptr || !is_valid(issuer) || !is_valid(per) || !is_valid(jti)) return;
  const Hash128 hash = hash_jti(key_of(key).derive(text(issuer)), JtiScope::subject, text(per), {}, text(jti));
  write_fingerprint(hash, fingerprint);
}

simdjwt_error simdjwt_replay_stats_of(const simdjwt_validator* validator, simdjwt_replay_stats* stats) noexcept {
  if (validator == nullptr || stats == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(stats)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  const std::shared_ptr<ReplayStore> store = validator->validator.replay_store();
  if (!store) return SIMDJWT_NOT_FOUND;
  const ReplayStore::Stats now = store->stats();
  stats->capacity = now.capacity;
  stats->entries = now.entries;
  stats->bytes = now.bytes;
  stats->spilled = now.spilled;
  stats->consumed = now.consumed;
  stats->replayed = now.replayed;
  stats->refused_full = now.refused_full;
  stats->refused_quota = now.refused_quota;
  stats->refused_forgot = now.refused_forgot;
  stats->filter_queries = now.filter_queries;
  stats->filter_passed = now.filter_passed;
  stats->filter_false = now.filter_false;
  stats->filter_false_predicted = now.filter_false_predicted;
  return SIMDJWT_OK;
}
