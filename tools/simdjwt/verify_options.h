// What `verify` was told, and its two ways of taking many tokens.
#pragma once

#include <cstdint>
#include <string>

#include "fetch_options.h"
#include "key_options.h"
#include "policy_options.h"
#include "token_input.h"

namespace simdjwt::cli {

struct VerifyOptions {
  TokenInput token;
  KeyOptions keys;
  PolicyOptions policy;
  FetchOptions fetch;
  std::string batch;
  unsigned threads = 1;
  unsigned repeat = 1;
  bool jsonl = false;
  bool json = false;
  bool text = false;
};

// --batch: one token a line, then a table of verdicts. Returns the exit code; throws Failure.
int run_batch(const VerifyOptions& options);

// --jsonl: the line protocol, until the end of standard input. Returns the exit code; throws Failure.
int run_jsonl();

}  // namespace simdjwt::cli
