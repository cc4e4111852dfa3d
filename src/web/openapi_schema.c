/* openapi_schema.c: JSON Schema of what the API takes and answers, from the fields of the effective
 * model: a record, its creation and change, lists, steps, measures, history and refusals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/openapi.h"

typedef enum Use { USE_ANSWER, USE_CREATE, USE_CHANGE } Use;

bool openapi_described(Web *w, const Type *t) {
    const Access *access;
    return !(t->flags & TYPE_NO_PAGES) && access_of(&access, w->c, t, OP_READ) == OK &&
           access_any(access);
}

FieldSet openapi_hidden(Web *w, const Type *t) {
    FieldSet hidden = {0};
    if (access_hidden(&hidden, w->c, t, NULL) != OK) memset(&hidden, 0xff, sizeof hidden);
    return hidden;
}

void openapi_text(Json *j, const char *key, const char *value) {
    json_keyz(j, key);
    json_strz(j, value);
}

void openapi_ref(Json *j, Web *w, const char *name, const char *suffix) {
    json_object(j);
    json_keyz(j, "$ref");
    json_str(j, str_fmt(w->arena, "#/components/schemas/%s%s", name, suffix));
    json_end_object(j);
}

/* ---- one value ---- */

static void value_type(Json *j, const char *type, bool nullable) {
    if (!nullable) {
        openapi_text(j, "type", type);
        return;
    }
    json_keyz(j, "type");
    json_array(j);
    json_strz(j, type);
    json_strz(j, "null");
    json_end_array(j);
}

static void formatted(Json *j, const char *format, bool nullable) {
    value_type(j, "string", nullable);
    openapi_text(j, "format", format);
}

static void choice_enum(Json *j, const Field *f, bool nullable) {
    if (!f->n_choices) return;
    json_keyz(j, "enum");
    json_array(j);
    for (size_t i = 0; i < f->n_choices; i++) json_strz(j, f->choices[i].key);
    if (nullable) json_null(j);
    json_end_array(j);
}

static void whole_number(Json *j, const Field *f, bool nullable) {
    value_type(j, "integer", nullable);
    if (f->min == 0 && f->max == 0) return;
    json_keyz(j, "minimum");
    json_int(j, f->min);
    json_keyz(j, "maximum");
    json_int(j, f->max);
}

/* References are the number or code of the record they name, both ways. */
static void scalar_schema(Json *j, const Field *f, bool nullable) {
    switch (f->kind) {
    case KIND_INT: whole_number(j, f, nullable); break;
    case KIND_BOOL: value_type(j, "boolean", nullable); break;
    case KIND_DATE: formatted(j, "date", nullable); break;
    case KIND_INSTANT: formatted(j, "date-time", nullable); break;
    case KIND_DECIMAL:
    case KIND_PERCENT:
        value_type(j, "string", nullable);
        openapi_text(j, "pattern", "^-?[0-9]+(\\.[0-9]+)?$");
        break;
    case KIND_CHOICE:
    case KIND_CHOICES:
        value_type(j, "string", nullable);
        choice_enum(j, f, nullable);
        break;
    default:
        value_type(j, "string", nullable);
        if (f->max_length && (f->kind == KIND_TEXT || f->kind == KIND_LONG)) {
            json_keyz(j, "maxLength");
            json_int(j, f->max_length);
        }
    }
}

static void value_schema(Json *j, const Field *f, bool nullable) {
    if (f->kind != KIND_MONEY) {
        scalar_schema(j, f, nullable);
    } else if (nullable) {
        json_keyz(j, "anyOf");
        json_raw(j, S("[{\"$ref\":\"#/components/schemas/Money\"},{\"type\":\"null\"}]"));
    } else {
        openapi_text(j, "$ref", "#/components/schemas/Money");
    }
}

static void field_words(Json *j, Web *w, const Field *f) {
    openapi_text(j, "title", tr(w->lang, f->label));
    if (f->help) openapi_text(j, "description", tr(w->lang, f->help));
    if (f->target) openapi_text(j, "x-type", f->target->name);
}

static bool is_list(const Field *f) {
    return f->kind == KIND_CHOICES || f->kind == KIND_REFS || f->kind == KIND_FILES ||
           f->kind == KIND_ROWS;
}

/* ---- one field ---- */

static void required_rows(Json *j, const Field *f) {
    json_keyz(j, "required");
    json_array(j);
    for (size_t i = 0; i < f->n_rows; i++)
        if (f->rows[i].flags & F_REQUIRED) json_strz(j, f->rows[i].name);
    json_end_array(j);
}

static void rows_schema(Json *j, Web *w, const Field *f, Use use) {
    openapi_text(j, "type", "object");
    json_keyz(j, "properties");
    json_object(j);
    for (size_t i = 0; i < f->n_rows; i++) {
        bool needed = use != USE_ANSWER && (f->rows[i].flags & F_REQUIRED);
        json_keyz(j, f->rows[i].name);
        json_object(j);
        value_schema(j, &f->rows[i], !needed);
        field_words(j, w, &f->rows[i]);
        json_end_object(j);
    }
    json_end_object(j);
    if (use != USE_ANSWER) required_rows(j, f);
}

static void list_of(Json *j, Web *w, const Field *f, Use use) {
    value_type(j, "array", true);
    json_keyz(j, "items");
    if (f->kind == KIND_FILES) {
        openapi_ref(j, w, "File", "");
        return;
    }
    json_object(j);
    if (f->kind == KIND_ROWS)
        rows_schema(j, w, f, use);
    else
        value_schema(j, f, false);
    json_end_object(j);
}

static void field_schema(Json *j, Web *w, const Field *f, Use use) {
    bool needed = use != USE_ANSWER && (f->flags & F_REQUIRED);
    json_keyz(j, f->name);
    json_object(j);
    if (is_list(f))
        list_of(j, w, f, use);
    else
        value_schema(j, f, !needed);
    field_words(j, w, f);
    json_end_object(j);
}

/* ---- what every record has ---- */

static void system_field(Json *j, const Type *t, const PageColumn *column) {
    bool is_empty_at_times = column->kind == CELL_REF || column->kind == CELL_PERSON;
    json_keyz(j, column->name);
    json_object(j);
    switch (column->kind) {
    case CELL_INT: value_type(j, "integer", false); break;
    case CELL_BOOL: value_type(j, "boolean", false); break;
    case CELL_INSTANT: formatted(j, "date-time", false); break;
    case CELL_LIST:
        value_type(j, "array", true);
        json_keyz(j, "items");
        json_raw(j, S("{\"type\":\"string\"}"));
        break;
    default: value_type(j, "string", is_empty_at_times);
    }
    if (column->kind == CELL_STATE) {
        json_keyz(j, "enum");
        json_array(j);
        for (size_t i = 0; i < t->n_states; i++) json_strz(j, t->states[i].name);
        json_end_array(j);
    }
    json_keyz(j, "title");
    json_str(j, column->label);
    if (column->condition)
        openapi_text(j, "description", "Worked out for today, or for as_of; not stored.");
    if (column->reading) openapi_text(j, "description", column->reading->def->explain);
    json_end_object(j);
}

/* Those that may also be written: unit, owner, and confidentiality where the type has it. */
static bool is_written_system(const Type *t, const PageColumn *column) {
    if (strcmp(column->name, "unit") == 0) return !t->parent;
    if (strcmp(column->name, "restricted") == 0) return true;
    return strcmp(column->name, "owner") == 0;
}

/* What modules add to lists of the type. */
static void added_columns(Json *j, Web *w, const Type *t) {
    const Model *m = w->c->model;
    for (size_t i = 0; i < m->n_columns; i++) {
        const ColumnDef *d = m->columns[i];
        if (strcmp(d->type, t->name) != 0) continue;
        json_keyz(j, d->name);
        json_object(j);
        if (d->kind == CELL_MONEY) {
            json_keyz(j, "anyOf");
            json_raw(j, S("[{\"$ref\":\"#/components/schemas/Money\"},{\"type\":\"null\"}]"));
        } else {
            value_type(j, d->kind == CELL_INT ? "integer" : "string", true);
        }
        openapi_text(j, "title", tr(w->lang, d->label));
        openapi_text(j, "description", "In lists alone: worked out for today, not stored.");
        json_end_object(j);
    }
}

static void within_schemas(Json *j, Web *w, const Type *t);
static void required_fields(Json *j, const Type *t, const Field *known);

/* known: the parent's reference of a child that is sent with it, left out; NULL otherwise. */
static void properties(Json *j, Web *w, const Type *t, Use use, const Field *known) {
    FieldSet hidden = openapi_hidden(w, t);
    const PageColumn *columns;
    size_t n;
    page_record_columns(&columns, &n, w->c, t, hidden);
    json_keyz(j, "properties");
    json_object(j);
    for (size_t i = 0; i < n; i++) {
        const Field *f = columns[i].field;
        /* The title is a column of every record; where it is a field, it is written like one. */
        if (!f && use != USE_ANSWER) f = type_field(t, str_of(columns[i].name));
        if (f && f == known) continue;
        unsigned closed = F_COMPUTED | F_DERIVED | (use == USE_CREATE ? F_STEP : 0);
        if (f ? use == USE_ANSWER || !(f->flags & closed)
              : use == USE_ANSWER || is_written_system(t, &columns[i])) {
            if (f)
                field_schema(j, w, f, use);
            else
                system_field(j, t, &columns[i]);
        }
    }
    if (use == USE_CHANGE && !type_field(t, S("reason"))) {
        json_keyz(j, "reason");
        json_raw(j, S("{\"type\":\"string\"}"));
    }
    if (use == USE_CREATE) within_schemas(j, w, t);
    if (use == USE_ANSWER) added_columns(j, w, t);
    json_end_object(j);
}

static void steps_at_once(Json *j, const Type *t) {
    bool any = false;
    for (size_t i = 0; i < t->n_transitions; i++) {
        const char *name = t->transitions[i].name;
        if (!record_step_at_once(t, str_of(name))) continue;
        if (!any) {
            json_keyz(j, "do");
            json_object(j);
            openapi_text(j, "description", "A step that the new record takes at once.");
            json_keyz(j, "enum");
            json_array(j);
        }
        any = true;
        json_strz(j, name);
    }
    if (!any) return;
    json_end_array(j);
    json_end_object(j);
}

/* What may be sent with a new record: its first children, and a step. */
static void within_schemas(Json *j, Web *w, const Type *t) {
    const Model *m = w->c->model;
    steps_at_once(j, t);
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *child = &m->types[i];
        if (!child->def->within || child->parent->target != t || !openapi_described(w, child))
            continue;
        json_keyz(j, child->def->within);
        json_object(j);
        openapi_text(j, "type", "array");
        openapi_text(j, "description", tr(w->lang, child->def->text));
        json_keyz(j, "maxItems");
        json_int(j, RECORD_MOST_WITHIN);
        json_keyz(j, "items");
        json_object(j);
        openapi_text(j, "type", "object");
        properties(j, w, child, USE_CREATE, child->parent);
        required_fields(j, child, child->parent);
        json_keyz(j, "additionalProperties");
        json_bool(j, false);
        json_end_object(j);
        json_end_object(j);
    }
}

static void required_fields(Json *j, const Type *t, const Field *known) {
    json_keyz(j, "required");
    json_array(j);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (f != known && (f->flags & F_REQUIRED) &&
            !(f->flags & (F_COMPUTED | F_DERIVED | F_SECRET)) && !f->default_value && !f->only_if)
            json_strz(j, f->name);
    }
    json_end_array(j);
}

/* ---- components ---- */

static void type_schema(Json *j, Web *w, const Type *t, Use use) {
    static const char *const suffixes[] = {"", "_input", "_change"};
    json_key(j, str_fmt(w->arena, "%s%s", t->name, suffixes[use]));
    json_object(j);
    openapi_text(j, "type", "object");
    openapi_text(j, "title", tr(w->lang, t->label));
    if (use == USE_CHANGE)
        openapi_text(j, "description",
                     "Only the fields that change. What was read may be sent back as it is.");
    else if (t->def->text)
        openapi_text(j, "description", tr(w->lang, t->def->text));
    properties(j, w, t, use, NULL);
    if (use == USE_CREATE) {
        required_fields(j, t, NULL);
        json_keyz(j, "additionalProperties");
        json_bool(j, false);
    }
    json_end_object(j);
}

static void list_schema(Json *j, Web *w, const Type *t) {
    json_key(j, str_fmt(w->arena, "%s_list", t->name));
    json_object(j);
    openapi_text(j, "type", "object");
    json_keyz(j, "required");
    json_raw(j, S("[\"items\",\"next\",\"total\",\"total_exact\"]"));
    json_keyz(j, "properties");
    json_object(j);
    json_keyz(j, "items");
    json_object(j);
    openapi_text(j, "type", "array");
    json_keyz(j, "items");
    openapi_ref(j, w, t->name, "");
    json_end_object(j);
    json_keyz(j, "next");
    json_raw(j, S("{\"type\":[\"string\",\"null\"]}"));
    json_keyz(j, "total");
    json_raw(j, S("{\"type\":\"integer\"}"));
    json_keyz(j, "total_exact");
    json_raw(j, S("{\"type\":\"boolean\"}"));
    json_end_object(j);
    json_end_object(j);
}

static void measure_schema(Json *j, Web *w, const MeasureDef *m) {
    json_key(j, str_fmt(w->arena, "measure_%s_cell", m->name));
    json_object(j);
    openapi_text(j, "type", "object");
    json_keyz(j, "required");
    json_raw(j, S("[\"count\"]"));
    json_keyz(j, "properties");
    json_object(j);
    json_keyz(j, "count");
    json_raw(j, S("{\"type\":\"integer\"}"));
    for (size_t i = 0; i < FACT_SUMS; i++) {
        if (!m->sums[i]) continue;
        json_keyz(j, m->sums[i]);
        openapi_ref(j, w, "Money", "");
    }
    json_end_object(j);
    json_end_object(j);
    json_key(j, str_fmt(w->arena, "measure_%s", m->name));
    json_raw(
        j,
        str_fmt(
            w->arena,
            "{\"type\":\"object\",\"required\":[\"rows\",\"columns\",\"cells\"],\"properties\":{"
            "\"rows\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Label\"}},"
            "\"columns\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Label\"}},"
            "\"cells\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"$ref\":"
            "\"#/components/schemas/measure_%s_cell\"}}},"
            "\"row_totals\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/measure_%s_cell\"}},"
            "\"column_totals\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/measure_%s_cell\"}},"
            "\"total\":{\"$ref\":\"#/components/schemas/measure_%s_cell\"}}}",
            m->name, m->name, m->name, m->name));
}

/* What a step takes beside the reason is what `sends` names. */
void openapi_step(Json *j, Web *w, const Type *t, const Transition *x) {
    json_object(j);
    openapi_text(j, "type", "object");
    json_keyz(j, "properties");
    json_object(j);
    json_keyz(j, "reason");
    json_raw(j, S("{\"type\":\"string\",\"maxLength\":4000}"));
    for (size_t i = 0; i < t->n_fields; i++)
        if (word_in(x->def->sends, str_of(t->fields[i].name)))
            field_schema(j, w, &t->fields[i], USE_CHANGE);
    json_end_object(j);
    if (x->def->flags & TRANSITION_REASON) {
        json_keyz(j, "required");
        json_raw(j, S("[\"reason\"]"));
    }
    json_end_object(j);
}

/* clang-format off */
static const struct {
    const char *name, *schema;
} fixed[] = {
    {"Money", "{\"type\":\"object\",\"required\":[\"amount\",\"currency\"],\"properties\":{"
              "\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]+)?$\"},"
              "\"currency\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"}}}"},
    {"File", "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\"},"
             "\"name\":{\"type\":\"string\"},\"size\":{\"type\":\"integer\"},\"href\":{\"type\":\"string\"}}}"},
    {"Label", "{\"type\":\"object\",\"required\":[\"key\",\"label\"],\"properties\":{\"key\":{\"type\":\"string\"},"
              "\"label\":{\"type\":\"string\"}}}"},
    {"History", "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"
                "\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
                "\"who\":{\"type\":[\"string\",\"null\"]},\"what\":{\"type\":[\"string\",\"null\"]},"
                "\"text\":{\"type\":[\"string\",\"null\"]},\"key\":{\"type\":[\"string\",\"null\"]},"
                "\"changes\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
                "\"field\":{\"type\":\"string\"},\"before\":{},\"after\":{}}}}}}}}}"},
    {"Comment", "{\"type\":\"object\",\"required\":[\"text\"],\"properties\":{\"text\":{\"type\":\"string\",\"maxLength\":4000}}}"},
    {"Number", "{\"type\":\"object\",\"required\":[\"number\"],\"properties\":{\"number\":{\"type\":\"string\"}}}"},
    {"Problem", "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],\"properties\":{"
                "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
                "\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},\"issues\":{\"type\":\"array\","
                "\"items\":{\"type\":\"object\",\"required\":[\"field\",\"code\",\"text\"],\"properties\":{"
                "\"field\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"},"
                "\"stored\":{\"type\":\"string\"},\"sent\":{\"type\":\"string\"},\"warning\":{\"type\":\"boolean\"}}}}}}"},
};
/* clang-format on */

void openapi_components(Json *j, Web *w) {
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
    for (size_t i = 0; i < LENGTH(fixed); i++) {
        json_keyz(j, fixed[i].name);
        json_raw(j, str_of(fixed[i].schema));
    }
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *t = &m->types[i];
        if (!openapi_described(w, t)) continue;
        for (int use = USE_ANSWER; use <= USE_CHANGE; use++) type_schema(j, w, t, (Use)use);
        list_schema(j, w, t);
    }
    for (size_t i = 0; i < m->n_measures; i++) {
        if (m->measures[i]->is_internal) continue;
        const Type *of = model_type(m, str_of(m->measures[i]->type));
        if (of && openapi_described(w, of)) measure_schema(j, w, m->measures[i]);
    }
    json_end_object(j);
    json_end_object(j);
}
