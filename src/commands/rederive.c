/* rederive.c: gardefou rederive: what follows from the records is worked out again, stretch by
 * stretch, each in a transaction of its own; then the figures. Ctrl-C ends it after a stretch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/command.h"

#include "base/json.h"
#include "model/measure.h"
#include "model/rederive.h"

#include <signal.h>

static volatile sig_atomic_t interrupted; /* by a signal, of this process */

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

void run_can_break(Run *run) {
    if (run->is_gone) return;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
}

bool run_is_broken(Run *run) {
    if (run->is_gone) return run->is_gone(run) || (run->stops && run->stops(run));
    return interrupted != 0;
}

typedef struct Work {
    Run *run;
    bool mends;
    Rederive from, to;
    MeasureCheck figures;
} Work;

static Err begin_work(Ctx *c, void *arg) {
    Work *w = arg;
    return rederive_begin(&w->from, c, w->run->arena, w->mends);
}

static Err step_work(Ctx *c, void *arg) {
    Work *w = arg;
    w->to = w->from; /* a transaction that has to run again goes on from the same place */
    return rederive_step(&w->to, c);
}

static Err figures_work(Ctx *c, void *arg) {
    return measure_check(&((Work *)arg)->figures, c);
}

static Err rebuild_work(Ctx *c, void *arg) {
    (void)arg;
    return measure_rebuild(c);
}

static void show_progress(const Work *w) {
    Run *run = w->run;
    if (!run->is_tty || run->json || w->from.total == 0) return;
    text_fmt(&run->err, "\r%lld %%", (long long)(w->from.done * 100 / w->from.total));
    run->flush(run);
}

static Err stretches(Work *w, Ctx **c, bool *broken) {
    Run *run = w->run;
    int64_t shown = -1;
    TRY(run_read(run, c, begin_work, w));
    while (!w->from.is_done) {
        *broken = run_is_broken(run);
        if (*broken) return OK;
        TRY(w->mends ? run_write(run, c, step_work, w) : run_read(run, c, step_work, w));
        w->from = w->to;
        int64_t percent = w->from.total ? w->from.done * 100 / w->from.total : 100;
        if (percent != shown) show_progress(w);
        shown = percent;
    }
    return OK;
}

static Err figures(Work *w, Ctx **c) {
    TRY(run_read(w->run, c, figures_work, w));
    return w->mends && !w->figures.ok ? run_write(w->run, c, rebuild_work, NULL) : OK;
}

static void show_json(const Work *w, bool ok) {
    Json j = json_new(&w->run->out);
    json_object(&j);
    json_keyz(&j, "ok");
    json_bool(&j, ok);
    json_keyz(&j, "records");
    json_int(&j, w->from.done / 2);
    json_keyz(&j, "different");
    json_int(&j, w->from.different);
    json_keyz(&j, "figures_different");
    json_int(&j, w->figures.different);
    json_keyz(&j, "differences");
    json_array(&j);
    for (size_t i = 0; i < w->from.n_shown; i++) {
        const RederiveFinding *f = &w->from.shown[i];
        json_object(&j);
        json_keyz(&j, "type");
        json_strz(&j, f->type);
        json_keyz(&j, "number");
        json_str(&j, f->number);
        json_keyz(&j, "table");
        json_strz(&j, f->table);
        json_keyz(&j, "column");
        json_strz(&j, f->column);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    text_char(&w->run->out, '\n');
}

static void show_words(const Work *w) {
    Run *run = w->run;
    const Rederive *d = &w->from;
    if (run->is_tty) text_addz(&run->err, "\r      \r");
    for (size_t i = 0; i < d->n_shown; i++) {
        const RederiveFinding *f = &d->shown[i];
        text_fmt(&run->out, "  %s%s%.*s: table %s%s%s\n", f->type, f->number.n ? " " : "",
                 FMT(f->number), f->table, f->column[0] ? ", column " : "", f->column);
    }
    if (d->different > (int64_t)d->n_shown) text_addz(&run->out, "  ...\n");
    int64_t n = d->different, cells = w->figures.different;
    if (n == 0 && cells == 0)
        text_fmt(&run->out, "What follows from %lld records is as it should be.\n",
                 (long long)(d->done / 2));
    else
        text_fmt(&run->out,
                 w->mends ? "%lld places and %lld figures were wrong and are put right.\n"
                          : "%lld places and %lld figures are wrong: run gardefou rederive.\n",
                 (long long)n, (long long)cells);
}

static Err work_through(Work *w, Ctx **c, bool *broken) {
    *broken = false;
    run_can_break(w->run);
    Err e = stretches(w, c, broken);
    if (e == OK && !*broken) e = figures(w, c);
    rederive_end(&w->from);
    return e;
}

Err rederive_mend(Run *run, Ctx **c, int64_t *places, int64_t *cells, bool *broken) {
    Work *w = NEW(run->arena, Work);
    w->run = run;
    w->mends = true;
    Err e = work_through(w, c, broken);
    if (run->is_tty) text_addz(&run->err, "\r      \r");
    *places = w->from.different;
    *cells = w->figures.different;
    return e;
}

int rederive_run(Run *run) {
    Work *w = NEW(run->arena, Work);
    Ctx *c = NULL;
    bool broken = false;
    w->run = run;
    w->mends = !run_flag(run, "--check");
    if (run_leftover(run, 0)) return run_usage(run, "rederive [--check]");
    Err e = work_through(w, &c, &broken);
    if (e != OK) return run_err(run, e, c, "rederive");
    if (broken)
        return run_fail(run, "stopped after %lld %%; what is done stays, run it again",
                        (long long)(w->from.total ? w->from.done * 100 / w->from.total : 0));
    bool ok = w->mends || (w->from.different == 0 && w->figures.ok);
    if (run->json)
        show_json(w, ok);
    else
        show_words(w);
    return ok ? 0 : 1;
}
