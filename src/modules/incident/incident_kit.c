/* incident_kit.c: what the reports of the module share beside model/report.h: periods and states.
 * Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/incident/incident_pages.h"

/* clang-format off */
const Choice incident_kit_periods[] = {
    {"ytd", N_("This year"), 0}, {"qtd", N_("This quarter"), 0}, {"rolling_12", N_("12 months"), 0}, {"rolling_36", N_("36 months"), 0},
    {"rolling_120", N_("10 years"), 0}, {"custom", N_("From … to …"), 0}, {0}
};
const Choice incident_kit_steps[] = {{"month", N_("Months"), 0}, {"quarter", N_("Quarters"), 0}, {"year", N_("Years"), 0}, {0}};
/* clang-format on */

Str incident_kit_first_day(Ctx *c, int32_t month) {
    return str_fmt(c->arena, "%04d-%02d-01", (int)(month / 12), (int)(month % 12 + 1));
}

Str incident_kit_last_day(Ctx *c, int32_t month) {
    int64_t days = date_to_days((month + 1) / 12, (month + 1) % 12 + 1, 1);
    return date_text(c->arena, days - 1);
}

Err incident_kit_as_of(Str *out, Ctx *c, const Input *query) {
    int64_t days;
    Str typed = str_trim(input_getz(query, "as_of"));
    *out = c->as_of;
    if (!typed.n) return OK;
    if (!date_parse(&days, typed) && !date_parse_loose(&days, typed))
        return issue(c, "as_of", "bad_value", N_("This is not a date, for example 31/03/2026."));
    *out = date_text(c->arena, days);
    return OK;
}

static Err read_month(int32_t *out, Ctx *c, const Input *query, const char *name,
                      int32_t otherwise) {
    int64_t days;
    Str typed = str_trim(input_getz(query, name));
    *out = otherwise;
    if (!typed.n) return OK;
    if (!date_parse(&days, typed) && !date_parse_loose(&days, typed))
        return issue(c, name, "bad_value", N_("This is not a date, for example 31/03/2026."));
    *out = report_month(date_text(c->arena, days));
    return OK;
}

Err incident_kit_period(Period *out, Ctx *c, const Input *query, const char *otherwise) {
    Str as_of, name = str_trim(input_getz(query, "period"));
    TRY(incident_kit_as_of(&as_of, c, query));
    bool has_days = input_getz(query, "from").n || input_getz(query, "to").n;
    if (!name.n || has_days) name = has_days ? S("custom") : str_of(otherwise);
    const Choice *ch = incident_kit_periods;
    while (ch->key && !str_is(name, ch->key)) ch++;
    if (!ch->key) return issue(c, "period", "bad_value", N_("This is none of the choices."));
    int32_t now = report_month(as_of.n ? as_of : c->today);
    *out = (Period){.name = name, .label = TRS(c, ch->label), .last = now, .first = now};
    if (str_is(name, "ytd")) out->first = now / 12 * 12;
    if (str_is(name, "qtd")) out->first = now / 3 * 3;
    if (str_is(name, "rolling_12")) out->first = now - 11;
    if (str_is(name, "rolling_36")) out->first = now - 35;
    if (str_is(name, "rolling_120")) out->first = now - 119;
    if (str_is(name, "custom")) {
        TRY(read_month(&out->first, c, query, "from", now - 11));
        TRY(read_month(&out->last, c, query, "to", now));
    }
    if (out->first < 12 * 1900 || out->first > out->last || out->last - out->first > 12 * 200)
        return issue(c, "from", "order",
                     N_("The period ends before it begins, or it is too long."));
    out->from = incident_kit_first_day(c, out->first);
    out->to = incident_kit_last_day(c, out->last);
    return OK;
}

/* Periods side by side; the one of typed days is there only while it is in force. */
size_t incident_kit_period_fields(FormField *out, Ctx *c, const Period *p) {
    bool is_custom = str_is(p->name, "custom");
    out[0] = report_choice(c, "period", N_("Period"), incident_kit_periods, p->name);
    out[0].as_cards = true;
    out[0].n_options -= !is_custom;
    out[1] = report_text(c, "from", N_("From"), INPUT_DATE, is_custom ? p->from : (Str){0});
    out[2] = report_text(c, "to", N_("To"), INPUT_DATE, is_custom ? p->to : (Str){0});
    out[1].only_if = out[2].only_if = S("period=custom");
    return 3;
}

Str incident_kit_states(Ctx *c, const Type *t) {
    Text names = text_new(c->arena, 1000);
    for (size_t i = 0; i < t->n_states; i++) {
        if ((t->states[i].flags & STATE_VOID) || strcmp(t->states[i].name, "draft") == 0) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, t->states[i].name);
    }
    return text_str(&names);
}

Fact incident_kit_fact(const char *name, Str label, Cell cell) {
    return (Fact){.name = name, .label = label, .cell = cell};
}

Str incident_kit_step_label(Ctx *c, int32_t first, int months) {
    int year = first / 12, month = first % 12 + 1;
    if (months == 12) return str_fmt(c->arena, "%d", year);
    if (months == 3)
        return INCIDENT_FILL(c, TR(c, N_("Q{0} {1}")), str_fmt(c->arena, "%d", (month - 1) / 3 + 1),
                             str_fmt(c->arena, "%d", year));
    return str_fmt(c->arena, "%02d/%d", month, year);
}

Err incident_kit_choice(Str *out, Ctx *c, const Input *query, const char *name,
                        const Choice *list) {
    *out = str_trim(input_getz(query, name));
    if (!out->n) *out = str_of(list[0].key);
    for (; list->key; list++)
        if (str_is(*out, list->key)) return OK;
    return issue(c, name, "bad_value", N_("This is none of the choices."));
}

Str incident_kit_events(Ctx *c, Str from, Str to, const char *more) {
    Str href = str_fmt(c->arena, "/incidents?%s%sdiscovered_on.ge=%.*s&discovered_on.le=%.*s", more,
                       more[0] ? "&" : "", FMT(from), FMT(to));
    return report_link(c, href, "state.in",
                       incident_kit_states(c, model_need(c->model, "incident")));
}

Str incident_kit_minor(Ctx *c, int64_t minor, Str currency) {
    Money m = {.minor = minor};
    memcpy(m.currency, currency.p, currency.n < 4 ? currency.n : 3);
    return money_text(c->arena, m);
}

Str incident_kit_caption(Ctx *c, Str from, Str to, Str currency) {
    return INCIDENT_FILL(c, TR(c, N_("{0} to {1}, in {2}")), report_day_words(c, from),
                         report_day_words(c, to), currency);
}

Block *incident_kit_how(Ctx *c, Str text) {
    Block *b = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("How these figures are made")));
    b->layout.is_folded = true;
    view_put(c->arena, b, view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0}, text));
    return b;
}
