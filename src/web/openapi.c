/* openapi.c: the description of the API, made from the effective model: OpenAPI 3.1 for programs
 * and a readable page for people, from the same walk. Only types that the reader may see are
 * described. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

#include "base/json.h"

static bool described(Web *w, const Type *t) {
    const Access *access;
    return !(t->flags & TYPE_NO_PAGES) && access_of(&access, w->c, t, OP_READ) == OK &&
           access_any(access);
}

static bool is_written(const Field *f) {
    return !(f->flags & (F_COMPUTED | F_DERIVED | F_SECRET));
}

static void key_str(Json *j, const char *key, const char *value) {
    json_keyz(j, key);
    json_strz(j, value);
}

static void ref(Json *j, const char *path) {
    json_object(j);
    key_str(j, "$ref", path);
    json_end_object(j);
}

static void key_ref(Json *j, const char *key, const char *path) {
    json_keyz(j, key);
    ref(j, path);
}

/* ---- schemas ---- */

static void choice_enum(Json *j, const Field *f) {
    json_keyz(j, "enum");
    json_array(j);
    for (size_t i = 0; i < f->n_choices; i++) json_strz(j, f->choices[i].key);
    json_end_array(j);
}

static void bounds(Json *j, const Field *f) {
    if (f->min == 0 && f->max == 0) return;
    json_keyz(j, "minimum");
    json_int(j, f->min);
    json_keyz(j, "maximum");
    json_int(j, f->max);
}

/* What one value looks like when it is sent; money as {amount, currency}, references as keys. */
static void scalar_schema(Json *j, const Field *f) {
    switch (f->kind) {
    case KIND_INT:
        key_str(j, "type", "integer");
        bounds(j, f);
        break;
    case KIND_BOOL: key_str(j, "type", "boolean"); break;
    case KIND_DATE:
        key_str(j, "type", "string");
        key_str(j, "format", "date");
        break;
    case KIND_INSTANT:
        key_str(j, "type", "string");
        key_str(j, "format", "date-time");
        break;
    case KIND_DECIMAL:
    case KIND_PERCENT:
        key_str(j, "type", "string");
        key_str(j, "pattern", "^-?[0-9]+(\\.[0-9]+)?$");
        break;
    case KIND_CHOICE:
    case KIND_CHOICES:
        key_str(j, "type", "string");
        if (f->n_choices) choice_enum(j, f);
        break;
    default:
        key_str(j, "type", "string");
        if (f->max_length && (f->kind == KIND_TEXT || f->kind == KIND_LONG)) {
            json_keyz(j, "maxLength");
            json_int(j, f->max_length);
        }
    }
}

static void field_words(Json *j, Web *w, const Field *f) {
    key_str(j, "title", tr(w->lang, f->label));
    if (f->help) key_str(j, "description", tr(w->lang, f->help));
    if (f->target) key_str(j, "x-type", f->target->name);
}

static bool is_list(const Field *f) {
    return f->kind == KIND_CHOICES || f->kind == KIND_REFS || f->kind == KIND_FILES ||
           f->kind == KIND_ROWS;
}

static bool is_link(const Field *f) {
    return f->kind == KIND_REF || f->kind == KIND_REFS || f->kind == KIND_USER ||
           f->kind == KIND_UNIT || f->kind == KIND_TAXON;
}

static void value_schema(Json *j, const Field *f, bool reading) {
    if (f->kind == KIND_MONEY)
        key_str(j, "$ref", "#/components/schemas/Money");
    else if (reading && is_link(f))
        key_str(j, "$ref", "#/components/schemas/Reference");
    else
        scalar_schema(j, f);
}

static void rows_schema(Json *j, Web *w, const Field *f, bool reading) {
    key_str(j, "type", "object");
    json_keyz(j, "properties");
    json_object(j);
    for (size_t i = 0; i < f->n_rows; i++) {
        json_keyz(j, f->rows[i].name);
        json_object(j);
        value_schema(j, &f->rows[i], reading);
        key_str(j, "title", tr(w->lang, f->rows[i].label));
        json_end_object(j);
    }
    json_end_object(j);
}

static void field_schema(Json *j, Web *w, const Field *f, bool reading) {
    json_keyz(j, f->name);
    json_object(j);
    if (is_list(f)) {
        key_str(j, "type", "array");
        json_keyz(j, "items");
        json_object(j);
        if (f->kind == KIND_ROWS)
            rows_schema(j, w, f, reading);
        else
            value_schema(j, f, reading);
        json_end_object(j);
    } else {
        value_schema(j, f, reading);
    }
    field_words(j, w, f);
    json_end_object(j);
}

static void system_fields(Json *j, const Type *t) {
    static const char *const texts[] = {"number", "title"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        if (type_field(t, str_of(texts[i]))) continue;
        json_keyz(j, texts[i]);
        json_object(j);
        key_str(j, "type", "string");
        json_end_object(j);
    }
    json_keyz(j, "state");
    json_object(j);
    key_str(j, "type", "string");
    json_keyz(j, "enum");
    json_array(j);
    for (size_t i = 0; i < t->n_states; i++) json_strz(j, t->states[i].name);
    json_end_array(j);
    json_end_object(j);
    json_keyz(j, "version");
    json_object(j);
    key_str(j, "type", "integer");
    json_end_object(j);
    json_keyz(j, "created_at");
    json_object(j);
    key_str(j, "type", "string");
    key_str(j, "format", "date-time");
    json_end_object(j);
}

static FieldSet hidden_of(Web *w, const Type *t) {
    FieldSet hidden = {0};
    if (access_hidden(&hidden, w->c, t, NULL) != OK) memset(&hidden, 0xff, sizeof hidden);
    return hidden;
}

static void conditions(Json *j, Web *w, const Type *t, FieldSet hidden) {
    for (size_t i = 0; i < t->n_conditions; i++) {
        const Condition *k = &t->conditions[i];
        if (fieldset_has(hidden, k->date->index)) continue;
        json_keyz(j, k->name);
        json_object(j);
        key_str(j, "type", "boolean");
        key_str(j, "title", tr(w->lang, k->label));
        key_str(j, "description", "Worked out for today, or for as_of; not stored.");
        json_end_object(j);
    }
}

static void type_schema(Json *j, Web *w, const Type *t, bool reading) {
    FieldSet hidden = hidden_of(w, t);
    json_key(j, str_fmt(w->arena, "%s%s", t->name, reading ? "" : "_input"));
    json_object(j);
    key_str(j, "type", "object");
    key_str(j, "title", tr(w->lang, t->label));
    if (t->def->text) key_str(j, "description", tr(w->lang, t->def->text));
    json_keyz(j, "properties");
    json_object(j);
    if (reading) system_fields(j, t);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if ((f->flags & F_SECRET) || fieldset_has(hidden, f->index) || (!reading && !is_written(f)))
            continue;
        field_schema(j, w, f, reading);
    }
    if (reading) conditions(j, w, t, hidden);
    json_end_object(j);
    if (!reading) {
        json_keyz(j, "required");
        json_array(j);
        for (size_t i = 0; i < t->n_fields; i++)
            if ((t->fields[i].flags & F_REQUIRED) && is_written(&t->fields[i]) &&
                !t->fields[i].default_value && !t->fields[i].only_if)
                json_strz(j, t->fields[i].name);
        json_end_array(j);
        json_keyz(j, "additionalProperties");
        json_bool(j, false);
    }
    json_end_object(j);
}

/* ---- paths ---- */

static void parameter(Json *j, const char *name, const char *where, bool required, const char *type,
                      const char *text) {
    json_object(j);
    key_str(j, "name", name);
    key_str(j, "in", where);
    json_keyz(j, "required");
    json_bool(j, required);
    key_str(j, "description", text);
    json_keyz(j, "schema");
    json_object(j);
    key_str(j, "type", type);
    json_end_object(j);
    json_end_object(j);
}

static void content(Json *j, const char *type, const char *schema) {
    json_keyz(j, "content");
    json_object(j);
    json_keyz(j, type);
    json_object(j);
    key_ref(j, "schema", schema);
    json_end_object(j);
    json_end_object(j);
}

static void problems(Json *j, const char *const *codes) {
    for (size_t i = 0; codes[i]; i++) key_ref(j, codes[i], "#/components/responses/Problem");
}

static void answer(Json *j, const char *code, const char *text, const char *schema) {
    json_keyz(j, code);
    json_object(j);
    key_str(j, "description", text);
    if (schema) content(j, "application/json", schema);
    json_end_object(j);
}

static const char *schema_of(Web *w, const Type *t, const char *suffix) {
    return str_z(w->arena, str_fmt(w->arena, "#/components/schemas/%s%s", t->name, suffix));
}

static void operation(Json *j, Web *w, const Type *t, const char *method, const char *verb,
                      const char *summary) {
    json_keyz(j, method);
    json_object(j);
    json_keyz(j, "operationId");
    json_str(j, str_fmt(w->arena, "%s_%s", verb, t->name));
    key_str(j, "summary", summary);
    json_keyz(j, "tags");
    json_array(j);
    json_strz(j, t->plural);
    json_end_array(j);
}

static void request_body(Json *j, const char *schema) {
    json_keyz(j, "requestBody");
    json_object(j);
    json_keyz(j, "required");
    json_bool(j, true);
    content(j, "application/json", schema);
    json_end_object(j);
}

static const char *const read_problems[] = {"401", "403", "404", "422", "429", NULL};
static const char *const write_problems[] = {"400", "401", "403", "404", "409",
                                             "415", "422", "429", NULL};
static const char *const patch_problems[] = {"401", "403", "404", "409", "415",
                                             "422", "428", "429", NULL};

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
    answer(j, "200", "One page of records.", schema_of(w, t, "_list"));
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    operation(j, w, t, "post", "create", "Create");
    json_keyz(j, "parameters");
    json_array(j);
    parameter(j, "Idempotency-Key", "header", true, "string",
              "Unique per account; a repeat within 7 days gets the same answer.");
    json_end_array(j);
    request_body(j, schema_of(w, t, "_input"));
    json_keyz(j, "responses");
    json_object(j);
    answer(j, "201", "Created.", schema_of(w, t, ""));
    if (t->flags & TYPE_TWO_PERSONS) answer(j, "202", "Proposed: a second person decides.", NULL);
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
    answer(j, "200", "Newest first.", NULL);
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
    request_body(j, "#/components/schemas/Comment");
    json_keyz(j, "responses");
    json_object(j);
    answer(j, "201", "All comments, the new one first.", NULL);
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
    answer(j, "200", "The record; ETag is its version.", schema_of(w, t, ""));
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    operation(j, w, t, "patch", "update", "Change");
    number_parameter(j, true);
    request_body(j, schema_of(w, t, "_change"));
    json_keyz(j, "responses");
    json_object(j);
    answer(j, "200", "The record after the change.", schema_of(w, t, ""));
    if (t->flags & TYPE_TWO_PERSONS) answer(j, "202", "Proposed: a second person decides.", NULL);
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
    answer(j, "200", "Newest first.", NULL);
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
    comments_path(j, w, t);
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
        key_str(j, "summary", tr(w->lang, x->label));
        json_keyz(j, "tags");
        json_array(j);
        json_strz(j, t->plural);
        json_end_array(j);
        number_parameter(j, false);
        request_body(j, "#/components/schemas/Reason");
        json_keyz(j, "responses");
        json_object(j);
        answer(j, "200", "The record in its new state.", schema_of(w, t, ""));
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
    key_str(j, "summary", tr(w->lang, m->label));
    if (m->text) key_str(j, "description", tr(w->lang, m->text));
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
    answer(j, "200", "Rows, columns and cells.", NULL);
    problems(j, read_problems);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

/* ---- the document ---- */

static void list_schema(Json *j, Web *w, const Type *t) {
    json_key(j, str_fmt(w->arena, "%s_list", t->name));
    json_object(j);
    key_str(j, "type", "object");
    json_keyz(j, "properties");
    json_object(j);
    json_keyz(j, "items");
    json_object(j);
    key_str(j, "type", "array");
    key_ref(j, "items", schema_of(w, t, ""));
    json_end_object(j);
    json_keyz(j, "next");
    json_raw(j, S("{\"type\":[\"string\",\"null\"]}"));
    json_keyz(j, "total");
    json_raw(j, S("{\"type\":\"integer\"}"));
    json_keyz(j, "total_exact");
    json_raw(j, S("{\"type\":\"boolean\"}"));
    json_end_object(j);
    json_end_object(j);
    json_key(j, str_fmt(w->arena, "%s_change", t->name));
    json_raw(j,
             str_fmt(w->arena,
                     "{\"type\":\"object\",\"description\":\"Only the fields that change; the "
                     "same as for creating.\",\"properties\":{\"reason\":{\"type\":\"string\"}}}"));
}

static const char fixed_schemas[] =
    "{\"type\":\"object\",\"required\":[\"amount\",\"currency\"],\"properties\":{"
    "\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]+)?$\"},"
    "\"currency\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"}}}";
static const char problem_schema[] =
    "{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},"
    "\"issues\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":"
    "\"string\"},\"code\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"},\"stored\":{\"type\":\"string\"},"
    "\"sent\":{\"type\":\"string\"},\"warning\":{\"type\":\"boolean\"}}}}}}";

static void components(Json *j, Web *w) {
    const Model *m = w->c->model;
    json_keyz(j, "components");
    json_object(j);
    json_keyz(j, "securitySchemes");
    json_raw(j, S("{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    json_keyz(j, "responses");
    json_raw(j, S("{\"Problem\":{\"description\":\"Refused: RFC 9457.\",\"content\":{\"application/"
                  "problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
    json_keyz(j, "schemas");
    json_object(j);
    json_keyz(j, "Money");
    json_raw(j, str_of(fixed_schemas));
    json_keyz(j, "Problem");
    json_raw(j, str_of(problem_schema));
    json_keyz(j, "Reason");
    json_raw(j, S("{\"type\":\"object\",\"properties\":{\"reason\":{\"type\":\"string\"}}}"));
    json_keyz(j, "Comment");
    json_raw(j, S("{\"type\":\"object\",\"required\":[\"text\"],\"properties\":{\"text\":"
                  "{\"type\":\"string\",\"maxLength\":4000}}}"));
    json_keyz(j, "Reference");
    json_raw(j, S("{\"type\":[\"object\",\"null\"],\"properties\":{\"key\":{\"type\":\"string\"},"
                  "\"text\":{\"type\":\"string\"}}}"));
    for (size_t i = 0; i < m->n_types; i++) {
        if (!described(w, &m->types[i])) continue;
        type_schema(j, w, &m->types[i], true);
        type_schema(j, w, &m->types[i], false);
        list_schema(j, w, &m->types[i]);
    }
    json_end_object(j);
    json_end_object(j);
}

Err openapi_show(Web *w) {
    const Model *m = w->c->model;
    Text t = text_new(w->arena, 16 << 20);
    Json j = json_new(&t);
    json_object(&j);
    key_str(&j, "openapi", "3.1.0");
    json_keyz(&j, "info");
    json_object(&j);
    key_str(&j, "title", "Gardefou");
    json_keyz(&j, "version");
    json_str(&j, m->hash.n ? str_sub(m->hash, 0, 16) : S("1"));
    json_end_object(&j);
    json_keyz(&j, "security");
    json_raw(&j, S("[{\"token\":[]}]"));
    json_keyz(&j, "paths");
    json_object(&j);
    for (size_t i = 0; i < m->n_types; i++) {
        if (!described(w, &m->types[i])) continue;
        collection_path(&j, w, &m->types[i]);
        record_path_json(&j, w, &m->types[i]);
        transition_paths(&j, w, &m->types[i]);
    }
    for (size_t i = 0; i < m->n_measures; i++) {
        const Type *of = model_type(m, str_of(m->measures[i]->type));
        if (of && described(w, of)) measure_path(&j, w, m->measures[i]);
    }
    json_end_object(&j);
    components(&j, w);
    json_end_object(&j);
    if (t.full) return ERR_INTERNAL;
    w->body = text_str(&t);
    w->content_type = S("application/json");
    return OK;
}

/* ---- for people ---- */

static const char *kind_word(const Field *f) {
    static const char *const words[] = {"",
                                        N_("text"),
                                        N_("long text"),
                                        N_("whole number"),
                                        N_("money"),
                                        N_("decimal"),
                                        N_("per cent"),
                                        N_("date"),
                                        N_("instant"),
                                        N_("yes or no"),
                                        N_("choice"),
                                        N_("choices"),
                                        N_("entry of a list"),
                                        N_("reference"),
                                        N_("references"),
                                        N_("person"),
                                        N_("unit"),
                                        N_("files"),
                                        N_("rows")};
    return words[f->kind];
}

static Block *fields_table(Web *w, const Type *t) {
    Arena *a = w->arena;
    FieldSet hidden = hidden_of(w, t);
    Column *columns = NEW_N(a, Column, 4);
    columns[0] = (Column){.name = "name", .label = trs(w->lang, N_("Field")), .kind = CELL_CODE};
    columns[1] =
        (Column){.name = "label", .label = trs(w->lang, N_("Meaning")), .kind = CELL_LABEL};
    columns[2] = (Column){.name = "kind", .label = trs(w->lang, N_("Kind")), .kind = CELL_LABEL};
    columns[3] =
        (Column){.name = "required", .label = trs(w->lang, N_("Required")), .kind = CELL_BOOL};
    Row *rows = NEW_N(a, Row, t->n_fields + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if ((f->flags & F_SECRET) || fieldset_has(hidden, f->index)) continue;
        Cell *cells = NEW_N(a, Cell, 4);
        cells[0] = cell_code(str_of(f->name));
        cells[1] = cell_label(str_of(f->name), trs(w->lang, f->label));
        cells[2] = cell_label(str_of(kind_word(f)), trs(w->lang, kind_word(f)));
        cells[3] = cell_bool((f->flags & F_REQUIRED) != 0);
        rows[n++] = (Row){.id = str_of(f->name), .cells = cells};
    }
    Block *b = view_block(a, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = 4,
                         .rows = rows_of_array(a, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .is_plain = true};
    return b;
}

static Block *type_section(Web *w, const Type *t) {
    Arena *a = w->arena;
    Block *section = view_layout(a, LAYOUT_SECTION, trs(w->lang, t->plural_label));
    if (t->def->text) section->layout.text = trs(w->lang, t->def->text);
    section->layout.is_folded = true;
    Text code = text_new(a, 64 << 10);
    text_fmt(&code,
             "GET   /api/v1/%s\nPOST  /api/v1/%s\nGET   /api/v1/%s/NUMBER\n"
             "PATCH /api/v1/%s/NUMBER\nGET   /api/v1/%s/NUMBER/history\n"
             "GET   /api/v1/%s/NUMBER/comments\nPOST  /api/v1/%s/NUMBER/comments\n",
             t->plural, t->plural, t->plural, t->plural, t->plural, t->plural, t->plural);
    for (size_t i = 0; i < t->n_transitions; i++)
        if (!(t->transitions[i].def->flags & TRANSITION_HIDDEN))
            text_fmt(&code, "POST  /api/v1/%s/NUMBER/do/%s\n", t->plural, t->transitions[i].name);
    view_put(a, section, view_text(a, TEXT_CODE, TONE_NONE, (Str){0}, text_str(&code)));
    view_put(a, section, fields_table(w, t));
    return section;
}

Err openapi_page(Web *w) {
    const Model *m = w->c->model;
    Arena *a = w->arena;
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Programming interface"));
    page->body = view_layout(a, LAYOUT_STACK, (Str){0});
    view_put(
        a, page->body,
        view_text(a, TEXT_PLAIN, TONE_NONE, (Str){0},
                  trs(w->lang, N_("Programs use the same addresses, rights and rules as people. "
                                  "Create a token on your account page and send it as "
                                  "Authorization: Bearer TOKEN."))));
    Button *b = NEW(a, Button);
    *b = (Button){.label = trs(w->lang, N_("OpenAPI description")), .href = S("/openapi.json")};
    page->buttons = b;
    page->n_buttons = 1;
    for (size_t i = 0; i < m->n_types; i++)
        if (described(w, &m->types[i])) view_put(a, page->body, type_section(w, &m->types[i]));
    return OK;
}
