/* page_search.c: search over everything the reader may see, and the look-up behind reference
 * fields. Words go through the list of each type, so scope and hidden fields are those of the
 * lists. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/cache.h"
#include "model/page_kit.h"

#include "base/utf8.h"
#include "model/list_total.h"

enum { MOST_QUERY = 200, MOST_NUMBER = 200 };

static Str upper_ascii(Arena *a, Str s) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < s.n; i++)
        text_char(&t, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i]);
    return text_str(&t);
}

/* The record whose number or code is exactly this; NULL when there is none in scope. */
static Err exact(Record **out, Ctx *c, const Type *t, Str q) {
    *out = NULL;
    if (!q.n || q.n > MOST_NUMBER) return OK;
    Str prefix = str_fmt(c->arena, "%s-", t->prefix ? t->prefix : "");
    Str upper = upper_ascii(c->arena, q);
    if (!t->key && !str_starts(upper, prefix)) return OK;
    if (t->key) {
        /* A code that is hidden from the reader must not be guessed either. */
        FieldSet hidden = {0};
        TRY(access_hidden(&hidden, c, t, NULL));
        if (fieldset_has(hidden, t->key->index)) return OK;
    }
    Err err = record_find(out, c, t, t->key ? q : upper);
    if (err == ERR_MISSING && t->key) err = record_find(out, c, t, upper);
    if (err != ERR_MISSING && err != ERR_DENIED) return err;
    *out = NULL;
    return OK;
}

/* Rows show number and title and what every record has: no more is read of them. */
static Err read_list(Records *out, bool *more, Ctx *c, ListQuery *q) {
    ListCursor *cursor = NULL;
    const PageColumn title = {.field = type_field(q->type, S("title"))};
    q->wanted = page_kit_drawn(c, q, &title, 1);
    TRY(list_open(&cursor, c, q));
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
    *more = list_after(cursor).n > 0;
    return OK;
}

static Err parse_list(ListQuery *out, Ctx *c, const Type *t, const char *name, Str value) {
    Input params = {0};
    input_add(&params, c->arena, str_of(name), value);
    input_add(&params, c->arena, S("sort"), S("-id"));
    input_add(&params, c->arena, S("limit"), S("20"));
    return list_parse(out, c, t, &params);
}

/* The newest of a type that have the words. */
static Err matching(Records *out, bool *more, Ctx *c, const Type *t, Str q, const DbWords *words) {
    ListQuery list = {0};
    TRY(parse_list(&list, c, t, "q", q));
    list.words = words;
    return read_list(out, more, c, &list);
}

static Err among(Records *out, bool *more, Ctx *c, const Type *t, const DbHits *hits) {
    Text ids = text_new(c->arena, 0);
    ListQuery list = {0};
    for (size_t i = 0; i < hits->n; i++)
        text_fmt(&ids, i ? ",%lld" : "%lld", (long long)hits->ids[i]);
    TRY(parse_list(&list, c, t, "id.in", text_str(&ids)));
    return read_list(out, more, c, &list);
}

/* What was found, the newest of all types in one pass. */
typedef struct Search {
    Str q;
    DbWords words;
    DbHits *hits;
    size_t n;
    bool *has_code; /* by type: a record has it as its code */
} Search;

static Err is_searched(bool *out, Ctx *c, const Type *t) {
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    *out = !(t->flags & TYPE_NO_PAGES) && access_any(access);
    return OK;
}

static Err search_words(Search *out, Ctx *c, Str q) {
    enum { MOST_HITS = 40 };
    const char **types = NEW_N(c->arena, const char *, c->model->n_types + 1);
    size_t n = 0;
    *out = (Search){.q = q};
    for (size_t i = 0; i < c->model->n_types; i++) {
        bool is;
        TRY(is_searched(&is, c, &c->model->types[i]));
        if (is) types[n++] = c->model->types[i].name;
    }
    TRY(list_words(&out->words, c, q));
    return db_words_newest(&out->hits, &out->n, c->db, c->arena, &out->words, MOST_HITS, types, n);
}

static void code_sql(Sql *s, Ctx *c, const Type *t, Str q, Str upper) {
    if (s->n) sql_add(s, " UNION ALL ");
    sql_add(s, str_fmt(c->arena, "SELECT %d FROM ", t->index).p);
    sql_name(s, NULL, t->name);
    sql_add(s, " r WHERE (");
    (void)ref_where(s, c, t, q);
    sql_add(s, " OR ");
    (void)ref_where(s, c, t, upper);
    sql_add(s, ")");
}

/* In which types it is a code: one statement for all of them. */
static Err search_codes(Search *out, Ctx *c, Str q) {
    Sql s = sql_new(c->arena, c->db);
    Rows *rows;
    bool has = true;
    out->has_code = NEW_N(c->arena, bool, c->model->n_types + 1);
    for (size_t i = 0; q.n && i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        bool is;
        TRY(is_searched(&is, c, t));
        if (is && t->key) code_sql(&s, c, t, q, upper_ascii(c->arena, q));
    }
    if (!s.n) return OK;
    TRY(sql_few(&rows, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        out->has_code[rows_int(rows, 0)] = true;
    }
}

/* The newest of a type that the reader may see. */
static Err visible(Records *out, bool *more, Ctx *c, const Type *t, const Search *s) {
    const DbHits *hits = NULL;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->hits[i].type, t->name) == 0 && (s->hits[i].n || s->hits[i].is_cut))
            hits = &s->hits[i];
    if (hits && hits->n) TRY(among(out, more, c, t, hits));
    bool too_few = hits && hits->is_cut && !*more; /* of the newest are this reader's */
    if (!too_few) return OK;
    *out = (Records){0};
    return matching(out, more, c, t, s->q, &s->words);
}

static void put_first(Records *found, Arena *a, Record *r) {
    for (size_t i = 0; i < found->n; i++)
        if (found->items[i]->id == r->id) {
            memmove(&found->items[1], &found->items[0], i * sizeof(Record *));
            found->items[0] = r;
            return;
        }
    GROW(a, found->items, found->n, found->cap);
    memmove(&found->items[1], &found->items[0], found->n * sizeof(Record *));
    found->items[0] = r;
    found->n++;
}

static Err type_section(Block **out, Ctx *c, const Type *t, const Records *found, bool more,
                        Str q) {
    static const char *const columns[] = {"number", "title", "state", "unit", "updated_at"};
    Block *list = NULL;
    TRY(page_records_list(c, t, found, columns, LENGTH(columns), &list));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, t->plural_label));
    (*out)->id = t->plural;
    if (more) {
        Button *all = NEW(c->arena, Button);
        Str escaped = page_kit_escape(c->arena, q);
        *all = (Button){.label = TRS(c, N_("Show all")),
                        .href = str_fmt(c->arena, "/%s?q=%.*s", t->plural, FMT(escaped))};
        (*out)->layout.buttons = all;
        (*out)->layout.n_buttons = 1;
        list->list.total = -1;
    }
    view_put(c->arena, *out, list);
    return OK;
}

static Err search_type(Block *exact_first, Block *others, size_t *hits, Ctx *c, const Type *t,
                       const Search *search) {
    bool is;
    TRY(is_searched(&is, c, t));
    if (!is) return OK;
    Records found = {0};
    bool more = false;
    Record *same = NULL;
    TRY(visible(&found, &more, c, t, search));
    if (!t->key || search->has_code[t->index]) TRY(exact(&same, c, t, search->q));
    if (same) put_first(&found, c->arena, same);
    if (!found.n) return OK;
    Block *section = NULL;
    TRY(type_section(&section, c, t, &found, more, search->q));
    view_put(c->arena, same ? exact_first : others, section);
    *hits += found.n;
    return OK;
}

Err page_search(Ctx *c, const Input *query, Page *out) {
    Str q = utf8_clip(str_trim(input_getz(query, "q")), MOST_QUERY);
    out->title = TRS(c, N_("Search"));
    out->nav = "/search";
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    out->main = out->body;
    if (!utf8_fold(c->arena, q).n) {
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("What are you looking for?")),
                TRS(c,
                    N_("Type a number such as INC-2026-00042, or words of a title or description."))));
        return OK;
    }
    out->title = FILL(c, TR(c, "Search: {0}"), q);
    Block *first = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *others = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    size_t hits = 0;
    Search search;
    TRY(search_words(&search, c, q));
    TRY(search_codes(&search, c, q));
    for (size_t i = 0; i < c->model->n_types; i++)
        TRY(search_type(first, others, &hits, c, &c->model->types[i], &search));
    if (!hits)
        view_put(
            c->arena, out->body,
            view_text(c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("Nothing was found")),
                      TRS(c, N_("Try fewer or other words. Only what you may see is searched."))));
    view_put(c->arena, out->body, first);
    view_put(c->arena, out->body, others);
    return OK;
}

Err page_lookup(Ctx *c, const Type *t, Str q, Page *out) {
    static const Column columns[] = {{.name = "key", .kind = CELL_CODE, .is_main = true},
                                     {.name = "text", .kind = CELL_TEXT}};
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    if (!access_any(access)) return ERR_MISSING;
    Records found = {0};
    bool more = false;
    Record *same = NULL;
    q = utf8_clip(str_trim(q), MOST_QUERY);
    if (utf8_fold(c->arena, q).n) TRY(matching(&found, &more, c, t, q, NULL));
    TRY(exact(&same, c, t, q));
    if (same) put_first(&found, c->arena, same);
    Row *rows = NEW_N(c->arena, Row, found.n + 1);
    for (size_t i = 0; i < found.n; i++) {
        Cell *cells = NEW_N(c->arena, Cell, 2);
        cells[0] = cell_code(record_number(c->arena, found.items[i]));
        cells[1] = cell_text(record_title(c, found.items[i]));
        rows[i] = (Row){.id = cells[0].text, .cells = cells};
    }
    Block *list = view_block(c->arena, BLOCK_LIST);
    list->list = (ListView){.columns = columns,
                            .n_columns = LENGTH(columns),
                            .rows = rows_of_array(c->arena, rows, found.n),
                            .total = (int64_t)found.n,
                            .total_is_exact = !more,
                            .is_plain = true};
    out->title = TRS(c, t->plural_label);
    out->body = out->main = list;
    return OK;
}
