// Which node takes a record: the primary, or the one that has the key's slot of a Cluster.
//
// Without a Cluster the primary is the one node that says, when asked for its role, that it is one. A primary is kept
// while it says so; another is chosen when it is the only one, and every other node has answered or failed to: where
// two take writes nobody can tell which of them the other gateways ask.
//
// Ownership: owns the nodes. Thread-safety: the I/O thread. Cost: a record costs one CRC in a Cluster; a change is
// linear in nodes and slots.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fleet/key_slot.h"
#include "fleet/node.h"

namespace simdjwt::fleet {

class Routes {
 public:
  static constexpr std::size_t kMaxNodes = 1024;

  explicit Routes(NodeWorld& world);

  const std::vector<std::unique_ptr<Node>>& nodes() const noexcept { return nodes_; }
  bool is_cluster() const noexcept { return is_cluster_; }
  Node* find(std::uint64_t id) const noexcept;
  // The node at an address, made where there is none; nullptr when there are too many.
  Node* at(const Address& address);

  // nullptr: nobody is known to take it.
  Node* target(const simdjwt_replay_record& record) const;
  // All that records may go to.
  std::vector<Node*> targets() const;
  // Some slot has no node, or there is no primary.
  bool has_gap() const noexcept;
  // A node may yet turn out to take records.
  bool is_undecided() const noexcept;

  void learn_slots(const std::vector<SlotRange>& slots);
  void learn_slot(std::uint32_t slot, Node& node) noexcept { slots_[slot] = &node; }
  void choose_primary() noexcept;
  // The node takes no records any more.
  void forget(const Node& node) noexcept;
  // Which connections to keep; the nodes that nothing leads to any more go.
  void sweep(bool is_lost);
  // Why there is no node that takes a record.
  struct Reason {
    simdjwt_error error;
    std::string detail;
  };
  Reason why_none() const;

 private:
  NodeWorld& world_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::uint64_t last_id_ = 0;
  bool is_cluster_ = false;
  Node* primary_ = nullptr;
  std::vector<Node*> slots_;
};

}  // namespace simdjwt::fleet
