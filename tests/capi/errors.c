/* The tables: version, errors and checks. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "simdjwt/fleet.h"

/* RFC 6750 §3: an error_description holds printable ASCII without '"' and '\'. */
static int is_description(const char* text) {
  if (*text == '\0') return 0;
  for (; *text != '\0'; ++text) {
    if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\') return 0;
  }
  return 1;
}

static int is_name(const char* text) {
  return *text != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static uint32_t expected_status(simdjwt_error error) {
  if (error == SIMDJWT_REQUEST_MALFORMED) return 400;
  switch (error >> 8) {
    case 0:
      return 200;
    case 1:
    case 2:
      return 401;
    case 3:
      return 403;
    case 4:
    case 5:
      return 503;
    default:
      return 500;
  }
}

static const char* expected_code(simdjwt_error error) {
  if (error == SIMDJWT_REQUEST_MALFORMED) return "invalid_request";
  if (error >> 8 == 2) return "invalid_token";
  if (error >> 8 == 3) return "insufficient_scope";
  return "";
}

static void test_error_table(void) {
  uint32_t i = 0;
  simdjwt_error last = SIMDJWT_OK;
  for (;; ++i) {
    const simdjwt_error error = simdjwt_error_at(i);
    if (error == SIMDJWT_OK) break;
    CHECK(error > last);
    CHECK(is_name(simdjwt_error_name(error)));
    CHECK(strcmp(simdjwt_error_name(error), "unknown") != 0);
    CHECK(is_description(simdjwt_error_text(error)));
    CHECK_NUMBER(simdjwt_error_http_status(error), expected_status(error));
    CHECK_TEXT(simdjwt_error_oauth_code(error), expected_code(error));
    last = error;
  }
  CHECK(i > 90);
  CHECK_ERROR(last, SIMDJWT_FLEET_BACKLOG);
  CHECK_ERROR(simdjwt_error_at(0), SIMDJWT_CREDENTIALS_MISSING);
  CHECK_ERROR(simdjwt_error_at(UINT32_MAX), SIMDJWT_OK);
  CHECK_TEXT(simdjwt_error_name(SIMDJWT_OK), "ok");
  CHECK_NUMBER(simdjwt_error_http_status(SIMDJWT_OK), 200);
  CHECK_TEXT(simdjwt_error_oauth_code(SIMDJWT_OK), "");
  CHECK_TEXT(simdjwt_error_name(SIMDJWT_TOKEN_EXPIRED), "token_expired");
}

/* Numbers of another version, and numbers that would wrap to a known one if they were cut to 16 bits. */
static void test_unknown_numbers(void) {
  static const simdjwt_error unknown[] = {1, 0xff, 0x0100, 0x02ff, 0x0506, 0x0c01, 0xffff, 0x10000, 0x1025a, UINT32_MAX};
  size_t i;
  for (i = 0; i < sizeof unknown / sizeof *unknown; ++i) {
    CHECK_TEXT(simdjwt_error_name(unknown[i]), "unknown");
    CHECK(is_description(simdjwt_error_text(unknown[i])));
    CHECK(simdjwt_error_http_status(unknown[i]) != 200);
  }
  CHECK_TEXT(simdjwt_check_name(SIMDJWT_CHECK_COUNT + 1), "none");
  CHECK_TEXT(simdjwt_check_name(256 + SIMDJWT_CHECK_KEY), "none");
  CHECK_TEXT(simdjwt_check_name(UINT32_MAX), "none");
  CHECK_TEXT(simdjwt_check_text(UINT32_MAX), "");
}

static void test_check_table(void) {
  uint32_t i, j;
  CHECK_TEXT(simdjwt_check_name(SIMDJWT_CHECK_NONE), "none");
  for (i = 1; i <= SIMDJWT_CHECK_COUNT; ++i) {
    CHECK(is_name(simdjwt_check_name(i)));
    CHECK(is_description(simdjwt_check_text(i)));
    for (j = 0; j < i; ++j) CHECK(strcmp(simdjwt_check_name(i), simdjwt_check_name(j)) != 0);
  }
  CHECK_TEXT(simdjwt_check_name(SIMDJWT_CHECK_EXPIRY), "expiry");
  CHECK_TEXT(simdjwt_check_name(SIMDJWT_CHECK_SIZE), "size");
  CHECK_TEXT(simdjwt_check_name(SIMDJWT_CHECK_SCOPE), "scope");
}

void test_errors(void) {
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", SIMDJWT_VERSION_MAJOR, SIMDJWT_VERSION_MINOR, SIMDJWT_VERSION_PATCH);
  CHECK_TEXT(simdjwt_version(), version);
  test_error_table();
  test_unknown_numbers();
  test_check_table();
}
