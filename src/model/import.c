/* import.c: the plan of an import and the passes over its rows; see import.h. What one row does to
 * the database is import_row.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_row.h"

#include "base/clock.h"
#include "base/secret.h"
#include "model/bulk.h"
#include "model/cache.h"
#include "model/import_run.h"
#include "model/sql.h"

#include <stdlib.h>

/* ---- the plan ---- */

size_t import_key_row(const ImportBatch *b, Str key) {
    size_t from = 0, until = b->n_keys;
    while (from < until) {
        size_t at = from + (until - from) / 2;
        int by = str_cmp(key, b->row_keys[b->key_rows[at]]);
        if (!by) return b->key_rows[at];
        if (by < 0)
            until = at;
        else
            from = at + 1;
    }
    return SIZE_MAX;
}

bool import_has_key(const ImportBatch *b, Str key) {
    size_t row = import_key_row(b, key);
    return row != SIZE_MAX && b->actions[row] != IMPORT_REJECT;
}

static int field_index(const MapPart *part, const char *name) {
    for (size_t i = 0; i < part->n_fields; i++)
        if (str_is(part->fields[i].name, name)) return (int)i;
    return -1;
}

/* What names a row inside the file: the outer key, the code, the number, or, where the type can
 * keep an outer key, a digest of the row. */
static void choose_key(ImportBatch *b) {
    const MapPart *part = &b->map->main;
    const Field *outer = type_field(b->type, S("external_key"));
    b->key_field = outer ? field_index(part, "external_key") : -1;
    if (b->key_field < 0 && b->type->key) b->key_field = field_index(part, b->type->key->name);
    if (b->key_field < 0) b->key_field = field_index(part, "number");
}

static Str row_digest(Arena *a, const TableRow *row) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < row->n; i++) {
        text_add(&t, str_trim(row->cells[i]));
        text_char(&t, '\x1f');
    }
    return str_fmt(a, "row-%.*s", 24, sha256_hex(a, text_str(&t)).p);
}

typedef struct Keyed {
    Str key;
    size_t row;
} Keyed;

static int compare_keyed(const void *a, const void *b) {
    const Keyed *x = a, *y = b;
    int by_key = str_cmp(x->key, y->key);
    return by_key ? by_key : (x->row > y->row) - (x->row < y->row);
}

enum {
    MOST_PASSES = 64,
    SCRATCH = 64 << 20,
    AT_ONCE = 200 /* rows held back and written together */
};                /* SCRATCH: bytes of a scratch arena after which it is emptied */

/* Keys of all rows. The same key twice: the later row is refused; the same digest twice: two rows
 * that look alike, both count. */
static void collect_keys(ImportPlan *p, ImportBatch *b) {
    size_t n = b->table->n_rows, k = 0;
    bool digests = type_field(b->type, S("external_key")) != NULL;
    b->row_keys = NEW_N(p->arena, Str, n + 1);
    b->key_rows = NEW_N(p->arena, size_t, n + 1);
    b->digests = NEW_N(p->arena, bool, n + 1);
    if (b->key_field < 0 && !digests) return;
    Arena *scratch = arena_new(0), *own = arena_new(0);
    Keyed *sorted = NEW_N(own, Keyed, n + 1);
    for (size_t i = 0; i < n; i++) {
        Str key = {0};
        if (i % 256 == 0 || arena_used(scratch) > SCRATCH) arena_reset(scratch);
        TableRow row = table_row(b->table, i, scratch);
        if (b->key_field >= 0) {
            MapRow r = map_row(b->map, &row, scratch, b->comma);
            if (map_eval(&key, &r, &b->map->main.fields[b->key_field].program) != OK) continue;
            key = str_trim(key);
        }
        b->digests[i] = !key.n && digests;
        if (b->digests[i]) key = row_digest(scratch, &row);
        if (!key.n) continue;
        b->row_keys[i] = str_copy(p->arena, key);
        sorted[k++] = (Keyed){b->row_keys[i], i};
    }
    arena_free(scratch);
    qsort(sorted, k, sizeof *sorted, compare_keyed);
    for (size_t i = 0, same = 1; i < k; i++) {
        size_t row = sorted[i].row;
        same = i && str_eq(sorted[i].key, sorted[i - 1].key) ? same + 1 : 1;
        if (same > 1 && b->digests[row])
            b->row_keys[row] = str_fmt(p->arena, "%.*s-%zu", FMT(sorted[i].key), same);
        if (same > 1 && !b->digests[row]) b->later[row] = IMPORT_SAME_KEY;
        if (same > 1) continue;
        b->key_rows[b->n_keys++] = row;
    }
    arena_free(own);
}

static Err bind_children(ImportBatch *b, Ctx *c) {
    for (size_t i = 0; i < b->map->n_children; i++) {
        const Type *t = model_type(c->model, b->map->children[i].type);
        if (!t || !t->parent || t->parent->target != b->type)
            return issue_arg(c, "map", "child",
                             N_("The map names a child that this list does not have: {0}."),
                             b->map->children[i].type);
        b->children[i] = t;
    }
    return OK;
}

static Err check_part(Ctx *c, const Type *t, const MapPart *part) {
    if (part->state.n && !type_state(t, part->state))
        return issue_arg(c, "map", "state", N_("The map names a state that does not exist: {0}."),
                         part->state);
    for (size_t i = 0; i < part->n_fields + part->n_defaults; i++) {
        Str name =
            i < part->n_fields ? part->fields[i].name : part->defaults[i - part->n_fields].name;
        Str base = name;
        for (size_t k = 0; k < name.n; k++)
            if (name.p[k] == '[' || name.p[k] == '.') {
                base = str_sub(name, 0, k);
                break;
            }
        bool system = str_is(name, "unit") || str_is(name, "owner") || str_is(name, "restricted") ||
                      str_is(name, "state") || str_is(name, "number");
        if (!system && !type_field(t, base))
            return issue_arg(c, "map", "field",
                             N_("The map names a field that does not exist: {0}."), name);
    }
    return OK;
}

/* Do the entries stand on a sheet of their own? */
static bool has_child_sheet(const ImportPlan *p, Ctx *c, const Type *t) {
    for (size_t i = 0; i < p->file.n; i++)
        if (p->file.items[i].n_rows && import_sheet_type(c->model, t, p->file.items[i].name))
            return true;
    return false;
}

/* In which state new records begin, where the file does not say: as whoever starts the import says,
 * or, with entries on a sheet of their own, the first that takes entries. */
static void give_state(ImportPlan *p, Ctx *c, const Type *t, ImportMap *map, bool is_auto) {
    MapPart *part = &map->main;
    bool has_column = false, takes_over = p->options.takeover || c->actor->is_system;
    for (size_t i = 0; i < part->n_fields; i++)
        has_column = has_column || str_is(part->fields[i].name, "state");
    if (has_column || !takes_over || p->n > 1) return;
    for (size_t i = 0; i < p->options.n_defaults; i++)
        if (str_is(p->options.defaults[i].field, "state"))
            part->state = p->options.defaults[i].value;
    const Type *entry = is_auto && !part->state.n ? import_flat_type(c->model, t) : NULL;
    const State *first = entry ? import_flat_state(t) : NULL;
    for (size_t i = 0; first && i < p->file.n; i++)
        if (p->file.items[i].n_rows &&
            import_sheet_type(c->model, t, p->file.items[i].name) == entry)
            part->state = str_of(first->name);
}

static Err add_batch(ImportPlan *p, Ctx *c, const Type *t, const Table *table, ImportMap *map) {
    ImportBatch *b = &p->batches[p->n++];
    b->type = t;
    b->table = table;
    b->is_auto = !map;
    if (map) {
        Str missing;
        if (map_bind(map, &missing, table->headers, table->n_headers,
                     p->file.format == TABLE_JSON) != OK)
            return issue_arg(c, "file", "column",
                             N_("The map needs a column that the file does not have: {0}."),
                             missing);
    } else {
        ImportAuto how = {.may_be_flat = !has_child_sheet(p, c, t),
                          .takeover = p->options.takeover || c->actor->is_system};
        TRY(import_auto_map(&map, c, t, table, &how, &p->report.ignored, &p->report.n_ignored));
    }
    b->map = map;
    give_state(p, c, t, map, b->is_auto);
    TRY(bind_children(b, c));
    TRY(check_part(c, t, &map->main));
    for (size_t i = 0; i < map->n_children; i++)
        TRY(check_part(c, b->children[i], &map->children[i]));
    b->comma =
        map->comma >= 0 ? map->comma : p->file.format == TABLE_CSV && p->file.delimiter == ';';
    b->actions = NEW_N(p->arena, unsigned char, table->n_rows + 1);
    b->later = NEW_N(p->arena, unsigned char, table->n_rows + 1);
    choose_key(b);
    collect_keys(p, b);
    return OK;
}

static Err read_file(ImportPlan *p, Ctx *c, const Type *t, ImportMap **map, Str bytes) {
    const char *why;
    Str words = {0};
    *map = NULL;
    if (p->options.map.n) {
        if (map_parse_any(map, &words, c->arena, p->options.map) != OK)
            return issue_arg(c, "map", "bad_map", N_("The map cannot be read: {0}"), words);
        if (!p->options.table.delimiter) p->options.table.delimiter = (*map)->delimiter;
        if (!p->options.table.encoding.n) p->options.table.encoding = (*map)->encoding;
        if ((*map)->has_skip) p->options.table.has_skip = true;
        if (!p->options.table.skip) p->options.table.skip = (*map)->skip;
    }
    /* A map without fields says how the file is read; its columns go by their names. */
    if (*map && !(*map)->main.n_fields && !(*map)->n_children && !(*map)->also) {
        if (!str_is((*map)->main.type, t->name))
            return issue_arg(c, "map", "type", N_("The map is for another list: {0}."),
                             (*map)->main.type);
        *map = NULL;
    }
    Err e = table_read(&p->file, &why, c->arena, bytes, &p->options.table);
    return e == ERR_INVALID ? issue(c, "file", "unreadable", why) : e;
}

static const Table *main_table(const ImportPlan *p, const ImportMap *map) {
    for (size_t i = 0; map && map->sheet.n && i < p->file.n; i++)
        if (str_eq(p->file.items[i].name, map->sheet)) return &p->file.items[i];
    return &p->file.items[0];
}

/* A further sheet of the map: its rows belong to those of the first, and its list may be imported.
 */
static Err add_sheet(ImportPlan *p, Ctx *c, const Type *t, ImportMap *m) {
    const Type *child = model_type(c->model, m->main.type);
    const Table *table = NULL;
    const Access *a;
    if (!child || !child->parent || child->parent->target != t)
        return issue_arg(c, "map", "child",
                         N_("The map names a child that this list does not have: {0}."),
                         m->main.type);
    TRY(access_of(&a, c, child, OP_IMPORT));
    if (!access_any(a)) return ERR_DENIED;
    for (size_t i = 0; i < p->file.n && !table; i++) {
        const Table *x = &p->file.items[i];
        bool is_it = m->sheet.n ? str_eq(x->name, m->sheet)
                                : import_sheet_type(c->model, t, x->name) == child;
        if (is_it) table = x;
    }
    if (!table)
        return issue_arg(c, "file", "sheet",
                         N_("The map needs a sheet that the file does not have: {0}."),
                         m->sheet.n ? m->sheet : m->main.type);
    for (size_t i = 0; i < p->n; i++)
        if (p->batches[i].table == table)
            return issue_arg(c, "map", "sheet", N_("The map names a sheet twice: {0}."), m->sheet);
    if (p->n >= TABLE_MAX_SHEETS)
        return issue(c, "map", "sheet", N_("The map has too many sheets."));
    return add_batch(p, c, child, table, m);
}

/* Who gives no unit: the home unit of the person; for the operator the oldest unit without one
 * above it. */
static Err default_unit(ImportPlan *p, Ctx *c) {
    bool found;
    p->default_unit = c->actor->unit;
    if (!c->actor->is_system) return OK;
    return db_get_int(
        &p->default_unit, &found, c->db,
        "SELECT id FROM unit WHERE parent IS NULL AND state = 'active' ORDER BY id LIMIT 1",
        NO_ARGS);
}

Err import_plan(ImportPlan **out, Ctx *c, const Type *t, Str bytes, const ImportOptions *options) {
    ImportPlan *p = NEW(c->arena, ImportPlan);
    const Access *a;
    ImportMap *map;
    *out = p;
    p->arena = c->arena;
    p->model = c->model;
    p->options = *options;
    TRY(access_of(&a, c, t, OP_IMPORT));
    if (!access_any(a)) return ERR_DENIED;
    TRY(read_file(p, c, t, &map, bytes));
    if (map && !str_is(map->main.type, t->name))
        return issue_arg(c, "map", "type", N_("The map is for another list: {0}."), map->main.type);
    for (size_t i = 0; i < p->file.n && p->file.format != TABLE_JSON; i++)
        import_leave_totals(p, &p->file.items[i]);
    const Table *main = main_table(p, map);
    TRY(add_batch(p, c, t, main, map));
    for (size_t i = 0; i < p->file.n && !map; i++) {
        const Table *table = &p->file.items[i];
        const Type *child =
            table == main || !table->n_rows ? NULL : import_sheet_type(c->model, t, table->name);
        if (child) TRY(add_batch(p, c, child, table, NULL));
    }
    for (ImportMap *m = map ? map->also : NULL; m; m = m->also) TRY(add_sheet(p, c, t, m));
    for (size_t i = 0; i < p->n; i++) p->report.read += (int64_t)p->batches[i].table->n_rows;
    return default_unit(p, c);
}

size_t import_rows(const ImportPlan *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) n += p->batches[i].table->n_rows;
    return n;
}

/* ---- passes ---- */

static void count(ImportReport *r, ImportAction action, int64_t by) {
    if (action == IMPORT_CREATE)
        r->created += by;
    else if (action == IMPORT_UPDATE)
        r->updated += by;
    else if (action == IMPORT_UNCHANGED)
        r->unchanged += by;
    else if (action == IMPORT_REJECT)
        r->n_rejected += by;
}

/* What a bulk's context has read of reference data stays. */
static Ctx *row_ctx(Ctx *c, Arena *scratch) {
    Ctx *own = NEW(scratch, Ctx);
    if (c->bulk) (void)cache_of(c);
    *own = *c;
    own->arena = scratch;
    if (!c->bulk) own->cache = NULL;
    own->issues = (Issues){0};
    return own;
}

/* In the order of the file, also of a row that waited for another one. */
static void show_line(ImportPlan *p, const ImportBatch *b, size_t row, const ImportRow *done) {
    ImportReport *r = &p->report;
    int64_t number = b->table->rows[row].row;
    size_t at = r->n_lines;
    while (at && r->lines[at - 1].row > number && str_eq(r->lines[at - 1].sheet, b->table->name))
        at--;
    if (at >= IMPORT_MOST_SHOWN) return;
    if (r->n_lines < IMPORT_MOST_SHOWN) {
        GROW(p->arena, r->lines, r->n_lines, r->cap_lines);
        r->n_lines++;
    }
    memmove(r->lines + at + 1, r->lines + at, (r->n_lines - 1 - at) * sizeof *r->lines);
    r->lines[at] = (ImportLine){.row = b->table->rows[row].row,
                                .action = done->action,
                                .sheet = b->table->name,
                                .number = str_copy(p->arena, done->number),
                                .text = str_copy(p->arena, done->text)};
}

static bool ticks(const ImportPlan *p, int64_t rows) {
    return !p->options.tick || p->options.tick(p->options.tick_arg, rows);
}

/* One pass over the rows; again: only those that wait for another row of the file, which may have
 * been rejected meanwhile. */
typedef struct CheckPass {
    Arena *scratch;
    Ctx *own;
    bool again;
    size_t n, changed;
} CheckPass;

static void change_line(ImportReport *r, const Table *t, size_t row, ImportAction action) {
    for (size_t i = 0; i < r->n_lines; i++)
        if (r->lines[i].row == t->rows[row].row && str_eq(r->lines[i].sheet, t->name))
            r->lines[i].action = action;
}

static Err check_row(ImportPlan *p, Ctx *c, CheckPass *pass, ImportBatch *b, size_t i) {
    if (pass->n++ % 100 == 0 || arena_used(pass->scratch) > SCRATCH) {
        arena_reset(pass->scratch);
        pass->own = row_ctx(c, pass->scratch);
    }
    ImportRow row = {.plan = p, .batch = b, .index = i, .is_check = true};
    TRY(import_row(&row, pass->own));
    if (b->later[i] != IMPORT_SAME_KEY) b->later[i] = row.waits ? IMPORT_WAITS : 0;
    if (!pass->again) {
        b->actions[i] = (unsigned char)row.action;
        count(&p->report, row.action, 1);
        show_line(p, b, i, &row);
    } else if (row.action != b->actions[i]) {
        pass->changed++;
        count(&p->report, (ImportAction)b->actions[i], -1);
        count(&p->report, row.action, 1);
        b->actions[i] = (unsigned char)row.action;
        change_line(&p->report, b->table, i, row.action);
    }
    return OK;
}

static Err check_pass(ImportPlan *p, Ctx *c, CheckPass *pass) {
    int64_t at = 0;
    pass->changed = 0;
    for (size_t k = 0; k < p->n; at += (int64_t)p->batches[k++].table->n_rows) {
        ImportBatch *b = &p->batches[k];
        for (size_t i = 0; i < b->table->n_rows; i++) {
            if (i % 100 == 0 && !ticks(p, at + (int64_t)i)) return ERR_BUSY;
            if (pass->again && b->later[i] != IMPORT_WAITS) continue;
            TRY(check_row(p, c, pass, b, i));
        }
    }
    return OK;
}

Err import_check(ImportPlan *p, Ctx *c) {
    CheckPass pass = {.scratch = arena_new(0)};
    Err e = check_pass(p, c, &pass);
    pass.again = true;
    /* Each further pass carries a rejection one reference on. */
    for (int i = 0; i < MOST_PASSES && e == OK && p->report.n_rejected; i++) {
        e = check_pass(p, c, &pass);
        if (!pass.changed) break;
    }
    arena_free(pass.scratch);
    p->checked_reasons = p->report.n_reasons;
    import_sums(p);
    return e;
}

void import_unchecked(ImportPlan *p) {
    CHECK(!p->options.all_or_nothing, "import_unchecked: all or nothing needs a check");
    p->is_unchecked = true;
}

Err import_begin(ImportPlan *p, Ctx *c) {
    ImportRun run = {.type = p->batches[0].type,
                     .file = p->options.file_name,
                     .map = p->options.map_name,
                     .map_text = p->options.map,
                     .by = c->actor->user,
                     .state = S("running"),
                     .all_or_nothing = p->options.all_or_nothing,
                     .read = p->report.read};
    if (!p->options.run) TRY(import_run_add(&p->options.run, c, &run));
    p->report.id = p->options.run;
    import_restart(p);
    c->is_quiet = true;
    c->source = str_fmt(c->arena, "import:%lld", (long long)p->report.id);
    return OK;
}

void import_restart(ImportPlan *p) {
    ImportReport *r = &p->report;
    r->created = r->updated = r->unchanged = r->n_rejected = r->children_created =
        r->children_updated = 0;
    r->n_reasons = p->checked_reasons;
    p->batch = p->row = 0;
    p->retrying = false;
    if (p->is_unchecked) r->n_lines = r->n_sums = r->n_unknown = 0;
    for (size_t k = 0; k < p->n; k++) p->batches[k].known = NULL;
    for (size_t k = 0; k < p->n; k++)
        for (size_t i = 0; i < p->batches[k].table->n_rows; i++) {
            if (p->is_unchecked) p->batches[k].actions[i] = IMPORT_NONE;
            unsigned char a = p->batches[k].actions[i];
            if (a == IMPORT_UNCHANGED || a == IMPORT_REJECT) count(r, (ImportAction)a, 1);
        }
}

void import_mark(ImportPlan *p) {
    if (!p->mark) p->mark = NEW(p->arena, ImportPlan);
    for (size_t k = 0; k < p->n; k++) {
        size_t n = p->batches[k].table->n_rows;
        if (!p->mark_later[k]) p->mark_later[k] = NEW_N(p->arena, unsigned char, n + 1);
        memcpy(p->mark_later[k], p->batches[k].later, n);
    }
    ImportPlan *mark = p->mark;
    *mark = *p;
}

void import_rewind(ImportPlan *p) {
    *p = *p->mark;
    for (size_t k = 0; k < p->n; k++)
        memcpy(p->batches[k].later, p->mark_later[k], p->batches[k].table->n_rows);
}

/* One row in its own savepoint. */
static Err apply_row(ImportPlan *p, Ctx *own, ImportBatch *b, size_t i, bool *waits) {
    ImportRow row = {.plan = p, .batch = b, .index = i, .is_last_try = p->retrying && !p->progress};
    own->issues = (Issues){0};
    if (b->type->flags & TYPE_NO_UNIT) own->cache = NULL; /* the organisation itself changes */
    /* A change of what is stored writes what is held first: not inside its own savepoint. */
    if (b->actions[i] != IMPORT_CREATE && !p->is_unchecked) TRY(bulk_flush(own));
    TRY(db_savepoint(own->db));
    if (own->bulk) bulk_mark(own);
    Err e = import_row(&row, own);
    bool undo = e != OK || row.action == IMPORT_REJECT || row.action == IMPORT_NONE;
    if (undo)
        db_rollback_to(own->db);
    else
        TRY(db_release(own->db));
    if (own->bulk && undo) bulk_undo(own);
    if (own->bulk && !undo) bulk_keep(own);
    if (e != OK) return e;
    *waits = row.action == IMPORT_NONE;
    if (*waits) return OK;
    if (p->is_unchecked) {
        b->actions[i] = (unsigned char)row.action;
        show_line(p, b, i, &row);
    }
    count(&p->report, row.action, 1);
    p->report.children_created += row.children_created;
    p->report.children_updated += row.children_updated;
    return OK;
}

/* After the last row of a batch: once more for rows that waited, while that helps; then once to say
 * why not. */
static bool next_pass(ImportPlan *p, ImportBatch *b) {
    bool any = false;
    for (size_t i = 0; i < b->table->n_rows; i++) any = any || b->later[i] == IMPORT_WAITS;
    if (!any || (p->retrying && !p->progress)) return false;
    if (!p->retrying)
        p->progress = true; /* the first pass through may have made what they wait for */
    else
        p->progress = p->moved;
    p->retrying = true;
    p->moved = false;
    return true;
}

/* Most rows are new where rows are not checked before. */
static Err stock(Ctx *own, const ImportBatch *b, size_t row) {
    size_t left = b->table->n_rows - row;
    if (row && b->actions[row - 1] != IMPORT_CREATE) return OK;
    bulk_expect(own, b->type, left);
    return bulk_stock(own, b->type, left < AT_ONCE ? left : AT_ONCE);
}

/* scratch: two, of which one may hold what is being written. */
static Err apply_batch(ImportPlan *p, Ctx *c, ImportBatch *b, Arena *scratch[2], int64_t until,
                       bool *stopped) {
    Ctx *own = NULL;
    size_t turn = 0;
    TRY(db_behind_wait(c->db)); /* of an earlier batch: what it reads stands in one of the two */
    for (size_t n = 0; p->row < b->table->n_rows; p->row++) {
        size_t i = p->row;
        bool waits;
        if (b->actions[i] == IMPORT_UNCHANGED || b->actions[i] == IMPORT_REJECT) continue;
        if (p->retrying && b->later[i] != IMPORT_WAITS) continue;
        if (until && n && clock_mono_us() >= until) {
            *stopped = true;
            break;
        }
        if (n++ % AT_ONCE == 0 || arena_used(scratch[turn]) > SCRATCH) {
            if (own) TRY(bulk_flush(own));
            turn = !turn;
            arena_reset(scratch[turn]);
            own = row_ctx(c, scratch[turn]);
            if (own->bulk && p->is_unchecked) TRY(stock(own, b, p->row));
        }
        TRY(apply_row(p, own, b, i, &waits));
        b->later[i] = waits ? IMPORT_WAITS : 0;
        p->moved = p->moved || !waits;
    }
    return own ? bulk_flush(own) : OK;
}

/* ---- keys that are stored ---- */

/* All outer keys of a type, in their order; false: there are more than rows in the file. */
static Err stored_keys(Rows **rows, bool *few, Ctx *c, const Type *t, size_t most) {
    int64_t stored;
    bool found;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT COUNT(external_key) FROM ");
    sql_name(&s, NULL, t->name);
    TRY(db_get_int(&stored, &found, c->db, s.text.p, s.args, s.n));
    *few = stored >= 0 && (size_t)stored <= most;
    if (!*few) return OK;
    s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT external_key FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " WHERE external_key IS NOT NULL ORDER BY external_key");
    return db_rows(rows, c->db, c->arena, s.text.p, s.args, s.n);
}

/* A key that the file gives could be one that is made elsewhere. */
static bool gives_child_keys(const ImportMap *m) {
    for (size_t k = 0; k < m->n_children; k++)
        if (field_index(&m->children[k], "external_key") >= 0) return true;
    return false;
}

static Err find_child_keys(ImportPlan *p, Ctx *c, ImportBatch *b, size_t k) {
    struct ImportKeys *keys = &b->child_keys[k];
    const Type *t = b->children[k];
    Rows *rows;
    bool few, more;
    for (size_t i = 0; i < k; i++)
        if (b->child_keys[i].type == t) return *keys = b->child_keys[i], OK;
    if (!type_field(t, S("external_key"))) return OK;
    TRY(stored_keys(&rows, &few, c, t, b->table->n_rows));
    if (!few) return OK;
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) break;
        GROW(p->arena, keys->items, keys->n, keys->cap);
        keys->items[keys->n++] = str_copy(p->arena, rows_text(rows, 0));
    }
    keys->type = t;
    return OK;
}

/* Keys that no stored record has need not be looked for row by row: asked once, where fewer records
 * are stored than rows come. Nobody else writes meanwhile. */
static Err find_known(ImportPlan *p, Ctx *c, ImportBatch *b) {
    Rows *rows;
    bool few, more;
    if (!p->is_unchecked || b->known || p->row || !type_field(b->type, S("external_key")))
        return OK;
    TRY(stored_keys(&rows, &few, c, b->type, b->table->n_rows));
    if (!few) return OK;
    bool *known = NEW_N(p->arena, bool, b->table->n_rows + 1);
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) break;
        size_t row = import_key_row(b, rows_text(rows, 0));
        if (row != SIZE_MAX) known[row] = true;
    }
    b->known = known;
    memset(b->child_keys, 0, sizeof b->child_keys);
    for (size_t k = 0; k < b->map->n_children && !gives_child_keys(b->map); k++)
        TRY(find_child_keys(p, c, b, k));
    return OK;
}

static bool takes_bulk(const ImportPlan *p) {
    bool all = true;
    for (size_t k = 0; k < p->n; k++) {
        const ImportBatch *b = &p->batches[k];
        all = all && (b->type->flags & TYPE_BULK);
        for (size_t i = 0; i < b->map->n_children; i++)
            all = all && (b->children[i]->flags & TYPE_BULK);
    }
    return all;
}

Err import_apply(ImportPlan *p, Ctx *c, int64_t most_us, bool *done) {
    Arena *scratch[2] = {arena_new(0), arena_new(0)}, *keep = arena_new(0);
    bool stopped = false, in_bulk = takes_bulk(p);
    Err e = OK;
    Ctx bulk = *c;
    bulk.keep = keep;
    bulk.cache = NULL;
    if (in_bulk) {
        bulk_begin(&bulk);
        bulk_gather_facts(&bulk);
    }
    Ctx *with = in_bulk ? &bulk : c;
    /* A third of a slice is for writing what is held at its end. */
    int64_t until = most_us ? clock_mono_us() + (in_bulk ? most_us * 2 / 3 : most_us) : 0;
    while (p->batch < p->n && e == OK && !stopped) {
        ImportBatch *b = &p->batches[p->batch];
        e = find_known(p, with, b);
        if (e == OK) e = apply_batch(p, with, b, scratch, until, &stopped);
        if (e != OK || stopped) break;
        p->row = 0;
        if (next_pass(p, b)) continue;
        p->retrying = false;
        p->batch++;
    }
    bulk.arena = keep; /* figures of a slice are many, and of an import that is alone slices, too */
    if (e == OK && in_bulk) e = bulk_end(&bulk);
    Err written = db_behind_wait(c->db);
    if (e == OK) e = written;
    arena_free(scratch[0]);
    arena_free(scratch[1]);
    arena_free(keep);
    *done = !stopped;
    if (e == OK && *done && p->is_unchecked) import_sums(p);
    if (e == OK && p->options.all_or_nothing && p->report.n_rejected)
        return issue(c, "file", "rejected",
                     N_("Nothing was imported, because some rows cannot be."));
    return e;
}
