/* test_job.c: the outbox and its runner on both databases: once in the effect, in order within a
 * lane, again after failures, set aside in the end, and fenced against whoever comes back too
 * late. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/job.h"
#include "work/runner.h"

static Err ok_run(Ctx *c, Job *job);
static Err bad_run(Ctx *c, Job *job);
static Err refuse_run(Ctx *c, Job *job);
static Err brief_run(Ctx *c, Job *job);
static Err far_send(Ctx *c, Job *job);
static Err far_done(Ctx *c, const Job *job, Err result);

#include "model/model.h"
/* clang-format off */
static const DbColumn effect_columns[] = {
    {.name = "id", .type = DB_INT}, {.name = "what", .type = DB_TEXT}, {.name = "owner", .type = DB_TEXT}};
static const DbTable effect_table[] = {{"effect", effect_columns, 3, NULL, NULL, 0}, {0}};
static const DbTable *const effect_tables[] = {effect_table, NULL};
static const JobDef effect_jobs[] = {
    {.topic = "ok", .label = "Ok", .run = ok_run}, {.topic = "bad", .label = "Bad", .run = bad_run},
    {.topic = "refuse", .label = "Refuse", .run = refuse_run},
    {.topic = "brief", .label = "Brief", .run = brief_run, .is_short = true},
    {.topic = "far", .label = "Far", .send = far_send, .done = far_done, .lease = 60}, {0}};
/* clang-format on */
static const Module effect_module = {
    .name = "effect", .label = "Effect", .tables = effect_tables, .jobs = effect_jobs};
#define BANK_MORE &effect_module,
#include "model/test_bank.h"

#include <pthread.h>

static Err note(Ctx *c, Str what) {
    return db_run(c->db, NULL, "INSERT INTO effect (what) VALUES ($1)", ARGS(db_text(what)));
}

static Err ok_run(Ctx *c, Job *job) {
    return note(c, job->key);
}

static Err bad_run(Ctx *c, Job *job) {
    TRY(note(c, S("half")));
    job->error = S("The printer is on fire.");
    return ERR_INTERNAL;
}

static Err refuse_run(Ctx *c, Job *job) {
    (void)c;
    (void)job;
    return ERR_INVALID;
}

static Err brief_run(Ctx *c, Job *job) {
    TRY(note(c, job->key));
    return str_is(job->payload, "refused") ? ERR_INVALID : OK;
}

static Err far_send(Ctx *c, Job *job) {
    assert_null(c->db);
    job->state = "sent";
    if (str_is(job->payload, "down")) {
        job->is_unreachable = true;
        return ERR_BUSY;
    }
    return OK;
}

static Err far_done(Ctx *c, const Job *job, Err result) {
    assert_string_equal(job->state, "sent");
    return note(c, result == OK ? S("arrived") : S("lost"));
}

static void add(Bank *b, const char *topic, const char *key, const char *payload,
                const char *lane) {
    assert_int_equal(outbox_add(b->c, &(OutboxRow){.topic = topic,
                                                   .key = str_of(key),
                                                   .payload = str_of(payload),
                                                   .lane = str_of(lane)}),
                     OK);
}

static int64_t count(Bank *b, const char *sql) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    bank_end(b);
    return n;
}

static int drain(Bank *b) {
    RunnerPart part = {
        .model = b->model, .session = b->session, .owner = S("me"), .now_us = b->at += 1000000};
    int n = 0;
    for (bool ran = true; ran; n += ran) assert_int_equal(runner_once(&ran, &part), OK);
    return n;
}

static void later(Bank *b, int64_t seconds) {
    b->at += seconds * 1000000;
}

static void test_a_row_comes_with_its_transaction_and_once(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        add(b, "ok", "one", "", NULL);
        db_rollback(b->c->db);
        assert_int_equal(drain(b), 0);
        bank_begin(b);
        add(b, "ok", "one", "", NULL);
        add(b, "ok", "one", "", NULL);
        add(b, "ok", "two", "", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 2);
        assert_int_equal(drain(b), 0);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect WHERE what = 'one'"), 1);
        bank_begin(b); /* the key is still known */
        add(b, "ok", "one", "", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 0);
        bank_close(b);
    }
}

/* Short rows are claimed and worked off by the many: what one does wrong is undone alone, and a
 * lane keeps its order. */
static void test_short_rows_go_together(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        add(b, "brief", "a1", "", "a");
        add(b, "brief", "a2", "", "a");
        add(b, "brief", "b1", "refused", "b");
        add(b, "brief", "c1", "", NULL);
        add(b, "ok", "d1", "", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 3); /* a1 with b1 and c1, a2, d1 */
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect"), 4);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect WHERE what = 'b1'"), 0);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect x JOIN effect y ON x.id < y.id "
                                  "WHERE x.what = 'a1' AND y.what = 'a2'"),
                         1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'dead'"), 1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'done'"), 4);
        assert_int_equal(count(b, "SELECT MAX(attempts) FROM outbox"), 1);
        bank_close(b);
    }
}

static void test_failures_come_back_later_and_end_set_aside(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        add(b, "bad", "x", "", NULL);
        add(b, "refuse", "y", "", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 2);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect"), 0); /* nothing half done */
        assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'dead'"), 1);
        assert_int_equal(drain(b), 0); /* not at once */
        int tries = 1;
        for (int hour = 0; hour < 40; hour++) {
            later(b, 4000);
            tries += drain(b);
        }
        assert_int_equal(tries, JOB_MOST_ATTEMPTS);
        bank_begin(b);
        JobRows rows;
        assert_int_equal(job_list(&rows, b->c, S("dead"), 0, 10), OK);
        assert_int_equal(rows.n, 2);
        assert_true(str_is(rows.items[1].error, "The printer is on fire."));
        int64_t changed;
        assert_int_equal(job_resend(&changed, b->c, rows.items[1].id), OK);
        assert_int_equal(job_resend(&changed, b->c, rows.items[1].id), ERR_MISSING);
        assert_int_equal(job_drop(b->c, rows.items[0].id), OK);
        bank_commit(b);
        assert_int_equal(drain(b), 1);
        bank_close(b);
    }
}

static void test_a_lane_keeps_its_order(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        add(b, "far", "1", "down", "hook:1");
        add(b, "far", "2", "", "hook:1");
        add(b, "far", "3", "", "hook:2");
        bank_commit(b);
        assert_int_equal(drain(b), 2); /* the second of the lane waits for the first */
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect WHERE what = 'arrived'"), 1);
        bank_begin(b);
        bank_sql(b, "UPDATE outbox SET payload = '' WHERE item_key = '1'");
        bank_commit(b);
        later(b, 60);
        assert_int_equal(drain(b), 2);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect WHERE what = 'arrived'"), 3);
        bank_close(b);
    }
}

static void test_a_silent_target_is_left_alone(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        for (int i = 0; i < 20; i++) add(b, "far", str_fmt(b->arena, "%d", i).p, "down", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 5); /* then the breaker is open */
        later(b, 20);
        assert_int_equal(drain(b), 0);
        later(b, 15);
        assert_int_equal(drain(b), 1); /* one tries */
        bank_begin(b);
        bank_sql(b, "UPDATE outbox SET payload = ''");
        bank_commit(b);
        later(b, 120);
        assert_int_equal(drain(b), 20); /* and all follow */
        bank_close(b);
    }
}

/* The first owner falls asleep in the middle; the second takes over; the first wakes up. */
static void test_a_late_owner_is_refused(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        Claim first, second;
        bool found, mine;
        bank_begin(b);
        add(b, "ok", "one", "", NULL);
        bank_commit(b);
        bank_begin(b);
        assert_int_equal(job_claim(&first, &found, b->c, S("first")), OK);
        assert_true(found);
        bank_commit(b);
        bank_begin(b);
        assert_int_equal(job_claim(&second, &found, b->c, S("second")), OK);
        assert_false(found); /* leased */
        bank_commit(b);
        later(b, 30);
        bank_begin(b);
        assert_int_equal(job_claim(&second, &found, b->c, S("first")), OK);
        assert_false(found); /* an owner does not take over from itself */
        assert_int_equal(job_claim(&second, &found, b->c, S("second")), OK);
        assert_true(found);
        assert_int_equal(second.job.attempts, 2);
        assert_int_equal(job_hold(&mine, b->c, &first), OK);
        assert_false(mine);
        assert_int_equal(job_hold(&mine, b->c, &second), OK);
        assert_true(mine);
        bank_commit(b);
        bank_close(b);
    }
}

static void test_what_no_program_knows_is_left_for_another(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        add(b, "tomorrow", "x", "", NULL);
        bank_commit(b);
        assert_int_equal(drain(b), 0);
        assert_int_equal(
            count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'ready' AND attempts = 0"), 1);
        bank_close(b);
    }
}

/* Two nodes with three threads each over one database. */
static void test_many_threads_run_each_row_once(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        enum { ROWS = 200 };
        Runner *one, *two;
        bank_begin(b);
        b->c->now_us = clock_now_us();
        for (int i = 0; i < ROWS; i++) add(b, "ok", str_fmt(b->arena, "r%d", i).p, "", NULL);
        bank_commit(b);
        WorkConfig config = {.zone = "Africa/Casablanca"};
        assert_int_equal(runner_start(&one, b->arena, b->model, b->base, &config, 3), OK);
        assert_int_equal(runner_start(&two, b->arena, b->model, b->base, &config, 3), OK);
        for (int i = 0; i < 200; i++) {
            if (count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'done'") == ROWS) break;
            usleep(100 * 1000);
        }
        runner_stop(one);
        runner_stop(two);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE state = 'done'"), ROWS);
        assert_int_equal(count(b, "SELECT COUNT(DISTINCT what) FROM effect"), ROWS);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM effect"), ROWS);
        bank_close(b);
    }
}

static void test_backoff_grows_and_ends(void **state) {
    (void)state;
    int64_t sum = 0, last = 0;
    for (int i = 1; i < JOB_MOST_ATTEMPTS; i++) {
        int64_t s = job_backoff(i, 0);
        assert_true(s >= last);
        last = s;
        sum += s;
    }
    assert_int_equal(last, 3600);
    assert_true(sum > 20 * 3600 && sum < 30 * 3600);
}
