/* import_work.c: see import_work.h. Reading and checking hold no writer; saving and taking back are
 * slices of at most 50 ms, each its own transaction that also writes down how far it came and
 * renews the lease. Whoever lost the lease writes nothing any more. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/import_work.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/sql.h"
#include "store/file_store.h"

#include <time.h>

enum { TRIES = 40, PAUSE_MS = 50, ALONE_SLICE_US = 2000000 };

typedef enum ActAs { AS_PERSON, AS_SYSTEM, AS_CANCELLER } ActAs;

typedef struct Work {
    const ImportHost *host;
    Arena *arena; /* of the whole run: file, plan, row of the run */
    ImportRun run;
    ImportPlan *plan;
    ActAs as;
    int64_t renewed_us;
    bool is_lost, is_stopped, is_cancelled;
    Str why; /* English or the person's language: why it failed */
} Work;
typedef Err (*WorkStep)(Work *w, Ctx *c, void *arg);

/* ---- contexts and transactions ---- */

static Err act(Work *w, Ctx *c) {
    int64_t person = w->as == AS_CANCELLER ? w->run.cancel_by : w->run.by;
    c->lang = w->run.lang;
    c->is_quiet = true;
    c->work = w->host->work;
    c->source = str_fmt(c->arena, "import:%lld", (long long)w->run.id);
    actor_system(c);
    if (w->as == AS_SYSTEM || !person) return OK;
    Err e = actor_load(c, person);
    c->lang = w->run.lang; /* the one they read the page in */
    if (w->as == AS_PERSON) return e == ERR_MISSING ? ERR_DENIED : e;
    if (e == ERR_MISSING) {
        actor_system(c);
        return OK;
    }
    c->actor->is_system = true; /* what the import did is undone, whatever the person may now */
    return e;
}

static Str issue_words(Arena *a, const Ctx *c) {
    Text t = text_new(a, 4000);
    for (size_t i = 0; i < c->issues.n && i < 5; i++) {
        if (c->issues.items[i].is_warning) continue;
        if (t.n) text_char(&t, ' ');
        text_add(&t, issue_text((Ctx *)(uintptr_t)c, &c->issues.items[i]));
    }
    return text_str(&t);
}

static Err read_once(Work *w, WorkStep step, void *arg, Arena *a) {
    Db *db;
    TRY(db_read(&db, w->host->session));
    Ctx *c = ctx_new(a, w->host->model, w->host->session);
    c->db = db;
    Err e = act(w, c);
    if (e == OK) e = step(w, c, arg);
    if (e == ERR_INVALID) w->why = issue_words(w->arena, c);
    c->db = NULL;
    db_rollback(db);
    return e;
}

static Err write_once(Work *w, DbSession *session, WorkStep step, void *arg) {
    Db *db;
    TRY(db_write(&db, session));
    Arena *a = arena_new(0);
    Ctx *c = ctx_new(a, w->host->model, session);
    c->db = db;
    Err e = act(w, c);
    if (e == OK) e = step(w, c, arg);
    if (e == ERR_INVALID) w->why = issue_words(w->arena, c);
    c->db = NULL;
    if (e == OK)
        e = db_commit(db);
    else
        db_rollback(db);
    arena_free(a);
    return e;
}

static bool asked(bool (*question)(void *arg), const ImportHost *h) {
    return question && question(h->arg);
}

/* Again after a conflict of the database, and while it is busy; `back` first puts the plan where it
 * was. */
static Err write_step(Work *w, WorkStep step, void *arg, void (*back)(Work *w)) {
    Err e = OK;
    for (int i = 0; i < TRIES; i++) {
        if (i && back) back(w);
        e = write_once(w, w->host->session, step, arg);
        if ((e != ERR_CONFLICT && e != ERR_BUSY) || w->is_lost) return e;
        if (asked(w->host->stop, w->host)) return e;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return e;
}

/* ---- the row ---- */

/* First statement of each writing step: the run is ours, and for a while longer. */
static Err hold(Work *w, Ctx *c, const char *state) {
    int64_t changed;
    TRY(db_run(
        c->db, &changed,
        "UPDATE import_run SET state = $3, lease_until = $4 WHERE id = $1 AND owner = $2 AND state IN "
        "('waiting', 'queued', 'running', 'undoing')",
        ARGS(db_int(w->run.id), db_text(w->host->owner), db_textz(state),
             db_int(c->now_us + IMPORT_LEASE_SECONDS * INT64_C(1000000)))));
    w->is_lost = changed != 1;
    w->renewed_us = clock_mono_us();
    return w->is_lost ? ERR_CONFLICT : OK;
}

static Err end(Work *w, Ctx *c, const char *state, Str why) {
    TRY(db_run(
        c->db, NULL,
        "UPDATE import_run SET state = $2, why = $3, ended_at = $4, owner = NULL, lease_until = 0 "
        "WHERE id = $1",
        ARGS(db_int(w->run.id), db_textz(state), db_text_or_null(why), db_int(c->now_us))));
    return import_run_hold(c, w->run.id, false);
}

static Err step_fail(Work *w, Ctx *c, void *arg) {
    (void)arg;
    TRY(hold(w, c, "undoing"));
    return db_run(c->db, NULL,
                  "UPDATE import_run SET why = $2, undo_at = 0, done = 0 WHERE id = $1",
                  ARGS(db_int(w->run.id), db_text_or_null(w->why)));
}

static Err step_refuse(Work *w, Ctx *c, void *arg) {
    (void)arg;
    TRY(hold(w, c, "waiting"));
    Text t = text_new(c->arena, 0);
    if (w->plan) {
        import_sheets(w->plan);
        import_report_json(&t, &w->plan->report, true);
    }
    TRY(db_run(
        c->db, NULL,
        "UPDATE import_run SET state = 'refused', why = $2, report = $3, done = 0, owner = NULL, "
        "lease_until = 0 WHERE id = $1",
        ARGS(db_int(w->run.id), db_text_or_null(w->why), db_text_or_null(text_str(&t)))));
    return import_run_hold(c, w->run.id, false);
}

static Err step_discard(Work *w, Ctx *c, void *arg) {
    (void)arg;
    TRY(hold(w, c, "queued"));
    return end(w, c, "discarded", (Str){0});
}

static Err step_leave(Work *w, Ctx *c, void *arg) {
    (void)arg;
    return db_run(c->db, NULL, "UPDATE import_run SET lease_until = 0 WHERE id = $1 AND owner = $2",
                  ARGS(db_int(w->run.id), db_text(w->host->owner)));
}

static Err as_system(Work *w, WorkStep step) {
    w->as = AS_SYSTEM;
    return write_step(w, step, NULL, NULL);
}

/* ---- reading and checking ---- */

typedef struct Beat {
    int64_t done;
    bool is_cancelled;
} Beat;

static Err step_beat(Work *w, Ctx *c, void *arg) {
    Beat *b = arg;
    bool found;
    int64_t cancelled;
    int64_t changed;
    TRY(db_run(c->db, &changed,
               "UPDATE import_run SET done = $3, lease_until = $4 WHERE id = $1 AND owner = $2",
               ARGS(db_int(w->run.id), db_text(w->host->owner), db_int(b->done),
                    db_int(c->now_us + IMPORT_LEASE_SECONDS * INT64_C(1000000)))));
    w->is_lost = changed != 1;
    TRY(db_get_int(&cancelled, &found, c->db,
                   "SELECT cancelled FROM import_run WHERE id = $1 AND state <> 'discarded'",
                   ARGS(db_int(w->run.id))));
    b->is_cancelled = !found || cancelled;
    return OK;
}

/* Each 100 rows of a check; every two seconds the lease is renewed. */
static bool on_tick(void *arg, int64_t rows) {
    Work *w = arg;
    const ImportHost *h = w->host;
    if (h->progress) h->progress(h->arg, rows, w->plan ? w->plan->report.read : 0);
    w->is_stopped = asked(h->stop, h);
    w->is_cancelled = w->is_cancelled || asked(h->cancelled, h);
    if (h->side && clock_mono_us() - w->renewed_us > 2000000) {
        Beat beat = {.done = rows};
        ActAs as = w->as;
        w->as = AS_SYSTEM;
        Err e = write_once(w, h->side, step_beat, &beat);
        w->as = as;
        w->renewed_us = clock_mono_us();
        if (e == OK) w->is_cancelled = w->is_cancelled || beat.is_cancelled;
    }
    return !w->is_stopped && !w->is_cancelled && !w->is_lost;
}

static Err stored_bytes(Str *out, Ctx *c, Arena *a, int64_t id) {
    StoredFile f;
    Str part;
    TRY(file_store_find(&f, c->db, c->arena, id));
    if (f.size > TABLE_MAX_FILE) return ERR_MISSING;
    char *bytes = arena_alloc(a, (size_t)f.size + 1);
    size_t n = 0;
    Arena *scratch = arena_new(0);
    Err e = OK;
    for (int64_t i = 0; e == OK; i++) {
        arena_reset(scratch);
        e = file_store_part(&part, c->db, scratch, id, i);
        if (e != OK || !part.n) break;
        if (n + part.n > (size_t)f.size) e = ERR_INTERNAL;
        if (e == OK) memcpy(bytes + n, part.p, part.n);
        n += part.n;
    }
    arena_free(scratch);
    *out = (Str){bytes, n};
    return e;
}

static Err step_plan(Work *w, Ctx *c, void *arg) {
    Str bytes;
    (void)arg;
    ImportOptions options = {.map = w->run.map_text,
                             .map_name = w->run.map,
                             .file_name = w->run.file,
                             .all_or_nothing = w->run.all_or_nothing,
                             .takeover = w->run.takeover,
                             .run = w->run.id,
                             .tick = on_tick,
                             .tick_arg = w};
    if (!w->run.type || !w->run.stored) return ERR_MISSING;
    TRY(stored_bytes(&bytes, c, w->arena, w->run.stored));
    TRY(import_plan(&w->plan, c, w->run.type, bytes, &options));
    return import_check(w->plan, c);
}

/* Why a run cannot go on, in the words of its person; false: it may, later. */
static bool final_words(Work *w, Err e) {
    const char *english = e == ERR_MISSING ? N_("The file is no longer kept. Please send it again.")
                          : e == ERR_DENIED ? N_("The person who sent it may not import this list.")
                          : e == ERR_INTERNAL
                              ? N_("Something went wrong; the administrator finds it in the log.")
                              : N_("The file cannot be read.");
    if (e == ERR_BUSY || e == ERR_CONFLICT) return false;
    if (!w->why.n) w->why = trs(w->run.lang, english);
    return true;
}

static Err step_checked(Work *w, Ctx *c, void *arg) {
    const ImportReport *r = &w->plan->report;
    Text t = text_new(c->arena, 0);
    (void)arg;
    TRY(hold(w, c, "waiting"));
    import_sheets(w->plan);
    import_report_json(&t, r, true);
    return db_run(
        c->db, NULL,
        "UPDATE import_run SET state = 'checked', read = $2, created = $3, updated = $4, unchanged = $5, "
        "rejected = $6, report = $7, why = NULL, done = 0, attempts = 0, owner = NULL, lease_until = 0 "
        "WHERE id = $1",
        ARGS(db_int(w->run.id), db_int(r->read), db_int(r->created), db_int(r->updated),
             db_int(r->unchanged), db_int(r->n_rejected), db_text(text_str(&t))));
}

static bool too_often(Work *w) {
    bool is = w->run.attempts > IMPORT_MOST_ATTEMPTS;
    if (is) w->why = trs(w->run.lang, N_("It was begun too often without getting on."));
    return is;
}

static Err check_run(Work *w) {
    if (too_often(w)) return as_system(w, step_refuse);
    w->as = AS_PERSON;
    Err e = read_once(w, step_plan, NULL, w->arena);
    if (e == OK) return as_system(w, step_checked);
    if (w->is_stopped) return as_system(w, step_leave);
    if (w->is_lost || w->is_cancelled) return OK; /* discarded meanwhile */
    if (!final_words(w, e)) return e;
    return as_system(w, step_refuse);
}

/* ---- saving ---- */

/* Counts of this pass and of those before a restart, whose rows now read as unchanged. */
static ImportReport totals(const Work *w) {
    ImportReport r = w->plan->report;
    r.created += w->run.created;
    r.updated += w->run.updated;
    r.children_created += w->run.children_created;
    r.children_updated += w->run.children_updated;
    r.unchanged = r.read - r.created - r.updated - r.n_rejected;
    if (r.unchanged < 0) r.unchanged = 0;
    return r;
}

static Err write_counts(Work *w, Ctx *c) {
    ImportReport r = totals(w);
    const ImportReport *p = &w->plan->report;
    return db_run(
        c->db, NULL,
        "UPDATE import_run SET read = $2, created = $3, updated = $4, unchanged = $5, rejected = $6, "
        "children_created = $7, children_updated = $8, done = $9, attempts = 0 WHERE id = $1",
        ARGS(db_int(w->run.id), db_int(r.read), db_int(r.created), db_int(r.updated),
             db_int(r.unchanged), db_int(r.n_rejected), db_int(r.children_created),
             db_int(r.children_updated),
             db_int(p->created + p->updated + p->unchanged + p->n_rejected)));
}

static Err write_report(Work *w, Ctx *c) {
    Text t = text_new(c->arena, 0);
    ImportReport r = totals(w);
    import_sheets(w->plan);
    r.sheets = w->plan->report.sheets;
    r.n_sheets = w->plan->report.n_sheets;
    import_report_json(&t, &r, true);
    return db_run(c->db, NULL, "UPDATE import_run SET report = $2 WHERE id = $1",
                  ARGS(db_int(w->run.id), db_text(text_str(&t))));
}

static Err finish(Work *w, Ctx *c) {
    TRY(write_counts(w, c));
    TRY(write_report(w, c));
    return end(w, c, "done", (Str){0});
}

/* What the history of each record says: which import, and whose word it was that things are taken
 * over as they stand. */
static Err set_reason(Work *w, Ctx *c) {
    RefName name = {0}, behind = {0};
    Str words[3] = {str_fmt(c->arena, "%lld", (long long)w->run.id),
                    w->run.file.n ? w->run.file : w->plan->options.file_name};
    if (w->run.released_by)
        TRY(ref_name(&name, c, model_need(c->model, "user"), w->run.released_by));
    if (w->run.released_for)
        TRY(ref_name(&behind, c, model_need(c->model, "user"), w->run.released_for));
    words[2] = name.title;
    if (behind.found)
        words[2] =
            tr_fill(c->arena, TR(c, N_("{0} for {1}")), (Str[]){name.title, behind.title}, 2);
    c->reason = tr_fill(c->arena,
                        name.found ? TR(c, N_("Import {0}, {1}, released by {2}"))
                                   : TR(c, N_("Import {0}, {1}")),
                        words, 3);
    return OK;
}

static void report_progress(const Work *w) {
    const ImportReport *r = &w->plan->report;
    if (w->host->progress)
        w->host->progress(w->host->arg, r->created + r->updated + r->unchanged + r->n_rejected,
                          r->read);
}

/* ---- very many rows ---- */

enum { MANY_PAGES_MIB = 64 };

static Err each_type(ImportPlan *p, Db *db, Err (*work)(Db *db, const Type *t)) {
    for (size_t k = 0; k < p->n; k++) {
        TRY(work(db, p->batches[k].type));
        for (size_t i = 0; i < p->batches[k].map->n_children; i++)
            TRY(work(db, p->batches[k].children[i]));
    }
    return OK;
}

/* As the check says, or the rows so far. */
static bool is_mostly_new(const ImportPlan *p) {
    const ImportReport *r = &p->report;
    size_t new = 0, all = 0;
    if (p->is_unchecked) return r->created > r->updated + r->unchanged + r->n_rejected;
    for (size_t k = 0; k < p->n; k++)
        for (size_t i = 0; i < p->batches[k].table->n_rows; i++, all++)
            new += p->batches[k].actions[i] == IMPORT_CREATE;
    return new > all / 2;
}

/* Alone on the base, and with no fewer rows than half of what is there: indexes that only lists use
 * are made at the end, at once, in the same transaction. Not for a file whose rows, so far, are
 * there already. */
static Err many_begin(bool *is_many, Work *w, Ctx *c) {
    int64_t last, rows = (int64_t)import_rows(w->plan);
    bool found;
    if (!w->host->is_alone || rows < (w->host->many ? w->host->many : IMPORT_MANY_ROWS)) return OK;
    if (!is_mostly_new(w->plan)) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT MAX(id) FROM ");
    sql_name(&s, NULL, w->plan->batches[0].type->name);
    TRY(db_get_int(&last, &found, c->db, s.text.p, s.args, s.n));
    if (rows < last / 2) return OK;
    *is_many = true;
    TRY(db_page_cache(c->db, MANY_PAGES_MIB));
    db_behind_begin(c->db);
    return each_type(w->plan, c->db, model_unindex);
}

static Err many_end(Work *w, Ctx *c) {
    TRY(each_type(w->plan, c->db, model_reindex));
    return db_page_cache(c->db, 0);
}

/* Everything in one transaction; asked now and then whether to go on. */
static Err step_whole(Work *w, Ctx *c, void *arg) {
    bool done = false, is_many = false;
    int64_t slice = ALONE_SLICE_US / 20; /* the first one is a look at what the file holds */
    (void)arg;
    if (w->run.id) TRY(hold(w, c, "running"));
    TRY(import_begin(w->plan, c));
    w->run.id = w->plan->report.id;
    TRY(set_reason(w, c));
    if (!w->plan->is_unchecked) TRY(many_begin(&is_many, w, c));
    while (!done) {
        TRY(import_apply(w->plan, c, slice, &done));
        if (!done && !is_many) TRY(many_begin(&is_many, w, c));
        slice = is_many ? ALONE_SLICE_US : ALONE_SLICE_US / 4;
        report_progress(w);
        w->is_cancelled = asked(w->host->cancelled, w->host);
        if (w->is_cancelled) return ERR_DENIED;
    }
    if (is_many) TRY(many_end(w, c));
    return finish(w, c);
}

static Err step_start(Work *w, Ctx *c, void *arg) {
    (void)arg;
    if (w->run.id) {
        TRY(hold(w, c, "running"));
        return write_counts(w, c); /* those of the check were what would happen */
    }
    TRY(import_begin(w->plan, c));
    w->run.id = w->plan->report.id;
    TRY(db_run(c->db, NULL, "UPDATE import_run SET owner = $2 WHERE id = $1",
               ARGS(db_int(w->run.id), db_text(w->host->owner))));
    return hold(w, c, "running");
}

static Err cancelled_in_row(Work *w, Ctx *c) {
    int64_t cancelled, by;
    bool found;
    TRY(db_get_int(&cancelled, &found, c->db, "SELECT cancelled FROM import_run WHERE id = $1",
                   ARGS(db_int(w->run.id))));
    if (!found || !cancelled) return OK;
    TRY(db_get_int(&by, &found, c->db, "SELECT cancel_by FROM import_run WHERE id = $1",
                   ARGS(db_int(w->run.id))));
    w->is_cancelled = true;
    w->run.cancel_by = by;
    return OK;
}

static Err step_slice(Work *w, Ctx *c, void *arg) {
    bool *done = arg;
    TRY(hold(w, c, "running"));
    TRY(cancelled_in_row(w, c));
    if (w->is_cancelled) return OK;
    TRY(set_reason(w, c));
    TRY(import_apply(w->plan, c, IMPORT_SLICE_US, done));
    return *done ? finish(w, c) : write_counts(w, c);
}

static void back_to_mark(Work *w) {
    import_rewind(w->plan);
}

static void back_to_start(Work *w) {
    if (!w->plan->options.run || w->run.owner.n) return; /* a row made by a page stays */
    w->plan->options.run = w->run.id = 0;
}

static Err save_in_slices(Work *w) {
    bool done = false;
    import_restart(w->plan);
    TRY(write_step(w, step_start, NULL, back_to_start));
    while (!done) {
        import_mark(w->plan);
        TRY(write_step(w, step_slice, &done, back_to_mark));
        report_progress(w);
        w->is_cancelled = w->is_cancelled || asked(w->host->cancelled, w->host);
        if (w->is_cancelled && !done) return ERR_DENIED;
        w->is_stopped = !done && asked(w->host->stop, w->host);
        if (w->is_stopped) return OK;
    }
    return OK;
}

static bool in_one(const Work *w) {
    return w->run.all_or_nothing || w->host->is_alone ||
           import_rows(w->plan) <= IMPORT_ONE_TRANSACTION;
}

static Err save(Work *w) {
    w->as = AS_PERSON;
    return in_one(w) ? write_step(w, step_whole, NULL, back_to_start) : save_in_slices(w);
}

/* ---- taking back ---- */

typedef struct UndoStep {
    ImportUndo undo, before;
    bool done;
} UndoStep;

static Err step_undo(Work *w, Ctx *c, void *arg) {
    UndoStep *u = arg;
    u->undo = u->before;
    TRY(hold(w, c, "undoing"));
    if (w->host->is_alone) TRY(db_page_cache(c->db, MANY_PAGES_MIB));
    TRY(import_undo(&u->undo, c, w->host->is_alone ? ALONE_SLICE_US : IMPORT_SLICE_US, &u->done));
    TRY(db_run(
        c->db, NULL,
        "UPDATE import_run SET undo_at = $2, undone = $3, kept = $4, done = $3, attempts = 0 "
        "WHERE id = $1",
        ARGS(db_int(w->run.id), db_int(u->undo.at), db_int(u->undo.undone), db_int(u->undo.kept))));
    return u->done ? end(w, c, "undone", w->run.why) : OK;
}

static Err undo_run(Work *w) {
    UndoStep u = {.before = {w->run.id, w->run.undo_at, w->run.undone, w->run.kept}};
    w->as = AS_CANCELLER;
    while (!u.done) {
        TRY(write_step(w, step_undo, &u, NULL));
        u.before = u.undo;
        if (w->host->progress)
            w->host->progress(w->host->arg, u.undo.undone, w->run.created + w->run.updated);
        w->is_stopped = !u.done && asked(w->host->stop, w->host);
        if (w->is_stopped) return as_system(w, step_leave);
    }
    return OK;
}

static bool saved_any(const Work *w) {
    const ImportReport *r = w->plan && !in_one(w) ? &w->plan->report : NULL;
    return w->run.created + w->run.updated > 0 || (r && r->created + r->updated > 0);
}

/* The rest will not be saved: what slices have saved goes again. */
static Err fail_run(Work *w, Err e) {
    if (w->is_lost) return OK;
    if (w->is_cancelled)
        w->why = (Str){0};
    else if (!final_words(w, e))
        return e;
    if (!saved_any(w)) return as_system(w, w->is_cancelled ? step_discard : step_refuse);
    TRY(as_system(w, step_fail));
    w->run.why = w->why;
    w->run.undo_at = w->run.undone = w->run.kept = 0;
    return undo_run(w);
}

static Err apply_run(Work *w) {
    if (too_often(w)) return fail_run(w, ERR_INVALID);
    w->as = AS_PERSON;
    Err e = read_once(w, step_plan, NULL, w->arena);
    if (e == OK) e = save(w);
    if (w->is_stopped) return as_system(w, step_leave);
    return e == OK ? OK : fail_run(w, e);
}

/* ---- a run from wherever it stands ---- */

static Err step_claim(Work *w, Ctx *c, void *arg) {
    int64_t changed;
    bool *mine = arg;
    TRY(db_run(
        c->db, &changed,
        "UPDATE import_run SET owner = $2, lease_until = $3, attempts = attempts + 1 WHERE id = $1 AND "
        "lease_until < $4 AND state IN ('waiting', 'queued', 'running', 'undoing')",
        ARGS(db_int(w->run.id), db_text(w->host->owner),
             db_int(c->now_us + IMPORT_LEASE_SECONDS * INT64_C(1000000)), db_int(c->now_us))));
    *mine = changed == 1;
    if (!*mine) return OK;
    Arena *own = c->arena;
    c->arena = w->arena;
    Err e = import_run_load(&w->run, c, w->run.id);
    c->arena = own;
    return e;
}

static Err drive(Work *w) {
    bool mine = false;
    w->as = AS_SYSTEM;
    TRY(write_step(w, step_claim, &mine, NULL));
    if (!mine) return OK;
    w->renewed_us = clock_mono_us();
    w->run.report = (Str){0};
    if (str_is(w->run.state, "undoing")) return undo_run(w);
    if (str_is(w->run.state, "waiting")) return check_run(w);
    if (str_is(w->run.state, "queued")) /* so far they say what would happen */
        w->run.created = w->run.updated = w->run.children_created = w->run.children_updated = 0;
    if (w->run.stored) return apply_run(w);
    w->why = trs(w->run.lang, N_("The command ended before the import did."));
    return fail_run(w, ERR_INVALID);
}

Err import_continue(const ImportHost *h, int64_t id) {
    Work w = {.host = h, .arena = arena_new(TABLE_ARENA), .run = {.id = id}};
    Err e = drive(&w);
    if (e != OK && !w.is_lost)
        log_line(LOG_WARN, "import_later", "run %lld: error %d, tried again", (long long)id,
                 (int)e);
    arena_free(w.arena);
    return w.is_lost ? OK : e;
}

static Err next_in(int64_t *id, Ctx *c, ImportTask task) {
    static const char *const all[] = {
        "SELECT id FROM import_run WHERE state = 'waiting' AND lease_until < $1 ORDER BY id LIMIT 1",
        "SELECT id FROM import_run WHERE state IN ('queued', 'running', 'undoing') AND lease_until < $1 "
        "ORDER BY id LIMIT 1",
        "SELECT id FROM import_run WHERE state IN ('running', 'undoing') AND stored IS NULL AND "
        "lease_until < $1 ORDER BY id LIMIT 1"};
    bool found;
    *id = 0;
    return db_get_int(id, &found, c->db, all[task], ARGS(db_int(c->now_us)));
}

Err import_next(int64_t *id, const ImportHost *h, ImportTask task) {
    Db *db;
    *id = 0;
    TRY(db_read(&db, h->session));
    Arena *a = arena_new(0);
    Ctx *c = ctx_new(a, h->model, h->session);
    c->db = db;
    Err e = next_in(id, c, task);
    db_rollback(db);
    arena_free(a);
    return e;
}

static Err step_free(Work *w, Ctx *c, void *arg) {
    (void)w;
    (void)arg;
    if (db_kind(c->db) != DB_SQLITE) return OK;
    return db_run(c->db, NULL, "UPDATE import_run SET lease_until = 0 WHERE lease_until > 0",
                  NO_ARGS);
}

Err import_free_leases(const ImportHost *h) {
    Work w = {.host = h, .arena = arena_new(0), .as = AS_SYSTEM};
    Err e = write_step(&w, step_free, NULL, NULL);
    arena_free(w.arena);
    return e;
}

Err import_run_plan(bool *saved, Str *why, const ImportHost *h, ImportPlan *p, Lang lang) {
    Work w = {.host = h, .arena = p->arena, .plan = p};
    w.run = (ImportRun){
        .type = p->batches[0].type, .lang = lang, .all_or_nothing = p->options.all_or_nothing};
    Err e = save(&w);
    *saved = e == OK && !w.is_stopped;
    *why = S("The server is stopping; what was saved is taken back when it starts again.");
    if (e == OK) return OK;
    bool sliced = !in_one(&w) && w.run.id;
    if (w.is_cancelled)
        w.why = S("It was cancelled.");
    else if (!w.why.n)
        w.why = e == ERR_BUSY || e == ERR_CONFLICT ? S("The database was busy for too long.")
                                                   : S("Something went wrong, see the log.");
    *why = w.why;
    if (!sliced) return w.is_cancelled ? OK : e;
    w.run.created = p->report.created;
    w.run.updated = p->report.updated;
    Err undo = w.is_lost ? OK : as_system(&w, step_fail);
    if (undo == OK && !w.is_lost) {
        w.run.why = w.why;
        undo = undo_run(&w);
    }
    return w.is_cancelled || e == OK ? undo : e;
}
