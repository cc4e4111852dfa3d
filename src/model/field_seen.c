/* field_seen.c: references to records that the actor may not read: they are shown to nobody who may
 * not see them, and kept when such a person saves. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "model/field.h"

static bool is_reference(const Field *f) {
    return f->target && !f->target->is_public;
}

bool field_is_unseen(Ctx *c, const Field *f, Value v) {
    RefName r = {.is_hidden = true}; /* in doubt it is hidden, and stays */
    if (!is_reference(f) || v.kind != V_INT || !v.i) return false;
    if (ref_name(&r, c, f->target, v.i) != OK) return true;
    return r.is_hidden;
}

bool field_has_unseen(Ctx *c, const Field *f, Value v) {
    if (f->kind != KIND_REFS) return field_is_unseen(c, f, v);
    for (size_t i = 0; i < v.n; i++)
        if (field_is_unseen(c, f, v.list[i])) return true;
    return false;
}

/* The unseen ones keep their places among the others. */
static Value keep_in_list(Ctx *c, const Field *f, Value now, Value before) {
    Value *items = NEW_N(c->arena, Value, now.n + before.n + 1);
    size_t n = 0, next = 0;
    for (size_t i = 0; i < before.n; i++)
        if (field_is_unseen(c, f, before.list[i]))
            items[n++] = before.list[i];
        else if (next < now.n)
            items[n++] = now.list[next++];
    while (next < now.n) items[n++] = now.list[next++];
    return (Value){.kind = V_LIST, .list = items, .n = n};
}

static bool row_has_unseen(Ctx *c, const Field *f, Value row) {
    for (size_t k = 0; k < f->n_rows && k < row.n; k++)
        if (field_is_unseen(c, &f->rows[k], row.list[k])) return true;
    return false;
}

/* A row is the same one when all that can be seen of it is the same. */
static bool same_row(Ctx *c, const Field *f, Value now, Value before) {
    for (size_t k = 0; k < f->n_rows; k++) {
        bool unseen = field_is_unseen(c, &f->rows[k], before.list[k]);
        if (unseen ? !value_is_null(now.list[k]) : !value_eq(now.list[k], before.list[k]))
            return false;
    }
    return true;
}

static void keep_in_row(Ctx *c, const Field *f, Value *now, Value before) {
    Value *cells = NEW_N(c->arena, Value, f->n_rows);
    for (size_t k = 0; k < f->n_rows; k++)
        cells[k] = field_keep_unseen(c, &f->rows[k], now->list[k], before.list[k]);
    now->list = cells;
}

static Value keep_in_rows(Ctx *c, const Field *f, Value now, Value before) {
    Value *rows = NEW_N(c->arena, Value, now.n + 1);
    bool *used = NEW_N(c->arena, bool, now.n + 1);
    for (size_t i = 0; i < now.n; i++) rows[i] = now.list[i];
    for (size_t b = 0; b < before.n; b++) {
        if (!row_has_unseen(c, f, before.list[b])) continue;
        size_t at = now.n;
        for (size_t i = 0; i < now.n && at == now.n; i++)
            if (!used[i] && same_row(c, f, rows[i], before.list[b])) at = i;
        if (at == now.n && now.n == before.n && !used[b]) at = b; /* changed where it stood */
        if (at == now.n) continue;
        used[at] = true;
        keep_in_row(c, f, &rows[at], before.list[b]);
    }
    now.list = rows;
    return now;
}

Value field_keep_unseen(Ctx *c, const Field *f, Value now, Value before) {
    if (c->actor->is_system || value_is_null(before)) return now;
    if (f->kind == KIND_ROWS) return now.n ? keep_in_rows(c, f, now, before) : now;
    if (!field_has_unseen(c, f, before)) return now;
    if (f->kind == KIND_REFS) return keep_in_list(c, f, now, before);
    return value_is_null(now) ? before : now;
}

/* The keys of `text` that the actor may find. */
static Str seen_keys(Ctx *c, const Field *f, Str text, bool *hides) {
    Text t = text_new(c->arena, 0);
    Str part;
    int64_t id;
    while (str_cut(&part, &text, ',')) {
        part = str_trim(part);
        if (!part.n) continue;
        if (ref_find(&id, c, f->target, part) != OK) {
            *hides = true;
            continue;
        }
        if (t.n) text_char(&t, ',');
        text_add(&t, part);
    }
    return text_str(&t);
}

static Str seen_rows(Ctx *c, const Field *f, Str text, bool *hides) {
    const JsonValue *rows;
    Str why;
    bool any = false;
    for (size_t k = 0; k < f->n_rows; k++) any = any || is_reference(&f->rows[k]);
    if (!any) return text;
    *hides = true;
    if (json_parse(&rows, &why, c->arena, text) != OK || rows->kind != J_ARRAY) return (Str){0};
    *hides = false;
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    json_array(&j);
    for (size_t i = 0; i < rows->n; i++) {
        json_object(&j);
        for (size_t k = 0; k < f->n_rows; k++) {
            Str one = json_get_str(&rows->items[i], f->rows[k].name);
            one = field_seen_text(c, &f->rows[k], one, hides);
            if (!one.n) continue;
            json_keyz(&j, f->rows[k].name);
            json_str(&j, one);
        }
        json_end_object(&j);
    }
    json_end_array(&j);
    return text_str(&t);
}

Str field_seen_text(Ctx *c, const Field *f, Str text, bool *hides) {
    if (!text.n || c->actor->is_system) return text;
    if (f->kind == KIND_ROWS) return seen_rows(c, f, text, hides);
    return is_reference(f) ? seen_keys(c, f, text, hides) : text;
}
