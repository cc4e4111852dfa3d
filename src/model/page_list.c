/* page_list.c: the list of a record type: tabs, filters in force, its rows, exports, what can be
 * done. Which rows a reader sees is decided in list.c and access.c alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_list.h"

#include "base/clock.h"
#include "model/list_total.h"
#include "model/saved_view.h"

enum { SCREEN_ROWS = 50 };

/* ---- what was asked ---- */

static bool is_list_param(Str name) {
    static const char *const page_only[] = {"columns",      "columns_form", "view_form", "as_of",
                                            "filters_form", "after",        "limit",     "format",
                                            "lang",         "_fragment"};
    for (size_t i = 0; i < LENGTH(page_only); i++)
        if (str_is(name, page_only[i])) return false;
    return true;
}

static PageQuery read_query(Ctx *c, const Type *t, const Input *query, Format format) {
    PageQuery q = {.type = t, .path = page_kit_list_path(c->arena, t), .is_default = true};
    Input own = {0};
    for (size_t i = 0; i < query->n; i++) {
        InputItem item = query->items[i];
        if (is_list_param(item.name)) {
            q.is_default = false;
            if (item.value.n) input_add(&own, c->arena, item.name, item.value);
        } else if (str_is(item.name, "columns") && item.value.n) {
            input_add(&q.columns, c->arena, item.name, item.value);
        }
    }
    /* Programs and exports ask for exactly what they say; people see the list as its owner arranged
     * it. */
    if (q.is_default && format == FORMAT_HTML && t->def->list_default) {
        page_kit_parse(&own, c->arena, str_of(t->def->list_default));
    }
    q.params = own;
    Str as_of = input_getz(query, "as_of");
    if (as_of.n) input_add(&q.params, c->arena, S("as_of"), as_of);
    return q;
}

static Err parse_list(ListQuery *out, Ctx *c, const PageQuery *q, const Input *query,
                      Format format) {
    Input params = {0};
    input_add_all(&params, c->arena, &q->params);
    Str after = input_getz(query, "after"), limit = input_getz(query, "limit");
    bool is_export = format == FORMAT_CSV || format == FORMAT_XLSX;
    if (after.n && !is_export) input_add(&params, c->arena, S("after"), after);
    if (limit.n && !is_export) input_add(&params, c->arena, S("limit"), limit);
    TRY(list_parse(out, c, q->type, &params));
    if (is_export)
        out->limit = 0;
    else if (!limit.n)
        out->limit = SCREEN_ROWS;
    return OK;
}

/* ---- around the rows ---- */

static Str waiting_states(Ctx *c, const Type *t) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        if (!s->waits_for || !page_kit_holds(c, s->waits_for)) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, s->name);
    }
    return text_str(&names);
}

typedef struct Tabs {
    Tab *items;
    size_t n;
    Str current;  /* canonical query of this page */
    Str arranged; /* the same with the columns that were chosen */
    bool found;
} Tabs;

static void add_tab(Tabs *tabs, Ctx *c, const Type *t, Str label, Str query, Str now) {
    bool is_current = !tabs->found && str_eq(query, now);
    tabs->found |= is_current;
    Str href = str_fmt(c->arena, "/%s?%.*s", t->plural, FMT(query));
    tabs->items[tabs->n++] = (Tab){label, href, -1, is_current};
}

static Str canonical(Ctx *c, Str query) {
    Input params = {0};
    page_kit_parse(&params, c->arena, query);
    return page_kit_query(c->arena, &params);
}

static Str chosen_names(Ctx *c, const PageQuery *q) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < q->columns.n; i++) {
        if (i) text_char(&names, ',');
        text_add(&names, q->columns.items[i].value);
    }
    return text_str(&names);
}

/* What a saved view keeps of this page: its filters, order and columns. */
static Str arranged_query(Ctx *c, const PageQuery *q) {
    Input kept = {0};
    for (size_t i = 0; i < q->params.n; i++) {
        InputItem item = q->params.items[i];
        if (!str_is(item.name, "as_of")) input_add(&kept, c->arena, item.name, item.value);
    }
    if (q->columns.n) input_add(&kept, c->arena, S("columns"), chosen_names(c, q));
    return page_kit_query(c->arena, &kept);
}

static Err add_tabs(ListView *list, Ctx *c, const PageQuery *q, int64_t *view) {
    const Type *t = q->type;
    const SavedView *saved = NULL;
    size_t n_saved = 0;
    TRY(saved_view_list(&saved, &n_saved, c, t));
    Tabs tabs = {.items = NEW_N(c->arena, Tab, n_saved + 4),
                 .current = page_kit_query(c->arena, &q->params),
                 .arranged = arranged_query(c, q)};
    if (!tabs.current.n) tabs.current = S("sort=-id");
    for (size_t i = 0; q->columns.n && i < n_saved; i++)
        if (str_eq(canonical(c, saved[i].query), tabs.arranged)) tabs.current = S("-");
    if (t->def->list_default && !str_is(str_of(t->def->list_default), "sort=-id"))
        add_tab(&tabs, c, t, TRS(c, N_("Current")), canonical(c, str_of(t->def->list_default)),
                tabs.current);
    add_tab(&tabs, c, t, TRS(c, N_("All")), S("sort=-id"), tabs.current);
    Str states = waiting_states(c, t);
    if (states.n) {
        Str query = canonical(c, str_fmt(c->arena, "state.in=%.*s", FMT(states)));
        add_tab(&tabs, c, t, TRS(c, N_("Waiting for me")), query, tabs.current);
    }
    if (c->actor->user) add_tab(&tabs, c, t, TRS(c, N_("Mine")), S("created_by=me"), tabs.current);
    *view = 0;
    for (size_t i = 0; i < n_saved; i++) {
        bool before = tabs.found;
        add_tab(&tabs, c, t, saved[i].name, canonical(c, saved[i].query), tabs.arranged);
        if (!before && tabs.found) *view = saved[i].id;
    }
    list->tabs = tabs.items;
    list->n_tabs = tabs.n;
    return OK;
}

static Err create_button(Button *out, bool *allowed, Ctx *c, const Type *t) {
    Err err;
    *allowed = page_kit_may_create(c, t, &err) && !t->parent && !c->actor->is_read_only;
    TRY(err);
    *out = page_kit_create(c, t);
    return OK;
}

static bool has_current_tab(const ListView *list) {
    for (size_t i = 0; i < list->n_tabs; i++)
        if (list->tabs[i].is_current) return true;
    return false;
}

static Err add_empty(ListView *list, Ctx *c, const PageQuery *q, bool filtered) {
    bool by_tab = has_current_tab(list); /* nobody set these filters by hand */
    if (filtered && !by_tab) {
        list->empty_title = TRS(c, N_("Nothing matches these filters"));
        list->empty_text = TRS(c, N_("Take a filter away, or look at everything."));
        list->empty_button = (Button){.label = TRS(c, N_("Show everything")),
                                      .href = str_fmt(c->arena, "%.*s?sort=-id", FMT(q->path))};
        return OK;
    }
    list->empty_title =
        filtered ? TRS(c, N_("Nothing stands here now")) : TRS(c, N_("Nothing here yet"));
    list->empty_text = TRS(c, q->type->def->text);
    bool allowed = false;
    Button create;
    TRY(create_button(&create, &allowed, c, q->type));
    if (allowed) list->empty_button = create;
    return OK;
}

/* can_save: what is shown is none of the tabs. */
static Err page_buttons(Page *out, Ctx *c, const PageQuery *q, int64_t view, bool can_save) {
    Button *buttons = NEW_N(c->arena, Button, 3);
    bool allowed = false;
    TRY(create_button(&buttons[0], &allowed, c, q->type));
    size_t n = allowed ? 1 : 0;
    if (view) {
        buttons[n++] = (Button){.label = TRS(c, N_("Delete this view")),
                                .href = str_fmt(c->arena, "/views/%lld/delete", (long long)view),
                                .is_post = true};
    } else if (can_save && c->actor->user) {
        Str href = page_kit_href(c, q, (Str){0}, (Str){0}, "view_form", S("1"));
        buttons[n++] = (Button){.label = TRS(c, N_("Save this view")), .href = href, .asks = true};
    }
    out->buttons = buttons;
    out->n_buttons = n;
    return OK;
}

static void as_of_notice(Block *body, Page *out, Ctx *c, const PageQuery *q) {
    if (!c->as_of.n) return;
    out->as_of = c->as_of;
    out->is_past_said = true;
    Str title = FILL(c, TR(c, "As it stood on {0}"), page_kit_day(c->arena, c->as_of));
    Block *notice =
        view_text(c->arena, TEXT_NOTICE, TONE_INFO, title,
                  TRS(c, N_("Later changes are not shown, and nothing can be changed here.")));
    notice->text.button =
        (Button){.label = TRS(c, N_("Show today")),
                 .href = page_kit_href(c, q, S("as_of"), (Str){0}, NULL, (Str){0})};
    view_put(c->arena, body, notice);
}

/* ---- the page ---- */

static bool is_filtered(const PageQuery *q) {
    for (size_t i = 0; i < q->params.n; i++) {
        Str name = q->params.items[i].name;
        if (!str_is(name, "sort") && !str_is(name, "as_of")) return true;
    }
    return false;
}

/* The figures of what the list shows, for those who may open that report. */
static void add_report(ListView *list, Ctx *c, const PageQuery *q) {
    const char *page = q->type->def->report_page;
    if (!page || input_getz(&q->params, "q").n) return;
    Str path, rest = str_of(page);
    str_cut(&path, &rest, '?');
    for (size_t i = 0; i < c->model->n_pages; i++) {
        const PageDef *p = c->model->pages[i];
        if (!str_is(path, p->path) || access_page(c, str_of(p->right)) != OK) continue;
        Input in = {0};
        page_kit_parse(&in, c->arena, rest);
        for (size_t k = 0; k < q->params.n; k++)
            if (!str_is(q->params.items[k].name, "sort"))
                input_add(&in, c->arena, q->params.items[k].name, q->params.items[k].value);
        list->report_href = page_kit_url(c->arena, path, &in);
        list->report_label = TRS(c, p->label);
    }
}

static Err fill_screen(Page *out, Ctx *c, const PageQuery *q, const PageRows *screen,
                       ListView *list) {
    int64_t view = 0;
    bool filtered = is_filtered(q);
    TRY(page_kit_filters(&list->filters, &list->n_filters, c, q, false));
    TRY(add_tabs(list, c, q, &view));
    TRY(add_empty(list, c, q, filtered));
    if (!c->as_of.n && !c->actor->is_read_only) page_bulk_buttons(list, c, q->type, screen->states);
    bool can_save = q->columns.n || (filtered && !has_current_tab(list));
    TRY(page_buttons(out, c, q, view, can_save));
    Str none = {0};
    list->search = input_getz(&q->params, "q");
    list->action = page_kit_href(c, q, none, none, NULL, none);
    list->filters_href = page_kit_href(c, q, none, none, "filters_form", S("1"));
    list->first_href = page_kit_href(c, q, none, none, NULL, none);
    if (list->next_cursor.n)
        list->next_href = page_kit_href(c, q, none, none, "after", list->next_cursor);
    list->columns_href = page_kit_href(c, q, none, none, "columns_form", S("1"));
    add_report(list, c, q);
    Str query = page_kit_query(c->arena, &q->params);
    list->export_query = query.n ? str_fmt(c->arena, "?%.*s", FMT(query)) : S("?sort=-id");
    return OK;
}

static Err check_as_of(Ctx *c, Str as_of) {
    int64_t days;
    if (!as_of.n) return OK;
    if (!date_parse(&days, as_of))
        return issue(c, "as_of", "invalid", N_("This is no date; write it as 2026-03-31."));
    c->as_of = as_of;
    return OK;
}

Err page_list(Ctx *c, const Type *t, const Input *query, Format format, Page *out) {
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    if ((t->flags & TYPE_NO_PAGES) || !access_any(access)) return ERR_MISSING;
    TRY(check_as_of(c, input_getz(query, "as_of")));
    PageQuery q = read_query(c, t, query, format);
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    if (format == FORMAT_HTML && input_has(query, S("columns_form"))) {
        page_list_form_columns(out, c, &q, hidden);
        return OK;
    }
    if (format == FORMAT_HTML && input_has(query, S("filters_form")))
        return page_list_form_filters(out, c, &q);
    if (format == FORMAT_HTML && input_has(query, S("view_form"))) {
        page_list_form_view(out, c, &q, arranged_query(c, &q));
        return OK;
    }
    ListQuery parsed = {0};
    TRY(parse_list(&parsed, c, &q, query, format));
    PageColumns *columns = NEW(c->arena, PageColumns);
    if (format == FORMAT_HTML)
        page_columns_chosen(columns, c, &q, hidden);
    else
        page_columns_machine(columns, c, t, hidden);
    if (format == FORMAT_HTML)
        parsed.wanted = page_kit_drawn(c, &parsed, columns->items, columns->n);
    ListCursor *cursor = NULL;
    if (format == FORMAT_HTML) saved_view_announce(c, t);
    if (parsed.limit) list_total_announce(c, &parsed);
    TRY(list_open(&cursor, c, &parsed));
    Block *block = view_block(c->arena, BLOCK_LIST);
    block->id = "list";
    ListView *list = &block->list;
    PageRows screen = {0};
    list->total = -1;
    if (parsed.limit == 0) {
        list->rows = page_rows_apart(c, cursor, columns);
    } else {
        TRY(page_rows_read(&screen, c, cursor, columns));
        list->rows = rows_of_array(c->arena, screen.rows, screen.n);
        list->next_cursor = list_after(cursor);
        if (parsed.after.n || list->next_cursor.n) {
            TRY(list_count(&list->total, &list->total_is_exact, c, &parsed,
                           format == FORMAT_HTML ? LIST_COUNT_SCREEN : LIST_COUNT_API));
        } else { /* all that there is has just been read */
            list->total = (int64_t)screen.n;
            list->total_is_exact = true;
        }
        if (format == FORMAT_HTML) TRY(fill_screen(out, c, &q, &screen, list));
        if (!parsed.after.n) list->first_href = (Str){0}; /* one is there */
    }
    Column *shown = page_columns_view(c, &q, &parsed, columns, format);
    view_share_currency(shown, columns->n, screen.rows, screen.n);
    list->columns = shown;
    list->n_columns = columns->n;
    out->title = TRS(c, t->plural_label);
    out->nav = str_z(c->arena, q.path);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    as_of_notice(out->body, out, c, &q);
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}

Err page_records_list(Ctx *c, const Type *t, const Records *records, const char *const *columns,
                      size_t n, Block **out) {
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    PageColumns *chosen = NEW(c->arena, PageColumns);
    for (size_t i = 0; i < n; i++) page_columns_add(chosen, c, t, str_of(columns[i]), hidden);
    Row *rows = NEW_N(c->arena, Row, records->n ? records->n : 1);
    for (size_t i = 0; i < records->n; i++)
        TRY(page_kit_row(&rows[i], c, c->arena, records->items[i], chosen->items, chosen->n));
    PageQuery q = {.type = t, .path = page_kit_list_path(c->arena, t)};
    ListQuery none = {0};
    Column *shown = page_columns_view(c, &q, &none, chosen, FORMAT_CSV);
    view_share_currency(shown, chosen->n, rows, records->n);
    *out = view_block(c->arena, BLOCK_LIST);
    (*out)->list = (ListView){.columns = shown,
                              .n_columns = chosen->n,
                              .rows = rows_of_array(c->arena, rows, records->n),
                              .total = (int64_t)records->n,
                              .total_is_exact = true,
                              .is_plain = true,
                              .empty_title = TRS(c, N_("Nothing here yet"))};
    return OK;
}
