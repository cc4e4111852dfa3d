/* ref.c: names of referred records, cached for the length of a request, and trees for forms and
 * filters. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"
#include "model/cache.h"

#include "base/utf8.h"
#include "model/columns.h"
#include "model/names.h"
#include "model/record.h"

static const char *title_column(const Ctx *c, const Type *t) {
    const Field *f = t->titles[c->lang];
    return f ? f->name : NULL;
}

/* Title in the reader's language, else French, English, Arabic: whichever is there. */
static void title_expression(Sql *s, const Ctx *c, const Type *t) {
    const char *own = title_column(c, t);
    static const Lang order[] = {LANG_FR, LANG_EN, LANG_AR};
    sql_add(s, "COALESCE(");
    if (own) {
        sql_name(s, "r", own);
        sql_add(s, ", ");
    }
    for (size_t i = 0; i < LENGTH(order); i++)
        if (t->titles[order[i]]) {
            sql_name(s, "r", t->titles[order[i]]->name);
            sql_add(s, ", ");
        }
    sql_add(s, "'')");
    sql_add(s, ", ");
    if (t->title_else)
        sql_name(s, "r", t->title_else->name);
    else
        sql_add(s, "''");
}

/* Columns 3 and 4 of a row; a title that is a choice is said in the reader's words. */
static Str title_of_row(const Ctx *c, const Type *t, const Rows *r) {
    Str title = rows_copy(r, 3);
    const Field *f = t->titles[c->lang];
    if (title.n && f && f->kind == KIND_CHOICE) return record_choice_words(c, f, title);
    return title.n || !t->title_else ? title
                                     : record_choice_words(c, t->title_else, rows_copy(r, 4));
}

static void key_columns(Sql *s, const Type *t) {
    if (t->key)
        sql_name(s, "r", t->key->name);
    else
        sql_add(s, "''");
    sql_add(s, ", r.year, r.seq, ");
}

static Str key_of_row(Arena *a, const Type *t, const Rows *r) {
    if (t->key) return str_copy(a, rows_text(r, 0));
    return record_number_of(a, t, rows_int(r, 1), rows_int(r, 2));
}

/* A name that some of the actor's grants hide: what is left of it on this very record. */
static Err mask_fields(RefName *out, Ctx *c, const Type *t) {
    Record *r;
    FieldSet hidden;
    Err e = record_load_raw(&r, c, t, out->id);
    if (e == ERR_MISSING)
        r = NULL; /* not yet there on the day shown */
    else
        TRY(e);
    TRY(access_hidden(&hidden, c, t, r));
    for (size_t i = 0; i < LANG_COUNT; i++)
        if (t->titles[i] && fieldset_has(hidden, t->titles[i]->index)) out->title = (Str){0};
    if (t->title_else && fieldset_has(hidden, t->title_else->index)) out->title = (Str){0};
    if (t->key && fieldset_has(hidden, t->key->index)) out->is_hidden = true;
    return OK;
}

static bool some_fields_hidden(const Access *a) {
    for (size_t i = 0; i < a->n; i++)
        if (a->rules[i].grant->hide) return true;
    return false;
}

static Err read_name(RefName *out, Ctx *c, const Type *t, int64_t id) {
    const Access *a;
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    TRY(access_of(&a, c, t, OP_READ));
    *out = (RefName){.id = id};
    sql_add(&s, "SELECT ");
    key_columns(&s, t);
    title_expression(&s, c, t);
    if (!t->is_public) {
        sql_add(&s, ", CASE WHEN 1 = 1");
        access_sql(&s, a, "r");
        sql_add(&s, " THEN 1 ELSE 0 END");
    }
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE r.id = ");
    sql_bind(&s, db_int(id));
    TRY(sql_few(&r, &s, c->db, c->arena));
    TRY(rows_next(&out->found, r));
    if (!out->found) return OK;
    out->key = key_of_row(c->arena, t, r);
    out->title = title_of_row(c, t, r);
    out->is_hidden = !t->is_public && !rows_int(r, 5);
    rows_close(r);
    bool partly = !t->is_public && !out->is_hidden && some_fields_hidden(a);
    return partly ? mask_fields(out, c, t) : OK;
}

Err ref_name_stored(RefName *out, Ctx *c, const Type *t, int64_t id) {
    const Record *held = bulk_find(c, t, id);
    if (held) {
        *out = (RefName){.id = id,
                         .found = true,
                         .key = record_number(c->arena, held),
                         .title = record_title(c, held)};
        return OK;
    }
    Cache *k = cache_of(c);
    CacheRef **slot = &k->refs[cache_slot(t, id)];
    for (CacheRef *e = *slot; e; e = e->next)
        if (e->type == t && e->name.id == id && e->lang == c->lang) {
            *out = e->name;
            return OK;
        }
    NameTable *names;
    TRY(names_of(&names, c, t));
    if (names && names_find(out, names, t, id, c->lang)) return OK;
    Arena *own = c->arena;
    c->arena = k->arena;
    Err err = read_name(out, c, t, id);
    c->arena = own;
    if (err) return err;
    if (names && out->found) names_keep(names, t, *out, c->lang);
    CacheRef *e = NEW(k->arena, CacheRef);
    *e = (CacheRef){.type = t, .name = *out, .lang = c->lang, .next = *slot};
    *slot = e;
    return OK;
}

Err ref_name(RefName *out, Ctx *c, const Type *t, int64_t id) {
    TRY(ref_name_stored(out, c, t, id));
    if (out->is_hidden) *out = (RefName){.id = id, .is_hidden = true};
    return OK;
}

bool ref_number(int64_t *year, int64_t *seq, const Type *t, Str number) {
    Str rest = number, part;
    if (!str_cut(&part, &rest, '-') || !str_is(part, t->prefix)) return false;
    if (!str_cut(&part, &rest, '-') || !str_to_int(year, part)) return false;
    return str_to_int(seq, rest) && *seq > 0 && *year >= 0;
}

static Err only_readable(Sql *s, Ctx *c, const Type *t) {
    const Access *a;
    if (t->is_public) return OK;
    TRY(access_of(&a, c, t, OP_READ));
    access_sql(s, a, "r");
    return OK;
}

bool ref_where(Sql *s, Ctx *c, const Type *t, Str key) {
    int64_t year, seq;
    if (t->key) {
        bool is_user = strcmp(t->name, "user") == 0;
        sql_name(s, "r", t->key->name);
        sql_add(s, " = ");
        sql_bind(s, db_text(is_user ? str_lower_ascii(c->arena, key) : key));
        return key.n > 0;
    }
    if (!ref_number(&year, &seq, t, key)) return false;
    sql_add(s, "r.year = ");
    sql_bind(s, db_int(year));
    sql_add(s, " AND r.seq = ");
    sql_bind(s, db_int(seq));
    return true;
}

static Err find_key(int64_t *out, Ctx *c, const Type *t, Str key) {
    Sql s = sql_new(c->arena, c->db);
    bool found;
    key = str_trim(key);
    sql_add(&s, "SELECT r.id FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE ");
    if (!ref_where(&s, c, t, key)) return ERR_MISSING;
    TRY(only_readable(&s, c, t));
    TRY(db_get_int(out, &found, c->db, s.text.p, s.args, s.n));
    if (found) return OK;
    const Record *held;
    for (size_t i = 0; (held = bulk_at(c, t, i)); i++)
        if (str_eq(record_number(c->arena, held), key)) {
            *out = held->id;
            return OK;
        }
    return ERR_MISSING;
}

Err ref_find(int64_t *out, Ctx *c, const Type *t, Str key) {
    Cache *k = cache_of(c);
    bool is_kept = t->key && (t->key->flags & F_FIXED) && (t->flags & TYPE_TREE) && !c->as_of.n;
    key = str_trim(key);
    size_t hash = (size_t)t->index;
    for (size_t i = 0; i < key.n; i++) hash = hash * 33u + (unsigned char)key.p[i];
    CacheKey **slot = &k->keys[hash % CACHE_REFS];
    for (CacheKey *e = *slot; e && is_kept; e = e->next)
        if (e->type == t && str_eq(e->key, key)) return *out = e->id, OK;
    TRY(find_key(out, c, t, key));
    if (!is_kept) return OK;
    CacheKey *e = NEW(k->arena, CacheKey);
    *e = (CacheKey){t, str_copy(k->arena, key), *out, *slot};
    k->seen[t->index] = true;
    *slot = e;
    return OK;
}

enum { SAME_NAME = 8 };

/* Of entries of one name the one that is above all others; 0: there is none. */
static int64_t topmost(const int64_t *ids, const int64_t *parents, size_t n) {
    int64_t top = 0;
    for (size_t i = 0; i < n; i++) {
        bool has_above = false;
        for (size_t k = 0; k < n; k++) has_above = has_above || ids[k] == parents[i];
        if (has_above) continue;
        if (top) return 0;
        top = ids[i];
    }
    return n < SAME_NAME ? top : 0;
}

static void take_named(int64_t *ids, int64_t *parents, size_t *n, int64_t id, int64_t parent) {
    for (size_t i = 0; i < *n; i++)
        if (ids[i] == id) return;
    if (*n == SAME_NAME) return;
    ids[*n] = id;
    parents[(*n)++] = parent;
}

Err ref_find_name(int64_t *out, Ctx *c, const Type *t, Str kind, Str name) {
    const Field *of_kind = kind.n ? type_field(t, S("kind")) : NULL;
    Str folded = utf8_fold(c->arena, str_trim(name));
    int64_t ids[SAME_NAME], parents[SAME_NAME];
    size_t n = 0;
    if (!folded.n) return ERR_MISSING;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const Field *f = t->titles[lang];
        Sql s = sql_new(c->arena, c->db);
        Rows *r;
        bool more;
        if (!f || (lang && f == t->titles[0])) continue;
        sql_add(&s,
                t->flags & TYPE_TREE ? "SELECT r.id, r.parent FROM " : "SELECT r.id, NULL FROM ");
        sql_name(&s, NULL, t->name);
        sql_add(&s, " r WHERE ");
        /* a name that lists do not sort by has no folded form: as it is written */
        bool is_folded = columns_has_sort(f);
        sql_name(&s, "r", is_folded ? f->sort : f->name);
        sql_add(&s, " = ");
        sql_bind(&s, db_text(is_folded ? folded : str_trim(name)));
        if (of_kind) {
            sql_add(&s, " AND r.kind = ");
            sql_bind(&s, db_text(kind));
        }
        TRY(only_readable(&s, c, t));
        sql_add(&s, " LIMIT 8");
        TRY(sql_few(&r, &s, c->db, c->arena));
        for (;;) {
            TRY(rows_next(&more, r));
            if (!more) break;
            take_named(ids, parents, &n, rows_int(r, 0), rows_int(r, 1));
        }
    }
    *out = topmost(ids, parents, n);
    return *out ? OK : ERR_MISSING;
}

/* ---- trees ---- */

typedef struct Flat {
    TreeItem *items;
    size_t n, cap;
} Flat;

static Err read_flat(Flat *out, Ctx *c, const Type *t, Str kind) {
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    bool more;
    const Field *position = type_field(t, S("position"));
    sql_add(&s, "SELECT ");
    key_columns(&s, t);
    title_expression(&s, c, t);
    sql_add(&s, ", r.id, r.state, ");
    sql_add(&s, type_field(t, S("parent")) ? "r.parent" : "NULL");
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE 1 = 1");
    if (kind.n) {
        sql_add(&s, " AND r.kind = ");
        sql_bind(&s, db_text(kind));
    }
    TRY(only_readable(&s, c, t));
    sql_add(&s, position ? " ORDER BY r.position, r.id" : " ORDER BY r.id");
    TRY(sql_few(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        const State *state = type_state(t, rows_text(r, 6));
        out->items[out->n++] = (TreeItem){.key = key_of_row(c->arena, t, r),
                                          .title = title_of_row(c, t, r),
                                          .id = rows_int(r, 5),
                                          .parent = rows_int(r, 7),
                                          .is_retired = state && (state->flags & STATE_CLOSED)};
    }
}

static ptrdiff_t index_of(const Flat *f, int64_t id) {
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].id == id) return (ptrdiff_t)i;
    return -1;
}

/* Depth-first order with an explicit stack; a node whose parent is missing is a root. Cycles cannot
 * enter: validated at save; `done` guards all the same. */
static void put_in_order(TreeItem *out, size_t *n, Ctx *c, const Flat *f) {
    bool *done = NEW_N(c->arena, bool, f->n ? f->n : 1);
    size_t *stack = NEW_N(c->arena, size_t, f->n + 1);
    int *depth = NEW_N(c->arena, int, f->n + 1);
    size_t *first = NEW_N(c->arena, size_t, f->n + 1); /* 1-based index of the first child */
    size_t *next = NEW_N(c->arena, size_t, f->n + 1);
    size_t top = 0;
    for (size_t i = f->n; i-- > 0;) {
        ptrdiff_t p = f->items[i].parent ? index_of(f, f->items[i].parent) : -1;
        if (p < 0) continue;
        next[i] = first[p];
        first[p] = i + 1;
    }
    for (size_t root = 0; root < f->n; root++) {
        if (f->items[root].parent && index_of(f, f->items[root].parent) >= 0) continue;
        stack[top] = root;
        depth[top++] = 0;
        while (top) {
            size_t i = stack[--top];
            int d = depth[top];
            if (done[i]) continue;
            done[i] = true;
            out[*n] = f->items[i];
            out[(*n)++].depth = d;
            size_t from = top;
            for (size_t k = first[i]; k && top < f->n; k = next[k - 1]) {
                stack[top] = k - 1;
                depth[top++] = d + 1;
            }
            for (size_t x = from, y = top; x + 1 < y; x++) { /* first child on top */
                y--;
                size_t swap = stack[x];
                stack[x] = stack[y];
                stack[y] = swap;
            }
        }
    }
}

Err ref_tree(const TreeItem **out, size_t *n, Ctx *c, const Type *t, Str kind) {
    Cache *k = cache_of(c);
    for (CacheTree *e = k->trees; e; e = e->next)
        if (e->type == t && str_eq(e->kind, kind) && e->lang == c->lang) {
            *out = e->items;
            *n = e->n;
            return OK;
        }
    NameTable *names;
    TRY(names_of(&names, c, t));
    if (names && names_find_tree(out, n, names, t, kind, c->lang)) return OK;
    Flat f = {0};
    Arena *own = c->arena;
    c->arena = k->arena;
    Err err = read_flat(&f, c, t, kind);
    TreeItem *items = NEW_N(k->arena, TreeItem, f.n ? f.n : 1);
    *n = 0;
    if (!err) put_in_order(items, n, c, &f);
    c->arena = own;
    if (err) return err;
    CacheTree *e = NEW(k->arena, CacheTree);
    *e = (CacheTree){.type = t,
                     .kind = str_copy(k->arena, kind),
                     .items = items,
                     .n = *n,
                     .lang = c->lang,
                     .next = k->trees};
    k->trees = e;
    if (names) names_keep_tree(names, t, kind, c->lang, items, *n);
    *out = items;
    return OK;
}

Err ref_root(int64_t *out, Ctx *c, const Type *t, int64_t id) {
    *out = id;
    Cache *k = cache_of(c);
    for (int guard = 0; *out && guard < 64; guard++) {
        int64_t parent = 0;
        bool found = false;
        CacheParent *e = k->parents[cache_slot(t, *out)];
        while (e && !(e->type == t && e->id == *out)) e = e->next;
        if (e)
            parent = e->parent;
        else {
            Sql s = sql_new(c->arena, c->db);
            sql_add(&s, "SELECT parent FROM ");
            sql_name(&s, NULL, t->name);
            sql_add(&s, " WHERE id = ");
            sql_bind(&s, db_int(*out));
            TRY(db_get_int(&parent, &found, c->db, s.text.p, s.args, s.n));
            e = NEW(k->arena, CacheParent);
            *e = (CacheParent){t, *out, parent, k->parents[cache_slot(t, *out)]};
            k->parents[cache_slot(t, *out)] = e;
        }
        if (!parent) return OK;
        *out = parent;
    }
    return OK;
}
