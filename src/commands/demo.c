/* demo.c: gardefou demo: the demonstration bank, module by module; beyond LARGE incidents the usual
 * bank first and the rest in slices, each a transaction of its own. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#define _GNU_SOURCE
#include "commands/users.h"

#include "base/json.h"
#include "model/history.h"
#include "model/measure.h"

#include <stdlib.h>

enum { LARGE = 5000, SLICE = 50000, PAGES_MIB = 512 };

typedef struct DemoWork {
    const Module *module;
    uint64_t seed;
    int64_t scale;
    DemoReport report;
} DemoWork;

/* Real records and invented ones must never stand in one database. */
static Err empty_work(Ctx *c, void *arg) {
    (void)arg;
    bool is_empty, unfinished;
    TRY(users_none(&is_empty, c, "unit"));
    if (is_empty) return OK;
    TRY(demo_unfinished(&unfinished, c));
    if (unfinished)
        return issue(
            c, "", "unfinished",
            "A demonstration was begun in this database and did not end (or an older "
            "version made it). Remove the file, or empty the database, and run demo again.");
    return issue(c, "", "not_empty",
                 "There are units already: the demonstration needs a database of its own.");
}

static Err demo_work(Ctx *c, void *arg) {
    DemoWork *w = arg;
    w->report = (DemoReport){0};
    c->source = S("demo");
    c->lang = LANG_FR; /* the language in which its people write */
    c->is_quiet = true;
    return w->module->demo(c, w->seed, w->scale, &w->report);
}

static Err fold_work(Ctx *c, void *arg) {
    (void)arg;
    int64_t n = 0;
    TRY(db_page_cache(c->db, 0));
    TRY(history_note(c, NULL, DEMO_COMPLETE, (Str){0}));
    TRY(history_seal(&n, c));
    TRY(measure_fold(&n, c));
    return db_analyze(c->db);
}

static int by_order(const void *a, const void *b) {
    const Module *const *x = a, *const *y = b;
    return (*x)->demo_order - (*y)->demo_order;
}

static void add_report(DemoReport *all, const DemoReport *one) {
    for (size_t i = 0; i < one->n; i++) {
        size_t k = 0;
        while (k < all->n && strcmp(all->counts[k].type, one->counts[i].type) != 0) k++;
        if (k == LENGTH(all->counts)) return;
        if (k == all->n) all->counts[all->n++].type = one->counts[i].type;
        all->counts[k].n += one->counts[i].n;
    }
}

static void show_report(Run *run, const DemoReport *all) {
    Json j = json_new(&run->out);
    if (run->json) {
        json_object(&j);
        json_keyz(&j, "created");
        json_object(&j);
    }
    for (size_t i = 0; i < all->n; i++) {
        if (run->json) {
            json_keyz(&j, all->counts[i].type);
            json_int(&j, all->counts[i].n);
        } else {
            text_fmt(&run->out, "%-20s %lld\n", all->counts[i].type, (long long)all->counts[i].n);
        }
    }
    if (run->json) {
        json_end_object(&j);
        json_end_object(&j);
        text_char(&run->out, '\n');
    }
}

static void say(Run *run, const char *name, int64_t done, int64_t all) {
    if (!run->is_tty) return;
    if (all)
        text_fmt(&run->err, "\r%s %lld %%", name, (long long)(done * 100 / all));
    else
        text_fmt(&run->err, "%s ...\n", name);
    run->flush(run);
}

/* ---- slices ---- */

typedef struct SliceWork {
    const Module *module;
    DemoSlice slice;
    DemoReport report;
} SliceWork;

static Err slice_work(Ctx *c, void *arg) {
    SliceWork *w = arg;
    w->report = (DemoReport){0};
    c->source = S("demo");
    c->lang = LANG_FR; /* the language in which its people write */
    c->is_quiet = true;
    TRY(db_page_cache(c->db, PAGES_MIB));
    TRY(db_trust(c->db));
    return w->module->demo_slice(c, &w->slice, &w->report);
}

static Err settle_work(Ctx *c, void *arg) {
    int64_t n = 0;
    (void)arg;
    TRY(history_seal(&n, c));
    return measure_fold(&n, c);
}

/* ---- indexes ---- */

/* Made at once from all rows they cost half of what row by row does. */
static Err unindex_work(Ctx *c, void *arg) {
    const Module *m = arg;
    for (size_t i = 0; i < c->model->n_types; i++)
        if (c->model->types[i].module == m) TRY(model_unindex(c->db, &c->model->types[i]));
    return db_load_begin(c->db);
}

static Err reindex_work(Ctx *c, void *arg) {
    TRY(db_page_cache(c->db, PAGES_MIB));
    return model_reindex(c->db, arg);
}

static Err search_work(Ctx *c, void *arg) {
    (void)arg;
    TRY(db_page_cache(c->db, PAGES_MIB));
    return db_load_end(c->db);
}

static Err reindex(Run *run, Ctx **c, const Module *m) {
    for (size_t i = 0; i < run->model->n_types; i++) {
        const Type *t = &run->model->types[i];
        if (t->module == m) TRY(run_write(run, c, reindex_work, (void *)(uintptr_t)t));
    }
    return run_write(run, c, search_work, NULL);
}

static Err slices_write(Run *run, Ctx **c, const Module *m, uint64_t seed, int64_t all,
                        DemoReport *report) {
    for (int64_t from = 0; from < all; from += SLICE) {
        int64_t until = all - from > SLICE ? from + SLICE : all;
        SliceWork w = {.module = m, .slice = {seed, from, until, all}};
        say(run, m->name, from, all);
        TRY(run_write(run, c, slice_work, &w));
        TRY(run_write(run, c, settle_work, NULL));
        add_report(report, &w.report);
    }
    return reindex(run, c, m);
}

static Err slices_run(Run *run, Ctx **c, const Module *m, uint64_t seed, int64_t all,
                      DemoReport *report) {
    TRY(run_write(run, c, unindex_work, (void *)(uintptr_t)m));
    db_alone_begin(run->session);
    Err e = slices_write(run, c, m, seed, all, report);
    db_alone_end(run->session);
    return e;
}

/* ---- the command ---- */

static Err modules_run(Run *run, Ctx **c, uint64_t seed, int64_t scale, DemoReport *all) {
    const Module *order[64];
    int64_t more[64] = {0};
    size_t n = 0;
    for (size_t i = 0; all_modules[i] && n < LENGTH(order); i++)
        if (all_modules[i]->demo) order[n++] = all_modules[i];
    qsort(order, n, sizeof *order, by_order);
    for (size_t i = 0; i < n; i++) {
        bool sliced = scale > LARGE && order[i]->demo_slice;
        DemoWork w = {.module = order[i], .seed = seed, .scale = sliced ? 0 : scale};
        say(run, order[i]->name, 0, 0);
        TRY(run_write(run, c, demo_work, &w));
        add_report(all, &w.report);
        if (sliced) more[i] = scale - w.report.counts[0].n;
    }
    for (size_t i = 0; i < n; i++)
        if (more[i] > 0) TRY(slices_run(run, c, order[i], seed, more[i], all));
    return OK;
}

int demo_run(Run *run) {
    static const char usage[] = "demo [--seed N] [--scale N]";
    Str seed_text = run_option(run, "--seed"), scale_text = run_option(run, "--scale");
    int64_t seed = 1, scale = 0;
    if ((seed_text.n && !str_to_int(&seed, seed_text)) ||
        (scale_text.n && (!str_to_int(&scale, scale_text) || scale < 0)) || run_leftover(run, 0))
        return run_usage(run, usage);
    Ctx *c = NULL;
    DemoReport all = {0};
    Err e = setup_prepare(run, &c, empty_work);
    if (e == OK) e = modules_run(run, &c, (uint64_t)seed, scale, &all);
    if (e == OK) e = run_write(run, &c, fold_work, NULL);
    if (e != OK) return run_err(run, e, c, "demo");
    show_report(run, &all);
    return 0;
}
