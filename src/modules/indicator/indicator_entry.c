/* indicator_entry.c: values come in: one form for all that a person provides, a file or a call of
 * another system, the command line. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/report.h"
#include "model/table_read.h"
#include "modules/indicator/indicator_pages.h"

enum { ENTRY_MAX = 100, MINE_MAX = 2000, MOST_UNITS = 5000 };

/* ---- reading what is sent ---- */

/* One value with its texts; issues name "values[at].field". */
typedef struct Texts {
    Str indicator, code, unit, period, value, numerator, denominator, comment;
} Texts;

/* What was sent, taken apart and not yet compared with the database. */
typedef struct Sheet {
    Texts *texts;
    size_t *places; /* of each in what was sent */
    size_t n;
    bool is_file;
} Sheet;

/* ---- which indicator is meant ---- */

/* Those of the definition's code and the unit's; of each definition read once a call. */
static Err by_code(Record **out, Ctx *c, Str code, Str unit) {
    const Type *t = model_need(c->model, "indicator");
    Records list;
    int64_t definition, unit_id;
    const Access *access;
    *out = NULL;
    Err e = ref_find(&definition, c, model_need(c->model, "indicator_definition"), code);
    if (e == OK) e = ref_find(&unit_id, c, model_need(c->model, "unit"), unit);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(access_of(&access, c, t, OP_READ));
    TRY(record_shared_where(&list, c, t, "definition", definition, MOST_UNITS));
    for (size_t i = 0; i < list.n && !*out; i++)
        if (list.items[i]->unit == unit_id && !(list.items[i]->state->flags & STATE_CLOSED) &&
            access_allows(access, list.items[i]))
            *out = list.items[i];
    return OK;
}

/* found[i] NULL: there is none that the actor may see. Numbers are looked up together. */
static Err find_indicators(Record **found, Ctx *c, const Texts *texts, size_t n) {
    Str *numbers = NEW_N(c->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++) numbers[i] = texts[i].indicator;
    TRY(record_find_many(found, c, model_need(c->model, "indicator"), numbers, n));
    for (size_t i = 0; i < n; i++)
        if (!str_trim(texts[i].indicator).n && str_trim(texts[i].code).n)
            TRY(by_code(&found[i], c, str_trim(texts[i].code), str_trim(texts[i].unit)));
    return OK;
}

static void wrong(Ctx *c, size_t at, const char *field, const char *code, const char *text) {
    issue(c, str_fmt(c->arena, "values[%zu].%s", at, field).p, code, text);
}

static Err given_of(Given *out, bool *good, Ctx *c, const Texts *t, Record *found, size_t at) {
    Indicator i;
    size_t errors = c->issues.errors;
    *out = (Given){.indicator = found, .comment = str_trim(t->comment)};
    *good = false;
    if (!found) {
        wrong(c, at, "indicator", "missing", N_("There is no such indicator."));
        return OK;
    }
    if (!indicator_may_provide(c, out->indicator)) {
        wrong(c, at, "indicator", "denied", N_("You do not provide this indicator."));
        return OK;
    }
    TRY(indicator_open(&i, c, out->indicator));
    if (!period_parse(&out->period, i.frequency, str_trim(t->period)))
        wrong(
            c, at, "period", "bad_value",
            N_("This is no period of this indicator, for example 2026-03, 2026-Q1, 2026-W09 or a day."));
    if (t->value.n && !indicator_parse_value(&out->value, t->value))
        wrong(c, at, "value", "bad_value", N_("This is not a number, for example 12.5."));
    out->has_parts = t->numerator.n || t->denominator.n;
    if (out->has_parts && !indicator_parse_value(&out->numerator, t->numerator))
        wrong(c, at, "numerator", "bad_value", N_("This is not a number, for example 12.5."));
    if (out->has_parts && !indicator_parse_value(&out->denominator, t->denominator))
        wrong(c, at, "denominator", "bad_value", N_("This is not a number, for example 12.5."));
    if (!t->value.n && !out->has_parts) wrong(c, at, "value", "required", N_("This is needed."));
    if (out->comment.n > 2000) wrong(c, at, "comment", "too_long", N_("The comment is too long."));
    *good = c->issues.errors == errors;
    return OK;
}

/* What is not filled in is left out. */
static Err take_all(Given **out, size_t *n, Ctx *c, const Sheet *s) {
    Record **found = NEW_N(c->arena, Record *, s->n + 1);
    *n = 0;
    *out = NEW_N(c->arena, Given, s->n + 1);
    TRY(find_indicators(found, c, s->texts, s->n));
    for (size_t i = 0; i < s->n; i++) {
        bool good;
        TRY(given_of(&(*out)[*n], &good, c, &s->texts[i], found[i], s->places[i]));
        *n += good;
    }
    return OK;
}

static Err read_input(Sheet *out, Ctx *c, const Input *in) {
    static const char *const names[] = {"indicator", "code",      "unit",        "period",
                                        "value",     "numerator", "denominator", "comment"};
    Texts *list = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < in->n; i++) { /* "values[12].period", in one walk */
        Str name = in->items[i].name, digits;
        int64_t at;
        ptrdiff_t close = str_find(name, S("]."));
        if (!str_starts(name, S("values[")) || close < 0) continue;
        digits = str_sub(name, 7, (size_t)close - 7);
        if (!str_to_int(&at, digits) || at < 0) continue;
        if (at >= SERIES_BATCH)
            return issue(c, "values", "too_many", N_("Too many values in one call."));
        while (count <= (size_t)at) {
            GROW(c->arena, list, count, cap);
            list[count++] = (Texts){0};
        }
        Str field = str_sub(name, (size_t)close + 2, name.n);
        Str *fields = (Str *)&list[at];
        for (size_t k = 0; k < LENGTH(names); k++)
            if (str_is(field, names[k]) && in->items[i].value.n) fields[k] = in->items[i].value;
    }
    size_t *places = NEW_N(c->arena, size_t, count + 1), kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool empty = !list[i].value.n && !list[i].numerator.n && !list[i].denominator.n;
        if (empty && (list[i].indicator.n || list[i].code.n || !list[i].period.n))
            continue; /* left out of a form */
        places[kept] = i;
        list[kept++] = list[i];
    }
    *out = (Sheet){list, places, kept, false};
    return OK;
}

Err indicator_read_input(Given **out, size_t *n, Ctx *c, const Input *in) {
    Sheet s;
    TRY(read_input(&s, c, in));
    return take_all(out, n, c, &s);
}

/* By its name in programs, a usual word, or the label in any language. */
static size_t column_of(const Table *t, const char *const *words, const char *label) {
    for (size_t i = 0; i < t->n_headers; i++) {
        Str head = str_trim(t->headers[i]);
        for (size_t k = 0; words[k]; k++)
            if (str_is(head, words[k])) return i;
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (str_eq(head, trs((Lang)lang, label))) return i;
    }
    return SIZE_MAX;
}

static Err read_table(Sheet *out, Ctx *c, Str bytes) {
    static const char *const words[][4] = {{"indicator", "indicateur", "number", NULL},
                                           {"code", NULL},
                                           {"unit", "unité", "unite", NULL},
                                           {"period", "période", "periode", NULL},
                                           {"value", "valeur", NULL},
                                           {"numerator", "numérateur", NULL},
                                           {"denominator", "dénominateur", NULL},
                                           {"comment", "commentaire", NULL}};
    static const char *const labels[] = {N_("Indicator"),   N_("Code"),   N_("Unit"),
                                         N_("Period"),      N_("Value"),  N_("Numerator"),
                                         N_("Denominator"), N_("Comment")};
    TableFile *file = NEW(c->arena, TableFile);
    TableOptions options = {0};
    const char *why = NULL;
    Err e = table_read(file, &why, c->arena, bytes, &options);
    if (e == ERR_INVALID) return issue(c, "file", "unreadable", why);
    TRY(e);
    const Table *t = &file->items[0];
    size_t columns[LENGTH(words)];
    for (size_t k = 0; k < LENGTH(words); k++) columns[k] = column_of(t, words[k], labels[k]);
    if (columns[3] == SIZE_MAX)
        return issue(c, "file", "columns",
                     N_("A column “period” is needed, with “indicator”, or “code” and “unit”."));
    if (t->n_rows > SERIES_BATCH)
        return issue(c, "file", "too_many", N_("Too many values in one call."));
    Texts *list = NEW_N(c->arena, Texts, t->n_rows + 1);
    size_t *places = NEW_N(c->arena, size_t, t->n_rows + 1), kept = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        Texts texts = {0};
        Str *fields = (Str *)&texts;
        TableRow row = table_row(t, i, c->arena);
        for (size_t k = 0; k < LENGTH(words); k++)
            if (columns[k] != SIZE_MAX) fields[k] = str_trim(table_cell(&row, columns[k]));
        if (!texts.value.n && !texts.numerator.n && !texts.denominator.n && texts.period.n)
            continue; /* not filled in */
        places[kept] = i;
        list[kept++] = texts;
    }
    *out = (Sheet){list, places, kept, true};
    return OK;
}

Err indicator_read_table(Given **out, size_t *n, Ctx *c, Str bytes) {
    Sheet s;
    *n = 0;
    TRY(read_table(&s, c, bytes));
    return take_all(out, n, c, &s);
}

static void free_room(void *arena) {
    arena_free(arena);
}

/* Ten thousand values need more than a request usually may take. */
static void make_room(Ctx *c) {
    Arena *own = c->arena, *room = arena_new(0);
    arena_defer(own, free_room, room);
    c->arena = c->keep = room;
}

/* ---- the form of a provider ---- */

static FormField text_field(Ctx *c, const char *name, Str label, Str value) {
    Str *kept = NEW(c->arena, Str);
    *kept = value;
    return (FormField){.name = str_of(name),
                       .label = label,
                       .kind = INPUT_TEXT,
                       .values = kept,
                       .n_values = value.n ? 1 : 0};
}

static void typed_into(FormField *f, Ctx *c, const Input *typed) {
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_eq(c->issues.items[i].field, f->name))
            errors[n++] = issue_text(c, &c->issues.items[i]);
    f->errors = errors;
    f->n_errors = n;
    if (!typed || !input_has(typed, f->name)) return;
    Str *value = NEW(c->arena, Str);
    *value = input_get(typed, f->name);
    f->values = value;
    f->n_values = value->n ? 1 : 0;
}

static Str value_words(Ctx *c, const Indicator *i, int64_t value) {
    return indicator_cell_words(c, indicator_value_cell(i->definition, value));
}

/* By when, what it was, and from where on it leaves green: what its provider looks up otherwise. */
static Err entry_words(Str *out, Ctx *c, const Indicator *i, int64_t period) {
    Text words = text_new(c->arena, 1000);
    Bounds b;
    int64_t threshold, last;
    Str due = report_day_words(c, date_text(c->arena, indicator_due(i, period)));
    text_add(&words, INDICATOR_FILL(c, TR(c, N_("Due on {0}.")), due));
    if (date_parse(&last, record_text(i->record, "last_period"))) {
        text_char(&words, ' ');
        text_add(&words, INDICATOR_FILL(c, TR(c, N_("Last value: {0} in {1}.")),
                                        value_words(c, i, record_int(i->record, "last_value")),
                                        indicator_period_label(c, i, last)));
    }
    TRY(indicator_bounds(&b, &threshold, c, i, period_end(i->frequency, period)));
    if (threshold && b.basis == ABSOLUTE) {
        bool band = b.direction == BAND;
        const char *text = b.direction == HIGHER_WORSE ? TR(c, N_("Amber from {0}, red from {1}."))
                           : b.direction == LOWER_WORSE
                               ? TR(c, N_("Amber below {0}, red below {1}."))
                               : TR(c, N_("Green from {0} and below {1}."));
        text_char(&words, ' ');
        text_add(&words, INDICATOR_FILL(c, text, value_words(c, i, band ? b.green_low : b.amber),
                                        value_words(c, i, band ? b.green_high : b.red)));
    }
    *out = text_str(&words);
    return OK;
}

static FormField entry_field(Ctx *c, size_t at, const char *name, Str label, Str value,
                             InputKind kind) {
    FormField f = text_field(c, str_fmt(c->arena, "values[%zu].%s", at, name).p, label, value);
    f.kind = kind;
    return f;
}

static Err entry_group(FormGroup *out, Ctx *c, const Indicator *i, size_t at, const Input *typed) {
    FormField *f = NEW_N(c->arena, FormField, 6);
    size_t n = 0;
    Str numerator = indicator_words(c, i->definition, "numerator"), words,
        denominator = indicator_words(c, i->definition, "denominator");
    int64_t period = indicator_last_period(c, i);
    f[n++] =
        entry_field(c, at, "indicator", (Str){0}, record_number(c->arena, i->record), INPUT_HIDDEN);
    if (numerator.n) {
        f[n++] = entry_field(c, at, "numerator", numerator, (Str){0}, INPUT_DECIMAL);
        f[n++] = entry_field(c, at, "denominator", denominator, (Str){0}, INPUT_DECIMAL);
    } else
        f[n++] = entry_field(c, at, "value", TRS(c, N_("Value")), (Str){0}, INPUT_DECIMAL);
    f[n] = entry_field(c, at, "period", TRS(c, N_("Period")), indicator_period_label(c, i, period),
                       INPUT_TEXT);
    f[n++].max_length = 10;
    f[n] = entry_field(c, at, "comment", TRS(c, N_("Comment")), (Str){0}, INPUT_LONG);
    f[n].rows = 2;
    f[n++].is_optional_part = true;
    for (size_t k = 0; k < n; k++) typed_into(&f[k], c, typed);
    TRY(entry_words(&words, c, i, period));
    *out = (FormGroup){.label = indicator_title(c, i->record),
                       .text = words,
                       .fields = f,
                       .n = n,
                       .more_label = TRS(c, N_("Comment"))};
    return OK;
}

static bool is_asked(Ctx *c, const Indicator *i, Str wanted) {
    Str collection = record_text(i->definition, "collection");
    if (wanted.n) return str_eq(record_number(c->arena, i->record), wanted);
    bool by_hand = str_is(collection, "manual") || str_is(collection, "file");
    int64_t last;
    bool is_there = date_parse(&last, record_text(i->record, "last_period")) &&
                    last >= indicator_last_period(c, i);
    return by_hand && !is_there && record_int(i->record, "provider") == c->actor->user;
}

/* One indicator, or all that the reader provides. */
static Err mine(Indicators *out, Ctx *c, Str number) {
    Input params = {0};
    Record *r;
    if (!number.n) {
        input_add(&params, c->arena, S("provider"), c->actor->email);
        return indicator_visible(out, c, &params, MINE_MAX);
    }
    *out = (Indicators){.items = NEW(c->arena, Indicator)};
    TRY(record_find(&r, c, model_need(c->model, "indicator"), number));
    out->n = 1;
    return indicator_open(&out->items[0], c, r);
}

static const Str *whole_errors(size_t *n, Ctx *c) {
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    *n = 0;
    for (size_t i = 0; i < c->issues.n; i++)
        if (!str_starts(c->issues.items[i].field, S("values[")))
            errors[(*n)++] = issue_text(c, &c->issues.items[i]);
    return errors;
}

Err indicator_entry(Ctx *c, const PageArgs *args, Page *out) {
    Indicators all;
    Str wanted = str_trim(input_getz(args->query, "indicator"));
    FormGroup *groups = NEW_N(c->arena, FormGroup, ENTRY_MAX + 1);
    size_t n = 0;
    if (!wanted.n) wanted = str_trim(input_getz(args->query, "_only"));
    TRY(mine(&all, c, wanted));
    for (size_t i = 0; i < all.n && n < ENTRY_MAX; i++)
        if (is_asked(c, &all.items[i], wanted) && indicator_may_provide(c, all.items[i].record)) {
            TRY(entry_group(&groups[n], c, &all.items[i], n, args->query));
            n++;
        }
    out->title = TRS(c, N_("Enter values"));
    out->subtitle =
        TRS(c, N_("What you leave empty stays open; everything else is saved together."));
    if (!n) {
        out->body = out->main =
            view_text(c->arena, TEXT_EMPTY, TONE_GOOD, TRS(c, N_("No value waits for you")),
                      TRS(c, N_("The grid shows what all indicators say.")));
        out->body->text.button =
            (Button){.label = TRS(c, N_("Grid of indicators")), .href = S("/indicator-grid")};
        return OK;
    }
    FormField *reason = NEW_N(c->arena, FormField, 2);
    reason[0] = text_field(c, "reason", TRS(c, N_("Why a value is corrected")), (Str){0});
    reason[0].help = TRS(c, N_("Only when a period has a value already; the old one is kept."));
    reason[0].is_optional_part = true;
    typed_into(&reason[0], c, args->query);
    reason[1] = text_field(c, "_only", (Str){0}, wanted);
    reason[1].kind = INPUT_HIDDEN;
    groups[n++] =
        (FormGroup){.fields = reason, .n = 2, .more_label = TRS(c, N_("Correct a value"))};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/indicator-entry"),
                         .groups = groups,
                         .n_groups = n,
                         .submit_label = TRS(c, N_("Save the values")),
                         .is_entry = true,
                         .autosave = true};
    b->form.errors = whole_errors(&b->form.n_errors, c);
    Button *sheet = NEW(c->arena, Button);
    *sheet = (Button){
        .label = TRS(c, N_("As a sheet")), .href = S("/indicator-due"), .icon = "download"};
    out->buttons = sheet;
    out->n_buttons = 1;
    out->body = out->main = b;
    return OK;
}

/* ---- what is due, as a sheet to be filled in ---- */

static void due_row(ReportList *l, Ctx *c, const Indicator *i) {
    Str number = record_number(c->arena, i->record);
    Cell *x = report_row(l, number, record_path(c->arena, i->record));
    int64_t period = indicator_last_period(c, i);
    Str note;
    RefName unit = {0};
    x[0] = cell_code(number);
    if (indicator_names(&x[1].text, &note, c, i->record) == OK) x[1] = cell_text(x[1].text);
    if (ref_name(&unit, c, model_need(c->model, "unit"), i->record->unit) == OK)
        x[2] = cell_code(unit.key);
    x[3] = cell_code(indicator_period_label(c, i, period));
    x[8] = cell_date(date_text(c->arena, indicator_due(i, period)));
    x[9] = cell_text(indicator_words(c, i->definition, "numerator"));
    x[10] = cell_text(indicator_words(c, i->definition, "denominator"));
}

Err indicator_due_sheet(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "indicator", .label = S(N_("Indicator")), .kind = CELL_CODE},
        {.name = "title", .label = S(N_("Title")), .kind = CELL_TEXT, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_CODE},
        {.name = "period", .label = S(N_("Period")), .kind = CELL_CODE},
        {.name = "value", .label = S(N_("Value")), .kind = CELL_DECIMAL},
        {.name = "numerator", .label = S(N_("Numerator")), .kind = CELL_DECIMAL},
        {.name = "denominator", .label = S(N_("Denominator")), .kind = CELL_DECIMAL},
        {.name = "comment", .label = S(N_("Comment")), .kind = CELL_TEXT},
        {.name = "due", .label = S(N_("Due on")), .kind = CELL_DATE},
        {.name = "numerator_is", .label = S(N_("The numerator is")), .kind = CELL_TEXT},
        {.name = "denominator_is", .label = S(N_("The denominator is")), .kind = CELL_TEXT}};
    Indicators all;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(mine(&all, c, (Str){0}));
    for (size_t i = 0; i < all.n; i++)
        if (is_asked(c, &all.items[i], (Str){0})) due_row(&l, c, &all.items[i]);
    out->title = TRS(c, N_("Values that are due"));
    out->subtitle = TRS(
        c,
        N_("Download it, fill the values in and send it back: numerator and denominator for a ratio, the value otherwise."));
    Button *back = NEW(c->arena, Button);
    *back = (Button){
        .label = TRS(c, N_("Send it back")), .href = S("/indicator-push"), .icon = "upload"};
    out->buttons = back;
    out->n_buttons = 1;
    out->body = out->main =
        report_block(&l, "/indicator-due", args->query, N_("No value waits for you"));
    return OK;
}

static Err collect(Collected *out, Ctx *c, Given *given, size_t n, const char *method, Str reason) {
    if (c->issues.errors) return ERR_INVALID;
    if (!n) return issue(c, "", "empty", N_("No value was given."));
    Err e = indicator_collect(out, c, given, n, method, reason);
    if (e != ERR_INVALID) return e;
    /* the reason is one field of the form, whichever value asks for it */
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_ends(c->issues.items[i].field, S("].reason")))
            c->issues.items[i].field = S("reason");
    return e;
}

Err indicator_entry_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Given *given;
    size_t n;
    Collected done;
    (void)args;
    TRY(indicator_read_input(&given, &n, c, form));
    TRY(collect(&done, c, given, n, "manual", input_getz(form, "reason")));
    *redirect = n == 1 ? record_path(c->arena, given[0].indicator) : S("/indicator-grid");
    return OK;
}

/* ---- other systems and files ---- */

Err indicator_push(Ctx *c, const PageArgs *args, Page *out) {
    FormField *f = NEW_N(c->arena, FormField, 2);
    FormGroup *group = NEW(c->arena, FormGroup);
    f[0] = (FormField){
        .name = S("file"),
        .label = TRS(c, N_("File")),
        .kind = INPUT_FILE,
        .is_required = true,
        .help = TRS(
            c,
            N_("CSV, Excel or JSON with the columns period and indicator (or code and unit), and value or numerator and denominator; at most 10,000 rows."))};
    f[1] = text_field(c, "reason", TRS(c, N_("Why a value is corrected")), (Str){0});
    typed_into(&f[0], c, NULL);
    typed_into(&f[1], c, args->query);
    *group = (FormGroup){.fields = f, .n = 2};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/indicator-push"),
                         .groups = group,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Take over")),
                         .has_files = true};
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    for (size_t i = 0; i < c->issues.n && b->form.n_errors < 50; i++)
        if (!str_is(c->issues.items[i].field, "file") &&
            !str_is(c->issues.items[i].field, "reason"))
            errors[b->form.n_errors++] =
                INDICATOR_FILL(c, TR(c, N_("{0}: {1}")), c->issues.items[i].field,
                               issue_text(c, &c->issues.items[i]));
    b->form.errors = errors;
    out->title = TRS(c, N_("Values from a file or a system"));
    out->subtitle = TRS(c, N_("All or nothing; sending the same again changes nothing."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, b);
    view_put(
        c->arena, out->body,
        view_text(
            c->arena, TEXT_PLAIN, TONE_NONE, TRS(c, N_("From a program")),
            TRS(c,
                N_("A program sends the same to this address with its token: a file as “file”, or JSON with “values”."))));
    view_put(
        c->arena, out->body,
        view_text(
            c->arena, TEXT_CODE, TONE_NONE, (Str){0},
            S("POST /indicator-push\nAuthorization: Bearer TOKEN\nIdempotency-Key: 2026-03-core\n\n"
              "{\"values\": [{\"code\": \"K13\", \"unit\": \"SI-PRO\", \"period\": \"2026-03\", \"value\": \"99.91\"}]}")));
    out->main = b;
    return OK;
}

/* Before the transaction: a spreadsheet of ten thousand rows takes its time, nobody waits for it.
 */
Err indicator_push_prepare(void **out, Ctx *c, const Input *form) {
    bool has_file = form->n_files > 0 && form->files[0].bytes.n > 0;
    make_room(c);
    Sheet *s = NEW(c->arena, Sheet);
    *out = s;
    if (has_file) return read_table(s, c, form->files[0].bytes);
    TRY(read_input(s, c, form));
    return s->n ? OK : issue(c, "file", "required", N_("Choose a file, or send values."));
}

Err indicator_push_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    const Sheet *s = args->prepared;
    Given *given;
    size_t n;
    Collected done;
    make_room(c);
    TRY(take_all(&given, &n, c, s));
    TRY(collect(&done, c, given, n, s->is_file ? "file" : "push", input_getz(form, "reason")));
    *redirect = done.batch ? record_path(c->arena, done.batch) : S("/indicator-grid");
    return OK;
}
