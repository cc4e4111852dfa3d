/* incident_kit.c: builders that the reports share: periods, parameter forms, plain lists. Knows no
 * SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/incident/incident_pages.h"

/* clang-format off */
const Choice incident_kit_periods[] = {
    {"ytd", N_("This year"), 0}, {"qtd", N_("This quarter"), 0}, {"rolling_12", N_("12 months"), 0}, {"rolling_36", N_("36 months"), 0},
    {"rolling_120", N_("10 years"), 0}, {"custom", N_("From … to …"), 0}, {0}
};
/* clang-format on */

static int32_t month_of(Str day) {
    int64_t y = 0, m = 1;
    if (day.n != 10 || !str_to_int(&y, str_sub(day, 0, 4)) || !str_to_int(&m, str_sub(day, 5, 2)))
        return 0;
    return (int32_t)(y * 12 + m - 1);
}

static Str first_day(Ctx *c, int32_t month) {
    return str_fmt(c->arena, "%04d-%02d-01", (int)(month / 12), (int)(month % 12 + 1));
}

static Str last_day(Ctx *c, int32_t month) {
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
    *out = month_of(date_text(c->arena, days));
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
    int32_t now = month_of(as_of.n ? as_of : c->today);
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
    out->from = first_day(c, out->first);
    out->to = last_day(c, out->last);
    return OK;
}

FormField incident_kit_choice(Ctx *c, const char *name, Str label, const Choice *choices,
                              Str chosen) {
    size_t n = 0;
    while (choices[n].key) n++;
    FilterOption *options = NEW_N(c->arena, FilterOption, n);
    for (size_t i = 0; i < n; i++)
        options[i] = (FilterOption){.value = str_of(choices[i].key),
                                    .label = TRS(c, choices[i].label),
                                    .is_chosen = str_is(chosen, choices[i].key)};
    Str *value = NEW(c->arena, Str);
    *value = chosen;
    return (FormField){.name = str_of(name),
                       .label = label,
                       .kind = INPUT_CHOICE,
                       .options = options,
                       .n_options = n,
                       .values = value,
                       .n_values = chosen.n ? 1 : 0};
}

FormField incident_kit_date(Ctx *c, const char *name, Str label, Str value) {
    Str *kept = NEW(c->arena, Str);
    *kept = value;
    return (FormField){.name = str_of(name),
                       .label = label,
                       .kind = INPUT_DATE,
                       .values = kept,
                       .n_values = value.n ? 1 : 0};
}

Block *incident_kit_parameters(Ctx *c, const char *path, const FormField *fields, size_t n) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *kept = NEW_N(c->arena, FormField, n);
    FormGroup *g = NEW(c->arena, FormGroup);
    memcpy(kept, fields, n * sizeof *kept);
    *g = (FormGroup){.fields = kept, .n = n};
    b->form = (FormView){.action = str_of(path),
                         .groups = g,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Show")),
                         .is_get = true,
                         .is_toolbar = true};
    return b;
}

/* Periods side by side; the one of typed days is there only while it is in force. */
size_t incident_kit_period_fields(FormField *out, Ctx *c, const Period *p) {
    bool is_custom = str_is(p->name, "custom");
    out[0] = incident_kit_choice(c, "period", TRS(c, N_("Period")), incident_kit_periods, p->name);
    out[0].as_cards = true;
    out[0].n_options -= !is_custom;
    out[1] = incident_kit_date(c, "from", TRS(c, N_("From")), is_custom ? p->from : (Str){0});
    out[2] = incident_kit_date(c, "to", TRS(c, N_("To")), is_custom ? p->to : (Str){0});
    out[1].only_if = out[2].only_if = S("period=custom");
    return 3;
}

KitList incident_kit_list(Ctx *c, const Column *columns, size_t n) {
    Column *kept = NEW_N(c->arena, Column, n);
    for (size_t i = 0; i < n; i++) {
        kept[i] = columns[i];
        kept[i].label = trs(c->lang, columns[i].label.p);
    }
    return (KitList){.c = c, .columns = kept, .n_columns = n};
}

Cell *incident_kit_row(KitList *l, Str id, Str href) {
    Cell *cells = NEW_N(l->c->arena, Cell, l->n_columns);
    GROW(l->c->arena, l->rows, l->n, l->cap);
    l->rows[l->n++] = (Row){.id = id, .href = href, .cells = cells};
    return cells;
}

static Str query_text(Ctx *c, const Input *query) {
    Text t = text_new(c->arena, 4000);
    text_char(&t, '?');
    bool any = false;
    for (size_t i = 0; query && i < query->n; i++) {
        Str name = query->items[i].name;
        if (!query->items[i].value.n || str_is(name, "format") || str_is(name, "lang")) continue;
        if (any) text_char(&t, '&');
        any = true;
        text_add(&t, incident_kit_link(c, "", str_z(c->arena, name), query->items[i].value));
    }
    return text_str(&t);
}

Block *incident_kit_block(KitList *l, const char *path, const Input *query, const char *empty) {
    Block *b = view_block(l->c->arena, BLOCK_LIST);
    view_share_currency(l->columns, l->n_columns, l->rows, l->n);
    b->list = (ListView){.columns = l->columns,
                         .n_columns = l->n_columns,
                         .rows = rows_of_array(l->c->arena, l->rows, l->n),
                         .total = (int64_t)l->n,
                         .total_is_exact = true,
                         .is_plain = true,
                         .action = str_of(path),
                         .export_query = path ? query_text(l->c, query) : (Str){0},
                         .empty_title = TRS(l->c, empty)};
    return b;
}

Cell incident_kit_count(int64_t n, Str href) {
    Cell cell = cell_int(n);
    return n ? cell_link(cell, href) : cell;
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

Str incident_kit_link(Ctx *c, const char *before, const char *name, Str value) {
    static const char hex[] = "0123456789ABCDEF";
    Text t = text_new(c->arena, 8000);
    text_fmt(&t, "%s%s=", before, name);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char ch = (unsigned char)value.p[i];
        bool plain = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                     (ch >= 'A' && ch <= 'Z') || strchr("-._,", ch);
        if (plain && ch) {
            text_char(&t, (char)ch);
            continue;
        }
        text_char(&t, '%');
        text_char(&t, hex[ch >> 4]);
        text_char(&t, hex[ch & 15]);
    }
    return text_str(&t);
}

Str incident_kit_day(Ctx *c, Str iso) {
    if (iso.n != 10) return iso;
    return str_fmt(c->arena, "%.2s/%.2s/%.4s", iso.p + 8, iso.p + 5, iso.p);
}

Fact incident_kit_fact(const char *name, Str label, Cell cell) {
    return (Fact){.name = name, .label = label, .cell = cell};
}
