/* test_incident_calc.c: the arithmetic of losses: provisions, recoveries, rapid recoveries, pending
 * and timing losses, capital set, severity. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "modules/incident/incident_calc.h"
#include "modules/incident/incident_similar.h"

static CalcEntry entry(const char *kind, int64_t amount, int64_t day) {
    return (CalcEntry){.class = incident_calc_class(str_of(kind)),
                       .amount = amount,
                       .group = amount * 2,
                       .day = day,
                       .is_booked = true};
}

/* 2026-11-20 is a Friday. */
static int64_t friday(void) {
    return date_to_days(2026, 11, 20);
}

static void test_incident_calc_provision_used_and_unused(void **state) {
    (void)state;
    CalcEntry e[] = {entry("provision", 100, 10), entry("indemnity", 90, 20),
                     entry("provision_used", 90, 20), entry("provision_unused", 10, 21)};
    CalcResult r;
    incident_calc_sums(&r, e, 4, 7);
    assert_int_equal(r.own.gross, 90);
    assert_int_equal(r.own.provision, 0);
    assert_int_equal(r.own.net, 90);
    assert_int_equal(r.group.gross, 180);
    assert_int_equal(r.first_provision, 10);
    assert_int_equal(r.first_booked, 10);
    assert_int_equal(r.last_booked, 21);
    assert_int_equal(incident_calc_provision_left(e, 1, true), 100);
    assert_int_equal(incident_calc_provision_left(e, 3, true), 10);
}

static void test_incident_calc_gross_is_before_all_recoveries(void **state) {
    (void)state;
    CalcEntry e[] = {entry("direct_loss", 1000, 10), entry("insurance_recovery", 300, 90),
                     entry("direct_recovery", 200, 95), entry("external_cost", 50, 11)};
    CalcResult r;
    incident_calc_sums(&r, e, 4, 17);
    assert_int_equal(r.own.gross, 1050);
    assert_int_equal(r.own.recoveries, 500);
    assert_int_equal(r.own.insurance, 300);
    assert_int_equal(r.own.net, 550);
    assert_int_equal(r.own.net_booked, 550);
    assert_int_equal(r.own.rapid, 0);
}

static void test_incident_calc_rapid_recovery_is_by_its_day(void **state) {
    (void)state;
    CalcEntry e[] = {entry("direct_loss", 1000, friday()),
                     entry("direct_recovery", 400, friday() + 7),
                     entry("other_recovery", 100, friday() + 8)};
    CalcResult r;
    incident_calc_sums(&r, e, 3, friday() + 7);
    assert_int_equal(r.own.rapid, 400); /* booked on the last day; Saturday is after it */
    assert_int_equal(r.own.gross, 1000);
    CalcEntry much[] = {entry("direct_loss", 100, friday()),
                        entry("rapid_recovery", 150, friday() + 30)};
    incident_calc_sums(&r, much, 2, friday() + 7);
    assert_int_equal(r.own.rapid, 100);
    assert_int_equal(r.own.net, -50);
    incident_calc_sums(&r, e, 3, INT64_MIN);
    assert_int_equal(r.own.rapid, 0);
}

static void test_incident_calc_pending_timing_memo_gain(void **state) {
    (void)state;
    CalcEntry e[] = {entry("pending_loss", 70, 1), entry("timing_loss", 40, 1),
                     entry("timing_loss", 30, 1),  entry("opportunity_cost", 500, 1),
                     entry("internal_cost", 5, 1), entry("gain", 9, 1)};
    e[2].counts_timing = true;
    CalcResult r;
    incident_calc_sums(&r, e, 6, 7);
    assert_int_equal(r.own.gross, 100);
    assert_int_equal(r.own.pending, 70);
    assert_int_equal(r.own.memo, 545);
    assert_int_equal(r.own.gain, 9);
    CalcEntry back = entry("pending_loss", 70, 2);
    back.is_reversal = true;
    CalcEntry both[] = {e[0], back};
    incident_calc_sums(&r, both, 2, 7);
    assert_int_equal(r.own.pending, 0);
    assert_int_equal(r.own.gross, 0);
}

static void test_incident_calc_estimates_are_not_booked(void **state) {
    (void)state;
    CalcEntry e[] = {entry("direct_loss", 100, 1), entry("direct_loss", 50, 2)};
    e[1].is_booked = false;
    CalcResult r;
    incident_calc_sums(&r, e, 2, 7);
    assert_int_equal(r.own.gross, 150);
    assert_int_equal(r.own.gross_booked, 100);
    assert_int_equal(r.last_booked, 1);
    assert_true(r.has_loss);
    incident_calc_sums(&r, NULL, 0, 7);
    assert_false(r.has_loss);
    assert_true(r.first_booked == INT64_MIN);
}

static void test_incident_calc_overflow_is_seen(void **state) {
    (void)state;
    CalcEntry e[] = {entry("direct_loss", 1, 1), entry("fine", 1, 1)};
    e[0].amount = e[1].amount = INT64_MAX - 1;
    CalcResult r;
    incident_calc_sums(&r, e, 2, 7);
    assert_true(r.overflow);
}

static void test_incident_calc_kinds_have_a_sign(void **state) {
    (void)state;
    size_t n = 0;
    for (const EntryKind *k = incident_calc_kinds; k->key; k++) n++;
    assert_int_equal(n, 18);
    assert_int_equal(incident_calc_class(S("nonsense")), ENTRY_MEMO);
    CalcEntry back = entry("provision_used", 1, 1), loss = entry("write_down", 1, 1),
              memo = entry("gain", 1, 1);
    assert_int_equal(incident_calc_gross_sign(&back), -1);
    assert_int_equal(incident_calc_gross_sign(&loss), 1);
    assert_int_equal(incident_calc_gross_sign(&memo), 0);
}

static void test_incident_calc_capital_set(void **state) {
    (void)state;
    CalcCapital in = {
        .is_loss = true, .gross_group = 300, .net_group = 200, .threshold = 250, .on_net = true};
    assert_false(incident_calc_used_in_capital(&in)); /* net below */
    in.on_net = false;
    assert_true(incident_calc_used_in_capital(&in));
    in.in_credit_rwa = true;
    assert_false(incident_calc_used_in_capital(&in)); /* counted as credit loss */
    in.in_credit_rwa = false;
    in.is_void = true;
    assert_false(incident_calc_used_in_capital(&in));
    in = (CalcCapital){
        .is_loss = false, .gross_group = 300, .net_group = 300, .threshold = 1, .on_net = true};
    assert_false(incident_calc_used_in_capital(&in));
    in = (CalcCapital){.is_loss = true, .net_group = 0, .threshold = 0, .on_net = true};
    assert_false(incident_calc_used_in_capital(&in));
    in = (CalcCapital){.is_loss = true, .net_group = 250, .threshold = 250, .on_net = true};
    assert_true(incident_calc_used_in_capital(&in)); /* at the threshold */
}

static void test_incident_calc_severity_is_the_worst(void **state) {
    (void)state;
    int none[] = {0, 0, 0}, high[] = {0, 3, 1}, top[] = {4};
    assert_int_equal(incident_calc_severity(0, none, 3), 1);
    assert_int_equal(incident_calc_severity(4999999, none, 3), 1);
    assert_int_equal(incident_calc_severity(5000000, none, 3), 2);
    assert_int_equal(incident_calc_severity(INT64_C(5000000000), none, 3), 5);
    assert_int_equal(incident_calc_severity(0, high, 3), 4);
    assert_int_equal(incident_calc_severity(0, top, 1), 5);
    assert_int_equal(incident_calc_severity(-5, none, 3), 1);
}

/* ---- events that may be the same ---- */

static EventTraits event(Arena *a, int64_t day, const char *words) {
    return (EventTraits){.pattern = 9,
                         .process = 3,
                         .event_type = 71,
                         .unit = 5,
                         .day = day,
                         .words = similar_words(a, str_of(words), (Str){0})};
}

static void test_similar_words_are_folded_and_counted_once(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    WordSet x = similar_words(a, S("Chèque volé, chèque payé"), S("le CHEQUE"));
    WordSet y = similar_words(a, S("cheque paye vole"), (Str){0});
    assert_int_equal(x.n, 3); /* cheque, vole, paye; "le" is too short */
    assert_int_equal(y.n, 3);
    assert_memory_equal(x.items, y.items, 3 * sizeof *x.items);
    arena_free(a);
}

static void test_similar_score_adds_what_agrees(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    EventTraits x = event(a, 100, "virement parti deux fois");
    EventTraits y = event(a, 103, "virement parti vers autre compte");
    /* 30 pattern + 20 unit + 20 x 12/15 days + 25 x 2/7 words (28 %: 7) */
    assert_int_equal(similar_score(&x, &y), 30 + 20 + 16 + 7);
    assert_int_equal(similar_score(&x, &y), similar_score(&y, &x));
    y.pattern = 0; /* then process 15 and event type 10 */
    assert_int_equal(similar_score(&x, &y), 15 + 10 + 20 + 16 + 7);
    x.amount = 100000;
    y.amount = 98000;
    assert_int_equal(similar_score(&x, &y), 83);
    y.amount = 97999;
    assert_int_equal(similar_score(&x, &y), 68);
    assert_int_equal(similar_score(&x, &x), 100); /* 30 + 20 + 20 + 25 + 15, at most 100 */
    arena_free(a);
}

static void test_similar_score_of_nothing_known_is_nothing(void **state) {
    (void)state;
    EventTraits x = {.day = 0}, y = {.day = 15};
    assert_int_equal(similar_score(&x, &y), 0);
    y.day = INT64_C(-100000);
    assert_int_equal(similar_score(&x, &y), 0);
}
