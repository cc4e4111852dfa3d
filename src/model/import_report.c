/* import_report.c: what an import did or would do, as JSON: for programs, and whole, to be kept
 * with the run and shown later. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import.h"

#include "base/json.h"
#include "base/utf8.h"

enum { SAMPLES = 3, SAMPLE_LENGTH = 60, NAME_BYTES = 500 };

/* ---- the columns of the file ---- */

static Str sample(Arena *a, const Table *t, size_t column) {
    Text text = text_new(a, 0);
    size_t n = 0;
    for (size_t i = 0; i < t->n_rows && i < 200 && n < SAMPLES; i++) {
        TableRow row = table_row(t, i, a);
        Str cell = str_trim(table_cell(&row, column));
        if (!cell.n) continue;
        if (n++) text_addz(&text, " \xC2\xB7 ");
        text_add(&text, utf8_count(cell) > SAMPLE_LENGTH ? utf8_clip(cell, SAMPLE_LENGTH) : cell);
    }
    return text_str(&text);
}

/* The field that takes the column as it stands; empty when none does. */
static Str field_of_column(const ImportBatch *b, size_t column) {
    for (size_t i = 0; b && b->map && i < b->map->main.n_fields; i++) {
        const MapProgram *p = &b->map->main.fields[i].program;
        bool plain = p->n == 1 && p->steps[0].op == MAP_COLUMN;
        bool read = p->n == 3 && p->steps[0].op == MAP_COLUMN && p->steps[1].op == MAP_LITERAL &&
                    p->steps[2].op == MAP_CALL; /* date(x, "..."), translate(x, table) */
        if ((plain || read) && p->steps[0].index == column) return b->map->main.fields[i].name;
    }
    return (Str){0};
}

static bool reads(const MapProgram *p, size_t column) {
    return p->n && p->steps[0].op == MAP_COLUMN && p->steps[0].index == column;
}

/* The same of the entries that are made of the row: "TYPE:kind" for the amount, "TYPE.field". */
static Str field_of_entry(Arena *a, const ImportBatch *b, const Model *model, size_t column) {
    const Type *entry = b && b->map ? import_flat_type(model, b->type) : NULL;
    const Field *kind = entry ? import_flat_field(entry, KIND_CHOICE) : NULL;
    const Field *amount = entry ? import_flat_field(entry, KIND_MONEY) : NULL;
    for (size_t i = 0; kind && amount && i < b->map->n_children; i++) {
        const MapPart *part = &b->map->children[i];
        Str key = {0};
        if (!str_is(part->type, entry->name)) continue;
        for (size_t k = 0; k < part->n_fields; k++)
            if (str_is(part->fields[k].name, kind->name) && part->fields[k].program.n == 1)
                key = part->fields[k].program.steps[0].text;
        for (size_t k = 0; k < part->n_fields; k++) {
            const MapField *f = &part->fields[k];
            if (!reads(&f->program, column) || str_is(f->name, "external_key")) continue;
            return str_is(f->name, amount->name) ? str_fmt(a, "%s:%.*s", entry->name, FMT(key))
                                                 : str_fmt(a, "%s.%.*s", entry->name, FMT(f->name));
        }
    }
    return (Str){0};
}

static Str filled_by(Arena *a, const ImportBatch *b, const Model *model, size_t column) {
    Str field = field_of_column(b, column);
    return field.n ? field : field_of_entry(a, b, model, column);
}

void import_sheets(ImportPlan *p) {
    ImportReport *r = &p->report;
    if (!p->file.n) return;
    r->sheets = NEW_N(p->arena, ImportSheet, p->file.n);
    r->n_sheets = p->file.n;
    for (size_t i = 0; i < p->file.n; i++) {
        const Table *t = &p->file.items[i];
        const ImportBatch *b = NULL;
        for (size_t k = 0; k < p->n; k++)
            if (p->batches[k].table == t) b = &p->batches[k];
        r->sheets[i] = (ImportSheet){.name = t->name,
                                     .type = b ? str_of(b->type->name) : (Str){0},
                                     .columns = NEW_N(p->arena, ImportColumn, t->n_headers + 1),
                                     .n = t->n_headers,
                                     .rows = t->n_rows,
                                     .header_row = t->header_row,
                                     .n_above = t->n_above};
        for (size_t k = 0; k < t->n_headers; k++)
            if (t->headers[k].n <= NAME_BYTES) /* a longer one is no name */
                r->sheets[i].columns[k] = (ImportColumn){
                    t->headers[k], filled_by(p->arena, b, p->model, k), sample(p->arena, t, k)};
    }
}

/* ---- writing ---- */

static void put_str(Json *j, const char *key, Str s) {
    json_keyz(j, key);
    json_str(j, s);
}

static void put_int(Json *j, const char *key, int64_t i) {
    json_keyz(j, key);
    json_int(j, i);
}

static void write_figures(Json *j, const ImportReport *r) {
    put_int(j, "id", r->id);
    put_int(j, "read", r->read);
    put_int(j, "created", r->created);
    put_int(j, "updated", r->updated);
    put_int(j, "unchanged", r->unchanged);
    put_int(j, "children_created", r->children_created);
    put_int(j, "children_updated", r->children_updated);
    put_int(j, "rejected_rows", r->n_rejected);
}

static void write_rejected(Json *j, const ImportReport *r) {
    json_keyz(j, "rejected");
    json_array(j);
    for (size_t i = 0; i < r->n_reasons; i++) {
        const ImportReject *x = &r->rejected[i];
        json_object(j);
        put_int(j, "row", x->row);
        if (x->sheet.n) put_str(j, "sheet", x->sheet);
        put_str(j, "column", x->column);
        put_str(j, "reason", x->reason);
        json_end_object(j);
    }
    json_end_array(j);
    json_keyz(j, "ignored_columns");
    json_array(j);
    for (size_t i = 0; i < r->n_ignored; i++) json_str(j, r->ignored[i]);
    json_end_array(j);
}

static void write_lines(Json *j, const ImportReport *r) {
    json_keyz(j, "lines");
    json_array(j);
    for (size_t i = 0; i < r->n_lines; i++) {
        const ImportLine *x = &r->lines[i];
        json_object(j);
        put_int(j, "row", x->row);
        put_int(j, "action", x->action);
        put_str(j, "sheet", x->sheet);
        put_str(j, "number", x->number);
        put_str(j, "text", utf8_count(x->text) > 200 ? utf8_clip(x->text, 200) : x->text);
        json_end_object(j);
    }
    json_end_array(j);
}

static void write_sheets(Json *j, const ImportReport *r) {
    json_keyz(j, "sheets");
    json_array(j);
    for (size_t i = 0; i < r->n_sheets; i++) {
        const ImportSheet *s = &r->sheets[i];
        json_object(j);
        put_str(j, "name", s->name);
        put_str(j, "type", s->type);
        put_int(j, "rows", (int64_t)s->rows);
        put_int(j, "header_row", s->header_row);
        put_int(j, "above", (int64_t)s->n_above);
        json_keyz(j, "columns");
        json_array(j);
        for (size_t k = 0; k < s->n; k++) {
            json_object(j);
            put_str(j, "name", s->columns[k].name);
            put_str(j, "field", s->columns[k].field);
            put_str(j, "sample", s->columns[k].sample);
            json_end_object(j);
        }
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
}

static void write_unknown(Json *j, const ImportReport *r) {
    json_keyz(j, "unknown");
    json_array(j);
    for (size_t i = 0; i < r->n_unknown; i++) {
        const ImportUnknown *x = &r->unknown[i];
        json_object(j);
        put_str(j, "sheet", x->sheet);
        put_str(j, "column", x->column);
        put_str(j, "field", x->field);
        put_str(j, "value", x->value);
        put_int(j, "rows", x->rows);
        json_end_object(j);
    }
    json_end_array(j);
}

static void write_sums(Json *j, const ImportReport *r) {
    json_keyz(j, "sums");
    json_array(j);
    for (size_t i = 0; i < r->n_sums; i++) {
        const ImportSum *x = &r->sums[i];
        json_object(j);
        if (x->sheet.n) put_str(j, "sheet", x->sheet);
        put_str(j, "column", x->column);
        put_str(j, "rows", x->all);
        put_str(j, "taken", x->taken);
        if (x->told_row) {
            put_str(j, "total", x->told);
            put_int(j, "total_row", x->told_row);
        }
        json_end_object(j);
    }
    json_end_array(j);
}

void import_report_json(Text *out, const ImportReport *r, bool is_whole) {
    Json j = json_new(out);
    json_object(&j);
    write_figures(&j, r);
    write_rejected(&j, r);
    write_sums(&j, r);
    if (is_whole) {
        write_lines(&j, r);
        write_sheets(&j, r);
        write_unknown(&j, r);
    }
    json_end_object(&j);
}

/* ---- reading ---- */

static const JsonValue *get_array(const JsonValue *j, const char *key, size_t *n) {
    const JsonValue *v = json_get(j, key);
    *n = v && v->kind == J_ARRAY ? v->n : 0;
    return v;
}

static void read_lists(ImportReport *out, Arena *a, const JsonValue *j) {
    const JsonValue *v = get_array(j, "rejected", &out->n_reasons);
    out->rejected = NEW_N(a, ImportReject, out->n_reasons + 1);
    for (size_t i = 0; i < out->n_reasons; i++) {
        const JsonValue *x = &v->items[i];
        out->rejected[i] = (ImportReject){json_get_int(x, "row"), json_get_str(x, "sheet"),
                                          json_get_str(x, "column"), json_get_str(x, "reason")};
    }
    v = get_array(j, "lines", &out->n_lines);
    out->lines = NEW_N(a, ImportLine, out->n_lines + 1);
    for (size_t i = 0; i < out->n_lines; i++) {
        const JsonValue *x = &v->items[i];
        out->lines[i] = (ImportLine){
            json_get_int(x, "row"), (ImportAction)json_get_int(x, "action"),
            json_get_str(x, "sheet"), json_get_str(x, "number"), json_get_str(x, "text")};
    }
    v = get_array(j, "ignored_columns", &out->n_ignored);
    Str *ignored = NEW_N(a, Str, out->n_ignored + 1);
    for (size_t i = 0; i < out->n_ignored; i++) ignored[i] = v->items[i].s;
    out->ignored = ignored;
}

static void read_sums(ImportReport *out, Arena *a, const JsonValue *j) {
    const JsonValue *v = get_array(j, "sums", &out->n_sums);
    out->sums = NEW_N(a, ImportSum, out->n_sums + 1);
    for (size_t i = 0; i < out->n_sums; i++) {
        const JsonValue *x = &v->items[i];
        out->sums[i] = (ImportSum){json_get_str(x, "sheet"), json_get_str(x, "column"),
                                   json_get_str(x, "rows"),  json_get_str(x, "taken"),
                                   json_get_str(x, "total"), json_get_int(x, "total_row")};
    }
}

static void read_unknown(ImportReport *out, Arena *a, const JsonValue *j) {
    const JsonValue *v = get_array(j, "unknown", &out->n_unknown);
    out->unknown = NEW_N(a, ImportUnknown, out->n_unknown + 1);
    for (size_t i = 0; i < out->n_unknown; i++) {
        const JsonValue *x = &v->items[i];
        out->unknown[i] = (ImportUnknown){json_get_str(x, "sheet"), json_get_str(x, "column"),
                                          json_get_str(x, "field"), json_get_str(x, "value"),
                                          json_get_int(x, "rows")};
    }
}

static void read_sheets(ImportReport *out, Arena *a, const JsonValue *j) {
    const JsonValue *v = get_array(j, "sheets", &out->n_sheets);
    out->sheets = NEW_N(a, ImportSheet, out->n_sheets + 1);
    for (size_t i = 0; i < out->n_sheets; i++) {
        ImportSheet *s = &out->sheets[i];
        const JsonValue *columns = get_array(&v->items[i], "columns", &s->n);
        s->name = json_get_str(&v->items[i], "name");
        s->type = json_get_str(&v->items[i], "type");
        s->rows = (size_t)json_get_int(&v->items[i], "rows");
        s->header_row = json_get_int(&v->items[i], "header_row");
        s->n_above = (size_t)json_get_int(&v->items[i], "above");
        s->columns = NEW_N(a, ImportColumn, s->n + 1);
        for (size_t k = 0; k < s->n; k++)
            s->columns[k] = (ImportColumn){json_get_str(&columns->items[k], "name"),
                                           json_get_str(&columns->items[k], "field"),
                                           json_get_str(&columns->items[k], "sample")};
    }
}

void import_report_read(ImportReport *out, Arena *a, Str text) {
    const JsonValue *j;
    Str why;
    *out = (ImportReport){0};
    if (!text.n || json_parse(&j, &why, a, text) != OK || j->kind != J_OBJECT) return;
    out->id = json_get_int(j, "id");
    out->read = json_get_int(j, "read");
    out->created = json_get_int(j, "created");
    out->updated = json_get_int(j, "updated");
    out->unchanged = json_get_int(j, "unchanged");
    out->children_created = json_get_int(j, "children_created");
    out->children_updated = json_get_int(j, "children_updated");
    out->n_rejected = json_get_int(j, "rejected_rows");
    read_lists(out, a, j);
    read_sheets(out, a, j);
    read_unknown(out, a, j);
    read_sums(out, a, j);
}
