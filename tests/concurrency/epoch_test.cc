// Epoch reclamation under threads: every object is freed exactly once, and never while a reader has it.
#include "base/epoch.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>

#include "concurrency/storm.h"

namespace simdjwt {
namespace {

// An object whose memory outlives it, so that a reader that comes too late sees a wrong state instead of anything.
// `payload` is written when it is freed and is not atomic: ThreadSanitizer reports a free that no order keeps from a
// read.
struct Canary {
  std::atomic<int> frees{0};
  std::uint64_t payload = kAlive;
  static constexpr std::uint64_t kAlive = 0x5afe5afe5afe5afe;
};

// A shared pointer to a canary with one writer, as Validator uses EpochDomain.
class Shared {
 public:
  Shared() { current_.store(make().get()); }

  void replace() {
    domain_->reserve();
    std::shared_ptr<Canary> old = owner_;
    current_.store(make().get());
    domain_->retire(std::move(old));
  }

  // What a reader sees between pin and unpin.
  void read(EpochSlot& slot) {
    ASSERT_TRUE(slot.pin());
    const Canary* const canary = current_.load();
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(canary->payload, Canary::kAlive);
      EXPECT_EQ(canary->frees.load(std::memory_order_relaxed), 0);
    }
    slot.unpin();
  }

  std::shared_ptr<EpochDomain> domain() { return domain_; }

  // How many canaries were freed, and whether each at most once.
  std::size_t freed() const {
    std::size_t count = 0;
    for (const Canary& canary : canaries_) {
      EXPECT_LE(canary.frees.load(), 1);
      count += static_cast<std::size_t>(canary.frees.load());
    }
    return count;
  }
  std::size_t made() const { return canaries_.size(); }

 private:
  std::shared_ptr<Canary> make() {
    Canary& canary = canaries_.emplace_back();
    owner_ = std::shared_ptr<Canary>(&canary, [](Canary* freed) {
      freed->payload = 0;
      freed->frees.fetch_add(1);
    });
    return owner_;
  }

  std::deque<Canary> canaries_;  // outlives the domain, whose retired objects point here
  std::shared_ptr<EpochDomain> domain_ = std::make_shared<EpochDomain>();
  std::shared_ptr<Canary> owner_;
  std::atomic<const Canary*> current_{nullptr};
};

TEST(Epoch, ARetiredObjectOutlivesItsReaders) {
  Shared shared;
  EpochSlot early(shared.domain()), late(shared.domain());
  ASSERT_TRUE(early.pin());
  shared.replace();
  ASSERT_TRUE(late.pin());  // after the swap: holds nothing up
  EXPECT_EQ(shared.domain()->retired_count(), 1U);
  EXPECT_EQ(shared.freed(), 0U);
  early.unpin();
  shared.domain()->collect();
  EXPECT_EQ(shared.domain()->retired_count(), 0U);
  EXPECT_EQ(shared.freed(), 1U);
  late.unpin();
}

TEST(Epoch, APinnedSlotRefusesASecondPinAndKeepsTheFirst) {
  Shared shared;
  EpochSlot slot(shared.domain());
  ASSERT_TRUE(slot.pin());
  shared.replace();
  EXPECT_FALSE(slot.pin());  // would otherwise read the new clock and let the old object go
  shared.domain()->collect();
  EXPECT_EQ(shared.freed(), 0U);
  slot.unpin();
  EXPECT_TRUE(slot.pin());
  slot.unpin();
}

TEST(Epoch, ADomainFreesWhatItStillHasWhenItGoes) {
  auto domain = std::make_shared<EpochDomain>();
  auto object = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = object;
  std::optional<EpochSlot> slot(std::in_place, domain);
  ASSERT_TRUE(slot->pin());
  domain->reserve();
  domain->retire(std::move(object));
  domain.reset();
  EXPECT_FALSE(watch.expired()) << "a slot keeps its domain alive";
  slot.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(EpochStorm, NothingIsFreedUnderAReader) {
  Shared shared;
  EpochSlot first(shared.domain()), second(shared.domain());
  test::storm({[&] { shared.read(first); }, [&] { shared.read(second); }, [&] { shared.replace(); }});
  shared.domain()->collect();
  EXPECT_EQ(shared.domain()->retired_count(), 0U);
  EXPECT_EQ(shared.freed(), shared.made() - 1) << "all but the one in force";
  EXPECT_GT(shared.made(), 10U);
}

TEST(EpochStorm, SlotsComeAndGo) {
  Shared shared;
  const auto visitor = [&] {
    EpochSlot slot(shared.domain());
    shared.read(slot);
  };
  test::storm({visitor, visitor, [&] { shared.replace(); }, [&] { shared.domain()->collect(); }});
  shared.domain()->collect();
  EXPECT_EQ(shared.domain()->retired_count(), 0U);
  EXPECT_EQ(shared.freed(), shared.made() - 1);
}

}  // namespace
}  // namespace simdjwt
