// The way from a token to its verdict, in three stages: all that can be checked before the signature, the signature,
// and what is asked of a verified token. One token goes through them in a row; a batch goes through each stage
// together. Last of all, and after the scopes, the use of a token that may be used once is recorded: a token that
// anything else refuses is not used.
//
// Ownership: a Validation views token, lane and snapshot, and is used within one call. Thread-safety: as the scratch.
// Cost: no allocation, I/O, clock or exception, and no lock but those of the replay store (replay_store.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "validator/check.h"
#include "validator/checks.h"
#include "validator/header_cache.h"
#include "validator/scratch.h"
#include "validator/snapshot.h"
#include "validator/token_steps.h"
#include "validator/verdict.h"

namespace simdjwt {

// What is done about a token that may be used once. The numbers are those of SIMDJWT_REPLAY_*.
enum class ReplayUse : std::uint8_t { consume, check, defer };

struct Request {
  std::string_view token;
  std::int64_t now = 0;                               // Unix seconds
  std::span<const std::string_view> required_scopes;  // beyond the rule's own
  std::string_view nonce;                             // data() null: not checked
  Trace* trace = nullptr;
  ReplayUse replay = ReplayUse::consume;
};

class Validation {
 public:
  // All of them outlive the validation; `verdict` is written to from now on.
  Validation(const Snapshot& snapshot, Scratch& scratch, Lane& lane, const Request& request, Verdict& verdict) noexcept;

  // For a batch, before begin(): fetches the place in the cache where the token may be, then, once those of other
  // tokens have been asked for, the entry there.
  void prefetch_place() const noexcept;
  void prefetch_entry() const noexcept;

  // Everything before the signature, or what the cache remembers of it. True: the signature is to be verified.
  bool begin() noexcept;

  // The signature and the binding, after begin() said true: alone, or in two halves, between which first_check() is
  // verified together with those of other tokens.
  void verify() noexcept;
  SignatureCheck& first_check() noexcept;
  void verify_rest() noexcept;

  // Scopes, and the verdict is remembered; then the use is recorded in the store. Nothing when the token was refused
  // before. True: the use stands in the store, and is to be confirmed, or refused, by the stages (confirm_uses.h).
  bool finish() noexcept;

  // After finish() said true: one of the last two makes the verdict. A use that is refused is taken back, unless it was
  // made elsewhere too (token_replayed).
  const ReplayRecord& record() const noexcept { return record_; }
  bool is_deferred() const noexcept { return request_.replay == ReplayUse::defer; }
  void accept_use() noexcept;
  void refuse_use(Error error) noexcept;

  // What begin() has chosen: validations that agree in both are best verified next to each other.
  Algorithm algorithm() const noexcept { return lane_.header.algorithm; }
  const Jwk* first_key() const noexcept { return choice_.keys.empty() ? nullptr : choice_.keys.front(); }

 private:
  bool recall() noexcept;
  void remember() noexcept;
  bool resolve_header(KnownHeader*& known) noexcept;
  bool read_payload() noexcept;
  bool choose_rule(KnownHeader* known) noexcept;
  void choose_keys_of(std::uint32_t issuer, KnownHeader* known) noexcept;
  void want_fresh(const IssuerKeys& keys) const noexcept;
  bool check_claims() noexcept;
  void take(const Verification& verification) noexcept;
  void check_scope() noexcept;
  void expect_use(const Hash128& fingerprint) noexcept;
  bool use() noexcept;
  const ReplayIssuer& replay_issuer() const noexcept { return snapshot_.replay.issuers[verdict_.issuer_index]; }

  const Snapshot& snapshot_;
  Scratch& scratch_;
  Lane& lane_;
  const Request& request_;
  Verdict& verdict_;
  Checks checks_;
  VerdictCache* cache_;  // null: the verdict is neither looked up nor remembered
  std::uint64_t hash_;   // of the token, for cache_
  const IssuerRule* rule_ = nullptr;
  KeyChoice choice_;
  ByteView signature_;
  SignatureCheck first_check_;
  bool verified_ = false;  // the signature, now or when the verdict was remembered, and nothing has ended it since
  ReplayRecord record_;
};

}  // namespace simdjwt
