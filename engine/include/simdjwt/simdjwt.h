/*
 * simdjwt: strict validation of JSON Web Tokens (RFC 7519, RFC 8725, RFC 9068).
 *
 * The only stable ABI of libsimdjwt. Compile a policy once, share a validator, give every thread a scratch:
 *
 *   simdjwt_ruleset   a policy document, compiled; immutable; shared by any number of threads and validators
 *   simdjwt_validator a ruleset plus the key sets of its issuers; shared by threads
 *   simdjwt_scratch   every byte that validation writes; one per thread
 *   simdjwt_verdict   a plain struct the caller owns; its views live as long as stated on it
 *   simdjwt_jwks      a parsed key set; immutable; shared by threads
 *
 * Laws of this header
 *   Order     of arguments: the object, the scratch, the inputs (each a pointer followed by its size in bytes), the
 *             outputs. A diagnostic, where there is one, comes last and may be NULL.
 *   Errors    every call that can fail returns a simdjwt_error; 0 (SIMDJWT_OK) is success. Outputs are written on
 *             success only, unless said otherwise. Nothing throws, aborts, logs, or touches errno.
 *   Sizes     are bytes, times are whole seconds since 1970-01-01T00:00:00Z (RFC 7519 NumericDate); the library never
 *             reads a clock: the caller passes `now`.
 *   Structs   that may grow start with struct_size; use the _INIT macros, which set it.
 *   Strings   are views: not NUL-terminated, may hold any byte. A missing string has data == NULL.
 *   Freeing   NULL is a no-op. Objects may be freed in any order: a validator keeps its ruleset and key sets alive, a
 *             scratch keeps what it shares with its validator alive.
 */
#ifndef SIMDJWT_SIMDJWT_H
#define SIMDJWT_SIMDJWT_H

#include <stdint.h>

#if defined(__GNUC__)
#define SIMDJWT_API __attribute__((visibility("default")))
#define SIMDJWT_NODISCARD __attribute__((warn_unused_result))
#else
#define SIMDJWT_API
#define SIMDJWT_NODISCARD
#endif

#ifdef __cplusplus
#define SIMDJWT_NOEXCEPT noexcept
extern "C" {
#else
#define SIMDJWT_NOEXCEPT
#endif

#define SIMDJWT_VERSION_MAJOR 0
#define SIMDJWT_VERSION_MINOR 1
#define SIMDJWT_VERSION_PATCH 0

/* "0.1.0". Static. */
SIMDJWT_API const char *simdjwt_version(void) SIMDJWT_NOEXCEPT;

/* What a struct that starts with struct_size is initialised with; everything else is zero. */
#ifdef __cplusplus
#define SIMDJWT_SIZED(type) {sizeof(type)}
#else
#define SIMDJWT_SIZED(type) {.struct_size = sizeof(type)}
#endif

/* A view of bytes owned by somebody else. */
typedef struct simdjwt_str {
  const char *data;
  uint64_t size;
} simdjwt_str;

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

/* (category << 8) | reason. Numbers are never reused. docs/errors.md has the full table. */
typedef uint32_t simdjwt_error;

enum {
  SIMDJWT_OK = 0,
  /* 0x01 request */
  SIMDJWT_CREDENTIALS_MISSING = 0x0101,
  SIMDJWT_REQUEST_MALFORMED = 0x0102,
  /* 0x02 token */
  SIMDJWT_TOKEN_TOO_LARGE = 0x0201,
  SIMDJWT_TOKEN_SEGMENTS = 0x0202,
  SIMDJWT_TOKEN_EMPTY_SEGMENT = 0x0203,
  SIMDJWT_BASE64URL_CHARACTER = 0x0204,
  SIMDJWT_BASE64URL_LENGTH = 0x0205,
  SIMDJWT_BASE64URL_TRAILING_BITS = 0x0206,
  SIMDJWT_JSON_SYNTAX = 0x0210,
  SIMDJWT_JSON_END = 0x0211,
  SIMDJWT_JSON_UTF8 = 0x0212,
  SIMDJWT_JSON_STRING = 0x0213,
  SIMDJWT_JSON_NUMBER = 0x0214,
  SIMDJWT_JSON_DUPLICATE_MEMBER = 0x0215,
  SIMDJWT_JSON_TOO_DEEP = 0x0216,
  SIMDJWT_JSON_TOO_MANY_MEMBERS = 0x0217,
  SIMDJWT_JSON_NOT_AN_OBJECT = 0x0218,
  SIMDJWT_HEADER_ALG_MISSING = 0x0220,
  SIMDJWT_HEADER_MEMBER_TYPE = 0x0221,
  SIMDJWT_HEADER_CRIT = 0x0222,
  SIMDJWT_HEADER_B64 = 0x0223,
  SIMDJWT_KID_TOO_LONG = 0x0224,
  SIMDJWT_ALG_NONE = 0x0225,
  SIMDJWT_ALG_UNKNOWN = 0x0226,
  SIMDJWT_ALG_NOT_ALLOWED = 0x0227,
  SIMDJWT_TYP_MISSING = 0x0228,
  SIMDJWT_TYP_MISMATCH = 0x0229,
  SIMDJWT_UNSUPPORTED_ALGORITHM = 0x022a,
  SIMDJWT_KEY_UNKNOWN = 0x0230,
  SIMDJWT_KEY_ALG_MISMATCH = 0x0231,
  SIMDJWT_SIGNATURE_LENGTH = 0x0240,
  SIMDJWT_SIGNATURE_RANGE = 0x0241,
  SIMDJWT_SIGNATURE_INVALID = 0x0242,
  SIMDJWT_CLAIM_TYPE = 0x0250,
  SIMDJWT_CLAIM_RANGE = 0x0251,
  SIMDJWT_CLAIM_MISSING = 0x0252,
  SIMDJWT_CLAIM_MISMATCH = 0x0253,
  SIMDJWT_CLAIM_UNEXPECTED = 0x0254,
  SIMDJWT_ISS_MISSING = 0x0255,
  SIMDJWT_ISS_UNKNOWN = 0x0256,
  SIMDJWT_AUD_MISSING = 0x0257,
  SIMDJWT_AUD_MISMATCH = 0x0258,
  SIMDJWT_EXP_MISSING = 0x0259,
  SIMDJWT_TOKEN_EXPIRED = 0x025a,
  SIMDJWT_TOKEN_NOT_YET_VALID = 0x025b,
  SIMDJWT_IAT_IN_FUTURE = 0x025c,
  SIMDJWT_TOKEN_TOO_OLD = 0x025d,
  SIMDJWT_AZP_MISMATCH = 0x025e,
  SIMDJWT_NONCE_MISMATCH = 0x025f,
  SIMDJWT_BINDING_MISSING = 0x0260,
  SIMDJWT_TOKEN_LIVES_TOO_LONG = 0x0261,
  SIMDJWT_TOKEN_REPLAYED = 0x0262,
  /* 0x03 scope */
  SIMDJWT_INSUFFICIENT_SCOPE = 0x0301,
  /* 0x04 keys */
  SIMDJWT_KEYS_UNAVAILABLE = 0x0401,
  /* 0x05 store */
  SIMDJWT_STORE_FULL = 0x0501,
  SIMDJWT_STORE_QUOTA = 0x0502,
  SIMDJWT_STORE_FORGOT = 0x0503,
  SIMDJWT_STORE_UNAVAILABLE = 0x0504,
  SIMDJWT_STORE_UNCONFIRMED = 0x0505,
  /* 0x06 caller */
  SIMDJWT_INVALID_ARGUMENT = 0x0601,
  SIMDJWT_STRUCT_SIZE_UNKNOWN = 0x0602,
  SIMDJWT_SCRATCH_IN_USE = 0x0603,
  SIMDJWT_SCRATCH_TOO_SMALL = 0x0604,
  SIMDJWT_OUT_OF_MEMORY = 0x0605,
  SIMDJWT_CRYPTO_FAILURE = 0x0606,
  SIMDJWT_BUFFER_TOO_SMALL = 0x0607,
  SIMDJWT_NOT_FOUND = 0x0608,
  /* 0x07 policy */
  SIMDJWT_POLICY_JSON = 0x0701,
  SIMDJWT_POLICY_MEMBER_UNKNOWN = 0x0702,
  SIMDJWT_POLICY_MEMBER_MISSING = 0x0703,
  SIMDJWT_POLICY_MEMBER_TYPE = 0x0704,
  SIMDJWT_POLICY_MEMBER_VALUE = 0x0705,
  SIMDJWT_POLICY_ISSUER_REPEATED = 0x0706,
  SIMDJWT_POLICY_RESERVED = 0x0707,
  SIMDJWT_POLICY_TOO_LARGE = 0x0708,
  SIMDJWT_POLICY_JWKS = 0x0709,
  /* 0x08 jwk */
  SIMDJWT_JWKS_JSON = 0x0801,
  SIMDJWT_JWKS_SHAPE = 0x0802,
  SIMDJWT_JWKS_TOO_LARGE = 0x0803,
  SIMDJWT_JWK_DUPLICATE_MEMBER = 0x0810,
  SIMDJWT_JWK_MEMBER_MISSING = 0x0811,
  SIMDJWT_JWK_MEMBER_TYPE = 0x0812,
  SIMDJWT_JWK_MEMBER_ENCODING = 0x0813,
  SIMDJWT_JWK_KTY_UNKNOWN = 0x0814,
  SIMDJWT_JWK_CRV_UNKNOWN = 0x0815,
  SIMDJWT_JWK_ALG_MISMATCH = 0x0816,
  SIMDJWT_JWK_USE = 0x0817,
  SIMDJWT_JWK_KEY_OPS = 0x0818,
  SIMDJWT_JWK_KID_TOO_LONG = 0x0819,
  SIMDJWT_JWK_KID_AMBIGUOUS = 0x081a,
  SIMDJWT_JWK_MIXED_SET = 0x081b,
  SIMDJWT_JWK_RSA_MODULUS = 0x0820,
  SIMDJWT_JWK_RSA_EXPONENT = 0x0821,
  SIMDJWT_JWK_RSA_WEAK = 0x0822,
  SIMDJWT_JWK_EC_LENGTH = 0x0823,
  SIMDJWT_JWK_EC_POINT = 0x0824,
  SIMDJWT_JWK_OKP_LENGTH = 0x0825,
  SIMDJWT_JWK_OKP_POINT = 0x0826,
  SIMDJWT_JWK_OKP_SMALL_ORDER = 0x0827,
  SIMDJWT_JWK_OCT_SHORT = 0x0828,
  SIMDJWT_JWK_AKP_LENGTH = 0x0829
};

/* The stable name of an error, "token_expired"; "ok" for 0, "unknown" for a number of another version. Static. */
SIMDJWT_API const char *simdjwt_error_name(simdjwt_error error) SIMDJWT_NOEXCEPT;

/* One line of English. Static, printable ASCII, fit for an RFC 6750 error_description as it stands. */
SIMDJWT_API const char *simdjwt_error_text(simdjwt_error error) SIMDJWT_NOEXCEPT;

/* The HTTP status that answers this error: 200, 400, 401, 403, 500 or 503 (RFC 6750 §3.1). */
SIMDJWT_API uint32_t simdjwt_error_http_status(simdjwt_error error) SIMDJWT_NOEXCEPT;

/* "invalid_request", "invalid_token", "insufficient_scope", or "" where RFC 6750 §3 wants no code. Static. */
SIMDJWT_API const char *simdjwt_error_oauth_code(simdjwt_error error) SIMDJWT_NOEXCEPT;

/* The error at `index` of the full list in numeric order, or SIMDJWT_OK past its end. */
SIMDJWT_API simdjwt_error simdjwt_error_at(uint32_t index) SIMDJWT_NOEXCEPT;

/* What was wrong with a document, for a person. Every text is NUL-terminated and cut to fit. */
typedef struct simdjwt_diagnostic {
  uint32_t struct_size;
  simdjwt_error error;
  uint32_t offset;    /* byte offset in the document, or UINT32_MAX where none applies */
  char path[256];     /* where: "issuers[2].leeway_s"; "" for the document as a whole */
  char expected[256]; /* what was expected there: "an integer from 0 to 3600" */
} simdjwt_diagnostic;
#define SIMDJWT_DIAGNOSTIC_INIT {sizeof(simdjwt_diagnostic), 0, UINT32_MAX, {0}, {0}}

/* ---- Key sets ---------------------------------------------------------------------------------------------------- */

typedef struct simdjwt_jwks simdjwt_jwks;

/*
 * Parses a JWK Set (RFC 7517 §5) or a single JWK. A bad key is dropped, with its error, and the good ones are kept;
 * a set in which no key is usable still parses. Private members are ignored.
 *
 * In:      json, size  UTF-8, at most 16 MiB and 10,000 keys; not kept
 * Out:     *out        owned by the caller; free with simdjwt_jwks_free
 * Returns: SIMDJWT_JWKS_JSON, _SHAPE, _TOO_LARGE, SIMDJWT_OUT_OF_MEMORY, SIMDJWT_INVALID_ARGUMENT
 * Cost:    20 to 200 us a key; up to 2 ms and 140 KiB for each of the first 16 that verify ES384, ES512 or ES256K (while
 *          the process has less than 512 such), and again for the first of each. Thread-safe. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_jwks_parse(const char *json, uint64_t size, simdjwt_jwks **out,
                                                               simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

SIMDJWT_API void simdjwt_jwks_free(simdjwt_jwks *jwks) SIMDJWT_NOEXCEPT;

/* Entries in document order, usable and dropped alike. */
SIMDJWT_API uint32_t simdjwt_jwks_count(const simdjwt_jwks *jwks) SIMDJWT_NOEXCEPT;

/* One entry of a key set. Views live as long as the set. */
typedef struct simdjwt_key_info {
  uint32_t struct_size;
  simdjwt_error error;     /* 0 when the key is usable, else why it was dropped */
  simdjwt_str member;      /* the JWK member at fault, when one is */
  simdjwt_str kid;         /* missing when the JWK has none; the rest likewise */
  simdjwt_str kty;
  simdjwt_str crv;
  simdjwt_str alg;
  simdjwt_str use;
  uint32_t bits;           /* size of the modulus, field or secret in bits; 0 when unknown */
  uint32_t has_private;    /* 1 when the JWK holds private members: such a document should not be published */
  char thumbprint[44];     /* RFC 7638 SHA-256 thumbprint in base64url, NUL-terminated; "" for a dropped key */
  char algorithms[64];     /* the algs it may verify, separated by spaces; "" for a dropped key */
} simdjwt_key_info;
#define SIMDJWT_KEY_INFO_INIT SIMDJWT_SIZED(simdjwt_key_info)

/* Returns: SIMDJWT_NOT_FOUND past the end, SIMDJWT_STRUCT_SIZE_UNKNOWN. Thread-safe, O(1), no allocation. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_jwks_key(const simdjwt_jwks *jwks, uint32_t index,
                                                             simdjwt_key_info *info) SIMDJWT_NOEXCEPT;

/* ---- Policy ------------------------------------------------------------------------------------------------------ */

typedef struct simdjwt_ruleset simdjwt_ruleset;

/*
 * Compiles a policy document (docs/policy.md). Unknown members, missing rules and contradictions are errors, and the
 * diagnostic names their path.
 *
 * In:      policy, size  UTF-8 JSON, at most 16 MiB; not kept
 * Out:     *out          owned by the caller; free with simdjwt_ruleset_free
 * Returns: SIMDJWT_POLICY_*, SIMDJWT_JWKS_* for an inline key set, _OUT_OF_MEMORY
 * Thread-safe. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_ruleset_compile(const char *policy, uint64_t size,
                                                                    simdjwt_ruleset **out,
                                                                    simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

SIMDJWT_API void simdjwt_ruleset_free(simdjwt_ruleset *ruleset) SIMDJWT_NOEXCEPT;

/* One issuer of a ruleset, in document order. Views live as long as the ruleset. */
typedef struct simdjwt_issuer_info {
  uint32_t struct_size;
  uint32_t has_inline_keys; /* 1 when the document carries the keys, 0 when they must be published */
  simdjwt_str issuer;
  simdjwt_str jwks_uri;     /* missing when the rule has none */
  uint32_t has_discovery;   /* 1 when the rule asks for the keys' place to be discovered from the issuer's metadata */
  uint32_t reserved;
} simdjwt_issuer_info;
#define SIMDJWT_ISSUER_INFO_INIT SIMDJWT_SIZED(simdjwt_issuer_info)

SIMDJWT_API uint32_t simdjwt_ruleset_issuer_count(const simdjwt_ruleset *ruleset) SIMDJWT_NOEXCEPT;

/* Returns: SIMDJWT_NOT_FOUND past the end, SIMDJWT_STRUCT_SIZE_UNKNOWN. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_ruleset_issuer(const simdjwt_ruleset *ruleset, uint32_t index,
                                                                   simdjwt_issuer_info *info) SIMDJWT_NOEXCEPT;

/*
 * How keys are to be fetched: the `fetch` member of the policy document (docs/policy.md), defaults where it says
 * nothing. The library itself fetches nothing; libsimdjwt_fetch, or an embedder's own client, keeps to this. Views live
 * as long as the ruleset.
 */
typedef struct simdjwt_fetch_policy {
  uint32_t struct_size;
  uint32_t deadline_ms;               /* for one fetch, redirects included; default 5,000 */
  uint32_t max_body_bytes;            /* default 1,048,576 */
  uint32_t max_header_bytes;          /* default 16,384 */
  uint32_t max_redirects;             /* default 2; each to the same origin */
  uint32_t allow_cross_origin_redirects; /* 0 or 1; default 0 */
  uint32_t allow_private_addresses;   /* 0 or 1; default 0: loopback, private, link-local and the like are refused */
  uint32_t allow_http;                /* 0 or 1; default 0: https only */
  uint32_t min_refresh_s;             /* a set is fetched again no sooner, whatever the server's max-age; default 60 */
  uint32_t max_refresh_s;             /* and no later; also when the server names no max-age; default 600 */
  uint32_t max_stale_s;               /* keys that cannot be refreshed are withdrawn when this old; default 86,400 */
  uint32_t cooldown_s;                /* between fetches that an unknown kid asked for; default 31; the library's own */
  uint32_t unknown_kid_ttl_s;         /* a kid that a fetch did not bring is not asked for again in it; default 300 */
  uint32_t min_backoff_ms;            /* after a first failure; default 500 */
  uint32_t max_backoff_s;             /* default 30 */
  uint32_t host_requests_per_minute;  /* all issuers of one host together; default 120 */
  simdjwt_str ca_file;                /* PEM file of trusted roots in place of the system's; missing: the system's */
  simdjwt_str proxy;                  /* http://host:port for CONNECT; missing: none, whatever the environment says */
  simdjwt_str state_dir;              /* where last good keys are kept for a cold start; missing: nowhere */
} simdjwt_fetch_policy;
#define SIMDJWT_FETCH_POLICY_INIT SIMDJWT_SIZED(simdjwt_fetch_policy)

/* Returns: SIMDJWT_STRUCT_SIZE_UNKNOWN, SIMDJWT_INVALID_ARGUMENT. O(1), no allocation. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_ruleset_fetch(const simdjwt_ruleset *ruleset,
                                                                  simdjwt_fetch_policy *policy) SIMDJWT_NOEXCEPT;

/* The same of a policy document without a `fetch` member: the defaults. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fetch_policy_defaults(simdjwt_fetch_policy *policy)
    SIMDJWT_NOEXCEPT;

/*
 * How tokens that may be used once are remembered: the `replay` member of the policy document (docs/policy.md). The
 * library keeps to the first part itself; the journal and the fleet are for libsimdjwt_journal and libsimdjwt_fleet.
 * Views live as long as the ruleset.
 */
enum { SIMDJWT_DURABILITY_NONE = 0, SIMDJWT_DURABILITY_INTERVAL = 1, SIMDJWT_DURABILITY_STRICT = 2 };

typedef struct simdjwt_replay_policy {
  uint32_t struct_size;
  uint32_t enabled;              /* 1 when some rule accepts a token once; 0: nothing below matters */
  uint64_t memory_bytes;         /* of the store, all told; default 67,108,864 */
  int64_t max_retention_s;       /* a token that lives longer is refused; default 86,400 */
  uint32_t issuer_quota_percent; /* of the store, that one issuer may take; default 100 */
  uint32_t durability;           /* SIMDJWT_DURABILITY_* */
  uint32_t interval_ms;          /* of SIMDJWT_DURABILITY_INTERVAL; default 100 */
  uint32_t fleet_node_count;     /* 0: no fleet */
  uint32_t fleet_deadline_ms;    /* for one check; default 50 */
  uint32_t fleet_allow_local_only; /* 0 or 1; default 0: without the fleet a token is refused */
  uint32_t fleet_wait_replicas;  /* replicas that must have a use before it is accepted; default 0 */
  uint32_t grace_s;              /* a use is remembered beyond the end of its token; default 0, with a fleet 10 */
  simdjwt_str directory;         /* of the journal; missing with SIMDJWT_DURABILITY_NONE */
  simdjwt_str fleet_key_file;    /* a secret that the gateways share, 32 hexadecimal digits; missing without a fleet */
  simdjwt_str fleet_user;        /* missing: none */
  simdjwt_str fleet_password_file; /* missing: none */
} simdjwt_replay_policy;
#define SIMDJWT_REPLAY_POLICY_INIT SIMDJWT_SIZED(simdjwt_replay_policy)

/* Returns: SIMDJWT_STRUCT_SIZE_UNKNOWN, SIMDJWT_INVALID_ARGUMENT. O(1), no allocation. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_ruleset_replay(const simdjwt_ruleset *ruleset,
                                                                   simdjwt_replay_policy *policy) SIMDJWT_NOEXCEPT;

/* A node of the fleet, "host:port". Returns: SIMDJWT_NOT_FOUND past the end. The view lives as long as the ruleset. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_ruleset_fleet_node(const simdjwt_ruleset *ruleset, uint32_t index,
                                                                       simdjwt_str *node) SIMDJWT_NOEXCEPT;

/* ---- Validator --------------------------------------------------------------------------------------------------- */

typedef struct simdjwt_validator simdjwt_validator;

/* The validator shares the ruleset; both may be freed in any order. Allocates. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_validator_new(const simdjwt_ruleset *ruleset,
                                                                  simdjwt_validator **out) SIMDJWT_NOEXCEPT;

/* Only when no call on the validator is running. */
SIMDJWT_API void simdjwt_validator_free(simdjwt_validator *validator) SIMDJWT_NOEXCEPT;

/*
 * Swaps the ruleset: a validation that has begun finishes under the old one, one that begins later sees only the new
 * one. Key sets published for issuers that the new ruleset names stay in force.
 * Returns: SIMDJWT_INVALID_ARGUMENT, and nothing has changed, when the new ruleset asks for a journal or a fleet, such
 *          a stage is attached, and the ruleset that was in force then asked for another (in `durability` or `fleet` of
 *          the policy document): what a stage promises is fixed when it is attached. A ruleset that asks for no such
 *          stage is fine. SIMDJWT_OUT_OF_MEMORY, likewise
 * Thread-safe. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_validator_swap_ruleset(simdjwt_validator *validator,
                                                                           const simdjwt_ruleset *ruleset)
    SIMDJWT_NOEXCEPT;

/*
 * Publishes the keys of an issuer, replacing what was published before. The validator shares the set. An issuer whose
 * rule carries its keys inline takes no others. An empty set, or one without a usable key, is refused and the old one
 * kept: withdraw trust by a policy, not by a failed fetch.
 *
 * Returns: SIMDJWT_NOT_FOUND when the ruleset names no such issuer or its keys are inline, SIMDJWT_JWKS_SHAPE when no
 *          key is usable, SIMDJWT_OUT_OF_MEMORY
 * Thread-safe; readers are never blocked. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_keys_publish(simdjwt_validator *validator, const char *issuer,
                                                                 uint64_t issuer_size, const simdjwt_jwks *jwks)
    SIMDJWT_NOEXCEPT;

/* The same, for a while only: until a time that requests' `now` is compared with. */
typedef struct simdjwt_keys_terms {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t fresh_until;  /* from then on the keys are wanted anew, and still used; INT64_MAX: never */
  int64_t usable_until; /* from then on tokens get SIMDJWT_KEYS_UNAVAILABLE; INT64_MAX: never */
} simdjwt_keys_terms;
#define SIMDJWT_KEYS_TERMS_INIT {sizeof(simdjwt_keys_terms), 0, INT64_MAX, INT64_MAX}

/*
 * Publishes keys under terms; NULL terms are those of simdjwt_keys_publish, forever. Publishing the very set that is in
 * force, or one parsed from the same bytes, changes its terms and nothing else: cached verdicts stand.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_keys_publish_for(simdjwt_validator *validator, const char *issuer,
                                                                     uint64_t issuer_size, const simdjwt_jwks *jwks,
                                                                     const simdjwt_keys_terms *terms) SIMDJWT_NOEXCEPT;

/*
 * Takes the published keys of an issuer away: its tokens get SIMDJWT_KEYS_UNAVAILABLE until keys are published again.
 * Returns: SIMDJWT_NOT_FOUND when the ruleset names no such issuer or its keys are inline, SIMDJWT_OUT_OF_MEMORY
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_keys_withdraw(simdjwt_validator *validator, const char *issuer,
                                                                  uint64_t issuer_size) SIMDJWT_NOEXCEPT;

/* Why keys of an issuer are wanted: any of these, added up. */
enum {
  SIMDJWT_WANTED_MISSING = 1,     /* a token came and there are no keys, or none usable any longer */
  SIMDJWT_WANTED_STALE = 2,       /* fresh_until is past */
  SIMDJWT_WANTED_UNKNOWN_KID = 4  /* a token named a key that the set does not have */
};

/*
 * How many times validations have asked for keys since the validator was made. A fetcher looks at this number, and when
 * it has moved asks simdjwt_keys_wanted for each of its issuers. One atomic load. Thread-safe.
 */
SIMDJWT_API uint64_t simdjwt_keys_wanted_total(const simdjwt_validator *validator) SIMDJWT_NOEXCEPT;

/*
 * Takes what validations ask for of an issuer: the reasons since the last call, 0 for none. One caller gets them, the
 * others 0: whoever takes them fetches. A reason is raised at most once per cooldown (the `fetch` member of the
 * policy), and for a kid that a later set still lacks not again within unknown_kid_ttl_s; the memory for such kids is
 * bounded.
 * Returns: SIMDJWT_NOT_FOUND when the ruleset names no such issuer or its keys are inline. Thread-safe, no allocation.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_keys_wanted(simdjwt_validator *validator, const char *issuer,
                                                                uint64_t issuer_size,
                                                                uint32_t *reasons) SIMDJWT_NOEXCEPT;

/* ---- Replay ------------------------------------------------------------------------------------------------------ */

/*
 * Tokens of rules with replay "once" are accepted once. Which have been used is remembered in the validator's replay
 * store, by fingerprints under a secret key: exact, bounded, and gone with the process, unless a journal (journal.h) or
 * a fleet (fleet.h) is attached. The store is made with the first ruleset that asks for one, and keeps its size, its
 * quota and its entries through every later one.
 *
 * A use is remembered until exp, leeway_s and grace_s of the rule that recorded it. Where an earlier ruleset, or
 * another validator with the same store, has had less leeway and grace for an issuer, its tokens may have been used and
 * forgotten from exp and that least on: then they are refused (SIMDJWT_STORE_FORGOT), new ones too, for the two cannot
 * be told apart.
 */

/* One use of a token: what journals and fleets carry. */
typedef struct simdjwt_replay_record {
  uint8_t fingerprint[16];
  int64_t forget_at; /* Unix seconds from which on the token cannot be accepted any more, and the policy's grace */
  uint32_t issuer;   /* a hash of the issuer's name under the store's key */
  uint32_t reserved;
} simdjwt_replay_record;

/*
 * Where uses are recorded besides. commit() is called by simdjwt_validate with one record, and by
 * simdjwt_validate_batch with those of the batch, after they have been recorded in the store and before any verdict is
 * returned. It writes one error per record: SIMDJWT_OK; SIMDJWT_TOKEN_REPLAYED when the token has been used elsewhere;
 * any other error refuses the token and takes its use back, so that it can be tried again. commit() is called by any
 * number of threads at once, may block, and must not call the validator.
 */
typedef struct simdjwt_replay_stage {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  void (*commit)(void *context, const simdjwt_replay_record *records, uint32_t count, simdjwt_error *errors);
} simdjwt_replay_stage;
#define SIMDJWT_REPLAY_STAGE_INIT SIMDJWT_SIZED(simdjwt_replay_stage)

/* The stages in their order: what one refuses does not reach the next. */
enum { SIMDJWT_REPLAY_FLEET = 0, SIMDJWT_REPLAY_JOURNAL = 1 };

/*
 * Attaches a stage. A ruleset that asks for a fleet, or for durability, and a validator without that stage refuse
 * tokens that may be used once: SIMDJWT_STORE_UNAVAILABLE. A stage that is attached is asked under every later ruleset
 * too; what it promises is what the ruleset says that is in force now, and one that asks for something else is not
 * swapped in (simdjwt_validator_swap_ruleset).
 *
 * In:      stage  copied; its context outlives the last validation
 * Returns: SIMDJWT_INVALID_ARGUMENT when there is such a stage already; SIMDJWT_NOT_FOUND when no ruleset has asked for
 *          a store
 * Thread-safe: a validation that has begun may not see it yet. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_attach(simdjwt_validator *validator, uint32_t which,
                                                                  const simdjwt_replay_stage *stage) SIMDJWT_NOEXCEPT;

/*
 * Makes the validator use the store of another one: what is used at one is used at both. Stages are not shared: each
 * validator asks those attached to it. Before the first validation of this one.
 * Returns: SIMDJWT_NOT_FOUND when `other` has no store; SIMDJWT_INVALID_ARGUMENT when this validator has uses in
 *          another store, a key that was set, or a stage. SIMDJWT_OK when the two share a store already. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_share(simdjwt_validator *validator,
                                                                 const simdjwt_validator *other) SIMDJWT_NOEXCEPT;

/*
 * Sets the secret key of the store, 16 bytes, in place of a random one: that of a journal or a fleet. The key that it
 * has may be set again at any time.
 * Returns: SIMDJWT_INVALID_ARGUMENT for another key than it has when that one was set, when a stage is attached, when
 *          anything has been recorded or loaded, or when the store is shared; SIMDJWT_NOT_FOUND without a store.
 * Before the first validation. Allocates.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_set_key(simdjwt_validator *validator,
                                                                   const uint8_t key[16]) SIMDJWT_NOEXCEPT;

/*
 * The secret key of the store, for a library that keeps records under it. Who has it can make tokens whose fingerprints
 * agree: it goes nowhere that others can read.
 * Out:     *is_set  NULL, or 1 when simdjwt_replay_set_key has set it, here or, before the store was shared, at the
 *                   validator that it comes from; 0 when it is a random one
 * Returns: SIMDJWT_NOT_FOUND without a store. Thread-safe.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_key(const simdjwt_validator *validator, uint8_t key[16],
                                                               uint32_t *is_set) SIMDJWT_NOEXCEPT;

/*
 * Puts records of an earlier process into the store; those that may be forgotten at `now` are passed over, and are
 * refused (SIMDJWT_STORE_FORGOT) should the clock go back to before that. Thread-safe.
 * Out:     *loaded  NULL, or how many were put there; written with SIMDJWT_STORE_FULL too
 * Returns: SIMDJWT_STORE_FULL when one found no room, SIMDJWT_NOT_FOUND without a store
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_load(simdjwt_validator *validator,
                                                                const simdjwt_replay_record *records, uint32_t count,
                                                                int64_t now, uint64_t *loaded) SIMDJWT_NOEXCEPT;

/* Takes back a use that a deferred check (SIMDJWT_REPLAY_DEFER) could not get confirmed: the token can be tried again.
   It stays when the ruleset in force has no rule that accepts tokens of this issuer once; and a journal keeps it.
   O(issuers). Thread-safe. */
SIMDJWT_API void simdjwt_replay_undo(simdjwt_validator *validator,
                                     const simdjwt_replay_record *record) SIMDJWT_NOEXCEPT;

/*
 * The fingerprint of a token under a key: what a record of it holds. Nothing is written when an argument is bad. `per`
 * is the subject or the client_id where the policy says that a jti is unique per such; otherwise missing.
 */
SIMDJWT_API void simdjwt_replay_fingerprint(const uint8_t key[16], simdjwt_str issuer, simdjwt_str per, simdjwt_str jti,
                                            uint8_t fingerprint[16]) SIMDJWT_NOEXCEPT;

/* Counts are since the store was made. */
typedef struct simdjwt_replay_stats {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t capacity;        /* entries that are sure to find room */
  uint64_t entries;         /* that may not be forgotten yet, at the latest `now` that a use or a load has brought: in a
                               store of more than 1 MiB an estimate, with a standard error of 1 percent of capacity */
  uint64_t bytes;           /* of memory */
  uint64_t spilled;         /* entries that did not find room in their first place */
  uint64_t consumed;        /* uses recorded */
  uint64_t replayed;        /* uses refused: the token had been used */
  uint64_t refused_full;
  uint64_t refused_quota;
  uint64_t refused_forgot;
  uint64_t filter_queries;  /* of the Bloom filter */
  uint64_t filter_passed;   /* of those: may be there */
  uint64_t filter_false;    /* of those: was not there */
  double filter_false_predicted; /* rate that the filter's load predicts */
} simdjwt_replay_stats;
#define SIMDJWT_REPLAY_STATS_INIT SIMDJWT_SIZED(simdjwt_replay_stats)

/* Returns: SIMDJWT_NOT_FOUND without a store, SIMDJWT_STRUCT_SIZE_UNKNOWN. Thread-safe: waits for nobody, and nobody
   for it. Reads a sample of the store, some 10,000 cache lines: a millisecond or two,
   in a large store that has not been looked at for a while five. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_replay_stats_of(const simdjwt_validator *validator,
                                                                    simdjwt_replay_stats *stats) SIMDJWT_NOEXCEPT;

/* ---- Scratch ----------------------------------------------------------------------------------------------------- */

typedef struct simdjwt_scratch simdjwt_scratch;

/*
 * Everything one thread needs to validate. Bound to `validator`, or, when that is NULL, fit for simdjwt_verify_jws and
 * simdjwt_verify_signature alone.
 *
 * In:      max_token_bytes  the longest token it will take, at most 1 MiB; 0 means the limit of the validator's
 *                           ruleset, or 16 KiB without a validator
 * Cost:    about 9 bytes of address space per token byte, 136 per max_json_nodes of the ruleset, and 40 KiB; pages are
 *          touched only as tokens need them.
 * A scratch serves one call at a time: a second one gets SIMDJWT_SCRATCH_IN_USE.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_scratch_new(const simdjwt_validator *validator,
                                                                uint64_t max_token_bytes,
                                                                simdjwt_scratch **out) SIMDJWT_NOEXCEPT;

/*
 * The same with room for `lanes` tokens at a time, 1 to SIMDJWT_MAX_LANES: what simdjwt_validate_batch wants. Every
 * lane costs what a scratch costs, but for the OpenSSL contexts, which the lanes share.
 */
#define SIMDJWT_MAX_LANES 64
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_scratch_new_batch(const simdjwt_validator *validator,
                                                                      uint64_t max_token_bytes, uint32_t lanes,
                                                                      simdjwt_scratch **out) SIMDJWT_NOEXCEPT;

/* Wipes and frees. Only when no call is using it. */
SIMDJWT_API void simdjwt_scratch_free(simdjwt_scratch *scratch) SIMDJWT_NOEXCEPT;

/* ---- Validation -------------------------------------------------------------------------------------------------- */

/* The checks in the order in which they are made. The name of each is simdjwt_check_name. */
typedef uint32_t simdjwt_check;

enum {
  SIMDJWT_CHECK_NONE = 0,
  SIMDJWT_CHECK_SIZE = 1,               /* no longer than the limit */
  SIMDJWT_CHECK_STRUCTURE = 2,          /* two dots, no empty segment (RFC 7515 §3.1) */
  SIMDJWT_CHECK_HEADER_ENCODING = 3,    /* canonical base64url (RFC 7515 §2) */
  SIMDJWT_CHECK_HEADER_JSON = 4,        /* strict JSON (RFC 7515 §4) */
  SIMDJWT_CHECK_HEADER_MEMBERS = 5,     /* types, crit, b64 (RFC 7515 §4.1, RFC 7797 §7) */
  SIMDJWT_CHECK_ALGORITHM = 6,          /* known and on the list of some issuer (RFC 8725 §3.1) */
  SIMDJWT_CHECK_PAYLOAD_ENCODING = 7,   /* canonical base64url */
  SIMDJWT_CHECK_PAYLOAD_JSON = 8,       /* strict JSON (RFC 7519 §7.2) */
  SIMDJWT_CHECK_CLAIM_TYPES = 9,        /* every registered claim has its type (RFC 7519 §4.1) */
  SIMDJWT_CHECK_ISSUER = 10,            /* iss is known (RFC 8725 §3.8) */
  SIMDJWT_CHECK_ISSUER_ALGORITHM = 11,  /* alg is on this issuer's list (RFC 8725 §3.1) */
  SIMDJWT_CHECK_TYP = 12,               /* explicit typing (RFC 8725 §3.11) */
  SIMDJWT_CHECK_KEY = 13,               /* a key of the issuer has this kid and fits this alg */
  SIMDJWT_CHECK_EXPIRY = 14,            /* now < exp + leeway (RFC 7519 §4.1.4) */
  SIMDJWT_CHECK_NOT_BEFORE = 15,        /* nbf <= now + leeway (RFC 7519 §4.1.5) */
  SIMDJWT_CHECK_ISSUED_AT = 16,         /* iat <= now + leeway, and not older than the policy allows */
  SIMDJWT_CHECK_AUDIENCE = 17,          /* aud names this resource (RFC 7519 §4.1.3, RFC 8725 §3.9) */
  SIMDJWT_CHECK_REQUIRED_CLAIMS = 18,   /* what the policy requires is there */
  SIMDJWT_CHECK_EXPECTED_CLAIMS = 19,   /* what the policy expects has its value */
  SIMDJWT_CHECK_OTHER_CLAIMS = 20,      /* nothing that the policy neither expects nor ignores */
  SIMDJWT_CHECK_AUTHORIZED_PARTY = 21,  /* azp (OpenID Connect Core §3.1.3.7) */
  SIMDJWT_CHECK_NONCE = 22,             /* nonce (OpenID Connect Core §3.1.3.7) */
  SIMDJWT_CHECK_SIGNATURE_ENCODING = 23, /* canonical base64url */
  SIMDJWT_CHECK_SIGNATURE = 24,         /* the key verifies it (RFC 7515 §5.2) */
  SIMDJWT_CHECK_BINDING = 25,           /* a token bound by cnf comes with its proof (RFC 7800 §3.1) */
  SIMDJWT_CHECK_SCOPE = 26,             /* the scopes the rule and the request need (RFC 6750 §3.1) */
  SIMDJWT_CHECK_REPLAY = 27             /* a token that may be used once has not been used (RFC 7519 §4.1.7) */
};
#define SIMDJWT_CHECK_COUNT 27

/* "expiry"; "none" for 0 and for a number of another version. Static. */
SIMDJWT_API const char *simdjwt_check_name(simdjwt_check check) SIMDJWT_NOEXCEPT;

/* One line of English: what the check asks. Static. */
SIMDJWT_API const char *simdjwt_check_text(simdjwt_check check) SIMDJWT_NOEXCEPT;

/* One step of a trace. Views live until the scratch is used again. */
typedef struct simdjwt_trace_entry {
  simdjwt_check check;
  simdjwt_error error;  /* 0: passed */
  simdjwt_str member;   /* the header member or claim at fault, when one is */
} simdjwt_trace_entry;

/*
 * Where a trace is written. With a trace, validation goes on past failed checks of claims, key and signature as far as
 * it can, so that every reason shows; the verdict is still that of the first failure, as without a trace. The check of
 * replay is reached only where nothing has failed.
 */
typedef struct simdjwt_trace {
  uint32_t struct_size;
  uint32_t count; /* out: entries written, at most one per check */
  simdjwt_trace_entry entries[SIMDJWT_CHECK_COUNT];
} simdjwt_trace;
#define SIMDJWT_TRACE_INIT SIMDJWT_SIZED(simdjwt_trace)

/* What a validation does about a token that may be used once. */
enum {
  SIMDJWT_REPLAY_CONSUME = 0, /* its use is recorded, as the very last step, and confirmed by every stage */
  SIMDJWT_REPLAY_CHECK = 1,   /* looks only, and in the store only: for a gate in front of a backend that consumes */
  SIMDJWT_REPLAY_DEFER = 2    /* its use is recorded here, and the fleet is not asked: where there is one the verdict is
                                 SIMDJWT_STORE_UNCONFIRMED, and the caller takes verdict.replay_record to it (fleet.h).
                                 A journal is asked at once, and with the level strict blocks: it has the use before
                                 the fleet has confirmed it, and keeps it when it is undone. So after a restart the
                                 token may be refused; it is never accepted twice */
};

/* One validation. Everything is read only and only during the call, except *trace. */
typedef struct simdjwt_request {
  uint32_t struct_size;
  uint32_t required_scope_count; /* at most 64 */
  simdjwt_str token;
  int64_t now;                          /* Unix seconds */
  const simdjwt_str *required_scopes;   /* what this operation needs beyond the rule's own scopes */
  simdjwt_str nonce;                    /* the nonce that was sent; missing: not checked */
  simdjwt_trace *trace;                 /* NULL, or where to write the trace */
  uint32_t replay;                      /* SIMDJWT_REPLAY_CONSUME, _CHECK or _DEFER */
  uint32_t reserved;
} simdjwt_request;
#define SIMDJWT_REQUEST_INIT SIMDJWT_SIZED(simdjwt_request)

#define SIMDJWT_NO_TIME INT64_MIN

/*
 * What was found. `error`, `check`, `offset` and `member` always stand; everything below `verified` is filled only when
 * that is 1: for error 0, for the errors of checks made after the signature (binding, scope, replay), and with a trace
 * also when an earlier check has failed. Look at `error` before you act on any of it. Views into the token live as long
 * as the token; all others until the scratch is used again or freed.
 */
typedef struct simdjwt_verdict {
  uint32_t struct_size;
  simdjwt_error error;
  simdjwt_check check;     /* the check that failed */
  uint32_t offset;         /* where in the token, in bytes; UINT32_MAX where that says nothing */
  simdjwt_str member;      /* the header member or claim at fault */
  simdjwt_str missing_scope; /* for insufficient_scope: the first scope that was missing */
  uint32_t issuer_index;   /* the rule that was applied, in document order; UINT32_MAX before one was chosen */
  uint32_t verified;       /* 1 when the signature has been verified */
  simdjwt_str alg;
  simdjwt_str kid;
  simdjwt_str header;      /* the JOSE header, decoded */
  simdjwt_str claims;      /* the claims set, decoded */
  simdjwt_str issuer;
  simdjwt_str subject;
  simdjwt_str jti;
  simdjwt_str client_id;   /* client_id (RFC 9068 §2.2), or azp where that is missing */
  simdjwt_str scope;
  int64_t exp;             /* whole seconds, rounded up; SIMDJWT_NO_TIME when missing */
  int64_t nbf;             /* rounded up */
  int64_t iat;             /* rounded down */
  simdjwt_replay_record replay_record; /* of a use that was accepted or is unconfirmed; else, and for
                                          SIMDJWT_REPLAY_CHECK, zero */
} simdjwt_verdict;
#define SIMDJWT_VERDICT_INIT SIMDJWT_SIZED(simdjwt_verdict)

/*
 * Validates one token under the validator's ruleset.
 *
 * Returns: the verdict's error; when the call itself is wrong (SIMDJWT_INVALID_ARGUMENT, _STRUCT_SIZE_UNKNOWN,
 *          _SCRATCH_IN_USE, _SCRATCH_TOO_SMALL) the verdict, if it can be written, carries that error too.
 * Cost:    the signature plus about a third of a microsecond; never more for a malicious token. The jti of a token that
 *          may be used once is hashed before the signature is verified: about 0.35 ns for each byte of it. No
 *          allocation, I/O, clock or exception of its own, and no lock but those of the replay store, which are held
 *          for some tens of nanoseconds; but for what an attached stage does. OpenSSL allocates inside some verifications
 *          (docs/performance.md). The first use of a key on a scratch prepares an OpenSSL context.
 * Thread-safe for distinct scratches.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_validate(const simdjwt_validator *validator,
                                                             simdjwt_scratch *scratch, const simdjwt_request *request,
                                                             simdjwt_verdict *verdict) SIMDJWT_NOEXCEPT;

/*
 * Validates many tokens in one call, under one ruleset and one state of the keys. Every verdict is the one that
 * simdjwt_validate gives; verdicts[i] answers requests[i] and uses lane i of the scratch. Uses are recorded in the
 * order of the requests: of two with one jti the first is accepted, and the second stays refused when a stage refuses
 * the first.
 *
 * In:      requests  `count` of them, at most as many as the scratch has lanes; together they ask for at most 1,024
 *                    scopes; a trace is for one token and must be NULL
 * Out:     verdicts  `count` of them, each with its struct_size
 * Returns: SIMDJWT_OK when every verdict has been written, whatever it says; SIMDJWT_INVALID_ARGUMENT,
 *          _STRUCT_SIZE_UNKNOWN, _SCRATCH_IN_USE when none has
 * Cost:    as many validations, and about 50 KiB of stack; work is grouped by algorithm and key.
 * Thread-safe for distinct scratches.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_validate_batch(const simdjwt_validator *validator,
                                                                   simdjwt_scratch *scratch,
                                                                   const simdjwt_request *requests, uint32_t count,
                                                                   simdjwt_verdict *verdicts) SIMDJWT_NOEXCEPT;

enum {
  SIMDJWT_KIND_NULL = 0,
  SIMDJWT_KIND_BOOLEAN = 1,
  SIMDJWT_KIND_NUMBER = 2,
  SIMDJWT_KIND_STRING = 3,
  SIMDJWT_KIND_ARRAY = 4,
  SIMDJWT_KIND_OBJECT = 5
};

/* A top-level claim of the token that the scratch validated last. Views live until the scratch is used again. */
typedef struct simdjwt_claim {
  uint32_t struct_size;
  uint32_t kind;    /* SIMDJWT_KIND_* */
  simdjwt_str json; /* the value as it stands in the payload */
  simdjwt_str text; /* a string unescaped; for every other kind the same as json */
} simdjwt_claim;
#define SIMDJWT_CLAIM_INIT SIMDJWT_SIZED(simdjwt_claim)

/*
 * Looks up a claim by its exact name. Only a verified token has claims. After a verdict from the verdict cache the
 * first look-up reads the payload.
 * Returns: SIMDJWT_NOT_FOUND when there is no such claim or the last token was not verified. O(claims).
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_verified_claim(const simdjwt_scratch *scratch, const char *name,
                                                                   uint64_t name_size,
                                                                   simdjwt_claim *claim) SIMDJWT_NOEXCEPT;

/*
 * The same of the token that the last call validated in this lane; a lane that it did not use has no claims.
 * Returns also: SIMDJWT_INVALID_ARGUMENT, no such lane.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_verified_claim_at(const simdjwt_scratch *scratch, uint32_t lane,
                                                                      const char *name, uint64_t name_size,
                                                                      simdjwt_claim *claim) SIMDJWT_NOEXCEPT;

/* ---- Signatures alone -------------------------------------------------------------------------------------------- */

/*
 * Verifies a compact JWS whose payload may be any bytes (RFC 7515 §5.2): no claim is looked at. For protocols that sign
 * something other than claims; an access token belongs to simdjwt_validate.
 *
 * In:      algorithms  the names allowed, separated by single spaces; "none" is refused even when listed
 * Out:     *verdict    as for simdjwt_validate; `claims` is the payload, the claim fields are missing
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_verify_jws(const simdjwt_jwks *jwks, simdjwt_scratch *scratch,
                                                               const char *algorithms, uint64_t algorithms_size,
                                                               const char *token, uint64_t token_size,
                                                               simdjwt_verdict *verdict) SIMDJWT_NOEXCEPT;

/*
 * Verifies a signature in JOSE form over any message with the key at `index` of a set.
 * Returns: SIMDJWT_SIGNATURE_*, SIMDJWT_ALG_*, SIMDJWT_KEY_ALG_MISMATCH, the key's own error when it was dropped
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_verify_signature(const simdjwt_jwks *jwks, simdjwt_scratch *scratch,
                                                                     uint32_t index, const char *alg,
                                                                     uint64_t alg_size, const void *message,
                                                                     uint64_t message_size, const void *signature,
                                                                     uint64_t signature_size) SIMDJWT_NOEXCEPT;

/* ---- HTTP -------------------------------------------------------------------------------------------------------- */

/*
 * Takes the token out of the value of an Authorization header field (RFC 6750 §2.1, RFC 9110 §11.4): the scheme in any
 * case, one or more spaces, one token68, nothing else.
 *
 * In:      value  NULL when the request has no such field
 * Out:     *token a view into value
 * Returns: SIMDJWT_CREDENTIALS_MISSING without a field or with another scheme, SIMDJWT_REQUEST_MALFORMED
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_bearer_token(const char *value, uint64_t value_size,
                                                                 simdjwt_str *token) SIMDJWT_NOEXCEPT;

/*
 * The HTTP answer to an error (RFC 6750 §3, RFC 9728 §5.1): a status and the value of the WWW-Authenticate field, with
 * the realm and resource_metadata of the ruleset's challenge. A challenge for insufficient_scope lists all scopes that
 * the rule and the request need. 500, 503 and 200 have no challenge: *value_size is 0.
 *
 * In:      verdict   of the validation with `request`; for an error of simdjwt_bearer_token set verdict.error to it
 *          request   NULL, or the request that was validated: its scopes go into the challenge
 * Out:     value     a buffer of `capacity` bytes; not NUL-terminated
 *          *value_size the size the value has, also when it did not fit
 * Returns: SIMDJWT_BUFFER_TOO_SMALL, SIMDJWT_INVALID_ARGUMENT. 1,024 bytes are enough for most policies.
 * No allocation. Thread-safe.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_challenge(const simdjwt_ruleset *ruleset,
                                                              const simdjwt_verdict *verdict,
                                                              const simdjwt_request *request, char *value,
                                                              uint64_t capacity, uint64_t *value_size,
                                                              uint32_t *http_status) SIMDJWT_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
