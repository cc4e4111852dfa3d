/* rcsa_sections.c: what the module puts on record pages: the bow-tie and the losses of a risk, the
 * risks that a control holds, the risks that an incident probably realised. Knows no SQL and no
 * markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pages.h"
#include "modules/rcsa/rcsa_pages.h"
#include "modules/rcsa/rcsa_query.h"

enum { MOST_INCIDENTS = 30, MOST_ENTRIES = 30, MOST_RISKS = 50, MOST_SUGGESTIONS = 3 };

static Err taxon_name(Str *out, Ctx *c, int64_t id) {
    RefName name = {0};
    *out = (Str){0};
    if (!id) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "taxon"), id));
    *out = name.title;
    return OK;
}

/* ---- bow-tie ---- */

/* Causes or consequences: the words of the list, with the risk's own note under them. */
static Err taxon_nodes(GraphColumn *out, Ctx *c, Value rows, Str statement) {
    GraphNode *nodes = NEW_N(c->arena, GraphNode, rows.n + 1);
    if (statement.n) nodes[out->n++] = (GraphNode){.label = statement};
    for (size_t i = 0; i < rows.n; i++) {
        Str name;
        TRY(taxon_name(&name, c, rows.list[i].list[0].i));
        nodes[out->n++] = (GraphNode){.label = name, .note = rows.list[i].list[1].s};
    }
    out->nodes = nodes;
    return OK;
}

static Err is_hidden(bool *out, Ctx *c, const Record *r, const char *field) {
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, r->type, r));
    *out = fieldset_has(hidden, type_need(r->type, field)->index);
    return OK;
}

/* A control reports its last test first, then what the last assessment said of its operation. */
static Tone control_tone(const Record *control, Str operation) {
    if (!operation.n) return TONE_NONE;
    if (str_is(record_text(control, "last_test_result"), "failed")) return TONE_BAD;
    for (const Choice *x = rcsa_ratings; x->key; x++)
        if (str_is(operation, x->key)) return x->tone;
    return TONE_NONE;
}

static Str control_note(Ctx *c, const Record *control, Str rating, bool is_key) {
    Str operation =
        rating.n ? record_choice_words(c, type_need(control->type, "operation"), rating) : rating;
    if (is_key && operation.n)
        return RCSA_FILL(c, TR(c, N_("{0} · {1}")), TRS(c, N_("Key control")), operation);
    return is_key ? TRS(c, N_("Key control")) : operation;
}

/* Corrective controls stand after the event, all others before it. */
static Err control_nodes(GraphColumn *before, GraphColumn *after, Ctx *c, Value rows) {
    GraphNode *first = NEW_N(c->arena, GraphNode, rows.n + 1),
              *second = NEW_N(c->arena, GraphNode, rows.n + 1);
    const Type *t = model_need(c->model, "control");
    for (size_t i = 0; i < rows.n; i++) {
        Record *control;
        const Value *row = rows.list[i].list;
        bool hidden;
        TRY(record_load_raw(&control, c, t, row[RISK_CONTROL].i));
        TRY(is_hidden(&hidden, c, control, "operation"));
        Str rating = hidden ? (Str){0} : record_text(control, "operation");
        GraphNode node = {.label = record_title(c, control),
                          .key = record_number(c->arena, control),
                          .href = record_path(c->arena, control),
                          .note = control_note(c, control, rating, row[RISK_CONTROL_KEY].i != 0),
                          .tone = control_tone(control, rating)};
        if (str_is(record_text(control, "kind"), "corrective"))
            second[after->n++] = node;
        else
            first[before->n++] = node;
    }
    before->nodes = first;
    after->nodes = second;
    return OK;
}

Err rcsa_section_bow_tie(Ctx *c, const Record *risk, Block **out) {
    RcsaStatement words;
    Block *b = view_block(c->arena, BLOCK_GRAPH);
    GraphColumn *columns = NEW_N(c->arena, GraphColumn, 5);
    GraphNode *event = NEW(c->arena, GraphNode);
    Str none = TRS(c, N_("None named"));
    TRY(rcsa_statement(&words, c, risk));
    columns[0] = (GraphColumn){.name = "causes", .label = TRS(c, N_("Causes")), .empty_text = none};
    columns[1] = (GraphColumn){
        .name = "prevention", .label = TRS(c, N_("Prevent and detect")), .empty_text = none};
    columns[2] = (GraphColumn){.name = "event", .label = TRS(c, N_("Event")), .is_centre = true};
    columns[3] =
        (GraphColumn){.name = "correction", .label = TRS(c, N_("Correct")), .empty_text = none};
    columns[4] = (GraphColumn){
        .name = "consequences", .label = TRS(c, N_("Consequences")), .empty_text = none};
    TRY(taxon_nodes(&columns[0], c, record_get(risk, "causes"), words.cause));
    TRY(control_nodes(&columns[1], &columns[3], c, record_get(risk, "controls")));
    *event = (GraphNode){.label = words.event.n ? words.event : record_title(c, risk)};
    columns[2].nodes = event;
    columns[2].n = 1;
    TRY(taxon_nodes(&columns[4], c, record_get(risk, "consequences"), words.effect));
    b->graph = (GraphView){.columns = columns, .n = 5};
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Bow-tie")));
    (*out)->id = "bow-tie";
    if (words.cause.n && words.event.n && words.effect.n)
        (*out)->layout.text = rcsa_statement_text(c, &words);
    view_put(c->arena, *out, b);
    return OK;
}

/* ---- losses ---- */

static Err load_all(Records *out, Ctx *c, const char *type, const RcsaIds *ids) {
    const Type *t = model_need(c->model, type);
    *out = (Records){0};
    for (size_t i = 0; i < ids->n; i++) {
        Record *r;
        Err e = record_load(&r, c, t, ids->items[i]);
        if (e == ERR_MISSING || e == ERR_DENIED) continue;
        TRY(e);
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
    return OK;
}

static Err put_records(Block *into, Ctx *c, const char *type, const Records *list,
                       const char *const *columns, size_t n, const char *id) {
    Block *b;
    TRY(page_records_list(c, model_need(c->model, type), list, columns, n, &b));
    b->id = id;
    view_put(c->arena, into, b);
    return OK;
}

/* The incidents that realised the risk and what was booked for them, as far as the reader sees
 * them. */
Err rcsa_section_losses(Ctx *c, const Record *risk, Block **out) {
    static const char *const incident_columns[] = {"number", "title", "discovered_on", "event_kind",
                                                   "gross",  "net",   "state"};
    static const char *const entry_columns[] = {"number",    "incident", "kind",
                                                "booked_on", "amount",   "amount_group"};
    RcsaIds ids;
    Records incidents, entries;
    if (!model_type(c->model, S("incident"))) return OK;
    TRY(rcsa_query_incidents(&ids, c, risk->id, MOST_INCIDENTS));
    TRY(load_all(&incidents, c, "incident", &ids));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Incidents and losses of this risk")));
    (*out)->id = "losses";
    if (!incidents.n) {
        view_put(c->arena, *out,
                 view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                           TRS(c, N_("No incident is linked to this risk."))));
        return OK;
    }
    TRY(put_records(*out, c, "incident", &incidents, incident_columns, LENGTH(incident_columns),
                    "incidents"));
    TRY(rcsa_query_entries(&ids, c, risk->id, MOST_ENTRIES));
    TRY(load_all(&entries, c, "financial_entry", &ids));
    if (!entries.n) return OK;
    Block *booked = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Loss entries")));
    booked->layout.is_folded = entries.n > 10;
    TRY(put_records(booked, c, "financial_entry", &entries, entry_columns, LENGTH(entry_columns),
                    "entries"));
    view_put(c->arena, *out, booked);
    return OK;
}

/* ---- control ---- */

Err rcsa_section_control(Ctx *c, const Record *control, Block **out) {
    static const char *const columns[] = {"number",         "title",          "unit",
                                          "inherent_level", "residual_level", "state"};
    RcsaIds ids;
    Records risks;
    TRY(rcsa_query_risks_of_control(&ids, c, control->id, MOST_RISKS));
    TRY(load_all(&risks, c, "risk", &ids));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Risks that it holds")));
    (*out)->id = "risks";
    if (!risks.n) {
        view_put(c->arena, *out,
                 view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                           TRS(c, N_("No risk names this control."))));
        return OK;
    }
    return put_records(*out, c, "risk", &risks, columns, LENGTH(columns), "held");
}

/* ---- incident ---- */

static Err may_link(bool *out, Ctx *c, const Record *incident) {
    const Access *a;
    *out = false;
    if (c->as_of.n || c->actor->is_read_only || (incident->state->flags & STATE_VOID)) return OK;
    TRY(access_of(&a, c, model_need(c->model, "incident_risk"), OP_CREATE));
    for (size_t i = 0; i < a->n && !*out; i++) {
        const AccessRule *rule = &a->rules[i];
        if (incident->is_restricted && !rule->grant->restricted) continue;
        *out = rule->all;
        for (size_t k = 0; k < rule->n_units && !*out; k++) *out = rule->units[k] == incident->unit;
    }
    *out = *out || a->everything;
    return OK;
}

void rcsa_announce_incident(Ctx *c, const Record *incident) {
    bool may;
    if (!model_type(c->model, S("incident_risk"))) return;
    if (may_link(&may, c, incident) == OK && may) rcsa_query_suggestions_announce(c, incident);
}

/* Beside an incident: the risks of its pattern in its unit, each a click away from being linked. */
Err rcsa_panel_incident(Ctx *c, const Record *incident, Block **out) {
    RcsaIds ids;
    Records risks;
    bool may;
    if (!model_type(c->model, S("incident_risk"))) return OK;
    TRY(may_link(&may, c, incident));
    if (!may) return OK;
    TRY(rcsa_query_suggestions(&ids, c, incident, MOST_SUGGESTIONS));
    TRY(load_all(&risks, c, "risk", &ids));
    if (!risks.n) return OK;
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Probably this risk")));
    (*out)->id = "probable-risks";
    for (size_t i = 0; i < risks.n; i++) {
        RefName unit = {0};
        const Record *r = risks.items[i];
        TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
        Block *b = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                             RCSA_FILL(c, TR(c, N_("{0}, {1}")), record_title(c, r), unit.title));
        b->text.button =
            (Button){.label = TRS(c, N_("Link to this risk")),
                     .href = str_fmt(c->arena, "/incident_risks/new?incident=%.*s&risk=%.*s",
                                     FMT(record_number(c->arena, incident)),
                                     FMT(record_number(c->arena, r))),
                     .asks = true,
                     .icon = "link"};
        view_put(c->arena, *out, b);
    }
    return OK;
}
