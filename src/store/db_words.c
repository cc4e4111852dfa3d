/* db_words.c: reading the search index: which records have these words. A frequent word must not
 * cost by the number of its records: SQLite gives them newest first, one by one, and where that
 * does not help, records are walked and their text is looked into. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "store/db_impl.h"

#include <stdlib.h>

enum { WORD_BYTES = 200, PREFIX_LETTERS = 3, ENDINGS = 64 };

/* Folded text holds only letters, digits and blanks; anything else would be an operator of the
 * engine. */
static Str clean_words(Arena *a, Str folded) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < folded.n; i++) {
        unsigned char c = (unsigned char)folded.p[i];
        bool keep =
            c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        text_char(&t, keep ? (char)c : ' ');
    }
    return text_str(&t);
}

static size_t letters_in(Str word) {
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) n += ((unsigned char)word.p[i] & 0xC0) != 0x80;
    return n;
}

/* SQLite gathers all records of all words with a prefix before it gives the first one, but whole
 * words it reads one record at a time: the words that begin so are looked up. */
static const char endings_sql[] =
    "WITH RECURSIVE w(t) AS (SELECT (SELECT term FROM search_text_words WHERE term >= $1 LIMIT 1)"
    " UNION ALL SELECT (SELECT term FROM search_text_words WHERE term >= w.t || char(1) LIMIT 1)"
    " FROM w WHERE w.t < $2 LIMIT $3) SELECT t FROM w WHERE t < $2";

void db_endings_forget(Conn *c) {
    for (size_t i = 0; i < LENGTH(c->endings.items); i++) {
        free(c->endings.items[i].word);
        free(c->endings.items[i].match);
    }
    c->endings = (Endings){0};
}

/* What is known of the word, empty when nothing is; NULL where nothing may be kept: the writer's
 * own changes do not change its version. */
static Err endings_known(Endings **out, Str *match, Db *db, Str word) {
    int64_t version;
    bool found;
    *out = NULL;
    *match = (Str){0};
    if (!db->is_read_only || !db->conn->is_reader) return OK;
    TRY(db_get_int(&version, &found, db, "PRAGMA data_version", NO_ARGS));
    if (!found) return OK;
    Endings *e = *out = &db->conn->endings;
    if (e->version != version) db_endings_forget(db->conn);
    e->version = version;
    for (size_t i = 0; i < LENGTH(e->items); i++)
        if (e->items[i].word && str_is(word, e->items[i].word)) *match = str_of(e->items[i].match);
    return OK;
}

static void endings_keep(Endings *e, Str word, Str match) {
    size_t i = e->next++ % LENGTH(e->items);
    free(e->items[i].word);
    free(e->items[i].match);
    e->items[i].word = db_strdup(word.p, word.n);
    e->items[i].match = db_strdup(match.p, match.n);
}

static Err endings_find(Str *out, Db *db, Arena *a, Str word) {
    Rows *rows;
    bool has;
    size_t n = 0;
    Text any = text_new(a, 0);
    TRY(db_rows(&rows, db, a, endings_sql,
                ARGS(db_text(word), db_text(str_fmt(a, "%.*s\xF4\x8F\xBF\xBF", FMT(word))),
                     db_int(ENDINGS + 1))));
    for (;; n++) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        Str term = rows_text(rows, 0);
        text_fmt(&any, n ? " OR \"%.*s\"" : "\"%.*s\"", FMT(term));
    }
    if (n == 0)
        *out = str_fmt(a, "\"%.*s\"", FMT(word)); /* no record */
    else if (n > ENDINGS)
        *out = str_fmt(a, "\"%.*s\" *", FMT(word));
    else
        *out = str_fmt(a, "(%.*s)", FMT(text_str(&any)));
    return OK;
}

static Err prefix_sqlite(Text *out, Db *db, Arena *a, Str word) {
    Endings *kept;
    Str match;
    TRY(endings_known(&kept, &match, db, word));
    if (!match.n) {
        TRY(endings_find(&match, db, a, word));
        if (kept) endings_keep(kept, word, match);
    }
    text_add(out, match);
    return OK;
}

static Err add_word(Text *match, DbWords *out, Db *db, Arena *a, Str word) {
    bool lite = db_kind(db) == DB_SQLITE, is_prefix = letters_in(word) >= PREFIX_LETTERS;
    out->parts[out->n] = db_text(str_fmt(a, is_prefix ? " %.*s" : " %.*s ", FMT(word)));
    if (out->n++) text_addz(match, lite ? " AND " : " & ");
    if (lite && is_prefix) return prefix_sqlite(match, db, a, word);
    text_fmt(match, lite ? "\"%.*s\"" : is_prefix ? "'=%.*s':*" : "'=%.*s'", FMT(word));
    return OK;
}

Err db_words(DbWords *out, Db *db, Arena *a, Str folded) {
    Str rest = clean_words(a, folded), word;
    Text match = text_new(a, 0);
    *out = (DbWords){0};
    while (out->n < DB_WORDS_MOST && str_cut(&word, &rest, ' '))
        if (word.n && word.n <= WORD_BYTES) TRY(add_word(&match, out, db, a, word));
    out->match = db_text(text_str(&match));
    return OK;
}

Err db_words_type(DbWords *w, Db *db, const char *type) {
    CHECK(db_is_word(type), "db_words_type: no type name");
    w->type = type;
    w->slot = 0;
    return db_kind(db) == DB_SQLITE ? db_search_slot(&w->slot, db, type) : OK;
}

int64_t db_words_hit(const DbWords *w, int64_t id) {
    return (w->slot << SEARCH_SLOT_BITS) + id;
}

Str db_words_hits(Arena *a, const DbWords *w, bool with_records) {
    if (!with_records) return S(" FROM search_text f");
    return str_fmt(a, " FROM search_text f CROSS JOIN \"%s\" r ON r.id = f.rowid - %lld", w->type,
                   (long long)db_words_hit(w, 0));
}

Str db_words_where(Arena *a, const DbWords *w, int parameter) {
    return str_fmt(a, "f.search_text MATCH $%d AND f.rowid > %lld AND f.rowid < %lld", parameter,
                   (long long)db_words_hit(w, 0),
                   (long long)db_words_hit(w, INT64_C(1) << SEARCH_SLOT_BITS));
}

Str db_words_set(Arena *a, const Db *db, const DbWords *w, int parameter) {
    if (db_kind(db) == DB_SQLITE)
        return str_fmt(a, "SELECT f.rowid - %lld AS record FROM search_text f WHERE %.*s",
                       (long long)db_words_hit(w, 0), FMT(db_words_where(a, w, parameter)));
    return str_fmt(a,
                   "SELECT s.record FROM search_doc s WHERE " DB_WORDS_PGSQL(
                       "s.") " @@ replace($%d, '=', '%s=')::tsquery",
                   parameter, w->type);
}

Str db_words_has(Arena *a, const Db *db, const DbWords *w, int parameter) {
    const char *find = db_kind(db) == DB_SQLITE ? "instr" : "strpos";
    Text t = text_new(a, 0);
    for (size_t i = 0; i < w->n; i++)
        text_fmt(&t, "%s%s(' ' || s.body || ' ', $%d) > 0", i ? " AND " : "", find,
                 parameter + (int)i);
    return text_str(&t);
}

/* A subquery that gives one value: PostgreSQL must not make a join of it. */
Str db_words_in(Arena *a, const Db *db, const DbWords *w, const char *id, int parameter) {
    return str_fmt(a, "(SELECT %.*s FROM search_doc s WHERE s.type = '%s' AND s.record = %s)",
                   FMT(db_words_has(a, db, w, parameter)), w->type, id);
}

/* ---- the newest of every type ---- */

typedef struct Newest {
    Db *db;
    Arena *arena;
    DbHits *items;
    size_t n, cap;
    int64_t slot; /* of the last one */
} Newest;

static Err newest_type(Newest *x, int64_t slot) {
    Str name;
    bool found;
    TRY(db_get_text(&name, &found, x->db, x->arena, "SELECT name FROM search_type WHERE id = $1",
                    ARGS(db_int(slot))));
    if (!found) return ERR_INTERNAL;
    GROW(x->arena, x->items, x->n, x->cap);
    x->items[x->n++] = (DbHits){.type = str_z(x->arena, name)};
    x->slot = slot;
    return OK;
}

/* Rows below a document, at most `limit`: the types that they belong to stand one after the other.
 */
static Err newest_rows(Newest *x, int64_t *below, int64_t *read, const DbWords *w, size_t most,
                       int64_t limit) {
    Rows *rows;
    bool has;
    TRY(db_rows(&rows, x->db, x->arena,
                "SELECT rowid FROM search_text WHERE search_text MATCH $1 AND rowid < $2"
                " ORDER BY rowid DESC LIMIT $3",
                ARGS(w->match, db_int(*below), db_int(limit))));
    for (*read = 0;; ++*read) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        *below = rows_int(rows, 0);
        int64_t slot = *below >> SEARCH_SLOT_BITS;
        if (!x->n || slot != x->slot) TRY(newest_type(x, slot));
        DbHits *h = &x->items[x->n - 1];
        if (!h->ids) h->ids = NEW_N(x->arena, int64_t, most);
        if (h->n < most)
            h->ids[h->n++] = *below - (slot << SEARCH_SLOT_BITS);
        else
            h->is_cut = true;
    }
}

static DbHits *hits_of(Newest *x, Str type, size_t room) {
    DbHits *h = x->n ? &x->items[x->n - 1] : NULL;
    if (h && str_is(type, h->type)) return h;
    GROW(x->arena, x->items, x->n, x->cap);
    h = &x->items[x->n++];
    *h = (DbHits){.type = str_z(x->arena, type), .ids = NEW_N(x->arena, int64_t, room)};
    return h;
}

static DbValue type_names(Arena *a, const char *const *types, size_t n, const Newest *but) {
    Text names = text_new(a, 0);
    for (size_t i = 0; i < n; i++) {
        bool is_known = false;
        for (size_t k = 0; but && k < but->n; k++)
            is_known = is_known || (but->items[k].n && strcmp(but->items[k].type, types[i]) == 0);
        if (!is_known) text_fmt(&names, ",%s", types[i]);
    }
    return db_text(str_fmt(a, "{%.*s}", FMT(str_sub(text_str(&names), 1, names.n))));
}

/* Types of many records of whose newest many have the words: those. The others keep no ids. */
static Err newest_frequent(Newest *x, const DbWords *w, size_t most, const char *const *types,
                           size_t n_types) {
    enum { MANY = 2000, LOOKED_AT = 1000 };
    Rows *rows;
    bool has;
    DbValue args[DB_WORDS_MOST + 1];
    args[0] = type_names(x->arena, types, n_types, NULL);
    memcpy(args + 1, w->parts, w->n * sizeof *args);
    Str sql = str_fmt(
        x->arena,
        "SELECT t.name, h.record FROM (SELECT n.name, (SELECT MAX(m.record) FROM search_doc m "
        "WHERE m.type = n.name) AS newest FROM unnest(CAST((SELECT $1) AS text[])) n(name)) t, "
        "LATERAL (SELECT s.record FROM (SELECT d.record, d.body FROM search_doc d WHERE "
        "d.type = t.name AND t.newest > %d ORDER BY d.record DESC LIMIT %d) s WHERE %.*s LIMIT %d) "
        "h",
        MANY, LOOKED_AT, FMT(db_words_has(x->arena, x->db, w, 2)), (int)most + 1);
    TRY(db_few(&rows, x->db, x->arena, sql.p, args, w->n + 1));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        DbHits *h = hits_of(x, rows_text(rows, 0), most + 1);
        h->ids[h->n++] = rows_int(rows, 1);
    }
    for (size_t i = 0; i < x->n; i++) {
        DbHits *h = &x->items[i];
        h->is_cut = h->n > most;
        h->n = h->is_cut ? most : 0;
    }
    return OK;
}

static int newest_first(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a < b) - (a > b);
}

/* PostgreSQL's index gives all records of a type that have the words, in no order, and gathers all
 * that have one of them before: it is asked where they are not frequent. Of more than a few no id
 * is given: they are found along the order of a list then. */
static Err newest_pgsql(Newest *out, const DbWords *w, size_t most, const char *const *types,
                        size_t n_types) {
    enum { FEW = 500 };
    Rows *rows;
    bool has;
    Newest rare = {.db = out->db, .arena = out->arena};
    TRY(newest_frequent(out, w, most, types, n_types));
    TRY(db_few(&rows, out->db, out->arena,
               "SELECT t.name, s.record FROM unnest(CAST((SELECT $2) AS text[])) t(name), LATERAL "
               "(SELECT d.record FROM search_doc d WHERE " DB_WORDS_PGSQL(
                   "d.") " @@ CAST(replace("
                         "(SELECT $1), '=', t.name || '=') AS tsquery) LIMIT $3) s",
               ARGS(w->match, type_names(out->arena, types, n_types, out), db_int(FEW + 1))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        DbHits *h = hits_of(&rare, rows_text(rows, 0), FEW + 1);
        h->ids[h->n++] = rows_int(rows, 1);
    }
    for (size_t i = 0; i < rare.n; i++) {
        DbHits *h = &rare.items[i];
        qsort(h->ids, h->n, sizeof *h->ids, newest_first);
        h->is_cut = h->n > most;
        if (h->is_cut) h->n = h->n > FEW ? 0 : most;
        GROW(out->arena, out->items, out->n, out->cap);
        out->items[out->n++] = *h;
    }
    return OK;
}

Err db_words_newest(DbHits **out, size_t *n, Db *db, Arena *a, const DbWords *w, size_t most,
                    const char *const *types, size_t n_types) {
    Newest x = {.db = db, .arena = a};
    int64_t below = INT64_MAX, limit = 2 * (int64_t)most, read = w->n ? limit : 0;
    *out = NULL;
    *n = 0;
    if (db_kind(db) != DB_SQLITE) {
        if (w->n && n_types) TRY(newest_pgsql(&x, w, most, types, n_types));
        *out = x.items;
        *n = x.n;
        return OK;
    }
    while (read == limit) {
        TRY(newest_rows(&x, &below, &read, w, most, limit));
        if (read && x.items[x.n - 1].is_cut) below = x.slot << SEARCH_SLOT_BITS;
    }
    *out = x.items;
    *n = x.n;
    return OK;
}
