/* Policy documents: what compiles, and the path and expectation that a diagnostic names. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define RULE(members) "{\"version\":1,\"issuers\":[{\"issuer\":\"https://as.example\"," members "}]}"
#define WHOLE RULE("\"profile\":\"access-token\",\"audiences\":[\"x\"]")

static void refuse(const char* policy, simdjwt_error expected, const char* path, const char* hint) {
  simdjwt_ruleset* const untouched = (simdjwt_ruleset*)&expected;
  simdjwt_ruleset* ruleset = untouched;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  CHECK_ERROR(simdjwt_ruleset_compile(policy, strlen(policy), &ruleset, &diagnostic), expected);
  CHECK(ruleset == untouched);
  CHECK_ERROR(diagnostic.error, expected);
  CHECK_TEXT(diagnostic.path, path);
  CHECK(strstr(diagnostic.expected, hint) != NULL);
}

static void test_refused(void) {
  refuse("{\"version\":1,\"issuers\":[]", SIMDJWT_POLICY_JSON, "", "");
  refuse("[]", SIMDJWT_POLICY_JSON, "", "");
  refuse("{\"version\":2}", SIMDJWT_POLICY_MEMBER_VALUE, "version", "1");
  refuse("{\"version\":1}", SIMDJWT_POLICY_MEMBER_MISSING, "issuers", "");
  refuse("{\"version\":1,\"issuers\":[]}", SIMDJWT_POLICY_MEMBER_VALUE, "issuers", "10000");
  refuse("{\"version\":1,\"issuers\":[],\"isuers\":1}", SIMDJWT_POLICY_MEMBER_UNKNOWN, "isuers", "issuers");
  refuse("{\"version\":1,\"revocation\":{}}", SIMDJWT_POLICY_RESERVED, "revocation", "version");
  refuse("{\"version\":1,\"replay\":{}}", SIMDJWT_POLICY_MEMBER_MISSING, "replay.mode", "");
  refuse(RULE("\"profile\":\"access-token\""), SIMDJWT_POLICY_MEMBER_MISSING, "issuers[0].audiences",
         "allow_any_audience");
  refuse(RULE("\"profile\":\"access-token\",\"audiences\":[\"x\"],\"leeway_s\":\"30\""), SIMDJWT_POLICY_MEMBER_TYPE,
         "issuers[0].leeway_s", "an integer from 0 to 86400");
  refuse(RULE("\"profile\":\"access-token\",\"audiences\":[\"x\",7]"), SIMDJWT_POLICY_MEMBER_TYPE,
         "issuers[0].audiences[1]", "a string");
  refuse(RULE("\"profile\":\"access-token\",\"audiences\":[\"x\"],\"algorithms\":[\"none\"]"),
         SIMDJWT_POLICY_MEMBER_VALUE, "issuers[0].algorithms[0]", "signature algorithm");
  refuse(RULE("\"profile\":\"access-token\",\"audiences\":[\"x\"],\"jwks\":{\"keys\":[]}"), SIMDJWT_POLICY_JWKS,
         "issuers[0].jwks", "usable");
  refuse(RULE("\"profile\":\"access-token\",\"audiences\":[\"x\"],\"jwks\":{}"), SIMDJWT_JWKS_SHAPE, "issuers[0].jwks",
         "JWK");
  refuse(
      "{\"version\":1,\"issuers\":[{\"issuer\":\"a\",\"profile\":\"id-token\",\"audiences\":[\"x\"]},"
      "{\"issuer\":\"a\",\"profile\":\"id-token\",\"audiences\":[\"x\"]}]}",
      SIMDJWT_POLICY_ISSUER_REPEATED, "issuers[1].issuer", "");
}

static void test_json_offset(void) {
  static const char policy[] = "{\"version\":1,\"version\":1}";
  simdjwt_ruleset* ruleset = NULL;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  CHECK_ERROR(simdjwt_ruleset_compile(policy, sizeof policy - 1, &ruleset, &diagnostic), SIMDJWT_POLICY_JSON);
  CHECK(diagnostic.offset >= 13 && diagnostic.offset <= 23); /* in the second of two members of one name */
  CHECK_TEXT(diagnostic.expected, simdjwt_error_text(SIMDJWT_JSON_DUPLICATE_MEMBER));
}

/* A path longer than the struct has room for is cut, and ends in NUL. */
static void test_long_path(void) {
  static const char head[] = "{\"version\":1,\"";
  static const char tail[] = "\":1}";
  char policy[1024];
  simdjwt_ruleset* ruleset = NULL;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  const size_t head_size = sizeof head - 1, size = 900;
  memset(policy, 'm', sizeof policy);
  memcpy(policy, head, head_size);
  memcpy(policy + size - (sizeof tail - 1), tail, sizeof tail - 1);
  CHECK_ERROR(simdjwt_ruleset_compile(policy, size, &ruleset, &diagnostic), SIMDJWT_POLICY_MEMBER_UNKNOWN);
  CHECK_NUMBER(strlen(diagnostic.path), sizeof diagnostic.path - 1);
}

static void test_arguments(void) {
  simdjwt_ruleset* ruleset = NULL;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  const size_t big = ((size_t)16 << 20) + 1;
  char* const document = (char*)calloc(big, 1);
  CHECK_ERROR(simdjwt_ruleset_compile(NULL, 1, &ruleset, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_compile(WHOLE, strlen(WHOLE), NULL, NULL), SIMDJWT_INVALID_ARGUMENT);
  diagnostic.struct_size = sizeof diagnostic - 1;
  CHECK_ERROR(simdjwt_ruleset_compile(WHOLE, strlen(WHOLE), &ruleset, &diagnostic), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  if (document != NULL) {
    CHECK_ERROR(simdjwt_ruleset_compile(document, big, &ruleset, NULL), SIMDJWT_POLICY_TOO_LARGE);
    free(document);
  }
  CHECK(ruleset == NULL);
  simdjwt_ruleset_free(NULL);
}

static void test_issuers(void) {
  simdjwt_ruleset* const ruleset = compile(
      "{\"version\":1,\"issuers\":["
      "{\"issuer\":\"one\",\"profile\":\"id-token\",\"audiences\":[\"x\"],\"jwks_uri\":\"https://one.example/jwks\"},"
      "{\"issuer\":\"two\",\"profile\":\"id-token\",\"audiences\":[\"x\"],\"jwks\":" TOKENS_JWKS "}]}");
  simdjwt_issuer_info info = SIMDJWT_ISSUER_INFO_INIT;
  CHECK_NUMBER(simdjwt_ruleset_issuer_count(ruleset), 2);
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 0, &info), SIMDJWT_OK);
  CHECK_VIEW(info.issuer, "one");
  CHECK_VIEW(info.jwks_uri, "https://one.example/jwks");
  CHECK_NUMBER(info.has_inline_keys, 0);
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 1, &info), SIMDJWT_OK);
  CHECK_VIEW(info.issuer, "two");
  CHECK_MISSING(info.jwks_uri);
  CHECK_NUMBER(info.has_inline_keys, 1);
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 2, &info), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_ruleset_issuer(NULL, 0, &info), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 0, NULL), SIMDJWT_INVALID_ARGUMENT);
  info.struct_size = 1;
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 0, &info), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_NUMBER(simdjwt_ruleset_issuer_count(NULL), 0);
  simdjwt_ruleset_free(ruleset);
}

void test_ruleset(void) {
  test_refused();
  test_json_offset();
  test_long_path();
  test_arguments();
  test_issuers();
}
