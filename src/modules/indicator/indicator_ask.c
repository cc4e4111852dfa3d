/* indicator_ask.c: values asked of people: an assignment for each period of each indicator that a
 * person provides, so that deputies, reminders, grace and escalation are those of all assignments;
 * a value that arrives answers it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/outbox.h"
#include "modules/indicator/indicator.h"
#include "work/work.h"

enum { ASKED_BACK = 2, INDICATORS_MAX = 20000 };

static const char *const asked_of_people[] = {"manual", "file", "push"};

static Str slot_of(Ctx *c, const Indicator *i, int64_t period) {
    return str_fmt(c->arena, "indicator/%lld/%.*s", (long long)i->record->id,
                   FMT(period_key(c->arena, i->frequency, period)));
}

static bool is_asked_of_people(const Indicator *i) {
    Str collection = record_text(i->definition, "collection");
    bool asked = false;
    for (size_t k = 0; k < LENGTH(asked_of_people); k++)
        asked = asked || str_is(collection, asked_of_people[k]);
    return asked && record_int(i->record, "provider") != 0;
}

/* ---- asking ---- */

/* What a system sends is asked of the person who answers for it only once it is late, and a second
 * person looks only at what a first one gave. */
static Err ask_one(int64_t *asked, Ctx *c, const Indicator *i, int64_t period) {
    Record *out;
    bool is_sent = str_is(record_text(i->definition, "collection"), "push");
    int64_t due = indicator_due(i, period), end = period_end(i->frequency, period);
    Str when = period_key(c->arena, i->frequency, period), slot = slot_of(c, i, period);
    TRY(work_asked(&out, c, slot));
    if (out) return OK;
    Str title = str_fmt(c->arena, "%.*s – %.*s", FMT(record_text(i->record, "title")), FMT(when));
    WorkAsk ask = {
        .source = i->record,
        .key = slot,
        .page = str_fmt(c->arena, "/indicator-entry?indicator=%.*s",
                        FMT(record_number(c->arena, i->record))),
        .title = title,
        .task = TRS(c, N_("Give the value of this period; a value that arrives answers it.")),
        .person = record_int(i->record, "provider"),
        .deputy = record_int(i->record, "deputy"),
        .reviewer = is_sent ? 0 : record_int(i->record, "reviewer"),
        .calendar = i->calendar->id,
        .due_on = date_text(c->arena, due),
        .opens_on = date_text(c->arena, (is_sent ? due : end) + 1),
        .grace_until = date_text(c->arena, indicator_last_day(i, period))};
    Err e = work_ask(&out, c, &ask);
    if (e == ERR_MISSING) return OK; /* nobody to ask, or no unit to ask in */
    TRY(e);
    (*asked)++;
    return OK;
}

static Err ask_for(int64_t *asked, Ctx *c, Record *r) {
    Indicator i;
    int64_t from, until;
    if (!record_text(r, "frequency").n) TRY(indicator_refresh(c, r)); /* of an older base */
    TRY(indicator_open(&i, c, r));
    if (!is_asked_of_people(&i) || !date_parse(&from, record_text(r, "active_from"))) return OK;
    int64_t last = indicator_last_period(c, &i), first = period_start(i.frequency, from);
    for (int back = ASKED_BACK - 1; back >= 0; back--) {
        int64_t period = period_move(i.frequency, last, -back);
        SeriesRow row;
        bool found;
        if (period < first) continue;
        if (date_parse(&until, record_text(r, "active_until")) && period > until) continue;
        TRY(series_one(&row, &found, c, &indicator_values, r->id, period));
        if (!found) TRY(ask_one(asked, c, &i, period));
    }
    return OK;
}

Err indicator_ask_definition(int64_t *asked, Ctx *c, int64_t definition) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "indicator"), "definition",
                     value_int(definition), INDICATORS_MAX));
    for (size_t i = 0; i < list.n; i++)
        if (!(list.items[i]->state->flags & STATE_CLOSED)) TRY(ask_for(asked, c, list.items[i]));
    return OK;
}

static Err definitions_asked(Records *out, Ctx *c, const char *collection) {
    return record_where(out, c, model_need(c->model, "indicator_definition"), "collection",
                        value_text(str_of(collection)), 2000);
}

Err indicator_ask(int64_t *asked, Ctx *c) {
    *asked = 0;
    for (size_t k = 0; k < LENGTH(asked_of_people); k++) {
        Records list;
        TRY(definitions_asked(&list, c, asked_of_people[k]));
        for (size_t i = 0; i < list.n; i++)
            TRY(indicator_ask_definition(asked, c, list.items[i]->id));
    }
    return OK;
}

/* The daily look gives each definition a row of its own, so that no transaction is long. */
Err indicator_ask_job(Ctx *c, Job *job) {
    int64_t id, asked = 0;
    if (str_to_int(&id, job->payload)) return indicator_ask_definition(&asked, c, id);
    for (size_t k = 0; k < LENGTH(asked_of_people); k++) {
        Records list;
        TRY(definitions_asked(&list, c, asked_of_people[k]));
        for (size_t i = 0; i < list.n; i++) {
            Str payload = str_fmt(c->arena, "%lld", (long long)list.items[i]->id);
            Str key = str_fmt(c->arena, "%.*s/%.*s", FMT(job->key), FMT(payload));
            TRY(outbox_add(c,
                           &(OutboxRow){.topic = "indicator_ask", .key = key, .payload = payload}));
        }
    }
    return OK;
}

/* ---- answers ---- */

static Err move(Record **out, Ctx *c, const Record *r, const char *step, const char *field,
                Str value) {
    Input in = {0};
    if (field) input_add(&in, c->arena, str_of(field), value);
    return record_move(out, c, r, step, &in);
}

static Err answer(Ctx *c, Str slot) {
    Record *asked, *out;
    TRY(work_asked(&asked, c, slot));
    if (!asked) return OK;
    if (strcmp(asked->state->name, "planned") == 0)
        TRY(move(&asked, c, asked, "open", NULL, (Str){0}));
    if (strcmp(asked->state->name, "open") != 0) return OK;
    return move(&out, c, asked, "answer", "result", S("done"));
}

/* As the system: values have arrived, whoever gave them and however. */
Err indicator_answered(Ctx *c, const Answer *answers, size_t n) {
    Str *slots = NEW_N(c->arena, Str, n + 1), *open;
    size_t n_slots = 0, n_open;
    for (size_t i = 0; i < n; i++)
        if (is_asked_of_people(answers[i].indicator))
            slots[n_slots++] = slot_of(c, answers[i].indicator, answers[i].period);
    TRY(work_asked_open(&open, &n_open, c, slots, n_slots));
    for (size_t i = 0; i < n_open; i++) TRY(answer(c, open[i]));
    return OK;
}

/* ---- on the page of an assignment ---- */

static Err of_assignment(Record **indicator, int64_t *period, Ctx *c, const Record *asked) {
    Indicator i;
    int64_t id;
    Str slot = record_text(asked, "slot"), part;
    *indicator = NULL;
    if (!str_starts(slot, S("indicator/"))) return OK;
    str_cut(&part, &slot, '/');
    str_cut(&part, &slot, '/');
    if (!str_to_int(&id, part)) return OK;
    TRY(record_load_raw(indicator, c, model_need(c->model, "indicator"), id));
    TRY(indicator_open(&i, c, *indicator));
    if (!period_parse(period, i.frequency, slot)) *indicator = NULL;
    return OK;
}

Err indicator_assignment_guard(Ctx *c, const Record *asked) {
    Record *r;
    SeriesRow row;
    int64_t period;
    bool found;
    TRY(of_assignment(&r, &period, c, asked));
    if (!r) return OK;
    TRY(series_one(&row, &found, c, &indicator_values, r->id, period));
    return found ? OK
                 : issue(c, "", "no_value",
                         N_("Enter the value of the period first: that answers it by itself."));
}

Err indicator_assignment_section(Ctx *c, const Record *asked, Block **out) {
    Record *r;
    int64_t period;
    *out = NULL;
    TRY(of_assignment(&r, &period, c, asked));
    if (!r || c->as_of.n || strcmp(asked->state->name, "open") != 0) return OK;
    if (!indicator_may_provide(c, r)) return OK;
    Block *b = view_text(c->arena, TEXT_NOTICE, TONE_INFO, indicator_title(c, r),
                         TRS(c, N_("The value answers this assignment by itself.")));
    b->text.button = (Button){.label = TRS(c, N_("Enter the value")),
                              .icon = "pencil",
                              .is_primary = true,
                              .href = str_fmt(c->arena, "/indicator-entry?indicator=%.*s",
                                              FMT(record_number(c->arena, r)))};
    *out = b;
    return OK;
}

/* ---- an indicator that changes hands or is given up ---- */

static Err with_open(Ctx *c, const Record *r, bool is_over) {
    const Type *t = model_type(c->model, S("assignment"));
    Records list;
    if (!t) return OK;
    TRY(record_where(&list, c, t, "source_number", value_text(record_number(c->arena, r)), 500));
    for (size_t k = 0; k < list.n; k++) {
        Record *asked = list.items[k], *out;
        if (asked->state->flags & STATE_CLOSED || strcmp(asked->state->name, "review") == 0)
            continue;
        if (record_int(asked, "source") != r->id ||
            !str_starts(record_text(asked, "slot"), S("indicator/")))
            continue;
        if (is_over) {
            TRY(move(&out, c, asked, "cancel", "reason",
                     TRS(c, N_("The indicator is no longer collected."))));
            continue;
        }
        Record *after = record_clone(c, asked);
        after->owner = record_int(r, "provider");
        if (record_int(after, "reviewer") == after->owner)
            record_set(after, "reviewer", (Value){0});
        TRY(record_save(&out, c, after, "reassign"));
    }
    return OK;
}

Err indicator_handed_over(Ctx *c, const Saving *s) {
    const Record *before = s->before, *r = s->after;
    if (!before) return OK;
    bool is_over = (r->state->flags & STATE_CLOSED) && !(before->state->flags & STATE_CLOSED);
    bool moved = record_int(r, "provider") && record_int(before, "provider") &&
                 record_int(r, "provider") != record_int(before, "provider");
    return is_over || moved ? with_open(c, r, is_over) : OK;
}
