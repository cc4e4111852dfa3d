/* test_action.c: the module on a real database with the demonstration organisation: both workflows,
 * four eyes, dates that are never lost, circles, need-to-know, acceptances and their end, what
 * stops an incident, measures, pages, the demo. SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "action"
#include "model/test_desk.h"

#include "model/measure.h"
#include "modules/action/action_pages.h"
#include "modules/action/action_query.h"
#include "store/file_store.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

/* Persons: 1 owner of the issue, 2 owner of the action, 3 and 4 second line, 5 unit, 6 nobody. */
enum { OWNER = 1, DOER, ANALYST, ANALYST2, CORRESPONDENT, STRANGER, HEAD, MEMBER };

static Str email(int k) {
    RefName name;
    Actor *kept = c->actor;
    as_system();
    OKAY(ref_name(&name, c, model_need(c->model, "user"), desk->users[k]));
    c->actor = kept;
    c->cache = NULL;
    return name.key;
}

static Str day(int days) {
    int64_t today;
    assert_true(date_parse(&today, c->today));
    return date_text(c->arena, today + days);
}

static void later(int days) {
    c->today = day(days);
    c->now_us += days * INT64_C(86400000000);
    c->cache = NULL;
}

static Record *issue_with(const char *more) {
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    Str text = str_fmt(c->arena,
                       "%s|title=Contre-appel omis|description=Neuf sur quarante|source=self|"
                       "likelihood=3|impact=3|owner=%.*s|target_on=%.*s|unit=AG-MAA",
                       more, FMT(email(OWNER)), FMT(day(200)));
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    return create("issue", str_z(c->arena, text));
}

static Record *action_of(const Record *issue_of, const char *more) {
    Str text =
        str_fmt(c->arena,
                "issues=%.*s|title=Rendre le contre-appel bloquant|deliverable=Recette|"
                "owner=%.*s|due_on=%.*s|unit=AG-MAA|%s",
                FMT(record_number(c->arena, issue_of)), FMT(email(DOER)), FMT(day(60)), more);
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    return create("action", str_z(c->arena, text));
}

/* An issue whose plan of one action is approved. */
static Record *approved(Record **action, const char *issue_more, const char *action_more) {
    Record *r = move(issue_with(issue_more), "open", "");
    *action = action_of(r, action_more);
    act(OWNER, "", NULL);
    r = move(r, "propose_plan", "nature=operation|root_cause=CP3");
    act(ANALYST, "analyst", NULL);
    return move(r, "approve_plan", "");
}

static Record *with_evidence(Record *r) {
    int64_t id;
    Record *saved;
    act(DOER, "", NULL);
    OKAY(file_store_put(&id, c->db, S("preuve.txt"), S("text/plain"), S("vu"), desk->users[DOER],
                        c->now_us));
    r = reload(r);
    OKAY(record_update(&saved, c, r, r->version,
                       input(str_fmt(c->arena, "evidence=%lld", (long long)id).p)));
    return saved;
}

/* ---- from the finding to the end ---- */

static void whole_way(void) {
    Record *a, *r = approved(&a, "", "");
    assert_string_equal(r->state->name, "plan_approved");
    assert_true(str_is(record_text(r, "rating"), "medium"));
    assert_int_equal(record_int(reload(r), "actions_open"), 1);
    act(DOER, "", NULL);
    a = move(a, "start", "");
    assert_string_equal(reload(r)->state->name, "remediation"); /* by its first action */
    act(DOER, "", NULL);
    refuse(a, "submit", "done_note=Fait", ERR_INVALID); /* without evidence */
    assert_true(has_issue("evidence"));
    a = with_evidence(a);
    act(DOER, "", NULL);
    a = move(a, "submit", "done_note=Fait");
    assert_true(str_eq(record_text(a, "done_on"), c->today));
    assert_int_equal(record_int(a, "progress"), 100);
    assert_true(str_is(record_text(a, "timing"), "on_time"));
    assert_int_equal(record_int(a, "verifier"), desk->users[OWNER]);
    refuse(a, "verify", "", ERR_DENIED); /* not the owner */
    act(STRANGER, "", NULL);
    refuse(a, "verify", "", ERR_MISSING); /* not even seen */
    act(OWNER, "", NULL);
    refuse(r, "ready", "", ERR_INVALID);
    act(OWNER, "", NULL);
    a = move(a, "verify", "effect_months=2|verification_note=Vu");
    assert_string_equal(a->state->name, "verified");
    assert_true(str_eq(record_text(a, "effect_on"), action_months_later(c, c->today, 2)));
    act(OWNER, "", NULL);
    r = move(r, "ready", "");
    act(OWNER, "analyst", NULL);
    refuse(r, "verify", "", ERR_DENIED); /* the owner does not verify the issue */
    act(ANALYST, "analyst", NULL);
    r = move(r, "verify", "");
    refuse(r, "close", "", ERR_INVALID); /* the effect is not confirmed */
    ActionDaily done;
    as_system();
    OKAY(action_daily(&done, c));
    assert_int_equal(done.checks, 0);
    later(62);
    as_system();
    OKAY(action_daily(&done, c));
    assert_int_equal(done.checks, 1);
    OKAY(action_daily(&done, c)); /* again: nothing twice */
    assert_int_equal(done.checks, 0);
    act(OWNER, "", NULL);
    a = move(a, "confirm_effect", "effect_note=Aucun cas");
    assert_string_equal(a->state->name, "closed");
    assert_true(str_is(record_text(a, "effect"), "effective"));
    act(ANALYST2, "analyst", NULL);
    r = move(r, "close", "");
    assert_true(str_eq(record_text(r, "closed_on"), c->today));
}

static void what_does_not_work_goes_on(void) {
    Record *a, *r = approved(&a, "", "");
    act(DOER, "", NULL);
    a = move(a, "start", "");
    a = with_evidence(a);
    act(DOER, "", NULL);
    a = move(a, "submit", "");
    act(OWNER, "", NULL);
    refuse(a, "return", "", ERR_INVALID);
    a = move(a, "return", "reason=Rien de visible");
    assert_true(action_is_empty(a, "done_on"));
    act(DOER, "", NULL);
    a = move(a, "submit", "");
    act(OWNER, "", NULL);
    a = move(a, "verify", "");
    act(ANALYST, "analyst", NULL);
    a = move(a, "check", "");
    later(100);
    act(OWNER, "", NULL);
    refuse(a, "deny_effect", "reason=Deux cas", ERR_INVALID); /* the old date is past */
    assert_true(has_issue("due_on"));
    act(OWNER, "", NULL);
    Str first = record_text(reload(a), "first_due_on");
    a = move(a, "deny_effect", str_fmt(c->arena, "reason=Deux cas|due_on=%.*s", FMT(day(30))).p);
    assert_string_equal(a->state->name, "in_progress");
    assert_true(str_is(record_text(a, "effect"), "not_effective"));
    assert_true(str_eq(record_text(a, "first_due_on"), first));
    (void)r;
}

static void plans_need_substance(void) {
    Record *r = issue_with("");
    Record *a;
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    r = move(r, "open", "");
    act(OWNER, "", NULL);
    refuse(r, "propose_plan", "nature=operation|root_cause=CP3", ERR_INVALID);
    assert_true(has_code("no_action"));
    a = action_of(r, "");
    act(OWNER, "", NULL);
    refuse(r, "propose_plan", "", ERR_INVALID); /* nature and root cause are needed */
    assert_true(has_issue("root_cause"));
    act(OWNER, "", NULL);
    r = move(r, "propose_plan", "nature=operation|root_cause=CP3");
    act(OWNER, "", NULL);
    refuse(r, "approve_plan", "", ERR_DENIED); /* not who proposed it */
    act(STRANGER, "correspondent", "AG-TNG");
    refuse(r, "approve_plan", "", ERR_MISSING);
    act(ANALYST, "analyst", NULL);
    r = move(r, "approve_plan", "");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    refuse(a, "start", "title=En passant", ERR_INVALID);
    /* Points of audit are verified by the inspection. */
    Record *audit = issue_with("source=audit");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    refuse(audit, "open", "", ERR_INVALID);
    assert_true(has_issue("source_reference"));
}

/* ---- dates ---- */

static Record *request_of(const Record *a, int days) {
    act(DOER, "", NULL);
    Str text = str_fmt(c->arena, "action=%.*s|new_due_on=%.*s|why=Retard|interim=Contrôle manuel",
                       FMT(record_number(c->arena, a)), FMT(day(days)));
    return create("extension_request", text.p);
}

static void dates_move_by_extension_only(void) {
    Record *a, *saved, *x;
    approved(&a, "", "");
    Str first = record_text(a, "due_on");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    a = reload(a);
    assert_int_equal(record_update(&saved, c, a, a->version,
                                   input(str_fmt(c->arena, "due_on=%.*s", FMT(day(90))).p)),
                     ERR_INVALID);
    assert_true(has_code("extension"));
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    assert_int_equal(record_update(&saved, c, a, a->version, input("deliverable=Moins")),
                     ERR_INVALID);
    assert_true(has_code("approved"));
    x = request_of(a, 100);
    act(DOER, "", NULL);
    x = move(x, "submit", "");
    assert_string_equal(x->state->name, "with_unit"); /* the first one, a medium issue */
    assert_int_equal(x->owner, desk->users[DOER]);
    refuse(x, "approve_unit", "", ERR_DENIED);
    act(DOER, "unit_head", "AG-MAA");
    refuse(x, "approve_unit", "", ERR_DENIED); /* asked for it */
    act(HEAD, "unit_head", "AG-MAA");
    x = move(x, "approve_unit", "");
    a = reload(a);
    assert_true(str_eq(record_text(a, "due_on"), day(100)));
    assert_true(str_eq(record_text(a, "first_due_on"), first));
    assert_int_equal(record_int(a, "extensions"), 1);
    /* The second one goes higher; only one at a time. */
    x = request_of(a, 150);
    act(DOER, "", NULL);
    assert_int_equal(record_create(&saved, c, model_need(c->model, "extension_request"),
                                   input(str_fmt(c->arena, "action=%.*s|new_due_on=%.*s|why=x",
                                                 FMT(record_number(c->arena, a)), FMT(day(170)))
                                             .p)),
                     ERR_INVALID);
    act(DOER, "", NULL);
    x = move(x, "submit", "");
    assert_string_equal(x->state->name, "with_orm");
    act(HEAD, "unit_head", "AG-MAA");
    refuse(x, "approve_orm", "", ERR_DENIED);
    act(ANALYST, "analyst", NULL);
    x = move(x, "refuse", "reason=Assez");
    assert_true(str_eq(record_text(reload(a), "due_on"), day(100)));
    /* Done after the first date, within the extension. */
    later(80);
    act(DOER, "", NULL);
    a = move(a, "start", "");
    a = with_evidence(a);
    act(DOER, "", NULL);
    a = move(a, "submit", "");
    assert_true(str_is(record_text(a, "timing"), "extended"));
    assert_int_equal(record_int(a, "slip_days"), 20);
}

static void extensions_by_weight(void) {
    Record *a, *x;
    approved(&a, "likelihood=5|impact=5", "");
    x = request_of(a, 100);
    assert_true(str_is(record_text(x, "level"), "head"));
    approved(&a, "regulatory=true|likelihood=1|impact=1", "");
    x = request_of(a, 100);
    assert_true(str_is(record_text(x, "level"), "head"));
}

static void overdue_is_a_question(void) {
    Record *a, *r = approved(&a, "", "");
    int64_t n;
    as_system();
    OKAY(action_count(&n, c, "action", "overdue=true"));
    assert_int_equal(n, 0);
    int64_t version = reload(a)->version;
    later(61);
    OKAY(action_count(&n, c, "action", "overdue=true"));
    assert_int_equal(n, 1);
    OKAY(action_count(&n, c, "action", "overdue=false"));
    assert_int_equal(n, 0);
    assert_int_equal(reload(a)->version, version); /* nothing was written */
    AgeRows ages;
    OKAY(action_query_ages(&ages, c, true, day(-365)));
    assert_int_equal(ages.n, 1);
    assert_int_equal(ages.items[0].late[0], 1);
    later(181);
    OKAY(action_query_ages(&ages, c, false, day(-365)));
    assert_int_equal(ages.items[0].late[3], 1);
    (void)r;
}

static int64_t told(int user, const char *notice) {
    int64_t n;
    bool found;
    OKAY(db_get_int(&n, &found, c->db,
                    "SELECT COUNT(*) FROM notice WHERE person = $1 AND kind = $2",
                    ARGS(db_int(desk->users[user]), db_textz(notice))));
    return n;
}

static void people_are_reminded(void) {
    Record *a, *saved;
    approved(&a, "", "");
    static const struct {
        int days, doer_soon, doer_late, owner_late;
    } steps[] = {{29, 0, 0, 0}, {1, 1, 0, 0}, {1, 1, 0, 0}, {22, 2, 0, 0}, {6, 3, 0, 0},
                 {1, 4, 0, 0},  {1, 4, 1, 1}, {5, 4, 1, 1}, {1, 4, 2, 2},  {23, 4, 3, 3}};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        ActionDaily done;
        as_system();
        later(steps[i].days);
        for (int twice = 0; twice < 2; twice++) OKAY(action_daily(&done, c));
        assert_int_equal(told(DOER, "action.due_soon"), steps[i].doer_soon);
        assert_int_equal(told(DOER, "action.overdue"), steps[i].doer_late);
        assert_int_equal(told(OWNER, "action.overdue"), steps[i].owner_late);
    }
    /* Who gets it later is told, too. */
    act(ANALYST, "analyst", NULL);
    a = reload(a);
    OKAY(record_update(&saved, c, a, a->version,
                       input(str_fmt(c->arena, "owner=%.*s", FMT(email(MEMBER))).p)));
    assert_int_equal(told(MEMBER, "action.assigned"), 1);
}

/* ---- links ---- */

static void no_circles(void) {
    Record *r = move(issue_with(""), "open", ""), *saved;
    Record *x = action_of(r, ""), *y = action_of(r, ""), *z = action_of(r, "");
    const struct {
        Record **from, **to;
        Err expected;
    } steps[] = {{&x, &y, OK}, {&y, &z, OK}, {&z, &x, ERR_INVALID}, {&x, &x, ERR_INVALID}};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        act(CORRESPONDENT, "correspondent", "AG-MAA");
        Record *from = reload(*steps[i].from);
        Str text =
            str_fmt(c->arena, "prerequisites=%.*s", FMT(record_number(c->arena, *steps[i].to)));
        assert_int_equal(record_update(&saved, c, from, from->version, input(text.p)),
                         steps[i].expected);
        if (steps[i].expected) assert_true(has_code("circle"));
    }
    act(DOER, "", NULL);
    x = move(x, "start", ""); /* said, not refused */
    x = with_evidence(x);
    act(DOER, "", NULL);
    refuse(x, "submit", "", ERR_INVALID);
    assert_true(has_issue("prerequisites"));
}

static void who_may_plan(void) {
    Record *r = move(issue_with(""), "open", ""), *saved;
    Str number = record_number(c->arena, r);
    act(STRANGER, "correspondent", "AG-TNG");
    Str text = str_fmt(c->arena, "issues=%.*s|title=x|due_on=%.*s", FMT(number), FMT(day(9)));
    assert_int_equal(record_create(&saved, c, model_need(c->model, "action"), input(text.p)),
                     ERR_INVALID);
    assert_true(has_issue("issues"));
    /* The owner of the issue plans without a role, by the form that is made for it. */
    act(OWNER, "", NULL);
    Str form = str_fmt(
        c->arena, "issue=%.*s|title=Former|deliverable=Liste|owner=%.*s|due_on=%.*s|priority=high",
        FMT(number), FMT(email(DOER)), FMT(day(40)));
    act(OWNER, "", NULL);
    PageArgs args = {.query = input("")};
    Str to = {0};
    OKAY(action_decide_post(c, input(str_z(c->arena, form)), &args, &to));
    assert_true(str_starts(to, S("/actions/ACT-")));
    act(STRANGER, "", NULL);
    assert_int_equal(action_decide_post(c, input(str_z(c->arena, form)), &args, &to), ERR_MISSING);
    act(OWNER, "", NULL);
    assert_int_equal(
        action_decide_post(c, input(str_fmt(c->arena, "issue=%.*s|title=Seul", FMT(number)).p),
                           &args, &to),
        ERR_INVALID);
    assert_true(has_issue("owner") && has_issue("due_on") && has_issue("deliverable"));
    /* Verifier and owner are never the same. */
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    text = str_fmt(c->arena, "issues=%.*s|title=x|due_on=%.*s|owner=%.*s|verifier=%.*s",
                   FMT(number), FMT(day(9)), FMT(email(DOER)), FMT(email(DOER)));
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    assert_int_equal(record_create(&saved, c, model_need(c->model, "action"), input(text.p)),
                     ERR_INVALID);
    assert_true(has_issue("verifier"));
}

static void need_to_know_goes_along(void) {
    Record *a, *r = approved(&a, "", ""), *saved, *seen;
    act(ANALYST, "head_orm", NULL);
    r = reload(r);
    OKAY(record_update(&saved, c, r, r->version, input("restricted=true")));
    assert_true(reload(a)->is_restricted);
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    assert_int_equal(record_load(&seen, c, a->type, a->id), ERR_MISSING);
    act(DOER, "", NULL); /* whose action it is sees it */
    OKAY(record_load(&seen, c, a->type, a->id));
    OKAY(record_load(&seen, c, r->type, r->id)); /* and what it is about */
    act(STRANGER, "", NULL);
    assert_int_equal(record_load(&seen, c, r->type, r->id), ERR_MISSING);
}

/* ---- acceptance ---- */

static Record *accepted(Record *r, int last, const char *amount) {
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    Str text = str_fmt(c->arena,
                       "title=Attendre la refonte|issue=%.*s|why=Coût|compensating=Échantillon|"
                       "amount=%s|expires_on=%.*s",
                       FMT(record_number(c->arena, r)), amount, FMT(day(last)));
    return create("risk_acceptance", str_z(c->arena, text));
}

static Record *explained(Record *r) {
    Record *saved;
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    r = reload(r);
    OKAY(record_update(&saved, c, r, r->version, input("nature=operation|root_cause=CP3")));
    return saved;
}

static void acceptances_end(void) {
    Record *r = move(issue_with(""), "open", ""), *x;
    ActionDaily done;
    x = accepted(r, 500, "1000 MAD");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    refuse(x, "submit", "", ERR_INVALID); /* longer than a year */
    assert_true(has_issue("expires_on"));
    assert_true(has_code("unexplained"));
    r = explained(r);
    x = accepted(r, 90, "1000 MAD");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    x = move(x, "submit", "");
    assert_string_equal(x->state->name, "with_orm"); /* a medium issue */
    act(OWNER, "analyst", NULL);
    refuse(x, "approve_orm", "", ERR_DENIED); /* owns what is accepted */
    act(ANALYST, "analyst", NULL);
    x = move(x, "approve_orm", "");
    assert_string_equal(reload(r)->state->name, "accepted");
    later(90); /* the last day itself still counts */
    as_system();
    OKAY(action_daily(&done, c));
    assert_int_equal(done.expired, 0);
    later(1);
    OKAY(action_daily(&done, c));
    assert_int_equal(done.expired, 1);
    assert_string_equal(reload(x)->state->name, "expired");
    assert_string_equal(reload(r)->state->name, "open");
    OKAY(action_daily(&done, c));
    assert_int_equal(done.expired, 0);
    /* Renewed in time, the issue rests on. */
    x = accepted(r, 30, "1000 MAD");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    x = move(x, "submit", "");
    act(ANALYST, "analyst", NULL);
    x = move(x, "approve_orm", "");
    Record *next = accepted(r, 200, "1000 MAD");
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    next = move(next, "submit", "");
    act(ANALYST, "analyst", NULL);
    next = move(next, "approve_orm", "");
    act(ANALYST2, "analyst", NULL);
    move(x, "end", "reason=Renouvelée|review=Inchangé");
    assert_string_equal(reload(r)->state->name, "accepted");
    act(ANALYST2, "analyst", NULL);
    move(next, "end", "reason=Corrigé");
    assert_string_equal(reload(r)->state->name, "open");
}

static void acceptances_by_amount(void) {
    static const struct {
        const char *amount, *state;
    } rows[] = {
        {"1000 MAD", "with_orm"}, {"500000 MAD", "with_head"}, {"5000000 MAD", "with_committee"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        Record *r = explained(move(issue_with(""), "open", ""));
        Record *x = accepted(r, 60, rows[i].amount);
        act(CORRESPONDENT, "correspondent", "AG-MAA");
        x = move(x, "submit", "");
        assert_string_equal(x->state->name, rows[i].state);
    }
}

/* ---- incidents ---- */

static void incidents_wait_for_their_actions(void) {
    const Type *type = model_type(c->model, S("incident"));
    Record *incident, *a, *moved;
    if (!type) return; /* the module is not there */
    as_system();
    Record *i = record_new(c, type);
    i->unit = find("unit", "AG-MAA");
    record_set(i, "title", value_text(S("Virement double")));
    record_set(i, "event_kind", value_text(S("near_miss")));
    record_set(i, "discovered_on", value_text(day(-3)));
    record_set(i, "description", value_text(S("Deux fois")));
    OKAY(record_save(&incident, c, i, "create"));
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    Str number = record_number(c->arena, incident);
    Str form = str_fmt(c->arena,
                       "incident=%.*s|issue_title=Saisie seule|issue_description=Vu|likelihood=3|"
                       "impact=2|issue_owner=%.*s|title=Double saisie|deliverable=Recette|"
                       "owner=%.*s|due_on=%.*s|priority=normal",
                       FMT(number), FMT(email(OWNER)), FMT(email(DOER)), FMT(day(30)));
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    PageArgs args = {.query = input("")};
    Str to = {0};
    OKAY(action_decide_post(c, input(str_z(c->arena, form)), &args, &to));
    OKAY(record_find(&a, c, model_need(c->model, "action"), str_sub(to, 9, to.n)));
    Block *section = NULL;
    OKAY(action_attach[0].section(c, reload(incident), &section));
    assert_non_null(section);
    assert_int_equal(section->layout.items[0]->list.total, 2);
    /* Closing is refused while the action is open, and allowed once it is verified or cancelled. */
    as_system();
    incident = record_clone(c, reload(incident));
    incident->state = type_state(type, S("closure"));
    c->issues = (Issues){0};
    assert_int_equal(action_attach[1].guard(c, incident), ERR_INVALID);
    assert_true(has_code("open_action"));
    c->issues = (Issues){0};
    OKAY(record_move(&moved, c, a, "cancel", input("reason=Sans objet")));
    c->issues = (Issues){0};
    OKAY(action_attach[1].guard(c, incident));
}

/* ---- figures ---- */

static void money_is_converted_and_capped(void) {
    Record *r = move(issue_with("yearly_loss=1000000 MAD"), "open", ""), *saved;
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    Record *a = action_of(r, "cost_once=20000 MAD|cost_yearly=1000 MAD|frequency_cut=50|"
                             "severity_cut=20|staff_days=12,5");
    assert_int_equal(record_int(a, "benefit_group"), 60000000);
    assert_int_equal(record_int(a, "cost_group"), 2000000);
    assert_int_equal(record_int(a, "staff_days"), 125);
    assert_int_equal(record_int(reload(r), "benefit_planned"), 60000000);
    assert_int_equal(record_int(reload(r), "running_planned"), 100000);
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    Record *b = action_of(r, "benefit_yearly=900000 MAD|cost_once=50000 MAD");
    assert_int_equal(record_int(reload(r), "benefit_planned"), 150000000);
    /* Another issue's plan counts the action once only. */
    Record *other = issue_with("");
    act(ANALYST, "analyst", NULL);
    b = reload(b);
    Str text = str_fmt(c->arena, "issues=%.*s,%.*s", FMT(record_number(c->arena, r)),
                       FMT(record_number(c->arena, other)));
    OKAY(record_update(&saved, c, b, b->version, input(text.p)));
    assert_int_equal(record_int(reload(other), "actions_total"), 1);
    assert_int_equal(record_int(reload(other), "benefit_planned"), 0);
    MeasureCheck check;
    as_system();
    OKAY(measure_check(&check, c));
    assert_true(check.ok);
}

static const Block *find_block(const Block *b, const char *id) {
    if (b->id && strcmp(b->id, id) == 0) return b;
    for (size_t i = 0; b->kind == BLOCK_LAYOUT && i < b->layout.n; i++) {
        const Block *found = find_block(b->layout.items[i], id);
        if (found) return found;
    }
    return NULL;
}

static const Cell *fact(const Page *p, const char *name) {
    const Block *b = find_block(p->body, "plan");
    assert_non_null(b);
    for (size_t i = 0; i < b->facts.n; i++)
        if (strcmp(b->facts.facts[i].name, name) == 0) return &b->facts.facts[i].cell;
    return NULL;
}

static void best_plan(void) {
    Record *r = move(issue_with("yearly_loss=1000000 MAD"), "open", ""), *saved;
    Record *a = action_of(r, "cost_once=100000 MAD|benefit_yearly=700000 MAD");
    action_of(r, "cost_once=60000 MAD|benefit_yearly=500000 MAD");
    Record *d = action_of(r, "cost_once=50000 MAD|benefit_yearly=450000 MAD");
    Page page = {0};
    PageArgs args = {.query = input("budget=110000"), .format = FORMAT_HTML};
    act(ANALYST, "analyst", NULL);
    OKAY(action_plan_build(c, &args, &page));
    /* 60 + 50 thousand remove 950 thousand; the dear one alone 700. */
    assert_int_equal(fact(&page, "benefit")->i, 95000000);
    assert_int_equal(fact(&page, "bound")->i, 95000000);
    /* Never more than the issue costs. */
    page = (Page){0};
    args.query = input("budget=1000000");
    OKAY(action_plan_build(c, &args, &page));
    assert_int_equal(fact(&page, "benefit")->i, 100000000);
    /* With a prerequisite that is too dear the rest is chosen. */
    act(CORRESPONDENT, "correspondent", "AG-MAA");
    d = reload(d);
    Str text = str_fmt(c->arena, "prerequisites=%.*s", FMT(record_number(c->arena, a)));
    OKAY(record_update(&saved, c, d, d->version, input(text.p)));
    act(ANALYST, "analyst", NULL);
    page = (Page){0};
    args.query = input("budget=110000");
    OKAY(action_plan_build(c, &args, &page));
    assert_int_equal(fact(&page, "benefit")->i, 70000000);
    page = (Page){0};
    args.query = input("budget=viel");
    assert_int_equal(action_plan_build(c, &args, &page), ERR_INVALID);
    assert_true(has_issue("budget"));
}

/* ---- pages and demo ---- */

static void pages_for_everybody(void) {
    static Err (*const pages[])(Ctx *, const PageArgs *, Page *) = {
        action_tracker_build,     action_ageing_build, action_extensions_build,
        action_acceptances_build, action_board_build,  action_gantt_build,
        action_cost_build,        action_plan_build,   action_trend_build};
    static const char *const roles[] = {"analyst", "head_orm", "committee", "unit_head", ""};
    static const Format formats[] = {FORMAT_HTML, FORMAT_JSON, FORMAT_CSV};
    DemoReport report = {0};
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->demo && all_modules[i]->demo_order == 2 &&
            strcmp(all_modules[i]->name, "incident") == 0)
            OKAY(all_modules[i]->demo(c, 7, 60, &report));
    OKAY(action_demo(c, 7, 400, &report));
    for (size_t k = 0; k < LENGTH(roles); k++)
        for (size_t i = 0; i < LENGTH(pages); i++)
            for (size_t f = 0; f < LENGTH(formats); f++) {
                Page page = {0};
                PageArgs args = {.query = input(""), .format = formats[f]};
                act(ANALYST, roles[k], k == 3 ? "AG-MAA" : NULL);
                OKAY(pages[i](c, &args, &page));
                assert_non_null(page.body);
                assert_non_null(page.main);
                assert_true(page.title.n > 0);
            }
    MeasureCheck check;
    as_system();
    OKAY(measure_check(&check, c));
    assert_true(check.ok);
}

static Str digest(void) {
    return digest_of(
        "SELECT year, seq, state, title, due_on, progress, owner, updated_at FROM action ORDER BY year, seq");
}

static void same_seed_same_demo(void) {
    Str first[2];
    for (int i = 0; i < 2; i++) {
        DemoReport report = {0};
        OKAY(db_savepoint(c->db));
        OKAY(action_demo(c, 3, 100, &report));
        first[i] = digest();
        db_rollback_to(c->db);
        c->cache = NULL;
    }
    if (db_kind(c->db) == DB_SQLITE) assert_true(str_eq(first[0], first[1]));
}

static void test_action_whole_way(void **state) {
    (void)state;
    each(whole_way);
}

static void test_action_what_does_not_work_goes_on(void **state) {
    (void)state;
    each(what_does_not_work_goes_on);
}

static void test_action_plans_need_substance(void **state) {
    (void)state;
    each(plans_need_substance);
}

static void test_action_dates_move_by_extension_only(void **state) {
    (void)state;
    each(dates_move_by_extension_only);
}

static void test_action_extensions_by_weight(void **state) {
    (void)state;
    each(extensions_by_weight);
}

static void test_action_overdue_is_a_question(void **state) {
    (void)state;
    each(overdue_is_a_question);
}

static void test_action_people_are_reminded(void **state) {
    (void)state;
    each(people_are_reminded);
}

static void test_action_no_circles(void **state) {
    (void)state;
    each(no_circles);
}

static void test_action_who_may_plan(void **state) {
    (void)state;
    each(who_may_plan);
}

static void test_action_need_to_know_goes_along(void **state) {
    (void)state;
    each(need_to_know_goes_along);
}

static void test_action_acceptances_end(void **state) {
    (void)state;
    each(acceptances_end);
}

static void test_action_acceptances_by_amount(void **state) {
    (void)state;
    each(acceptances_by_amount);
}

static void test_action_incidents_wait_for_their_actions(void **state) {
    (void)state;
    each(incidents_wait_for_their_actions);
}

static void test_action_money_is_converted_and_capped(void **state) {
    (void)state;
    each(money_is_converted_and_capped);
}

static void test_action_best_plan(void **state) {
    (void)state;
    each(best_plan);
}

static void test_action_pages_for_everybody(void **state) {
    (void)state;
    each(pages_for_everybody);
}

static void test_action_same_seed_same_demo(void **state) {
    (void)state;
    each(same_seed_same_demo);
}
