/* import.c: gardefou import and gardefou template. The file is read, checked and matched in a
 * reading transaction. A command that owns the base alone saves in one writing transaction; beside
 * a server, or on PostgreSQL, up to 5,000 rows are one transaction and more are slices that let
 * others write in between. Interrupted, it takes back what it saved. The only mutable global is the
 * flag that a signal sets. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "commands/command.h"

#include "base/json.h"
#include "base/secret.h"
#include "model/import_work.h"
#include "model/template.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char import_usage[] =
    "import TYPE FILE [--map NAME or FILE] [--save-map NAME] [--dry-run] [--all-or-nothing] "
    "[--set FIELD=VALUE ...] [--delimiter C] [--encoding NAME] [--lang fr] | list | undo ID | maps | "
    "map NAME";

typedef struct ImportWork {
    Run *run;
    Str type, bytes, save_map;
    Str mapped; /* the file, when bytes are it */
    ImportOptions options;
    ImportDefault defaults[32];
    ImportPlan *plan;
    Lang lang;
    bool dry_run;
    int64_t shown; /* the per cent shown last */
    int64_t id;    /* of the run to take back, and its row */
    ImportRun row;
} ImportWork;

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

static bool is_alone(const Run *run) {
    return db_base_kind(run->base) == DB_SQLITE && !run->is_gone;
}

static bool cancelled(void *arg) {
    Run *run = ((ImportWork *)arg)->run;
    return run->is_gone ? run->is_gone(run) : interrupted != 0;
}

static bool stops(void *arg) {
    Run *run = ((ImportWork *)arg)->run;
    return run->stops && run->stops(run);
}

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

static void unmap(void *arg) {
    const Str *s = arg;
    (void)munmap((void *)(uintptr_t)s->p, s->n);
}

/* The file as it lies on the disk, for a command that is alone: what is not looked at takes no
 * memory. Never in a server, which a file cut off meanwhile would end. */
static bool map_file(ImportWork *w, const char *path, int64_t most) {
    Run *run = w->run;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool fits = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
                st.st_size <= most;
    void *p = fits ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (fd >= 0) close(fd);
    if (p == MAP_FAILED) return slurp(&w->bytes, run, path, most); /* says why, when it cannot */
    w->bytes = w->mapped = (Str){p, (size_t)st.st_size};
    Str *kept = NEW(run->arena, Str);
    *kept = w->mapped;
    arena_defer(run->arena, unmap, kept);
    return true;
}

static const Type *type_named(const Model *m, Str name) {
    const Type *t = model_type(m, name);
    return t ? t : model_type_by_plural(m, name);
}

/* ---- the import ---- */

/* Alone, a row is checked as it is saved: nobody waits for the writer meanwhile. */
static Err check_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    c->lang = w->lang;
    TRY(import_plan(&w->plan, c, type_named(c->model, w->type), w->bytes, &w->options));
    if (!is_alone(w->run) || w->dry_run || w->options.all_or_nothing)
        return import_check(w->plan, c);
    import_unchecked(w->plan);
    return OK;
}

static Err map_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    return saved_map_put(c, "save-map", w->save_map, type_named(c->model, w->type), w->options.map);
}

static void show_progress(void *arg, int64_t done, int64_t total) {
    ImportWork *w = arg;
    int64_t percent = total ? done * 100 / total : 0;
    if (w->mapped.n) /* what was read so far is read; it comes back when it is asked for */
        (void)madvise((void *)(uintptr_t)w->mapped.p, w->mapped.n, MADV_DONTNEED);
    if (!w->run->is_tty || w->run->json || percent == w->shown) return;
    w->shown = percent;
    text_fmt(&w->run->err, "\r%lld %%", (long long)percent);
    w->run->flush(w->run);
}

static ImportHost host_of(ImportWork *w) {
    Run *run = w->run;
    return (ImportHost){.model = run->model,
                        .session = run->session,
                        .owner = random_token(run->arena, 12),
                        .stop = stops,
                        .cancelled = cancelled,
                        .progress = show_progress,
                        .arg = w,
                        .is_alone = is_alone(run)};
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

static void show(ImportWork *w) {
    if (!w->run->json) {
        show_words(w);
        return;
    }
    import_report_json(&w->run->out, &w->plan->report, false);
    text_char(&w->run->out, '\n');
}

/* What a command that was killed had left is taken back first: rows must not be matched with
 * records that are about to go. */
static void settle(ImportWork *w) {
    ImportHost h = host_of(w);
    int64_t id;
    h.cancelled = NULL;
    if (h.is_alone && import_free_leases(&h) != OK) return;
    while (import_next(&id, &h, IMPORT_ORPHANS) == OK && id)
        if (import_continue(&h, id) != OK) return;
}

static int save(ImportWork *w) {
    Run *run = w->run;
    ImportHost h = host_of(w);
    bool saved;
    Str why = {0};
    if (!run->is_gone) {
        signal(SIGINT, on_signal);
        signal(SIGTERM, on_signal);
    }
    bool is_many = h.is_alone && import_rows(w->plan) >= IMPORT_MANY_ROWS;
    if (is_many) db_alone_begin(run->session);
    Err e = import_run_plan(&saved, &why, &h, w->plan, w->lang);
    if (is_many) db_alone_end(run->session);
    if (run->is_tty && !run->json) text_addz(&run->err, "\r      \r");
    if (saved) {
        show(w);
        return 0;
    }
    run_fail(run, "%.*s", FMT(why));
    if (w->plan->report.id)
        run_fail(run, "nothing of import %lld stays but what others have changed since",
                 (long long)w->plan->report.id);
    return e == OK ? 1 : run_err(run, e, NULL, "import");
}

static int run_import(ImportWork *w) {
    Run *run = w->run;
    Ctx *c = NULL;
    if (!w->dry_run) settle(w);
    Err e = run_read(run, &c, check_work, w);
    if (e != OK) return run_err(run, e, c, "import");
    if (w->save_map.n) {
        e = run_write(run, &c, map_work, w);
        if (e != OK) return run_err(run, e, c, "import");
    }
    bool refused = w->options.all_or_nothing && w->plan->report.n_rejected;
    if (!w->dry_run && !refused) return save(w);
    show(w);
    if (refused) return run_fail(run, "nothing was imported, because some rows cannot be");
    return 0;
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

static Err find_map_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    SavedMap m;
    bool exists;
    TRY(db_table_exists(&exists, c->db, "import_map"));
    Err e = exists ? saved_map_find(&m, c, w->options.map_name) : ERR_MISSING;
    if (e == OK) w->options.map = str_copy(w->run->arena, m.text);
    return e == ERR_MISSING ? OK : e;
}

/* A name of a built-in map, one that somebody saved, or a file. */
static bool read_map(ImportWork *w, Str map) {
    if (!map.n) return true;
    const BuiltMap *built = map_built_in(map);
    w->options.map_name = map;
    if (built) {
        w->options.map = str_of(built->text);
        return true;
    }
    if (run_read(w->run, NULL, find_map_work, w) == OK && w->options.map.n) return true;
    const char *path = run_path(w->run, map);
    if (access(path, F_OK) != 0 && str_find_char(map, '/') < 0)
        return run_fail(w->run,
                        "there is no map %.*s, nor a file of that name (see gardefou import maps)",
                        FMT(map)),
               false;
    return slurp(&w->options.map, w->run, path, MAP_MAX_BYTES);
}

/* ---- what was imported ---- */

static void list_json(Text *out, const ImportRuns *runs) {
    Json j = json_new(out);
    json_array(&j);
    for (size_t i = 0; i < runs->n; i++) {
        const ImportRun *r = &runs->items[i];
        const struct {
            const char *name;
            Str text;
        } words[] = {{"type", r->type ? str_of(r->type->name) : (Str){0}},
                     {"file", r->file},
                     {"map", r->map},
                     {"state", r->state},
                     {"why", r->why}};
        const struct {
            const char *name;
            int64_t n;
        } figures[] = {{"id", r->id},
                       {"read", r->read},
                       {"created", r->created},
                       {"updated", r->updated},
                       {"unchanged", r->unchanged},
                       {"rejected", r->rejected},
                       {"undone", r->undone},
                       {"kept", r->kept}};
        json_object(&j);
        for (size_t k = 0; k < LENGTH(figures); k++) {
            json_keyz(&j, figures[k].name);
            json_int(&j, figures[k].n);
        }
        for (size_t k = 0; k < LENGTH(words); k++) {
            json_keyz(&j, words[k].name);
            json_str(&j, words[k].text);
        }
        json_end_object(&j);
    }
    json_end_array(&j);
    text_char(out, '\n');
}

static Err list_work(Ctx *c, void *arg) {
    Run *run = arg;
    ImportRuns runs;
    TRY(import_run_list(&runs, c, IMPORT_ALL));
    if (run->json) list_json(&run->out, &runs);
    for (size_t i = 0; i < runs.n && !run->json; i++) {
        const ImportRun *r = &runs.items[i];
        text_fmt(&run->out, "%lld\t%s\t%.*s\t%.*s\t%lld created, %lld updated\n", (long long)r->id,
                 r->type ? r->type->name : "", FMT(r->file), FMT(r->state), (long long)r->created,
                 (long long)r->updated);
    }
    return OK;
}

static Err undo_work(Ctx *c, void *arg) {
    return import_run_undo(c, ((ImportWork *)arg)->id);
}

static Err state_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    return import_run_load(&w->row, c, w->id);
}

enum { MOST_LEFT = 200 }; /* named, as on the page of the run */

/* What stays is named with the reason, for somebody has to look at it. */
static Err left_work(Ctx *c, void *arg) {
    ImportWork *w = arg;
    Run *run = w->run;
    const ImportRun *r = &w->row;
    ImportKept kept;
    Json j = json_new(&run->out);
    TRY(import_kept(&kept, c, w->id, MOST_LEFT));
    if (run->json)
        text_fmt(&run->out,
                 "{\"ok\":true,\"undone\":%lld,\"kept\":%lld,\"left\":", (long long)r->undone,
                 (long long)r->kept);
    else
        text_fmt(&run->out, "taken back: %lld records; kept, because changed or used since: %lld\n",
                 (long long)r->undone, (long long)r->kept);
    if (run->json) json_array(&j);
    for (size_t i = 0; i < kept.n; i++) {
        const ImportKeptRecord *x = &kept.items[i];
        const char *why = import_kept_why(x);
        if (!run->json) {
            text_fmt(&run->out, "%s\t%.*s\t%s\n", x->type->name, FMT(x->number), why);
            continue;
        }
        json_object(&j);
        json_keyz(&j, "type");
        json_strz(&j, x->type->name);
        json_keyz(&j, "number");
        json_str(&j, x->number);
        json_keyz(&j, "reason");
        json_strz(&j, why);
        json_end_object(&j);
    }
    if (run->json) {
        json_end_array(&j);
        text_addz(&run->out, "}\n");
    }
    return OK;
}

/* A server beside may be faster: then it is waited for. */
static int run_undo(ImportWork *w, Str id) {
    Run *run = w->run;
    Ctx *c = NULL;
    if (!str_to_int(&w->id, id)) return run_usage(run, import_usage);
    Err e = run_write(run, &c, undo_work, w);
    if (e == ERR_CONFLICT && (!c || !c->issues.n))
        return run_fail(run, "import %lld is not one that was saved", (long long)w->id);
    if (e == ERR_CONFLICT) return run_err(run, e, c, "import undo");
    ImportHost h = host_of(w);
    h.cancelled = NULL;
    h.progress = NULL;
    w->row.state = S("undoing");
    while (e == OK && str_is(w->row.state, "undoing") && !stops(w)) {
        e = import_continue(&h, w->id);
        if (e == OK) e = run_read(run, &c, state_work, w);
        if (e == OK && str_is(w->row.state, "undoing"))
            nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
    if (e == OK) e = run_read(run, &c, left_work, w);
    return e == OK ? 0 : run_err(run, e, c, "import undo");
}

static Err maps_work(Ctx *c, void *arg) {
    Run *run = arg;
    SavedMaps maps;
    TRY(saved_map_list(&maps, c));
    for (const BuiltMap *m = import_maps; m->name; m++)
        text_fmt(&run->out, "%s\tbuilt in\n", m->name);
    for (size_t i = 0; i < maps.n; i++)
        text_fmt(&run->out, "%.*s\t%.*s\n", FMT(maps.items[i].name), FMT(maps.items[i].type));
    return OK;
}

/* list, undo ID, maps, map NAME; -1: none of them. */
static int run_other(ImportWork *w) {
    Run *run = w->run;
    Str verb = run_argument(run, 0), name = run_argument(run, 1);
    Ctx *c = NULL;
    if (str_is(verb, "undo")) return run_undo(w, name);
    RunWork work = str_is(verb, "list") ? list_work : str_is(verb, "maps") ? maps_work : NULL;
    if (work) {
        Err e = run_read(run, &c, work, run);
        return e == OK ? 0 : run_err(run, e, c, "import");
    }
    if (!str_is(verb, "map")) return -1;
    if (!read_map(w, name)) return 1;
    text_add(&run->out, w->options.map);
    return 0;
}

int import_run_command(Run *run) {
    ImportWork w = {.run = run, .lang = LANG_EN};
    Str map = run_option(run, "--map"), delimiter = run_option(run, "--delimiter"),
        lang = run_option(run, "--lang");
    w.save_map = run_option(run, "--save-map");
    w.options.table.encoding = run_option(run, "--encoding");
    w.dry_run = run_flag(run, "--dry-run");
    w.options.all_or_nothing = run_flag(run, "--all-or-nothing");
    if (!read_sets(&w)) return run_usage(run, import_usage);
    int other = run_other(&w);
    if (other >= 0) return other;
    w.type = run_argument(run, 0);
    Str file = run_argument(run, 1);
    if (!file.n || run_leftover(run, 2) || (lang.n && !lang_parse(&w.lang, lang)))
        return run_usage(run, import_usage);
    if (delimiter.n) w.options.table.delimiter = str_is(delimiter, "tab") ? '\t' : delimiter.p[0];
    if (!type_named(run->model, w.type)) return run_fail(run, "there is no type %.*s", FMT(w.type));
    /* Beside a server the file is read by the server: bounded as one that is sent. */
    w.options.table.most = run->is_gone ? TABLE_MAX_FILE : TABLE_MAX_LOCAL;
    int64_t most = (int64_t)w.options.table.most;
    if (!read_map(&w, map)) return 1;
    const char *path = run_path(run, file);
    if (!(is_alone(run) ? map_file(&w, path, most) : slurp(&w.bytes, run, path, most))) return 1;
    if (w.save_map.n && !w.options.map.n)
        return run_fail(run, "--save-map needs the --map that is to be saved");
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
