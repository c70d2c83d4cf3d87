// Threads that offer tokens to a validator once each, and what came of every one.
//
// Ownership: the validator and the tokens outlive an offer. Thread-safety: one offer at a time.
#pragma once

#include <simdjwt/simdjwt.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/histogram.h"

namespace simdjwt::gateway {

struct Offer {
  std::uint64_t first = 0, count = 0;
  unsigned threads = 1;
  unsigned lanes = 1;      // tokens in one call
  std::uint64_t rate = 0;  // tokens a second, all threads together; 0: as many as there can be
};

struct Outcome {
  std::vector<simdjwt_error> errors;  // of each token in its order
  Histogram times;                    // of calls
  std::uint64_t slowest_ns = 0;
  // Less what a call's thread was ready to run and had no processor.
  Histogram own_times;
  std::uint64_t own_slowest_ns = 0;
  std::uint64_t took_ns = 0;
};

// Tokens are given to the threads in turn, so that two programs that make the same offer use the same tokens at about
// the same time. Throws std::runtime_error.
Outcome offer(const simdjwt_validator* validator, const std::vector<std::string>& tokens, const Offer& offer);

}  // namespace simdjwt::gateway
