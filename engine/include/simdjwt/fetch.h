/*
 * libsimdjwt_fetch: keeps the keys of a validator's issuers fresh over HTTPS (RFC 7517, RFC 8414, OpenID Connect
 * Discovery 1.0, RFC 9111).
 *
 *   simdjwt_fetcher   the issuers of a ruleset that have a jwks_uri or discovery, each with its schedule, health and last
 *                     good keys; publishes to one validator
 *
 * A failed or bad answer never replaces good keys. All network I/O happens on one thread: the fetcher's own, or that of
 * the embedder's boost::asio::io_context. No call here is for the path of a request but simdjwt_fetcher_wait, which blocks
 * up to the deadline that it is given. Requests' `now` must be the time of day: what the fetcher publishes ends by it. How
 * to fetch (deadlines, caps, addresses, refresh, backoff) is the `fetch` member of the policy document (docs/policy.md).
 * The laws of simdjwt.h hold here too.
 */
#ifndef SIMDJWT_FETCH_H
#define SIMDJWT_FETCH_H

#include <stdint.h>

#include "simdjwt/simdjwt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors of a fetch ------------------------------------------------------------------------------------------- */

/* 0x09 fetch; the numbers and names are of the same list as simdjwt_error, and docs/errors.md has them. */
enum {
  SIMDJWT_FETCH_URL = 0x0901,               /* not an absolute https URL (or http where allowed) */
  SIMDJWT_FETCH_ADDRESS_PRIVATE = 0x0902,   /* the host is at an address that the policy refuses */
  SIMDJWT_FETCH_RESOLVE = 0x0903,
  SIMDJWT_FETCH_CONNECT = 0x0904,
  SIMDJWT_FETCH_TLS = 0x0905,               /* handshake or certificate */
  SIMDJWT_FETCH_DEADLINE = 0x0906,
  SIMDJWT_FETCH_RESET = 0x0907,             /* the connection ended before the answer did */
  SIMDJWT_FETCH_HTTP = 0x0908,              /* not HTTP/1.1, or an answer that breaks its grammar */
  SIMDJWT_FETCH_STATUS = 0x0909,            /* a status other than 200 and 304 */
  SIMDJWT_FETCH_REDIRECT = 0x090a,          /* to another origin, too many, or without a place */
  SIMDJWT_FETCH_HEADER_TOO_LARGE = 0x090b,
  SIMDJWT_FETCH_BODY_TOO_LARGE = 0x090c,
  SIMDJWT_FETCH_ENCODING = 0x090d,          /* a content coding, which was not asked for */
  SIMDJWT_FETCH_METADATA = 0x090e,          /* metadata that is no JSON object, or lacks jwks_uri */
  SIMDJWT_FETCH_ISSUER = 0x090f,            /* metadata of another issuer (RFC 8414 §3.3) */
  SIMDJWT_FETCH_NO_KEYS = 0x0910,           /* no key set, or one without a usable key */
  SIMDJWT_FETCH_BUDGET = 0x0911,            /* the host's requests of this minute are spent */
  SIMDJWT_FETCH_STATE_FILE = 0x0912,        /* a kept key set that is damaged or cannot be written */
  SIMDJWT_FETCH_PROXY = 0x0913
};

/* ---- Fetcher ----------------------------------------------------------------------------------------------------- */

typedef struct simdjwt_fetcher simdjwt_fetcher;

/*
 * Starts to keep keys. Kept last good keys (state_dir) are published before this returns, unless older than max_stale_s;
 * fetching begins at once.
 *
 * In:      validator   outlives the fetcher
 *          ruleset     the validator's; shared. Issuers with inline keys, or with neither jwks_uri nor discovery, are left
 *                      alone
 *          io_context  NULL: a thread of the fetcher's own. Otherwise a boost::asio::io_context* that one thread runs and
 *                      that outlives the fetcher
 * Returns: SIMDJWT_FETCH_URL or _TLS (a ca_file that cannot be read) with a diagnostic, SIMDJWT_OUT_OF_MEMORY
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetcher_new(simdjwt_validator *validator,
                                                                const simdjwt_ruleset *ruleset, void *io_context,
                                                                simdjwt_fetcher **out,
                                                                simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

/* Ends what is under way and the thread; published keys stay. A simdjwt_fetcher_wait that is under way returns at once,
   and before this does; no other call may be under way, and none may begin once this has begun. With an io_context of the
   embedder's: on its thread, or when no thread runs it. */
SIMDJWT_API void simdjwt_fetcher_free(simdjwt_fetcher *fetcher) SIMDJWT_NOEXCEPT;

/* Takes the issuers of a new ruleset: call after simdjwt_validator_swap_ruleset. State of issuers whose URL is the same is
   kept. Returns as simdjwt_fetcher_new, changing nothing. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetcher_swap_ruleset(simdjwt_fetcher *fetcher,
                                                                         const simdjwt_ruleset *ruleset,
                                                                         simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

/*
 * Waits until no fetch of the issuer is wanted or under way, at most `deadline_ms`. For a token that got
 * SIMDJWT_KEY_UNKNOWN or SIMDJWT_KEYS_UNAVAILABLE: wait, then validate once more. It starts no fetch that the validations
 * have not asked for, so that a flood of unknown kids costs nothing more. Not on the thread of the I/O.
 *
 * Returns: SIMDJWT_OK when a fetch has come to its end since the call began, SIMDJWT_NOT_FOUND when there was nothing to
 *          wait for (or no such issuer), or the fetcher goes, SIMDJWT_FETCH_DEADLINE: at once when the fetch has been put
 *          off (SIMDJWT_FETCH_BUDGET) past the deadline
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetcher_wait(simdjwt_fetcher *fetcher, const char *issuer,
                                                                 uint64_t issuer_size,
                                                                 uint32_t deadline_ms) SIMDJWT_NOEXCEPT;

/* ---- Health ------------------------------------------------------------------------------------------------------ */

typedef uint32_t simdjwt_fetch_state;
enum {
  SIMDJWT_FETCH_STARTING = 0,  /* no keys yet, and no failure */
  SIMDJWT_FETCH_READY = 1,     /* keys in force, last fetch good */
  SIMDJWT_FETCH_FAILING = 2,   /* keys in force, last fetch bad */
  SIMDJWT_FETCH_DOWN = 3       /* no keys in force */
};

/* "starting", "ready", "failing", "down". Static. */
SIMDJWT_API const char *simdjwt_fetch_state_name(simdjwt_fetch_state state) SIMDJWT_NOEXCEPT;

/* One issuer. Texts are NUL-terminated and cut to fit; ages and times to come are of a monotonic clock. */
typedef struct simdjwt_issuer_health {
  uint32_t struct_size;
  simdjwt_fetch_state state;
  simdjwt_error last_error;      /* of the last fetch: SIMDJWT_FETCH_*; 0 when it was good */
  uint32_t last_status;          /* HTTP status of the last answer; 0 without one */
  int64_t age_ms;                /* since the keys in force were last confirmed; -1 without keys */
  int64_t next_try_ms;           /* until the next fetch; 0: under way */
  uint32_t usable_keys;
  uint32_t dropped_keys;         /* of the set in force */
  uint64_t fetches;              /* requests for keys sent, redirects and metadata not counted */
  uint64_t failures;
  uint64_t not_modified;         /* answers 304 */
  uint32_t consecutive_failures;
  uint32_t from_state_dir;       /* 1 when the keys in force are kept ones that no fetch has confirmed yet */
  char issuer[512];
  char jwks_uri[512];            /* "" before it has been discovered */
  char last_detail[256];         /* for a person: "connect: Connection refused" */
} simdjwt_issuer_health;
#define SIMDJWT_ISSUER_HEALTH_INIT SIMDJWT_SIZED(simdjwt_issuer_health)

SIMDJWT_API uint32_t simdjwt_fetcher_issuer_count(const simdjwt_fetcher *fetcher) SIMDJWT_NOEXCEPT;

/* In the order of the ruleset. Returns: SIMDJWT_NOT_FOUND past the end, SIMDJWT_STRUCT_SIZE_UNKNOWN. Thread-safe. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetcher_health(const simdjwt_fetcher *fetcher, uint32_t index,
                                                                   simdjwt_issuer_health *health) SIMDJWT_NOEXCEPT;

/* 1 when every issuer of the fetcher has keys in force. */
SIMDJWT_API uint32_t simdjwt_fetcher_ready(const simdjwt_fetcher *fetcher) SIMDJWT_NOEXCEPT;

/* ---- Once -------------------------------------------------------------------------------------------------------- */

/*
 * Fetches one key set, blocking: what `simdjwt jwks https://...` does. With `discover` the URL is an issuer, whose metadata
 * say where its keys are. The rules are those of `policy`, NULL for the defaults.
 *
 * Out:     *out        owned by the caller; NULL is allowed with SIMDJWT_FETCH_NO_KEYS, when the set was no set
 *          jwks_uri    NULL, or a buffer of `jwks_uri_capacity` bytes for where the keys were, NUL-terminated
 * Returns: SIMDJWT_FETCH_*; the diagnostic's `expected` says it for a person
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetch_jwks(const char *url, uint64_t url_size, uint32_t discover,
                                                               const simdjwt_fetch_policy *policy, simdjwt_jwks **out,
                                                               char *jwks_uri, uint64_t jwks_uri_capacity,
                                                               simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
