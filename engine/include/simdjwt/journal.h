/*
 * libsimdjwt_journal: what has been used stays used after a restart. Keeps the uses of tokens that may be used once in
 * files of a directory, and puts them back into a validator's replay store when it is opened.
 *
 * How much a crash may forget is the `durability` of the policy document (docs/usage/05-replay.md):
 *   interval  a use is written behind the accept: what was accepted within the last interval_ms, and the time one write
 *             takes, may be accepted again after a crash of the machine or the process
 *   strict    a use is on the disk before its token is accepted; uses of many threads share one write
 * A use that cannot be written (full disk, I/O error) refuses its token with SIMDJWT_STORE_UNAVAILABLE; so does one that
 * comes while too many wait. Writing is tried again by itself. One process at a time; the laws of simdjwt.h hold here too.
 *
 * A process that forks has its journal in the parent alone: the child has no thread that writes, a commit of the level
 * strict would never return there, and the lock is free only when the child too has ended or called exec. Fork first, and
 * open the journal then.
 */
#ifndef SIMDJWT_JOURNAL_H
#define SIMDJWT_JOURNAL_H

#include <stdint.h>

#include "simdjwt/simdjwt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0x0a journal; docs/errors.md has them. */
enum {
  SIMDJWT_JOURNAL_DIRECTORY = 0x0a01, /* cannot be made, opened or written, or belongs to another user */
  SIMDJWT_JOURNAL_IN_USE = 0x0a02,    /* another process writes to it */
  SIMDJWT_JOURNAL_KEY = 0x0a03,       /* missing, damaged, or readable by others; another user's */
  SIMDJWT_JOURNAL_FORMAT = 0x0a04,    /* of another version, or no journal's file */
  SIMDJWT_JOURNAL_WRITE = 0x0a05      /* a record could not be written */
};

typedef struct simdjwt_journal simdjwt_journal;

/* How far recovery has come; called a few times a second, on the thread that opens. */
typedef struct simdjwt_journal_progress {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  void (*report)(void *context, uint64_t bytes_read, uint64_t bytes_total);
} simdjwt_journal_progress;
#define SIMDJWT_JOURNAL_PROGRESS_INIT SIMDJWT_SIZED(simdjwt_journal_progress)

/*
 * Opens the journal that the ruleset names, or makes it (mode 0700, of the effective user, its parent must be there); gives the validator's
 * store the journal's key, puts every use that matters at `now` into it, cuts torn tails, and attaches itself: from then
 * on uses are recorded. A journal without a key takes the store's; a key that the store was given before has to be the
 * journal's.
 *
 * In:      validator  of this ruleset, before its first validation
 *          now        Unix seconds
 *          progress   NULL, or whom to tell
 * Out:     *out       outlives the last validation; free with simdjwt_journal_free
 * Returns: SIMDJWT_JOURNAL_*, with a diagnostic; SIMDJWT_NOT_FOUND when the ruleset asks for no journal; SIMDJWT_STORE_FULL
 *          when the store is too small for what must be remembered
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_journal_open(simdjwt_validator *validator,
                                                                 const simdjwt_ruleset *ruleset, int64_t now,
                                                                 const simdjwt_journal_progress *progress,
                                                                 simdjwt_journal **out,
                                                                 simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

/* Writes what waits, ends the thread and closes. No validation may be running, or begin. */
SIMDJWT_API void simdjwt_journal_free(simdjwt_journal *journal) SIMDJWT_NOEXCEPT;

typedef struct simdjwt_journal_stats {
  uint32_t struct_size;
  simdjwt_error last_error;   /* of the last write: SIMDJWT_JOURNAL_WRITE; 0 when it was good */
  uint64_t records;           /* written by this process */
  uint64_t recovered;         /* put into the store when it was opened */
  uint64_t cut_bytes;         /* of torn tails, then */
  uint64_t recovery_us;
  uint64_t bytes;             /* of the files now */
  uint64_t syncs;
  uint64_t failures;          /* writes, syncs or unlinks that failed */
  uint64_t refused;           /* uses that were refused, by a failure or because too many waited */
  uint32_t files;             /* one per generation */
  uint32_t last_errno;        /* of the last failure */
  uint64_t waiting;           /* records not yet on the disk */
  uint32_t damaged;           /* files found damaged when it was opened: what is left of them was recovered */
  uint32_t reserved;
} simdjwt_journal_stats;
#define SIMDJWT_JOURNAL_STATS_INIT SIMDJWT_SIZED(simdjwt_journal_stats)

/* Returns: SIMDJWT_STRUCT_SIZE_UNKNOWN. Thread-safe. */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_journal_stats_of(const simdjwt_journal *journal,
                                                                     simdjwt_journal_stats *stats) SIMDJWT_NOEXCEPT;

/*
 * Unlinks the files whose records may all have been forgotten for two hours at `now`: a clock that was an hour ahead
 * forgets nothing. The thread of the journal does so by itself when records come, by the time of the opening carried on by
 * the monotonic clock; a program without traffic may call this now and then. A use that was recorded proves that its
 * forget_at had not come: a `now` that says otherwise, also that of the opening, is held below. Thread-safe.
 */
SIMDJWT_API void simdjwt_journal_expire(simdjwt_journal *journal, int64_t now) SIMDJWT_NOEXCEPT;

/* ---- Reading a journal that nobody may write to ------------------------------------------------------------------- */

/* One file of a journal, as it was read. */
typedef struct simdjwt_journal_file {
  uint32_t struct_size;
  uint32_t state;          /* 0: whole; 1: a torn tail follows the records; 2: damaged before its end */
  uint64_t bytes;
  uint64_t records;
  uint64_t torn_bytes;     /* behind the last good record */
  int64_t first_forget_at; /* of its records, in order of time; SIMDJWT_NO_TIME without one */
  int64_t last_forget_at;
  char name[64];
} simdjwt_journal_file;
#define SIMDJWT_JOURNAL_FILE_INIT SIMDJWT_SIZED(simdjwt_journal_file)

/* What to do with a journal that is read. NULL functions are not called; a result other than 0 of either ends the reading. */
typedef struct simdjwt_journal_reader {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  uint32_t (*file)(void *context, const simdjwt_journal_file *file); /* after the records of that file */
  uint32_t (*records)(void *context, const simdjwt_replay_record *records, uint32_t count);
} simdjwt_journal_reader;
#define SIMDJWT_JOURNAL_READER_INIT SIMDJWT_SIZED(simdjwt_journal_reader)

/*
 * Reads a journal's directory and changes nothing; also while another process writes to it.
 * Out:     key  NULL, or the journal's key, 16 bytes
 * Returns: SIMDJWT_JOURNAL_*, with a diagnostic
 */
SIMDJWT_API SIMDJWT_NODISCARD simdjwt_error simdjwt_journal_read(const char *directory, uint64_t directory_size,
                                                                 const simdjwt_journal_reader *reader, uint8_t *key,
                                                                 simdjwt_diagnostic *diagnostic) SIMDJWT_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
