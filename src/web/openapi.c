/* openapi.c: the description of the API, made from the effective model as OpenAPI 3.1: every
 * address with its parameters, bodies and answers. Only types that the reader may see are
 * described. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/openapi.h"

/* ---- parts of an operation ---- */

static void key_ref(Json *j, const char *key, const char *path) {
    json_keyz(j, key);
    json_object(j);
    openapi_text(j, "$ref", path);
    json_end_object(j);
}

static void parameter(Json *j, const char *name, const char *where, bool required, const char *type,
                      const char *text) {
    json_object(j);
    openapi_text(j, "name", name);
    openapi_text(j, "in", where);
    json_keyz(j, "required");
    json_bool(j, required);
    openapi_text(j, "description", text);
    json_keyz(j, "schema");
    json_object(j);
    openapi_text(j, "type", type);
    json_end_object(j);
    json_end_object(j);
}

static void content(Json *j, Web *w, const char *name, const char *suffix) {
    json_keyz(j, "content");
    json_object(j);
    json_keyz(j, "application/json");
    json_object(j);
    json_keyz(j, "schema");
    openapi_ref(j, w, name, suffix);
    json_end_object(j);
    json_end_object(j);
}

static void problems(Json *j, const char *const *codes) {
    for (size_t i = 0; codes[i]; i++) key_ref(j, codes[i], "#/components/responses/Problem");
}

static void answer(Json *j, Web *w, const char *code, const char *text, const char *name,
                   const char *suffix) {
    json_keyz(j, code);
    json_object(j);
    openapi_text(j, "description", text);
    content(j, w, name, suffix);
    json_end_object(j);
}

/* The proposal, or its number alone for who may not read proposals. */
static void proposed(Json *j, Web *w, const Type *t) {
    if (!(t->flags & TYPE_TWO_PERSONS)) return;
    const Type *proposal = model_type(w->c->model, S("change_request"));
    bool seen = proposal && openapi_described(w, proposal);
    answer(j, w, "202", "Proposed: a second person decides.", seen ? proposal->name : "Number", "");
}

static void operation(Json *j, Web *w, const Type *t, const char *method, const char *verb,
                      const char *summary) {
    json_keyz(j, method);
    json_object(j);
    json_keyz(j, "operationId");
    json_str(j, str_fmt(w->arena, "%s_%s", verb, t->name));
    openapi_text(j, "summary", summary);
    json_keyz(j, "tags");
    json_array(j);
    json_strz(j, t->plural);
    json_end_array(j);
}

static void request_body(Json *j, Web *w, const char *name, const char *suffix) {
    json_keyz(j, "requestBody");
    json_object(j);
    json_keyz(j, "required");
    json_bool(j, true);
    content(j, w, name, suffix);
    json_end_object(j);
}

static const char *const read_problems[] = {"401", "403", "404", "422", "429", NULL};
static const char *const write_problems[] = {"400", "401", "403", "404", "409",
                                             "415", "422", "429", NULL};
static const char *const patch_problems[] = {"401", "403", "404", "409", "415",
                                             "422", "428", "429", NULL};

/* ---- addresses ---- */

static void list_parameters(Json *j, const Type *t) {
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "limit", "query", false, "integer", "Rows of a page, 1 to 500.");
    parameter(j, "after", "query", false, "string", "Cursor: `next` of the page before.");
    parameter(j, "sort", "query", false, "string", "FIELD or -FIELD; sorted fields only.");
    parameter(j, "q", "query", false, "string", "Words to search for.");
    parameter(j, "as_of", "query", false, "string", "Date: as recorded at the end of that day.");
    parameter(j, "state", "query", false, "string",
              "Name of a state; state.open=1 for all open ones.");
    for (size_t i = 0; i < t->n_conditions; i++)
        parameter(j, t->conditions[i].name, "query", false, "boolean",
                  "Worked out for today, or for as_of.");
    for (size_t i = 0; i < t->n_readings; i++)
        parameter(
            j, t->readings[i].name, "query", false, "string",
            "Code; also .in (comma separated) and .under. Worked out for today, or for as_of.");
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].flags & F_FILTER)
            parameter(j, t->fields[i].name, "query", false, "string",
                      "Also with .ge, .le, .in (comma separated), .under (trees) and .empty=1.");
    json_end_array(j);
}

static void number_parameter(Json *j, bool match) {
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "number", "path", true, "string", "Number or code of the record.");
    if (match)
        parameter(j, "If-Match", "header", true, "string", "ETag of the version that was read.");
    json_end_array(j);
}

static void collection_path(Json *j, Web *w, const Type *t) {
    json_key(j, str_fmt(w->arena, "/api/v1/%s", t->plural));
    json_object(j);
    operation(j, w, t, "get", "list", "List");
    list_parameters(j, t);
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "One page of records.", t->name, "_list");
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    operation(j, w, t, "post", "create", "Create");
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "Idempotency-Key", "header", true, "string",
              "Unique per account; a repeat within 7 days gets the same answer.");
    json_end_array(j);
    request_body(j, w, t->name, "_input");
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "201", "Created.", t->name, "");
    proposed(j, w, t);
    problems(j, write_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

static void comments_path(Json *j, Web *w, const Type *t) {
    json_key(j, str_fmt(w->arena, "/api/v1/%s/{number}/comments", t->plural));
    json_object(j);
    operation(j, w, t, "get", "comments", "What people wrote about it");
    number_parameter(j, false);
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "Newest first.", "History", "");
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    operation(j, w, t, "post", "comment", "Write a comment");
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "number", "path", true, "string", "Number or code of the record.");
    parameter(j, "Idempotency-Key", "header", true, "string",
              "Unique per account; a repeat within 7 days gets the same answer.");
    json_end_array(j);
    request_body(j, w, "Comment", "");
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "201", "All comments, the new one first.", "History", "");
    problems(j, write_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

static void record_path_json(Json *j, Web *w, const Type *t) {
    json_key(j, str_fmt(w->arena, "/api/v1/%s/{number}", t->plural));
    json_object(j);
    operation(j, w, t, "get", "get", "Read one");
    number_parameter(j, false);
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "The record; ETag is its version.", t->name, "");
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    operation(j, w, t, "patch", "update", "Change");
    number_parameter(j, true);
    request_body(j, w, t->name, "_change");
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "The record after the change.", t->name, "");
    proposed(j, w, t);
    problems(j, patch_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
    json_key(j, str_fmt(w->arena, "/api/v1/%s/{number}/history", t->plural));
    json_object(j);
    operation(j, w, t, "get", "history", "Entries of the history chain");
    number_parameter(j, false);
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "Newest first.", "History", "");
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
    comments_path(j, w, t);
}

static void step_body(Json *j, Web *w, const Type *t, const Transition *x) {
    json_keyz(j, "requestBody");
    json_object(j);
    json_keyz(j, "required");
    json_bool(j, (x->def->flags & TRANSITION_REASON) != 0);
    json_keyz(j, "content");
    json_object(j);
    json_keyz(j, "application/json");
    json_object(j);
    json_keyz(j, "schema");
    openapi_step(j, w, t, x);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

static void transition_paths(Json *j, Web *w, const Type *t) {
    for (size_t i = 0; i < t->n_transitions; i++) {
        const Transition *x = &t->transitions[i];
        if (x->def->flags & TRANSITION_HIDDEN) continue;
        json_key(j, str_fmt(w->arena, "/api/v1/%s/{number}/do/%s", t->plural, x->name));
        json_object(j);
        json_keyz(j, "post");
        json_object(j);
        json_keyz(j, "operationId");
        json_str(j, str_fmt(w->arena, "%s_%s", x->name, t->name));
        openapi_text(j, "summary", tr(w->lang, x->label));
        json_keyz(j, "tags");
        json_array(j);
        json_strz(j, t->plural);
        json_end_array(j);
        number_parameter(j, false);
        step_body(j, w, t, x);
        json_keyz(j, "responses");
        json_object(j);
        answer(j, w, "200", "The record in its new state.", t->name, "");
        problems(j, write_problems);
        json_end_object(j);
        json_end_object(j);
        json_end_object(j);
    }
}

static void measure_path(Json *j, Web *w, const MeasureDef *m) {
    json_key(j, str_fmt(w->arena, "/api/v1/measures/%s", m->name));
    json_object(j);
    json_keyz(j, "get");
    json_object(j);
    json_keyz(j, "operationId");
    json_str(j, str_fmt(w->arena, "measure_%s", m->name));
    openapi_text(j, "summary", tr(w->lang, m->label));
    if (m->text) openapi_text(j, "description", tr(w->lang, m->text));
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "rows", "query", false, "string",
              "Dimension of the rows: a field of the type, month, year, unit or entity.");
    parameter(j, "columns", "query", false, "string", "Dimension of the columns.");
    parameter(j, "from", "query", false, "string", "First month, YYYY-MM.");
    parameter(j, "to", "query", false, "string", "Last month, YYYY-MM.");
    parameter(j, "as_of", "query", false, "string", "Date: as recorded at the end of that day.");
    json_end_array(j);
    json_keyz(j, "responses");
    json_object(j);
    answer(j, w, "200", "Rows, columns and cells.", "measure_", m->name);
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

/* ---- the document ---- */

Err openapi_show(Web *w) {
    const Model *m = w->c->model;
    Text t = text_new(w->arena, 16 << 20);
    Json j = json_new(&t);
    json_object(&j);
    openapi_text(&j, "openapi", "3.1.0");
    json_keyz(&j, "info");
    json_object(&j);
    openapi_text(&j, "title", "Gardefou");
    json_keyz(&j, "version");
    json_str(&j, m->hash.n ? str_sub(m->hash, 0, 16) : S("1"));
    json_end_object(&j);
    json_keyz(&j, "security");
    json_raw(&j, S("[{\"token\":[]}]"));
    json_keyz(&j, "paths");
    json_object(&j);
    for (size_t i = 0; i < m->n_types; i++) {
        if (!openapi_described(w, &m->types[i])) continue;
        collection_path(&j, w, &m->types[i]);
        record_path_json(&j, w, &m->types[i]);
        transition_paths(&j, w, &m->types[i]);
    }
    for (size_t i = 0; i < m->n_measures; i++) {
        if (m->measures[i]->is_internal) continue;
        const Type *of = model_type(m, str_of(m->measures[i]->type));
        if (of && openapi_described(w, of)) measure_path(&j, w, m->measures[i]);
    }
    json_end_object(&j);
    openapi_components(&j, w);
    json_end_object(&j);
    if (t.full) return ERR_INTERNAL;
    w->body = text_str(&t);
    w->content_type = S("application/json");
    return OK;
}
