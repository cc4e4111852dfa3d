/* import_run.h: one import as a row of the database: the file's name, the map, where it stands and
 * how it ended, so that a page can show it and a restart can go on with it or take it back. Knows
 * no file format. Table import_run; what works on it is import_work.h. States:
 *   waiting -> checked | refused        the file is read and checked by itself
 *   checked -> queued | approval        somebody says so; approval: a second person releases it
 *   queued -> running -> done           by itself, in one transaction or in slices
 *   running, done -> undoing -> undone  cancelled, failed, or taken back later
 *   ... -> discarded                    before anything was saved
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IMPORT_RUN_H
#define MODEL_IMPORT_RUN_H

#include "model/import.h"

extern const DbTable import_tables[];
extern const size_t import_n_tables;

typedef struct ImportRun {
    int64_t id, at, by, ended_at; /* by 0: the operator's command line */
    int64_t acting_for;           /* whose right `by` used, 0: their own */
    int64_t stored;               /* the file, 0: kept by the command alone */
    const Type *type;             /* NULL: the model no longer has it */
    Str file, map, map_text;      /* map: name shown; map_text: the map itself, empty: by names */
    Str state, why, owner;
    bool all_or_nothing, takeover, is_cancelled;
    Lang lang;
    int64_t read, done, created, updated, unchanged, rejected, children_created, children_updated;
    int64_t cancel_by, released_by, released_for;
    int64_t attempts, undo_at, undone, kept;
    Str report; /* import_report_json, whole; only from import_run_load */
} ImportRun;

/* The row as it was sent: state waiting, or running for a command. */
Err import_run_add(int64_t *out, Ctx *c, const ImportRun *r) MUST;
Err import_run_load(ImportRun *out, Ctx *c, int64_t id) MUST; /* no rights; ERR_MISSING */
typedef struct ImportRuns {
    ImportRun *items;
    size_t n, cap;
} ImportRuns;
/* Newest first, at most 50: those of the actor, those of others that wait for a release, or all. */
typedef enum ImportWhose { IMPORT_MINE, IMPORT_TO_RELEASE, IMPORT_ALL } ImportWhose;
Err import_run_list(ImportRuns *out, Ctx *c, ImportWhose whose) MUST;

/* Keeps the sent file until the run has ended. */
Err import_run_hold(Ctx *c, int64_t id, bool is_held) MUST;

/* What people do. from: blank separated states; ERR_CONFLICT when the run is in none of them. */
Err import_run_move(Ctx *c, int64_t id, const char *from, const char *to) MUST;
/* Asks a running one to stop and be taken back. */
Err import_run_cancel(Ctx *c, int64_t id) MUST;
Err import_run_undo(Ctx *c, int64_t id) MUST; /* a finished one; ERR_CONFLICT: import_is_final */
/* Records of the list stay: what they changed elsewhere is not put right by itself. */
bool import_is_final(const Type *t);
/* Four eyes, across delegations: who sent it asks, somebody else releases. */
Err import_run_ask(Ctx *c, int64_t id) MUST;
Err import_run_release(Ctx *c, int64_t id) MUST;
/* Is the actor one person with who sent it: the same, whom that one acted for, or here only as the
 * delegate of either? *whom: whose right to import the list they use, 0: their own. */
Err import_run_is_actors(bool *out, int64_t *whom, Ctx *c, const ImportRun *run) MUST;
/* Another map: checked once more. */
Err import_run_remap(Ctx *c, int64_t id, Str map, Str map_text) MUST;

/* ---- maps that people saved ---- */
typedef struct SavedMap {
    int64_t id, by, at;
    Str name, type, text;
} SavedMap;
typedef struct SavedMaps {
    SavedMap *items;
    size_t n, cap;
} SavedMaps;
Err saved_map_find(SavedMap *out, Ctx *c, Str name) MUST; /* ERR_MISSING */
Err saved_map_list(SavedMaps *out, Ctx *c) MUST;
/* Replaces one of the same name and list that the actor saved; a name taken by somebody else, or by
 * a map of the program, is an issue on `field`. */
Err saved_map_put(Ctx *c, const char *field, Str name, const Type *t, Str text) MUST;
Err saved_map_remove(Ctx *c, int64_t id) MUST;

#endif
