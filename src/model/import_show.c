/* import_show.c: an import as blocks: figures, rejected rows, what each row does, how far it is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_page.h"

/* clang-format off */
static const struct { const char *name, *label; Tone tone; } states[] = {
    {"waiting",   N_("Being checked"),          TONE_INFO},
    {"checked",   N_("Checked"),                TONE_INFO},
    {"refused",   N_("Cannot be imported"),     TONE_BAD},
    {"approval",  N_("Waits for a release"),    TONE_WARN},
    {"queued",    N_("In the queue"),           TONE_INFO},
    {"running",   N_("Being imported"),         TONE_INFO},
    {"done",      N_("Imported"),               TONE_GOOD},
    {"undoing",   N_("Being taken back"),       TONE_WARN},
    {"undone",    N_("Taken back"),             TONE_MUTED},
    {"discarded", N_("Thrown away"),            TONE_MUTED},
};
/* clang-format on */

Cell import_state_cell(Ctx *c, Str state) {
    for (size_t i = 0; i < LENGTH(states); i++)
        if (str_is(state, states[i].name))
            return cell_state(state, TRS(c, states[i].label), states[i].tone);
    return cell_text(state);
}

static Fact fact(Ctx *c, const char *name, const char *label, int64_t n) {
    return (Fact){.name = name, .label = TRS(c, label), .cell = cell_int(n)};
}

static Fact hidden(Ctx *c, const char *name, Cell cell) {
    (void)c;
    return (Fact){.name = name, .label = str_of(name), .cell = cell, .is_hidden = true};
}

Block *import_figures(Ctx *c, const ImportRun *run, const ImportReport *r) {
    Block *b = view_block(c->arena, BLOCK_FACTS);
    Fact *facts = NEW_N(c->arena, Fact, 16);
    size_t n = 0;
    bool was = word_in("running undoing undone done", run->state);
    bool known = run->read > 0 || r->read > 0;
    int64_t created = was ? run->created : r->created, updated = was ? run->updated : r->updated;
    if (known) {
        facts[n++] = fact(c, "read", N_("Rows read"), run->read);
        facts[n++] = fact(c, "created", was ? N_("Rows created") : N_("To create"), created);
        facts[n++] = fact(c, "updated", was ? N_("Rows updated") : N_("To update"), updated);
        facts[n++] = fact(c, "unchanged", N_("Unchanged"), was ? run->unchanged : r->unchanged);
        facts[n++] = fact(c, "rejected", N_("Rejected"), was ? run->rejected : r->n_rejected);
    }
    if (word_in("undoing undone", run->state)) {
        facts[n++] = fact(c, "undone", N_("Records taken back"), run->undone);
        facts[n++] = fact(c, "kept", N_("Kept, changed or used since"), run->kept);
    }
    facts[n++] = hidden(c, "id", cell_int(run->id));
    facts[n++] = hidden(c, "state", cell_label(run->state, run->state));
    facts[n++] = hidden(c, "done", cell_int(run->done));
    facts[n++] = hidden(c, "children_created", cell_int(run->children_created));
    facts[n++] = hidden(c, "children_updated", cell_int(run->children_updated));
    facts[n++] = hidden(c, "why", cell_text(run->why));
    b->facts = (FactsView){.facts = facts, .n = n, .is_headline = true};
    return b;
}

Block *import_plain_list(Ctx *c, const Column *columns, size_t n_columns, const Row *rows, size_t n,
                         const char *empty) {
    Block *b = view_block(c->arena, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = n_columns,
                         .rows = rows_of_array(c->arena, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .empty_title = TRS(c, empty),
                         .is_plain = true};
    return b;
}

Column import_column(Ctx *c, const char *name, const char *label, CellKind kind) {
    return (Column){.name = name, .label = TRS(c, label), .kind = kind};
}

/* Is any row of a named sheet? */
static bool has_sheets(const ImportReport *r) {
    for (size_t i = 0; i < r->n_reasons; i++)
        if (r->rejected[i].sheet.n) return true;
    for (size_t i = 0; i < r->n_lines; i++)
        if (r->lines[i].sheet.n) return true;
    return false;
}

Block *import_rejected(Ctx *c, const ImportReport *r, size_t most) {
    size_t n = r->n_reasons < most ? r->n_reasons : most, k = 0;
    bool sheets = has_sheets(r);
    Column *columns = NEW_N(c->arena, Column, 4);
    Row *rows = NEW_N(c->arena, Row, n + 1);
    columns[k++] = import_column(c, "row", N_("Row"), CELL_INT);
    if (sheets) columns[k++] = import_column(c, "sheet", N_("Sheet"), CELL_TEXT);
    columns[k++] = import_column(c, "column", N_("Column"), CELL_TEXT);
    columns[k++] = import_column(c, "reason", N_("Reason"), CELL_LABEL);
    for (size_t i = 0; i < n; i++) {
        const ImportReject *x = &r->rejected[i];
        Cell *cells = NEW_N(c->arena, Cell, 4);
        size_t at = 0;
        cells[at++] = cell_int(x->row);
        if (sheets) cells[at++] = cell_text(x->sheet);
        cells[at++] = cell_text(x->column);
        cells[at++] = cell_label(x->reason, x->reason);
        rows[i] = (Row){.cells = cells};
    }
    return import_plain_list(c, columns, k, rows, n, N_("No row is rejected."));
}

static Cell action_cell(Ctx *c, ImportAction action) {
    switch (action) {
    case IMPORT_CREATE: return cell_state(S("create"), TRS(c, N_("Create")), TONE_GOOD);
    case IMPORT_UPDATE: return cell_state(S("update"), TRS(c, N_("Update")), TONE_INFO);
    case IMPORT_REJECT: return cell_state(S("reject"), TRS(c, N_("Reject")), TONE_BAD);
    default: return cell_state(S("unchanged"), TRS(c, N_("Unchanged")), TONE_MUTED);
    }
}

Block *import_lines(Ctx *c, const ImportReport *r) {
    bool sheets = has_sheets(r);
    size_t k = 0, n = 0;
    Column *columns = NEW_N(c->arena, Column, 5);
    Row *rows = NEW_N(c->arena, Row, r->n_lines + 1);
    columns[k++] = import_column(c, "row", N_("Row"), CELL_INT);
    if (sheets) columns[k++] = import_column(c, "sheet", N_("Sheet"), CELL_TEXT);
    columns[k++] = import_column(c, "action", N_("What happens"), CELL_STATE);
    columns[k++] = import_column(c, "number", N_("Number"), CELL_CODE);
    columns[k++] = import_column(c, "text", N_("Title"), CELL_TEXT);
    for (size_t i = 0; i < r->n_lines; i++) {
        const ImportLine *x = &r->lines[i];
        Cell *cells = NEW_N(c->arena, Cell, 5);
        size_t at = 0;
        if (x->action == IMPORT_REJECT) continue; /* listed with its reasons */
        cells[at++] = cell_int(x->row);
        if (sheets) cells[at++] = cell_text(x->sheet);
        cells[at++] = action_cell(c, x->action);
        cells[at++] = x->number.n ? cell_code(x->number) : (Cell){0};
        cells[at++] = cell_text(x->text);
        rows[n++] = (Row){.cells = cells};
    }
    if (!n) return NULL;
    return import_plain_list(c, columns, k, rows, n, N_("The file has no rows."));
}

static Cell amount_cell(Str plain) {
    int64_t value;
    if (!plain.n || !decimal_parse(&value, plain, 6)) return (Cell){0};
    int64_t cents;
    return decimal_rescale(&cents, value, 6, 2) ? cell_decimal(cents, 2) : cell_text(plain);
}

static Cell agrees_cell(Ctx *c, const ImportSum *x) {
    if (!x->told_row) return (Cell){0};
    return str_eq(x->told, x->all)
               ? cell_state(S("same"), TRS(c, N_("Same total")), TONE_GOOD)
               : cell_state(S("differs"), TRS(c, N_("Another total")), TONE_BAD);
}

Block *import_sums_list(Ctx *c, const ImportReport *r) {
    static const struct {
        const char *name, *label;
        CellKind kind;
    } known[] = {{"column", N_("Column"), CELL_TEXT},
                 {"rows", N_("Sum of the rows"), CELL_DECIMAL},
                 {"taken", N_("Without rejected rows"), CELL_DECIMAL},
                 {"total", N_("Total in the sheet"), CELL_DECIMAL},
                 {"total_row", N_("Row"), CELL_INT},
                 {"agrees", N_("Sheet and rows"), CELL_STATE}};
    Column *columns = NEW_N(c->arena, Column, LENGTH(known));
    Row *rows = NEW_N(c->arena, Row, r->n_sums + 1);
    for (size_t i = 0; i < LENGTH(known); i++)
        columns[i] = import_column(c, known[i].name, known[i].label, known[i].kind);
    size_t n = 3;
    for (size_t i = 0; i < r->n_sums; i++)
        if (r->sums[i].told_row) n = LENGTH(known); /* the sheet has totals of its own */
    if (!r->n_sums) return NULL;
    for (size_t i = 0; i < r->n_sums; i++) {
        const ImportSum *x = &r->sums[i];
        Cell *cells = NEW_N(c->arena, Cell, LENGTH(known));
        cells[0] = cell_text(x->column);
        cells[1] = amount_cell(x->all);
        cells[2] = amount_cell(x->taken);
        cells[3] = amount_cell(x->told);
        cells[4] = x->told_row ? cell_int(x->told_row) : (Cell){0};
        cells[5] = agrees_cell(c, x);
        rows[i] = (Row){.cells = cells};
    }
    return import_plain_list(c, columns, n, rows, r->n_sums, "");
}

Block *import_ignored(Ctx *c, const ImportReport *r) {
    Text t = text_new(c->arena, 0);
    if (!r->n_ignored) return NULL;
    for (size_t i = 0; i < r->n_ignored; i++) {
        if (i) text_addz(&t, TR(c, ", "));
        text_add(&t, r->ignored[i]);
    }
    return view_text(c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("These columns are not imported")),
                     text_str(&t));
}

Block *import_progress(Ctx *c, const ImportRun *run) {
    static const struct {
        const char *state, *words;
    } said[] = {{"waiting", N_("The file is being read and checked.")},
                {"queued", N_("It begins in a moment.")},
                {"running", N_("The rows are being saved. You may leave this page; it goes on.")},
                {"undoing", N_("What was saved is being taken back.")}};
    const char *words = "";
    bool undoing = str_is(run->state, "undoing");
    for (size_t i = 0; i < LENGTH(said); i++)
        if (str_is(run->state, said[i].state)) words = said[i].words;
    if (run->is_cancelled && str_is(run->state, "running"))
        words = N_("It stops in a moment, then what was saved is taken back.");
    Block *b = view_text(c->arena, TEXT_PROGRESS, TONE_INFO, import_state_cell(c, run->state).text,
                         TRS(c, words));
    b->text.part = run->done;
    b->text.whole = undoing ? run->created + run->updated + run->children_created : run->read;
    if (b->text.part > b->text.whole) b->text.part = b->text.whole;
    return b;
}

Err import_left(Block **out, Ctx *c, int64_t run) {
    ImportKept kept;
    *out = NULL;
    TRY(import_kept(&kept, c, run, 200));
    if (!kept.n) return OK;
    Column *columns = NEW_N(c->arena, Column, 3);
    Row *rows = NEW_N(c->arena, Row, kept.n);
    columns[0] = import_column(c, "number", N_("Number"), CELL_CODE);
    columns[0].is_main = true;
    columns[1] = import_column(c, "list", N_("List"), CELL_LABEL);
    columns[2] = import_column(c, "reason", N_("Reason"), CELL_TEXT);
    for (size_t i = 0; i < kept.n; i++) {
        const ImportKeptRecord *x = &kept.items[i];
        Cell *cells = NEW_N(c->arena, Cell, 3);
        cells[0] = cell_code(x->number);
        cells[1] = cell_label(str_of(x->type->name), TRS(c, x->type->label));
        cells[2] = cell_text(TRS(c, import_kept_why(x)));
        rows[i] = (Row){.id = x->number,
                        .cells = cells,
                        .href = x->type->flags & TYPE_NO_PAGES
                                    ? (Str){0}
                                    : str_fmt(c->arena, "/%s/%.*s", x->type->plural,
                                              FMT(page_kit_escape(c->arena, x->number)))};
    }
    *out = view_layout(c->arena, LAYOUT_SECTION,
                       TRS(c, N_("Kept, because they were changed or used since")));
    view_put(c->arena, *out, import_plain_list(c, columns, 3, rows, kept.n, ""));
    return OK;
}
