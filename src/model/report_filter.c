/* report_filter.c: a report narrowed by the filters of the list it adds up, with the same sentences
 * and the same panel as that list. Knows no SQL and no markup. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/page_kit.h"
#include "model/report.h"

static bool is_one(const char *const *names, Str name) {
    for (; *names; names++)
        if (str_is(name, *names)) return true;
    return false;
}

Err report_filters(ReportFilters *out, Ctx *c, const Type *t, const char *path, const Input *query,
                   const char *const *own) {
    static const char *const no_filters[] = {"format", "lang", "_fragment", "filters_form", NULL};
    PageQuery q = {.type = t, .path = str_of(path), .is_report = true};
    *out = (ReportFilters){0};
    for (size_t i = 0; query && i < query->n; i++) {
        InputItem item = query->items[i];
        if (!item.value.n || is_one(no_filters, item.name)) continue;
        input_add(is_one(own, item.name) ? &q.columns : &q.params, c->arena, item.name, item.value);
    }
    if (q.params.n > REPORT_KEPT)
        return issue(c, "", "many", N_("A report takes at most 12 filters at once."));
    out->filters = q.params;
    if (query && input_getz(query, "filters_form").n) {
        TRY(page_kit_filter_panel(&out->panel, c, &q));
        out->panel->list.is_bar = true;
        return OK;
    }
    out->bar = view_block(c->arena, BLOCK_LIST);
    ListView *list = &out->bar->list;
    Str none = {0};
    TRY(page_kit_filters(&list->filters, &list->n_filters, c, &q, false));
    list->is_bar = true;
    list->total = -1;
    list->action = page_kit_href(c, &q, none, none, NULL, none);
    list->filters_href = page_kit_href(c, &q, none, none, "filters_form", S("1"));
    return OK;
}

size_t report_keep(FormField *out, Ctx *c, const ReportFilters *filters, Str only_if) {
    for (size_t i = 0; i < filters->filters.n; i++) {
        Str *value = NEW(c->arena, Str);
        *value = filters->filters.items[i].value;
        out[i] = (FormField){.name = filters->filters.items[i].name,
                             .kind = INPUT_HIDDEN,
                             .only_if = only_if,
                             .values = value,
                             .n_values = 1};
    }
    return filters->filters.n;
}
