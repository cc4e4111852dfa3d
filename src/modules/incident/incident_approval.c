/* incident_approval.c: who approves an amount: the matrix of the response template, level after
 * level and within a level in any order, or else the limits of the roles; and when an approval no
 * longer holds. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "model/history.h"
#include "modules/incident/incident.h"
#include "work/work.h"

/* Cells of a row of `approvals`, and of a row of the template's matrix. */
enum { LEVEL, MEASURE, ROLE, PERSON, BY, ON, FOR, CELLS };
enum { ASKED_LEVEL, ASKED_MEASURE, ASKED_FROM, ASKED_BELOW, ASKED_ROLE, ASKED_PERSON };

/* ---- what is asked ---- */

/* It has no amount to approve but the one that it could have cost. */
static bool is_near(const Record *r) {
    Str kind = record_text(r, "event_kind");
    return str_is(kind, "near_miss") || str_is(kind, "non_financial");
}

static Value measured(const Record *r, Str measure) {
    if (str_is(measure, "net")) return record_get(r, "net");
    if (str_is(measure, "potential")) return record_get(r, "max_potential_loss");
    Value expected = record_get(r, "estimated_loss");
    bool is_expected = str_is(measure, "expected") && !value_is_null(expected);
    return is_expected ? expected : record_get(r, "gross");
}

/* An amount that cannot be converted is looked at by everybody. */
static Err reaches(bool *out, Ctx *c, Value amount, Value bound) {
    int64_t minor;
    bool found;
    TRY(incident_convert(&minor, &found, c, incident_money(amount), str_of(bound.currency),
                         c->today));
    *out = !found || minor >= bound.i;
    return OK;
}

static Err applies(bool *out, Ctx *c, const Record *r, const Value *row) {
    Value amount = measured(r, row[ASKED_MEASURE].s);
    bool over = false;
    *out = false;
    if (value_is_null(amount)) return OK;
    if (is_near(r) && !str_is(row[ASKED_MEASURE].s, "potential")) return OK;
    TRY(reaches(out, c, amount, row[ASKED_FROM]));
    if (*out && !value_is_null(row[ASKED_BELOW])) TRY(reaches(&over, c, amount, row[ASKED_BELOW]));
    *out = *out && !over;
    return OK;
}

/* The rows of the matrix that apply to its amounts, lowest level first, none approved yet. */
static Err asked(Value *out, Ctx *c, const Record *r) {
    const Record *template;
    *out = (Value){0};
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    Value matrix = record_get(template, "approvers");
    Value *rows = NEW_N(c->arena, Value, matrix.n + 1);
    size_t n = 0;
    for (int64_t level = 1; level <= 9; level++)
        for (size_t i = 0; i < matrix.n; i++) {
            const Value *row = matrix.list[i].list;
            bool is_asked;
            if (row[ASKED_LEVEL].i != level) continue;
            TRY(applies(&is_asked, c, r, row));
            if (!is_asked) continue;
            Value *cells = NEW_N(c->arena, Value, CELLS);
            cells[LEVEL] = row[ASKED_LEVEL];
            cells[MEASURE] = row[ASKED_MEASURE];
            cells[ROLE] = row[ASKED_ROLE];
            cells[PERSON] = row[ASKED_PERSON];
            rows[n++] = (Value){.kind = V_LIST, .list = cells, .n = CELLS};
        }
    if (n) *out = (Value){.kind = V_ROWS, .list = rows, .n = n};
    return OK;
}

static bool is_given(const Value *row) {
    return row[BY].i != 0;
}

/* The level whose turn it is; 0: none is left. */
static int64_t level_of(Value rows) {
    int64_t level = 0;
    for (size_t i = 0; i < rows.n; i++)
        if (!is_given(rows.list[i].list) && (!level || rows.list[i].list[LEVEL].i < level))
            level = rows.list[i].list[LEVEL].i;
    return level;
}

static bool same_asked(const Value *a, const Value *b) {
    for (int k = LEVEL; k <= PERSON; k++)
        if (!value_eq(a[k], b[k])) return false;
    return true;
}

/* Whether a row of the matrix as it stands now is not among these, of which only those that were
 * given may count. *n: how many the matrix has. */
static Err lacks(bool *out, size_t *n, Ctx *c, const Record *r, bool only_given) {
    Value now, rows = record_get(r, "approvals");
    *out = false;
    TRY(asked(&now, c, r));
    for (size_t i = 0; i < now.n; i++) {
        bool has = false;
        for (size_t k = 0; k < rows.n && !has; k++)
            has = same_asked(rows.list[k].list, now.list[i].list) &&
                  (!only_given || is_given(rows.list[k].list));
        *out = *out || !has;
    }
    *n = now.n;
    return OK;
}

/* ---- limits of roles, where no matrix speaks ---- */

static Err within_limit(bool *out, bool *any, Ctx *c, const Record *r, const char *measure) {
    Money limit;
    bool found, unlimited;
    Value amount = record_get(r, measure);
    int64_t bound = 0;
    TRY(limit_of_role(&limit, &found, &unlimited, c, S("analyst"), str_of(measure),
                      record_int(r, "entity")));
    *any = *any || found || unlimited;
    *out = true;
    if (unlimited || !found || value_is_null(amount)) return OK;
    TRY(incident_convert(&bound, &found, c, limit, str_of(amount.currency), c->today));
    *out = found && amount.i <= bound; /* in doubt somebody looks at it */
    return OK;
}

static Err needs_by_limit(bool *out, Ctx *c, const Record *r) {
    bool gross, net, any = false;
    *out = false;
    if (record_int(r, "gross") <= record_int(r, "approved_up_to")) return OK;
    TRY(within_limit(&gross, &any, c, r, "gross"));
    TRY(within_limit(&net, &any, c, r, "net"));
    *out = !any || !gross || !net;
    return OK;
}

Err incident_needs_approval(bool *out, Ctx *c, const Record *r) {
    size_t n;
    TRY(lacks(out, &n, c, r, true));
    return n || is_near(r) ? OK : needs_by_limit(out, c, r);
}

const char *incident_route_validated(Ctx *c, const Record *r) {
    bool needs;
    if (incident_needs_approval(&needs, c, r) != OK)
        return "approval"; /* in doubt somebody looks at it */
    return needs ? "approval" : is_near(r) ? "closure" : "open";
}

/* ---- giving it ---- */

static Str word_of(Ctx *c, const Value *row) {
    if (row[PERSON].i) return str_fmt(c->arena, "@#%lld", (long long)row[PERSON].i);
    return row[ROLE].s;
}

/* The row of the present level that the actor may approve, in the right in which they act now
 * rather than in another; rows.n: none. */
static Err row_for(size_t *out, Ctx *c, const Record *r, Value rows) {
    int64_t level = level_of(rows), whom;
    bool is_best = false;
    *out = rows.n;
    for (size_t i = 0; i < rows.n && !is_best; i++) {
        const Value *row = rows.list[i].list;
        bool mine;
        if (row[LEVEL].i != level || is_given(row)) continue;
        TRY(access_covers(&mine, &whom, c, r, str_z(c->arena, word_of(c, row))));
        is_best = mine && whom == c->actor->acting_for;
        if (is_best || (mine && *out == rows.n)) *out = i;
    }
    return OK;
}

static Str words_of(Ctx *c, Value rows) {
    int64_t level = level_of(rows);
    Text t = text_new(c->arena, 200);
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        if (row[LEVEL].i != level || is_given(row)) continue;
        if (t.n) text_char(&t, ' ');
        text_add(&t, word_of(c, row));
    }
    return text_str(&t);
}

/* Who gives it, or who may always send it back: nobody asked may be there, or may see the case. */
Err incident_actors_reject(Str *words, Ctx *c, const Record *r) {
    *words = (Str){0};
    if (incident_state_is(r, "approval")) *words = words_of(c, record_get(r, "approvals"));
    if (words->n) *words = str_fmt(c->arena, "%.*s head_orm inspection", FMT(*words));
    return OK;
}

Err incident_actors_approve(Str *words, Ctx *c, const Record *r) {
    *words = incident_state_is(r, "approval") ? words_of(c, record_get(r, "approvals")) : (Str){0};
    return OK;
}

/* One person, one approval, whether it was given by them, for them or to a delegate of theirs. */
Err incident_refuse_approve(const char **why, Ctx *c, const Record *r) {
    Value rows = record_get(r, "approvals");
    bool is_short = false;
    size_t n;
    /* Entries that came while it waits may have brought it where the matrix asks others, too. */
    if (words_of(c, rows).n) TRY(lacks(&is_short, &n, c, r, false));
    if (is_short)
        *why = N_("The amount now asks for more approvals: send it back to have it asked anew.");
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        bool same = false, same_behind = false;
        if (!is_given(row)) continue;
        TRY(access_is_actor(&same, c, r, row[BY].i));
        TRY(access_is_actor(&same_behind, c, r, row[FOR].i));
        if (same || same_behind)
            *why = N_("You have approved it already: another person must, too.");
    }
    return OK;
}

const char *incident_route_approved(Ctx *c, const Record *r) {
    Value rows = record_get(r, "approvals");
    size_t left = 0;
    (void)c;
    for (size_t i = 0; i < rows.n; i++) left += !is_given(rows.list[i].list);
    return left > 1 ? "approval" : is_near(r) ? "closure" : "open";
}

static Err give(Ctx *c, const Record *before, Record *r) {
    Value rows = record_get(before, "approvals");
    size_t k, n = rows.n;
    if (!n) return OK;
    TRY(row_for(&k, c, before, rows));
    Value *copy = NEW_N(c->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = rows.list[i];
        if (i != k) continue;
        Value *cells = NEW_N(c->arena, Value, CELLS);
        memcpy(cells, rows.list[i].list, CELLS * sizeof *cells);
        cells[BY] = value_int(c->actor->user);
        if (c->actor->acting_for) cells[FOR] = value_int(c->actor->acting_for);
        cells[ON] = value_text(c->today);
        copy[i] = (Value){.kind = V_LIST, .list = cells, .n = CELLS};
    }
    record_set(r, "approvals", (Value){.kind = V_ROWS, .list = copy, .n = n});
    return OK;
}

/* Who is named at the present level, and who holds its roles nearest to the unit (not with `only`):
 * for their "My work". */
static Err set_approvers(Ctx *c, Record *r, bool only) {
    Value rows = record_get(r, "approvals");
    int64_t level = level_of(rows);
    Value *people = NEW_N(c->arena, Value, rows.n + 1);
    size_t n = 0;
    for (size_t i = 0; incident_state_is(r, "approval") && i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        int64_t person = row[PERSON].i;
        bool twice = false;
        if (row[LEVEL].i != level || is_given(row)) continue;
        if (!person && !only) TRY(work_holder(&person, c, r, str_z(c->arena, row[ROLE].s)));
        for (size_t k = 0; k < n; k++) twice = twice || people[k].i == person;
        if (person && !twice) people[n++] = value_int(person);
    }
    record_set(r, "approvers", n ? (Value){.kind = V_LIST, .list = people, .n = n} : (Value){0});
    return OK;
}

Err incident_approvers_rederive(Ctx *c, Record *r) {
    return value_is_null(record_get(r, "approvers")) ? set_approvers(c, r, true) : OK;
}

/* ---- losing it ---- */

static bool material_changed(const Record *x, const Record *y) {
    for (size_t i = 0; i < x->type->n_fields; i++)
        if ((x->type->fields[i].flags & F_MATERIAL) && !value_eq(x->values[i], y->values[i]))
            return true;
    return false;
}

/* An edit of an open event: what was approved is no longer what stands there. */
static Err lose(Ctx *c, const Record *before, Record *r) {
    bool needs = false, is_history;
    bool stays = before && before->state == r->state;
    if (!stays || (!incident_state_is(r, "open") && !incident_state_is(r, "closure"))) return OK;
    bool approved = !value_is_null(record_get(r, "approved_up_to"));
    bool changed = approved && material_changed(before, r);
    if (!changed && record_int(r, "gross") > record_int(before, "gross"))
        TRY(incident_needs_approval(&needs, c, r));
    if (!changed && !needs) return OK;
    TRY(history_made_by_import(&is_history, c, r));
    if (is_history) return OK;
    r->state = type_state(r->type, S("approval"));
    r->moved_by = c->actor->user;
    if (!c->reason.n && changed) c->reason = TRS(c, N_("What was approved has changed."));
    warn(c, "", "approval",
         changed ? N_("What was approved has changed: it waits for approval again.")
                 : N_("The amount is above what needs no approval: it waits for approval."));
    return OK;
}

/* Edited while it waits: asked as it stands now. What was given stays when nothing of weight has
 * changed; who changed something of weight does not approve it. */
static Err ask_again(Ctx *c, const Record *before, Record *r) {
    Value rows, given = record_get(before, "approvals");
    bool changed = material_changed(before, r);
    TRY(asked(&rows, c, r));
    Value *kept = NEW_N(c->arena, Value, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        kept[i] = rows.list[i];
        for (size_t k = 0; !changed && k < given.n; k++)
            if (same_asked(given.list[k].list, rows.list[i].list)) kept[i] = given.list[k];
    }
    if (rows.n) rows.list = kept;
    if (changed) r->moved_by = c->actor->user;
    record_set(r, "approvals", rows);
    return OK;
}

Err incident_approvals_set(Ctx *c, const Saving *s) {
    const Record *before = s->before;
    Record *r = s->after;
    if (!s->transition) TRY(lose(c, before, r));
    bool was = incident_state_is(before, "approval"), is = incident_state_is(r, "approval");
    if (is && !was) {
        Value rows;
        TRY(asked(&rows, c, r));
        record_set(r, "approvals", rows);
    }
    if (is && was && !s->transition) TRY(ask_again(c, before, r));
    bool approves = was && incident_is_step(s, "approve");
    if (approves) TRY(give(c, before, r));
    if (was && (incident_state_is(r, "open") || incident_state_is(r, "closure")))
        record_set(r, "approved_up_to", record_get(r, "gross"));
    if (was && incident_state_is(r, "qualification")) record_set(r, "approvals", (Value){0});
    return set_approvers(c, r, false);
}

/* Whose turn it has become learns of it. */
Err incident_approvals_tell(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Value rows = record_get(r, "approvals");
    int64_t level = level_of(rows);
    bool same = incident_state_is(s->before, "approval") &&
                level_of(record_get(s->before, "approvals")) == level;
    if (!incident_state_is(r, "approval") || !level || same) return OK;
    Str to = words_of(c, rows);
    Str key = str_fmt(c->arena, "approve/%.*s/%lld", FMT(record_number(c->arena, r)),
                      (long long)r->version);
    return work_tell(c, r, "incident.to_approve", str_z(c->arena, to), key, (Str){0});
}
