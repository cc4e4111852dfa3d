/* columns.c: record values to columns and back. A list value (references, choices, child rows) is
 * one text column, so that a record is read with one row; side tables are written beside it for
 * SQL. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/columns.h"

#include "base/json.h"
#include "base/utf8.h"

#include <stdio.h>

const char *const columns_system[COLUMNS_SYSTEM] = {
    "id",         "year",       "seq",        "version",    "state",
    "unit",       "owner",      "restricted", "created_at", "created_by",
    "updated_at", "updated_by", "moved_by",   "hash",       "recorded_from"};

static bool is_integer(const Field *f) {
    FieldKind k = f->kind;
    return k == KIND_INT || k == KIND_MONEY || k == KIND_DECIMAL || k == KIND_PERCENT ||
           k == KIND_INSTANT || k == KIND_BOOL || k == KIND_TAXON || k == KIND_REF ||
           k == KIND_USER || k == KIND_UNIT;
}

bool columns_has_sort(const Field *f) {
    return f->kind == KIND_TEXT && (f->flags & F_SORTED);
}

void columns_name(Field *f, Arena *a) {
    if (f->kind == KIND_MONEY) f->currency = str_fmt(a, "%s_currency", f->name).p;
    f->sort = columns_has_sort(f) ? str_fmt(a, "%s_sort", f->name).p : f->name;
}

/* ---- the texts of a type ---- */

typedef struct Names {
    const char **items;
    DbType *kinds;
    size_t n;
} Names;

static void name_put(Names *names, const char *name, DbType kind) {
    names->items[names->n] = name;
    names->kinds[names->n++] = kind;
}

static DbType system_kind(const char *column) {
    return strcmp(column, "state") == 0 || strcmp(column, "hash") == 0 ? DB_TEXT : DB_INT;
}

static const char *list_text(Arena *a, const Names *names, const char *before, const char *after) {
    Text t = text_new(a, 0);
    text_addz(&t, before);
    for (size_t i = 0; i < names->n; i++) text_fmt(&t, "%s\"%s\"", i ? ", " : "", names->items[i]);
    text_addz(&t, after);
    return text_str(&t).p;
}

void columns_prepare(Type *t, Arena *a) {
    size_t most = COLUMNS_SYSTEM + 3 * t->n_fields;
    Names all = {.items = NEW_N(a, const char *, most), .kinds = NEW_N(a, DbType, most)},
          read = all;
    read.items = NEW_N(a, const char *, most);
    read.kinds = NEW_N(a, DbType, most);
    for (size_t i = 0; i < COLUMNS_SYSTEM; i++) {
        name_put(&all, columns_system[i], system_kind(columns_system[i]));
        name_put(&read, columns_system[i], DB_INT);
    }
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        name_put(&all, f->name, is_integer(f) ? DB_INT : DB_TEXT);
        name_put(&read, f->name, DB_INT);
        if (f->currency) {
            name_put(&all, f->currency, DB_TEXT);
            name_put(&read, f->currency, DB_TEXT);
        }
        if (columns_has_sort(f)) name_put(&all, f->sort, DB_TEXT);
    }
    Text values = text_new(a, 0);
    for (size_t i = 0; i < all.n; i++) text_fmt(&values, "%s$%zu", i ? ", " : "", i + 1);
    const char *row = list_text(a, &all, "", "");
    t->columns = (TypeColumns){
        .names = all.items,
        .kinds = all.kinds,
        .n = all.n,
        .past = str_fmt(a, "%s_past", t->name).p,
        .row = row,
        .read = list_text(a, &read, "", ""),
        .insert = str_fmt(a, "INSERT INTO \"%s\" (%s) VALUES (%s)", t->name, row, values.p).p,
        .keep = str_fmt(a,
                        "INSERT INTO \"%s_past\" (%s, recorded_until) SELECT %s, $2 FROM \"%s\" "
                        "WHERE id = $1 AND recorded_from < $2",
                        t->name, row, row, t->name)
                    .p};
}

/* ---- values ---- */

static Value list_of_refs(Arena *a, Str text, bool as_text) {
    Value *items = NULL;
    size_t n = 0, cap = 0;
    Str part, rest = text;
    while (str_cut(&part, &rest, ',')) {
        if (!part.n) continue;
        Value v = {.kind = V_INT};
        if (as_text)
            v = value_text(str_copy(a, part));
        else if (!str_to_int(&v.i, part))
            continue;
        GROW(a, items, n, cap);
        items[n++] = v;
    }
    return n ? (Value){.kind = V_LIST, .list = items, .n = n} : (Value){0};
}

/* A database may say anything; a value has a currency of three letters. */
static Value money(int64_t amount, Str currency) {
    return value_money(amount, currency.n == 3 ? currency : S("XXX"));
}

static Value row_value(Arena *a, const Field *f, const JsonValue *j) {
    switch (j->kind) {
    case J_INT: return f->kind == KIND_MONEY ? (Value){0} : value_int(j->i);
    case J_STRING: return value_text(str_copy(a, j->s));
    case J_ARRAY:
        if (f->kind == KIND_MONEY && j->n == 2) return money(j->items[0].i, j->items[1].s);
        return (Value){0};
    default: return (Value){0};
    }
}

static Value list_of_rows(Arena *a, const Field *f, Str text) {
    const JsonValue *j = NULL;
    Str why;
    if (json_parse(&j, &why, a, text) != OK || j->kind != J_ARRAY) return (Value){0};
    Value *rows = NEW_N(a, Value, j->n ? j->n : 1);
    for (size_t i = 0; i < j->n; i++) {
        Value *cells = NEW_N(a, Value, f->n_rows);
        for (size_t k = 0; k < f->n_rows; k++)
            cells[k] = k < j->items[i].n ? row_value(a, &f->rows[k], &j->items[i].items[k])
                                         : value_unstored;
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    }
    return (Value){.kind = V_ROWS, .list = rows, .n = j->n};
}

Value columns_list_value(Arena *a, const Field *f, Str text) {
    if (!text.n) return (Value){0};
    if (f->kind == KIND_ROWS) return list_of_rows(a, f, text);
    return list_of_refs(a, text, f->kind == KIND_CHOICES);
}

static void row_cell(Json *j, Value v) {
    switch (v.kind) {
    case V_INT: json_int(j, v.i); break;
    case V_TEXT: json_str(j, v.s); break;
    case V_MONEY:
        json_array(j);
        json_int(j, v.i);
        json_strz(j, v.currency);
        json_end_array(j);
        break;
    default: json_null(j);
    }
}

Str columns_list_text(Arena *a, const Field *f, Value v) {
    Text t = text_new(a, 0);
    if (value_is_null(v)) return (Str){0};
    if (f->kind != KIND_ROWS) {
        text_char(&t, ',');
        for (size_t i = 0; i < v.n; i++) {
            if (v.list[i].kind == V_INT)
                text_int(&t, v.list[i].i);
            else
                text_add(&t, v.list[i].s);
            text_char(&t, ',');
        }
        return text_str(&t);
    }
    Json j = json_new(&t);
    json_array(&j);
    for (size_t i = 0; i < v.n; i++) {
        json_array(&j);
        size_t n = value_row_cells(v.list[i]);
        for (size_t k = 0; k < n; k++) row_cell(&j, v.list[i].list[k]);
        json_end_array(&j);
    }
    json_end_array(&j);
    return text_str(&t);
}

static Value read_field(Arena *a, const Field *f, const Rows *r, size_t *column) {
    size_t at = (*column)++;
    if (f->kind == KIND_MONEY) (*column)++;
    if (rows_is_null(r, at)) return (Value){0};
    switch (f->kind) {
    case KIND_MONEY: return money(rows_int(r, at), rows_text(r, at + 1));
    case KIND_TEXT:
    case KIND_LONG:
    case KIND_DATE:
    case KIND_CHOICE: return value_text(str_copy(a, rows_text(r, at)));
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES:
    case KIND_ROWS: return columns_list_value(a, f, rows_text(r, at));
    default: return value_int(rows_int(r, at));
    }
}

void columns_select(Sql *s, const Type *t, const FieldSet *wanted) {
    if (!wanted) {
        sql_add(s, t->columns.read);
        return;
    }
    for (size_t i = 0; i < COLUMNS_SYSTEM; i++) {
        if (i) sql_add(s, ", ");
        sql_name(s, NULL, columns_system[i]);
    }
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!fieldset_has(*wanted, f->index)) continue;
        sql_add(s, ", ");
        sql_name(s, NULL, f->name);
        if (!f->currency) continue;
        sql_add(s, ", ");
        sql_name(s, NULL, f->currency);
    }
}

Err columns_read_some(Record *out, const Type *t, const FieldSet *wanted, const Rows *r, Arena *a) {
    *out = (Record){.type = t,
                    .id = rows_int(r, 0),
                    .year = rows_int(r, 1),
                    .seq = rows_int(r, 2),
                    .version = rows_int(r, 3),
                    .unit = rows_int(r, 5),
                    .owner = rows_int(r, 6),
                    .is_restricted = rows_int(r, 7) != 0,
                    .created_at = rows_int(r, 8),
                    .created_by = rows_int(r, 9),
                    .updated_at = rows_int(r, 10),
                    .updated_by = rows_int(r, 11),
                    .moved_by = rows_int(r, 12)};
    out->state = type_state(t, rows_text(r, 4));
    if (!out->state) out->state = &t->states[0];
    out->hash = str_copy(a, rows_text(r, 13));
    out->values = NEW_N(a, Value, t->n_fields ? t->n_fields : 1);
    size_t column = COLUMNS_SYSTEM;
    for (size_t i = 0; i < t->n_fields; i++)
        if (!wanted || fieldset_has(*wanted, (int)i))
            out->values[i] = read_field(a, &t->fields[i], r, &column);
    return OK;
}

Err columns_read(Record *out, Ctx *c, const Type *t, const Rows *r, Arena *a) {
    (void)c;
    return columns_read_some(out, t, NULL, r, a);
}

size_t columns_values(DbValue out[3], const char *names[3], Arena *a, const Field *f, Value v) {
    bool none = value_is_null(v);
    names[0] = f->name;
    switch (f->kind) {
    case KIND_MONEY:
        names[1] = f->currency;
        out[0] = none ? db_null_of(DB_INT) : db_int(v.i);
        out[1] = none ? db_null_of(DB_TEXT) : db_text(str_copy(a, str_of(v.currency)));
        return 2;
    case KIND_TEXT:
    case KIND_LONG:
    case KIND_DATE:
    case KIND_CHOICE:
        out[0] = none ? db_null_of(DB_TEXT) : db_text(v.s);
        if (!columns_has_sort(f)) return 1;
        names[1] = f->sort;
        out[1] = none ? db_null_of(DB_TEXT) : db_text(utf8_fold(a, v.s));
        return 2;
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES:
    case KIND_ROWS: out[0] = db_text_or_null(columns_list_text(a, f, v)); return 1;
    default: out[0] = none ? db_null_of(DB_INT) : db_int(v.i); return 1;
    }
}

static DbValue id_or_null(int64_t id) {
    return id ? db_int(id) : db_null_of(DB_INT);
}

DbValue columns_system_value(const Record *r, const char *column, int64_t now_us) {
    if (strcmp(column, "id") == 0) return db_int(r->id);
    if (strcmp(column, "year") == 0) return db_int(r->year);
    if (strcmp(column, "seq") == 0) return db_int(r->seq);
    if (strcmp(column, "version") == 0) return db_int(r->version);
    if (strcmp(column, "state") == 0) return db_textz(r->state->name);
    if (strcmp(column, "unit") == 0) return id_or_null(r->unit);
    if (strcmp(column, "owner") == 0) return id_or_null(r->owner);
    if (strcmp(column, "restricted") == 0) return db_int(r->is_restricted);
    if (strcmp(column, "created_at") == 0) return db_int(r->created_at);
    if (strcmp(column, "created_by") == 0) return id_or_null(r->created_by);
    if (strcmp(column, "updated_at") == 0) return db_int(r->updated_at);
    if (strcmp(column, "updated_by") == 0) return id_or_null(r->updated_by);
    if (strcmp(column, "moved_by") == 0) return id_or_null(r->moved_by);
    if (strcmp(column, "hash") == 0) return db_text(r->hash);
    return db_int(now_us); /* recorded_from */
}

void columns_row(DbValue *out, Arena *a, const Record *r, int64_t now_us) {
    const char *names[3];
    size_t n = 0;
    for (size_t i = 0; i < COLUMNS_SYSTEM; i++)
        out[n++] = columns_system_value(r, columns_system[i], now_us);
    for (size_t i = 0; i < r->type->n_fields; i++) {
        DbValue values[3];
        size_t k = columns_values(values, names, a, &r->type->fields[i], r->values[i]);
        memcpy(out + n, values, k * sizeof *values);
        n += k;
    }
    CHECK(n == r->type->columns.n, "a row has not the columns of its type");
}

/* ---- what is not as the program writes it ---- */

void columns_add_sorts(Sql *s, const Type *t) {
    for (size_t i = 0; i < t->n_fields; i++) {
        if (!columns_has_sort(&t->fields[i])) continue;
        sql_add(s, ", ");
        sql_name(s, "t", t->fields[i].sort);
    }
}

static bool is_written_so(const Rows *rows, size_t column, DbValue v) {
    char digits[24];
    if (v.type == DB_NULL || rows_is_null(rows, column))
        return v.type == DB_NULL && rows_is_null(rows, column);
    Str stored = rows_text(rows, column);
    if (v.type == DB_INT) {
        int n = snprintf(digits, sizeof digits, "%lld", (long long)v.i);
        return str_eq(stored, (Str){digits, (size_t)n});
    }
    return str_eq(stored, v.s);
}

static const char *odd_system(const Rows *rows, const Record *r) {
    for (size_t i = 0; i < COLUMNS_SYSTEM; i++) {
        const char *name = columns_system[i];
        bool is_count = strcmp(name, "year") == 0 || strcmp(name, "seq") == 0;
        DbValue v = columns_system_value(r, name, rows_int(rows, i));
        if (is_count && r->type->key) v = db_int(0);
        if (!is_written_so(rows, i, v)) return name;
    }
    return NULL;
}

static size_t first_sort(const Type *t) {
    size_t at = COLUMNS_SYSTEM;
    for (size_t i = 0; i < t->n_fields; i++) at += t->fields[i].kind == KIND_MONEY ? 2 : 1;
    return at;
}

const char *columns_stale_sort(Arena *a, const Rows *rows, const Record *r) {
    size_t at = first_sort(r->type);
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *f = &r->type->fields[i];
        DbValue values[3];
        const char *names[3];
        if (!columns_has_sort(f)) continue;
        size_t n = columns_values(values, names, a, f, r->values[i]);
        if (!is_written_so(rows, at++, values[n - 1])) return f->sort;
    }
    return NULL;
}

const char *columns_odd(Arena *a, const Rows *rows, const Record *r) {
    const Type *t = r->type;
    const char *odd = odd_system(rows, r);
    size_t at = COLUMNS_SYSTEM, sort = first_sort(t);
    for (size_t i = 0; !odd && i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        DbValue values[3];
        const char *names[3];
        size_t n = columns_values(values, names, a, f, r->values[i]);
        bool has_sort = columns_has_sort(f);
        for (size_t k = 0; !odd && k < n - has_sort; k++)
            if (!is_written_so(rows, at++, values[k])) odd = names[k];
        if (has_sort) {
            if (!odd && !rows_is_null(rows, sort) && !is_written_so(rows, sort, values[n - 1]))
                odd = f->sort;
            sort++;
        }
    }
    return odd;
}
