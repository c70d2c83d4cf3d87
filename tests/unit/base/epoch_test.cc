#include "base/epoch.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/padded_text.h"

namespace simdjwt {
namespace {

class EpochTest : public ::testing::Test {
 protected:
  // Retires a new object; its weak_ptr tells when it has been freed.
  std::weak_ptr<const int> retire_one() {
    auto object = std::make_shared<const int>(7);
    std::weak_ptr<const int> seen = object;
    domain_->reserve();
    domain_->retire(std::move(object));
    return seen;
  }

  std::shared_ptr<EpochDomain> domain_ = std::make_shared<EpochDomain>();
};

TEST_F(EpochTest, WithoutReadersARetiredObjectIsFreedAtOnce) {
  EXPECT_TRUE(retire_one().expired());
  const EpochSlot idle(domain_);
  EXPECT_TRUE(retire_one().expired()) << "a slot that is not pinned holds nothing";
  EXPECT_EQ(domain_->retired_count(), 0u);
}

TEST_F(EpochTest, APinnedReaderKeepsWhatIsRetiredWhileItReads) {
  EpochSlot slot(domain_);
  ASSERT_TRUE(slot.pin());
  const auto first = retire_one(), second = retire_one();
  EXPECT_FALSE(first.expired());
  EXPECT_FALSE(second.expired());
  EXPECT_EQ(domain_->retired_count(), 2u);
  domain_->collect();
  EXPECT_FALSE(first.expired());
  slot.unpin();
  EXPECT_FALSE(first.expired()) << "unpin is one store; collecting is the writers' work";
  domain_->collect();
  EXPECT_TRUE(first.expired());
  EXPECT_TRUE(second.expired());
  EXPECT_EQ(domain_->retired_count(), 0u);
}

TEST_F(EpochTest, AReaderThatCameLaterHoldsNothingOlder) {
  EpochSlot old_reader(domain_), new_reader(domain_);
  ASSERT_TRUE(old_reader.pin());
  const auto before = retire_one();
  ASSERT_TRUE(new_reader.pin());
  const auto after = retire_one();
  old_reader.unpin();
  domain_->collect();
  EXPECT_TRUE(before.expired()) << "the new reader pinned after the pointer had gone";
  EXPECT_FALSE(after.expired());
  new_reader.unpin();
  domain_->collect();
  EXPECT_TRUE(after.expired());
}

TEST_F(EpochTest, ASecondPinIsRefusedAndChangesNothing) {
  EpochSlot slot(domain_);
  ASSERT_TRUE(slot.pin());
  const auto object = retire_one();
  EXPECT_FALSE(slot.pin());
  domain_->collect();
  EXPECT_FALSE(object.expired()) << "the refused pin must not move the first one's epoch on";
  slot.unpin();
  domain_->collect();
  EXPECT_TRUE(object.expired());
  EXPECT_TRUE(slot.pin());
  slot.unpin();
}

TEST_F(EpochTest, ASlotThatIsGoneHoldsNothing) {
  std::optional<EpochSlot> slot(domain_);
  ASSERT_TRUE(slot->pin());
  const auto object = retire_one();
  slot.reset();
  domain_->collect();
  EXPECT_TRUE(object.expired());
}

TEST_F(EpochTest, ASlotKeepsItsDomainAlive) {
  std::weak_ptr<EpochDomain> seen = domain_;
  std::optional<EpochSlot> slot(domain_);
  EXPECT_EQ(slot->domain(), domain_.get());
  domain_.reset();
  EXPECT_FALSE(seen.expired());
  slot.reset();
  EXPECT_TRUE(seen.expired());
}

TEST_F(EpochTest, ManyRetiredObjectsWaitForOneReader) {
  EpochSlot slot(domain_);
  ASSERT_TRUE(slot.pin());
  std::vector<std::weak_ptr<const int>> objects;
  for (int i = 0; i < 1000; ++i) objects.push_back(retire_one());
  EXPECT_EQ(domain_->retired_count(), 1000u);
  slot.unpin();
  domain_->collect();
  for (const auto& object : objects) EXPECT_TRUE(object.expired());
}

TEST_F(EpochTest, MemoryIsQuiescentWhenEveryPinIsFromAfterTheStep) {
  EpochSlot slot(domain_), other(domain_);
  EXPECT_TRUE(domain_->try_quiescent(domain_->advance())) << "nobody is pinned";
  ASSERT_TRUE(slot.pin());
  const std::uint64_t step = domain_->advance();
  EXPECT_FALSE(domain_->try_quiescent(step)) << "pinned before the step";
  ASSERT_TRUE(other.pin());
  EXPECT_FALSE(domain_->try_quiescent(step)) << "a later pin does not help";
  slot.unpin();
  EXPECT_TRUE(domain_->try_quiescent(step));
  EXPECT_FALSE(domain_->try_quiescent(domain_->advance()));
  other.unpin();
}

// A thread that takes a step while it is pinned itself gets its memory back after it has pinned anew, and no later.
TEST_F(EpochTest, APinnedThreadMakesProgressByPinningAgain) {
  EpochSlot slot(domain_);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(slot.pin());
    const std::uint64_t step = domain_->advance();
    EXPECT_FALSE(domain_->try_quiescent(step));
    slot.unpin();
    ASSERT_TRUE(slot.pin());
    EXPECT_TRUE(domain_->try_quiescent(step));
    slot.unpin();
  }
}

TEST(PaddedText, CopiesAndPadsWithZeros) {
  const std::string text = "abc";
  const PaddedText padded(text, 64);
  EXPECT_EQ(padded.view(), "abc");
  EXPECT_NE(padded.view().data(), text.data());
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(padded.view().data()[3 + i], 0);
  EXPECT_EQ(PaddedText("", 64).view(), "");
}

}  // namespace
}  // namespace simdjwt
