#include "jwks_watch.h"

#include <simdjwt/fetch.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <string_view>
#include <vector>

#include "failure.h"
#include "file.h"
#include "handles.h"
#include "json_document.h"
#include "json_writer.h"
#include "policy_options.h"
#include "terminal.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Fetcher = std::unique_ptr<simdjwt_fetcher, FreeWith<simdjwt_fetcher_free>>;

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr auto kRedraw = std::chrono::seconds(1);

// SIGINT and SIGTERM are taken when it suits: they stay blocked, in threads made from now on too.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  // Sleeps; true when a signal ended that.
  bool wait(std::chrono::milliseconds time) const {
    const timespec limit{0, static_cast<long>(std::chrono::nanoseconds(time).count())};
    return sigtimedwait(&signals_, nullptr, &limit) > 0;
  }

 private:
  sigset_t signals_{};
};

std::vector<simdjwt_issuer_health> health_of(const simdjwt_fetcher* fetcher) {
  std::vector<simdjwt_issuer_health> out;
  auto health = sized<simdjwt_issuer_health>();
  for (std::uint32_t i = 0; simdjwt_fetcher_health(fetcher, i, &health) == SIMDJWT_OK; ++i) out.push_back(health);
  return out;
}

// Ages and times to come move by themselves; everything else that differs is a change.
bool is_same(const simdjwt_issuer_health& a, const simdjwt_issuer_health& b) {
  return a.state == b.state && a.last_error == b.last_error && a.last_status == b.last_status &&
         a.usable_keys == b.usable_keys && a.dropped_keys == b.dropped_keys && a.fetches == b.fetches &&
         a.failures == b.failures && a.not_modified == b.not_modified && a.from_state_dir == b.from_state_dir &&
         std::string_view(a.jwks_uri) == b.jwks_uri && std::string_view(a.last_detail) == b.last_detail;
}

std::string json_line(const simdjwt_issuer_health& health) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member_number("time", wall_clock()).member("issuer", health.issuer);
  json.member("state", simdjwt_fetch_state_name(health.state));
  if (health.jwks_uri[0] != '\0') json.member("jwks_uri", health.jwks_uri);
  json.member_number("keys", health.usable_keys).member_number("dropped", health.dropped_keys);
  if (health.age_ms >= 0) json.member_number("age_ms", health.age_ms);
  json.member_number("next_try_ms", health.next_try_ms);
  json.member_number("fetches", static_cast<std::int64_t>(health.fetches));
  json.member_number("failures", static_cast<std::int64_t>(health.failures));
  json.member_number("not_modified", static_cast<std::int64_t>(health.not_modified));
  json.member("from_state_dir", health.from_state_dir != 0);
  if (health.last_status != 0) json.member_number("status", health.last_status);
  if (health.last_error != SIMDJWT_OK) {
    json.member("error", simdjwt_error_name(health.last_error)).member("detail", health.last_detail);
  }
  json.end_object();
  return out + "\n";
}

std::string seconds_text(std::int64_t milliseconds) {
  return std::to_string(milliseconds / 1000) + "." + std::to_string(milliseconds / 100 % 10) + " s";
}

std::string state_text(const simdjwt_issuer_health& health) {
  return std::string(simdjwt_fetch_state_name(health.state)) + (health.from_state_dir != 0 ? " (kept)" : "");
}

std::string watch_table(const std::vector<simdjwt_issuer_health>& issuers, const Style& style) {
  std::vector<std::vector<std::string>> rows{
      {"issuer", "state", "keys", "age", "next try", "fetches", "failures", "last error"}};
  for (const auto& health : issuers) {
    const bool good = health.last_error == SIMDJWT_OK;
    rows.push_back(
        {printable(health.issuer, 48), state_text(health),
         std::to_string(health.usable_keys) +
             (health.dropped_keys == 0 ? "" : " (" + std::to_string(health.dropped_keys) + " dropped)"),
         health.age_ms < 0 ? "-" : seconds_text(health.age_ms),
         health.next_try_ms == 0 ? "now" : seconds_text(health.next_try_ms), std::to_string(health.fetches),
         std::to_string(health.failures),
         good ? "-" : std::string(simdjwt_error_name(health.last_error)) + ": " + printable(health.last_detail, 60)});
  }
  return table(rows, style);
}

// Draws over what it drew before.
class Screen {
 public:
  void draw(const std::vector<simdjwt_issuer_health>& issuers) {
    const std::string up = lines_ == 0 ? "" : "\x1b[" + std::to_string(lines_) + "F\x1b[J";
    print(up + watch_table(issuers, style_for(STDOUT_FILENO)));
    lines_ = issuers.size() + 1;
  }

 private:
  std::size_t lines_ = 0;
};

// Prints the changes since the last call.
class Changes {
 public:
  void tell(const std::vector<simdjwt_issuer_health>& issuers) {
    for (std::size_t i = 0; i < issuers.size(); ++i) {
      if (i < told_.size() && is_same(told_[i], issuers[i])) continue;
      print(json_line(issuers[i]));
    }
    told_ = issuers;
  }

 private:
  std::vector<simdjwt_issuer_health> told_;
};

}  // namespace

int run_watch(const WatchOptions& options, bool json) {
  const EndSignals signals;
  const Ruleset ruleset = compile_policy(options.policy, read_file(options.policy, kMaxDocumentBytes));
  simdjwt_validator* made = nullptr;
  require_ok(simdjwt_validator_new(ruleset.get(), &made), "a validator");
  const Validator validator(made);
  simdjwt_fetcher* started = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_fetcher_new(validator.get(), ruleset.get(), nullptr, &started, &diagnostic);
  if (error != SIMDJWT_OK) throw document_failure(printable(options.policy), error, diagnostic);
  const Fetcher fetcher(started);
  if (simdjwt_fetcher_issuer_count(fetcher.get()) == 0) {
    throw Failure(printable(options.policy) + ": no issuer has a jwks_uri or discovery: nothing to watch");
  }
  const bool as_lines = json || !is_terminal(STDOUT_FILENO);
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  Screen screen;
  Changes changes;
  for (auto redraw = Clock::now();;) {
    const auto issuers = health_of(fetcher.get());
    if (as_lines) changes.tell(issuers);
    if (!as_lines && Clock::now() >= redraw) {
      screen.draw(issuers);
      redraw += kRedraw;
    }
    if ((options.seconds != 0 && Clock::now() >= end) || signals.wait(kLook)) break;
  }
  return simdjwt_fetcher_ready(fetcher.get()) != 0 ? kExitOk : kExitUnavailable;
}

}  // namespace simdjwt::cli
