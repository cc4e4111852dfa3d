/* command.h: the command line as a table. A command gets a Run, writes to its sinks and gives an
 * exit code: 0 done, 1 refused or failed (reason on err), 2 wrong usage. The same table answers the
 * shell and the socket beside a running server. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "commands/settings.h"
#include "model/record.h"

enum CommandFlag {
    COMMAND_WRITES = 1,      /* goes through the socket of a running server */
    COMMAND_NO_BASE = 2,     /* opens what it needs itself */
    COMMAND_CREATES = 4,     /* makes the database when it is absent */
    COMMAND_LOCAL = 8,       /* never through the socket */
    COMMAND_MAYBE_BASE = 16, /* opened for reading when it is there */
    COMMAND_BARE = 32        /* works on a database without tables too */
};

typedef struct Run Run;
struct Run {
    Arena *arena;
    const Settings *settings;
    const Model *model; /* at `site` */
    Site *site;         /* NULL: over the socket of a running server, whose site stays as it is */
    Str url;
    DbBase *base;       /* NULL for COMMAND_NO_BASE */
    DbSession *session; /* NULL: no database; why says what is wrong with it */
    Str why;
    bool json, is_tty;
    int argc; /* arguments after the command's name */
    char **argv;
    Str input; /* what came on standard input, read only when `wants_input` */
    bool has_input;
    Text out, err;
    void (*flush)(Run *run); /* hands out and err on at once; they are empty afterwards */
    void *sink;
    Str cwd; /* for file names given over the socket */
    /* Has who asked gone away? NULL: the command runs in its own process. */
    bool (*is_gone)(Run *run);
    bool (*stops)(Run *run); /* the server that runs it is asked to end; NULL likewise */
};

typedef struct Command {
    const char *name, *usage, *text;
    unsigned flags;
    int (*run)(Run *run);
} Command;

const Command *command_table(size_t *n);
const Command *command_find(Str name);
/* Runs a command with its database already open (or none). Knows module commands too. */
int command_run(Run *run, Str name);
bool command_exists(const Model *m, Str name, unsigned *flags);
void command_help(Text *out, const Model *m);

/* ---- for commands ---- */
int run_usage(Run *run, const char *usage);                        /* 2 */
int run_fail(Run *run, const char *format, ...) PRINTF_LIKE(2, 3); /* 1 */
int run_err(Run *run, Err e, Ctx *c, const char *what);            /* 1, with issues in words */
/* Value of --name VALUE or --name=VALUE; empty when absent. Takes both out of the arguments. */
Str run_option(Run *run, const char *name);
bool run_flag(Run *run, const char *name);
/* The k-th argument that is no option; empty when absent. Call after the options were taken. */
Str run_argument(Run *run, int k);
bool run_leftover(Run *run, int arguments); /* unknown options or too many arguments */
/* One transaction as the operator: again on a conflict, committed when fn gives OK. *out_ctx may be
 * NULL. */
typedef Err (*RunWork)(Ctx *c, void *arg);
Err run_write(Run *run, Ctx **out_ctx, RunWork fn, void *arg) MUST;
Err run_read(Run *run, Ctx **out_ctx, RunWork fn, void *arg) MUST;
Err run_find_user(int64_t *out, Ctx *c, Str email) MUST;
const char *run_path(Run *run, Str file); /* against cwd, NUL-ended */

/* The commands, one file a subject. */
/* Tables and reference data, each in a transaction; `check` (may be NULL) looks in between. */
Err setup_prepare(Run *run, Ctx **c, RunWork check) MUST;
int setup_init(Run *run);
int setup_migrate(Run *run);
int setup_model(Run *run);
int demo_run(Run *run);
/* Units of a demonstration that did not run to its end: this entry is the last that it makes. */
#define DEMO_COMPLETE "demo_complete"
Err demo_unfinished(bool *out, Ctx *c) MUST;
int setup_doctor(Run *run);
int users_user(Run *run);
int users_role(Run *run);
int users_token(Run *run);
int data_audit(Run *run);
int data_measures(Run *run);
int rederive_run(Run *run);
/* All that follows from the records, put right. *places, *cells: what was wrong. *broken: Ctrl-C,
 * or who ran it is gone; what is done stays. */
Err rederive_mend(Run *run, Ctx **c, int64_t *places, int64_t *cells, bool *broken) MUST;
/* rederive.c: has who runs a long command gone away, or pressed Ctrl-C? Between its parts. */
void run_can_break(Run *run);
bool run_is_broken(Run *run);
int data_backup(Run *run);
int data_restore(Run *run);
int data_copy(Run *run);
int data_export(Run *run);
int import_run_command(Run *run);
int import_template_command(Run *run);
int serve_run(Run *run);

/* site.c: zone and key. The model at the site that the settings describe; 0, or 1 with the reason
 * on err. */
int site_load(Run *run);
/* Makes the key file when nothing was sealed in this database and there is no key, seals what is
 * stored in clear, and says in the log what is wrong. In a transaction of its own. */
Err site_begin(Run *run, DbSession *session) MUST;
/* What is wrong with the key, for people; NULL: nothing. */
const char *site_problem(Run *run, Ctx *c);
int site_key(Run *run);

/* remote.c: the socket beside a running SQLite server. */
typedef struct Remote Remote;
Err remote_listen(Remote **out, Arena *process, Str database_path, const Settings *settings,
                  const Model *model, DbBase *base) MUST;
void remote_stop(Remote *r);
/* *exit_code when a server answered; ERR_MISSING when none listens. */
Err remote_call(int *exit_code, Run *run, Str name, Str database_path) MUST;

#endif
