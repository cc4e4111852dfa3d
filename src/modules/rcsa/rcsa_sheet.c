/* rcsa_sheet.c: the page on which a unit answers for all its risks: four questions a risk, with
 * what happened since the last time beside them. What is answered is kept, what is complete is
 * submitted, the rest stays on the page with what is missing. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

enum { SHEET_MOST = 300, FIELDS_MOST = 4 + CALC_CONTROLS + RULE_COUNT + 1 };

typedef struct Sheet {
    Ctx *c;
    Record *campaign; /* NULL: none is open */
    RcsaIds ids;
    Str unit; /* code as asked; empty: all that the reader answers for */
    const Input *typed;
} Sheet;

/* ---- what is asked ---- */

static Err sheet_open(Sheet *s, Ctx *c, const Input *in) {
    RcsaAsked asked;
    *s = (Sheet){.c = c, .typed = in};
    TRY(rcsa_asked(&asked, c, in));
    s->campaign = asked.of_campaign;
    s->unit = asked.unit;
    if (!s->campaign) {
        RcsaIds open;
        TRY(rcsa_query_open_campaigns(&open, c));
        if (!open.n) return OK;
        TRY(record_load_raw(&s->campaign, c, model_need(c->model, "rcsa_campaign"), open.items[0]));
    }
    return rcsa_query_sheet(&s->ids, c, s->campaign->id, asked.filter.units, asked.filter.n_units,
                            SHEET_MOST);
}

static Str name_of(const Sheet *s, const Record *r, const char *field) {
    return str_fmt(s->c->arena, "a%lld.%s", (long long)r->id, field);
}

static Str nth_name(const Sheet *s, const Record *r, const char *field, size_t i) {
    return str_fmt(s->c->arena, "a%lld.%s%zu", (long long)r->id, field, i + 1);
}

/* What was typed, else what is stored. */
static Str value_of(const Sheet *s, Str name, Str stored) {
    return input_has(s->typed, name) ? input_get(s->typed, name) : stored;
}

/* ---- fields ---- */

static FormField radio(const Sheet *s, Str name, Str label, Str stored, size_t n,
                       FilterOption *options) {
    Str *value = NEW(s->c->arena, Str);
    *value = value_of(s, name, stored);
    for (size_t i = 0; i < n; i++) options[i].is_chosen = str_eq(options[i].value, *value);
    return (FormField){.name = name,
                       .label = label,
                       .kind = INPUT_CHOICE,
                       .as_cards = true,
                       .values = value,
                       .n_values = value->n ? 1 : 0,
                       .options = options,
                       .n_options = n};
}

static FormField choice_radio(const Sheet *s, Str name, Str label, Str stored,
                              const Choice *choices) {
    size_t n = 0;
    while (choices[n].key) n++;
    FilterOption *o = NEW_N(s->c->arena, FilterOption, n);
    for (size_t i = 0; i < n; i++)
        o[i] =
            (FilterOption){.value = str_of(choices[i].key), .label = TRS(s->c, choices[i].label)};
    return radio(s, name, label, stored, n, o);
}

static FormField level_radio(const Sheet *s, const Record *r, const char *field, Str label,
                             const Str *names, const Str *anchors, int n) {
    FilterOption *o = NEW_N(s->c->arena, FilterOption, (size_t)n);
    for (int i = 0; i < n; i++) {
        o[i].value = rcsa_int(s->c, i + 1);
        o[i].label = anchors[i].n ? RCSA_FILL(s->c, TR(s->c, N_("{0} {1}: {2}")), o[i].value,
                                              names[i], anchors[i])
                                  : RCSA_FILL(s->c, TR(s->c, N_("{0} {1}")), o[i].value, names[i]);
    }
    int64_t stored = record_int(r, field);
    return radio(s, name_of(s, r, field), label, stored ? rcsa_int(s->c, stored) : (Str){0},
                 (size_t)n, o);
}

static FormField text_field(const Sheet *s, Str name, Str label, Str stored) {
    Str *value = NEW(s->c->arena, Str);
    *value = value_of(s, name, stored);
    return (FormField){.name = name,
                       .label = label,
                       .kind = INPUT_TEXT,
                       .values = value,
                       .n_values = value->n ? 1 : 0,
                       .max_length = 1000};
}

static void put_errors(const Sheet *s, FormField *f) {
    const Issues *all = &s->c->issues;
    Str *errors = NEW_N(s->c->arena, Str, all->n + 1);
    for (size_t i = 0; i < all->n; i++)
        if (!all->items[i].is_warning && str_eq(all->items[i].field, f->name))
            errors[f->n_errors++] = issue_text(s->c, &all->items[i]);
    f->errors = errors;
}

static Err control_fields(FormField *f, size_t *n, const Sheet *s, const Record *r) {
    Value rows = record_get(r, "controls");
    for (size_t i = 0; i < rows.n && i < CALC_CONTROLS; i++) {
        const Value *row = rows.list[i].list;
        RefName control = {0};
        TRY(ref_name(&control, s->c, model_need(s->c->model, "control"), row[RISK_CONTROL].i));
        Str title = control.found ? control.title : TRS(s->c, N_("A control"));
        const char *words = row[RISK_CONTROL_KEY].i ? N_("Does it work? {0} (key control)")
                                                    : N_("Does it work? {0}");
        f[(*n)++] =
            choice_radio(s, nth_name(s, r, "control", i), RCSA_FILL(s->c, TR(s->c, words), title),
                         row[ASSESS_OPERATION].s, rcsa_ratings);
    }
    return OK;
}

static void answer_fields(FormField *f, size_t *n, const Sheet *s, const Record *r) {
    Value rows = record_get(r, "contradictions");
    for (size_t i = 0; i < rows.n && i < RULE_COUNT; i++) {
        const Value *row = rows.list[i].list;
        f[*n] = text_field(s, nth_name(s, r, "answer", i), rcsa_contradiction_text(s->c, row),
                           row[ASSESS_ANSWER].s);
        f[*n].help = TRS(s->c, N_("Answer this, or change your opinion."));
        f[(*n)++].is_required = true;
    }
}

/* " Indicators in the red: 1, in the amber: 2. Controls whose last test failed: 1." */
static void watched_text(Text *t, Ctx *c, const Record *r) {
    int64_t red = record_int(r, "red_indicators"), amber = record_int(r, "amber_indicators"),
            failed = record_int(r, "failed_tests"), overdue = record_int(r, "overdue_actions");
    if (red || amber)
        text_fmt(t, " %.*s",
                 FMT(RCSA_FILL(c, TR(c, N_("Indicators in the red: {0}, in the amber: {1}.")),
                               rcsa_int(c, red), rcsa_int(c, amber))));
    if (failed)
        text_fmt(t, " %.*s",
                 FMT(RCSA_FILL(c, TR(c, N_("Controls whose last test failed: {0}.")),
                               rcsa_int(c, failed))));
    if (overdue)
        text_fmt(t, " %.*s",
                 FMT(RCSA_FILL(c, TR(c, N_("Overdue actions: {0}.")), rcsa_int(c, overdue))));
}

/* "Since 12/03/2026: 4 losses, 310 000 MAD; 1 near miss. Last time: medium." */
static Err evidence_text(Str *out, const Sheet *s, const Record *r, const Record *risk,
                         const RcsaMethod *m) {
    Ctx *c = s->c;
    Text t = text_new(c->arena, 4000);
    RcsaStatement words;
    int64_t last = 0;
    TRY(rcsa_statement(&words, c, risk));
    Str statement = rcsa_statement_text(c, &words), level = record_text(r, "previous_level");
    if (statement.n) text_fmt(&t, "%.*s\n", FMT(statement));
    text_add(
        &t,
        RCSA_FILL(
            c,
            TR(c,
               N_("Twelve months: losses {0}, together {1}; near misses {2}; open actions {3}.")),
            rcsa_int(c, record_int(r, "losses")),
            rcsa_money_words(c, record_get(r, "losses_gross").i, m->currency),
            rcsa_int(c, record_int(r, "near_misses")), rcsa_int(c, record_int(r, "open_actions"))));
    watched_text(&t, c, r);
    if (level.n && str_to_int(&last, level) && last <= m->calc.n_classes)
        text_fmt(&t, " %.*s",
                 FMT(RCSA_FILL(c, TR(c, N_("Last time: {0}.")), m->classes[last - 1])));
    *out = text_str(&t);
    return OK;
}

static Err risk_group(FormGroup *out, const Sheet *s, const Record *r) {
    Ctx *c = s->c;
    RcsaMethod m;
    Record *risk;
    FormField *f = NEW_N(c->arena, FormField, FIELDS_MOST + 2);
    Str *version = NEW(c->arena, Str);
    size_t n = 0;
    TRY(rcsa_method_load(&m, c, record_int(r, "method")));
    TRY(record_load_raw(&risk, c, model_need(c->model, "risk"), record_int(r, "risk")));
    *version = rcsa_int(c, r->version);
    f[n++] = (FormField){
        .name = name_of(s, r, "version"), .kind = INPUT_HIDDEN, .values = version, .n_values = 1};
    f[n++] =
        choice_radio(s, name_of(s, r, "still_true"), TRS(c, N_("Is it still true?")),
                     record_text(r, "still_true"), type_field(r->type, S("still_true"))->choices);
    f[n++] =
        level_radio(s, r, "inherent_likelihood", TRS(c, N_("How often, without the controls?")),
                    m.likelihoods, m.likelihood_anchors, m.calc.n_likelihood);
    f[n++] = level_radio(s, r, "inherent_impact", TRS(c, N_("How bad, without the controls?")),
                         m.impacts, m.impact_anchors, m.calc.n_impact);
    TRY(control_fields(f, &n, s, r));
    if (str_is(record_text(r, "still_true"), "changed") || record_text(r, "comment").n)
        f[n++] = text_field(s, name_of(s, r, "comment"), TRS(c, N_("What has changed?")),
                            record_text(r, "comment"));
    answer_fields(f, &n, s, r);
    for (size_t i = 0; i < n; i++) put_errors(s, &f[i]);
    *out = (FormGroup){.label = str_fmt(c->arena, "%.*s %.*s", FMT(record_number(c->arena, risk)),
                                        FMT(record_title(c, risk))),
                       .fields = f,
                       .n = n};
    return evidence_text(&out->text, s, r, risk, &m);
}

/* ---- the page ---- */

static Err sheet_form(Block **out, const Sheet *s) {
    Ctx *c = s->c;
    const Type *t = model_need(c->model, "assessment");
    FormGroup *g = NEW_N(c->arena, FormGroup, s->ids.n + 1);
    FormField *where = NEW_N(c->arena, FormField, 2);
    Str *values = NEW_N(c->arena, Str, 2);
    size_t n = 1;
    values[0] = record_number(c->arena, s->campaign);
    values[1] = s->unit;
    where[0] = (FormField){
        .name = S("campaign"), .kind = INPUT_HIDDEN, .values = &values[0], .n_values = 1};
    where[1] =
        (FormField){.name = S("unit"), .kind = INPUT_HIDDEN, .values = &values[1], .n_values = 1};
    g[0] = (FormGroup){
        .text = record_text(s->campaign, "message"), .fields = where, .n = s->unit.n ? 2 : 1};
    for (size_t i = 0; i < s->ids.n; i++) {
        Record *r;
        TRY(record_load(&r, c, t, s->ids.items[i]));
        TRY(risk_group(&g[n++], s, r));
    }
    *out = view_block(c->arena, BLOCK_FORM);
    (*out)->form = (FormView){.action = S("/assess"),
                              .groups = g,
                              .n_groups = n,
                              .is_sheet = true,
                              .autosave = true,
                              .submit_label = TRS(c, N_("Keep, and submit what is complete"))};
    return OK;
}

Err rcsa_page_sheet(Ctx *c, const PageArgs *args, Page *out) {
    Sheet s;
    Block *b;
    TRY(sheet_open(&s, c, args->query));
    out->title = TRS(c, N_("Assess my risks"));
    if (!s.campaign || !s.ids.n) {
        out->body = out->main =
            view_text(c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("Nothing is asked of you now")),
                      TRS(c, N_("When a campaign opens, the risks of your unit stand here.")));
        return OK;
    }
    TRY(sheet_form(&b, &s));
    out->subtitle = record_title(c, s.campaign);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(
        c->arena, out->body,
        view_text(
            c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
            RCSA_FILL(
                c,
                TR(c,
                   N_("Risks to assess: {0}. The digits choose an answer and go to the next question.")),
                rcsa_int(c, (int64_t)s.ids.n))));
    view_put(c->arena, out->body, b);
    out->main = b;
    return OK;
}

/* ---- what comes back ---- */

static void send(Input *in, const Sheet *s, const Record *r, const char *field) {
    Str name = name_of(s, r, field);
    if (input_has(s->typed, name))
        input_add(in, s->c->arena, str_of(field), input_get(s->typed, name));
}

/* Rows as the record takes them: which controls there are is the record's own affair. */
static void send_controls(Input *in, const Sheet *s, const Record *r) {
    const Field *f = type_field(r->type, S("controls"));
    Value rows = record_get(r, "controls");
    for (size_t i = 0; i < rows.n && i < CALC_CONTROLS; i++) {
        const Value *row = rows.list[i].list;
        Str said = input_get(s->typed, nth_name(s, r, "control", i));
        bool same = str_eq(said, row[ASSESS_OPERATION].s);
        for (size_t k = 0; k <= ASSESS_NOTE; k++) {
            Str value = field_text_stored(s->c, &f->rows[k], row[k]);
            if (k == ASSESS_OPERATION) value = said;
            if (k == ASSESS_DESIGN && !same && str_eq(row[k].s, row[ASSESS_OPERATION].s))
                value = said;
            input_add(in, s->c->arena, str_fmt(s->c->arena, "controls[%zu].%s", i, f->rows[k].name),
                      value);
        }
    }
}

static void send_answers(Input *in, const Sheet *s, const Record *r) {
    Value rows = record_get(r, "contradictions");
    const Field *f = type_field(r->type, S("contradictions"));
    for (size_t i = 0; i < rows.n && i < RULE_COUNT; i++) {
        Str answer = nth_name(s, r, "answer", i);
        for (size_t k = 0; k < ASSESS_ANSWER; k++) {
            Str value = field_text_stored(s->c, &f->rows[k], rows.list[i].list[k]);
            if (f->rows[k].kind == KIND_MONEY) continue; /* worked out anew */
            input_add(in, s->c->arena,
                      str_fmt(s->c->arena, "contradictions[%zu].%s", i, f->rows[k].name), value);
        }
        input_add(in, s->c->arena, str_fmt(s->c->arena, "contradictions[%zu].answer", i),
                  input_get(s->typed, answer));
    }
}

/* Issues of one record get the names that the fields have on the page. */
static void rename_issues(const Sheet *s, const Record *r, size_t from) {
    static const char *const rows[][2] = {{"controls[", "control"}, {"contradictions[", "answer"}};
    Issues *all = &s->c->issues;
    for (size_t i = from; i < all->n; i++) {
        Str field = all->items[i].field;
        Str name = str_fmt(s->c->arena, "a%lld.%.*s", (long long)r->id, FMT(field));
        for (size_t k = 0; k < LENGTH(rows); k++) {
            Str start = str_of(rows[k][0]);
            if (!str_starts(field, start) || field.n <= start.n) continue;
            name = nth_name(s, r, rows[k][1], (size_t)(field.p[start.n] - '0'));
        }
        all->items[i].field = name;
    }
}

static Err submit(Ctx *c, Record *r) {
    Input none = {0};
    Record *moved;
    size_t kept = c->issues.n, errors = c->issues.errors;
    TRY(db_savepoint(c->db));
    Err e = record_move(&moved, c, r, "submit", &none);
    if (e == OK) return db_release(c->db);
    db_rollback_to(c->db);
    if (e != ERR_INVALID) return e;
    c->issues.n = kept; /* what is missing is shown by the page itself */
    c->issues.errors = errors;
    return OK;
}

static Err take(const Sheet *s, Record *r) {
    Ctx *c = s->c;
    Input in = {0};
    Record *saved = NULL;
    int64_t version = 0;
    size_t from = c->issues.n;
    if (!str_to_int(&version, input_get(s->typed, name_of(s, r, "version")))) return OK;
    if (!input_get(s->typed, name_of(s, r, "still_true")).n) return OK;
    send(&in, s, r, "still_true");
    send(&in, s, r, "inherent_likelihood");
    send(&in, s, r, "inherent_impact");
    send(&in, s, r, "comment");
    send_controls(&in, s, r);
    send_answers(&in, s, r);
    Err e = record_update(&saved, c, r, version, &in);
    if (e == ERR_INVALID || e == ERR_CONFLICT) {
        rename_issues(s, r, from);
        return ERR_INVALID;
    }
    TRY(e);
    return submit(c, saved);
}

Err rcsa_post_sheet(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Sheet s;
    (void)args;
    TRY(sheet_open(&s, c, form));
    if (!s.campaign) return ERR_MISSING;
    RcsaScratch scratch = rcsa_scratch_begin(c);
    Err e = OK;
    for (size_t i = 0; i < s.ids.n && (!e || e == ERR_INVALID); i++) {
        Record *r;
        rcsa_scratch_next(&scratch);
        e = record_load(&r, c, model_need(c->model, "assessment"), s.ids.items[i]);
        if (!e) e = take(&s, r);
    }
    rcsa_scratch_end(&scratch);
    if (e && e != ERR_INVALID) return e;
    if (c->issues.errors) return ERR_INVALID;
    *redirect = report_link(c, S("/assess"), "campaign", record_number(c->arena, s.campaign));
    if (s.unit.n) *redirect = report_link(c, *redirect, "unit", s.unit);
    return OK;
}
