/* api.c: /api/v1: the same model calls as the pages, answered as JSON. Errors are the frame's
 * problem documents; a creating answer is made inside the transaction because it is kept under its
 * key. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

#include "base/json.h"
#include "model/comment.h"
#include "model/history.h"
#include "model/measure.h"

static void as_json(Web *w) {
    w->format = FORMAT_JSON;
}

Err api_list(Web *w) {
    as_json(w);
    return page_list(w->c, w->type, &w->query, FORMAT_JSON, web_page(w));
}

static Err record_view(Page *page, Web *w, const Record *r) {
    Block *facts;
    TRY(page_record_facts(w->c, r, &facts));
    page->title = record_title(w->c, r);
    page->body = page->main = facts;
    page->etag = str_fmt(w->arena, "%lld", (long long)r->version);
    return OK;
}

Err api_get(Web *w) {
    as_json(w);
    Record *r;
    TRY(record_find(&r, w->c, w->type, w->number));
    web_note_read(w, r);
    return record_view(web_page(w), w, r);
}

/* The saved record as the answer, or only its number when the sender may not read it. */
static Err answer_record(Web *w, const Record *saved, int status) {
    const Access *access;
    TRY(access_of(&access, w->c, saved->type, OP_READ));
    w->status = status;
    w->location =
        status == 201 ? str_join(w->arena, S("/api/v1"), record_path(w->arena, saved)) : (Str){0};
    if (access_allows(access, saved)) {
        Page *page = NEW(w->arena, Page);
        TRY(record_view(page, w, saved));
        return web_json(w, page);
    }
    Text t = text_new(w->arena, 1000);
    Json j = json_new(&t);
    json_object(&j);
    json_keyz(&j, "number");
    json_str(&j, record_number(w->arena, saved));
    json_end_object(&j);
    w->body = text_str(&t);
    w->content_type = S("application/json");
    return OK;
}

Err api_create(Web *w) {
    Record *saved;
    TRY(record_create_with(&saved, w->c, w->type, &w->form));
    /* A two-persons type gives the proposal: accepted, not yet in force. */
    return answer_record(w, saved, saved->type == w->type ? 201 : 202);
}

static bool if_match(int64_t *version, Str header) {
    Str s = str_trim(header);
    if (str_starts(s, S("W/"))) s = str_sub(s, 2, s.n);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') s = str_sub(s, 1, s.n - 2);
    return str_to_int(version, s) && *version > 0;
}

Err api_patch(Web *w) {
    Str header = http_header(w->request, "if-match");
    int64_t version;
    if (header.n == 0) {
        w->status = 428;
        w->body = web_problem(w, 428, N_("An If-Match header with the record's version is needed."),
                              NULL);
        w->content_type = S("application/problem+json");
        return OK;
    }
    if (!if_match(&version, header))
        return issue(w->c, "If-Match", "version", N_("If-Match must be the ETag of the record."));
    Record *r, *saved;
    TRY(record_find(&r, w->c, w->type, w->number));
    if (type_field(w->type, S("reason")) == NULL) w->c->reason = input_getz(&w->form, "reason");
    Input in = {0};
    for (size_t i = 0; i < w->form.n; i++)
        if (!str_is(w->form.items[i].name, "reason") || type_field(w->type, S("reason")))
            input_add(&in, w->arena, w->form.items[i].name, w->form.items[i].value);
    TRY(web_collided(w, r, record_update(&saved, w->c, r, version, &in)));
    bool is_same = saved->type == r->type && saved->version == r->version;
    if (is_same) web_note_read(w, saved); /* nothing was changed, only read */
    return answer_record(w, saved, saved->type == w->type ? 200 : 202);
}

Err api_move(Web *w) {
    Record *r, *saved;
    TRY(record_find(&r, w->c, w->type, w->number));
    const Transition *t = type_transition(w->type, w->name);
    if (!t) return ERR_MISSING;
    Str header = http_header(w->request, "if-match");
    int64_t version;
    if (header.n && (!if_match(&version, header) || version != r->version)) return ERR_CONFLICT;
    TRY(web_collided(w, r, record_move(&saved, w->c, r, t->name, &w->form)));
    return answer_record(w, saved, 200);
}

Err api_history(Web *w) {
    as_json(w);
    Record *r;
    TRY(record_find(&r, w->c, w->type, w->number));
    TRY(access_check(w->c, r, OP_HISTORY));
    web_note_read(w, r);
    return page_history(w->c, r, &w->query, web_page(w));
}

Err api_comments(Web *w) {
    as_json(w);
    Record *r;
    TRY(record_find(&r, w->c, w->type, w->number));
    web_note_read(w, r);
    return comment_page(w->c, r, NULL, web_page(w));
}

Err api_comment(Web *w) {
    Record *r;
    TRY(record_find(&r, w->c, w->type, w->number));
    TRY(comment_add(w->c, r, &w->form));
    Page *page = NEW(w->arena, Page);
    TRY(comment_page(w->c, r, NULL, page));
    w->status = 201;
    w->location = str_join(w->arena, S("/api/v1"),
                           str_join(w->arena, record_path(w->arena, r), S("/comments")));
    return web_json(w, page);
}

Err api_measure(Web *w) {
    as_json(w);
    const MeasureDef *m = model_measure(w->c->model, w->name);
    if (!m) return ERR_MISSING;
    PageArgs args = {.query = &w->query, .format = FORMAT_JSON};
    return measure_page(w->c, m, &args, web_page(w));
}
