/* main.c: from the command line to a command: global options, settings, database, socket of a
 * running server. SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/command.h"

#include "base/log.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void write_all(int fd, Str s) {
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n <= 0) return;
        s = str_sub(s, (size_t)n, s.n);
    }
}

static void flush(Run *run) {
    write_all(STDOUT_FILENO, text_str(&run->out));
    write_all(STDERR_FILENO, text_str(&run->err));
    run->out.n = run->err.n = 0;
}

static bool read_input(Run *run) {
    enum { MOST = 64 << 20 };
    Text t = text_new(run->arena, MOST);
    char buffer[8192];
    ssize_t n;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        text_add(&t, (Str){buffer, (size_t)n});
    run->input = text_str(&t);
    run->has_input = true;
    return n == 0 && !t.full;
}

static bool wants_input(const Run *run) {
    for (int i = 0; i < run->argc; i++)
        if (strcmp(run->argv[i], "--password-stdin") == 0 || strcmp(run->argv[i], "-") == 0)
            return true;
    return false;
}

/* Takes the global options off the front; *name is the command, the rest its arguments. */
static bool take_globals(Run *run, int argc, char **argv, Str *name) {
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            run->json = true;
        } else if (strcmp(argv[i], "--database") == 0 && i + 1 < argc) {
            run->url = str_of(argv[++i]);
        } else if (strncmp(argv[i], "--database=", 11) == 0) {
            run->url = str_of(argv[i] + 11);
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            *name = S("help");
            return true;
        } else {
            return false;
        }
    }
    if (i == argc) return false;
    *name = str_of(argv[i]);
    run->argc = argc - i - 1;
    run->argv = argv + i + 1;
    return true;
}

/* What keeps a command from working on this database: NULL when its tables are those of this
 * program. */
static const char *unprepared(Run *run) {
    static const char *const words[] = {
        [BASE_EMPTY] = "the database is empty: run gardefou init first",
        [BASE_BEHIND] = "the database is of an earlier version: run gardefou migrate first",
        [BASE_AHEAD] = "the database was made by a newer version: use that version of gardefou"};
    Db *db;
    BaseAge age;
    if (db_read(&db, run->session) != OK) return NULL; /* the command says what is wrong */
    Err e = model_base_age(&age, run->model, db);
    db_rollback(db);
    return e == OK ? words[age] : NULL;
}

static int with_session(Run *run, Str name, unsigned flags) {
    bool any = (flags & (COMMAND_CREATES | COMMAND_BARE)) != 0;
    const char *why = any ? NULL : unprepared(run);
    if (!why) return command_run(run, name);
    if (!(flags & COMMAND_MAYBE_BASE)) return run_fail(run, "%s", why);
    DbSession *session = run->session;
    run->session = NULL;
    run->why = str_of(why);
    int code = command_run(run, name);
    run->session = session;
    return code;
}

static int with_base(Run *run, Str name, unsigned flags) {
    bool writes = (flags & COMMAND_WRITES) != 0;
    DbOptions options = {
        .read_only = !writes, .exclusive = writes, .create = (flags & COMMAND_CREATES) != 0};
    Str why = {0};
    Err e = db_open(&run->base, &why, run->arena, run->url, options);
    if (e != OK && (flags & COMMAND_MAYBE_BASE)) {
        run->why = why;
        return command_run(run, name);
    }
    if (e == ERR_BUSY && writes && str_starts(run->url, S("sqlite:"))) {
        int code = 1;
        Err called = remote_call(&code, run, name, str_sub(run->url, 7, run->url.n));
        if (called == OK) return code;
    }
    if (e != OK) return run_fail(run, "%.*s", FMT(why));
    e = db_session_new(&run->session, run->base);
    int code =
        e == OK ? with_session(run, name, flags) : run_fail(run, "no connection to the database");
    if (e == OK) db_session_free(run->session);
    db_close(run->base);
    return code;
}

static int run_all(Run *run, int argc, char **argv) {
    Settings settings;
    Str why = {0}, name = {0};
    if (settings_load(&settings, &why, run->arena) != OK) return run_fail(run, "%.*s", FMT(why));
    run->settings = &settings;
    run->url = setting(&settings, "database");
    if (!take_globals(run, argc, argv, &name)) {
        command_help(&run->err, NULL);
        return 2;
    }
    if (str_is(name, "help")) {
        command_help(&run->out, NULL);
        return 0;
    }
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (size_t i = 0; i < LENGTH(levels); i++)
        if (str_is(setting(&settings, "log"), levels[i])) log_set_level((LogLevel)i);
    unsigned flags = 0;
    if (!command_exists(NULL, name, &flags)) {
        text_fmt(&run->err, "gardefou: unknown command: %.*s (see gardefou --help)\n", FMT(name));
        return 2;
    }
    if (command_find(name) && run_flag(run, "--json")) run->json = true;
    if (wants_input(run) && !read_input(run)) return run_fail(run, "standard input is too large");
    run->model = model_load(run->arena);
    if (site_load(run) != 0) return 1;
    if (flags & COMMAND_NO_BASE) return command_run(run, name);
    return with_base(run, name, flags);
}

int main(int argc, char **argv) {
    secret_init();
    setenv("LDAPNOINIT", "1", 1); /* the directory is reached by our settings alone */
    Arena *process = arena_new((size_t)16 << 30);
    Run run = {.arena = process,
               .out = text_new(process, (size_t)1 << 30),
               .err = text_new(process, 16 << 20),
               .is_tty = isatty(STDERR_FILENO) == 1,
               .flush = flush};
    int code = run_all(&run, argc, argv);
    flush(&run);
    arena_free(process);
    return code;
}
