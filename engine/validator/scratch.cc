#include "validator/scratch.h"

namespace simdjwt {

Scratch::Scratch(const Limits& limits, std::shared_ptr<EpochDomain> domain, std::uint32_t lanes)
    : Lane(limits), slot(std::move(domain)), limits_(limits) {
  while (more_.size() + 1 < lanes) more_.push_back(std::make_unique<Lane>(limits));
}

}  // namespace simdjwt
