/* incident_parts.c: losses by one field of the incident: cause, unit, process, product, third party
 * ...; each line opens its records. Figures come from incident_query.c, in the reader's scope.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

#include <math.h>

enum { PARTS_SHOWN = 100 };

/* clang-format off */
static const Choice axes[] = {
    {.key = "primary_cause",  .label = N_("Primary cause")},
    {.key = "unit",           .label = N_("Unit")},
    {.key = "process",        .label = N_("Process")},
    {.key = "product",        .label = N_("Product")},
    {.key = "third_party",    .label = N_("Third party")},
    {.key = "client_segment", .label = N_("Client segment")},
    {.key = "channel",        .label = N_("Declared by way of")},
    {0}};
/* clang-format on */

/* The unit is no field of its own. A field that the model does without is none of the choices. */
static Err axis_read(const Choice **out, const Field **field, Ctx *c, const Input *query) {
    Str name = str_trim(input_getz(query, "by"));
    const Choice *one = axes;
    while (name.n && one->key && !str_is(name, one->key)) one++;
    *out = one;
    *field = one->key ? type_field(model_need(c->model, "incident"), str_of(one->key)) : NULL;
    return *field || (one->key && str_is(str_of(one->key), "unit"))
               ? OK
               : issue(c, "by", "bad_value", N_("This is none of the choices."));
}

/* The incidents of a line, in the list of all. */
static Str records(Ctx *c, const char *by, const Cell *value, const Period *p) {
    Str href =
        str_fmt(c->arena, "/incidents?event_kind=loss&discovered_on.ge=%.*s&discovered_on.le=%.*s",
                FMT(p->from), FMT(p->to));
    href =
        report_link(c, href, "state.in", incident_kit_states(c, model_need(c->model, "incident")));
    Str key = value->key.n ? value->key : value->text;
    if (!key.n) return report_link(c, href, str_fmt(c->arena, "%s.empty", by).p, S("1"));
    return report_link(c, href, by, key);
}

static Err value_of(Cell *out, Ctx *c, const Field *by, const Part *p) {
    *out = (Cell){0};
    if (!by) return report_unit(out, c, p->id);
    if (p->id || p->text.n)
        *out = field_cell(c, by, p->id ? value_int(p->id) : value_text(p->text));
    return OK;
}

typedef struct Lines {
    ReportList list;
    const char *name;
    const Field *by;
    const Period *period;
    Str currency;
    double all; /* gross loss of all lines */
} Lines;

/* Shares in tenths of a per cent of all gross losses. */
static void figures(Lines *x, Cell *cells, const Part *p, Str href) {
    cells[1] = report_count(p->count, href);
    cells[2] = report_money(p->gross, x->currency);
    if (x->all > 0) cells[3] = cell_percent(llround(1000.0 * (double)p->gross / x->all), 1);
    cells[4] = report_money(p->recoveries, x->currency);
    cells[5] = report_money(p->net, x->currency);
    cells[6] = report_money(p->largest, x->currency);
}

static Err line(Lines *x, Ctx *c, const Part *p) {
    Cell value;
    TRY(value_of(&value, c, x->by, p));
    Str key = value.key.n ? value.key : value.text,
        href = value.is_masked ? (Str){0} : records(c, x->name, &value, x->period);
    Cell *cells = report_row(&x->list, key, (Str){0});
    cells[0] = key.n || value.is_masked ? value : cell_label((Str){0}, TRS(c, N_("Not said")));
    cells[0].is_named = true;
    figures(x, cells, p, href);
    return OK;
}

/* Beyond those shown one line stands for the rest. */
static Err line_of_others(Lines *x, Ctx *c, const Part *parts, size_t n) {
    Part rest = {0};
    for (size_t i = 0; i < n; i++) {
        if (add_overflows(rest.count, parts[i].count, &rest.count) ||
            add_overflows(rest.gross, parts[i].gross, &rest.gross) ||
            add_overflows(rest.recoveries, parts[i].recoveries, &rest.recoveries) ||
            add_overflows(rest.net, parts[i].net, &rest.net))
            return ERR_INTERNAL;
        if (parts[i].largest > rest.largest) rest.largest = parts[i].largest;
    }
    Cell *cells = report_row(&x->list, S("others"), (Str){0});
    cells[0] = cell_label((Str){0}, TRS(c, N_("All others")));
    figures(x, cells, &rest, (Str){0});
    return OK;
}

static Err lines_of(Lines *x, Ctx *c, const Parts *parts) {
    TRY(incident_group_currency(&x->currency, c));
    size_t shown = parts->n < PARTS_SHOWN ? parts->n : PARTS_SHOWN;
    for (size_t i = 0; i < parts->n; i++) x->all += (double)parts->items[i].gross;
    for (size_t i = 0; i < shown; i++) TRY(line(x, c, &parts->items[i]));
    return shown < parts->n ? line_of_others(x, c, &parts->items[shown], parts->n - shown) : OK;
}

Err incident_report_parts(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/losses-by";
    Column columns[] = {{.name = "value", .kind = CELL_REF, .is_main = true},
                        {.name = "count", .label = S(N_("Incidents")), .kind = CELL_INT},
                        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
                        {.name = "share", .label = S(N_("Share")), .kind = CELL_PERCENT},
                        {.name = "recoveries", .label = S(N_("Recoveries")), .kind = CELL_MONEY},
                        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY},
                        {.name = "largest", .label = S(N_("Largest")), .kind = CELL_MONEY}};
    Period p;
    Parts parts;
    const Choice *axis;
    const Field *by;
    FormField f[4];
    TRY(axis_read(&axis, &by, c, args->query));
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    TRY(incident_query_parts(&parts, c, by, p.from, p.to));
    columns[0].label = str_of(axis->label);
    Lines x = {.list = report_list(c, columns, LENGTH(columns)),
               .name = axis->key,
               .by = by,
               .period = &p};
    TRY(lines_of(&x, c, &parts));
    Block *list = report_block(&x.list, path, args->query, N_("No loss in this period"));
    size_t n = incident_kit_period_fields(f, c, &p);
    f[n++] = report_choice(c, "by", N_("By"), axes, str_of(axis->key));
    out->title = TRS(c, N_("Losses by cause, unit or third party"));
    out->subtitle = INCIDENT_FILL(
        c,
        TR(c,
           N_("By date of discovery, {0} to {1}, in the group's currency, most gross loss first.")),
        report_day_words(c, p.from), report_day_words(c, p.to));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, f, n));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "parts";
    return OK;
}
