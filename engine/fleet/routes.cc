#include "fleet/routes.h"

#include <algorithm>

#include "fleet/command.h"

namespace simdjwt::fleet {

Routes::Routes(NodeWorld& world) : world_(world), slots_(kSlots, nullptr) {
  for (const Address& address : world.settings.nodes) {
    const bool is_twice =
        std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) { return node->address() == address; });
    if (!is_twice) nodes_.push_back(std::make_unique<Node>(++last_id_, address, true, world_));
  }
}

Node* Routes::find(std::uint64_t id) const noexcept {
  for (const auto& node : nodes_) {
    if (node->id() == id) return node.get();
  }
  return nullptr;
}

Node* Routes::at(const Address& address) {
  for (const auto& node : nodes_) {
    if (node->address() == address) return node.get();
  }
  if (nodes_.size() >= kMaxNodes) return nullptr;
  nodes_.push_back(std::make_unique<Node>(++last_id_, address, false, world_));
  return nodes_.back().get();
}

Node* Routes::target(const simdjwt_replay_record& record) const {
  return is_cluster_ ? slots_[key_slot(key_of(record))] : primary_;
}

std::vector<Node*> Routes::targets() const {
  std::vector<Node*> found;
  if (!is_cluster_) {
    if (primary_ != nullptr) found.push_back(primary_);
    return found;
  }
  const Node* last = nullptr;
  for (Node* node : slots_) {
    if (node == last || node == nullptr) continue;
    last = node;
    if (std::find(found.begin(), found.end(), node) == found.end()) found.push_back(node);
  }
  return found;
}

bool Routes::has_gap() const noexcept {
  if (!is_cluster_) return primary_ == nullptr;
  return std::find(slots_.begin(), slots_.end(), nullptr) != slots_.end();
}

bool Routes::is_undecided() const noexcept {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->breaker().is_closed(); });
}

void Routes::learn_slots(const std::vector<SlotRange>& slots) {
  is_cluster_ = true;
  primary_ = nullptr;
  std::fill(slots_.begin(), slots_.end(), nullptr);
  for (const SlotRange& range : slots) {
    std::fill(slots_.begin() + range.first, slots_.begin() + range.last + 1, at(range.primary));
  }
}

void Routes::choose_primary() noexcept {
  if (is_cluster_ || (primary_ != nullptr && primary_->role() == Role::primary)) return;
  primary_ = nullptr;
  Node* found = nullptr;
  for (const auto& node : nodes_) {
    if (!node->is_known()) return;
    if (!node->is_up() || node->role() != Role::primary) continue;
    if (found != nullptr) return;
    found = node.get();
  }
  primary_ = found;
}

void Routes::forget(const Node& node) noexcept {
  if (primary_ == &node) primary_ = nullptr;
  if (is_cluster_) std::replace(slots_.begin(), slots_.end(), const_cast<Node*>(&node), static_cast<Node*>(nullptr));
}

void Routes::sweep(bool is_lost) {
  if (!is_cluster_) return;
  const std::vector<Node*> used = targets();
  for (const auto& node : nodes_) {
    const bool is_used = std::find(used.begin(), used.end(), node.get()) != used.end();
    node->want(is_used || node->is_awaited() || (node->is_seed() && (is_lost || used.empty())));
  }
  std::erase_if(nodes_, [](const auto& node) { return !node->is_seed() && !node->is_wanted() && node->is_idle(); });
}

Routes::Reason Routes::why_none() const {
  std::string primaries;
  const Node* failed = nullptr;
  std::size_t count = 0;
  for (const auto& node : nodes_) {
    if (failed == nullptr && node->error() != SIMDJWT_OK) failed = node.get();
    if (!node->is_up() || node->role() != Role::primary) continue;
    ++count;
    primaries += (primaries.empty() ? "" : ", ") + node->address().text();
  }
  if (!is_cluster_ && count > 1) return {SIMDJWT_FLEET_READ_ONLY, "more than one node takes writes: " + primaries};
  if (failed != nullptr) return {failed->error(), failed->failure()};
  return {SIMDJWT_FLEET_READ_ONLY, is_cluster_ ? "a slot of the cluster has no node" : "no node takes writes"};
}

}  // namespace simdjwt::fleet
