// What a policy document says of tokens that may be used once (docs/policy.md): the `replay` member, and that of a
// rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/validator/fixture.h"
#include "validator/ruleset.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Members;
using test::plain_rule;
using test::policy;

std::string document(std::string_view replay, const Members& rule = plain_rule()) {
  return policy({rule.json()}, ",\"replay\":" + std::string(replay));
}

// The same with the mode, which is required.
std::string once(const std::string& members = "", const Members& rule = plain_rule()) {
  return document(R"({"mode":"once")" + (members.empty() ? "" : "," + members) + "}", rule);
}

std::string fleet(const std::string& members) {
  return once(R"("fleet":{)" + members + "}");
}

void expect_refused(std::string_view text, Error error, std::string_view path) {
  const RulesetResult result = Ruleset::compile(text);
  EXPECT_EQ(result.error, error) << text << "\n" << result.path << ": " << result.expected;
  EXPECT_EQ(result.path, path) << text;
  EXPECT_FALSE(result.expected.empty());
  EXPECT_EQ(result.ruleset, nullptr);
}

bool requires_claim(const Ruleset& ruleset, std::string_view name) {
  const std::vector<std::string>& required = ruleset.issuers()[0].claims.required;
  return std::find(required.begin(), required.end(), name) != required.end();
}

TEST(Replay, Defaults) {
  const auto ruleset = compile(once());
  const ReplayPolicy& replay = ruleset->replay();
  EXPECT_TRUE(replay.enabled);
  EXPECT_EQ(replay.unique_per, JtiScope::issuer);
  EXPECT_EQ(replay.store.memory_bytes, 67108864u);
  EXPECT_EQ(replay.max_retention_s, 86400);
  EXPECT_EQ(replay.store.max_retention_s, 86400);
  EXPECT_EQ(replay.grace_s, 0);
  EXPECT_EQ(replay.store.issuer_quota_percent, 100u);
  EXPECT_FALSE(replay.wants_journal());
  EXPECT_FALSE(replay.wants_fleet());
  EXPECT_EQ(replay.directory + replay.fleet.key_file + replay.fleet.user + replay.fleet.password_file, "");
}

TEST(Replay, WithoutItNothingIsAcceptedOnce) {
  const auto ruleset = compile(policy({plain_rule().json()}));
  EXPECT_FALSE(ruleset->replay().enabled);
  EXPECT_FALSE(ruleset->issuers()[0].claims.once);
  EXPECT_FALSE(requires_claim(*ruleset, "jti"));
  EXPECT_FALSE(compile(policy({plain_rule().set("replay", R"("off")").json()}))->replay().enabled);
  expect_refused(policy({plain_rule().set("replay", R"("once")").json()}), Error::policy_member_value,
                 "issuers[0].replay");
}

TEST(Replay, TheModeIsThatOfRulesThatDoNotSay) {
  struct Row {
    const char *document, *rule;
    bool once;
  };
  for (const Row& row : {Row{"once", "", true}, Row{"once", "off", false}, Row{"once", "once", true},
                         Row{"off", "", false}, Row{"off", "off", false}, Row{"off", "once", true}}) {
    Members rule = plain_rule();
    if (*row.rule) rule.set("replay", '"' + std::string(row.rule) + '"');
    const auto ruleset = compile(document(R"({"mode":")" + std::string(row.document) + "\"}", rule));
    EXPECT_EQ(ruleset->issuers()[0].claims.once, row.once) << row.document << " " << row.rule;
    EXPECT_EQ(ruleset->replay().enabled, row.once) << row.document << " " << row.rule;
  }
  const auto two = compile(policy({plain_rule("a").json(), plain_rule("b").set("replay", R"("once")").json()},
                                  R"(,"replay":{"mode":"off"})"));
  EXPECT_TRUE(two->replay().enabled);
  EXPECT_FALSE(two->issuers()[0].claims.once);
  EXPECT_TRUE(two->issuers()[1].claims.once);
}

TEST(Replay, ModesAreNamedExactly) {
  expect_refused(document("{}"), Error::policy_member_missing, "replay.mode");
  for (const char* mode : {R"("")", R"("Once")", R"("on")", R"("twice")"}) {
    expect_refused(document(R"({"mode":)" + std::string(mode) + "}"), Error::policy_member_value, "replay.mode");
    expect_refused(once("", plain_rule().set("replay", mode)), Error::policy_member_value, "issuers[0].replay");
  }
  for (const char* mode : {"true", "null", "1", "{}"}) {
    expect_refused(document(R"({"mode":)" + std::string(mode) + "}"), Error::policy_member_type, "replay.mode");
    expect_refused(once("", plain_rule().set("replay", mode)), Error::policy_member_type, "issuers[0].replay");
  }
  for (const char* replay : {"true", "null", R"("once")", "[]"}) {
    expect_refused(document(replay), Error::policy_member_type, "replay");
  }
  for (const char* member : {"Mode", "directory", "nodes", "retention_s", "x"}) {
    expect_refused(once('"' + std::string(member) + "\":1"), Error::policy_member_unknown,
                   "replay." + std::string(member));
  }
}

// RFC 7519 §4.1.7: a token is told from another by its jti, and nothing without an end can be remembered.
TEST(Replay, MakesJtiAndExpRequired) {
  const auto ruleset = compile(once());
  EXPECT_TRUE(requires_claim(*ruleset, "jti"));
  EXPECT_FALSE(requires_claim(*ruleset, "sub"));
  expect_refused(once("", plain_rule().set("allow_missing_exp", "true")), Error::policy_member_value,
                 "issuers[0].allow_missing_exp");
  expect_refused(
      document(R"({"mode":"off"})", plain_rule().set("allow_missing_exp", "true").set("replay", R"("once")")),
      Error::policy_member_value, "issuers[0].allow_missing_exp");
  compile(once("", plain_rule().set("allow_missing_exp", "true").set("replay", R"("off")")));
  // A claim that is required already is required once.
  const auto access = compile(once("", plain_rule().set("required_claims", R"(["jti"])")));
  EXPECT_EQ(access->issuers()[0].claims.required, std::vector<std::string>{"jti"});
}

TEST(Replay, UniquePerIssuerSubjectOrClient) {
  const auto of = [](const char* per) {
    return compile(once(R"("unique_per":")" + std::string(per) + '"'))->issuers()[0].claims;
  };
  EXPECT_EQ(of("issuer").unique_per, JtiScope::issuer);
  EXPECT_EQ(of("subject").unique_per, JtiScope::subject);
  EXPECT_EQ(of("subject").required, (std::vector<std::string>{"jti", "sub"}));
  EXPECT_EQ(of("client").unique_per, JtiScope::client);
  EXPECT_EQ(of("client").required, std::vector<std::string>{"jti"});
  const std::vector<std::string> known = of("client").known;
  EXPECT_TRUE(std::binary_search(known.begin(), known.end(), "azp"));
  expect_refused(once(R"("unique_per":"token")"), Error::policy_member_value, "replay.unique_per");
  expect_refused(once(R"("unique_per":1)"), Error::policy_member_type, "replay.unique_per");
}

TEST(Replay, NumbersHaveRanges) {
  struct Row {
    const char *name, *min, *max, *below, *above;
  };
  const Row rows[] = {{"memory_bytes", "1048576", "1099511627776", "1048575", "1099511627777"},
                      {"max_retention_s", "1", "10000000000", "0", "10000000001"},
                      {"grace_s", "0", "86400", "-2", "86401"},
                      {"issuer_quota_percent", "1", "100", "0", "101"}};
  for (const Row& row : rows) {
    const std::string name = '"' + std::string(row.name) + "\":", path = "replay." + std::string(row.name);
    compile(once(name + row.min));
    compile(once(name + row.max));
    for (const std::string& value :
         {std::string(row.below), std::string(row.above), std::string("-1"), std::string("1.5"), std::string("1e99")}) {
      expect_refused(once(name + value), Error::policy_member_value, path);
    }
    expect_refused(once(name + "true"), Error::policy_member_type, path);
  }
  const auto ruleset = compile(once(R"("memory_bytes":2000000,"max_retention_s":60,"issuer_quota_percent":25)"));
  EXPECT_EQ(ruleset->replay().store.memory_bytes, 2000000u);
  EXPECT_EQ(ruleset->replay().store.max_retention_s, 60);
  const auto grace = compile(once(R"("max_retention_s":60,"grace_s":7)"));
  EXPECT_EQ(grace->replay().grace_s, 7);
  EXPECT_EQ(grace->replay().store.max_retention_s, 67);
  EXPECT_EQ(grace->issuers()[0].claims.max_retention_s, 60);
  EXPECT_EQ(ruleset->issuers()[0].claims.max_retention_s, 60);
  EXPECT_EQ(ruleset->replay().store.issuer_quota_percent, 25u);
}

TEST(Replay, DurabilityHasADirectoryWhereItNeedsOne) {
  const auto with = [](const std::string& members) { return once(R"("durability":{)" + members + "}"); };
  EXPECT_FALSE(compile(with(R"("level":"none")"))->replay().wants_journal());
  const auto interval = compile(with(R"("level":"interval","directory":"/j")"));
  EXPECT_EQ(interval->replay().durability, Durability::interval);
  EXPECT_EQ(interval->replay().directory, "/j");
  EXPECT_EQ(interval->replay().interval_ms, 100u);
  EXPECT_EQ(compile(with(R"("level":"interval","directory":"/j","interval_ms":60000)"))->replay().interval_ms, 60000u);
  EXPECT_EQ(compile(with(R"("level":"strict","directory":"/j")"))->replay().durability, Durability::strict);

  expect_refused(with(""), Error::policy_member_missing, "replay.durability.level");
  expect_refused(with(R"("directory":"/j")"), Error::policy_member_missing, "replay.durability.level");
  expect_refused(with(R"("level":"always")"), Error::policy_member_value, "replay.durability.level");
  for (const char* level : {"interval", "strict"}) {
    const std::string members = R"("level":")" + std::string(level) + '"';
    expect_refused(with(members), Error::policy_member_missing, "replay.durability.directory");
    expect_refused(with(members + R"(,"directory":"")"), Error::policy_member_value, "replay.durability.directory");
    expect_refused(with(members + R"(,"directory":"/a\u0000b")"), Error::policy_member_value,
                   "replay.durability.directory");
    expect_refused(with(members + R"(,"directory":1)"), Error::policy_member_type, "replay.durability.directory");
  }
  expect_refused(with(R"("level":"none","directory":"/j")"), Error::policy_member_value, "replay.durability.directory");
  expect_refused(with(R"("level":"none","interval_ms":5)"), Error::policy_member_value,
                 "replay.durability.interval_ms");
  expect_refused(with(R"("level":"strict","directory":"/j","interval_ms":5)"), Error::policy_member_value,
                 "replay.durability.interval_ms");
  for (const char* bad : {"0", "60001"}) {
    expect_refused(with(R"("level":"interval","directory":"/j","interval_ms":)" + std::string(bad)),
                   Error::policy_member_value, "replay.durability.interval_ms");
  }
  expect_refused(with(R"("level":"none","fsync":true)"), Error::policy_member_unknown, "replay.durability.fsync");
  expect_refused(once(R"("durability":"strict")"), Error::policy_member_type, "replay.durability");
}

TEST(Replay, FleetMembers) {
  const std::string least = R"("nodes":["v1.example:6379","[::1]:7000","10.0.0.1:1"],"key_file":"/k")";
  const ReplayFleet plain = compile(fleet(least))->replay().fleet;
  EXPECT_EQ(plain.nodes, (std::vector<std::string>{"v1.example:6379", "[::1]:7000", "10.0.0.1:1"}));
  EXPECT_EQ(plain.key_file, "/k");
  EXPECT_EQ(plain.deadline_ms, 50u);
  EXPECT_FALSE(plain.local_only);
  EXPECT_EQ(plain.wait_replicas, 0u);
  // The clocks of gateways differ.
  EXPECT_EQ(compile(fleet(least))->replay().grace_s, 10);
  EXPECT_EQ(compile(once(R"("grace_s":0,"fleet":{)" + least + "}"))->replay().grace_s, 0);
  const auto full = compile(fleet(least + R"(,"deadline_ms":10000,"allow_local_only":true,"wait_replicas":8,)"
                                          R"("user":"gate","password_file":"/p")"));
  EXPECT_TRUE(full->replay().wants_fleet());
  EXPECT_EQ(full->replay().fleet.deadline_ms, 10000u);
  EXPECT_TRUE(full->replay().fleet.local_only);
  EXPECT_EQ(full->replay().fleet.wait_replicas, 8u);
  EXPECT_EQ(full->replay().fleet.user, "gate");
  EXPECT_EQ(full->replay().fleet.password_file, "/p");

  const auto refused = [&least](const char* more, Error error, const char* path) {
    expect_refused(fleet(least + "," + more), error, "replay.fleet." + std::string(path));
  };
  refused(R"("deadline_ms":0)", Error::policy_member_value, "deadline_ms");
  refused(R"("deadline_ms":10001)", Error::policy_member_value, "deadline_ms");
  refused(R"("wait_replicas":9)", Error::policy_member_value, "wait_replicas");
  refused(R"("allow_local_only":false)", Error::policy_member_value, "allow_local_only");
  refused(R"("user":"gate")", Error::policy_member_value, "user");
  refused(R"("user":"","password_file":"/p")", Error::policy_member_value, "user");
  refused(R"("password_file":"a\u0000")", Error::policy_member_value, "password_file");
  refused(R"("password":"p")", Error::policy_member_unknown, "password");
  expect_refused(fleet(R"("key_file":"/k")"), Error::policy_member_missing, "replay.fleet.nodes");
  expect_refused(fleet(R"("nodes":["a:1"])"), Error::policy_member_missing, "replay.fleet.key_file");
  expect_refused(fleet(R"("nodes":["a:1"],"key_file":"a\u0000b")"), Error::policy_member_value,
                 "replay.fleet.key_file");
  expect_refused(once(R"("fleet":["a:1"])"), Error::policy_member_type, "replay.fleet");
}

TEST(Replay, NodesAreHostAndPort) {
  const auto with = [](const std::string& nodes) { return fleet(R"("key_file":"/k","nodes":[)" + nodes + "]"); };
  for (const char* node : {"a", "a:", ":1", "a:0", "a:65536", "a:-1", "a:1x", "a:000001", "a b:1", "::1:1", "[]:1",
                           "[::1]", "redis://a:1", "a:1/", "a,b:1", "u@a:1", "\xc3\xa9:1"}) {
    expect_refused(with("\"b:1\",\"" + std::string(node) + '"'), Error::policy_member_value, "replay.fleet.nodes[1]");
  }
  expect_refused(with(""), Error::policy_member_value, "replay.fleet.nodes");
  expect_refused(with(R"("a:1","b:1","a:1")"), Error::policy_member_value, "replay.fleet.nodes[2]");
  expect_refused(with(R"("a:1",2)"), Error::policy_member_type, "replay.fleet.nodes[1]");
  expect_refused(with('"' + std::string(254, 'h') + ":1\""), Error::policy_member_value, "replay.fleet.nodes[0]");
  std::string many;
  for (int i = 1; i <= 64; ++i) many += (i == 1 ? "\"h:" : ",\"h:") + std::to_string(i) + '"';
  EXPECT_EQ(compile(with(many))->replay().fleet.nodes.size(), 64u);
  expect_refused(with(many + ",\"h:65\""), Error::policy_member_value, "replay.fleet.nodes");
}

}  // namespace
}  // namespace simdjwt
