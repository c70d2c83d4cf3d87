// The C API of libsimdjwt_fleet: translation, and the wall between exceptions and C.
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <new>
#include <random>
#include <string_view>

#include "base/text_field.h"
#include "base/wipe.h"
#include "fleet/fleet.h"
#include "simdjwt/fleet.h"

struct simdjwt_fleet {
  simdjwt::fleet::Fleet fleet;
};

namespace {

using namespace simdjwt::fleet;
using simdjwt::copy_text;
using simdjwt::wipe;

simdjwt_error tell(simdjwt_diagnostic* diagnostic, simdjwt_error error, std::string_view path,
                   std::string_view expected) noexcept {
  if (diagnostic == nullptr) return error;
  diagnostic->error = error;
  diagnostic->offset = UINT32_MAX;
  copy_text(path, diagnostic->path);
  copy_text(expected, diagnostic->expected);
  return error;
}

Random random_source() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return [generator = std::mt19937_64(seed)]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
  };
}

void commit(void* context, const simdjwt_replay_record* records, uint32_t count, simdjwt_error* errors) {
  static_cast<simdjwt_fleet*>(context)->fleet.commit(records, count, errors);
}

// A key that the store has is not replaced: a journal or a fleet stands on it.
simdjwt_error give_key(simdjwt_validator* validator, const std::array<std::uint8_t, 16>& key) {
  std::array<std::uint8_t, 16> present{};
  std::uint32_t is_set = 0;
  simdjwt_error error = simdjwt_replay_key(validator, present.data(), &is_set);
  const bool is_same = present == key;
  wipe(present.data(), present.size());
  if (error != SIMDJWT_OK) return error;
  if (is_set != 0) return is_same ? simdjwt_error{SIMDJWT_OK} : simdjwt_error{SIMDJWT_FLEET_KEY};
  error = simdjwt_replay_set_key(validator, key.data());
  return error == SIMDJWT_INVALID_ARGUMENT ? simdjwt_error{SIMDJWT_FLEET_KEY} : error;
}

simdjwt_error make(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, simdjwt_fleet** out,
                   simdjwt_diagnostic* diagnostic) {
  SettingsResult read = read_settings(ruleset);
  if (read.error != SIMDJWT_OK) return tell(diagnostic, read.error, read.path, read.expected);
  const simdjwt_error error = give_key(validator, read.settings.key);
  wipe(read.settings.key.data(), read.settings.key.size());
  if (error != SIMDJWT_OK) {
    return tell(diagnostic, error, "replay.fleet.key_file",
                "a store without another key: open the fleet before the journal, and once");
  }
  const auto undo = [validator](const simdjwt_replay_record& record) { simdjwt_replay_undo(validator, &record); };
  std::unique_ptr<simdjwt_fleet> fleet(
      new simdjwt_fleet{{std::move(read.settings), Fleet::Parts{undo, random_source()}}});
  simdjwt_replay_stage stage = SIMDJWT_REPLAY_STAGE_INIT;
  stage.context = fleet.get();
  stage.commit = commit;
  if (const simdjwt_error refused = simdjwt_replay_attach(validator, SIMDJWT_REPLAY_FLEET, &stage);
      refused != SIMDJWT_OK) {
    return tell(diagnostic, refused, "replay.fleet", "a validator without a fleet");
  }
  *out = fleet.release();
  return tell(diagnostic, SIMDJWT_OK, "", "");
}

}  // namespace

simdjwt_error simdjwt_fleet_new(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, simdjwt_fleet** out,
                                simdjwt_diagnostic* diagnostic) noexcept {
  if (diagnostic != nullptr && diagnostic->struct_size != sizeof(simdjwt_diagnostic)) {
    return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  }
  if (validator == nullptr || ruleset == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return make(validator, ruleset, out, diagnostic);
  } catch (const std::exception& failure) {
    // Memory, a thread or descriptors that the system does not give: a resource that ran out.
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, "", failure.what());
  }
}

void simdjwt_fleet_free(simdjwt_fleet* fleet) noexcept {
  delete fleet;
}

simdjwt_error simdjwt_fleet_submit(simdjwt_fleet* fleet, const simdjwt_replay_record* record,
                                   uint64_t cookie) noexcept {
  if (fleet == nullptr || record == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  return fleet->fleet.submit(*record, cookie);
}

int simdjwt_fleet_fd(const simdjwt_fleet* fleet) noexcept {
  return fleet == nullptr ? -1 : fleet->fleet.fd();
}

uint32_t simdjwt_fleet_answers(simdjwt_fleet* fleet, simdjwt_fleet_answer* answers, uint32_t capacity) noexcept {
  return fleet == nullptr || answers == nullptr ? 0 : fleet->fleet.take(answers, capacity);
}

const char* simdjwt_fleet_state_name(simdjwt_fleet_state state) noexcept {
  constexpr const char* kNames[] = {"connecting", "up", "failing", "open", "local_only"};
  return state < std::size(kNames) ? kNames[state] : "unknown";
}

simdjwt_error simdjwt_fleet_health_of(const simdjwt_fleet* fleet, simdjwt_fleet_health* health) noexcept {
  if (fleet == nullptr || health == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (health->struct_size != sizeof(simdjwt_fleet_health)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  fleet->fleet.board().read(Clock::now(), *health);
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_fleet_node_of(const simdjwt_fleet* fleet, uint32_t index, simdjwt_fleet_node* node) noexcept {
  if (fleet == nullptr || node == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (node->struct_size != sizeof(simdjwt_fleet_node)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  return fleet->fleet.board().read_node(index, *node) ? SIMDJWT_OK : SIMDJWT_NOT_FOUND;
}
