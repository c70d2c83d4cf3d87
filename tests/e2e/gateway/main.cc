// gateway: a gateway without the HTTP in front: it validates tokens at a steady rate while a fetcher keeps the keys,
// and does what it is told on standard input. The tests of faults around the engine drive it. It uses the C API alone.
//
// Usage: gateway POLICY [RATE [THREADS]]      RATE validations a second (5000) from THREADS threads (1)
//
// Commands, one a line; each is answered by one line of JSON on standard output:
//   token CLASS TOKEN              adds a token to the traffic; verdicts are counted by its class
//   drop CLASS                     takes the tokens of a class out of it
//   rate N                         validations a second
//   storm CLASS TOKEN RATE         copies of a token under random kids, besides; RATE 0 ends it
//   snapshot                       counts and times since the last snapshot, and the health of every issuer
//   check TOKEN                    validates once
//   present ISSUER MS TOKEN        as a gateway would: validates; when keys are missing waits for a fetch, at most MS
//                                  milliseconds, and validates once more
//   policy FILE                    swaps the ruleset
//   quit
#include <simdjwt/fetch.h>
#include <simdjwt/simdjwt.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "report.h"
#include "tokens.h"
#include "traffic.h"

namespace simdjwt::gateway {
namespace {

using Clock = std::chrono::steady_clock;

void require(simdjwt_error error, const char* what, const simdjwt_diagnostic& diagnostic) {
  if (error == SIMDJWT_OK) return;
  throw std::runtime_error(std::string(what) + ": " + simdjwt_error_name(error) + " " + diagnostic.path + " " +
                           diagnostic.expected);
}

simdjwt_ruleset* compile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  simdjwt_ruleset* ruleset = nullptr;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  require(simdjwt_ruleset_compile(document.data(), document.size(), &ruleset, &diagnostic), path.c_str(), diagnostic);
  return ruleset;
}

void say(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// Validator and fetcher, and their end in the right order.
class Keys {
 public:
  explicit Keys(const std::string& path) : ruleset_(compile(path)) {
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    require(simdjwt_validator_new(ruleset_, &validator_), "validator", diagnostic);
    require(simdjwt_fetcher_new(validator_, ruleset_, nullptr, &fetcher_, &diagnostic), "fetcher", diagnostic);
  }
  ~Keys() {
    simdjwt_fetcher_free(fetcher_);
    simdjwt_validator_free(validator_);
    simdjwt_ruleset_free(ruleset_);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  void swap(const std::string& path) {
    simdjwt_ruleset* next = compile(path);
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    require(simdjwt_validator_swap_ruleset(validator_, next), "swap", diagnostic);
    require(simdjwt_fetcher_swap_ruleset(fetcher_, next, &diagnostic), "swap", diagnostic);
    simdjwt_ruleset_free(ruleset_);
    ruleset_ = next;
  }

  const simdjwt_validator* validator() const noexcept { return validator_; }
  simdjwt_fetcher* fetcher() const noexcept { return fetcher_; }

 private:
  simdjwt_ruleset* ruleset_ = nullptr;
  simdjwt_validator* validator_ = nullptr;
  simdjwt_fetcher* fetcher_ = nullptr;
};

std::string present(const Keys& keys, const std::string& issuer, std::uint32_t deadline_ms, const std::string& token) {
  const auto start = Clock::now();
  const Answer first = validate_once(keys.validator(), token);
  Answer last = first;
  simdjwt_error waited = SIMDJWT_OK;
  if (first.error == SIMDJWT_KEY_UNKNOWN || first.error == SIMDJWT_KEYS_UNAVAILABLE) {
    waited = simdjwt_fetcher_wait(keys.fetcher(), issuer.data(), issuer.size(), deadline_ms);
    last = validate_once(keys.validator(), token);
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  return "{\"first\":" + json_string(simdjwt_error_name(first.error)) +
         ",\"waited\":" + json_string(simdjwt_error_name(waited)) +
         ",\"error\":" + json_string(simdjwt_error_name(last.error)) +
         ",\"status\":" + std::to_string(last.http_status) + ",\"took_us\":" + std::to_string(took.count()) + "}";
}

std::string snapshot(const Keys& keys, Traffic& traffic) {
  return "{" + tally_members(traffic.take()) +
         ",\"ready\":" + (simdjwt_fetcher_ready(keys.fetcher()) != 0 ? "true" : "false") +
         ",\"issuers\":" + health_array(keys.fetcher()) + "}";
}

// The answer to one command.
std::string obey(Keys& keys, Board& board, Traffic& traffic, std::istringstream& words) {
  std::string command;
  std::string label;
  std::string text;
  std::uint64_t number = 0;
  words >> command;
  if (command == "token" && words >> label >> text) {
    board.add({label, text});
  } else if (command == "drop" && words >> label) {
    board.drop(label);
  } else if (command == "rate" && words >> number) {
    traffic.set_rate(number);
  } else if (command == "storm" && words >> label >> text >> number) {
    traffic.stop_storm();
    if (number != 0) traffic.start_storm(label, text, number);
  } else if (command == "snapshot") {
    return snapshot(keys, traffic);
  } else if (command == "check" && words >> text) {
    const Answer answer = validate_once(keys.validator(), text);
    return "{\"error\":" + json_string(simdjwt_error_name(answer.error)) +
           ",\"status\":" + std::to_string(answer.http_status) + "}";
  } else if (command == "present" && words >> label >> number >> text) {
    return present(keys, label, static_cast<std::uint32_t>(number), text);
  } else if (command == "policy" && words >> text) {
    keys.swap(text);
  } else {
    throw std::runtime_error("not a command: " + command);
  }
  return "{}";
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.size() > 3) {
    std::fputs("usage: gateway POLICY [RATE [THREADS]]\n", stderr);
    return 2;
  }
  Keys keys(arguments[0]);
  Board board;
  Traffic traffic(keys.validator(), board, arguments.size() > 1 ? std::stoull(arguments[1]) : 5000,
                  arguments.size() > 2 ? static_cast<unsigned>(std::stoul(arguments[2])) : 1);
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::istringstream words(line);
    try {
      say(obey(keys, board, traffic, words));
    } catch (const std::runtime_error& error) {
      say("{\"failed\":" + json_string(error.what()) + "}");
    }
  }
  return 0;
}

}  // namespace
}  // namespace simdjwt::gateway

int main(int argc, char** argv) {
  try {
    return simdjwt::gateway::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gateway: %s\n", error.what());
  }
  return 2;
}
