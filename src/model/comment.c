/* comment.c: comments of a record; they stand in its chain like every change and are as hard to
 * forge. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/comment.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/outbox.h"
#include "model/page_kit.h"

enum { COMMENTS = 100, MOST_MENTIONED = 20 };

static int64_t until_us(const Ctx *c) {
    return ctx_ends(c, c->as_of);
}

/* ---- who is told: work/ finds them, the names are read here ---- */

static bool in_name(char b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '.' ||
           b == '_' || b == '-' || b == '+' || b == '@';
}

Err comment_person(int64_t *out, Ctx *c, Str name) {
    Rows *rows;
    bool has;
    *out = 0;
    if (str_find_char(name, '@') >= 0) {
        Err e = ref_find(out, c, model_need(c->model, "user"), name);
        return e == ERR_MISSING ? OK : e;
    }
    Text like = text_new(c->arena, 0);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '_') text_char(&like, '\\');
        text_char(&like, name.p[i]);
    }
    text_addz(&like, "@%");
    TRY(db_few(&rows, c->db, c->arena,
               "SELECT id FROM \"user\" WHERE state = 'active' AND email LIKE $1 ESCAPE '\\' "
               "ORDER BY id LIMIT 2",
               ARGS(db_text(text_str(&like)))));
    for (int n = 0;; n++) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        *out = n ? 0 : rows_int(rows, 0);
    }
}

/* Each @name that stands at the beginning of a word. */
static Err add_mentioned(Json *j, Ctx *c, Str text) {
    int n = 0;
    for (size_t i = 0; i < text.n && n < MOST_MENTIONED; i++) {
        if (text.p[i] != '@' || (i > 0 && in_name(text.p[i - 1]))) continue;
        size_t from = i + 1, to = from;
        int64_t id;
        while (to < text.n && in_name(text.p[to])) to++;
        while (to > from && (text.p[to - 1] == '.' || text.p[to - 1] == '-')) to--;
        if (to == from) continue;
        TRY(comment_person(&id, c, str_lower_ascii(c->arena, str_sub(text, from, to - from))));
        if (id) json_int(j, id);
        n++;
        i = to - 1;
    }
    return OK;
}

static Err ask_to_tell(Ctx *c, const Record *r, Str text) {
    Text t = text_new(c->arena, 1 << 16);
    Json j = json_new(&t);
    if (c->is_quiet) return OK;
    json_object(&j);
    json_keyz(&j, "type");
    json_strz(&j, r->type->name);
    json_keyz(&j, "record");
    json_int(&j, r->id);
    json_keyz(&j, "actor");
    json_int(&j, c->actor->user);
    json_keyz(&j, "mentioned");
    json_array(&j);
    TRY(add_mentioned(&j, c, text));
    json_end_array(&j);
    json_end_object(&j);
    Str key = str_fmt(c->arena, "%s/%lld/%lld/%lld", r->type->name, (long long)r->id,
                      (long long)c->actor->user, (long long)c->now_us);
    Str lane = str_fmt(c->arena, "event/%s/%lld", r->type->name, (long long)r->id);
    return outbox_add(
        c, &(OutboxRow){.topic = "comment", .key = key, .lane = lane, .payload = text_str(&t)});
}

Err comment_add(Ctx *c, const Record *r, const Input *in) {
    TRY(access_check(c, r, OP_READ));
    Str text = str_trim(input_getz(in, "text"));
    if (!text.n) return issue(c, "text", "required", N_("Write something first."));
    if (utf8_count(text) > COMMENT_MAX)
        return issue_arg(c, "text", "too_long", N_("At most {0} characters, please."),
                         str_fmt(c->arena, "%d", COMMENT_MAX));
    TRY(history_note(c, r, "comment", text));
    return ask_to_tell(c, r, text);
}

static Err list_of(TimelineView *out, Ctx *c, TimelineItem *items, const int64_t *actors,
                   size_t n) {
    for (size_t i = 0; i < n; i++) {
        Cell person;
        TRY(page_kit_person(&person, c, actors[i]));
        items[i].who = actors[i] ? person.text : TRS(c, N_("The system"));
        items[i].what = TRS(c, N_("wrote"));
    }
    *out = (TimelineView){
        .items = items, .n = n, .empty_text = TRS(c, N_("Nobody has written anything yet."))};
    return OK;
}

Err comment_list(TimelineView *out, Ctx *c, const Record *r) {
    Rows *rows;
    bool has;
    TimelineItem *items = NEW_N(c->arena, TimelineItem, COMMENTS);
    int64_t *actors = NEW_N(c->arena, int64_t, COMMENTS);
    size_t n = 0;
    TRY(db_few(
        &rows, c->db, c->arena,
        "SELECT at, actor, reason, hash FROM entry WHERE type = $1 AND record = $2"
        " AND action = 'comment' AND at < $3 ORDER BY id DESC LIMIT $4",
        ARGS(db_textz(r->type->name), db_int(r->id), db_int(until_us(c)), db_int(COMMENTS))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has || n == COMMENTS) break;
        actors[n] = rows_int(rows, 1);
        items[n++] = (TimelineItem){
            .at_us = rows_int(rows, 0), .text = rows_copy(rows, 2), .key = rows_copy(rows, 3)};
    }
    return list_of(out, c, items, actors, n);
}

/* The same from the whole history, which the page has read already. */
static Err comments_in(TimelineView *out, Ctx *c, const HistoryEntries *all) {
    size_t n = 0, most = all->n < COMMENTS ? all->n : COMMENTS;
    TimelineItem *items = NEW_N(c->arena, TimelineItem, most + 1);
    int64_t *actors = NEW_N(c->arena, int64_t, most + 1);
    for (size_t i = 0; i < all->n && n < most; i++) {
        const HistoryEntry *e = &all->items[i];
        if (!str_is(e->action, "comment") || e->at >= until_us(c)) continue;
        actors[n] = e->actor;
        items[n++] = (TimelineItem){.at_us = e->at, .text = e->reason, .key = e->hash};
    }
    return list_of(out, c, items, actors, n);
}

static Block *form_of(Ctx *c, const Record *r, const Input *typed) {
    FormField *f = NEW(c->arena, FormField);
    FormGroup *group = NEW(c->arena, FormGroup);
    *f = (FormField){
        .name = S("text"),
        .label = TRS(c, N_("Comment")),
        .help = TRS(
            c, N_("Everybody who may see this record reads it; it cannot be "
                  "taken back. @name tells somebody: their address, or what stands before its @.")),
        .kind = INPUT_LONG,
        .rows = 2,
        .max_length = COMMENT_MAX,
        .is_required = true};
    f->lookup_href = str_join(c->arena, page_kit_path(c->arena, r, "people"), S("?q="));
    if (typed && input_has(typed, S("text"))) {
        Str *value = NEW(c->arena, Str);
        *value = input_getz(typed, "text");
        f->values = value;
        f->n_values = 1;
    }
    f->errors = page_kit_errors(&f->n_errors, c, f->name);
    *group = (FormGroup){.fields = f, .n = 1};
    Block *block = view_block(c->arena, BLOCK_FORM);
    block->id = "comment";
    block->form = (FormView){.action = page_kit_path(c->arena, r, "comments"),
                             .groups = group,
                             .n_groups = 1,
                             .submit_label = TRS(c, N_("Add the comment"))};
    return block;
}

Err comment_section(Block **out, Ctx *c, const Record *r, const HistoryEntries *all,
                    bool may_write) {
    Block *list = view_block(c->arena, BLOCK_TIMELINE);
    if (all)
        TRY(comments_in(&list->timeline, c, all));
    else
        TRY(comment_list(&list->timeline, c, r));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Comments")));
    (*out)->id = "comments";
    if (may_write) view_put(c->arena, *out, form_of(c, r, NULL));
    if (list->timeline.n || !may_write) view_put(c->arena, *out, list);
    return OK;
}

Err comment_page(Ctx *c, const Record *r, const Input *typed, Page *out) {
    TRY(access_check(c, r, OP_READ));
    Str number = record_number(c->arena, r);
    Block *list = view_block(c->arena, BLOCK_TIMELINE);
    TRY(comment_list(&list->timeline, c, r));
    out->title = TRS(c, N_("Comments"));
    out->eyebrow = number;
    out->subtitle = record_title(c, r);
    out->nav = str_z(c->arena, page_kit_list_path(c->arena, r->type));
    page_kit_trail(out, c->arena, TRS(c, r->type->plural_label),
                   page_kit_list_path(c->arena, r->type));
    page_kit_trail(out, c->arena, number, record_path(c->arena, r));
    if (r->is_restricted) out->confidentiality = TRS(c, N_("Restricted"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (!c->as_of.n && !c->actor->is_read_only) view_put(c->arena, out->body, form_of(c, r, typed));
    view_put(c->arena, out->body, list);
    out->main = list;
    return OK;
}
