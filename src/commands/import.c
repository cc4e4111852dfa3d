/* import.c: gardefou import and gardefou template. The file is read, checked and matched in a
 * reading transaction; up to 5,000 rows are then saved in one writing transaction, more in slices
 * that let others write in between. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "commands/command.h"

#include "model/import.h"
#include "model/template.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char import_usage[] =
    "import TYPE FILE [--map NAME or FILE] [--dry-run] [--all-or-nothing] [--set FIELD=VALUE ...] "
    "[--delimiter C] [--encoding NAME] [--lang fr]";

typedef struct ImportWork {
    Run *run;
    Str type, bytes;
    ImportOptions options;
    ImportDefault defaults[32];
    ImportPlan *plan;
    Lang lang;
    bool dry_run, is_one, done;
    Ctx *check; /* its issues belong to the report */
} ImportWork;

/* The whole file; false with a message when it cannot be read or is too large. */
static bool slurp(Str *out, Run *run, const char *path, int64_t most) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return run_fail(run, "cannot read %s: %s", path, strerror(errno)), false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > most) {
        close(fd);
        return run_fail(run, "%s is no file, or larger than %lld MiB", path,
                        (long long)(most >> 20)),
               false;
    }
    char *p = arena_alloc(run->arena, (size_t)st.st_size + 1);
    size_t n = 0;
    ssize_t got = 1;
    while (n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) > 0)
        n += (size_t)got;
    close(fd);
    if (got < 0) return run_fail(run, "cannot read %s: %s", path, strerror(errno)), false;
    *out = (Str){p, n};
    return true;
}

static const Type *type_named(const Model *m, Str name) {
    const Type *t = model_type(m, name);
    return t ? t : model_type_by_plural(m, name);
}

static Err check_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    c->lang = w->lang;
    TRY(import_plan(&w->plan, c, type_named(c->model, w->type), w->bytes, &w->options));
    return import_check(w->plan, c);
}

static Err whole_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    c->lang = w->lang;
    TRY(import_begin(w->plan, c));
    TRY(import_apply(w->plan, c, 0, &w->done));
    return import_finish(w->plan, c);
}

static Err begin_work(Ctx *c, void *arg) {
    return import_begin(((ImportWork *)arg)->plan, c);
}

static Err slice_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    c->lang = w->lang;
    c->is_quiet = true;
    c->source = str_fmt(c->arena, "import:%lld", (long long)w->plan->report.id);
    import_rewind(w->plan);
    TRY(import_apply(w->plan, c, IMPORT_SLICE_US, &w->done));
    return w->done ? import_finish(w->plan, c) : OK;
}

static void show_progress(ImportWork *w) {
    const ImportReport *r = &w->plan->report;
    if (!w->run->is_tty || w->run->json || !r->read) return;
    text_fmt(&w->run->err, "\r%lld %%",
             (long long)((r->created + r->updated + r->unchanged + r->n_rejected) * 100 / r->read));
    w->run->flush(w->run);
}

static Err apply(ImportWork *w, Ctx **c) {
    w->is_one = w->options.all_or_nothing || import_rows(w->plan) <= IMPORT_ONE_TRANSACTION;
    if (w->is_one) return run_write(w->run, c, whole_work, w);
    TRY(run_write(w->run, c, begin_work, w));
    while (!w->done) {
        import_mark(w->plan);
        TRY(run_write(w->run, c, slice_work, w));
        show_progress(w);
    }
    return OK;
}

static void show_words(ImportWork *w) {
    const ImportReport *r = &w->plan->report;
    Text *out = &w->run->out;
    text_fmt(out, "%lld rows read: %lld %s, %lld %s, %lld unchanged, %lld rejected.\n",
             (long long)r->read, (long long)r->created, w->dry_run ? "to create" : "created",
             (long long)r->updated, w->dry_run ? "to update" : "updated", (long long)r->unchanged,
             (long long)r->n_rejected);
    if (r->children_created || r->children_updated)
        text_fmt(out, "With them %lld records that belong to them created, %lld updated.\n",
                 (long long)r->children_created, (long long)r->children_updated);
    for (size_t i = 0; i < r->n_ignored; i++)
        text_fmt(out, "not imported: column %.*s\n", FMT(r->ignored[i]));
    for (size_t i = 0; i < r->n_reasons; i++) {
        const ImportReject *x = &r->rejected[i];
        text_fmt(out, "row %lld%s%.*s%s%.*s: %.*s\n", (long long)x->row, x->sheet.n ? " of " : "",
                 FMT(x->sheet), x->column.n ? ", " : "", FMT(x->column), FMT(x->reason));
    }
}

static int run_import(ImportWork *w) {
    Run *run = w->run;
    Ctx *c = NULL;
    Err e = run_read(run, &c, check_work, w);
    w->check = c;
    if (e != OK) return run_err(run, e, c, "import");
    bool refused = w->options.all_or_nothing && w->plan->report.n_rejected;
    if (!w->dry_run && !refused) e = apply(w, &c);
    bool shown = e == OK || (e == ERR_INVALID && w->options.all_or_nothing);
    if (shown && run->json) {
        import_report_json(&run->out, &w->plan->report);
        text_char(&run->out, '\n');
    } else if (shown) {
        show_words(w);
    }
    if (refused) return run_fail(run, "nothing was imported, because some rows cannot be");
    return e == OK ? 0 : run_err(run, e, c, "import");
}

static bool read_sets(ImportWork *w) {
    Str set;
    while ((set = run_option(w->run, "--set")).n) {
        Str name;
        if (w->options.n_defaults >= LENGTH(w->defaults) || str_find_char(set, '=') < 1)
            return false;
        str_cut(&name, &set, '=');
        w->defaults[w->options.n_defaults++] = (ImportDefault){name, set};
    }
    w->options.defaults = w->defaults;
    return true;
}

/* A name of a built-in map, or a file. */
static bool read_map(ImportWork *w, Str map) {
    if (!map.n) return true;
    const BuiltMap *built = map_built_in(map);
    w->options.map_name = map;
    if (built) {
        w->options.map = str_of(built->text);
        return true;
    }
    return slurp(&w->options.map, w->run, run_path(w->run, map), MAP_MAX_BYTES);
}

int import_run_command(Run *run) {
    ImportWork w = {.run = run, .lang = LANG_EN};
    Str map = run_option(run, "--map"), delimiter = run_option(run, "--delimiter"),
        lang = run_option(run, "--lang");
    w.options.table.encoding = run_option(run, "--encoding");
    w.dry_run = run_flag(run, "--dry-run");
    w.options.all_or_nothing = run_flag(run, "--all-or-nothing");
    if (!read_sets(&w)) return run_usage(run, import_usage);
    w.type = run_argument(run, 0);
    Str file = run_argument(run, 1);
    if (!file.n || run_leftover(run, 2) || (lang.n && !lang_parse(&w.lang, lang)))
        return run_usage(run, import_usage);
    if (delimiter.n) w.options.table.delimiter = str_is(delimiter, "tab") ? '\t' : delimiter.p[0];
    if (!type_named(run->model, w.type)) return run_fail(run, "there is no type %.*s", FMT(w.type));
    if (!read_map(&w, map) || !slurp(&w.bytes, run, run_path(run, file), TABLE_MAX_FILE)) return 1;
    ptrdiff_t slash = -1;
    for (size_t i = 0; i < file.n; i++)
        if (file.p[i] == '/') slash = (ptrdiff_t)i;
    w.options.file_name = str_sub(file, (size_t)(slash + 1), file.n);
    return run_import(&w);
}

/* ---- template ---- */

typedef struct TemplateWork {
    Str type;
    Lang lang;
    int fd;
    int64_t size;
} TemplateWork;

static Err template_work(Ctx *c, void *arg) {
    TemplateWork *w = arg;
    c->lang = w->lang;
    return template_write(&w->fd, &w->size, c, type_named(c->model, w->type));
}

static bool copy_out(int from, int to) {
    char buffer[32768];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, buffer, sizeof buffer, at)) > 0) {
        if (write(to, buffer, (size_t)n) != n) return false;
        at += n;
    }
    return n == 0;
}

int import_template_command(Run *run) {
    static const char usage[] = "template TYPE FILE.xlsx [--lang fr]";
    TemplateWork w = {.lang = LANG_FR, .fd = -1};
    Str lang = run_option(run, "--lang");
    w.type = run_argument(run, 0);
    Str file = run_argument(run, 1);
    if (!file.n || run_leftover(run, 2) || (lang.n && !lang_parse(&w.lang, lang)))
        return run_usage(run, usage);
    if (!type_named(run->model, w.type)) return run_fail(run, "there is no type %.*s", FMT(w.type));
    Ctx *c = NULL;
    Err e = run_read(run, &c, template_work, &w);
    if (e != OK) return run_err(run, e, c, "template");
    int to = open(run_path(run, file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = to >= 0 && copy_out(w.fd, to);
    if (to >= 0 && close(to) != 0) ok = false;
    close(w.fd);
    if (!ok) return run_fail(run, "cannot write %.*s: %s", FMT(file), strerror(errno));
    if (run->json)
        text_addz(&run->out, "{\"ok\":true}\n");
    else
        text_fmt(&run->out, "written to %.*s\n", FMT(file));
    return 0;
}
