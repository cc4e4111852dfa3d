/* render_form.c: the inputs of a form, each by its kind, with their errors and descriptions tied to
 * them. Names follow model/input.h: money is NAME.amount and NAME.currency, child rows
 * NAME[i].FIELD. SPDX-License-Identifier: GPL-3.0-or-later */
#include "tpl.h"
#include "web/render_internal.h"

bool render_group_errors(const FormGroup *g) {
    for (size_t i = 0; i < g->n; i++) {
        if (g->fields[i].n_errors) return true;
        for (size_t r = 0; r < g->fields[i].n_child_rows; r++)
            for (size_t k = 0; k < g->fields[i].n_children; k++)
                if (g->fields[i].child_rows[r][k].n_errors) return true;
    }
    return false;
}

bool render_is_more(const FormField *f) {
    return f->is_optional_part && !f->n_errors && (!f->n_values || f->is_default);
}

bool render_is_long_form(const FormView *v) {
    size_t titled = 0;
    for (size_t i = 0; i < v->n_groups; i++) titled += v->groups[i].label.n > 0;
    return titled >= 4 && !v->is_numbered && !v->is_get;
}

void render_filled(Html *h, const FormGroup *g) {
    Str parts[2] = {str_fmt(h->arena, "%zu", g->n_filled), str_fmt(h->arena, "%zu", g->n_shown)};
    html_text(h, tr_fill(h->arena, tr(h->shell->lang, N_("{0} of {1} filled")), parts, 2));
}

size_t render_form_errors(const FormView *v) {
    size_t n = v->n_errors;
    for (size_t i = 0; i < v->n_groups; i++) n += render_group_errors(&v->groups[i]);
    return n;
}

Str render_value(const FormField *f) {
    return f->n_values ? f->values[0] : (Str){0};
}

static bool has_value(const FormField *f, Str value) {
    for (size_t i = 0; i < f->n_values; i++)
        if (str_eq(f->values[i], value)) return true;
    return false;
}

bool render_is_true(const FormField *f) {
    Str v = render_value(f);
    return str_is(v, "true") || str_is(v, "1") || str_is(v, "on");
}

bool render_is_group_field(const FormField *f) {
    if (f->kind == INPUT_ROWS || f->kind == INPUT_CHOICES) return true;
    if (f->kind == INPUT_REFS) return f->n_options > 0;
    return f->kind == INPUT_CHOICE && (f->as_picker || (f->as_cards && f->n_options <= 6));
}

/* The chosen option of a picker when it is none of those that stand open. */
Str render_far_choice(const FormField *f) {
    for (size_t i = 0; i < f->n_quick && i < f->n_options; i++)
        if (f->n_values && str_eq(f->values[0], f->options[i].value)) return (Str){0};
    for (size_t i = f->n_quick; i < f->n_options; i++)
        if (!f->options[i].is_group && f->n_values && str_eq(f->values[0], f->options[i].value))
            return f->options[i].label;
    return (Str){0};
}

const char *render_field_width(const FormField *f) {
    switch (f->kind) {
    case INPUT_INT:
    case INPUT_DECIMAL:
    case INPUT_DATE: return "short";
    case INPUT_MONEY:
    case INPUT_INSTANT: return "medium";
    case INPUT_TEXT: return f->max_length > 0 && f->max_length <= 30 ? "medium" : "";
    case INPUT_LONG:
    case INPUT_BOOL:
    case INPUT_CHOICE:
    case INPUT_CHOICES:
    case INPUT_TREE:
    case INPUT_REF:
    case INPUT_REFS:
    case INPUT_FILE:
    case INPUT_PASSWORD:
    case INPUT_HIDDEN:
    case INPUT_ROWS: break;
    }
    return "";
}

/* An id of letters that script, labels and the links of the error list agree on. */
Str render_field_id(Html *h, Str name) {
    Text out = text_new(h->arena, 0);
    text_addz(&out, h->form);
    text_char(&out, '-');
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        text_char(&out, plain ? c : '-');
    }
    return text_str(&out);
}

Str render_child_name(Html *h, Str name, size_t i) {
    return str_fmt(h->arena, "%.*s[%zu]", FMT(name), i);
}

Str render_child_field(Html *h, Str row, Str field) {
    ptrdiff_t at = str_find(field, S("]."));
    Str own = at < 0 ? field : str_sub(field, (size_t)at + 2, field.n);
    return str_fmt(h->arena, "%.*s.%.*s", FMT(row), FMT(own));
}

/* What stands between a label and its text: ": ", in French with a blank before. */
static Str colon(Html *h) {
    const char *pattern = tr(h->shell->lang, "{0}: {1}"), *end = strstr(pattern, "{1}");
    bool plain = strncmp(pattern, "{0}", 3) != 0 || !end;
    return plain ? S(": ") : (Str){pattern + 3, (size_t)(end - pattern) - 3};
}

static void error_link(Html *h, const FormField *f, Str name) {
    if (!f->n_errors) return;
    Str id = render_field_id(h, name);
    HTML(h, "<li><a href=\"#");
    html_text(h, id);
    HTML(h, "\">");
    html_text(h, f->label);
    HTML(h, "</a>");
    html_text(h, colon(h));
    for (size_t i = 0; i < f->n_errors; i++) {
        if (i) HTML(h, " ");
        html_text(h, f->errors[i]);
    }
    HTML(h, "</li>");
}

void render_error_links(Html *h, const FormView *v) {
    for (size_t g = 0; g < v->n_groups; g++) {
        for (size_t i = 0; i < v->groups[g].n; i++) {
            const FormField *f = &v->groups[g].fields[i];
            error_link(h, f, f->name);
            for (size_t r = 0; r < f->n_child_rows; r++)
                for (size_t k = 0; k < f->n_children; k++) {
                    Str row = render_child_name(h, f->name, r);
                    const FormField *child = &f->child_rows[r][k];
                    error_link(h, child, render_child_field(h, row, child->name));
                }
        }
    }
}

static void attribute(Html *h, const char *name, Str value) {
    HTML(h, " ");
    html_textz(h, name);
    HTML(h, "=\"");
    html_text(h, value);
    HTML(h, "\"");
}

void render_describe(Html *h, const FormField *f, Str id) {
    bool helped = f->help.n || f->example.n;
    if (helped || f->n_errors) {
        HTML(h, " aria-describedby=\"");
        if (helped) {
            html_text(h, id);
            HTML(h, "-help");
        }
        if (helped && f->n_errors) HTML(h, " ");
        if (f->n_errors) {
            html_text(h, id);
            HTML(h, "-error");
        }
        HTML(h, "\"");
    }
    if (f->n_errors && !render_is_group_field(f)) HTML(h, " aria-invalid=\"true\"");
    if (f->is_required && !render_is_group_field(f)) HTML(h, " required=\"\"");
}

void render_only_if(Html *h, const FormField *f) {
    if (f->only_if.n) attribute(h, "data-only-if", f->only_if);
    if (f->is_default && f->kind != INPUT_BOOL) HTML(h, " data-default");
}

static void start_input(Html *h, const FormField *f, Str name, Str id, const char *type) {
    HTML(h, "<input type=\"");
    html_textz(h, type);
    HTML(h, "\"");
    attribute(h, "id", id);
    attribute(h, "name", name);
    render_describe(h, f, id);
    if (f->is_readonly) HTML(h, " readonly=\"\"");
    if (f->preset.n) attribute(h, "data-preset", f->preset);
}

static void simple_input(Html *h, const FormField *f, Str name, Str id, const char *type) {
    start_input(h, f, name, id, type);
    if (f->max_length > 0 && strcmp(type, "date") != 0) {
        HTML(h, " maxlength=\"");
        html_int(h, f->max_length);
        HTML(h, "\"");
    }
    if (f->kind == INPUT_INT) HTML(h, " inputmode=\"numeric\" dir=\"ltr\" class=\"end\"");
    if (f->kind == INPUT_DECIMAL) HTML(h, " inputmode=\"decimal\" dir=\"ltr\" class=\"end\"");
    if (f->kind == INPUT_TEXT) HTML(h, " dir=\"auto\"");
    if (f->kind == INPUT_PASSWORD) HTML(h, " dir=\"ltr\" autocomplete=\"current-password\"");
    if (f->kind != INPUT_FILE && f->kind != INPUT_PASSWORD) attribute(h, "value", render_value(f));
    if (f->kind == INPUT_FILE) HTML(h, " multiple=\"\"");
    HTML(h, ">");
}

static void option(Html *h, Str value, Str label, int depth, bool chosen) {
    /* Without a value an option's text is its value; the end of an option need not be said. */
    if (depth == 0 && str_eq(value, label) && str_find_char(value, ' ') < 0) {
        HTML(h, "<option");
    } else {
        HTML(h, "<option value=\"");
        html_text(h, value);
        HTML(h, "\"");
    }
    if (chosen) HTML(h, " selected=\"\"");
    HTML(h, ">");
    render_indent(h, depth);
    html_text(h, label);
}

enum { MOST_AT_ONCE = 12 }; /* longer lists are searched by words */

/* Of a long list the choice alone; a script brings the others when the form is touched. */
static bool is_later(const Html *h, const FormField *f, size_t n) {
    return f->is_readonly || (h->shell->is_later && f->kind != INPUT_REFS && n > MOST_AT_ONCE);
}

static void select_input(Html *h, const FormField *f, Str name, Str id) {
    HTML(h, "<select");
    attribute(h, "id", id);
    attribute(h, "name", name);
    render_describe(h, f, id);
    if (f->preset.n) attribute(h, "data-preset", f->preset);
    if (f->kind == INPUT_REFS) HTML(h, " multiple=\"\" size=\"6\"");
    if (f->n_options > MOST_AT_ONCE && f->kind != INPUT_REFS) HTML(h, " data-typeahead=\"\"");
    if (f->is_readonly) HTML(h, " disabled=\"\"");
    bool later = is_later(h, f, f->n_options);
    if (later && !f->is_readonly) HTML(h, " data-later");
    HTML(h, ">");
    if (f->kind != INPUT_REFS && !(f->is_required && f->n_values)) {
        HTML(h, "<option value=\"\">");
        html_tr(h, f->is_required ? N_("Please choose") : N_("None"));
    }
    bool found = false;
    for (size_t i = 0; i < f->n_options; i++) {
        const FilterOption *o = &f->options[i];
        bool chosen = f->n_values ? has_value(f, o->value) : o->is_chosen;
        found |= chosen;
        if (!later || chosen) option(h, o->value, o->label, later ? 0 : o->depth, chosen);
    }
    Str value = render_value(f);
    if (value.n && !found) option(h, value, f->value_label.n ? f->value_label : value, 0, true);
    HTML(h, "</select>");
    if (!f->is_readonly) return;
    HTML(h, "<input type=\"hidden\"");
    attribute(h, "name", name);
    attribute(h, "value", value);
    HTML(h, ">");
}

/* Without script: the number or code as text. Script puts a list of matches under it. */
static void lookup_input(Html *h, const FormField *f, Str name, Str id) {
    HTML(h, "<span class=\"lookup\">");
    start_input(h, f, name, id, "text");
    attribute(h, "value", render_value(f));
    attribute(h, "data-lookup", f->lookup_href);
    if (f->value_label.n) attribute(h, "data-text", f->value_label);
    HTML(h, " autocomplete=\"off\" placeholder=\"");
    html_tr(h, N_("Type a name or a number"));
    HTML(h, "\">");
    if (f->value_label.n) {
        HTML(h, "<small class=\"note\" data-lookup-note>");
        html_text(h, f->value_label);
        HTML(h, "</small>");
    }
    HTML(h, "</span>");
}

static void money_input(Html *h, const FormField *f, Str name, Str id) {
    HTML(h, "<span class=\"money-input\">");
    start_input(h, f, str_join(h->arena, name, S(".amount")), id, "text");
    attribute(h, "value", render_value(f));
    HTML(h, " inputmode=\"decimal\" dir=\"ltr\" class=\"end\" autocomplete=\"off\">");
    HTML(h, "<select");
    attribute(h, "name", str_join(h->arena, name, S(".currency")));
    HTML(h, " aria-label=\"");
    html_tr(h, N_("Currency"));
    HTML(h, "\"");
    bool later = is_later(h, f, f->n_options ? f->n_options : currency_count());
    if (later) HTML(h, " data-later");
    HTML(h, ">");
    bool found = !f->currency.n;
    for (size_t i = 0; i < f->n_options; i++) {
        bool chosen = str_eq(f->options[i].value, f->currency);
        found |= chosen;
        if (!later || chosen) option(h, f->options[i].value, f->options[i].value, 0, chosen);
    }
    if (!found) option(h, f->currency, f->currency, 0, true);
    for (size_t i = 0; !f->n_options && !later && i < currency_count(); i++) {
        Str code = str_of(currency_code(i));
        if (!str_eq(code, f->currency)) option(h, code, code, 0, false);
    }
    HTML(h, "</select></span>");
}

static void long_input(Html *h, const FormField *f, Str name, Str id) {
    HTML(h, "<textarea");
    attribute(h, "id", id);
    attribute(h, "name", name);
    render_describe(h, f, id);
    HTML(h, " rows=\"");
    html_int(h, f->rows > 0 ? f->rows : 4);
    HTML(h, "\" dir=\"auto\"");
    if (f->max_length > 0) {
        HTML(h, " maxlength=\"");
        html_int(h, f->max_length);
        HTML(h, "\"");
    }
    if (f->is_readonly) HTML(h, " readonly=\"\"");
    if (f->lookup_href.n) attribute(h, "data-mention", f->lookup_href);
    HTML(h, ">\n");
    html_text(h, render_value(f));
    HTML(h, "</textarea>");
}

static void date_hint(Html *h, const char *format) {
    HTML(h, " <small class=\"note\" data-date-hint>");
    html_tr(h, format);
    HTML(h, "</small>");
}

void render_input(Html *h, const FormField *f, Str name, Str id) {
    switch (f->kind) {
    case INPUT_LONG: long_input(h, f, name, id); break;
    case INPUT_MONEY: money_input(h, f, name, id); break;
    case INPUT_DATE:
        simple_input(h, f, name, id, "date");
        date_hint(h, N_("day, month, year"));
        break;
    case INPUT_INSTANT: simple_input(h, f, name, id, "datetime-local"); break;
    case INPUT_CHOICE:
    case INPUT_TREE: select_input(h, f, name, id); break;
    case INPUT_REF:
    case INPUT_REFS:
        if (f->n_options || !f->lookup_href.n)
            select_input(h, f, name, id);
        else
            lookup_input(h, f, name, id);
        break;
    case INPUT_FILE: simple_input(h, f, name, id, "file"); break;
    case INPUT_PASSWORD: simple_input(h, f, name, id, "password"); break;
    case INPUT_TEXT:
    case INPUT_INT:
    case INPUT_DECIMAL:
    case INPUT_BOOL:
    case INPUT_CHOICES:
    case INPUT_HIDDEN:
    case INPUT_ROWS: simple_input(h, f, name, id, "text"); break;
    }
}

void render_choice(Html *h, const FormField *f, const FilterOption *o, Str name, const char *look) {
    HTML(h, "<label class=\"");
    html_textz(h, look);
    if (f->kind == INPUT_CHOICE)
        HTML(h, "\"><input type=\"radio\"");
    else
        HTML(h, "\"><input type=\"checkbox\"");
    attribute(h, "name", name);
    attribute(h, "value", o->value);
    if (f->n_values ? has_value(f, o->value) : o->is_chosen) HTML(h, " checked=\"\"");
    if (f->is_readonly) HTML(h, " disabled=\"\"");
    HTML(h, "><span>");
    html_text(h, o->label);
    HTML(h, "</span></label>");
}

/* In the list what stands open above is there too, but chosen once: the browser keeps the last. */
void render_listed_choice(Html *h, const FormField *f, const FilterOption *o, Str name) {
    FormField plain = *f;
    FilterOption once = *o;
    for (size_t i = 0; i < f->n_quick && i < f->n_options; i++)
        if (str_eq(f->options[i].value, o->value)) {
            plain.n_values = 0;
            once.is_chosen = false;
        }
    render_choice(h, &plain, &once, name, "check");
}

void render_choices(Html *h, const FormField *f, Str name) {
    for (size_t i = 0; i < f->n_options; i++)
        render_choice(h, f, &f->options[i], name, f->as_cards ? "pill" : "check");
}

void render_field(Html *h, const FormField *f, Str name) {
    tpl_field(h, f, name);
}
