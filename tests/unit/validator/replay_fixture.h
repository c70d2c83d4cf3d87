// What the tests of tokens that may be used once share: a policy, tokens with a jti, and stages that answer as told.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "unit/validator/fixture.h"

namespace simdjwt::test {

inline constexpr std::string_view kReplayIssuer = "https://as.example";

// A document with one rule and `members` of replay besides the mode; `more` stands beside both.
inline std::string once_policy(const std::string& members = "", const Members& rule = plain_rule(),
                               const std::string& more = "") {
  const std::string replay = R"({"mode":"once","memory_bytes":1048576)" + (members.empty() ? "" : "," + members) + "}";
  return policy({rule.json()}, ",\"replay\":" + replay + more);
}

inline Parts once_parts(const std::string& jti = "j-1") {
  Parts parts;
  parts.claims.set("jti", '"' + jti + '"');
  return parts;
}

inline std::string once_token(const std::string& jti = "j-1") {
  return once_parts(jti).token();
}

// Counts what it is asked, and answers each record with what `answer` says of it.
class FakeStage final : public ReplayStage {
 public:
  using Answer = std::function<Error(const ReplayRecord&)>;
  explicit FakeStage(Answer answer = [](const ReplayRecord&) { return Error::ok; }) : answer_(std::move(answer)) {}

  void commit(std::span<const ReplayRecord> records, std::span<Error> errors) const noexcept override {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(records.begin(), records.end());
    for (std::size_t i = 0; i < records.size(); ++i) errors[i] = answer_(records[i]);
  }

  // The records of each call.
  std::vector<std::vector<ReplayRecord>> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::size_t records() const {
    std::size_t count = 0;
    for (const auto& call : calls()) count += call.size();
    return count;
  }

 private:
  Answer answer_;
  mutable std::mutex mutex_;
  mutable std::vector<std::vector<ReplayRecord>> calls_;
};

inline std::shared_ptr<FakeStage> attach(Validator& validator, ReplayStageName name, Error always = Error::ok) {
  auto stage = std::make_shared<FakeStage>([always](const ReplayRecord&) { return always; });
  EXPECT_EQ(validator.attach(name, stage), Error::ok);
  return stage;
}

}  // namespace simdjwt::test
