// What tests of a whole fleet share: a fleet over fake servers, and records to ask about.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fleet/fleet.h"
#include "unit/fleet/fake_server.h"

namespace simdjwt::fleet {

// Long where an answer is expected, so that a busy machine makes no difference; short where none will come.
constexpr Millis kPatient{5000};
constexpr Millis kHasty{40};

inline simdjwt_replay_record record_of(unsigned number) {
  simdjwt_replay_record record{};
  for (unsigned i = 0; i < 4; ++i) record.fingerprint[i] = static_cast<std::uint8_t>(number >> (8 * i));
  record.forget_at = 4000000000;
  return record;
}

class FleetTest : public ::testing::Test {
 protected:
  static Settings settings(std::initializer_list<const FakeServer*> servers, Millis deadline = kPatient) {
    Settings made;
    for (const FakeServer* server : servers) made.nodes.push_back({"127.0.0.1", server->port()});
    made.deadline = deadline;
    return made;
  }

  Fleet& start(Settings settings, NameLookup::Resolve resolve = NameLookup::with_getaddrinfo) {
    const auto undo = [this](const simdjwt_replay_record& record) {
      const std::lock_guard lock(mutex_);
      undone_.push_back(record);
    };
    fleet_ = std::make_unique<Fleet>(std::move(settings), Fleet::Parts{undo, [] { return 0.0; }, std::move(resolve)});
    return *fleet_;
  }

  Fleet& fleet() { return *fleet_; }

  simdjwt_error check(unsigned number) {
    const simdjwt_replay_record record = record_of(number);
    simdjwt_error error = SIMDJWT_INVALID_ARGUMENT;
    fleet_->commit(&record, 1, &error);
    return error;
  }

  std::vector<simdjwt_error> check_all(unsigned first, unsigned count) {
    std::vector<simdjwt_replay_record> records;
    for (unsigned i = 0; i < count; ++i) records.push_back(record_of(first + i));
    std::vector<simdjwt_error> errors(count, SIMDJWT_INVALID_ARGUMENT);
    fleet_->commit(records.data(), count, errors.data());
    return errors;
  }

  simdjwt_fleet_health health() {
    simdjwt_fleet_health health = SIMDJWT_FLEET_HEALTH_INIT;
    fleet_->board().read(Clock::now(), health);
    return health;
  }

  // For what another thread does soon.
  template <typename Holds>
  ::testing::AssertionResult eventually(const Holds& holds) {
    for (int i = 0; i < 10000; ++i) {
      if (holds()) return ::testing::AssertionSuccess();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return ::testing::AssertionFailure() << "not within 10 s";
  }

  bool is_in(simdjwt_fleet_state state) { return health().state == state; }

  std::mutex mutex_;
  std::vector<simdjwt_replay_record> undone_;
  std::unique_ptr<Fleet> fleet_;
};

}  // namespace simdjwt::fleet
