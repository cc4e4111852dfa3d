/* page_asked.c: some fields of a record in a form of their own (asked.h). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/asked.h"

#include "model/page_kit.h"
#include "model/save.h"

enum { MOST_FACTS = 14 };

bool asked_allows(const Type *t, const Field *f) {
    const unsigned never = F_COMPUTED | F_DERIVED | F_SECRET | F_SEALED | F_STEP | F_HIDDEN |
                           F_FIXED | F_SENSITIVE | F_UNIQUE;
    if (f->flags & never || !f->is_public || f == t->parent || f == t->key) return false;
    /* Whom the record names to read or handle it is no matter of a form. */
    if (f->flags & F_ASSIGNED || strcmp(f->name, "readers") == 0) return false;
    return f->kind != KIND_FILES && f->kind != KIND_ROWS && f->kind != KIND_NONE;
}

void asked_parse(Asked *out, Str *unknown, Ctx *c, const Type *t, Str names) {
    const Field **items = NEW_N(c->arena, const Field *, t->n_fields + 1);
    FieldSet seen = {0};
    *out = (Asked){.items = items};
    *unknown = (Str){0};
    for (size_t at = 0; at < names.n;) {
        size_t end = at;
        while (end < names.n && !strchr(" ,\t\n", names.p[end])) end++;
        Str word = str_sub(names, at, end - at);
        at = end + 1;
        if (!word.n) continue;
        const Field *f = type_field(t, word);
        if (!f || !asked_allows(t, f)) {
            if (!unknown->n) *unknown = word;
            continue;
        }
        if (fieldset_has(seen, f->index)) continue;
        fieldset_add(&seen, f->index);
        items[out->n++] = f;
    }
}

bool asked_is_open(const Field *f, const Record *r) {
    return save_field_writable(f, r, false);
}

Err asked_value(Value *out, Ctx *c, const Field *f, Str text) {
    size_t errors = c->issues.errors;
    bool exact = c->is_exact;
    c->is_exact = true; /* kept texts are machine texts, whatever the reader's language */
    *out = save_read_text(c, f, text);
    c->is_exact = exact;
    return c->issues.errors > errors ? ERR_INVALID : OK;
}

static bool holds(const Asked *asked, const Field *f) {
    for (size_t i = 0; i < asked->n; i++)
        if (asked->items[i] == f) return true;
    return false;
}

/* "field=value": shown and hidden by script when the other field is asked too. */
static bool depends(FormField *out, const Asked *asked, const Field *f, const Record *r) {
    Str rest = str_of(f->only_if), name;
    if (!f->only_if || !str_cut(&name, &rest, '=')) return true;
    const Field *other = type_field(r->type, name);
    bool shown = save_field_asked(f, r);
    if (!other || !holds(asked, other)) return shown;
    out->only_if = str_of(f->only_if);
    out->is_required = false;
    out->is_off = !shown && !out->n_values && !out->n_errors;
    return true;
}

Err asked_form(FormField **out, size_t *n, Ctx *c, const Asked *asked, const Record *values,
               const Input *typed) {
    FormField *fields = NEW_N(c->arena, FormField, asked->n + 1);
    *n = 0;
    for (size_t i = 0; i < asked->n; i++) {
        const Field *f = asked->items[i];
        FormField *field = &fields[*n];
        if (!asked_is_open(f, values)) continue;
        TRY(page_kit_form_field(field, c, f, values, typed));
        field->is_optional_part = false;
        if (!depends(field, asked, f, values)) continue;
        if (save_field_required(f, values) && !field->only_if.n) field->is_required = true;
        (*n)++;
    }
    *out = fields;
    return OK;
}

static bool tells(const Record *r, const Field *f, FieldSet hidden) {
    if (!page_kit_reader_field(f) || f->flags & (F_HIDDEN | F_MORE)) return false;
    if (fieldset_has(hidden, f->index) || value_is_null(r->values[f->index])) return false;
    if (f == r->type->title || f->kind == KIND_FILES || f->kind == KIND_ROWS) return false;
    return (f->flags & (F_HEADLINE | F_LISTED)) || f->kind == KIND_LONG || f->kind == KIND_DATE;
}

Err asked_context(Block **out, Ctx *c, const Record *r, const Asked *asked) {
    FieldSet hidden = {0};
    Fact *facts = NEW_N(c->arena, Fact, MOST_FACTS + 4);
    Cell cell;
    size_t n = 0;
    TRY(access_hidden(&hidden, c, r->type, r));
    facts[n++] = (Fact){
        .name = "record",
        .label = TRS(c, r->type->label),
        .cell = cell_ref(record_number(c->arena, r), record_title(c, r), record_path(c->arena, r))};
    if (r->type->n_states > 1)
        facts[n++] = (Fact){
            .name = "state", .label = TRS(c, N_("State")), .cell = page_kit_state(c, r->state)};
    TRY(page_kit_unit(&cell, c, r->unit));
    if (cell.text.n) facts[n++] = (Fact){.name = "unit", .label = TRS(c, N_("Unit")), .cell = cell};
    TRY(page_kit_person(&cell, c, r->owner));
    if (cell.text.n)
        facts[n++] = (Fact){.name = "owner", .label = TRS(c, N_("Owner")), .cell = cell};
    for (size_t i = 0; i < r->type->n_fields && n < MOST_FACTS; i++) {
        const Field *f = &r->type->fields[i];
        if (!tells(r, f, hidden) || holds(asked, f)) continue;
        facts[n++] = (Fact){.name = f->name,
                            .label = TRS(c, f->label),
                            .cell = page_kit_value(c, r, f, hidden),
                            .is_wide = f->kind == KIND_LONG};
    }
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = n};
    *out = block;
    return OK;
}
