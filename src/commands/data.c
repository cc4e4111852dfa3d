/* data.c: history and figures verified, records written out, databases copied.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "commands/command.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/history.h"
#include "model/measure.h"
#include "model/pages.h"
#include "web/render.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- audit ---- */

static void show_findings(Json *j, const AuditResult *r) {
    json_keyz(j, "bad");
    json_int(j, r->bad);
    json_keyz(j, "findings");
    json_array(j);
    for (size_t i = 0; i < r->n_shown; i++) {
        json_object(j);
        json_keyz(j, "entry");
        json_int(j, r->shown[i].entry);
        json_keyz(j, "why");
        json_str(j, r->shown[i].why);
        json_end_object(j);
    }
    json_end_array(j);
}

static int show_audit(Run *run, const AuditResult *r) {
    Json j = json_new(&run->out);
    if (run->json) {
        json_object(&j);
        json_keyz(&j, "ok");
        json_bool(&j, r->ok);
        if (r->ok) {
            json_keyz(&j, "entries");
            json_int(&j, r->entries);
            json_keyz(&j, "unsealed");
            json_int(&j, r->unsealed);
            json_keyz(&j, "records");
            json_int(&j, r->records);
            json_keyz(&j, "head");
            json_str(&j, r->head);
        } else {
            json_keyz(&j, "first_bad");
            json_int(&j, r->first_bad);
            json_keyz(&j, "why");
            json_str(&j, r->why);
            show_findings(&j, r);
        }
        json_end_object(&j);
        text_char(&run->out, '\n');
        return r->ok ? 0 : 1;
    }
    if (r->ok) {
        text_fmt(
            &run->out,
            "%lld entries and %lld records are as they were written; %lld not yet sealed.\nhead %.*s\n",
            (long long)r->entries, (long long)r->records, (long long)r->unsealed, FMT(r->head));
        return 0;
    }
    text_fmt(&run->err, "gardefou: the history is not intact: entry %lld: %.*s\n",
             (long long)r->first_bad, FMT(r->why));
    if (r->bad > 1) text_fmt(&run->err, "  %lld places are wrong:\n", (long long)r->bad);
    for (size_t i = 0; r->bad > 1 && i < r->n_shown; i++)
        text_fmt(&run->err, "  entry %lld: %.*s\n", (long long)r->shown[i].entry,
                 FMT(r->shown[i].why));
    return 1;
}

typedef struct AuditWork {
    AuditResult result;
    int fd;
} AuditWork;

static Err verify_work(Ctx *c, void *arg) {
    return audit_verify(&((AuditWork *)arg)->result, c);
}

static Err export_audit_work(Ctx *c, void *arg) {
    return audit_export(c, ((AuditWork *)arg)->fd);
}

static int verify_file(Run *run, Str file) {
    int fd = open(run_path(run, file), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return run_fail(run, "cannot read %.*s: %s", FMT(file), strerror(errno));
    AuditResult r = {0};
    Err e = audit_verify_file(&r, run->arena, fd);
    close(fd);
    return e == OK ? show_audit(run, &r) : run_err(run, e, NULL, "audit verify");
}

int data_audit(Run *run) {
    static const char usage[] = "audit verify [--file EXPORT] | audit export FILE";
    Str file = run_option(run, "--file"), verb = run_argument(run, 0), to = run_argument(run, 1);
    AuditWork w = {.fd = -1};
    Ctx *c = NULL;
    if (str_is(verb, "verify") && !run_leftover(run, 1)) {
        if (file.n) return verify_file(run, file);
        if (!run->session) return run_fail(run, "%.*s", FMT(run->why));
        Err e = run_read(run, &c, verify_work, &w);
        return e == OK ? show_audit(run, &w.result) : run_err(run, e, c, "audit verify");
    }
    if (!str_is(verb, "export") || to.n == 0 || run_leftover(run, 2)) return run_usage(run, usage);
    if (!run->session) return run_fail(run, "%.*s", FMT(run->why));
    w.fd = open(run_path(run, to), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w.fd < 0) return run_fail(run, "cannot make %.*s: %s", FMT(to), strerror(errno));
    Err e = run_read(run, &c, export_audit_work, &w);
    if (e == OK && fsync(w.fd) != 0) e = ERR_INTERNAL;
    close(w.fd);
    if (e != OK) return run_err(run, e, c, "audit export");
    if (run->json) text_addz(&run->out, "{\"ok\":true}\n");
    return 0;
}

/* ---- measures ---- */

static Err check_work(Ctx *c, void *arg) {
    return measure_check(arg, c);
}

static Err rebuild_work(Ctx *c, void *arg) {
    (void)arg;
    return measure_rebuild(c);
}

static Str period_text(Arena *a, const MeasureDifference *d) {
    int32_t month = d->by.month;
    if (str_starts(str_of(d->where), S("year"))) return str_fmt(a, "%04d", month / 12);
    return str_fmt(a, "%04d-%02d", month / 12, month % 12 + 1);
}

static void key_int(Json *j, const char *key, int64_t i) {
    json_keyz(j, key);
    json_int(j, i);
}

static void key_ints(Json *j, const char *key, const int64_t *items, size_t n) {
    json_keyz(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++) json_int(j, items[i]);
    json_end_array(j);
}

/* Ids as they are stored: what differs may name units and lists that are no longer there. */
static void difference_json(Json *j, Arena *a, const MeasureDifference *d) {
    json_object(j);
    json_keyz(j, "measure");
    json_strz(j, d->measure);
    json_keyz(j, "grain");
    json_strz(j, d->where);
    json_keyz(j, "period");
    json_str(j, period_text(a, d));
    key_int(j, "unit", d->by.unit);
    key_int(j, "entity", d->by.entity);
    json_keyz(j, "restricted");
    json_bool(j, d->by.is_restricted);
    key_ints(j, "dimensions", d->by.dims, FACT_DIMS);
    key_int(j, "count", d->by.count);
    key_ints(j, "sums", d->by.sums, FACT_SUMS);
    json_end_object(j);
}

static void show_check_json(Run *run, const MeasureCheck *m) {
    Json j = json_new(&run->out);
    json_object(&j);
    json_keyz(&j, "ok");
    json_bool(&j, m->ok);
    key_int(&j, "cells", m->cells);
    key_int(&j, "counting", m->counting);
    if (!m->ok) {
        key_int(&j, "different", m->different);
        json_keyz(&j, "differences");
        json_array(&j);
        for (size_t i = 0; i < m->n_shown; i++) difference_json(&j, run->arena, &m->shown[i]);
        json_end_array(&j);
    }
    json_end_object(&j);
    text_char(&run->out, '\n');
}

static void show_check(Run *run, const MeasureCheck *m) {
    if (m->counting)
        text_fmt(&run->out,
                 "%lld measures are being counted (by the running server) and were not compared.\n",
                 (long long)m->counting);
    if (m->ok) {
        text_fmt(&run->out, "%lld cells equal the records.\n", (long long)m->cells);
        return;
    }
    text_fmt(&run->err, "gardefou: %lld of %lld cells differ from the records:\n",
             (long long)m->different, (long long)m->cells);
    for (size_t i = 0; i < m->n_shown; i++) {
        const MeasureDifference *d = &m->shown[i];
        Str period = period_text(run->arena, d);
        text_fmt(&run->err,
                 "  %s, %s %.*s, unit %lld, entity %lld%s, dimensions %lld %lld %lld: the count "
                 "differs by %lld, the first sum by %lld\n",
                 d->measure, d->where, FMT(period), (long long)d->by.unit, (long long)d->by.entity,
                 d->by.is_restricted ? ", restricted" : "", (long long)d->by.dims[0],
                 (long long)d->by.dims[1], (long long)d->by.dims[2], (long long)d->by.count,
                 (long long)d->by.sums[0]);
    }
}

int data_measures(Run *run) {
    Str verb = run_argument(run, 0);
    Ctx *c = NULL;
    if (str_is(verb, "rebuild") && !run_leftover(run, 1)) {
        Err e = run_write(run, &c, rebuild_work, NULL);
        if (e != OK) return run_err(run, e, c, "measures rebuild");
        text_addz(&run->out, run->json ? "{\"ok\":true}\n" : "The figures are made anew.\n");
        return 0;
    }
    if (!str_is(verb, "check") || run_leftover(run, 1))
        return run_usage(run, "measures check | rebuild");
    MeasureCheck *m = NEW(run->arena, MeasureCheck);
    Err e = run_read(run, &c, check_work, m);
    if (e != OK) return run_err(run, e, c, "measures check");
    if (run->json)
        show_check_json(run, m);
    else
        show_check(run, m);
    return m->ok ? 0 : 1;
}

/* ---- backup, restore, copy ---- */

static void progress(void *arg, int64_t done, int64_t total) {
    Run *run = arg;
    if (!run->is_tty || total <= 0) return;
    text_fmt(&run->err, "\r%lld %%", (long long)(done * 100 / total));
    run->flush(run);
}

int data_backup(Run *run) {
    Str file = run_argument(run, 0), why = {0};
    if (file.n == 0 || run_leftover(run, 1)) return run_usage(run, "backup FILE");
    Err e = db_backup(run->base, &why, str_of(run_path(run, file)), progress, run);
    if (e != OK) return run_fail(run, "%.*s", FMT(why));
    if (run->json)
        text_addz(&run->out, "{\"ok\":true}\n");
    else
        text_fmt(&run->out, "written to %.*s\n", FMT(file));
    return 0;
}

static Err migrate_base(Run *run, DbBase *base) {
    DbSession *s;
    Db *db;
    TRY(db_session_new(&s, base));
    Err e = db_write(&db, s);
    if (e == OK) {
        e = model_migrate(run->model, db);
        if (e == OK)
            e = db_commit(db);
        else
            db_rollback(db);
    }
    db_session_free(s);
    return e;
}

/* A file that was begun here and could not be finished must not look like a database. */
static void remove_begun(Run *run, Str path) {
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < LENGTH(ends); i++)
        (void)unlink(str_fmt(run->arena, "%.*s%s", FMT(path), ends[i]).p);
}

static int copy_between(Run *run, Str from_url, Str to_url, bool fresh) {
    DbBase *from, *to;
    Str why = {0};
    Err e = db_open(&from, &why, run->arena, from_url, (DbOptions){.read_only = true});
    if (e != OK) return run_fail(run, "%.*s", FMT(why));
    bool is_file = str_starts(to_url, S("sqlite:"));
    Str path = is_file ? str_sub(to_url, 7, to_url.n) : (Str){0};
    bool is_there = is_file && access(str_z(run->arena, path), F_OK) == 0;
    if (fresh && is_there) {
        db_close(from);
        return run_fail(run, "%.*s exists already; nothing was changed", FMT(path));
    }
    e = db_open(&to, &why, run->arena, to_url, (DbOptions){.exclusive = true, .create = true});
    if (e == OK) {
        e = migrate_base(run, to);
        if (e != OK) why = S("the target could not be prepared");
        if (e == OK) e = db_copy(to, from, &why, progress, run);
        if (e == OK) {
            e = migrate_base(run, to); /* the rows may come from an older program */
            if (e != OK) why = S("the copied rows could not be brought up to date");
        }
        db_close(to);
        if (e != OK && is_file && !is_there) remove_begun(run, path);
    }
    db_close(from);
    if (e != OK) return run_fail(run, "%.*s", FMT(why));
    text_addz(&run->out, run->json ? "{\"ok\":true}\n" : "copied\n");
    return 0;
}

int data_restore(Run *run) {
    Str file = run_argument(run, 0);
    if (file.n == 0 || run_leftover(run, 1)) return run_usage(run, "restore FILE");
    Str from = str_join(run->arena, S("sqlite:"), str_of(run_path(run, file)));
    return copy_between(run, from, run->url, true);
}

int data_copy(Run *run) {
    Str from = run_option(run, "--from"), to = run_option(run, "--to");
    if (from.n == 0 || to.n == 0 || run_leftover(run, 0))
        return run_usage(run, "copy --from URL --to URL");
    return copy_between(run, from, to, false);
}

/* ---- export ---- */

typedef struct ExportWork {
    Run *run;
    Str type, format;
    Input query;
    int fd; /* what the renderer gave, or -1 */
    int64_t size;
    int out; /* where it goes; -1: the sink */
    Lang lang;
    bool has_lang;
} ExportWork;

static Err put(ExportWork *w, Str s) {
    if (w->out < 0) {
        text_add(&w->run->out, s);
        if (w->run->out.n > (1 << 20)) w->run->flush(w->run);
        return OK;
    }
    while (s.n) {
        ssize_t n = write(w->out, s.p, s.n);
        if (n <= 0) return ERR_INTERNAL;
        s = str_sub(s, (size_t)n, s.n);
    }
    return OK;
}

static Err json_record(Text *t, Ctx *c, const Record *r, bool first) {
    Block *facts;
    TRY(page_record_facts(c, r, &facts));
    Page page = {.body = facts, .main = facts};
    text_addz(t, first ? "\n" : ",\n");
    return render_json(t, c->arena, &page);
}

/* One record after the other; names are remembered for a stretch of them, so that any number needs
 * the memory of one stretch. */
static Err export_json(ExportWork *w, Ctx *c, const Type *t) {
    enum { STRETCH = 256 };
    ListQuery q;
    TRY(list_parse(&q, c, t, &w->query));
    q.limit = 0;
    ListCursor *cursor;
    TRY(list_open(&cursor, c, &q));
    Arena *scratch = arena_new(0), *own = c->arena;
    void *names = c->cache;
    Err e = put(w, S("["));
    for (size_t n = 0; e == OK; n++) {
        if (n % STRETCH == 0) {
            arena_reset(scratch);
            c->cache = NULL;
        }
        Record *r = NULL;
        e = list_next(&r, cursor, scratch);
        if (e != OK || !r) break;
        Text line = text_new(scratch, 4 << 20);
        c->arena = scratch;
        e = json_record(&line, c, r, n == 0);
        c->arena = own;
        if (e == OK) e = line.full ? ERR_INTERNAL : put(w, text_str(&line));
    }
    c->cache = names;
    arena_free(scratch);
    return e == OK ? put(w, S("\n]\n")) : e;
}

static Err export_work(Ctx *c, void *arg) {
    ExportWork *w = arg;
    const Type *t = model_type(c->model, w->type);
    if (!t) t = model_type_by_plural(c->model, w->type);
    if (!t) return issue_arg(c, "type", "missing", "There is no type {0}.", w->type);
    if (w->has_lang) c->lang = w->lang;
    if (str_is(w->format, "json")) return export_json(w, c, t);
    bool csv = str_is(w->format, "csv");
    Page *page = NEW(c->arena, Page);
    TRY(page_list(c, t, &w->query, csv ? FORMAT_CSV : FORMAT_XLSX, page));
    if (csv) return render_csv_file(&w->fd, &w->size, c->arena, page);
    Locale *locale;
    TRY(format_locale_new(&locale, c->arena, c->lang,
                          setting_z(w->run->settings, c->arena, "zone")));
    return render_xlsx_file(&w->fd, &w->size, c->arena, page, locale);
}

static Err pour(ExportWork *w) {
    char buffer[32768];
    Err e = OK;
    ssize_t n = 0;
    if (w->fd < 0) return OK;
    off_t at = 0;
    while (e == OK && (n = pread(w->fd, buffer, sizeof buffer, at)) > 0) {
        e = put(w, (Str){buffer, (size_t)n});
        at += n;
    }
    close(w->fd);
    return n < 0 ? ERR_INTERNAL : e;
}

int data_export(Run *run) {
    static const char usage[] =
        "export TYPE [--format csv|xlsx|json] [--filter F=V ...] [--lang fr|en|ar] [-o FILE]";
    ExportWork w = {.run = run, .fd = -1, .out = -1, .format = run_option(run, "--format")};
    if (w.format.n == 0) w.format = run->json ? S("json") : S("csv");
    Str file = run_option(run, "-o"), lang = run_option(run, "--lang"), filter;
    if (lang.n && !lang_parse(&w.lang, lang)) return run_usage(run, usage);
    w.has_lang = lang.n > 0;
    while ((filter = run_option(run, "--filter")).n) {
        Str name;
        if (!str_cut(&name, &filter, '=')) return run_usage(run, usage);
        input_add(&w.query, run->arena, name, filter);
    }
    w.type = run_argument(run, 0);
    bool known = str_is(w.format, "csv") || str_is(w.format, "xlsx") || str_is(w.format, "json");
    if (w.type.n == 0 || !known || run_leftover(run, 1)) return run_usage(run, usage);
    if (file.n) {
        w.out = open(run_path(run, file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (w.out < 0) return run_fail(run, "cannot write %.*s: %s", FMT(file), strerror(errno));
    }
    Ctx *c = NULL;
    Err e = run_read(run, &c, export_work, &w);
    if (e == OK) e = pour(&w);
    if (w.out >= 0) close(w.out);
    return e == OK ? 0 : run_err(run, e, c, "export");
}
