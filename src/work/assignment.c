/* assignment.c: making assignments from plans and by code, and what happens to them day by day
 * (assignment.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/assignment.h"

#include "base/clock.h"
#include "work/kit.h"
#include "work/notice.h"
#include "work/rule.h"

enum { MOST_SOURCES = 5000, MOST_SLOTS = 400, MOST_LEVELS = 10 };
static const int before_days[] = {30, 7, 1, 0}, after_days[] = {1, 7, 30};

static Err local_day(int64_t *out, Ctx *c) {
    return date_parse(out, c->today) ? OK : ERR_INTERNAL;
}

static Value day_value(Ctx *c, int64_t day) {
    return value_text(date_text(c->arena, day));
}

/* ---- who ---- */

static Err is_active(bool *out, Ctx *c, int64_t user) {
    Ctx *own;
    *out = false;
    if (!user) return OK;
    Err e = kit_as(&own, c, user);
    *out = e == OK;
    return e == ERR_MISSING ? OK : e;
}

static Err nearest(int64_t *out, Ctx *c, const Record *r, Str role, int64_t but) {
    People people = {0};
    *out = 0;
    if (!role.n) return OK;
    TRY(people_find(&people, c, r, str_z(c->arena, role), NULL));
    for (size_t i = 0; i < people.n && !*out; i++)
        if (people.ids[i] != but) *out = people.ids[i];
    return OK;
}

/* Whom the plan asks about this record; the deputy, then the head of the unit when that person is
 * gone; 0: nobody. */
static Err holder_of(int64_t *out, Ctx *c, const Record *plan, const Record *source,
                     const Record *asked) {
    Str how = plan ? record_text(plan, "assignee") : S("owner");
    int64_t tries[3] = {0};
    if (str_is(how, "person")) tries[0] = record_int(plan, "person");
    if (str_is(how, "owner")) tries[0] = source->owner ? source->owner : source->created_by;
    if (str_is(how, "role")) TRY(nearest(&tries[0], c, asked, record_text(plan, "role"), 0));
    tries[1] = plan ? record_int(plan, "deputy") : record_int(asked, "deputy");
    TRY(nearest(&tries[2], c, asked, S("unit_head"), 0));
    *out = 0;
    for (size_t i = 0; i < LENGTH(tries) && !*out; i++) {
        bool may;
        TRY(is_active(&may, c, tries[i]));
        /* Being asked about a restricted record tells that it is there. */
        if (may && source->is_restricted) TRY(people_may_read(&may, c, tries[i], source));
        if (may) *out = tries[i];
    }
    return OK;
}

/* ---- making one ---- */

static Err slot_exists(bool *out, Ctx *c, Str slot) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "assignment"), "slot", value_text(slot), 1));
    *out = list.n > 0;
    return OK;
}

static void about(Ctx *c, Record *r, const Record *source) {
    r->unit = source->unit;
    r->is_restricted = source->is_restricted;
    record_set(r, "source_type", value_text(str_of(source->type->name)));
    record_set(r, "source", value_int(source->id));
    record_set(r, "source_number", value_text(record_number(c->arena, source)));
}

/* A unit for what has none (a list, a person): that of the holder. */
static Err unit_for(Ctx *c, Record *r) {
    Record *person;
    if (r->unit || !r->owner) return OK;
    TRY(record_load_raw(&person, c, model_need(c->model, "user"), r->owner));
    r->unit = record_int(person, "home_unit");
    return OK;
}

static Err save_new(Record **out, Ctx *c, Record *r, int64_t today) {
    int64_t opens;
    TRY(unit_for(c, r));
    if (!r->unit || !r->owner) return ERR_MISSING;
    if (!record_text(r, "page").n) record_set(r, "page", value_text(S("/assignments/answer/")));
    bool open = !date_parse(&opens, record_text(r, "opens_on")) || opens <= today;
    r->state = type_state(r->type, open ? S("open") : S("planned"));
    return record_save(out, c, r, "create");
}

Err work_ask(Record **out, Ctx *c, const WorkAsk *ask) {
    const Type *t = model_need(c->model, "assignment");
    Records known;
    int64_t today;
    *out = NULL;
    TRY(record_where(&known, c, t, "slot", value_text(ask->key), 1));
    if (known.n) {
        *out = known.items[0];
        return OK;
    }
    TRY(local_day(&today, c));
    Record *r = record_new(c, t);
    about(c, r, ask->source);
    if (ask->unit) r->unit = ask->unit;
    r->owner = ask->person;
    record_set(r, "title", value_text(ask->title));
    record_set(r, "task", value_text(ask->task));
    record_set(r, "slot", value_text(ask->key));
    record_set(r, "page", value_text(ask->page));
    record_set(r, "due_on", value_text(ask->due_on));
    record_set(r, "opens_on", ask->opens_on.n ? value_text(ask->opens_on) : day_value(c, today));
    record_set(r, "grace_until", value_text(ask->grace_until));
    if (ask->calendar) record_set(r, "calendar", value_int(ask->calendar));
    record_set(r, "deputy", ask->deputy ? value_int(ask->deputy) : (Value){0});
    record_set(r, "reviewer", ask->reviewer ? value_int(ask->reviewer) : (Value){0});
    record_set(r, "escalate_days", value_int(7));
    return save_new(out, c, r, today);
}

/* What is asked about a record that becomes restricted names it, and holds what was answered. */
Err assignments_follow(Ctx *c, const Saving *s) {
    Records list;
    const Record *r = s->after;
    const Type *t = model_type(c->model, S("assignment"));
    if (!t || !s->before || s->before->is_restricted || !r->is_restricted || r->type == t)
        return OK;
    TRY(record_where(&list, c, t, "source", value_int(r->id), MOST_SOURCES));
    for (size_t i = 0; i < list.n; i++) {
        Record *saved, *next = record_clone(c, list.items[i]);
        Ctx *own;
        if (next->is_restricted || !str_is(record_text(next, "source_type"), r->type->name))
            continue;
        next->is_restricted = true;
        TRY(kit_as(&own, c, 0));
        TRY(record_save(&saved, own, next, "restrict"));
    }
    return OK;
}

Err work_holder(int64_t *out, Ctx *c, const Record *r, const char *role) {
    return nearest(out, c, r, str_of(role), 0);
}

Err work_asked(Record **out, Ctx *c, Str key) {
    Records known;
    TRY(record_where(&known, c, model_need(c->model, "assignment"), "slot", value_text(key), 1));
    *out = known.n ? known.items[0] : NULL;
    return OK;
}

/* ---- from plans ---- */

typedef struct PlanRun {
    Ctx *c;
    const Record *plan;
    Rule rule;
    const Calendar *calendar;
    int64_t calendar_id; /* of `calendar` */
    int64_t today, starts, horizon, made;
} PlanRun;

static Err calendar_for(PlanRun *p, const Record *source) {
    int64_t id = record_int(p->plan, "calendar");
    if (!id) TRY(calendar_of_unit(&id, p->c, source->unit));
    if (p->calendar && id == p->calendar_id) return OK;
    p->calendar_id = id;
    return calendar_load(&p->calendar, p->c, id);
}

static Err make_one(PlanRun *p, const Record *source, int64_t due) {
    Ctx *c = p->c;
    bool exists;
    int64_t from, to;
    Record *out;
    const Record *plan = p->plan;
    Str slot = str_fmt(c->arena, "plan/%lld/%lld/%.*s", (long long)plan->id, (long long)source->id,
                       FMT(date_text(c->arena, due)));
    TRY(slot_exists(&exists, c, slot));
    if (exists) return OK;
    rule_period(&from, &to, &p->rule, p->calendar, due);
    /* A holiday that came later moves the day, and asks nobody twice. */
    if (p->rule.kind != RULE_AFTER)
        TRY(assignment_asked_for(&exists, c, plan->id, source->id, date_text(c->arena, from),
                                 date_text(c->arena, to)));
    if (exists) return OK;
    Record *r = record_new(c, model_need(c->model, "assignment"));
    about(c, r, source);
    TRY(holder_of(&r->owner, c, plan, source, r));
    if (!r->owner) return OK; /* nobody to ask yet: tried again tomorrow */
    int64_t reviewer;
    TRY(nearest(&reviewer, c, r, record_text(plan, "review_role"), r->owner));
    record_set(r, "title",
               value_text(str_fmt(c->arena, "%.*s – %.*s", FMT(record_text(plan, "title")),
                                  FMT(record_number(c->arena, source)))));
    record_set(r, "task", record_get(plan, "task"));
    record_set(r, "asked", record_get(plan, "asked"));
    record_set(r, "plan", value_int(plan->id));
    record_set(r, "slot", value_text(slot));
    record_set(r, "period_from", day_value(c, from));
    record_set(r, "period_to", day_value(c, to));
    record_set(r, "due_on", day_value(c, due));
    record_set(r, "opens_on", day_value(c, due - record_int(plan, "open_days")));
    record_set(r, "grace_until",
               day_value(c, calendar_add(p->calendar, due, (int)record_int(plan, "grace_days"))));
    if (p->calendar->id) record_set(r, "calendar", value_int(p->calendar->id));
    record_set(r, "deputy", record_get(plan, "deputy"));
    if (reviewer) record_set(r, "reviewer", value_int(reviewer));
    record_set(r, "escalate_days", record_get(plan, "escalate_days"));
    Err e = save_new(&out, c, r, p->today);
    if (e == ERR_MISSING) return OK; /* no unit to put it in */
    TRY(e);
    p->made++;
    return OK;
}

/* "n months after the last completion": counted from the last answer, or the plan's start. */
static Err make_after(PlanRun *p, const Record *source) {
    Str last;
    bool found;
    int64_t from = p->starts, due;
    TRY(assignment_last_done(&last, &found, p->c, p->plan->id, source->id));
    if (found) (void)date_parse(&from, last);
    due = day_add_months(from, p->rule.every);
    return due <= p->horizon ? make_one(p, source, due) : OK;
}

static Err make_all(PlanRun *p, const Record *source) {
    TRY(calendar_for(p, source));
    if (p->rule.kind == RULE_AFTER) return make_after(p, source);
    /* Missed days give one assignment, the latest; those to come each give one. */
    int64_t day = p->starts > p->today ? p->starts : p->today, due;
    if (rule_day_until(&due, &p->rule, p->calendar, day - 1) && due >= p->starts)
        TRY(make_one(p, source, due));
    day--;
    for (int i = 0; i < MOST_SLOTS && rule_day_after(&day, &p->rule, p->calendar, day); i++) {
        if (day > p->horizon) break;
        TRY(make_one(p, source, day));
    }
    return OK;
}

/* Is the plan about records in this state? */
static bool asks_in(const Record *plan, const State *state) {
    Str rest = record_text(plan, "states"), word;
    bool any = false;
    if (state->flags & (STATE_CLOSED | STATE_VOID)) return false;
    while (rest.n && str_cut(&word, &rest, ',')) {
        any = any || str_trim(word).n;
        if (str_is(str_trim(word), state->name)) return true;
    }
    return !any;
}

static Err sources_of(Records *out, Ctx *c, const Record *plan, const Type *t) {
    Str number = record_text(plan, "source_number");
    *out = (Records){0};
    if (number.n) {
        int64_t id;
        Err e = ref_find(&id, c, t, number);
        if (e == ERR_MISSING) return OK;
        TRY(e);
        GROW(c->arena, out->items, out->n, out->cap);
        return record_load_raw(&out->items[out->n++], c, t, id);
    }
    for (size_t i = 0; i < t->n_states; i++) {
        Records part;
        if (!asks_in(plan, &t->states[i])) continue;
        TRY(record_in_state(&part, c, t, t->states[i].name, MOST_SOURCES));
        for (size_t k = 0; k < part.n && out->n < MOST_SOURCES; k++) {
            GROW(c->arena, out->items, out->n, out->cap);
            out->items[out->n++] = part.items[k];
        }
    }
    return OK;
}

Err plan_generate(int64_t *made, Ctx *c, const Record *plan) {
    PlanRun p = {.c = c, .plan = plan};
    Records sources;
    const Type *t = model_type(c->model, record_text(plan, "source_type"));
    *made = 0;
    if (!t || !kit_state(plan, "active") || !rule_parse(&p.rule, record_text(plan, "rule")))
        return OK;
    TRY(local_day(&p.today, c));
    p.starts = p.today;
    (void)date_parse(&p.starts, record_text(plan, "starts_on"));
    int64_t ahead = record_int(plan, "ahead_days"), open = record_int(plan, "open_days");
    p.horizon = p.today + (ahead > open ? ahead : open);
    TRY(sources_of(&sources, c, plan, t));
    for (size_t i = 0; i < sources.n; i++) {
        const Record *s = sources.items[i];
        if (!asks_in(plan, s->state)) continue;
        TRY(make_all(&p, s));
    }
    *made = p.made;
    return OK;
}

Err assignments_plan(Ctx *c, Job *job) {
    Records plans;
    Record *one;
    int64_t id, made;
    const Type *t = model_need(c->model, "assignment_plan");
    if (str_to_int(&id, job->payload)) {
        Err e = record_load_raw(&one, c, t, id);
        return e == OK ? plan_generate(&made, c, one) : e == ERR_MISSING ? OK : e;
    }
    /* The daily look gives each plan a row of its own, so that none waits for another. */
    TRY(record_in_state(&plans, c, t, "active", MOST_SOURCES));
    for (size_t i = 0; i < plans.n; i++) {
        Str key = str_fmt(c->arena, "%.*s/%lld", FMT(job->key), (long long)plans.items[i]->id);
        TRY(outbox_add(c, &(OutboxRow){.topic = "assignments",
                                       .key = key,
                                       .payload = kit_text_int(c, plans.items[i]->id)}));
    }
    return OK;
}

/* ---- day by day ---- */

static Err open_due(Ctx *c, Str today) {
    int64_t *ids;
    size_t n;
    const Type *t = model_need(c->model, "assignment");
    TRY(assignment_due(&ids, &n, c, "planned", today));
    for (size_t i = 0; i < n; i++) {
        Record *r, *out;
        Input in = {0};
        TRY(record_load_raw(&r, c, t, ids[i]));
        TRY(record_move(&out, c, r, "open", &in));
    }
    return OK;
}

static Err hand_over(Ctx *c, int64_t id) {
    const Type *t = model_need(c->model, "assignment");
    Record *r, *plan = NULL, *source, *out;
    int64_t holder = 0;
    bool active;
    TRY(record_load_raw(&r, c, t, id));
    TRY(is_active(&active, c, record_int(r, "deputy")));
    if (active) holder = record_int(r, "deputy");
    const Type *of = model_type(c->model, record_text(r, "source_type"));
    if (!holder && of && record_load_raw(&source, c, of, record_int(r, "source")) == OK) {
        if (record_int(r, "plan"))
            TRY(record_load_raw(&plan, c, model_need(c->model, "assignment_plan"),
                                record_int(r, "plan")));
        TRY(holder_of(&holder, c, plan, source, r));
    }
    if (!holder || holder == r->owner) return OK;
    Record *after = record_clone(c, r);
    after->owner = holder;
    if (record_int(after, "reviewer") == holder) record_set(after, "reviewer", (Value){0});
    TRY(record_save(&out, c, after, "reassign"));
    return work_tell(c, out, "assignment.yours", NULL,
                     str_fmt(c->arena, "assignment/%lld/to/%lld", (long long)id, (long long)holder),
                     record_text(r, "due_on"));
}

static Err remind(Ctx *c, const Record *r, int64_t today, int64_t due) {
    Str day = record_text(r, "due_on");
    for (size_t i = 0; i < LENGTH(before_days); i++)
        if (due - today == before_days[i])
            return work_tell(
                c, r, "assignment.due", NULL,
                str_fmt(c->arena, "assignment/%lld/before/%d", (long long)r->id, before_days[i]),
                day);
    for (size_t i = 0; i < LENGTH(after_days); i++)
        if (today - due == after_days[i])
            return work_tell(
                c, r, "assignment.late", NULL,
                str_fmt(c->arena, "assignment/%lld/after/%d", (long long)r->id, after_days[i]),
                day);
    return OK;
}

/* Each `escalate_days` after the last day of grace the head of the next unit above is told. */
static Err escalate(Ctx *c, const Record *r, int64_t today) {
    int64_t last, every = record_int(r, "escalate_days");
    int64_t *up;
    size_t n;
    if (!date_parse(&last, record_text(r, "grace_until")) || every <= 0 || today <= last) return OK;
    int64_t level = (today - last) / every;
    if (level < 1) return OK;
    TRY(notice_ancestors(&up, &n, c, r->unit));
    if (!n || level > MOST_LEVELS) return OK;
    Record *seen_from = record_clone(c, r);
    seen_from->unit = up[(size_t)level <= n ? (size_t)level - 1 : n - 1];
    return work_tell(
        c, seen_from, "assignment.escalated", "unit_head",
        str_fmt(c->arena, "assignment/%lld/up/%lld", (long long)r->id, (long long)level),
        record_text(r, "due_on"));
}

/* What a plan asked about a record that was closed meanwhile is asked no longer. */
static Err drop_pointless(bool *dropped, Ctx *c, const Record *r) {
    Record *source, *out;
    Input in = {0};
    *dropped = false;
    if (!record_int(r, "plan")) return OK;
    TRY(answer_source(&source, c, r));
    if (source && !(source->state->flags & (STATE_CLOSED | STATE_VOID))) return OK;
    input_add(&in, c->arena, S("reason"), TRS(c, N_("The record is closed.")));
    *dropped = true;
    return record_move(&out, c, r, "cancel", &in);
}

Err assignments_day(Ctx *c, Job *job) {
    int64_t today, *ids;
    size_t n;
    const Type *t = model_need(c->model, "assignment");
    (void)job;
    TRY(local_day(&today, c));
    Str day = date_text(c->arena, today);
    TRY(open_due(c, day));
    TRY(assignment_orphans(&ids, &n, c, day));
    for (size_t i = 0; i < n; i++) TRY(hand_over(c, ids[i]));
    TRY(assignment_due(&ids, &n, c, "open", date_text(c->arena, today + before_days[0])));
    for (size_t i = 0; i < n; i++) {
        Record *r;
        int64_t due;
        bool dropped;
        TRY(record_load_raw(&r, c, t, ids[i]));
        TRY(drop_pointless(&dropped, c, r));
        if (dropped || !date_parse(&due, record_text(r, "due_on"))) continue;
        TRY(remind(c, r, today, due));
        TRY(escalate(c, r, today));
    }
    return OK;
}
