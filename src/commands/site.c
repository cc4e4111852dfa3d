/* site.c: what the installation is: its time zone, and the key that protects stored secrets, which
 * is in the environment or in a file of its own, never in the database. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "commands/command.h"

#include "base/log.h"
#include "base/secret.h"
#include "model/vault.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_LEAST = 32, KEY_MOST = 512, KEY_BYTES = 32 };

/* Beside the settings file, which is in the working directory unless named. */
static const char *key_path(Run *run) {
    Str given = setting(run->settings, "key_file");
    if (given.n) return str_z(run->arena, given);
    const char *config = getenv("GARDEFOU_CONFIG");
    const char *slash = config ? strrchr(config, '/') : NULL;
    if (!slash) return "gardefou.key";
    Str folder = str_sub(str_of(config), 0, (size_t)(slash - config));
    return str_z(run->arena, str_fmt(run->arena, "%.*s/gardefou.key", FMT(folder)));
}

/* OK with an empty *out when there is no file. */
static int read_key(Str *out, Run *run, const char *path) {
    struct stat s;
    *out = (Str){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && access(path, F_OK) != 0) return 0;
    if (fd < 0) return run_fail(run, "cannot read the key file %s", path);
    char *buffer = arena_alloc(run->arena, KEY_MOST + 1);
    ssize_t n = read(fd, buffer, KEY_MOST + 1);
    bool open_to_all = fstat(fd, &s) != 0 || (s.st_mode & S_IRWXO);
    close(fd);
    if (open_to_all) return run_fail(run, "others may read the key file: chmod 600 %s", path);
    *out = str_trim((Str){buffer, n > 0 ? (size_t)n : 0});
    if (n > KEY_MOST || out->n < KEY_LEAST)
        return run_fail(run, "the key file %s must hold %d to %d characters", path, KEY_LEAST,
                        KEY_MOST);
    return 0;
}

int site_load(Run *run) {
    Site *site = NEW(run->arena, Site);
    const char *zone = setting_z(run->settings, run->arena, "zone"), *key = getenv("GARDEFOU_KEY");
    if (!zone || zone_open(&site->zone, run->arena, zone) != OK)
        return run_fail(run, "zone must be the name of a time zone, for example Africa/Casablanca");
    site->key = key ? str_of(key) : (Str){0};
    if (site->key.n && site->key.n < KEY_LEAST)
        return run_fail(run, "GARDEFOU_KEY must hold at least %d characters", KEY_LEAST);
    if (!site->key.n && read_key(&site->key, run, key_path(run)) != 0) return 1;
    run->site = site;
    run->model = model_at(run->model, run->arena, site);
    return 0;
}

static Str key_of(const Run *run) {
    return run->model->site ? run->model->site->key : (Str){0};
}

/* False when the place may not be written: secrets are then refused with a clear word. */
static bool make_key(Str *out, Run *run) {
    const char *path = key_path(run);
    unsigned char bytes[KEY_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    random_bytes(bytes, sizeof bytes);
    Str key = hex_encode(run->arena, bytes, sizeof bytes),
        line = str_join(run->arena, key, S("\n"));
    bool written = write(fd, line.p, line.n) == (ssize_t)line.n && fsync(fd) == 0;
    close(fd);
    if (!written) (void)unlink(path);
    if (!written) return false;
    log_line(LOG_INFO, "key_made", "%s protects stored secrets: keep a copy apart from backups",
             path);
    *out = key;
    return true;
}

static Err begin(Ctx *c, Run *run) {
    VaultState state;
    int64_t sealed;
    TRY(vault_state(&state, c));
    if (state == VAULT_NEW && !key_of(run).n && run->site && !make_key(&run->site->key, run))
        log_line(LOG_WARN, "no_key", "%s cannot be written: secrets cannot be stored",
                 key_path(run));
    if (state == VAULT_LOST)
        log_line(LOG_ERROR, "key_missing", "%s",
                 key_of(run).n ? "the key is not that of this database, see docs/ADMIN.md"
                               : "the key of this database is not here, see docs/ADMIN.md");
    if (state == VAULT_LOST) return OK;
    TRY(vault_begin(&sealed, c));
    if (sealed) log_line(LOG_INFO, "secrets_sealed", "%lld secrets", (long long)sealed);
    return OK;
}

Err site_begin(Run *run, DbSession *session) {
    Db *db;
    TRY(db_write(&db, session));
    Arena *a = arena_new(0);
    Ctx *c = ctx_new(a, run->model, session);
    c->db = db;
    actor_system(c);
    Err e = begin(c, run);
    if (e == OK)
        e = db_commit(db);
    else
        db_rollback(db);
    arena_free(a);
    return e;
}

const char *site_problem(Run *run, Ctx *c) {
    VaultState state;
    if (vault_state(&state, c) != OK) return "cannot be read: run gardefou migrate";
    if (state == VAULT_LOST && key_of(run).n)
        return "it is not the key of this database: bring back the right one, or run gardefou key forget";
    if (state == VAULT_LOST)
        return "the key of this database is missing: bring it back, or run gardefou key forget";
    return key_of(run).n ? NULL
                         : "no second factor and no webhook can be made: start the server where "
                           "it may write the key file, or set GARDEFOU_KEY";
}

/* ---- the command ---- */

typedef struct KeyWork {
    Run *run;
    const char *problem;
    int64_t emptied;
} KeyWork;

static Err status_work(Ctx *c, void *arg) {
    KeyWork *w = arg;
    w->problem = site_problem(w->run, c);
    return OK;
}

static Err forget_work(Ctx *c, void *arg) {
    KeyWork *w = arg;
    VaultState state;
    TRY(vault_state(&state, c));
    if (state == VAULT_OPEN)
        return issue(c, "", "opens",
                     "The key is there and opens everything: nothing is to be given up.");
    return vault_forget(&w->emptied, c);
}

int site_key(Run *run) {
    KeyWork w = {.run = run};
    Ctx *c = NULL;
    Str verb = run_argument(run, 0);
    if (run_leftover(run, 1)) return run_usage(run, "key status | forget");
    if (str_is(verb, "status")) {
        Err e = run_read(run, &c, status_work, &w);
        if (e != OK) return run_err(run, e, c, "key status");
        if (w.problem) return run_fail(run, "%s", w.problem);
        text_addz(&run->out, run->json ? "{\"ok\":true}\n" : "The key opens what is stored.\n");
        return 0;
    }
    if (!str_is(verb, "forget")) return run_usage(run, "key status | forget");
    if (!run->site) return run_fail(run, "stop the server first: it holds the key of before");
    Err e = run_write(run, &c, forget_work, &w);
    if (e == OK) e = site_begin(run, run->session);
    if (e != OK) return run_err(run, e, c, "key forget");
    if (run->json)
        text_fmt(&run->out, "{\"ok\":true,\"emptied\":%lld}\n", (long long)w.emptied);
    else
        text_fmt(&run->out,
                 "%lld secrets given up; their people set up the second factor again, "
                 "webhooks need a new secret.\n",
                 (long long)w.emptied);
    return 0;
}
