/* command.c: the table of commands, their options and the transaction around their work.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/command.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* clang-format off */
static const Command table[] = {
    {"serve", "serve [--listen ADDR:PORT] [--SETTING VALUE]", "answer requests", COMMAND_NO_BASE | COMMAND_LOCAL, serve_run},
    {"init", "init --admin EMAIL --password-stdin", "make the database, its reference data and the first administrator", COMMAND_WRITES | COMMAND_CREATES, setup_init},
    {"migrate", "migrate", "create what this version adds to the database", COMMAND_WRITES | COMMAND_BARE, setup_migrate},
    {"demo", "demo [--seed N] [--scale N]", "fill an empty database with demonstration data", COMMAND_WRITES | COMMAND_CREATES, demo_run},
    {"doctor", "doctor [--json]", "look at the database and the machine, in plain words", COMMAND_BARE, setup_doctor},
    {"model", "model [--json]", "show types, fields, states, transitions, grants and pages", COMMAND_NO_BASE | COMMAND_LOCAL, setup_model},
    {"user", "user add EMAIL --name NAME [--unit CODE] [--password-stdin] | list | disable EMAIL | enable EMAIL | password EMAIL [--password-stdin] [--keep-tokens] | reset-second EMAIL | sign-out EMAIL | sync [--dry-run] [--force] | directory EMAIL | local EMAIL", "keep accounts; take them over from the directory", COMMAND_WRITES, users_user},
    {"role", "role grant EMAIL ROLE [--unit CODE] | revoke EMAIL ROLE [--unit CODE] | list [EMAIL]", "keep roles", COMMAND_WRITES, users_role},
    {"token", "token create --user EMAIL [--days N] [--read-only] [--name TEXT] | list [--user EMAIL] | revoke ID", "keep API tokens", COMMAND_WRITES, users_token},
    {"export", "export TYPE [--format csv|xlsx|json] [--filter F=V ...] [--lang fr|en|ar] [-o FILE]", "write the records of a type", 0, data_export},
    {"import", "import TYPE FILE [--map NAME or FILE] [--save-map NAME] [--dry-run] [--all-or-nothing] [--set FIELD=VALUE ...] [--delimiter C] [--encoding NAME] [--lang fr] | list | undo ID | maps | map NAME", "create and update records from CSV, XLSX or JSON; take an import back", COMMAND_WRITES, import_run_command},
    {"template", "template TYPE FILE.xlsx [--lang fr]", "write an empty Excel file for the import of a type", 0, import_template_command},
    {"audit", "audit verify [--file EXPORT] | audit export FILE", "verify or export the history", COMMAND_MAYBE_BASE, data_audit},
    {"measures", "measures check | rebuild", "compare the figures with the records", COMMAND_WRITES, data_measures},
    {"rederive", "rederive [--check]", "work out again what follows from the records (figures, sums, texts for sorting and searching, the tree of units); with --check only compare", COMMAND_WRITES, rederive_run},
    {"key", "key status | forget", "look at the key that protects stored secrets; give up what a lost one protected", COMMAND_WRITES, site_key},
    {"backup", "backup FILE", "copy the database into a file while it is in use", 0, data_backup},
    {"restore", "restore FILE", "make the database from a backup", COMMAND_NO_BASE | COMMAND_LOCAL, data_restore},
    {"copy", "copy --from URL --to URL", "copy everything into an empty database of either kind", COMMAND_NO_BASE | COMMAND_LOCAL, data_copy},
};
/* clang-format on */

const Command *command_table(size_t *n) {
    *n = LENGTH(table);
    return table;
}

const Command *command_find(Str name) {
    for (size_t i = 0; i < LENGTH(table); i++)
        if (str_is(name, table[i].name)) return &table[i];
    return NULL;
}

static const CommandDef *module_command(Str name) {
    for (size_t i = 0; all_modules[i]; i++)
        for (const CommandDef *d = all_modules[i]->commands; d && d->name; d++)
            if (str_is(name, d->name)) return d;
    return NULL;
}

bool command_exists(const Model *m, Str name, unsigned *flags) {
    (void)m;
    const Command *own = command_find(name);
    if (own) {
        *flags = own->flags;
        return true;
    }
    const CommandDef *d = module_command(name);
    if (!d) return false;
    *flags = d->writes ? COMMAND_WRITES : COMMAND_MAYBE_BASE;
    return true;
}

void command_help(Text *out, const Model *m) {
    (void)m;
    text_addz(out, "usage: gardefou [--database URL] COMMAND ...\n\n");
    for (size_t i = 0; i < LENGTH(table); i++)
        text_fmt(out, "  %s\n      %s\n", table[i].usage, table[i].text);
    for (size_t i = 0; all_modules[i]; i++)
        for (const CommandDef *d = all_modules[i]->commands; d && d->name; d++)
            text_fmt(out, "  %s\n      %s\n", d->usage, d->text ? d->text : "");
    text_addz(out, "\nExit codes: 0 done, 1 refused or failed, 2 wrong usage.\n");
}

/* ---- options ---- */

int run_usage(Run *run, const char *usage) {
    text_fmt(&run->err, "usage: gardefou %s\n", usage);
    return 2;
}

int run_fail(Run *run, const char *format, ...) {
    char line[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_fmt(&run->err, "gardefou: %s\n", line);
    return 1;
}

int run_err(Run *run, Err e, Ctx *c, const char *what) {
    static const char *const words[] = {"done",
                                        "refused",
                                        "not allowed",
                                        "not found",
                                        "in conflict with something else",
                                        "busy",
                                        "failed, see the log"};
    text_fmt(&run->err, "gardefou: %s: %s\n", what, words[e]);
    for (size_t i = 0; c && i < c->issues.n; i++) {
        const Issue *x = &c->issues.items[i];
        Str text = issue_text(c, x);
        text_fmt(&run->err, "  %.*s%s%.*s\n", FMT(x->field), x->field.n ? ": " : "", FMT(text));
    }
    return 1;
}

/* Takes n arguments from the i-th on out of the list, so that what is left can also be sent to a
 * running server. */
static void take(Run *run, int i, int n) {
    for (int k = i; k + n < run->argc; k++) run->argv[k] = run->argv[k + n];
    run->argc -= n;
}

Str run_option(Run *run, const char *name) {
    size_t n = strlen(name);
    for (int i = 0; i < run->argc; i++) {
        char *arg = run->argv[i];
        if (strncmp(arg, name, n) != 0) continue;
        if (arg[n] == '=') {
            take(run, i, 1);
            return str_of(arg + n + 1);
        }
        if (arg[n] != 0 || i + 1 >= run->argc) continue;
        Str value = str_of(run->argv[i + 1]);
        take(run, i, 2);
        return value;
    }
    return (Str){0};
}

bool run_flag(Run *run, const char *name) {
    for (int i = 0; i < run->argc; i++) {
        if (strcmp(run->argv[i], name) != 0) continue;
        take(run, i, 1);
        return true;
    }
    return false;
}

static bool is_option(const char *arg) {
    return arg[0] == '-' && arg[1];
}

Str run_argument(Run *run, int k) {
    for (int i = 0; i < run->argc; i++)
        if (!is_option(run->argv[i]) && k-- == 0) return str_of(run->argv[i]);
    return (Str){0};
}

bool run_leftover(Run *run, int arguments) {
    for (int i = 0; i < run->argc; i++)
        if (is_option(run->argv[i])) return true;
    return run->argc > arguments;
}

const char *run_path(Run *run, Str file) {
    if (run->cwd.n == 0 || (file.n && file.p[0] == '/')) return str_z(run->arena, file);
    return str_z(run->arena, str_fmt(run->arena, "%.*s/%.*s", FMT(run->cwd), FMT(file)));
}

/* ---- transactions ---- */

static Ctx *operator_ctx(Run *run, Db *db) {
    Ctx *c = ctx_new(run->arena, run->model, run->session);
    c->db = db;
    c->lang = LANG_EN;
    c->source = S("cli");
    actor_system(c);
    return c;
}

Err run_write(Run *run, Ctx **out_ctx, RunWork fn, void *arg) {
    Err e = ERR_CONFLICT;
    for (int i = 0; i < 4 && e == ERR_CONFLICT; i++) {
        Db *db;
        TRY(db_write(&db, run->session));
        Ctx *c = operator_ctx(run, db);
        if (out_ctx) *out_ctx = c;
        e = fn(c, arg);
        c->db = NULL;
        if (e != OK) {
            db_rollback(db);
            if (c->issues.n) return e;
        } else {
            e = db_commit(db);
        }
    }
    return e;
}

Err run_read(Run *run, Ctx **out_ctx, RunWork fn, void *arg) {
    Db *db;
    TRY(db_read(&db, run->session));
    Ctx *c = operator_ctx(run, db);
    if (out_ctx) *out_ctx = c;
    Err e = fn(c, arg);
    c->db = NULL;
    db_rollback(db);
    return e;
}

Err run_find_user(int64_t *out, Ctx *c, Str email) {
    Err e = ref_find(out, c, model_need(c->model, "user"), email);
    if (e == ERR_MISSING) return issue_arg(c, "user", "missing", "There is no account {0}.", email);
    return e;
}

/* ---- running ---- */

typedef struct ModuleRun {
    Run *run;
    const CommandDef *def;
    char **argv;
    int code;
} ModuleRun;

static Err module_work(Ctx *c, void *arg) {
    ModuleRun *m = arg;
    m->code = 0;
    return m->def->run(c, m->run->argc + 1, m->argv, &m->run->out, &m->run->err, &m->code);
}

static int run_module(Run *run, const CommandDef *def) {
    ModuleRun m = {.run = run, .def = def};
    /* --json before the command's name is meant for it too. */
    char **own = NEW_N(run->arena, char *, (size_t)run->argc + 1);
    for (int i = 0; i < run->argc; i++) own[i] = run->argv[i];
    if (run->json) own[run->argc++] = (char *)(uintptr_t) "--json";
    run->argv = own;
    m.argv = NEW_N(run->arena, char *, (size_t)run->argc + 2);
    m.argv[0] = (char *)(uintptr_t)def->name;
    for (int i = 0; i < run->argc; i++) m.argv[i + 1] = run->argv[i];
    Ctx *c = NULL;
    Err e;
    if (run->session) {
        e = def->writes ? run_write(run, &c, module_work, &m) : run_read(run, &c, module_work, &m);
    } else {
        c = operator_ctx(run, NULL);
        e = module_work(c, &m);
    }
    return e == OK || m.code != 0 ? m.code : run_err(run, e, c, def->name);
}

int command_run(Run *run, Str name) {
    const Command *own = command_find(name);
    if (own) return own->run(run);
    const CommandDef *d = module_command(name);
    if (d) return run_module(run, d);
    text_fmt(&run->err, "gardefou: unknown command: %.*s\n", FMT(name));
    return 2;
}
