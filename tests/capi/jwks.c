/* Key sets: parsing, what a diagnostic says, and what is told of each key. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void refuse(const char* json, simdjwt_error expected, uint32_t offset) {
  simdjwt_jwks* const untouched = (simdjwt_jwks*)&expected;
  simdjwt_jwks* jwks = untouched;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  memset(diagnostic.path, 'x', sizeof diagnostic.path);
  CHECK_ERROR(simdjwt_jwks_parse(json, strlen(json), &jwks, &diagnostic), expected);
  CHECK(jwks == untouched); /* outputs are written on success only */
  CHECK_ERROR(diagnostic.error, expected);
  CHECK_NUMBER(diagnostic.offset, offset);
  CHECK_TEXT(diagnostic.path, "");
  CHECK(diagnostic.expected[0] != '\0');
}

static void test_parse_errors(void) {
  simdjwt_jwks* jwks = NULL;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  const size_t big = ((size_t)16 << 20) + 1;
  char* const document = (char*)malloc(big);
  refuse("{\"keys\":[}", SIMDJWT_JWKS_JSON, 9);
  refuse("", SIMDJWT_JWKS_JSON, 0);
  refuse("{\"keys\":1}", SIMDJWT_JWKS_SHAPE, UINT32_MAX);
  refuse("{}", SIMDJWT_JWKS_SHAPE, UINT32_MAX);
  if (document != NULL) {
    memset(document, ' ', big);
    document[0] = '{';
    document[big - 1] = '}';
    CHECK_ERROR(simdjwt_jwks_parse(document, big, &jwks, NULL), SIMDJWT_JWKS_TOO_LARGE);
    CHECK_ERROR(simdjwt_jwks_parse(document, UINT64_MAX, &jwks, &diagnostic), SIMDJWT_JWKS_TOO_LARGE);
    free(document);
  }
  CHECK_ERROR(simdjwt_jwks_parse(NULL, 2, &jwks, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_jwks_parse("{}", 2, NULL, NULL), SIMDJWT_INVALID_ARGUMENT);
  diagnostic.struct_size = 8;
  CHECK_ERROR(simdjwt_jwks_parse("{}", 2, &jwks, &diagnostic), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK(jwks == NULL);
}

static void test_good_keys(void) {
  simdjwt_jwks* const jwks = parse_jwks(TOKENS_JWKS);
  simdjwt_key_info info = SIMDJWT_KEY_INFO_INIT;
  CHECK_NUMBER(simdjwt_jwks_count(jwks), 4);
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, &info), SIMDJWT_OK);
  CHECK_ERROR(info.error, SIMDJWT_OK);
  CHECK_MISSING(info.member);
  CHECK_VIEW(info.kid, "a");
  CHECK_VIEW(info.kty, "EC");
  CHECK_VIEW(info.crv, "P-256");
  CHECK_VIEW(info.alg, "ES256");
  CHECK_VIEW(info.use, "sig");
  CHECK_NUMBER(info.bits, 256);
  CHECK_NUMBER(info.has_private, 0);
  CHECK_NUMBER(strlen(info.thumbprint), 43);
  CHECK_TEXT(info.algorithms, "ES256");

  CHECK_ERROR(simdjwt_jwks_key(jwks, 2, &info), SIMDJWT_OK);
  CHECK_VIEW(info.kty, "RSA");
  CHECK_MISSING(info.crv);
  CHECK_NUMBER(info.bits, 2048);
  CHECK_TEXT(info.algorithms, "RS256");

  CHECK_ERROR(simdjwt_jwks_key(jwks, 3, &info), SIMDJWT_OK);
  CHECK_VIEW(info.crv, "Ed25519");

  CHECK_ERROR(simdjwt_jwks_key(jwks, 4, &info), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_jwks_key(jwks, UINT32_MAX, &info), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_jwks_key(NULL, 0, &info), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, NULL), SIMDJWT_INVALID_ARGUMENT);
  info.struct_size = 0;
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, &info), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_NUMBER(simdjwt_jwks_count(NULL), 0);
  simdjwt_jwks_free(jwks);
  simdjwt_jwks_free(NULL);
}

/* RFC 7638 §3.1: the key of the example and its thumbprint. */
static void test_thumbprint(void) {
  simdjwt_jwks* const jwks = parse_jwks(
      "{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJEC"
      "PebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZ"
      "gnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4"
      "4-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}");
  simdjwt_key_info info = SIMDJWT_KEY_INFO_INIT;
  CHECK_NUMBER(simdjwt_jwks_count(jwks), 1); /* a single JWK is a set of one */
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, &info), SIMDJWT_OK);
  CHECK_TEXT(info.thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  simdjwt_jwks_free(jwks);
}

/* A bad key is dropped with its error; a set of bad keys still parses. */
static void test_dropped_keys(void) {
  simdjwt_jwks* jwks =
      parse_jwks("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"short\"},{\"kty\":\"EC\",\"crv\":\"P-999\"}]}");
  simdjwt_key_info info = SIMDJWT_KEY_INFO_INIT;
  CHECK_NUMBER(simdjwt_jwks_count(jwks), 2);
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, &info), SIMDJWT_OK);
  CHECK_ERROR(info.error, SIMDJWT_JWK_OCT_SHORT);
  CHECK_VIEW(info.member, "k");
  CHECK_VIEW(info.kid, "short");
  CHECK_TEXT(info.thumbprint, "");
  CHECK_TEXT(info.algorithms, "");
  CHECK_ERROR(simdjwt_jwks_key(jwks, 1, &info), SIMDJWT_OK);
  CHECK_ERROR(info.error, SIMDJWT_JWK_CRV_UNKNOWN);
  CHECK_MISSING(info.kid);
  simdjwt_jwks_free(jwks);

  jwks = parse_jwks("{\"keys\":[]}");
  CHECK_NUMBER(simdjwt_jwks_count(jwks), 0);
  simdjwt_jwks_free(jwks);

  jwks = parse_jwks(TOKENS_JWKS_MAC);
  CHECK_ERROR(simdjwt_jwks_key(jwks, 0, &info), SIMDJWT_OK);
  CHECK_VIEW(info.kty, "oct");
  CHECK_NUMBER(info.bits, 256);
  simdjwt_jwks_free(jwks);
}

void test_jwks(void) {
  test_parse_errors();
  test_good_keys();
  test_thumbprint();
  test_dropped_keys();
}
