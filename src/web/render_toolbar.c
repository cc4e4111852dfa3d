/* render_toolbar.c: the parameters of a report as one row: every choice is an address of its own,
 * dates and the like stand in a small form beside. Works without script. Knows no request.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/render_internal.h"

#define MOST_PARAMETERS 24

static void escaped(Text *t, Str s) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == ',';
        if (!plain) text_char(t, '%');
        text_char(t, plain ? (char)c : digits[c >> 4]);
        if (!plain) text_char(t, digits[c & 15]);
    }
}

/* Whether a field still counts when `changed` takes the value. */
static bool counts(const FormGroup *g, const FormField *f, const FormField *changed, Str value) {
    Str rest = f->only_if, name;
    if (!rest.n || !str_cut(&name, &rest, '=')) return true;
    if (changed && str_eq(changed->name, name)) return str_eq(rest, value);
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(g->fields[i].name, name)) return str_eq(rest, render_value(&g->fields[i]));
    return true;
}

Str render_toolbar_href(Html *h, const FormView *v, const FormField *changed, Str value) {
    Text t = text_new(h->arena, 0);
    const FormGroup *g = &v->groups[0];
    char before = '?';
    text_add(&t, v->action);
    for (size_t i = 0; i < g->n && i < MOST_PARAMETERS; i++) {
        const FormField *f = &g->fields[i];
        Str now = f == changed ? value : render_value(f);
        if (!now.n || (f != changed && !counts(g, f, changed, value))) continue;
        text_char(&t, before);
        escaped(&t, f->name);
        text_char(&t, '=');
        escaped(&t, now);
        before = '&';
    }
    return text_str(&t);
}

bool render_is_choice(const FormField *f) {
    return f->kind == INPUT_CHOICE;
}

bool render_is_chosen(const FormField *f, const FilterOption *o) {
    return f->n_values ? str_eq(f->values[0], o->value) : o->is_chosen;
}

Str render_chosen_label(const FormField *f) {
    for (size_t i = 0; i < f->n_options; i++)
        if (render_is_chosen(f, &f->options[i])) return f->options[i].label;
    return render_value(f);
}

/* Of the fields that are typed: how many there are, how many are filled, any error among them. */
size_t render_typed_fields(const FormView *v, size_t *filled, bool *wrong) {
    size_t n = 0;
    *filled = 0;
    *wrong = false;
    for (size_t i = 0; i < v->groups[0].n; i++) {
        const FormField *f = &v->groups[0].fields[i];
        *wrong |= f->n_errors > 0;
        if (render_is_choice(f) || f->kind == INPUT_HIDDEN) continue;
        n++;
        *filled += render_value(f).n > 0;
    }
    return n;
}
