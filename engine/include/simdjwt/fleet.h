/*
 * libsimdjwt_fleet: what has been used at one gateway is used at all. Records the uses of tokens that may be used once in
 * Valkey or Redis (6.2 or later), one server, a primary with replicas, or a Cluster.
 *
 * Every use is one SET NX with an absolute expiry, of a key that is the fingerprint under a secret that the gateways share:
 * the server learns neither issuers nor jtis, and keys spread over the slots of a Cluster. Uses of all threads that wait
 * together travel in one round trip. The validator's own store stays the first, exact check. All network I/O happens on one
 * thread. The laws of simdjwt.h hold here too.
 *
 * When the fleet does not answer within the deadline, or cannot be reached, a token is refused (SIMDJWT_STORE_UNAVAILABLE),
 * or, by the policy's allow_local_only, accepted on the word of this gateway alone, which the health says. After failures
 * in a row a breaker opens: nothing waits for the fleet any more until a probe has been answered.
 */
#ifndef SIMDJWT_FLEET_H
#define SIMDJWT_FLEET_H

#include <stdint.h>

#include "simdjwt/simdjwt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0x0b fleet; docs/errors.md has them. */
enum {
  SIMDJWT_FLEET_ADDRESS = 0x0b01,   /* a node is not host:port, or has no address */
  SIMDJWT_FLEET_KEY = 0x0b02,       /* the key file is missing, malformed, or readable by others */
  SIMDJWT_FLEET_CONNECT = 0x0b03,
  SIMDJWT_FLEET_AUTH = 0x0b04,
  SIMDJWT_FLEET_PROTOCOL = 0x0b05,
  SIMDJWT_FLEET_DEADLINE = 0x0b06,
  SIMDJWT_FLEET_CLOSED = 0x0b07,
  SIMDJWT_FLEET_READ_ONLY = 0x0b08, /* no node that was reached takes writes */
  SIMDJWT_FLEET_BACKLOG = 0x0b09    /* too many checks wait */
};

typedef struct simdjwt_fleet simdjwt_fleet;

/*
 * Gives the validator's store the fleet's key, attaches itself and begins to connect; that the fleet is down is no error.
 *
 * In:      validator  of this ruleset, before its first validation
 * Out:     *out       outlives the last validation; free with simdjwt_fleet_free
 * Returns: SIMDJWT_FLEET_ADDRESS, SIMDJWT_FLEET_KEY with a diagnostic; SIMDJWT_NOT_FOUND when the ruleset has no fleet;
 *          SIMDJWT_INVALID_ARGUMENT when the validator has a fleet already
 * With a journal: open the fleet first. The journal then keeps the fleet's key, and refuses one of another key. A journal
 * that was opened first has given the store a key, which is not replaced: SIMDJWT_FLEET_KEY.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fleet_new(simdjwt_validator *validator,
                                                              const simdjwt_ruleset *ruleset, simdjwt_fleet **out,
                                                              simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

/* Ends what is under way, and the thread. No validation may be running, or begin. Before simdjwt_validator_free: the
   fleet takes uses back until it is gone. */
SIMDJWT_API void simdjwt_fleet_free(simdjwt_fleet *fleet) SIMDJWT_NOEXCEPT;

/* ---- For event loops --------------------------------------------------------------------------------------------- */

/* The answer to one record: SIMDJWT_OK, SIMDJWT_TOKEN_REPLAYED, or SIMDJWT_STORE_UNAVAILABLE, whose use has been taken back:
   by the fleet's thread, with simdjwt_replay_undo, which waits while keys or a ruleset are put in. It must not be taken back
   again. */
typedef struct simdjwt_fleet_answer {
  uint64_t cookie;
  simdjwt_error error;
  uint32_t reserved;
} simdjwt_fleet_answer;

/*
 * Asks the fleet about a use that a validation with SIMDJWT_REPLAY_DEFER has recorded (verdict.replay_record), and returns
 * at once. Every record that was taken gets one answer, by the deadline.
 * Returns: SIMDJWT_STORE_UNAVAILABLE when too many wait: there is no answer then, and the use has been taken back; it must
 *          not be taken back again
 * Thread-safe.
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fleet_submit(simdjwt_fleet *fleet,
                                                                 const simdjwt_replay_record *record,
                                                                 uint64_t cookie) SIMDJWT_NOEXCEPT;

/* A file descriptor that is readable while answers wait: to poll, not to read or close. */
SIMDJWT_API int simdjwt_fleet_fd(const simdjwt_fleet *fleet) SIMDJWT_NOEXCEPT;

/* Takes up to `capacity` answers that wait; returns how many. Never blocks. Thread-safe. */
SIMDJWT_API uint32_t simdjwt_fleet_answers(simdjwt_fleet *fleet, simdjwt_fleet_answer *answers,
                                           uint32_t capacity) SIMDJWT_NOEXCEPT;

/* ---- Health ------------------------------------------------------------------------------------------------------ */

typedef uint32_t simdjwt_fleet_state;
enum {
  SIMDJWT_FLEET_CONNECTING = 0, /* no answer yet, and no failure */
  SIMDJWT_FLEET_UP = 1,
  SIMDJWT_FLEET_FAILING = 2,    /* the last checks failed, and the breaker is closed still */
  SIMDJWT_FLEET_OPEN = 3,       /* the breaker is open: tokens are refused */
  SIMDJWT_FLEET_LOCAL_ONLY = 4  /* the breaker is open: tokens are accepted on this gateway's word alone */
};

/* "connecting", "up", "failing", "open", "local_only". Static. */
SIMDJWT_API const char *simdjwt_fleet_state_name(simdjwt_fleet_state state) SIMDJWT_NOEXCEPT;

typedef struct simdjwt_fleet_health {
  uint32_t struct_size;
  simdjwt_fleet_state state;
  simdjwt_error last_error;   /* SIMDJWT_FLEET_*; 0 when the last check was answered */
  uint32_t nodes;             /* known now: those of the policy, and those that a Cluster named */
  uint32_t connected;
  uint32_t is_cluster;        /* 1 when the nodes are a Cluster */
  uint64_t checks;            /* records that were to be checked */
  uint64_t confirmed;
  uint64_t replayed;          /* used at another gateway, or before a restart of this one */
  uint64_t unavailable;       /* refused for want of the fleet */
  uint64_t local_only;        /* accepted without the fleet */
  uint64_t round_trips;
  uint64_t reconnects;
  uint64_t breaker_opened;    /* times */
  int64_t next_try_ms;        /* until the next probe; -1 when none is due */
  char last_detail[256];      /* for a person */
} simdjwt_fleet_health;
#define SIMDJWT_FLEET_HEALTH_INIT SIMDJWT_SIZED(simdjwt_fleet_health)

/* Returns: SIMDJWT_STRUCT_SIZE_UNKNOWN. Thread-safe. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fleet_health_of(const simdjwt_fleet *fleet,
                                                                    simdjwt_fleet_health *health) SIMDJWT_NOEXCEPT;

/* One node that is known now. */
typedef struct simdjwt_fleet_node {
  uint32_t struct_size;
  uint32_t role;              /* SIMDJWT_FLEET_ROLE_*, as it said last */
  uint32_t connected;         /* 1: it has answered on a connection that stands */
  uint32_t breaker_open;      /* 1: nothing is asked of it but whether it is back */
  simdjwt_error last_error;   /* SIMDJWT_FLEET_*; 0 since it has answered */
  uint32_t reserved;
  int64_t latency_us;         /* of the last question for its role; 0 before the first */
  char address[264];          /* "host:port" */
  char evicting_policy[40];   /* its maxmemory-policy where that may evict keys before their time; empty otherwise */
  char last_detail[256];      /* for a person */
} simdjwt_fleet_node;
#define SIMDJWT_FLEET_NODE_INIT SIMDJWT_SIZED(simdjwt_fleet_node)

enum { SIMDJWT_FLEET_ROLE_UNKNOWN = 0, SIMDJWT_FLEET_ROLE_PRIMARY = 1, SIMDJWT_FLEET_ROLE_REPLICA = 2 };

/* The node at an index below health.nodes. Returns: SIMDJWT_NOT_FOUND past the end, SIMDJWT_STRUCT_SIZE_UNKNOWN.
   Thread-safe. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_fleet_node_of(const simdjwt_fleet *fleet, uint32_t index,
                                                                  simdjwt_fleet_node *node) SIMDJWT_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
