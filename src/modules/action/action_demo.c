/* action_demo.c: issues and actions of the demonstration bank, each lived through day by day by the
 * people whose turn it is, until today: some late, some extended, some accepted for a time. The
 * same seed gives the same ones. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "calc/rng.h"
#include "model/list.h"
#include "modules/action/action.h"
#include "modules/action/action_demo_text.h"
#include "store/file_store.h"

enum { MOST_DEMO_ISSUES = 160, MOST_CASES = 600, EFFECT_MONTHS = 3 };

typedef struct Demo {
    Ctx *c;
    Arena *keep, *scratch;
    Rng rng;
    int64_t now, real_now_us;
    int64_t analysts[3], head_orm, committee, inspector;
    int64_t issues, actions, extensions, acceptances;
    Records cases;
    bool *used;     /* of the cases */
    bool told[100]; /* of the texts */
} Demo;

/* One issue before it happens. */
typedef struct Story {
    const DemoIssue *text;
    const Record *incident; /* NULL: from elsewhere */
    int64_t unit, owner, author, day;
    int32_t fate; /* 0..99 */
    Str title;
} Story;

static Value text(const char *z) {
    return value_text(str_of(z));
}

static int64_t any(Demo *d, int64_t from, int64_t to) {
    return from + rng_below(&d->rng, to - from + 1);
}

static const char *pick(Demo *d, const char *const *list) {
    int64_t n = 0;
    while (list[n]) n++;
    return list[rng_below(&d->rng, n)];
}

/* The clock of the context at a working hour of a day; false when that day is still to come. */
static bool at(Demo *d, int64_t day) {
    if (day > d->now) return false;
    d->c->today = date_text(d->c->arena, day);
    d->c->now_us = day * INT64_C(86400000000) + (480 + any(d, 0, 540)) * INT64_C(60000000);
    if (d->c->now_us > d->real_now_us) d->c->now_us = d->real_now_us;
    return true;
}

static void as(Demo *d, int64_t user) {
    *d->c->actor = (Actor){.user = user, .is_system = true, .name = S("demo"), .lang = LANG_FR};
}

/* ---- who is who ---- */

static Err holders(int64_t *out, size_t wanted, Ctx *c, const char *role) {
    Records list;
    size_t n = 0;
    TRY(record_where(&list, c, model_need(c->model, "role_assignment"), "role", text(role), 50));
    for (size_t i = 0; i < list.n && n < wanted; i++)
        if (!record_int(list.items[i], "in_unit")) out[n++] = record_int(list.items[i], "person");
    if (!n)
        return issue_arg(c, "", "no_person",
                         N_("Nobody of the demonstration bank holds the role {0}."), str_of(role));
    for (; n < wanted; n++) out[n] = out[n - 1];
    return OK;
}

/* Head or correspondent of the unit, or of the nearest one above that has somebody else. */
static Err upwards(int64_t *out, Demo *d, int64_t unit, const char *field, int64_t not_this) {
    Ctx *c = d->c;
    *out = d->analysts[1];
    for (int guard = 0; unit && guard < 10; guard++) {
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "unit"), unit));
        int64_t found = record_int(r, field);
        if (found && found != not_this) {
            *out = found;
            return OK;
        }
        unit = record_int(r, "parent");
    }
    return OK;
}

static Err unit_of(int64_t *out, Demo *d, const char *code, int64_t otherwise) {
    *out = otherwise;
    if (!code) return OK;
    Err e = ref_find(out, d->c, model_need(d->c->model, "unit"), str_of(code));
    if (e == ERR_MISSING) *out = otherwise;
    return e == ERR_MISSING ? OK : e;
}

/* ---- steps ---- */

static Err move(Record **r, Demo *d, const char *step, const char *reason) {
    Ctx *c = d->c;
    Record *now;
    Input in = {0};
    if (reason) input_add(&in, c->arena, S("reason"), str_of(reason));
    TRY(record_load_raw(&now, c, (*r)->type, (*r)->id)); /* others may have moved it meanwhile */
    return record_move(r, c, now, step, &in);
}

static Err reload(Record **r, Demo *d) {
    return record_load_raw(r, d->c, (*r)->type, (*r)->id);
}

static Err evidence(Demo *d, Record *r) {
    Ctx *c = d->c;
    int64_t id;
    Value *one = NEW(c->arena, Value);
    Str words = str_fmt(c->arena, "%.*s\n\n%.*s\n", FMT(record_title(c, r)),
                        FMT(record_text(r, "deliverable")));
    TRY(file_store_put(&id, c->db, S("preuve.txt"), S("text/plain"), words, c->actor->user,
                       c->now_us));
    *one = value_int(id);
    record_set(r, "evidence", (Value){.kind = V_LIST, .list = one, .n = 1});
    return OK;
}

/* ---- issue ---- */

static Err create_issue(Record **out, Demo *d, const Story *s) {
    Ctx *c = d->c;
    const DemoIssue *t = s->text;
    Record *r = record_new(c, model_need(c->model, "issue"));
    char level[2] = {0}, impact[2] = {0};
    int64_t cause = 0;
    level[0] = (char)('0' + t->likelihood);
    impact[0] = (char)('0' + t->impact);
    r->unit = s->unit;
    r->owner = s->owner;
    record_set(r, "title", value_text(s->title));
    record_set(r, "description", text(t->text));
    record_set(r, "source", text(t->source ? t->source : "incident"));
    record_set(r, "source_reference", text(t->reference));
    if (s->incident && type_field(r->type, S("incident")))
        record_set(r, "incident", value_int(s->incident->id));
    if (!s->incident && !t->source) record_set(r, "source", text("self"));
    record_set(r, "identified_on", value_text(c->today));
    record_set(r, "nature", text(t->nature));
    Err e = ref_find(&cause, c, model_need(c->model, "taxon"), str_of(t->cause));
    if (e && e != ERR_MISSING) return e;
    if (!e) record_set(r, "root_cause", value_int(cause));
    record_set(r, "likelihood", text(str_copy(c->arena, str_of(level)).p));
    record_set(r, "impact", text(str_copy(c->arena, str_of(impact)).p));
    record_set(r, "repeat_finding", value_int(rng_chance(&d->rng, 15)));
    record_set(r, "regulatory", value_int(t->source && str_is(str_of(t->source), "supervisor")));
    if (t->loss)
        record_set(r, "yearly_loss",
                   value_money((int64_t)t->loss * any(d, 60, 140) * 1000, S("MAD")));
    record_set(r, "target_on", value_text(date_text(c->arena, s->day + any(d, 180, 330))));
    d->issues++;
    return record_save(out, c, r, "create");
}

static int64_t thousand(Demo *d, int32_t kmad) {
    return (int64_t)kmad * any(d, 80, 120) * 1000;
}

static Err create_action(Record **out, Demo *d, const Story *s, const Record *of,
                         const DemoAction *t) {
    Ctx *c = d->c;
    Record *r = record_new(c, model_need(c->model, "action"));
    Value *one = NEW(c->arena, Value);
    int64_t unit, start = s->day + any(d, 12, 40);
    *one = value_int(of->id);
    TRY(unit_of(&unit, d, t->unit, s->unit));
    TRY(upwards(&r->owner, d, unit, "head", 0));
    r->unit = of->unit;
    record_set(r, "issues", (Value){.kind = V_LIST, .list = one, .n = 1});
    record_set(r, "title", text(t->title));
    record_set(r, "deliverable", text(t->deliverable));
    record_set(r, "kind", text(t->kind));
    record_set(r, "priority",
               text(of->values && action_rating(of) >= 4 ? "urgent"
                    : action_rating(of) == 3             ? "high"
                    : rng_chance(&d->rng, 20)            ? "low"
                                                         : "normal"));
    record_set(r, "start_on", value_text(date_text(c->arena, start)));
    record_set(r, "due_on", value_text(date_text(c->arena, start + any(d, 45, 200))));
    record_set(r, "cost_once", value_money(thousand(d, t->cost), S("MAD")));
    record_set(r, "cost_yearly", value_money(thousand(d, t->running), S("MAD")));
    record_set(r, "staff_days", value_int((int64_t)t->days * 10));
    record_set(r, "frequency_cut", value_int((int64_t)t->rarer * 100));
    record_set(r, "severity_cut", value_int((int64_t)t->cheaper * 100));
    record_set(r, "effect_months", value_int(EFFECT_MONTHS));
    d->actions++;
    return record_save(out, c, r, "create");
}

/* The second action often waits for the first; the dearest is an alternative to the cheap one. */
static Err link_actions(Demo *d, Record **list, size_t n) {
    Value *one = NEW(d->c->arena, Value);
    const char *field = "prerequisites";
    if (n < 2 || rng_chance(&d->rng, 45)) return OK;
    if (n == 3 && record_int(list[1], "cost_group") > 3 * record_int(list[0], "cost_group"))
        field = "alternatives";
    Record *r = record_clone(d->c, list[n - 1]);
    int64_t ready, due;
    bool waits = strcmp(field, "prerequisites") == 0 &&
                 date_parse(&ready, record_text(list[0], "due_on")) &&
                 date_parse(&due, record_text(r, "due_on"));
    if (waits) { /* begins when the other one is to be done */
        int64_t most = ready + 40 < due ? due : ready + any(d, 40, 90);
        record_set(r, "start_on", value_text(date_text(d->c->arena, ready + 1)));
        record_set(r, "due_on", value_text(date_text(d->c->arena, most)));
    }
    *one = value_int(list[0]->id);
    record_set(r, field, (Value){.kind = V_LIST, .list = one, .n = 1});
    return record_save(&list[n - 1], d->c, r, "update");
}

/* ---- the life of an action ---- */

static int64_t day_of(const Record *r, const char *field) {
    int64_t days;
    return date_parse(&days, record_text(r, field)) ? days : 0;
}

static Err report_progress(Record **r, Demo *d, int64_t per_cent) {
    Record *after;
    TRY(reload(r, d));
    after = record_clone(d->c, *r);
    record_set(after, "progress", value_int(per_cent));
    return record_save(r, d->c, after, "update");
}

static int64_t decider(Demo *d, const Record *request) {
    if (action_state_is(request, "with_head")) return d->head_orm;
    if (action_state_is(request, "with_committee")) return d->committee;
    return request->is_restricted ? d->inspector : d->analysts[0];
}

static const char *approve_step(const Record *request) {
    return action_state_is(request, "with_unit")   ? "approve_unit"
           : action_state_is(request, "with_orm")  ? "approve_orm"
           : action_state_is(request, "with_head") ? "approve_head"
                                                   : "approve_committee";
}

/* More time is asked for a week before the date; most requests are granted. */
static Err ask_for_time(Record **r, Demo *d) {
    Ctx *c = d->c;
    int64_t due = day_of(*r, "due_on"), ask = due - any(d, 3, 12), more = any(d, 20, 75);
    Record *x;
    if (!at(d, ask)) return OK;
    as(d, (*r)->owner);
    x = record_new(c, model_need(c->model, "extension_request"));
    record_set(x, "action", value_int((*r)->id));
    record_set(x, "new_due_on", value_text(date_text(c->arena, due + more)));
    record_set(x, "why", text(pick(d, action_demo_reasons)));
    record_set(x, "interim", text(pick(d, action_demo_interims)));
    TRY(record_save(&x, c, x, "create"));
    d->extensions++;
    TRY(move(&x, d, "submit", NULL));
    if (!at(d, ask + any(d, 1, 4))) return OK;
    as(d, decider(d, x));
    if (rng_chance(&d->rng, 18))
        TRY(move(&x, d, "refuse", "La date doit être tenue : la mesure est trop importante."));
    else
        TRY(move(&x, d, approve_step(x), NULL));
    return reload(r, d);
}

static Err verified(Record **r, Demo *d, int64_t day) {
    int64_t verifier = record_int(*r, "verifier");
    if (!at(d, day)) return OK;
    as(d, verifier ? verifier : d->analysts[0]);
    if (rng_chance(&d->rng, 8)) {
        TRY(move(r, d, "return", "La preuve ne montre pas que la règle est active."));
        if (!at(d, day += any(d, 5, 20))) return OK;
        as(d, (*r)->owner);
        TRY(move(r, d, "submit", NULL));
        if (!at(d, day += any(d, 2, 9))) return OK;
        as(d, verifier ? verifier : d->analysts[0]);
    }
    TRY(move(r, d, "verify", NULL));
    if (!action_state_is(*r, "verified") || !at(d, day_of(*r, "effect_on"))) return OK;
    as(d, 0);
    TRY(move(r, d, "check", NULL));
    if (!at(d, day_of(*r, "effect_on") + any(d, 1, 20))) return OK;
    as(d, verifier ? verifier : d->analysts[0]);
    return move(r, d, "confirm_effect", NULL);
}

static Err live_action(Record **r, Demo *d, int64_t *ready) {
    int64_t start = day_of(*r, "start_on"), due;
    bool extended = rng_chance(&d->rng, 22), given_up = rng_chance(&d->rng, 4);
    if (*ready && start < *ready) start = *ready;
    if (!at(d, start)) return OK;
    as(d, (*r)->owner);
    TRY(move(r, d, "start", NULL));
    due = day_of(*r, "due_on");
    if (at(d, start + (due - start) / 3)) TRY(report_progress(r, d, any(d, 2, 5) * 10));
    if (extended) TRY(ask_for_time(r, d));
    due = day_of(*r, "due_on");
    if (given_up && at(d, due - 5)) {
        as(d, d->analysts[0]);
        return move(r, d, "cancel", "Remplacée par le projet de refonte.");
    }
    int64_t done = rng_chance(&d->rng, 60)   ? due - any(d, 0, 25)
                   : rng_chance(&d->rng, 55) ? due + any(d, 1, 60)
                                             : due + any(d, 61, 400);
    if (done <= start) done = start + 5;
    if (*ready && done < *ready) done = *ready + 3;
    if (at(d, due - 10 < done ? due - 10 : done - 1)) TRY(report_progress(r, d, any(d, 5, 9) * 10));
    if (!at(d, done)) return OK;
    as(d, (*r)->owner);
    TRY(reload(r, d));
    *r = record_clone(d->c, *r);
    TRY(evidence(d, *r));
    record_set(*r, "actual_once", record_get(*r, "cost_once"));
    TRY(record_save(r, d->c, *r, "update"));
    TRY(move(r, d, "submit", NULL));
    *ready = done;
    return verified(r, d, done + any(d, 2, 15));
}

/* ---- the life of an issue ---- */

static Err accept_risk(Demo *d, const Story *s, Record *of, int64_t day) {
    Ctx *c = d->c;
    Record *x;
    if (!at(d, day)) return OK;
    as(d, s->author);
    x = record_new(c, model_need(c->model, "risk_acceptance"));
    record_set(x, "title", value_text(record_title(c, of)));
    record_set(x, "issue", value_int(of->id));
    record_set(x, "why",
               text("Le coût de la correction dépasse la perte attendue tant que le "
                    "projet de refonte n'est pas livré."));
    record_set(x, "compensating", text(pick(d, action_demo_interims)));
    record_set(x, "amount",
               action_is_empty(of, "yearly_loss") ? value_money(30000000, S("MAD"))
                                                  : record_get(of, "yearly_loss"));
    int64_t last = day + any(d, 80, 350), soon = d->now + any(d, 6, 75);
    bool ends_soon = d->acceptances % 3 == 1 && soon - day > 60 && soon - day < 350;
    record_set(x, "expires_on", value_text(date_text(c->arena, ends_soon ? soon : last)));
    TRY(record_save(&x, c, x, "create"));
    d->acceptances++;
    TRY(move(&x, d, "submit", NULL));
    if (!at(d, day + any(d, 2, 9))) return OK;
    as(d, decider(d, x));
    TRY(move(&x, d, approve_step(x), NULL));
    if (!at(d, day_of(x, "expires_on") + 1)) return OK;
    as(d, 0);
    return move(&x, d, "expire", NULL);
}

static Err finish(Record *of, Demo *d, const Story *s, int64_t day) {
    TRY(reload(&of, d));
    if (!action_state_is(of, "remediation") || record_int(of, "actions_open")) return OK;
    if (!at(d, day)) return OK;
    as(d, s->owner);
    TRY(move(&of, d, "ready", NULL));
    if (!at(d, day + any(d, 3, 12))) return OK;
    as(d, of->is_restricted || str_is(record_text(of, "source"), "audit") ? d->inspector
                                                                          : d->analysts[0]);
    return move(&of, d, "verify", NULL);
}

static Err close_issue(Record *of, Demo *d, const Record *const *actions, size_t n, int64_t day) {
    TRY(reload(&of, d));
    if (!action_state_is(of, "verified") || !at(d, day)) return OK;
    for (size_t i = 0; i < n; i++) {
        Record *a;
        TRY(record_load_raw(&a, d->c, actions[i]->type, actions[i]->id));
        if (!(a->state->flags & STATE_CLOSED)) return OK;
    }
    as(d, of->is_restricted ? d->inspector : d->head_orm);
    return move(&of, d, "close", NULL);
}

static Err plan(Record **list, size_t *n, Record **of, Demo *d, const Story *s, int64_t *day) {
    *n = 0;
    *day += any(d, 2, 8);
    if (!at(d, *day)) return OK;
    as(d, s->author);
    for (size_t k = 0; k < 3 && s->text->actions[k].title; k++)
        TRY(create_action(&list[(*n)++], d, s, *of, &s->text->actions[k]));
    TRY(link_actions(d, list, *n));
    *day += any(d, 1, 4);
    if (!at(d, *day)) return OK;
    as(d, s->owner);
    TRY(move(of, d, "propose_plan", NULL));
    *day += any(d, 1, 6);
    if (!at(d, *day)) return OK;
    as(d, (*of)->is_restricted ? d->inspector : d->analysts[s->fate % 3]);
    return move(of, d, "approve_plan", NULL);
}

static Err live(Demo *d, const Story *s) {
    Record *of, *actions[3] = {0};
    size_t n;
    int64_t day = s->day, ready = 0, last;
    if (!at(d, day)) return OK;
    as(d, s->author);
    TRY(create_issue(&of, d, s));
    if (s->fate < 12 && day > d->now - 25) return OK; /* still a draft */
    TRY(move(&of, d, "open", NULL));
    if (s->fate >= 84) return accept_risk(d, s, of, day + any(d, 10, 40));
    TRY(plan(actions, &n, &of, d, s, &day));
    TRY(reload(&of, d));
    if (!action_state_is(of, "plan_approved")) return OK;
    last = day;
    for (size_t k = 0; k < n; k++) {
        int64_t own = action_is_empty(actions[k], "prerequisites") ? 0 : ready;
        bool blocked = !action_is_empty(actions[k], "prerequisites") && !ready;
        if (blocked) continue; /* what must come before is not done */
        TRY(live_action(&actions[k], d, &own));
        if (k == 0) ready = own;
        if (own > last) last = own;
    }
    TRY(finish(of, d, s, last + any(d, 20, 40)));
    return close_issue(of, d, (const Record *const *)actions, n, last + 150);
}

/* ---- stories ---- */

static Err pattern_of(Str *out, Demo *d, const Record *incident) {
    const Field *f = type_field(incident->type, S("pattern"));
    RefName name = {0};
    *out = (Str){0};
    if (!f || !f->target || !incident->values[f->index].i) return OK;
    TRY(ref_name_stored(&name, d->c, f->target, incident->values[f->index].i));
    *out = name.key;
    return OK;
}

/* The newest incident of the pattern that no issue names yet, found at least a month ago. */
static Err case_for(const Record **out, Demo *d, const DemoIssue *t, int64_t newest) {
    *out = NULL;
    for (size_t i = 0; i < d->cases.n; i++) {
        const Record *r = d->cases.items[i];
        Str pattern;
        if (d->used[i] || day_of(r, "discovered_on") > newest) continue;
        TRY(pattern_of(&pattern, d, r));
        if (!word_in(t->patterns, pattern)) continue;
        d->used[i] = true;
        *out = r;
        return OK;
    }
    return OK;
}

/* What was found before somewhere else is told apart by the unit. */
static Err title_of(Story *s, Demo *d) {
    Record *unit;
    bool *told = &d->told[s->text - action_demo_issues];
    s->title = str_of(s->text->title);
    TRY(record_load_raw(&unit, d->c, model_need(d->c->model, "unit"), s->unit));
    if (*told) /* in the language of the titles, whoever makes the demonstration */
        s->title = str_fmt(d->c->arena, "%s \xE2\x80\x93 %.*s", s->text->title,
                           FMT(record_text(unit, "name_fr")));
    *told = true;
    return OK;
}

static Err story_of(Story *s, bool *found, Demo *d, const DemoIssue *t, int64_t days_ago) {
    *s = (Story){.text = t, .day = d->now - days_ago, .fate = (int32_t)rng_below(&d->rng, 100)};
    *found = true;
    if (t->patterns) {
        TRY(case_for(&s->incident, d, t, s->day - 5));
        *found = s->incident != NULL;
    }
    if (!*found) return OK;
    int64_t top = 0;
    TRY(unit_of(&top, d, t->unit ? t->unit : "RSK-RO", 0));
    s->unit = s->incident ? s->incident->unit : top;
    if (s->incident && s->day < day_of(s->incident, "discovered_on") + 5)
        s->day = day_of(s->incident, "discovered_on") + 5;
    TRY(upwards(&s->owner, d, s->unit, "head", 0));
    TRY(upwards(&s->author, d, s->unit, "correspondent", s->owner));
    if (s->incident && s->incident->is_restricted) s->author = d->inspector;
    return title_of(s, d);
}

static void say(const Story *s, const Issue *i) {
    log_line(LOG_ERROR, "demo", "%s: %.*s: %s", s->text->title, FMT(i->field), i->text);
}

/* Each story has its own scratch memory. */
static Err run(Demo *d, const DemoIssue *t, int64_t days_ago) {
    Ctx *c = d->c;
    Story s;
    bool found;
    TRY(story_of(&s, &found, d, t, days_ago));
    if (!found) return OK;
    arena_reset(d->scratch);
    c->arena = d->scratch;
    c->cache = NULL;
    c->issues = (Issues){0};
    c->reason = (Str){0};
    Err e = live(d, &s);
    if (e == ERR_INVALID || e == ERR_CONFLICT) {
        for (size_t i = 0; i < c->issues.n; i++)
            if (!c->issues.items[i].is_warning) say(&s, &c->issues.items[i]);
        e = ERR_INTERNAL;
    }
    c->arena = d->keep;
    c->cache = NULL;
    c->issues = (Issues){0};
    return e;
}

static Err cases_read(Demo *d) {
    Ctx *c = d->c;
    const Type *t = model_type(c->model, S("incident"));
    Input params = {0};
    ListQuery q = {0};
    ListCursor *cursor;
    if (!t) return OK;
    input_add(&params, c->arena, S("state.in"), S("open,closure,closed"));
    input_add(&params, c->arena, S("sort"), S("-discovered_on"));
    TRY(list_parse(&q, c, t, &params));
    q.limit = MOST_CASES;
    TRY(list_open(&cursor, c, &q));
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        GROW(c->arena, d->cases.items, d->cases.n, d->cases.cap);
        d->cases.items[d->cases.n++] = r;
    }
    d->used = NEW_N(c->arena, bool, d->cases.n + 1);
    return OK;
}

static Err stories_run(Demo *d, int64_t scale) {
    int64_t wanted = scale > 0 ? scale / 12 : 72;
    if (wanted < 6) wanted = 6;
    if (wanted > MOST_DEMO_ISSUES) wanted = MOST_DEMO_ISSUES;
    size_t kinds = 0;
    while (action_demo_issues[kinds].title) kinds++;
    for (int64_t k = 0; k < wanted; k++) {
        /* From two years ago until these days, ever denser, so that each state has its own. */
        int64_t left = wanted - k, ago = 720 * left * left / (wanted * wanted) + any(d, 0, 4);
        const DemoIssue *t = &action_demo_issues[(size_t)(k * 7 + any(d, 0, 3)) % kinds];
        TRY(run(d, t, ago < 2 ? 2 : ago));
    }
    return OK;
}

static void count(DemoReport *report, const char *type, int64_t n) {
    if (report->n < LENGTH(report->counts))
        report->counts[report->n++] = (struct DemoCount){type, n};
}

Err action_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    Actor *actor = c->actor;
    Str today = c->today;
    int64_t now_us = c->now_us;
    *d = (Demo){.c = c, .keep = c->arena, .rng = rng_new(seed + 77), .real_now_us = now_us};
    CHECK(date_parse(&d->now, today), "today is no date");
    TRY(holders(d->analysts, LENGTH(d->analysts), c, "analyst"));
    TRY(holders(&d->head_orm, 1, c, "head_orm"));
    TRY(holders(&d->committee, 1, c, "committee"));
    TRY(holders(&d->inspector, 1, c, "inspection"));
    TRY(cases_read(d));
    c->actor = NEW(c->arena, Actor);
    d->scratch = arena_new(0);
    Err e = stories_run(d, scale);
    arena_free(d->scratch);
    c->actor = actor;
    c->arena = d->keep;
    c->cache = NULL;
    c->today = today;
    c->now_us = now_us;
    count(report, "issue", d->issues);
    count(report, "action", d->actions);
    count(report, "extension_request", d->extensions);
    count(report, "risk_acceptance", d->acceptances);
    return e;
}
