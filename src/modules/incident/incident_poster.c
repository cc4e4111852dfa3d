/* incident_poster.c: the sheet that hangs in a branch: two QR codes, one to declare with an
 * account, one without a name, both with the unit preset, in the three languages at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"
#include "work/work.h"

typedef struct Way {
    const char *id, *path, *title, *text; /* title and text: N_() */
} Way;
static const Way ways[] = {{"declare", "/declare", N_("With your account"),
                            N_("Three questions, one minute. Your unit follows it up.")},
                           {"anonymous", "/anonymous", N_("Without a name"),
                            N_("No account, no name kept. Only the general inspection reads it.")}};
static const Lang langs[] = {LANG_FR, LANG_AR, LANG_EN};

static Block *code_of(Ctx *c, const Way *way, Str unit) {
    Block *b = view_block(c->arena, BLOCK_QR);
    QrLine *lines = NEW_N(c->arena, QrLine, LENGTH(langs));
    for (size_t i = 0; i < LENGTH(langs); i++)
        lines[i] = (QrLine){langs[i], trs(langs[i], way->title), trs(langs[i], way->text)};
    b->id = way->id;
    b->qr = (QrView){
        .url = report_link(c, str_fmt(c->arena, "%.*s%s", FMT(c->work->public_url), way->path),
                           "unit", unit),
        .lines = lines,
        .n_lines = LENGTH(langs)};
    return b;
}

Err incident_poster_build(Ctx *c, const PageArgs *args, Page *out) {
    const Record *unit;
    Record *found;
    const Type *t = model_need(c->model, "unit");
    Str code = str_trim(input_getz(args->query, "unit"));
    if (code.n) {
        TRY(record_find(&found, c, t, code));
        unit = found;
    } else {
        if (!c->actor->unit) return ERR_MISSING;
        TRY(record_shared(&unit, c, t, c->actor->unit));
    }
    out->title = record_title(c, unit);
    out->is_print = true;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (!c->work || !c->work->public_url.n) {
        out->main = view_text(
            c->arena, TEXT_NOTICE, TONE_WARN,
            TRS(c, N_("The address of this program is not known")),
            TRS(c,
                N_("The administrator sets public_url, the address under which people reach it; then the codes can be printed.")));
        view_put(c->arena, out->body, out->main);
        return OK;
    }
    for (size_t i = 0; i < LENGTH(langs); i++) {
        Block *b = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                             trs(langs[i], N_("Something went wrong? Say it.")));
        view_put(c->arena, out->body, b);
    }
    Block *pair = view_layout(c->arena, LAYOUT_GRID, (Str){0});
    for (size_t i = 0; i < LENGTH(ways); i++)
        view_put(c->arena, pair, code_of(c, &ways[i], record_number(c->arena, unit)));
    view_put(c->arena, out->body, pair);
    out->main = pair;
    return OK;
}

/* Beside a unit, for whoever answers for incidents. */
Err incident_poster_panel(Ctx *c, const Record *unit, Block **out) {
    if (unit->state->flags & STATE_CLOSED || c->as_of.n) return OK;
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Incidents declared by phone")));
    Block *b =
        view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                  TRS(c, N_("A sheet to print, with codes that open the declaration here.")));
    b->text.button = (Button){
        .label = TRS(c, N_("Print the sheet")),
        .href = report_link(c, S("/declare-poster"), "unit", record_number(c->arena, unit)),
        .icon = "printer"};
    view_put(c->arena, *out, b);
    return OK;
}
