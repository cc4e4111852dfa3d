/* doctor_query.c: looks at the database and the machine and says in plain words what is well and
 * what is not. SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/command.h"

#include "base/clock.h"
#include "base/json.h"
#include "commands/directory.h"
#include "model/core_rules.h"
#include "work/clamd.h"

#include <sys/statvfs.h>

typedef struct Finding {
    const char *name;
    Str value;
    const char *advice; /* NULL: well */
} Finding;
typedef struct Findings {
    Run *run;
    Finding items[32];
    size_t n;
} Findings;

static void find(Findings *f, const char *name, Str value, const char *advice) {
    if (f->n < LENGTH(f->items)) f->items[f->n++] = (Finding){name, value, advice};
}

static Str ask(Ctx *c, const char *sql) {
    Str s = {0};
    bool found;
    if (db_get_text(&s, &found, c->db, c->arena, sql, NO_ARGS) != OK || !found) return S("?");
    return s;
}

/* 3.7.0 to 3.51.2 can damage a file when two connections checkpoint at once; 3.50.7 and 3.44.6
 * carry the correction too. One process and one writing connection avoid it. */
static bool has_wal_reset_bug(Str version) {
    int64_t part[3] = {0};
    Str one;
    for (int i = 0; i < 3 && version.n && str_cut(&one, &version, '.'); i++)
        if (!str_to_int(&part[i], one)) return true;
    int64_t v = part[0] * 1000000 + part[1] * 1000 + part[2];
    if (v >= 3051003) return false;
    return !(v >= 3050007 && v < 3051000) && !(v >= 3044006 && v < 3045000);
}

static void sqlite_findings(Findings *f, Ctx *c) {
    Str version = ask(c, "SELECT sqlite_version()");
    find(
        f, "sqlite", version,
        has_wal_reset_bug(version)
            ? "this version can damage a file when two processes write at once: Gardefou keeps one "
              "process and one writing connection; let no other program open the file for writing"
            : NULL);
    Str mode = ask(c, "SELECT journal_mode FROM pragma_journal_mode");
    find(f, "journal_mode", mode, str_is(mode, "wal") ? NULL : "expected wal");
    Str sync = ask(c, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous");
    find(f, "synchronous", sync, NULL);
    Str check = ask(c, "SELECT quick_check FROM pragma_quick_check(1)");
    find(f, "quick_check", check, str_is(check, "ok") ? NULL : "restore the newest backup");
}

static void disk_finding(Findings *f, Ctx *c) {
    Str path = db_base_path(f->run->base);
    struct statvfs s;
    if (path.n == 0 || statvfs(str_z(c->arena, path), &s) != 0) return;
    int64_t free_mib = (int64_t)(s.f_bavail * (uint64_t)s.f_frsize >> 20);
    find(f, "free_disk", str_fmt(c->arena, "%lld MiB", (long long)free_mib),
         free_mib < 1024 ? "less than 1 GiB is free beside the database" : NULL);
}

static void count_finding(Findings *f, Ctx *c, const char *name, const char *sql, int64_t most,
                          const char *advice) {
    int64_t n = 0;
    bool found = false;
    if (db_get_int(&n, &found, c->db, sql, NO_ARGS) != OK) {
        find(f, name, S("?"), "cannot be read: run gardefou migrate");
        return;
    }
    find(f, name, str_fmt(c->arena, "%lld", (long long)n), most >= 0 && n > most ? advice : NULL);
}

static void tables_finding(Findings *f, Ctx *c) {
    static const char *const words[] = {[BASE_FITS] = "of this version",
                                        [BASE_EMPTY] = "none",
                                        [BASE_BEHIND] = "of an earlier version",
                                        [BASE_AHEAD] = "of a newer version"};
    static const char *const advice[] = {
        [BASE_EMPTY] = "run gardefou init, or start the server once",
        [BASE_BEHIND] = "run gardefou migrate, or start the server once",
        [BASE_AHEAD] = "use the version of gardefou that made them"};
    BaseAge age;
    if (model_base_age(&age, c->model, c->db) != OK)
        find(f, "tables", S("?"), "cannot be read");
    else
        find(f, "tables", str_of(words[age]), advice[age]);
}

Err demo_unfinished(bool *out, Ctx *c) {
    Str source;
    int64_t id;
    bool any, is_complete;
    *out = false;
    TRY(db_get_text(&source, &any, c->db, c->arena,
                    "SELECT source FROM entry WHERE type = 'unit' ORDER BY record, id LIMIT 1",
                    NO_ARGS));
    if (!any || !str_is(source, "demo")) return OK;
    TRY(db_get_int(&id, &is_complete, c->db,
                   "SELECT id FROM entry WHERE type = 'system' AND action = $1 LIMIT 1",
                   ARGS(db_textz(DEMO_COMPLETE))));
    *out = !is_complete;
    return OK;
}

static void demo_finding(Findings *f, Ctx *c) {
    bool unfinished;
    if (demo_unfinished(&unfinished, c) != OK || !unfinished) return;
    find(
        f, "demo", S("unfinished"),
        "the demonstration did not run to its end: remove the database and run gardefou demo again");
}

/* A quick look; `rederive --check` compares everything. */
static const char *derived_problem(Ctx *c) {
    int64_t unit = 0;
    if (unit_tree_check(&unit, c) != OK || unit)
        return "the tree of units is not what its links say";
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        int64_t n;
        bool any;
        if (t->flags & TYPE_NO_PAGES) continue;
        Str sql = str_fmt(c->arena,
                          "SELECT (SELECT COUNT(*) FROM \"%s\") - (SELECT COUNT(*) FROM search_doc "
                          "WHERE type = $1)",
                          t->name);
        if (db_get_int(&n, &any, c->db, sql.p, ARGS(db_textz(t->name))) != OK || n != 0)
            return str_fmt(c->arena, "the search does not hold each %s", t->name).p;
    }
    return NULL;
}

static void derived_finding(Findings *f, Ctx *c) {
    const char *problem = derived_problem(c);
    find(f, "derived", problem ? str_of(problem) : S("well at a glance"),
         problem ? "run gardefou rederive --check, then gardefou rederive" : NULL);
}

static Err doctor_work(Ctx *c, void *arg) {
    Findings *f = arg;
    find(f, "database", db_base_url(f->run->base), NULL);
    if (db_kind(c->db) == DB_SQLITE)
        sqlite_findings(f, c);
    else
        find(f, "postgresql", ask(c, "SHOW server_version"), NULL);
    disk_finding(f, c);
    Str now = instant_text(c->arena, clock_now_us());
    find(f, "clock", now,
         clock_now_us() < INT64_C(1700000000) * 1000000 ? "the clock is wrong" : NULL);
    tables_finding(f, c);
    find(f, "key", c->model->site->key.n ? S("present") : S("none"), site_problem(f->run, c));
    count_finding(f, c, "unsealed", "SELECT COUNT(*) FROM unsealed", 100000,
                  "the sealer does not keep up: is the server running?");
    derived_finding(f, c);
    demo_finding(f, c);
    count_finding(f, c, "users", "SELECT COUNT(*) FROM \"user\"", -1, NULL);
    count_finding(f, c, "sessions", "SELECT COUNT(*) FROM session", -1, NULL);
    return OK;
}

int setup_doctor(Run *run) {
    if (run_leftover(run, 0)) return run_usage(run, "doctor [--json]");
    Findings *f = NEW(run->arena, Findings);
    f->run = run;
    Ctx *c = NULL;
    Err e = run_read(run, &c, doctor_work, f);
    if (e != OK) return run_err(run, e, c, "doctor");
    Str directory;
    const char *advice;
    directory_look(&directory, &advice, run);
    find(f, "directory", directory, advice);
    Str clamd = setting(run->settings, "clamd"), version = S("none");
    bool looks = !clamd.n || clamd_version(&version, run->arena, clamd) == OK;
    find(f, "virus_scanner", version,
         looks ? NULL : "clamd is set and does not answer: uploads are refused or marked");
    Json j = json_new(&run->out);
    if (run->json) {
        json_object(&j);
        json_keyz(&j, "findings");
        json_array(&j);
    }
    for (size_t i = 0; i < f->n; i++) {
        const Finding *x = &f->items[i];
        if (!run->json) {
            text_fmt(&run->out, "%s %-16s %.*s\n", x->advice ? "!" : " ", x->name, FMT(x->value));
            if (x->advice) text_fmt(&run->out, "    %s\n", x->advice);
            continue;
        }
        json_object(&j);
        json_keyz(&j, "name");
        json_strz(&j, x->name);
        json_keyz(&j, "value");
        json_str(&j, x->value);
        json_keyz(&j, "ok");
        json_bool(&j, x->advice == NULL);
        if (x->advice) {
            json_keyz(&j, "advice");
            json_strz(&j, x->advice);
        }
        json_end_object(&j);
    }
    if (run->json) {
        json_end_array(&j);
        json_end_object(&j);
        text_char(&run->out, '\n');
    }
    return 0;
}
