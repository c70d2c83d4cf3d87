/* Tokens that may be used once: the policy, uses and looks, stages, the key, records, sharing and counts. */
#include <string.h>

#include "check.h"
#include "simdjwt/fleet.h"

#define RULE "{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences\":[\"https://api.example\"]}"
#define DOCUMENT(members) "{\"version\":1,\"issuers\":[" RULE "],\"replay\":{\"mode\":\"once\"" members "}}"
#define SMALL ",\"memory_bytes\":1048576"
#define FLEET ",\"fleet\":{\"nodes\":[\"one:1\",\"two:2\"],\"key_file\":\"/k\"}"

static const uint8_t key[16] = {1, 2, 3};
static const simdjwt_str none = {NULL, 0};

/* Answers every record with *context, and counts them. */
typedef struct told {
  simdjwt_error answer;
  uint32_t records;
  simdjwt_replay_record last;
} told;

static void commit(void* context, const simdjwt_replay_record* records, uint32_t count, simdjwt_error* errors) {
  told* const stage = (told*)context;
  uint32_t i;
  for (i = 0; i < count; ++i) errors[i] = stage->answer;
  stage->records += count;
  stage->last = records[count - 1];
}

static simdjwt_replay_stage stage_of(told* context) {
  simdjwt_replay_stage stage = SIMDJWT_REPLAY_STAGE_INIT;
  stage.context = context;
  stage.commit = commit;
  return stage;
}

static simdjwt_verdict use(const fixture* f, const char* token, uint32_t replay) {
  simdjwt_request request = request_of(token);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_error error;
  request.replay = replay;
  error = simdjwt_validate(f->validator, f->scratch, &request, &verdict);
  CHECK_ERROR(error, verdict.error);
  return verdict;
}

static simdjwt_replay_stats stats_of(const fixture* f) {
  simdjwt_replay_stats stats = SIMDJWT_REPLAY_STATS_INIT;
  CHECK_ERROR(simdjwt_replay_stats_of(f->validator, &stats), SIMDJWT_OK);
  return stats;
}

static void test_policy(void) {
  simdjwt_ruleset* const plain = compile(TOKENS_POLICY);
  simdjwt_ruleset* const full =
      compile(DOCUMENT(SMALL FLEET ",\"max_retention_s\":60,\"issuer_quota_percent\":50,"
                                   "\"durability\":{\"level\":\"interval\",\"directory\":\"/j\",\"interval_ms\":7}"));
  simdjwt_replay_policy policy = SIMDJWT_REPLAY_POLICY_INIT;
  simdjwt_str node = {NULL, 0};
  CHECK_ERROR(simdjwt_ruleset_replay(plain, &policy), SIMDJWT_OK);
  CHECK_NUMBER(policy.enabled, 0);
  CHECK_NUMBER(policy.memory_bytes, 67108864);
  CHECK_NUMBER(policy.max_retention_s, 86400);
  CHECK_NUMBER(policy.issuer_quota_percent, 100);
  CHECK_NUMBER(policy.durability, SIMDJWT_DURABILITY_NONE);
  CHECK_NUMBER(policy.fleet_node_count, 0);
  CHECK_MISSING(policy.directory);
  CHECK_MISSING(policy.fleet_key_file);
  CHECK_ERROR(simdjwt_ruleset_replay(full, &policy), SIMDJWT_OK);
  CHECK_NUMBER(policy.enabled, 1);
  CHECK_NUMBER(policy.memory_bytes, 1048576);
  CHECK_NUMBER(policy.max_retention_s, 60);
  CHECK_NUMBER(policy.issuer_quota_percent, 50);
  CHECK_NUMBER(policy.durability, SIMDJWT_DURABILITY_INTERVAL);
  CHECK_NUMBER(policy.interval_ms, 7);
  CHECK_NUMBER(policy.fleet_node_count, 2);
  CHECK_NUMBER(policy.fleet_deadline_ms, 50);
  CHECK_NUMBER(policy.fleet_allow_local_only, 0);
  CHECK_NUMBER(policy.fleet_wait_replicas, 0);
  CHECK_NUMBER(policy.grace_s, 10);
  CHECK_VIEW(policy.directory, "/j");
  CHECK_VIEW(policy.fleet_key_file, "/k");
  CHECK_MISSING(policy.fleet_user);
  CHECK_MISSING(policy.fleet_password_file);
  CHECK_ERROR(simdjwt_ruleset_fleet_node(full, 1, &node), SIMDJWT_OK);
  CHECK_VIEW(node, "two:2");
  CHECK_ERROR(simdjwt_ruleset_fleet_node(full, 2, &node), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_ruleset_fleet_node(plain, 0, &node), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_ruleset_fleet_node(NULL, 0, &node), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_fleet_node(full, 0, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_replay(NULL, &policy), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_replay(full, NULL), SIMDJWT_INVALID_ARGUMENT);
  policy.struct_size = 1;
  CHECK_ERROR(simdjwt_ruleset_replay(full, &policy), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  simdjwt_ruleset_free(plain);
  simdjwt_ruleset_free(full);
}

static void test_uses(void) {
  fixture f = fixture_new(DOCUMENT(SMALL));
  uint8_t fingerprint[16];
  static const uint8_t zero[16];
  simdjwt_verdict verdict;
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  CHECK_ERROR(simdjwt_replay_set_key(f.validator, key), SIMDJWT_OK);
  verdict = use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CHECK);
  CHECK_ERROR(verdict.error, SIMDJWT_OK);
  CHECK(memcmp(verdict.replay_record.fingerprint, zero, 16) == 0);
  verdict = use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME);
  CHECK_ERROR(verdict.error, SIMDJWT_OK);
  CHECK_NUMBER(verdict.replay_record.forget_at, TOKENS_NOW + 3600);
  simdjwt_replay_fingerprint(key, str(TOKENS_ISSUER), none, str("jti-1"), fingerprint);
  CHECK(memcmp(verdict.replay_record.fingerprint, fingerprint, 16) == 0);
  verdict = use(&f, TOKENS_GOOD_B, SIMDJWT_REPLAY_CONSUME); /* another token, the same jti */
  CHECK_ERROR(verdict.error, SIMDJWT_TOKEN_REPLAYED);
  CHECK_NUMBER(verdict.check, SIMDJWT_CHECK_REPLAY);
  CHECK_VIEW(verdict.member, "jti");
  CHECK_NUMBER(verdict.verified, 1);
  CHECK_NUMBER(simdjwt_error_http_status(verdict.error), 401);
  CHECK_ERROR(use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CHECK).error, SIMDJWT_TOKEN_REPLAYED);
  CHECK_NUMBER(stats_of(&f).consumed, 1);
  CHECK_NUMBER(stats_of(&f).replayed, 2);
  CHECK_NUMBER(stats_of(&f).entries, 1);
  CHECK(stats_of(&f).capacity > 10000 && stats_of(&f).bytes <= 1048576);

  request.replay = 3;
  verdict.error = SIMDJWT_OK;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(verdict.error, SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, f.scratch, &request, 1, &verdict), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&f);
}

static void test_stages(void) {
  fixture f = fixture_new(DOCUMENT(SMALL FLEET));
  told fleet = {SIMDJWT_FLEET_DEADLINE, 0, {{0}, 0, 0, 0}}, journal = {SIMDJWT_OK, 0, {{0}, 0, 0, 0}};
  simdjwt_replay_stage stage = stage_of(&fleet);
  simdjwt_verdict verdict;
  CHECK_ERROR(use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_STORE_UNAVAILABLE);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, 2, &stage), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_attach(NULL, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, NULL), SIMDJWT_INVALID_ARGUMENT);
  stage.commit = NULL;
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_INVALID_ARGUMENT);
  stage = stage_of(&fleet);
  stage.struct_size = 1;
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  stage = stage_of(&fleet);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_INVALID_ARGUMENT);
  stage = stage_of(&journal);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_JOURNAL, &stage), SIMDJWT_OK);

  CHECK_ERROR(use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_STORE_UNAVAILABLE);
  CHECK_NUMBER(fleet.records, 1);
  CHECK_NUMBER(journal.records, 0);
  fleet.answer = SIMDJWT_OK;
  verdict = use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_DEFER);
  CHECK_ERROR(verdict.error, SIMDJWT_STORE_UNCONFIRMED);
  CHECK_NUMBER(fleet.records, 1);
  CHECK_NUMBER(journal.records, 1);
  CHECK(memcmp(&journal.last, &verdict.replay_record, sizeof journal.last) == 0);
  simdjwt_replay_undo(f.validator, &verdict.replay_record);
  CHECK_ERROR(use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_OK);
  CHECK_NUMBER(fleet.records, 2);
  simdjwt_replay_undo(f.validator, NULL);
  simdjwt_replay_undo(NULL, &verdict.replay_record);
  fixture_free(&f);
}

/* What one process has recorded another one loads, under the same key. */
static void test_load(void) {
  fixture first = fixture_new(DOCUMENT(SMALL)), second = fixture_new(DOCUMENT(SMALL));
  simdjwt_replay_record records[2];
  uint64_t loaded = 99;
  CHECK_ERROR(simdjwt_replay_set_key(first.validator, key), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_set_key(second.validator, key), SIMDJWT_OK);
  records[0] = use(&first, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).replay_record;
  records[1] = records[0];
  records[1].fingerprint[0] ^= 1;
  records[1].forget_at = TOKENS_NOW;
  CHECK_ERROR(simdjwt_replay_load(second.validator, records, 2, TOKENS_NOW, &loaded), SIMDJWT_OK);
  CHECK_NUMBER(loaded, 1);
  CHECK_ERROR(use(&second, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_TOKEN_REPLAYED);
  CHECK_ERROR(simdjwt_replay_load(second.validator, NULL, 0, TOKENS_NOW, NULL), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_load(second.validator, NULL, 1, TOKENS_NOW, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_load(NULL, records, 1, TOKENS_NOW, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_set_key(first.validator, key), SIMDJWT_OK); /* the one it has */
  CHECK_ERROR(simdjwt_replay_set_key(first.validator, (const uint8_t*)"sixteen bytes!!!"), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_set_key(first.validator, NULL), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&first);
  fixture_free(&second);
}

static void test_share(void) {
  fixture first = fixture_new(DOCUMENT(SMALL)), second = fixture_new(DOCUMENT(SMALL));
  CHECK_ERROR(simdjwt_replay_share(second.validator, first.validator), SIMDJWT_OK);
  CHECK_ERROR(use(&first, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_OK);
  fixture_free(&first);
  CHECK_ERROR(use(&second, TOKENS_GOOD_A, SIMDJWT_REPLAY_CONSUME).error, SIMDJWT_TOKEN_REPLAYED);
  CHECK_ERROR(simdjwt_replay_share(second.validator, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_share(second.validator, second.validator), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_share(NULL, second.validator), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&second);
}

/* What is kept under a key, or asked of a stage, stays so. */
static void test_what_is_fixed(void) {
  fixture f = fixture_new(DOCUMENT(SMALL FLEET)), other = fixture_new(DOCUMENT(SMALL));
  told context = {SIMDJWT_OK, 0, {{0}, 0, 0, 0}};
  const simdjwt_replay_stage stage = stage_of(&context);
  simdjwt_ruleset* const slow =
      compile(DOCUMENT(SMALL ",\"fleet\":{\"nodes\":[\"one:1\",\"two:2\"],\"key_file\":\"/k\",\"deadline_ms\":51}"));
  uint8_t own[16];
  uint32_t is_set = 9;
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_share(f.validator, other.validator), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_set_key(f.validator, key), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_key(f.validator, own, &is_set), SIMDJWT_OK);
  CHECK_NUMBER(is_set, 0);
  CHECK_ERROR(simdjwt_replay_set_key(f.validator, own), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f.validator, slow), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f.validator, other.ruleset), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f.validator, f.ruleset), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_share(other.validator, f.validator), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_key(other.validator, own, &is_set), SIMDJWT_OK);
  CHECK_NUMBER(is_set, 1);
  simdjwt_ruleset_free(slow);
  fixture_free(&f);
  fixture_free(&other);
}

/* Nothing of this is there before a ruleset asks for it, and it is then. */
static void test_without_a_store(void) {
  fixture f = fixture_new(TOKENS_POLICY), once = fixture_new(DOCUMENT(SMALL));
  told context = {SIMDJWT_OK, 0, {{0}, 0, 0, 0}};
  const simdjwt_replay_stage stage = stage_of(&context);
  simdjwt_replay_record record;
  simdjwt_replay_stats stats = SIMDJWT_REPLAY_STATS_INIT;
  memset(&record, 0, sizeof record);
  CHECK_ERROR(use(&f, TOKENS_GOOD_A, SIMDJWT_REPLAY_DEFER).error, SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_attach(f.validator, SIMDJWT_REPLAY_FLEET, &stage), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_replay_set_key(f.validator, key), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_replay_load(f.validator, &record, 1, TOKENS_NOW, NULL), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_replay_stats_of(f.validator, &stats), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_replay_share(once.validator, f.validator), SIMDJWT_NOT_FOUND);
  simdjwt_replay_undo(f.validator, &record);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f.validator, once.ruleset), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_stats_of(f.validator, &stats), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_replay_stats_of(NULL, &stats), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_replay_stats_of(f.validator, NULL), SIMDJWT_INVALID_ARGUMENT);
  stats.struct_size = 1;
  CHECK_ERROR(simdjwt_replay_stats_of(f.validator, &stats), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  fixture_free(&f);
  fixture_free(&once);
}

/* The same bytes on every machine, and parts that are told apart. */
static void test_fingerprints(void) {
  static const uint8_t other_key[16] = {9};
  static const uint8_t untouched[16] = {7};
  uint8_t one[16], two[16];
  simdjwt_replay_fingerprint(key, str("i"), str("s"), str("j"), one);
  simdjwt_replay_fingerprint(key, str("i"), str("s"), str("j"), two);
  CHECK(memcmp(one, two, 16) == 0);
  simdjwt_replay_fingerprint(key, str("i"), str("sj"), str(""), two);
  CHECK(memcmp(one, two, 16) != 0);
  simdjwt_replay_fingerprint(key, str("is"), none, str("j"), two);
  CHECK(memcmp(one, two, 16) != 0);
  simdjwt_replay_fingerprint(other_key, str("i"), str("s"), str("j"), two);
  CHECK(memcmp(one, two, 16) != 0);
  memcpy(two, untouched, 16);
  simdjwt_replay_fingerprint(NULL, str("i"), str("s"), str("j"), two);
  CHECK(memcmp(two, untouched, 16) == 0);
}

void test_replay(void) {
  test_policy();
  test_uses();
  test_stages();
  test_load();
  test_share();
  test_what_is_fixed();
  test_without_a_store();
  test_fingerprints();
}
