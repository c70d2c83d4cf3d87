// Memory that runs out on the thread of the fleet, at every place: whatever is lost, no answer comes to another
// question.
#include <cstdlib>
#include <new>

#include "unit/fleet/fixture.h"

namespace {

// The allocation to fail, counted on threads that are marked; below 0: none.
std::atomic<int> left_until_failure{-1};
thread_local bool is_marked = false;

[[gnu::noinline]] void* allocate(std::size_t size) {
  if (is_marked && left_until_failure.load() >= 0 && left_until_failure.fetch_sub(1) == 0) throw std::bad_alloc();
  void* const memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  return allocate(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return allocate(size);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace simdjwt::fleet {
namespace {

class MemoryTest : public FleetTest {
 protected:
  // The fleet's thread is marked as it looks for jitter, which it does when a connection is lost.
  Fleet& start_marked(Settings settings) {
    const auto undo = [this](const simdjwt_replay_record& record) {
      const std::lock_guard lock(mutex_);
      undone_.push_back(record);
    };
    const Random marking = [] {
      is_marked = true;
      return 0.0;
    };
    fleet_ = std::make_unique<Fleet>(std::move(settings), Fleet::Parts{undo, marking});
    return *fleet_;
  }
};

TEST_F(MemoryTest, NoAnswerComesToAnotherQuestion) {
  FakeServer server;
  start_marked(settings({&server}, Millis(400)));
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_UP); }));
  server.drop_connections();
  unsigned next = 1000000;
  ASSERT_TRUE(eventually([&] { return health().reconnects != 0 && check(next++) == SIMDJWT_OK; }));
  int failed = 0;
  for (int n = 0; n < 60; ++n) {
    const unsigned used = next++;
    ASSERT_TRUE(eventually([&] { return check(used) != SIMDJWT_STORE_UNAVAILABLE; }));
    // One that was used, and fresh ones: an answer that slips by one place accepts it.
    std::vector<simdjwt_replay_record> records{record_of(used)};
    while (records.size() < 4) records.push_back(record_of(next++));
    std::vector<simdjwt_error> errors(records.size(), SIMDJWT_INVALID_ARGUMENT);
    left_until_failure = n;
    ASSERT_EQ(fleet().submit(record_of(next++), 7), SIMDJWT_OK);
    fleet().commit(records.data(), static_cast<std::uint32_t>(records.size()), errors.data());
    EXPECT_NE(errors[0], SIMDJWT_OK) << n;
    for (std::size_t i = 1; i < errors.size(); ++i) EXPECT_NE(errors[i], SIMDJWT_TOKEN_REPLAYED) << n;
    simdjwt_fleet_answer answer{};
    ASSERT_TRUE(eventually([&] { return fleet().take(&answer, 1) == 1; })) << n;
    EXPECT_NE(answer.error, SIMDJWT_TOKEN_REPLAYED) << n;
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(undone_.size(), answer.error == SIMDJWT_OK ? 0u : 1u) << n;
    undone_.clear();
    failed += left_until_failure.exchange(-1) < 0 ? 1 : 0;
  }
  EXPECT_GT(failed, 10);
}

}  // namespace
}  // namespace simdjwt::fleet
