/* serve.c: the server: database, HTTP front, the thread that seals the history and folds the
 * figures, the socket for commands, and an orderly end. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands/serve.h"

#include "base/log.h"
#include "base/secret.h"
#include "commands/directory.h"
#include "model/history.h"
#include "model/measure.h"
#include "model/pulse.h"
#include "web/frame.h"
#include "web/render_mail.h"
#include "work/net.h"
#include "work/runner.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- what happens by itself ---- */

typedef struct Keeper {
    const Model *model;
    DbSession *session;
    DbBase *base;
    atomic_bool stop;
    pthread_t thread;
} Keeper;

enum { KEEPER_PAUSES = 10, PAUSE_MS = 100, IDLE_SECONDS = 10 };

typedef Err (*KeeperWork)(Ctx *c);

static Err keep(Keeper *k, KeeperWork work) {
    Arena *a = arena_new(0);
    Db *db;
    Err e = db_write(&db, k->session);
    if (e == OK) {
        Ctx *c = ctx_new(a, k->model, k->session);
        c->db = db;
        c->source = S("job");
        actor_system(c);
        e = work(c);
        c->db = NULL;
        if (e == OK)
            e = db_commit(db);
        else
            db_rollback(db);
    }
    arena_free(a);
    return e;
}

static Err seal(Ctx *c) {
    int64_t n;
    return history_seal(&n, c);
}

static Err fold(Ctx *c) {
    int64_t n;
    return measure_fold(&n, c);
}

/* Asked in a reading transaction first, so that an idle server writes nothing. */
static void look(Keeper *k, bool *unsealed, bool *unfolded) {
    Db *db;
    *unsealed = *unfolded = false;
    if (db_read(&db, k->session) != OK) return;
    if (pulse_work(unsealed, unfolded, db) != OK)
        log_line(LOG_WARN, "pulse_failed", "tried again in a second");
    db_rollback(db);
}

static void *keeper_main(void *arg) {
    Keeper *k = arg;
    uint64_t seen = 0;
    while (!atomic_load(&k->stop)) {
        bool unsealed, unfolded;
        look(k, &unsealed, &unfolded);
        if (unsealed && keep(k, seal) == ERR_INTERNAL)
            log_line(LOG_ERROR, "seal_failed",
                     "history entries stay unsealed until it works again");
        if (unfolded && keep(k, fold) == ERR_INTERNAL)
            log_line(LOG_ERROR, "fold_failed", "figures stay right, reading them gets slower");
        db_wait(k->base, &seen, IDLE_SECONDS * INT64_C(1000000));
        for (int i = 0; i < KEEPER_PAUSES && !atomic_load(&k->stop); i++)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return NULL;
}

static Err keeper_start(Keeper **out, Arena *process, const Model *model, DbBase *base) {
    Keeper *k = NEW(process, Keeper);
    k->model = model;
    k->base = base;
    TRY(db_session_new(&k->session, base));
    if (pthread_create(&k->thread, NULL, keeper_main, k) != 0) return ERR_INTERNAL;
    *out = k;
    return OK;
}

static void keeper_stop(Keeper *k) {
    atomic_store(&k->stop, true);
    db_nudge(k->base);
    pthread_join(k->thread, NULL);
    db_session_free(k->session);
}

/* ---- start ---- */

static bool split_address(Str listen, Arena *a, const char **address, int *port) {
    size_t at = listen.n;
    while (at > 0 && listen.p[at - 1] != ':') at--;
    int64_t n;
    if (at < 2 || !str_to_int(&n, str_sub(listen, at, listen.n)) || n < 0 || n > 65535)
        return false;
    Str host = str_sub(listen, 0, at - 1);
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = str_sub(host, 1, host.n - 2);
    *address = str_z(a, host);
    *port = (int)n;
    return true;
}

/* A socket handed over by systemd; -1 when there is none. */
static int passed_socket(void) {
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    if (!pid || !fds || strcmp(fds, "1") != 0) return -1;
    int64_t n;
    return str_to_int(&n, str_of(pid)) && n == (int64_t)getpid() ? 3 : -1;
}

static Err migrate(Keeper *k) {
    Db *db;
    BaseAge age = BASE_FITS;
    Err e = db_write(&db, k->session);
    if (e != OK) return e;
    e = model_base_age(&age, k->model, db);
    if (e == OK) e = model_migrate(k->model, db);
    if (e == OK)
        e = db_commit(db);
    else
        db_rollback(db);
    if (e == OK && age == BASE_BEHIND)
        log_line(LOG_WARN, "database_extended",
                 "the database was of an earlier version; what this one works out from older "
                 "records comes by gardefou rederive, which runs beside the server");
    return e;
}

/* What the pages say of the database as a whole: whose it is, whether its data are invented. */
static void describe(ServerConfig *config, Arena *process, const Model *model, DbBase *base) {
    DbSession *s;
    Db *db;
    Pulse pulse = {0};
    Str name = {0};
    if (db_session_new(&s, base) != OK) return;
    if (db_read(&db, s) == OK) {
        if (pulse_read(&pulse, db) == OK) config->is_demo = pulse.has_demo;
        Ctx *c = ctx_new(process, model, s);
        bool unfinished;
        c->db = db;
        if (demo_unfinished(&unfinished, c) == OK && unfinished)
            log_line(LOG_WARN, "demo_unfinished",
                     "the demonstration in this database did not run to its end: remove the "
                     "database and run gardefou demo again");
        if (!config->organisation.n && pulse_institution(&name, process, db) == OK)
            config->organisation = name;
        db_rollback(db);
    }
    db_session_free(s);
}

static int wait_for_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    int got = 0;
    sigwait(&set, &got);
    return got;
}

/* Before the first thread is made, so that all of them inherit it. */
static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is then an error of writing */
}

/* Before the first thread: each of a dozen would keep a heap of its own, and what its widest
 * request needed (a third of the private memory after a load at a million incidents). */
static void few_heaps(void) {
    mallopt(M_ARENA_MAX, 2);
}

/* An image of the memory would hold the key, passwords on their way and confidential records. */
static void no_core(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        log_line(LOG_WARN, "core_limit", "core files could not be turned off");
}

static HttpConfig http_config(Run *run, Server *server, const char *address, int port) {
    const Settings *s = run->settings;
    Arena *a = run->arena;
    return (HttpConfig){.address = address,
                        .port = port,
                        .listen_fd = passed_socket(),
                        .workers = (int)setting_int(s, "workers"),
                        .max_connections = (int)setting_int(s, "max_connections"),
                        .per_address = (int)setting_int(s, "per_address"),
                        .max_body = (size_t)setting_int(s, "max_body_kib") << 10,
                        .body_limit = frame_body_limit,
                        .trusted_proxy = setting_z(s, a, "trusted_proxy"),
                        .allowed_hosts = setting_z(s, a, "allowed_hosts"),
                        .classify = frame_classify,
                        .credentials = frame_has_credentials,
                        .handler = frame_handle,
                        .settle = frame_settle,
                        /* Reading waits for nobody on SQLite; a server elsewhere may be slow. */
                        .answers_here = db_base_kind(server->base) == DB_SQLITE,
                        .worker_new = frame_worker_new,
                        .worker_free = frame_worker_free,
                        .app = server};
}

/* What runs beside the requests of this node. */
typedef struct Beside {
    Keeper *keeper;
    Runner *runner;
    Importer *importer;
    Remote *remote;
} Beside;

static Err beside_start(Beside *out, Run *run, DbBase *base, const WorkConfig *work) {
    TRY(keeper_start(&out->keeper, run->arena, run->model, base));
    TRY(runner_start(&out->runner, run->arena, run->model, base, work,
                     (int)setting_int(run->settings, "job_threads")));
    TRY(importer_start(&out->importer, run->arena, run->model, base, work));
    if (db_base_path(base).n && remote_listen(&out->remote, run->arena, db_base_path(base),
                                              run->settings, run->model, base) != OK)
        log_line(LOG_WARN, "no_command_socket",
                 "writing commands must wait until the server stops");
    return OK;
}

static void beside_stop(Beside *b) {
    if (b->importer) importer_stop(b->importer);
    if (b->runner) runner_stop(b->runner);
    if (b->keeper) keeper_stop(b->keeper);
}

static bool plain_relay_is_near(Str server) {
    return str_starts(server, S("smtp://127.0.0.1")) || str_starts(server, S("smtp://localhost")) ||
           str_starts(server, S("smtp://[::1]"));
}

static const char *work_problem(const WorkConfig *w) {
    Str url = w->public_url, server = w->mail_server;
    if (url.n && !str_starts(url, S("https://")) && !str_starts(url, S("http://")))
        return "public_url must begin with https:// or http://";
    if (!server.n) return NULL;
    if (!str_starts(server, S("smtp://")) && !str_starts(server, S("smtps://")))
        return "mail_server must begin with smtp:// or smtps://";
    if (!mail_address_ok(mail_address(w->mail_from)))
        return "mail_from must hold the sender's address when mail_server is set";
    if (!url.n) return "public_url is needed for the links in mails when mail_server is set";
    if (w->mail_plain && !plain_relay_is_near(server))
        return "mail_plain is for a relay on the same machine (localhost) only";
    return NULL;
}

/* What mail and webhooks need; false with a reason when it does not fit together. */
static bool work_settings(Run *run, WorkConfig *out) {
    const Settings *s = run->settings;
    Arena *a = run->arena;
    Str url = setting(s, "public_url");
    while (url.n && url.p[url.n - 1] == '/') url.n--;
    *out = (WorkConfig){.zone = setting_z(s, a, "zone"),
                        .organisation = setting(s, "organisation"),
                        .public_url = url,
                        .mail_server = setting(s, "mail_server"),
                        .mail_user = setting(s, "mail_user"),
                        .mail_password = setting(s, "mail_password"),
                        .mail_from = setting(s, "mail_from"),
                        .mail_ca = setting_z(s, a, "mail_ca"),
                        .mail_plain = setting_int(s, "mail_plain") != 0,
                        .webhook_private = setting_int(s, "webhook_private") != 0,
                        .webhook_ca = setting_z(s, a, "webhook_ca"),
                        .clamd = setting(s, "clamd"),
                        .clamd_accepts = str_is(setting(s, "clamd_absent"), "accept"),
                        .mail_html = render_mail};
    const char *why = directory_settings(&out->directory, run);
    if (!why) why = work_problem(out);
    if (why) run_fail(run, "%s", why);
    return !why;
}

static int serve_with(Run *run, DbBase *base, const char *address, int port) {
    Keeper first = {.model = run->model};
    Err e = db_session_new(&first.session, base);
    if (e == OK) {
        e = migrate(&first);
        if (e == OK) e = site_begin(run, first.session);
        db_session_free(first.session);
    }
    if (e != OK) return run_fail(run, "the database could not be brought up to date");
    Server *server = NEW(run->arena, Server);
    *server = (Server){.model = run->model, .base = base, .process = run->arena};
    server->config.organisation = setting(run->settings, "organisation");
    server->config.zone = setting_z(run->settings, run->arena, "zone");
    describe(&server->config, run->arena, run->model, base);
    server->config.metrics_public = str_is(setting(run->settings, "metrics"), "public");
    server->config.rate = (int)setting_int(run->settings, "rate");
    server->config.burst = (int)setting_int(run->settings, "burst");
    server->config.anonymous_rate = (int)setting_int(run->settings, "anonymous_rate");
    if (!work_settings(run, &server->config.work)) return 1;
    frame_server_init(server);
    HttpConfig config = http_config(run, server, address, port);
    Beside beside = {0};
    e = http_start(&server->http, run->arena, &config);
    if (e == ERR_INVALID)
        return run_fail(run, "trusted_proxy must be addresses separated by commas, and "
                             "GARDEFOU_ADDRESS_RATE must read REQUESTS:BURST");
    if (e != OK) return run_fail(run, "cannot listen on %s:%d", address, port);
    settings_strangers();
    e = beside_start(&beside, run, base, &server->config.work);
    bool v6 = strchr(address, ':') != NULL;
    text_fmt(&run->out, "listening on http://%s%s%s:%d\n", v6 ? "[" : "", address, v6 ? "]" : "",
             http_port(server->http));
    run->flush(run);
    if (e == OK) wait_for_signal();
    log_line(LOG_INFO, "stopping", "requests in flight are finished");
    if (beside.remote) remote_stop(beside.remote);
    http_stop(server->http);
    beside_stop(&beside);
    return e == OK ? 0 : run_fail(run, "the server could not start");
}

int serve_run(Run *run) {
    if (run_flag(run, "--help")) {
        text_addz(&run->out, "usage: gardefou serve [--SETTING VALUE ...]\n\n"
                             "  setting          environment                what (default)\n");
        settings_help(&run->out);
        return 0;
    }
    Settings own = *run->settings;
    Str why = {0};
    size_t n;
    const SettingDef *defs = setting_table(&n);
    for (size_t i = 0; i < n; i++) {
        Str v = run_option(run, str_z(run->arena, str_fmt(run->arena, "--%s", defs[i].name)));
        if (v.n && settings_set(&own, &why, run->arena, str_of(defs[i].name), v) != OK)
            return run_fail(run, "%.*s", FMT(why));
    }
    if (run_leftover(run, 0))
        return run_usage(run, "serve [--listen ADDR:PORT] (see serve --help)");
    run->settings = &own;
    if (site_load(run) != 0) return 1;
    const char *address;
    int port;
    if (!split_address(setting(&own, "listen"), run->arena, &address, &port))
        return run_fail(run, "listen must be ADDRESS:PORT");
    few_heaps();
    block_signals();
    no_core();
    net_init();
    DbBase *base;
    Err e = db_open(&base, &why, run->arena, run->url, (DbOptions){.exclusive = true});
    if (e != OK) return run_fail(run, "%.*s", FMT(why));
    int code = serve_with(run, base, address, port);
    db_close(base);
    return code;
}
