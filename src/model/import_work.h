/* import_work.h: works on the runs of import_run.h: checks what was sent, saves what was agreed,
 * takes back what failed or was cancelled. One function drives a run from wherever it stands, so
 * that a thread, a job or a command may call it; a lease with the name of its owner lets one of
 * them at a time. Knows no thread and no HTTP. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IMPORT_WORK_H
#define MODEL_IMPORT_WORK_H

#include "model/import_run.h"

enum { IMPORT_LEASE_SECONDS = 20, IMPORT_MOST_ATTEMPTS = 5, IMPORT_MANY_ROWS = 10000 };

typedef struct ImportHost {
    const Model *model;
    DbSession *session;
    DbSession *side;               /* for the lease while a file is read; NULL: none is kept then */
    Str owner;                     /* a random word of this process */
    const struct WorkConfig *work; /* for contexts; NULL outside a server */
    /* Asked between slices and each 100 rows of a check. stop: leave the run to whoever comes next;
     * cancelled: take it back. May be NULL. */
    bool (*stop)(void *arg);
    bool (*cancelled)(void *arg);
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *arg;
    bool is_alone; /* nobody else uses the base: one transaction whatever the number of rows */
    int64_t many;  /* from so many rows on indexes are made at the end, when alone; 0: 10,000 */
} ImportHost;

/* The oldest run that waits for work and is nobody's; 0: none. Cheap; a reading transaction of its
 * own. */
typedef enum ImportTask {
    IMPORT_CHECKS,  /* files to check */
    IMPORT_SAVES,   /* runs to save or to take back */
    IMPORT_ORPHANS, /* those whose command is gone: to take back */
} ImportTask;
Err import_next(int64_t *id, const ImportHost *h, ImportTask task) MUST;
/* Drives the run until it ends, waits for a person, or `stop` says so. A failure inside the run is
 * OK and stands in the row; other errors: it is tried again later. */
Err import_continue(const ImportHost *h, int64_t id) MUST;
/* A command's own plan, which import_check has seen, as a new run: saved, or taken back when it
 * fails or is cancelled. *saved false: nothing is left of it but what others changed since.
 * *why: in English, when it was not saved. */
Err import_run_plan(bool *saved, Str *why, const ImportHost *h, ImportPlan *p, Lang lang) MUST;
/* On SQLite at start: nobody else can hold a run. */
Err import_free_leases(const ImportHost *h) MUST;

/* ---- import_undo.c ---- */
typedef struct ImportUndo {
    int64_t run, at, undone, kept; /* at: the last entry dealt with, 0: none */
} ImportUndo;
/* In the caller's writing transaction, until `most_us` have passed; c->source is "import:RUN". */
Err import_undo(ImportUndo *u, Ctx *c, int64_t most_us, bool *done) MUST;
/* What a run that was taken back left: somebody changed it or commented on it since, or something
 * else rests on it. */
typedef struct ImportKeptRecord {
    const Type *type;
    int64_t id;
    Str number;
    bool is_touched;
} ImportKeptRecord;
typedef struct ImportKept {
    ImportKeptRecord *items;
    size_t n, cap;
} ImportKept;
Err import_kept(ImportKept *out, Ctx *c, int64_t run, size_t most) MUST;
const char *import_kept_why(const ImportKeptRecord *x); /* key of its translation */

#endif
