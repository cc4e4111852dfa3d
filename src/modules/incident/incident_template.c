/* incident_template.c: what a response template does by itself: whom it tells, the issue that it
 * records, effects that it expects, its checklist beside the incident, closing what is small.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"
#include "work/work.h"

/* The gross loss less the amount that stands in the template's field; false: there is none, or it
 * cannot be compared. */
static Err against(bool *found, int64_t *out, Ctx *c, const Record *template, const char *field,
                   const Record *r) {
    Value bound = record_get(template, field), gross = record_get(r, "gross");
    Money m = {.minor = bound.i};
    int64_t minor = 0;
    *found = !value_is_null(bound) && gross.currency[0];
    if (!*found) return OK;
    memcpy(m.currency, bound.currency, sizeof m.currency);
    TRY(incident_convert(&minor, found, c, m, str_of(gross.currency), c->today));
    *out = gross.i - minor;
    return OK;
}

/* ---- checks ---- */

Err incident_template_check(Ctx *c, const Saving *s) {
    const Record *r = s->after, *template;
    if (!incident_is_step(s, "validate") || !incident_is_empty(r, "impact_note")) return OK;
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    Value expected = record_get(template, "dimensions");
    for (size_t i = 0; i < expected.n; i++) {
        const Field *f = type_field(r->type, expected.list[i].s);
        if (f && str_is(r->values[f->index].s, "0"))
            return issue_arg(c, "impact_note", "expected",
                             N_("Say why there is none: such incidents usually have one (“{0}”)."),
                             TRS(c, f->label));
    }
    return OK;
}

static void check_row(Ctx *c, const Value *row) {
    enum { LEVEL, MEASURE, FROM, BELOW, ROLE, PERSON };
    bool role = row[ROLE].s.n > 0, person = row[PERSON].i != 0;
    if (role == person)
        issue(c, "approvers", "who", N_("Each line names a role or a person, one of them."));
    if (value_is_null(row[BELOW])) return;
    if (strcmp(row[FROM].currency, row[BELOW].currency) != 0)
        issue(c, "approvers", "currency", N_("Both amounts of a line are in one currency."));
    else if (row[BELOW].i <= row[FROM].i)
        issue(c, "approvers", "order", N_("A line ends above the amount at which it begins."));
}

/* Only who may read incidents can approve them. */
static bool reads_incidents(Str role) {
    for (const GrantDef *g = incident_type.grants; g->role; g++)
        if (str_is(role, g->role) && g->scope != SCOPE_OWN && (g->ops & OP_READ)) return true;
    return false;
}

Err incident_template_validate(Ctx *c, const Saving *s) {
    Value rows = record_get(s->after, "approvers"), told = record_get(s->after, "notify");
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        check_row(c, row);
        if (row[4].s.n && !reads_incidents(row[4].s))
            issue(c, "approvers", "role", N_("This role may not see incidents."));
    }
    for (size_t i = 0; i < told.n; i++)
        if (!reads_incidents(told.list[i].s))
            issue(c, "notify", "role", N_("This role may not see incidents."));
    return OK;
}

/* ---- by itself ---- */

static Err tell(Ctx *c, const Record *template, const Record *r) {
    Value roles = record_get(template, "notify");
    Text to = text_new(c->arena, 200);
    if (!roles.n) return OK;
    for (size_t i = 0; i < roles.n; i++) {
        if (to.n) text_char(&to, ' ');
        text_add(&to, roles.list[i].s);
    }
    Str key = str_fmt(c->arena, "category/%.*s/%.*s", FMT(record_number(c->arena, r)),
                      FMT(record_text(template, "code")));
    return work_tell(c, r, "incident.category", str_z(c->arena, text_str(&to)), key,
                     record_title(c, template));
}

/* A draft in the name of the system: the analyst of the unit completes it. */
static Err record_issue(Ctx *c, const Record *r) {
    const Type *t = model_type(c->model, S("issue"));
    Records known;
    Record *one, *saved;
    if (!t || !type_field(t, S("incident"))) return OK;
    TRY(record_where(&known, c, t, "incident", value_int(r->id), 1));
    if (known.n) return OK;
    one = record_new(c, t);
    one->unit = r->unit;
    one->is_restricted = r->is_restricted;
    one->owner = r->owner;
    one->created_by = c->actor->user;
    record_set(one, "title", value_text(record_title(c, r)));
    record_set(one, "source", value_text(S("incident")));
    record_set(one, "incident", value_int(r->id));
    record_set(one, "identified_on", value_text(c->today));
    record_set(one, "description", record_get(r, "description"));
    record_set(one, "root_cause", record_get(r, "primary_cause"));
    return record_save(&saved, c, one, "create");
}

Err incident_template_told(Ctx *c, const Saving *s) {
    const Record *before = s->before, *r = s->after, *template;
    bool found;
    int64_t over;
    bool is_known = !incident_state_is(r, "draft") && !(r->state->flags & STATE_CLOSED) &&
                    !c->is_quiet &&
                    (!before || incident_state_is(before, "draft") ||
                     !value_eq(record_get(before, "event_type"), record_get(r, "event_type")));
    if (!is_known && !incident_is_step(s, "validate")) return OK;
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    if (is_known) TRY(tell(c, template, r));
    if (!incident_is_step(s, "validate")) return OK;
    TRY(against(&found, &over, c, template, "issue_above", r));
    return found && over >= 0 ? record_issue(c, r) : OK;
}

/* ---- closing what is small ---- */

static Err close_one(bool *done, Ctx *c, int64_t id) {
    Record *r, *closed;
    const Record *template;
    Input in = {0};
    bool found;
    int64_t over;
    *done = false;
    TRY(record_load_raw(&r, c, model_need(c->model, "incident"), id));
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    TRY(against(&found, &over, c, template, "close_up_to", r));
    if (!found || over > 0) return OK;
    input_add(&in, c->arena, S("reason"), TRS(c, N_("Closed by its response template.")));
    c->issues = (Issues){0};
    Err e = record_move(&closed, c, r, "close", &in);
    *done = e == OK;
    c->issues = (Issues){0};
    return e == ERR_INVALID ? OK : e; /* something still stands against it */
}

Err incident_close_small(Ctx *c, Job *job) {
    enum { READ = 200, MOST = 500 };
    int64_t ids[READ], after = 0;
    size_t n = READ, closed = 0;
    (void)job;
    while (n == READ && closed < MOST) {
        TRY(incident_query_in_closure(ids, &n, READ, c, after));
        for (size_t i = 0; i < n; i++) {
            bool done;
            TRY(close_one(&done, c, ids[i]));
            closed += done;
            after = ids[i];
        }
    }
    return OK;
}

/* ---- beside the incident ---- */

Err incident_template_panel(Ctx *c, const Record *r, Block **out) {
    static const char *const lists[LANG_COUNT] = {"playbook_en", "playbook_fr", "playbook_ar"};
    const Record *template;
    FieldSet hidden;
    if (r->state->flags & STATE_CLOSED) return OK;
    TRY(access_hidden(&hidden, c, r->type, r));
    if (fieldset_has(hidden, type_need(r->type, "event_type")->index)) return OK;
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    Str list = record_text(template, lists[c->lang]);
    if (!list.n) list = record_text(template, "playbook_fr");
    Str note = incident_state_is(r, "approval") ? record_text(template, "approval_note") : (Str){0};
    if (!list.n && !note.n) return OK;
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("What to do")));
    (*out)->id = "playbook";
    (*out)->layout.text = record_title(c, template);
    if (note.n)
        view_put(
            c->arena, *out,
            view_text(c->arena, TEXT_NOTICE, TONE_INFO, TRS(c, N_("Note for approvers")), note));
    if (list.n)
        view_put(c->arena, *out, view_text(c->arena, TEXT_MARKDOWN, TONE_NONE, (Str){0}, list));
    return OK;
}

/* How long the service has been interrupted, while it is. */
Err incident_outage_panel(Ctx *c, const Record *r, Block **out) {
    int64_t from = record_int(r, "outage_from");
    bool runs = from && incident_is_empty(r, "outage_until") && !(r->state->flags & STATE_CLOSED) &&
                !c->as_of.n;
    if (!runs || from > c->now_us) return OK;
    int64_t minutes = (c->now_us - from) / 60000000;
    Str text = INCIDENT_FILL(c, TR(c, N_("{0} h {1} min so far")),
                             str_fmt(c->arena, "%lld", (long long)(minutes / 60)),
                             str_fmt(c->arena, "%02lld", (long long)(minutes % 60)));
    *out = view_text(c->arena, TEXT_NOTICE, TONE_BAD,
                     TRS(c, N_("The service is still interrupted")), text);
    return OK;
}
