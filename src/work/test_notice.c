/* test_notice.c: who is told of a step, quiet hours and the daily mail; the bytes of a mail;
 * private addresses; signatures. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/mail.h"
#include "work/net.h"
#include "work/runner.h"
#include "work/webhook.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* clang-format off */
static const FieldDef task_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "helper", .label = "Helper", .kind = KIND_USER}, {0}};
static const StateDef task_states[] = {
    {"draft", "Draft", TONE_MUTED, 1, 0, "@creator"}, {"review", "Review", TONE_INFO, 2, 0, "unit_head inspection"},
    {"done", "Done", TONE_GOOD, 3, STATE_CLOSED, NULL}, {0}};
static const TransitionDef task_transitions[] = {
    {"send", "Send", "draft", "review", "@creator correspondent", TRANSITION_PRIMARY},
    {"approve", "Approve", "review", "done", "unit_head inspection", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR},
    {"return", "Return", "review", "draft", "unit_head inspection", TRANSITION_REASON}, {0}};
static const GrantDef task_grants[] = {
    {"declarant", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_OWN, false, NULL, NULL, NULL},
    {"correspondent", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"unit_head", OP_READ, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"inspection", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const TypeDef task_type = {
    .name = "task", .label = "Task", .plural_label = "Tasks", .prefix = "TSK", .title = "title", .flags = TYPE_CONFIDENTIAL,
    .fields = task_fields, .states = task_states, .transitions = task_transitions, .grants = task_grants};
static const TypeDef *const task_types[] = {&task_type, NULL};
static const NoticeDef task_notices[] = {
    {.name = "task.sent", .type = "task", .on = "send", .to = "correspondent @helper", .text = "Task sent"},
    {.name = "task.due", .to = "@creator", .text = "Due on {0}"}, {0}};
/* clang-format on */
static const Module task_module = {
    .name = "task", .label = "Task", .types = task_types, .notices = task_notices};
#define BANK_MORE &work_module, &task_module,
#include "model/test_bank.h"

static const WorkConfig config = {.zone = "Africa/Casablanca",
                                  .mail_server = {"smtp://127.0.0.1:9", 18},
                                  .mail_from = {"risk@bank.test", 14},
                                  .public_url = {"https://risk.bank.test", 22},
                                  .mail_plain = true};

static int64_t person(Bank *b, const char *name, const char *role, int64_t unit) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(str_fmt(b->arena, "%s@bank.test", name)));
    record_set(u, "name", value_text(str_of(name)));
    record_set(u, "home_unit", value_int(unit ? unit : b->head));
    int64_t id = bank_save(b, u, "create")->id;
    if (!role) return id;
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(id));
    record_set(r, "role", value_text(str_of(role)));
    record_set(r, "valid_from", value_text(S("2020-01-01")));
    if (unit) record_set(r, "in_unit", value_int(unit));
    bank_save(b, r, "create");
    return id;
}

typedef struct Cast {
    int64_t writer, head_far, head_near, head_other, correspondent, inspector, deputy, helper;
} Cast;

static Cast cast_of(Bank *b) {
    Cast p;
    bank_begin(b);
    p.writer = person(b, "writer", NULL, b->casa);
    p.head_far = person(b, "far", "unit_head", b->head);
    p.head_near = person(b, "near", "unit_head", b->casa);
    p.head_other = person(b, "other", "unit_head", b->agdal);
    p.correspondent = person(b, "corr", "correspondent", b->head);
    p.inspector = person(b, "inspector", "inspection", 0);
    p.deputy = person(b, "deputy", NULL, b->casa);
    p.helper = person(b, "helper", NULL, b->agdal);
    bank_commit(b);
    return p;
}

static void as(Bank *b, int64_t user) {
    bank_begin(b);
    b->c->work = &config;
    assert_int_equal(actor_load(b->c, user), OK);
}

static Record *new_task(Bank *b, const Cast *p, bool restricted) {
    Record *out, *r;
    as(b, p->writer);
    r = record_new(b->c, model_need(b->model, "task"));
    record_set(r, "title", value_text(S("Count the coins")));
    record_set(r, "helper", value_int(p->helper));
    r->unit = b->casa;
    r->is_restricted = restricted;
    assert_int_equal(record_save(&out, b->c, r, "create"), OK);
    bank_commit(b);
    return out;
}

static Record *step(Bank *b, int64_t user, const Record *r, const char *name, const char *reason) {
    Record *now, *out;
    Input in = {0};
    as(b, user);
    if (reason) input_add(&in, b->arena, S("reason"), str_of(reason));
    assert_int_equal(record_load(&now, b->c, r->type, r->id), OK);
    assert_int_equal(record_move(&out, b->c, now, name, &in), OK);
    bank_commit(b);
    return out;
}

static void work_off(Bank *b, const char *topic) {
    Rows *rows;
    bool more;
    bank_begin(b);
    b->c->work = &config;
    assert_int_equal(
        db_rows(
            &rows, b->c->db, b->arena,
            "SELECT id, item_key, payload FROM outbox WHERE topic = $1 AND state = 'ready' ORDER BY id",
            ARGS(db_textz(topic))),
        OK);
    for (;;) {
        assert_int_equal(rows_next(&more, rows), OK);
        if (!more) break;
        Job job = {
            .id = rows_int(rows, 0), .key = rows_copy(rows, 1), .payload = rows_copy(rows, 2)};
        assert_int_equal(event_run(b->c, &job), OK);
    }
    bank_sql(b, "UPDATE outbox SET state = 'done' WHERE topic = 'event'");
    bank_commit(b);
}

static int64_t told(Bank *b, int64_t user, const char *kind) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(
        db_get_int(&n, &found, b->c->db,
                   "SELECT COUNT(*) FROM notice WHERE person = $1 AND ($2 = '' OR kind = $2)",
                   ARGS(db_int(user), db_textz(kind))),
        OK);
    bank_end(b);
    return n;
}

static int64_t count(Bank *b, const char *sql) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    bank_end(b);
    return n;
}

static void test_notice_goes_to_the_nearest_and_to_delegates(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        Cast p = cast_of(b);
        bank_begin(b);
        Record *d = record_new(b->c, model_need(b->model, "delegation"));
        record_set(d, "from_user", value_int(p.head_near));
        record_set(d, "to_user", value_int(p.deputy));
        record_set(d, "valid_from", value_text(S("2023-01-01")));
        record_set(d, "valid_until", value_text(S("2023-12-31")));
        record_set(d, "why", value_text(S("Leave")));
        bank_save(b, d, "create");
        bank_commit(b);
        Record *r = new_task(b, &p, false);
        r = step(b, p.writer, r, "send", NULL);
        work_off(b, "event");
        assert_int_equal(told(b, p.head_near, "waiting"), 1);
        assert_int_equal(told(b, p.deputy, "waiting"), 1);
        assert_int_equal(told(b, p.correspondent, "task.sent"), 1);
        assert_int_equal(told(b, p.head_far, ""), 0);
        assert_int_equal(told(b, p.head_other, ""), 0);
        assert_int_equal(told(b, p.inspector, ""), 0); /* the third line only when nobody else */
        assert_int_equal(told(b, p.helper, ""), 0);    /* named, but may not read it */
        assert_int_equal(told(b, p.writer, ""), 0);    /* did it */
        step(b, p.head_near, r, "return", "Count again");
        work_off(b, "event");
        assert_int_equal(told(b, p.writer, "returned"), 1);
        assert_int_equal(
            count(b, "SELECT COUNT(*) FROM notice WHERE kind = 'returned' AND waits = 1"), 1);
        bank_close(b);
    }
}

static void test_notice_keeps_watchers_informed(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        Cast p = cast_of(b);
        Record *r = new_task(b, &p, false), *out;
        work_off(b, "event"); /* of its making */
        Value *watchers = NEW_N(b->arena, Value, 3);
        watchers[0] = value_int(p.head_far);
        watchers[1] = value_int(p.helper); /* may not read it */
        watchers[2] = value_int(p.head_near);
        as(b, p.writer);
        r = record_clone(b->c, r);
        record_set(r, "watchers", (Value){.kind = V_LIST, .list = watchers, .n = 3});
        assert_int_equal(record_save(&out, b->c, r, "update"), OK);
        bank_commit(b);
        assert_int_equal(told(b, p.head_far, ""), 0);
        r = step(b, p.writer, out, "send", NULL);
        work_off(b, "event");
        assert_int_equal(told(b, p.head_far, "watched"), 1);
        assert_int_equal(told(b, p.helper, ""), 0);
        assert_int_equal(told(b, p.head_near, "waiting"), 1); /* once an event */
        assert_int_equal(told(b, p.head_near, "watched"), 0);
        step(b, p.head_near, r, "return", "Count again");
        work_off(b, "event");
        assert_int_equal(told(b, p.head_far, "watched"), 2);
        assert_int_equal(told(b, p.head_near, "watched"), 0); /* did it */
        bank_close(b);
    }
}

static void test_notice_of_a_restricted_record(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        Cast p = cast_of(b);
        Record *r = new_task(b, &p, true);
        step(b, p.writer, r, "send", NULL);
        work_off(b, "event");
        assert_int_equal(told(b, p.inspector, "waiting"), 1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM notice"), 1);
        bank_close(b);
    }
}

static void test_notice_is_told_once_and_not_when_quiet(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        Cast p = cast_of(b);
        Record *r = new_task(b, &p, false);
        step(b, p.writer, r, "send", NULL);
        bank_begin(b);
        bank_sql(b, "UPDATE outbox SET state = 'ready'"); /* as after a crash */
        bank_commit(b);
        work_off(b, "event");
        bank_begin(b);
        bank_sql(b, "UPDATE outbox SET state = 'ready' WHERE topic = 'event'");
        bank_commit(b);
        work_off(b, "event");
        assert_int_equal(told(b, p.head_near, "waiting"), 1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE topic = 'mail'"), 2);
        as(b, p.writer);
        b->c->is_quiet = true;
        Record *quiet = record_new(b->c, model_need(b->model, "task")), *out;
        record_set(quiet, "title", value_text(S("Imported")));
        quiet->unit = b->casa;
        assert_int_equal(record_save(&out, b->c, quiet, "create"), OK);
        assert_int_equal(work_tell(b->c, out, "task.due", NULL, S("due/1"), S("2023-12-01")), OK);
        assert_int_equal(work_tell(b->c, out, "task.due", NULL, S("due/1"), S("2023-12-01")), OK);
        bank_commit(b);
        assert_int_equal(
            count(b, "SELECT COUNT(*) FROM outbox WHERE topic = 'event' AND state = 'ready'"), 0);
        assert_int_equal(told(b, p.writer, "task.due"), 1);
        bank_close(b);
    }
}

static int64_t at(const char *text) {
    int64_t us;
    assert_true(instant_parse(&us, str_of(text)));
    return us;
}

static void test_mail_time_heeds_quiet_hours(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    bank_zone(b, "Africa/Casablanca");
    NoticeWish w = {.quiet_from = 20 * 60, .quiet_until = 7 * 60};
    int64_t due;
    bank_read(b);
    b->c->work = &config;
    static const char *const cases[][2] = {
        {"2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"},
        {"2026-11-25T20:30:00Z", "2026-11-26T06:00:00Z"},
        {"2026-11-26T03:00:00Z", "2026-11-26T06:00:00Z"},
        {"2026-02-25T03:00:00Z", "2026-02-25T07:00:00Z"}}; /* Ramadan */
    for (size_t i = 0; i < LENGTH(cases); i++) {
        b->c->now_us = at(cases[i][0]);
        assert_int_equal(notice_mail_time(&due, b->c, &w), OK);
        assert_int_equal(due, at(cases[i][1]));
    }
    bank_end(b);
    bank_close(b);
}

static void test_digest_comes_once_a_day(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        Cast p = cast_of(b);
        NoticeWish w = {.mail = MAIL_DAILY, .digest_at = 7 * 60 + 30};
        bank_begin(b);
        assert_int_equal(notice_wish_set(b->c, p.head_near, &w), OK);
        bank_commit(b);
        static const char *const times[] = {"2026-11-25T06:00:00Z", "2026-11-25T06:30:00Z",
                                            "2026-11-25T06:45:00Z", "2026-11-26T09:00:00Z"};
        static const int64_t rows[] = {0, 1, 1, 2};
        for (size_t i = 0; i < LENGTH(times); i++) {
            bank_begin(b);
            b->c->work = &config;
            b->c->now_us = at(times[i]);
            Job job = {0};
            assert_int_equal(digest_run(b->c, &job), OK);
            bank_commit(b);
            assert_int_equal(count(b, "SELECT COUNT(*) FROM outbox WHERE topic = 'digest'"),
                             rows[i]);
        }
        bank_close(b);
    }
}

static void test_mail_bytes(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    MailMessage m = {
        .from = S("Risque opérationnel <risk@bank.test>"),
        .to = S("nawal@bank.test"),
        .to_name = S("Nawal\r\nBcc: all@bank.test"),
        .subject =
            S("Déclaré : un virement envoyé deux fois à un fournisseur de la région de Marrakech"),
        .id = S("notice.42"),
        .text = S("Bonjour\n"),
        .html = S("<p>Bonjour"),
        .at_us = at("2028-02-29T09:05:07Z")};
    Str s = mail_message(a, &m);
    assert_true(str_find(s, S("\r\nBcc:")) < 0); /* no header from a value */
    assert_true(str_find(s, S("Date: Tue, 29 Feb 2028 09:05:07 +0000\r\n")) > 0);
    assert_true(str_find(s, S("Message-ID: <notice.42@bank.test>\r\n")) > 0);
    assert_true(str_find(s, S("<risk@bank.test>\r\n")) > 0);
    Str rest = s, one;
    while (rest.n && str_cut(&one, &rest, '\n')) {
        assert_true(one.n == 0 || one.p[one.n - 1] == '\r');
        assert_true(one.n <= 100);
        for (size_t i = 0; i < one.n; i++) assert_true((unsigned char)one.p[i] < 0x80);
    }
    assert_true(str_eq(s, mail_message(a, &m))); /* the same at each attempt */
    m.to_name = S("Nawal <head@bank.test>, all@bank.test");
    assert_true(str_find(mail_message(a, &m), S("head@bank.test")) < 0); /* a name is no address */
    assert_true(mail_address_ok(S("a@b.test")) && !mail_address_ok(S("a b@c")) &&
                !mail_address_ok(S("@b")) && !mail_address_ok(S("a@")) &&
                !mail_address_ok(S("a@b\r\nRCPT TO:<c@d>")));
    arena_free(a);
}

static bool is_private(const char *text) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return net_is_private((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return net_is_private((const struct sockaddr *)&v6);
}

static void test_net_knows_private_addresses(void **state) {
    (void)state;
    static const char *const closed[] = {
        "127.0.0.1",   "10.1.2.3",        "172.16.0.1",     "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "0.0.0.0",        "100.64.0.1",
        "224.0.0.1",   "255.255.255.255", "198.18.0.1",     "::1",
        "::",          "fe80::1",         "fc00::1",        "fd12::1",
        "ff02::1",     "::ffff:10.0.0.1", "64:ff9b::a00:1", "::7f00:1",
        "2002:a00:1::"};
    static const char *const open[] = {"8.8.8.8",        "172.32.0.1",  "192.169.0.1",
                                       "100.128.0.1",    "196.200.1.1", "2001:4860:4860::8888",
                                       "::ffff:8.8.8.8", "2a00:1450::1"};
    for (size_t i = 0; i < LENGTH(closed); i++) assert_true(is_private(closed[i]));
    for (size_t i = 0; i < LENGTH(open); i++) assert_false(is_private(open[i]));
}

static void test_webhook_signature(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    secret_init();
    Str s = webhook_signature(a, S("key"), S("1"), S("{}"));
    assert_true(str_eq(s, str_join(a, S("sha256="), hmac_sha256_hex(a, S("key"), S("1.{}")))));
    assert_int_equal(s.n, 7 + 64);
    arena_free(a);
}

/* A mail server that is not there: the rows stay, the breaker opens, nothing is lost. */
static void test_mail_waits_for_its_server(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    bank_zone(b, "Africa/Casablanca");
    net_init();
    Cast p = cast_of(b);
    Record *r = new_task(b, &p, false);
    step(b, p.writer, r, "send", NULL);
    RunnerPart part = {.model = b->model,
                       .session = b->session,
                       .config = &config,
                       .owner = S("me"),
                       .now_us = b->at += 60000000};
    for (bool ran = true; ran;) assert_int_equal(runner_once(&ran, &part), OK);
    assert_int_equal(
        count(
            b,
            "SELECT COUNT(*) FROM outbox WHERE topic = 'mail' AND state = 'ready' AND attempts = 1"),
        2);
    assert_int_equal(count(b, "SELECT failures FROM outbox_pause WHERE target = 'mail'"), 2);
    bank_close(b);
}
