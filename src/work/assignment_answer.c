/* assignment_answer.c: answers that are fields of the record asked about (assignment.h): kept with
 * the assignment, checked by a dry run, written into the record under the rights of who answered or
 * accepted. Knows no form. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/asked.h"
#include "work/assignment.h"
#include "work/kit.h"

Err answer_source(Record **out, Ctx *c, const Record *r) {
    const Type *t = model_type(c->model, record_text(r, "source_type"));
    *out = NULL;
    if (!t) return OK;
    Err e = record_load_raw(out, c, t, record_int(r, "source"));
    return e == ERR_MISSING ? OK : e;
}

const Value *answer_row(const Record *r, const char *field) {
    Value rows = record_get(r, "answers");
    for (size_t i = 0; rows.kind == V_ROWS && i < rows.n; i++)
        if (str_is(rows.list[i].list[ANSWER_FIELD].s, field)) return rows.list[i].list;
    return NULL;
}

static Value text_or_null(Str s) {
    return s.n ? value_text(s) : (Value){0};
}

Value answer_row_value(Ctx *c, const Field *f, Value before, Value after) {
    Value *cells = NEW_N(c->arena, Value, ANSWER_CELLS);
    cells[ANSWER_FIELD] = value_text(str_of(f->name));
    cells[ANSWER_BEFORE] = text_or_null(field_text_stored(c, f, before));
    cells[ANSWER_AFTER] = text_or_null(field_text_stored(c, f, after));
    return (Value){.kind = V_LIST, .list = cells, .n = ANSWER_CELLS};
}

Value answer_rows_value(Ctx *c, const Value *rows, size_t n) {
    Value *kept = NEW_N(c->arena, Value, n + 1);
    if (n) memcpy(kept, rows, n * sizeof *rows);
    return n ? (Value){.kind = V_ROWS, .list = kept, .n = n} : (Value){0};
}

/* ---- who writes ---- */

static Err may_update(bool *out, Ctx *c, int64_t user, const Record *source) {
    Ctx *own;
    *out = false;
    if (!user) return OK;
    Err e = kit_as(&own, c, user);
    if (e == OK) e = access_check(own, source, OP_UPDATE);
    *out = e == OK;
    return e == ERR_MISSING || e == ERR_DENIED ? OK : e;
}

static Err may_read(bool *out, Ctx *c, const Record *source) {
    Err e = access_check(c, source, OP_READ);
    *out = e == OK;
    return e == ERR_MISSING || e == ERR_DENIED ? OK : e;
}

/* As the person asked, else as who accepts; *out NULL: neither may. */
static Err writer(Ctx **out, Ctx *c, const Record *r, const Record *source) {
    bool may;
    *out = NULL;
    TRY(may_update(&may, c, r->owner, source));
    if (may) return kit_as(out, c, r->owner);
    if (c->actor->is_system) return kit_as(out, c, 0);
    if (!kit_state(r, "done") || c->actor->user == r->owner) return OK;
    TRY(may_update(&may, c, c->actor->user, source));
    return may ? kit_as(out, c, c->actor->user) : OK;
}

Err answer_may_write(bool *out, Ctx *c, const Record *r, const Record *source) {
    TRY(may_update(out, c, r->owner, source));
    if (!*out && record_int(r, "reviewer"))
        TRY(may_update(out, c, record_int(r, "reviewer"), source));
    return OK;
}

/* ---- rows and values ---- */

static void pass_issues(Ctx *to, const Ctx *from) {
    for (size_t i = 0; i < from->issues.n; i++)
        issues_add(&to->issues, to->arena, from->issues.items[i]);
}

static Err set_after(Ctx *c, Record *to, const Field *f, Str text) {
    return asked_value(&to->values[f->index], c, f, text);
}

Err answer_over(Record **out, Ctx *c, const Record *r, const Record *source) {
    Value rows = record_get(r, "answers");
    *out = record_clone(c, source);
    for (size_t i = 0; rows.kind == V_ROWS && i < rows.n; i++) {
        const Field *f = type_field(source->type, rows.list[i].list[ANSWER_FIELD].s);
        Err e = f ? set_after(c, *out, f, rows.list[i].list[ANSWER_AFTER].s) : OK;
        if (e && e != ERR_INVALID) return e;
    }
    return OK;
}

static void conflict(Ctx *c, const Field *f, Str now, Str wrote) {
    Issue one = {.field = str_of(f->name),
                 .code = "conflict",
                 .text = N_("Somebody else saved meanwhile: there it says “{0}”, you wrote “{1}”."),
                 .args = {now, wrote}};
    issues_add(&c->issues, c->arena, one);
}

/* Has the record changed under the answer? Then both values are said. */
static Err check_stale(Ctx *c, const Record *r, const Record *source) {
    Value rows = record_get(r, "answers");
    size_t before = c->issues.n;
    for (size_t i = 0; rows.kind == V_ROWS && i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        const Field *f = type_field(source->type, row[ANSWER_FIELD].s);
        if (!f) continue;
        Str now = field_text_stored(c, f, source->values[f->index]);
        if (str_eq(now, row[ANSWER_BEFORE].s) || str_eq(now, row[ANSWER_AFTER].s)) continue;
        conflict(c, f, now, row[ANSWER_AFTER].s);
    }
    return c->issues.n > before ? ERR_CONFLICT : OK;
}

/* ---- the step "answer" ---- */

static bool is_asked(const Asked *asked, const Field *f) {
    for (size_t i = 0; f && i < asked->n; i++)
        if (asked->items[i] == f) return true;
    return false;
}

/* Sent rows become complete ones: only fields that are asked, each once, with what the record holds
 * now; those that change nothing fall out. */
static Err tidy(Ctx *c, Record *r, const Record *source) {
    Asked asked;
    Str unknown;
    Value rows = record_get(r, "answers"), *kept = NEW_N(c->arena, Value, rows.n + 1);
    size_t n = 0;
    Record *over = record_clone(c, source);
    asked_parse(&asked, &unknown, c, source->type, record_text(r, "asked"));
    for (size_t i = 0; rows.kind == V_ROWS && i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        const Field *f = type_field(source->type, row[ANSWER_FIELD].s);
        const char *name = str_fmt(c->arena, "answers[%zu].field", i).p;
        if (!is_asked(&asked, f) || !asked_is_open(f, source)) {
            issue(c, name, "unknown", N_("This field is not asked here."));
            continue;
        }
        Err e = set_after(c, over, f, row[ANSWER_AFTER].s);
        if (e == ERR_INVALID) continue;
        TRY(e);
        Value now = source->values[f->index], after = over->values[f->index];
        Value one = answer_row_value(c, f, now, after);
        if (row[ANSWER_BEFORE].s.n) {
            const Value cells[] = {one.list[ANSWER_FIELD], row[ANSWER_BEFORE],
                                   one.list[ANSWER_AFTER]};
            Value *own = NEW_N(c->arena, Value, ANSWER_CELLS);
            memcpy(own, cells, sizeof cells);
            one.list = own;
        }
        if (!value_eq(now, after)) kept[n++] = one;
    }
    record_set(r, "answers", answer_rows_value(c, kept, n));
    return OK;
}

static Err dry_run(Ctx *c, const Record *r, const Record *source) {
    Record *after;
    Ctx *own;
    bool may;
    TRY(answer_may_write(&may, c, r, source));
    if (!may)
        return issue(c, "", "denied",
                     N_("The record can be changed neither by the person asked nor by the "
                        "reviewer in its present state."));
    Err e = kit_as(&own, c, r->owner);
    if (e == ERR_MISSING) e = kit_as(&own, c, 0);
    TRY(e);
    TRY(answer_over(&after, own, r, source));
    e = record_check(own, source, after);
    pass_issues(c, own);
    return e == ERR_INVALID ? OK : e;
}

static bool is_refusal(Str result) {
    return str_is(result, "problem") || str_is(result, "not_applicable");
}

Err answer_take(Ctx *c, Record *r) {
    Record *source;
    Str result = record_text(r, "result");
    record_set(r, "returned_why", (Value){0});
    if (!record_text(r, "asked").n) {
        record_set(r, "answers", (Value){0});
        return OK;
    }
    TRY(answer_source(&source, c, r));
    bool seen = source != NULL;
    if (source) TRY(may_read(&seen, c, source));
    /* The rows say what the record holds: not to who may not read it. */
    if (!seen || is_refusal(result)) {
        record_set(r, "answers", (Value){0});
        if (!record_text(r, "comment").n)
            issue(c, "comment", "required", N_("Say in a sentence what stands in the way."));
        return OK;
    }
    TRY(tidy(c, r, source));
    if (c->issues.errors) return OK;
    bool changes = !value_is_null(record_get(r, "answers"));
    record_set(r, "result", value_text(changes ? S("changed") : S("confirmed")));
    TRY(check_stale(c, r, source));
    return changes ? dry_run(c, r, source) : OK;
}

/* ---- into the record ---- */

static Err reason_of(Str *out, Ctx *c, const Record *r) {
    RefName by = {0};
    Str number = record_number(c->arena, r);
    *out = FILL(c, TR(c, "Answer to {0}"), number);
    if (c->actor->user == r->owner || !c->actor->user) return OK;
    TRY(ref_name_stored(&by, c, model_need(c->model, "user"), c->actor->user));
    *out = FILL(c, TR(c, "Answer to {0}, accepted by {1}"), number, by.title);
    return OK;
}

Err answer_apply(Ctx *c, const Record *r) {
    Record *source, *after, *out;
    Ctx *own;
    if (value_is_null(record_get(r, "answers"))) return OK;
    TRY(answer_source(&source, c, r));
    if (!source) return OK;
    TRY(check_stale(c, r, source));
    TRY(writer(&own, c, r, source));
    if (!own)
        return issue(c, "", "denied",
                     N_("The record can be changed neither by the person asked nor by the "
                        "reviewer in its present state."));
    own->source = str_fmt(c->arena, "assignment:%.*s", FMT(record_number(c->arena, r)));
    TRY(reason_of(&own->reason, c, r));
    TRY(answer_over(&after, own, r, source));
    Err e = record_save(&out, own, after, "update");
    pass_issues(c, own);
    return e;
}
