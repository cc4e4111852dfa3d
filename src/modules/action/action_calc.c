/* action_calc.c: see action_calc.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action_calc.h"

const int action_calc_age_from[ACTION_AGES] = {1, 30, 91, 181};

int action_calc_age(int64_t days_late) {
    int age = -1;
    for (int k = 0; k < ACTION_AGES; k++)
        if (days_late >= action_calc_age_from[k]) age = k;
    return age;
}

static bool is_matrix(Str m) {
    if (m.n != 25) return false;
    for (size_t i = 0; i < m.n; i++)
        if (m.p[i] < '1' || m.p[i] > '4') return false;
    return true;
}

int action_calc_rating(int likelihood, int impact, Str matrix) {
    static const char built_in[] = "11123"
                                   "11223"
                                   "12233"
                                   "12334"
                                   "22344";
    if (likelihood < 1 || likelihood > 5 || impact < 1 || impact > 5) return 0;
    const char *m = is_matrix(matrix) ? matrix.p : built_in;
    return m[(likelihood - 1) * 5 + impact - 1] - '0';
}

static Level within(int level, bool is_regulatory, bool is_restricted) {
    if (is_regulatory && level < LEVEL_HEAD) level = LEVEL_HEAD;
    if (is_restricted && level < LEVEL_ORM) level = LEVEL_ORM; /* the unit does not see it */
    if (level < LEVEL_UNIT) level = LEVEL_UNIT;
    return level > LEVEL_COMMITTEE ? LEVEL_COMMITTEE : (Level)level;
}

Level action_calc_extension_level(int64_t nth, int rating, bool is_regulatory, bool is_restricted) {
    int level = nth > LEVEL_COMMITTEE ? LEVEL_COMMITTEE : (int)nth;
    if (rating == 3) level++;
    if (rating == 4) level += 2;
    return within(level, is_regulatory, is_restricted);
}

Level action_calc_acceptance_level(int rating, int64_t amount, int64_t head_from,
                                   int64_t committee_from, bool is_regulatory, bool is_restricted) {
    int level = rating ? rating : LEVEL_ORM;
    if (head_from > 0 && amount >= head_from && level < LEVEL_HEAD) level = LEVEL_HEAD;
    if (committee_from > 0 && amount >= committee_from) level = LEVEL_COMMITTEE;
    return within(level, is_regulatory, is_restricted);
}

const int action_calc_due_stages[] = {30, 7, 1, 0, -1, -7, -30, STAGES_END};
const int action_calc_expiry_stages[] = {60, 30, 7, STAGES_END};

bool action_calc_stage(int *out, const int *stages, int64_t days) {
    bool found = false;
    for (size_t i = 0; stages[i] != STAGES_END && days <= stages[i]; i++) {
        *out = stages[i];
        found = true;
    }
    return found;
}

Timing action_calc_timing(int64_t done, int64_t first_due, int64_t due) {
    if (done <= first_due) return TIMING_ON_TIME;
    return done <= due ? TIMING_EXTENDED : TIMING_LATE;
}

int64_t action_calc_benefit(int64_t loss, int64_t frequency, int64_t severity) {
    enum { WHOLE = 10000 };
    int64_t kept = (WHOLE - frequency) * (WHOLE - severity), saved;
    if (loss <= 0 || !mul_div(&saved, loss, (int64_t)WHOLE * WHOLE - kept, (int64_t)WHOLE * WHOLE))
        return 0;
    return saved < 0 ? 0 : saved > loss ? loss : saved;
}

int action_calc_score(int rating, int64_t days_late) {
    int age = action_calc_age(days_late);
    return age < 0 || rating < 1 ? 0 : rating * (age + 1);
}

int64_t action_calc_payback(int64_t once, int64_t yearly, int64_t benefit) {
    int64_t tenths;
    if (benefit <= yearly) return -1;
    return mul_div(&tenths, once, 10, benefit - yearly) ? tenths : -1;
}
