/*
 * Checks that count themselves, and the objects that most tests of the C API need.
 *
 * A failed check is reported and the program goes on; main() returns non-zero when one failed.
 */
#ifndef SIMDJWT_TESTS_CAPI_CHECK_H
#define SIMDJWT_TESTS_CAPI_CHECK_H

#include <simdjwt/simdjwt.h>
#include <stddef.h>

#include "tokens.h"

#define CHECK(condition) check_true((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_NUMBER(actual, expected) \
  check_number((int64_t)(actual), (int64_t)(expected), #actual, #expected, __FILE__, __LINE__)
#define CHECK_ERROR(actual, expected) check_error((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_VIEW(actual, expected) check_view((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_MISSING(actual) check_true((actual).data == NULL, #actual " is missing", __FILE__, __LINE__)

void check_true(int condition, const char* what, const char* file, int line);
void check_number(int64_t actual, int64_t expected, const char* what, const char* wanted, const char* file, int line);
void check_error(simdjwt_error actual, simdjwt_error expected, const char* what, const char* file, int line);
void check_text(const char* actual, const char* expected, const char* what, const char* file, int line);
void check_view(simdjwt_str actual, const char* expected, const char* what, const char* file, int line);

/* A view of a NUL-terminated text. */
simdjwt_str str(const char* text);

/* NULL, with a failed check, when the document is refused. The caller frees. */
simdjwt_jwks* parse_jwks(const char* json);
simdjwt_ruleset* compile(const char* policy);

/* A validator of TOKENS_POLICY with TOKENS_JWKS published, and a scratch of it. */
typedef struct fixture {
  simdjwt_ruleset* ruleset;
  simdjwt_jwks* jwks;
  simdjwt_validator* validator;
  simdjwt_scratch* scratch;
} fixture;
fixture fixture_new(const char* policy);
void fixture_free(fixture* f);

/* A request for `token` at TOKENS_NOW. */
simdjwt_request request_of(const char* token);

/* Validates `token` at TOKENS_NOW and returns the verdict, checking that the call returns the verdict's error. */
simdjwt_verdict validate(const fixture* f, const char* token);

/* One per file. */
void test_errors(void);
void test_jwks(void);
void test_ruleset(void);
void test_validator(void);
void test_keys(void);
void test_validate(void);
void test_claims(void);
void test_signatures(void);
void test_http(void);
void test_lifetimes(void);
void test_replay(void);

#endif
