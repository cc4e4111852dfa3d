/* test_rcsa_campaign.c: a campaign from its scope to the published ratings on a real database: what
 * is filled in, what must be answered, who may take which step, what stays frozen; the versions of
 * a method. SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "rcsa_campaign"
#define DESK_SEED rcsa_seed_processes
#include "modules/rcsa/rcsa_seed.h"
#include "model/test_desk.h"

#include "model/pages.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_pages.h"
#include "modules/rcsa/rcsa_query.h"
#include "work/work.h"

enum { CORRESPONDENT = 1, ANALYST, OTHER_ANALYST, DECLARANT, HEAD_ORM, UNIT_HEAD, MEMBER };

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

/* ---- a small bank ---- */

typedef struct Bank {
    Record *control, *risk, *plain; /* plain has no control */
} Bank;

static const char *number(const Record *r) {
    return str_z(c->arena, record_number(c->arena, r));
}

#define TEXT(...) str_fmt(c->arena, __VA_ARGS__).p

static Bank bank_new(void) {
    Bank b;
    act(ANALYST, "analyst", NULL);
    b.control = create("control", "definition=C09|unit=OPS-VIR");
    b.risk = create("risk", TEXT("definition=R08|unit=OPS-VIR|process=P04|controls[0].control=%s",
                                 number(b.control)));
    b.plain = create("risk", "definition=R07|unit=OPS-VIR|process=P15");
    act(OTHER_ANALYST, "analyst", NULL);
    b.risk = move(b.risk, "confirm", "");
    b.plain = move(b.plain, "confirm", "");
    return b;
}

static void losses(int n, int64_t minor) {
    for (int i = 0; i < n; i++) {
        act(DECLARANT, "", NULL);
        Record *r =
            create("incident", "unit=OPS-VIR|pattern=I09|title=Virement double|description=x|"
                               "amount_range=to_100k|discovered_on=2026-11-10");
        r = move(r, "submit", "");
        OKAY(db_run(c->db, NULL,
                    "UPDATE incident SET event_kind = 'loss', gross_group = $1 WHERE id = $2",
                    ARGS(db_int(minor), db_int(r->id))));
    }
}

static void appetite_of(const char *category, int tolerance) {
    act(HEAD_ORM, "head_orm", NULL);
    Record *r =
        create("appetite", str_fmt(c->arena,
                                   "title=Limite|risk_category=%s|measure=residual_level|"
                                   "appetite_level=1|tolerance_level=%d|valid_from=2026-01-01",
                                   category, tolerance)
                               .p);
    act(MEMBER, "committee", NULL);
    move(r, "approve", "");
}

static Record *campaign_new(const char *more) {
    act(HEAD_ORM, "head_orm", NULL);
    return create("rcsa_campaign", TEXT("title=Essai|period_from=2025-11-18|period_to=2026-11-18|"
                                        "assess_due=2026-12-15%s",
                                        more));
}

static Record *assessment_of(const Record *campaign, const Record *risk) {
    Records list;
    OKAY(
        record_where(&list, c, model_need(c->model, "assessment"), "risk", value_int(risk->id), 9));
    for (size_t i = 0; i < list.n; i++)
        if (record_int(list.items[i], "campaign") == campaign->id) return list.items[i];
    return NULL;
}

static Record *change(const Record *r, const char *fields) {
    Record *now = reload(r), *done;
    c->issues = (Issues){0};
    OKAY(record_update(&done, c, now, now->version, input(fields)));
    return done;
}

static void refuse_change(const Record *r, const char *fields, const char *field) {
    Record *now = reload(r), *done;
    c->issues = (Issues){0};
    OKAY(db_savepoint(c->db));
    assert_int_equal(record_update(&done, c, now, now->version, input(fields)), ERR_INVALID);
    assert_true(has_issue(field));
    db_rollback_to(c->db);
}

/* Every contradiction gets an answer. */
static Record *answer_all(const Record *r) {
    Input in = {0};
    Record *now = reload(r), *done;
    Value rows = record_get(now, "contradictions");
    for (size_t i = 0; i < rows.n; i++) {
        input_add(&in, c->arena, str_fmt(c->arena, "contradictions[%zu].rule", i),
                  rows.list[i].list[ASSESS_RULE].s);
        input_add(&in, c->arena, str_fmt(c->arena, "contradictions[%zu].answer", i),
                  S("Un seul fait, traité depuis."));
    }
    c->issues = (Issues){0};
    OKAY(record_update(&done, c, now, now->version, &in));
    return done;
}

static const char *answers(const Bank *b) {
    return TEXT("still_true=yes|inherent_likelihood=4|inherent_impact=3|controls[0].control=%s|"
                "controls[0].design=effective|controls[0].operation=effective",
                number(b->control));
}

/* ---- a round ---- */

static Record *opened(const Bank *b) {
    (void)b;
    Record *campaign = campaign_new("");
    campaign = move(campaign, "scope", "");
    return move(campaign, "open", "");
}

static void run_first_line(void) {
    Bank b = bank_new();
    losses(4, 7750000);
    Record *campaign = opened(&b);
    Record *a = assessment_of(campaign, b.risk);
    assert_string_equal(a->state->name, "todo");
    assert_int_equal(record_int(a, "losses"), 4); /* linked by their pattern when it opened */
    assert_int_equal(record_get(a, "losses_gross").i, 31000000);
    assert_true(rcsa_is_empty(a, "still_true"));
    act(CORRESPONDENT, "correspondent", "RES");
    assert_int_equal(access_check(c, a, OP_READ), ERR_MISSING); /* another side's */
    act(CORRESPONDENT, "correspondent", "OPS");
    refuse(a, "submit", "", ERR_INVALID);
    assert_true(has_issue("still_true") && has_issue("inherent_likelihood") &&
                has_issue("controls[0].operation"));
    a = change(a, answers(&b));
    assert_true(str_is(record_text(a, "effectiveness"), "effective"));
    assert_true(record_int(a, "residual_likelihood") < 4);
    assert_true(record_get(a, "contradictions").n > 0); /* low, but 310,000 MAD */
    refuse(a, "submit", "", ERR_INVALID);
    assert_true(has_code("unanswered") && has_issue("contradictions[0].answer"));
    refuse_change(a, "override_likelihood=5|override_reason=x", "override_likelihood");
    refuse_change(a, "override_likelihood=1", "override_reason");
    refuse_change(a, "inherent_impact=6", "inherent_impact");
    a = answer_all(a);
    a = move(a, "submit", "");
    assert_int_equal(record_int(a, "submitted_by"), desk->users[CORRESPONDENT]);
    a = assessment_of(campaign, b.plain); /* without controls: residual is inherent */
    a = change(a, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    assert_true(str_is(record_text(a, "effectiveness"), "none"));
    assert_int_equal(record_int(a, "residual_likelihood"), 3);
    assert_int_equal(record_int(a, "residual_impact"), 4);
    assert_true(str_eq(record_text(a, "residual_level"), record_text(a, "inherent_level")));
    refuse_change(a, "still_true=changed|opinion=agree|final_level=1", "final_level");
}
static void test_rcsa_first_line_answers_what_the_losses_say(void **state) {
    (void)state;
    each(run_first_line);
}

static Record *loaded(const char *type, int64_t id) {
    Record *r;
    OKAY(record_load_raw(&r, c, model_need(c->model, type), id));
    return r;
}

/* ---- who is asked ---- */

static void day_comes(Str day) {
    int64_t d;
    assert_true(date_parse(&d, day));
    as_system();
    c->now_us = d * INT64_C(86400000000) + INT64_C(6) * 3600000000;
    c->today = day;
    for (const JobDef *j = work_module.jobs; j->topic; j++)
        if (strcmp(j->topic, "assignment_day") == 0)
            OKAY(j->run(c, &(Job){.topic = S("assignment_day")}));
}

static int64_t told(int64_t user, const char *kind) {
    int64_t n;
    bool found;
    OKAY(db_get_int(&n, &found, c->db,
                    "SELECT COUNT(*) FROM notice WHERE person = $1 AND kind = $2",
                    ARGS(db_int(user), db_textz(kind))));
    return n;
}

static void holders(const char *unit, int correspondent, int deputy) {
    as_system();
    Record *saved, *u = record_clone(c, loaded("unit", find("unit", unit)));
    record_set(u, "correspondent", value_int(desk->users[correspondent]));
    record_set(u, "deputy", value_int(desk->users[deputy]));
    OKAY(record_save(&saved, c, u, "update"));
}

static void run_asked(void) {
    Bank b = bank_new();
    holders("OPS-VIR", CORRESPONDENT, DECLARANT);
    Record *campaign = opened(&b);
    Record *a = assessment_of(campaign, b.risk), *p = assessment_of(campaign, b.plain);
    int64_t id = record_int(a, "assignment");
    assert_true(id > 0 && id == record_int(p, "assignment")); /* one for the whole unit */
    Record *lot = loaded("assignment", id);
    assert_int_equal(lot->owner, desk->users[CORRESPONDENT]);
    assert_int_equal(lot->unit, a->unit);
    assert_true(str_is(record_text(lot, "due_on"), "2026-12-15"));
    act(CORRESPONDENT, "correspondent", "OPS");
    refuse(lot, "answer", "result=done", ERR_INVALID); /* not before the last risk */
    assert_true(has_code("unanswered"));
    day_comes(S("2026-12-08"));
    day_comes(S("2026-12-14"));
    assert_int_equal(told(desk->users[CORRESPONDENT], "assignment.due"), 2);
    act(HEAD_ORM, "head_orm", NULL);
    campaign = change(campaign, "assess_due=2026-12-20");
    assert_true(str_is(record_text(reload(lot), "due_on"), "2026-12-20"));
    assert_true(str_is(record_text(reload(a), "due_on"), "2026-12-20"));
    as_system(); /* the correspondent leaves: the deputy has it, whatever his role */
    Record *saved, *gone = record_clone(c, loaded("user", desk->users[CORRESPONDENT]));
    gone->state = type_state(gone->type, S("disabled"));
    OKAY(record_save(&saved, c, gone, "update"));
    day_comes(S("2026-12-21"));
    assert_int_equal(reload(lot)->owner, desk->users[DECLARANT]);
    assert_int_equal(record_int(reload(a), "assessor"), desk->users[DECLARANT]);
    assert_int_equal(told(desk->users[DECLARANT], "assignment.late"), 1);
    act(DECLARANT, "", NULL);
    a = move(answer_all(change(a, answers(&b))), "submit", "");
    assert_string_equal(reload(lot)->state->name, "open");
    p = move(answer_all(change(p, "still_true=yes|inherent_likelihood=2|inherent_impact=2")),
             "submit", "");
    lot = reload(lot);
    assert_string_equal(lot->state->name, "done"); /* by itself */
    assert_true(!record_bool(lot, "on_time"));
    act(ANALYST, "analyst", NULL);
    a = reload(move(a, "return", "reason=Et les pertes ?"));
    assert_int_not_equal(record_int(a, "assignment"), id); /* asked anew, with some days */
    lot = loaded("assignment", record_int(a, "assignment"));
    assert_true(str_is(record_text(lot, "due_on"), "2026-12-28"));
    act(HEAD_ORM, "head_orm", NULL);
    move(a, "leave_out", "reason=Hors période");
    assert_string_equal(reload(lot)->state->name, "cancelled");
}
static void test_rcsa_campaign_asks_reminds_and_hands_over(void **state) {
    (void)state;
    each(run_asked);
}

/* ---- the committee ---- */

static void check_acceptance(const Record *a) {
    Record *x = loaded("risk_acceptance", record_int(reload(a), "acceptance"));
    assert_string_equal(x->state->name, "active");
    assert_int_equal(record_int(x, "risk"), record_int(a, "risk"));
    assert_true(str_is(record_text(x, "expires_on"), "2027-06-30"));
    assert_true(str_is(record_text(x, "why"), "Coût") &&
                str_is(record_text(x, "level"), "committee"));
    assert_true(record_text(x, "compensating").n > 0);
    assert_int_equal(record_get(x, "amount").i, record_get(a, "losses_gross").i);
}

static void run_action(void) {
    Bank b = bank_new();
    appetite_of("RC7", 1);
    Record *campaign = opened(&b), *a = assessment_of(campaign, b.plain);
    act(CORRESPONDENT, "correspondent", "OPS");
    a = move(answer_all(change(a, "still_true=yes|inherent_likelihood=3|inherent_impact=4")),
             "submit", "");
    act(ANALYST, "analyst", NULL);
    a = move(a, "agree", "");
    act(UNIT_HEAD, "unit_head", "OPS");
    a = move(a, "approve", "response=reduce");
    act(MEMBER, "committee", NULL);
    a = reload(move(a, "decide", "response=reduce|action_note=Tester|action_due_on=2027-01-31"));
    Record *action = loaded("action", record_int(a, "action"));
    assert_true(str_is(record_text(action, "due_on"), "2027-01-31"));
    Record *issue = loaded("issue", record_get(action, "issues").list[0].i);
    assert_string_equal(issue->state->name, "open");
    assert_int_equal(record_get(issue, "risks").list[0].i, b.plain->id);
    assert_true(str_is(record_text(issue, "likelihood"), "3"));
    RcsaEvidence e;
    as_system();
    OKAY(rcsa_evidence(&e, c, b.plain->id, (Str){0}));
    assert_int_equal(e.open_actions, 1);
    assert_int_equal(e.facts.overdue_actions, 0);
    c->today = S("2027-02-01");
    OKAY(rcsa_evidence(&e, c, b.plain->id, (Str){0}));
    assert_int_equal(e.facts.overdue_actions, 1);
}
static void test_rcsa_committee_demands_an_action(void **state) {
    (void)state;
    each(run_action);
}

/* Both assessments submitted by the correspondent. */
static void submit_both(const Bank *b, const Record *campaign, const char *plain) {
    act(CORRESPONDENT, "correspondent", "OPS");
    Record *a = change(assessment_of(campaign, b->risk), answers(b));
    move(answer_all(a), "submit", "");
    a = change(assessment_of(campaign, b->plain), plain);
    move(answer_all(a), "submit", "");
}

static void run_round(void) {
    Bank b = bank_new();
    appetite_of("RC7", 1);
    losses(4, 7750000);
    Record *campaign = opened(&b);
    submit_both(&b, campaign, "still_true=gone");
    Record *a = assessment_of(campaign, b.risk), *gone = assessment_of(campaign, b.plain);
    act(CORRESPONDENT, "analyst", NULL);
    refuse(a, "agree", "", ERR_DENIED); /* who submitted it */
    act(ANALYST, "analyst", NULL);
    refuse(a, "challenge", "opinion=disagree", ERR_INVALID);
    assert_true(has_issue("challenger_likelihood") && has_issue("challenge_note"));
    refuse(a, "challenge",
           "opinion=disagree|challenger_likelihood=5|challenger_impact=3|challenge_note=x",
           ERR_INVALID); /* above the inherent risk */
    Str own = record_text(a, "residual_level");
    a = move(a, "challenge",
             "opinion=disagree|challenger_likelihood=4|challenger_impact=3|challenge_note=Pertes");
    assert_true(str_eq(record_text(a, "residual_level"), own)); /* both stay side by side */
    assert_true(record_text(a, "challenger_level").n > 0);
    gone = move(gone, "agree", "");
    act(UNIT_HEAD, "unit_head", "OPS");
    refuse(a, "approve", "", ERR_INVALID);
    assert_true(has_issue("final_choice"));
    a = move(a, "approve", "final_choice=challenger|response=reduce");
    assert_string_equal(a->state->name, "committee"); /* above the tolerance */
    gone = move(gone, "approve", "");
    assert_string_equal(gone->state->name, "approved");
    act(HEAD_ORM, "head_orm", NULL);
    campaign = move(campaign, "challenge", "");
    campaign = move(campaign, "approval", "");
    refuse(campaign, "publish", "", ERR_INVALID);
    assert_true(has_code("unfinished"));
    act(MEMBER, "committee", NULL);
    refuse(a, "decide", "response=accept", ERR_INVALID);
    refuse(a, "decide", "response=accept|accepted_until=2028-01-01", ERR_INVALID);
    assert_true(has_code("too_long"));
    refuse(a, "decide", "response=reduce", ERR_INVALID);
    assert_true(has_issue("action_note"));
    refuse(a, "decide", "response=accept|accepted_until=2027-06-30", ERR_INVALID);
    assert_true(has_issue("decision_note"));
    refuse(a, "decide", "response=reduce|action_note=Tester|action_due_on=2026-11-01", ERR_INVALID);
    assert_true(has_issue("action_due_on"));
    a = move(a, "decide", "response=accept|accepted_until=2027-06-30|decision_note=Coût");
    check_acceptance(a);
    act(HEAD_ORM, "head_orm", NULL);
    campaign = reload(move(campaign, "publish", ""));
    assert_int_equal(record_int(campaign, "published_count"), 2);
    assert_int_equal(record_text(campaign, "snapshot").n, 64);
    Record *risk = reload(b.risk), *control = reload(b.control);
    assert_int_equal(record_int(risk, "residual_likelihood"), 4); /* as challenged */
    assert_true(str_is(record_text(risk, "accepted_until"), "2027-06-30"));
    assert_true(str_eq(record_text(risk, "assessed_on"), c->today));
    assert_string_equal(reload(b.plain)->state->name, "retired");
    assert_true(str_is(record_text(control, "operation"), "effective"));
    Record *done;
    a = reload(a);
    assert_string_equal(a->state->name, "published");
    c->issues = (Issues){0};
    act(CORRESPONDENT, "correspondent", "OPS");
    assert_int_not_equal(record_update(&done, c, a, a->version, input("comment=autre")), OK);
}
static void test_rcsa_round_from_scope_to_publication(void **state) {
    (void)state;
    each(run_round);
}

/* The assessments of a campaign, approved as assessed and published. */
static void publish(const Record *campaign) {
    RcsaIds ids;
    OKAY(rcsa_query_assessments(&ids, c, campaign->id, "submitted"));
    for (size_t i = 0; i < ids.n; i++) {
        Record *a;
        OKAY(record_load_raw(&a, c, model_need(c->model, "assessment"), ids.items[i]));
        act(ANALYST, "analyst", NULL);
        a = move(a, "agree", "");
        act(UNIT_HEAD, "unit_head", "OPS");
        move(a, "approve", "");
    }
    act(HEAD_ORM, "head_orm", NULL);
    move(campaign, "challenge", "");
    move(campaign, "approval", "");
    move(campaign, "publish", "");
}

static void run_next_round(void) {
    Bank b = bank_new();
    Record *first = opened(&b);
    submit_both(&b, first, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    publish(first);
    assert_true(str_is(record_text(reload(b.plain), "residual_level"),
                       "3")); /* 3 × 4 is high in the five by five matrix */
    losses(3, 7000000);
    int64_t linked;
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    assert_int_equal(linked, 3);
    /* By exception and triggered: discovered on the 10th, assessed on the 18th, so nothing. */
    OKAY(db_run(c->db, NULL, "UPDATE incident SET discovered_on = $1 WHERE pattern IS NOT NULL",
                ARGS(db_text(c->today))));
    OKAY(db_run(c->db, NULL, "UPDATE risk SET assessed_on = '2026-11-01'", NO_ARGS));
    c->cache = NULL;
    Record *next = move(campaign_new("|kind=exception"), "scope", "");
    assert_non_null(assessment_of(next, b.risk));
    assert_null(assessment_of(next, b.plain)); /* nothing happened to it */
    next = move(next, "open", "");
    Record *a = assessment_of(next, b.risk);
    assert_int_equal(record_int(a, "inherent_likelihood"), 4); /* last answers, to be confirmed */
    assert_true(rcsa_is_empty(a, "still_true"));
    assert_int_equal(record_int(a, "losses_since"), 3);
    assert_int_equal(record_int(a, "previous"), assessment_of(first, b.risk)->id);
    act(CORRESPONDENT, "correspondent", "OPS");
    a = move(answer_all(change(a, answers(&b))), "submit", "");
    publish(next);
    assert_string_equal(assessment_of(first, b.risk)->state->name, "superseded");
    assert_string_equal(assessment_of(first, b.plain)->state->name, "published");
    assert_string_equal(reload(a)->state->name, "published");
    RcsaMoves moves;
    OKAY(rcsa_query_moves(&moves, c, first->id, next->id));
    assert_int_equal(moves.n, 1);
    Record *narrow = move(campaign_new("|units=AG-MAA"), "scope", "");
    refuse(narrow, "open", "", ERR_INVALID); /* no risk lies there */
    assert_true(has_code("empty"));
    narrow = move(campaign_new("|categories=RC7"), "scope", "");
    Record *withdrawn = assessment_of(narrow, b.risk);
    assert_non_null(withdrawn);
    move(narrow, "cancel", "reason=Trop tôt");
    assert_string_equal(reload(withdrawn)->state->name, "cancelled");
}
static void test_rcsa_next_round_begins_with_what_happened(void **state) {
    (void)state;
    each(run_next_round);
}

/* ---- pages ---- */

static const Block *find_block(const Block *b, BlockKind kind) {
    if (b->kind == kind) return b;
    if (b->kind != BLOCK_LAYOUT) return NULL;
    for (size_t i = 0; i < b->layout.n; i++) {
        const Block *found = find_block(b->layout.items[i], kind);
        if (found) return found;
    }
    return NULL;
}

static void run_sheet(void) {
    Bank b = bank_new();
    losses(4, 7750000);
    Record *campaign = opened(&b);
    Record *a = assessment_of(campaign, b.risk), *p = assessment_of(campaign, b.plain);
    PageArgs args = {.query = input("")};
    Page page = {0};
    Str to = {0};
    act(CORRESPONDENT, "correspondent", "OPS");
    OKAY(rcsa_page_sheet(c, &args, &page));
    const Block *form = find_block(page.body, BLOCK_FORM);
    assert_int_equal(form->form.n_groups, 3); /* where, and two risks */
    const char *both =
        str_fmt(c->arena,
                "campaign=%s|a%lld.version=%lld|a%lld.still_true=yes|a%lld.inherent_likelihood=4|"
                "a%lld.inherent_impact=3|a%lld.control1=effective|a%lld.version=%lld|"
                "a%lld.still_true=yes|a%lld.inherent_likelihood=2|a%lld.inherent_impact=2",
                number(campaign), (long long)a->id, (long long)a->version, (long long)a->id,
                (long long)a->id, (long long)a->id, (long long)a->id, (long long)p->id,
                (long long)p->version, (long long)p->id, (long long)p->id, (long long)p->id)
            .p;
    OKAY(rcsa_post_sheet(c, input(both), &args, &to));
    assert_string_equal(reload(p)->state->name, "submitted"); /* complete */
    a = reload(a);
    assert_string_equal(a->state->name, "todo"); /* kept, but something speaks against it */
    assert_true(record_get(a, "contradictions").n > 0);
    assert_true(str_is(record_get(a, "controls").list[0].list[ASSESS_DESIGN].s, "effective"));
    page = (Page){0};
    OKAY(rcsa_page_sheet(c, &args, &page));
    form = find_block(page.body, BLOCK_FORM);
    assert_int_equal(form->form.n_groups, 2);
    Input *in = input(str_fmt(c->arena,
                              "a%lld.version=%lld|a%lld.still_true=yes|a%lld.inherent_likelihood=4|"
                              "a%lld.inherent_impact=3|a%lld.control1=effective",
                              (long long)a->id, (long long)a->version, (long long)a->id,
                              (long long)a->id, (long long)a->id, (long long)a->id)
                          .p);
    for (size_t i = 0; i < record_get(a, "contradictions").n; i++)
        input_add(in, c->arena, str_fmt(c->arena, "a%lld.answer%zu", (long long)a->id, i + 1),
                  S("Un seul fait."));
    OKAY(rcsa_post_sheet(c, in, &args, &to));
    assert_string_equal(reload(a)->state->name, "submitted");
    page = (Page){0};
    OKAY(rcsa_page_sheet(c, &args, &page));
    assert_null(find_block(page.body, BLOCK_FORM));
}
static void test_rcsa_sheet_keeps_answers_and_submits_what_is_complete(void **state) {
    (void)state;
    each(run_sheet);
}

static int64_t counted(const Block *matrix) {
    int64_t all = 0;
    for (size_t i = 0; i < matrix->matrix.n_rows * matrix->matrix.n_cols; i++)
        all += matrix->matrix.cells[i].count;
    return all;
}

static void run_map(void) {
    Bank b = bank_new();
    Record *campaign = opened(&b);
    submit_both(&b, campaign, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    publish(campaign);
    PageArgs args = {.query = input("")};
    Page page = {0};
    act(ANALYST, "analyst", NULL);
    OKAY(rcsa_page_map(c, &args, &page));
    assert_int_equal(counted(find_block(page.body, BLOCK_MATRIX)), 2);
    args.query = input("unit=RES");
    page = (Page){0};
    OKAY(rcsa_page_map(c, &args, &page));
    assert_int_equal(counted(find_block(page.body, BLOCK_MATRIX)), 0);
    args.query = input("unit=NOWHERE");
    assert_int_equal(rcsa_page_map(c, &args, &page), ERR_INVALID);
    assert_true(has_issue("unit"));
    act(CORRESPONDENT, "correspondent", "RES"); /* nothing of another side */
    args.query = input("");
    page = (Page){0};
    OKAY(rcsa_page_map(c, &args, &page));
    assert_int_equal(counted(find_block(page.body, BLOCK_MATRIX)), 0);
    act(ANALYST, "analyst", NULL);
    Err (*const pages[])(Ctx *, const PageArgs *, Page *) = {
        rcsa_page_top,      rcsa_page_processes, rcsa_page_controls, rcsa_page_appetite,
        rcsa_page_progress, rcsa_page_changes,   rcsa_page_triggers};
    for (size_t i = 0; i < LENGTH(pages); i++) {
        page = (Page){0};
        OKAY(pages[i](c, &args, &page));
        assert_true(page.title.n > 0);
        assert_non_null(page.body);
    }
    Block *why = NULL;
    OKAY(rcsa_section_rating(c, reload(b.risk), &why));
    assert_non_null(why);
}
static void test_rcsa_pages_follow_scope_and_filters(void **state) {
    (void)state;
    each(run_map);
}

/* ---- as of a day ---- */

static void put_cell(Text *t, const Cell *x) {
    text_fmt(t, "%.*s/%.*s/%lld/%.*s;", FMT(x->key), FMT(x->text), (long long)x->i, FMT(x->note));
}

/* What a block says, without addresses. */
static void put_block(Text *t, const Block *b) {
    Row row;
    bool has;
    if (b->kind == BLOCK_MATRIX && b->matrix.is_moves) {
        for (size_t i = 0; i < b->matrix.n_moves; i++) {
            put_cell(t, &b->matrix.moves[i].from);
            put_cell(t, &b->matrix.moves[i].to);
            text_fmt(t, "%lld\n", (long long)b->matrix.moves[i].count);
        }
    } else if (b->kind == BLOCK_MATRIX) {
        for (size_t i = 0; i < b->matrix.n_rows * b->matrix.n_cols; i++)
            text_fmt(t, "%lld ", (long long)b->matrix.cells[i].count);
    } else if (b->kind == BLOCK_FACTS) {
        for (size_t i = 0; i < b->facts.n; i++) put_cell(t, &b->facts.facts[i].cell);
    } else if (b->kind == BLOCK_GRAPH) {
        for (size_t k = 0; k < b->graph.n; k++)
            for (size_t i = 0; i < b->graph.columns[k].n; i++)
                text_fmt(t, "%.*s ", FMT(b->graph.columns[k].nodes[i].label));
    } else if (b->kind == BLOCK_LIST) {
        while (b->list.rows.next(b->list.rows.state, c->arena, &row, &has) == OK && has)
            for (size_t i = 0; i < b->list.n_columns; i++) put_cell(t, &row.cells[i]);
    } else if (b->kind == BLOCK_LAYOUT) {
        for (size_t i = 0; i < b->layout.n; i++) put_block(t, b->layout.items[i]);
    }
    text_char(t, '\n');
}

enum { SHOWN_PAGES = 8, SHOWN = SHOWN_PAGES + 3 };

/* What modules add to the page for the committee, of a quarter that ends on that day. */
static Str committee(Str to) {
    PageDef def = {.path = "/reports/committee"};
    Page page = {
        .body = view_layout(c->arena, LAYOUT_STACK, (Str){0}), .from = S("2026-10-01"), .to = to};
    Text t = text_new(c->arena, 100000);
    OKAY(page_sections(c, &def, &page));
    assert_int_equal(page.body->layout.n, 3);
    assert_string_equal(page.body->layout.items[0]->id, "risks");
    assert_string_equal(page.body->layout.items[1]->id, "indicators");
    assert_string_equal(page.body->layout.items[2]->id, "actions");
    put_block(&t, page.body);
    assert_int_equal(c->as_of.n, 0);
    return text_str(&t);
}

static void see_all(Str out[SHOWN], const Bank *b, Str day) {
    static Err (*const pages[SHOWN_PAGES])(Ctx *, const PageArgs *, Page *) = {
        rcsa_page_map,      rcsa_page_top,      rcsa_page_processes, rcsa_page_controls,
        rcsa_page_appetite, rcsa_page_progress, rcsa_page_changes,   rcsa_page_triggers};
    static Err (*const sections[])(Ctx *, const Record *, Block **) = {rcsa_section_bow_tie,
                                                                       rcsa_section_losses};
    PageArgs args = {.query = input("")};
    act(ANALYST, "analyst", NULL);
    c->cache = NULL;
    c->as_of = day;
    for (size_t i = 0; i < SHOWN_PAGES + LENGTH(sections); i++) {
        Page page = {0};
        Block *section = NULL;
        Record *risk;
        Text t = text_new(c->arena, 100000);
        if (i < SHOWN_PAGES) {
            OKAY(pages[i](c, &args, &page));
            put_block(&t, page.body);
        } else {
            OKAY(record_load_raw(&risk, c, b->risk->type, b->risk->id));
            OKAY(sections[i - SHOWN_PAGES](c, risk, &section));
            if (section) put_block(&t, section);
        }
        out[i] = text_str(&t);
    }
    c->as_of = (Str){0};
    c->cache = NULL;
    out[SHOWN - 1] = committee(day.n ? day : c->today);
}

/* What was shown on a day is what its date shows later, whatever happened since. */
static void run_as_of(void) {
    Str then[SHOWN], now[SHOWN], later[SHOWN];
    int64_t linked;
    Bank b = bank_new();
    appetite_of("RC7", 3);
    Record *first = opened(&b);
    submit_both(&b, first, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    publish(first);
    losses(2, 5000000);
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    Record *next = opened(&b);
    see_all(then, &b, (Str){0});
    ctx_at(c, now_us + INT64_C(9) * 86400 * 1000000);
    losses(3, 7000000);
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    submit_both(&b, next, "still_true=yes|inherent_likelihood=2|inherent_impact=3");
    publish(next);
    appetite_of("RC5", 2);
    act(HEAD_ORM, "head_orm", NULL);
    move(reload(b.plain), "retire", "reason=Fini");
    losses(1, 70000000); /* large enough to ask for a new assessment */
    OKAY(db_run(c->db, NULL,
                "UPDATE incident SET discovered_on = '2026-11-28' WHERE gross_group = "
                "70000000",
                NO_ARGS));
    ctx_at(c, now_us + INT64_C(12) * 86400 * 1000000);
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    see_all(now, &b, (Str){0});
    see_all(later, &b, S("2026-11-18"));
    for (size_t i = 0; i < SHOWN; i++) {
        if (!str_eq(then[i], later[i])) print_message("page %zu differs\n", i);
        assert_string_equal(str_z(c->arena, later[i]), str_z(c->arena, then[i]));
    }
    for (size_t i = 0; i < SHOWN; i++) {
        if (i == 3 || i == SHOWN_PAGES) continue; /* the controls stayed as they were */
        if (str_eq(then[i], now[i])) print_message("page %zu has not changed\n", i);
        assert_false(str_eq(then[i], now[i]));
    }
}
/* An assessment is called like its risk: its line says where. */
static void run_work_lines(void) {
    Bank b = bank_new();
    Record *campaign = opened(&b);
    RefName unit = {0};
    Page page = {0};
    Text t = text_new(c->arena, 100000);
    submit_both(&b, campaign, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    act(ANALYST, "analyst", NULL);
    OKAY(page_home(c, input(""), &page));
    put_block(&t, page.body);
    OKAY(ref_name(&unit, c, model_need(c->model, "unit"), b.risk->unit));
    const Record *a = assessment_of(campaign, b.risk);
    assert_non_null(strstr(text_str(&t).p, TEXT("%s \u00b7 %.*s", number(a), FMT(unit.title))));
}
static void test_rcsa_line_of_my_work_names_the_unit(void **state) {
    (void)state;
    each(run_work_lines);
}

/* A section follows its own right, not that of the page. */
static void run_sections(void) {
    PageDef def = {.path = "/reports/committee"};
    Page page = {.body = view_layout(c->arena, LAYOUT_STACK, (Str){0})};
    act(MEMBER, "", NULL);
    OKAY(page_sections(c, &def, &page));
    for (size_t i = 0; i < page.body->layout.n; i++)
        assert_string_not_equal(page.body->layout.items[i]->id, "risks");
    def.path = "/reports/top-risks";
    page.body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    OKAY(page_sections(c, &def, &page));
    assert_int_equal(page.body->layout.n, 0);
}
static void test_rcsa_section_is_for_those_who_may_read_it(void **state) {
    (void)state;
    each(run_sections);
}

static void test_rcsa_pages_show_a_past_day_as_it_was_shown(void **state) {
    (void)state;
    each(run_as_of);
}

/* ---- versions of a method ---- */

static void run_versions(void) {
    Bank b = bank_new();
    Record *campaign = opened(&b);
    submit_both(&b, campaign, "still_true=yes|inherent_likelihood=3|inherent_impact=4");
    Record *old;
    int64_t id;
    RcsaIds ids;
    OKAY(rcsa_method_default(&id, c));
    OKAY(record_load_raw(&old, c, model_need(c->model, "rcsa_method"), id));
    PageArgs args = {.query = input("")};
    Str to = {0};
    act(OTHER_ANALYST, "methodology", NULL);
    OKAY(rcsa_post_version(c, input(TEXT("of=%s", number(old))), &args, &to));
    OKAY(rcsa_query_methods(&ids, c, "draft", record_text(old, "code")));
    assert_int_equal(ids.n, 1);
    Record *next;
    OKAY(record_load_raw(&next, c, old->type, ids.items[0]));
    assert_int_equal(record_int(next, "edition"), record_int(old, "edition") + 1);
    /* A draft may be unfinished; what is tried must be whole. */
    Record *broken = change(next, "matrix[0].likelihood=1|matrix[0].impact_1=4");
    refuse(broken, "try", "", ERR_INVALID);
    c->issues = (Issues){0};
    OKAY(rcsa_post_version(c, input(TEXT("of=%s", number(old))), &args, &to));
    OKAY(rcsa_query_methods(&ids, c, "draft", record_text(old, "code")));
    OKAY(record_load_raw(&next, c, old->type, ids.items[0]));
    next = move(next, "try", "");
    assert_int_equal(record_int(next, "trial_total"), 2);
    assert_int_equal(record_int(next, "trial_up"), 0); /* a copy moves nothing */
    refuse(next, "publish", "", ERR_DENIED);           /* the same person */
    act(CORRESPONDENT, "correspondent", "OPS");        /* something changes in between */
    Record *third = assessment_of(campaign, b.plain), *tried = next;
    act(ANALYST, "analyst", NULL);
    third = move(third, "challenge",
                 "opinion=disagree|challenger_likelihood=1|challenger_impact=1|challenge_note=x");
    act(UNIT_HEAD, "unit_head", "OPS");
    move(third, "approve", "final_choice=challenger");
    act(HEAD_ORM, "head_orm", NULL);
    refuse(tried, "publish", "", ERR_INVALID); /* the dry run shows what was, not what is */
    assert_true(has_code("outdated"));
    next = move(tried, "revise", "reason=Nouvel essai");
    act(OTHER_ANALYST, "methodology", NULL);
    next = move(next, "try", "");
    assert_int_equal(record_int(next, "trial_up"), 1); /* the method alone would say more */
    act(HEAD_ORM, "head_orm", NULL);
    next = move(next, "publish", "");
    assert_string_equal(next->state->name, "published");
    assert_string_equal(reload(old)->state->name, "superseded");
    /* What was assessed with the old version is still explained by it. */
    assert_int_equal(record_int(assessment_of(campaign, b.risk), "method"), old->id);
}
static void test_rcsa_method_is_tried_and_published_by_two(void **state) {
    (void)state;
    each(run_versions);
}
