/* doctor_query.c: looks at the database and the machine and says in plain words what is well and
 * what is not. SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/command.h"

#include "base/clock.h"
#include "base/json.h"
#include "commands/directory.h"
#include "model/core_rules.h"
#include "work/clamd.h"

#include <sys/statvfs.h>
#include <unistd.h>

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

static void writable_finding(Findings *f, Ctx *c) {
    Str path = db_base_path(f->run->base), folder = path;
    if (!path.n) return;
    while (folder.n && folder.p[folder.n - 1] != '/') folder.n--;
    bool is = access(str_z(c->arena, path), W_OK) == 0 &&
              access(folder.n ? str_z(c->arena, folder) : ".", W_OK) == 0;
    find(f, "writable", is ? S("yes") : S("no"),
         is ? NULL : "this user may not write to the database or its folder: look at their owner");
}

static void disk_finding(Findings *f, Ctx *c) {
    Str path = db_base_path(f->run->base);
    struct statvfs s;
    if (path.n == 0 || statvfs(str_z(c->arena, path), &s) != 0) return;
    int64_t free_mib = (int64_t)(s.f_bavail * (uint64_t)s.f_frsize >> 20);
    find(f, "free_disk", str_fmt(c->arena, "%lld MiB", (long long)free_mib),
         free_mib < 1024 ? "less than 1 GiB is free beside the database" : NULL);
}

/* advice: when more than `most` are found; NULL: a figure only. since: $1 of the statement, 0:
 * none.
 */
typedef struct Count {
    const char *name, *sql;
    int64_t since, most;
    const char *advice;
} Count;

static void count_finding(Findings *f, Ctx *c, Count x) {
    int64_t n = 0;
    bool found = false;
    DbValue since = db_int(x.since);
    if (db_get_int(&n, &found, c->db, x.sql, &since, x.since ? 1 : 0) != OK) {
        find(f, x.name, S("?"), "cannot be read: run gardefou migrate");
        return;
    }
    find(f, x.name, str_fmt(c->arena, "%lld", (long long)n), n > x.most ? x.advice : NULL);
}

/* Who may give roles, and can sign in. */
static void admin_finding(Findings *f, Ctx *c) {
    int64_t n = 0;
    bool found;
    Err e = db_get_int(
        &n, &found, c->db,
        "SELECT COUNT(DISTINCT u.id) FROM role_assignment a JOIN \"user\" u ON u.id = a.person "
        "WHERE a.role = 'admin' AND a.state = 'active' AND u.state = 'active' AND "
        "(a.valid_from IS NULL OR a.valid_from <= $1) AND "
        "(a.valid_until IS NULL OR a.valid_until >= $1) AND "
        "(COALESCE(u.password_hash, '') <> '' OR COALESCE(u.directory_key, '') <> '')",
        ARGS(db_text(c->today)));
    find(
        f, "administrators", e == OK ? str_fmt(c->arena, "%lld", (long long)n) : S("?"),
        e == OK && n > 0
            ? NULL
            : "nobody can sign in who gives roles: gardefou user add, user password, role grant EMAIL admin");
}

static void work_findings(Findings *f, Ctx *c) {
    enum { LATE_MINUTES = 10 };
    int64_t late = c->now_us - LATE_MINUTES * 60 * INT64_C(1000000);
    const Count all[] = {
        {"unsealed", "SELECT COUNT(*) FROM unsealed", 0, 100000,
         "the sealer does not keep up: is the server running?"},
        {"late_work", "SELECT COUNT(*) FROM outbox WHERE state = 'ready' AND due_at < $1", late, 0,
         "background work waits for over ten minutes: is a server running, with job_threads above "
         "0?"},
        {"set_aside", "SELECT COUNT(*) FROM outbox WHERE state = 'dead'", 0, 0,
         "background work was given up: gardefou jobs list dead says why, gardefou jobs resend "
         "ID|all tries again"},
        {"cut_off_imports",
         "SELECT COUNT(*) FROM import_run WHERE state IN ('running', 'undoing') AND lease_until < "
         "$1",
         c->now_us, 0,
         "the server goes on with them, or the next gardefou import takes them back"}};
    for (size_t i = 0; i < LENGTH(all); i++) count_finding(f, c, all[i]);
}

/* Do the tables fit, so that more can be asked of them? */
static bool tables_finding(Findings *f, Ctx *c) {
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
        return find(f, "tables", S("?"), "cannot be read"), false;
    find(f, "tables", str_of(words[age]), advice[age]);
    return age == BASE_FITS || age == BASE_AHEAD;
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
    writable_finding(f, c);
    disk_finding(f, c);
    Str now = instant_text(c->arena, clock_now_us());
    find(f, "clock", now,
         clock_now_us() < INT64_C(1700000000) * 1000000 ? "the clock is wrong" : NULL);
    if (!tables_finding(f, c)) return OK;
    find(f, "key", c->model->site->key.n ? S("present") : S("none"), site_problem(f->run, c));
    work_findings(f, c);
    derived_finding(f, c);
    demo_finding(f, c);
    admin_finding(f, c);
    count_finding(f, c, (Count){"users", "SELECT COUNT(*) FROM \"user\"", 0, 0, NULL});
    count_finding(f, c, (Count){"sessions", "SELECT COUNT(*) FROM session", 0, 0, NULL});
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
