/* pages.c: the addresses of records and of modules' pages: thin handlers from a request to model/
 * and back. Rights, workflow and rules are inside model/; transaction and answer are the frame's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/route.h"

#include "base/utf8.h"
#include "model/attachment.h"
#include "model/comment.h"
#include "model/measure.h"
#include "model/saved_view.h"
#include "web/assets.h"
#include "work/notice.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_PEOPLE = 8 };

/* ---- pages of the engine ---- */

Err pages_home(Web *w) {
    return page_home(w->c, &w->query, web_page(w));
}

Err pages_search(Web *w) {
    return page_search(w->c, &w->query, web_page(w));
}

Err pages_lookup(Web *w) {
    w->format = FORMAT_JSON;
    w->is_machine = true;
    return page_lookup(w->c, w->type, input_getz(&w->query, "q"), web_page(w));
}

Err pages_measure(Web *w) {
    const MeasureDef *m = model_measure(w->c->model, w->name);
    if (!m) return ERR_MISSING;
    PageArgs args = {.query = &w->query, .format = w->format};
    return measure_page(w->c, m, &args, web_page(w));
}

/* A file of records that may be restricted, or hold sensitive values, leaves its trace as well: in
 * the history of who took it. */
static void note_export(Web *w) {
    bool sensitive = (w->type->flags & TYPE_CONFIDENTIAL) || w->type->parent;
    for (size_t i = 0; i < w->type->n_fields; i++)
        sensitive = sensitive || (w->type->fields[i].flags & F_SENSITIVE);
    if (!sensitive || (w->format != FORMAT_CSV && w->format != FORMAT_XLSX)) return;
    Str query = utf8_clip(w->request->query, 1000);
    w->note_export =
        str_fmt(w->arena, "/%s.%s%s%.*s", w->type->plural, w->format == FORMAT_CSV ? "csv" : "xlsx",
                query.n ? "?" : "", FMT(query));
}

Err pages_list(Web *w) {
    note_export(w);
    return page_list(w->c, w->type, &w->query, w->format, web_page(w));
}

Err pages_new(Web *w) {
    return page_form(w->c, w->type, NULL, &w->query, web_page(w));
}

/* A restricted record, or one with sensitive fields, is not read without a trace. */
void web_note_read(Web *w, const Record *r) {
    bool sensitive = r->is_restricted;
    for (size_t i = 0; i < r->type->n_fields; i++)
        sensitive =
            sensitive || ((r->type->fields[i].flags & F_SENSITIVE) && !value_is_null(r->values[i]));
    if (sensitive) w->note_read = r;
}

Err web_collided(Web *w, const Record *r, Err e) {
    if (e == ERR_CONFLICT && w->c->issues.n) web_note_read(w, r);
    return e;
}

/* Opening a record reads what one was told of it; a program with a token does not count. */
static Err note_seen(Web *w, const Record *r) {
    bool unread = false;
    if (w->session.id && w->format == FORMAT_HTML) TRY(work_has_unread(&unread, w->c, r));
    if (unread) w->seen = r;
    return OK;
}

static Err find(Record **out, Web *w) {
    return record_find(out, w->c, w->type, w->number);
}

Err pages_record(Web *w) {
    Record *r;
    TRY(find(&r, w));
    web_note_read(w, r);
    if (w->format == FORMAT_HTML) page_record_announce(w->c, r);
    TRY(note_seen(w, r));
    if (web_is_elsewhere(w)) return OK;
    return page_record(w->c, r, &w->query, w->format, web_page(w));
}

Err pages_print(Web *w) {
    Record *r;
    TRY(find(&r, w));
    web_note_read(w, r);
    return page_record_print(w->c, r, &w->query, web_page(w));
}

Err pages_edit(Web *w) {
    Record *r;
    TRY(find(&r, w));
    TRY(access_check(w->c, r, OP_UPDATE));
    web_note_read(w, r);
    return page_form(w->c, w->type, r, NULL, web_page(w));
}

Err pages_history(Web *w) {
    Record *r;
    TRY(find(&r, w));
    TRY(access_check(w->c, r, OP_HISTORY));
    web_note_read(w, r);
    return page_history(w->c, r, &w->query, web_page(w));
}

Err pages_comments(Web *w) {
    Record *r;
    TRY(find(&r, w));
    web_note_read(w, r);
    return comment_page(w->c, r, &w->query, web_page(w));
}

static Err find_transition(Record **r, const Transition **t, Web *w) {
    TRY(find(r, w));
    *t = type_transition(w->type, w->name);
    return *t ? OK : ERR_MISSING;
}

Err pages_transition(Web *w) {
    Record *r;
    const Transition *t;
    TRY(find_transition(&r, &t, w));
    web_note_read(w, r);
    return page_transition(w->c, r, t, &w->query, web_page(w));
}

/* A person as @name writes them: what stands before the @ of their address when that is enough. */
static Err mention_of(Str *out, Web *w, Str email, int64_t id) {
    int64_t found;
    ptrdiff_t at = str_find_char(email, '@');
    *out = email;
    if (at < 1) return OK;
    TRY(comment_person(&found, w->c, str_sub(email, 0, (size_t)at)));
    if (found == id) *out = str_sub(email, 0, (size_t)at);
    return OK;
}

/* {"items":[{"key","text"}]}: who may be named in a comment: those who may read the record. */
Err pages_people(Web *w) {
    Record *r;
    const Type *users = model_need(w->c->model, "user");
    Row row, *kept = NEW_N(w->arena, Row, MOST_PEOPLE);
    size_t n = 0;
    bool more;
    TRY(find(&r, w));
    w->format = FORMAT_JSON;
    w->is_machine = true;
    Page *page = web_page(w);
    TRY(page_lookup(w->c, users, input_getz(&w->query, "q"), page));
    ListView *list = &page->main->list;
    while (n < MOST_PEOPLE) {
        int64_t id;
        bool may;
        TRY(list->rows.next(list->rows.state, w->arena, &row, &more));
        if (!more) break;
        TRY(ref_find(&id, w->c, users, row.id));
        TRY(people_may_read(&may, w->c, id, r));
        if (!may) continue;
        Cell *cells = NEW_N(w->arena, Cell, 2);
        Str mention;
        TRY(mention_of(&mention, w, row.id, id));
        cells[0] = cell_code(mention);
        cells[1] = row.cells[1];
        kept[n++] = (Row){.id = mention, .cells = cells};
    }
    list->rows = rows_of_array(w->arena, kept, n);
    list->total = (int64_t)n;
    return OK;
}

/* ---- writing ---- */

/* Names of the frame itself are no fields. */
static Input *fields_of(Web *w) {
    Input *in = NEW(w->arena, Input);
    for (size_t i = 0; i < w->form.n; i++) {
        Str name = w->form.items[i].name;
        if (name.n && name.p[0] == '_') continue;
        if (str_is(name, "version")) continue;
        input_add(in, w->arena, name, w->form.items[i].value);
    }
    in->files = w->form.files;
    in->n_files = w->form.n_files;
    in->files_cap = w->form.files_cap;
    return in;
}

static void take_reason(Web *w) {
    if (!input_has(&w->form, S("reason")) || type_field(w->type, S("reason"))) return;
    w->c->reason = input_getz(&w->form, "reason");
}

static Err answer_saved(Web *w, const Record *saved, const char *flash) {
    if (saved->type != w->type) flash = "proposed";
    const Access *access;
    TRY(access_of(&access, w->c, saved->type, OP_READ));
    /* What somebody may declare he need not be allowed to read. */
    if (!access_allows(access, saved)) return web_redirect(w, S("/"), flash);
    Str back = record_path(w->arena, saved);
    return web_redirect(w, web_safe_path(input_getz(&w->form, "_next"), back), flash);
}

Err pages_create(Web *w) {
    Input *in = fields_of(w);
    TRY(attachment_take(w->c, w->type, NULL, in));
    Record *saved;
    TRY(record_create(&saved, w->c, w->type, in));
    return answer_saved(w, saved, "created");
}

Err pages_create_again(Web *w) {
    return page_form(w->c, w->type, NULL, &w->form, web_page(w));
}

Err pages_update(Web *w) {
    Record *r, *saved;
    TRY(find(&r, w));
    int64_t version;
    if (!str_to_int(&version, input_getz(&w->form, "version")))
        return issue(w->c, "version", "required", N_("The version of the record is missing."));
    Input *in = fields_of(w);
    take_reason(w);
    TRY(attachment_take(w->c, w->type, r, in));
    TRY(web_collided(w, r, record_update(&saved, w->c, r, version, in)));
    return answer_saved(w, saved, "saved");
}

Err pages_update_again(Web *w) {
    Record *r;
    TRY(find(&r, w));
    web_note_read(w, r);
    return page_form(w->c, w->type, r, &w->form, web_page(w));
}

Err pages_move(Web *w) {
    Record *r, *saved;
    const Transition *t;
    TRY(find_transition(&r, &t, w));
    int64_t version;
    Str given = input_getz(&w->form, "version");
    if (given.n && (!str_to_int(&version, given) || version != r->version)) return ERR_CONFLICT;
    Input *in = fields_of(w);
    TRY(attachment_take(w->c, w->type, r, in));
    TRY(web_collided(w, r, record_move(&saved, w->c, r, t->name, in)));
    return answer_saved(w, saved, "moved");
}

Err pages_move_again(Web *w) {
    Record *r;
    const Transition *t;
    TRY(find_transition(&r, &t, w));
    web_note_read(w, r);
    return page_transition(w->c, r, t, &w->form, web_page(w));
}

Err pages_comment(Web *w) {
    Record *r;
    TRY(find(&r, w));
    TRY(comment_add(w->c, r, &w->form));
    return web_redirect(w, str_join(w->arena, record_path(w->arena, r), S("#comments")), "saved");
}

Err pages_comment_again(Web *w) {
    Record *r;
    TRY(find(&r, w));
    web_note_read(w, r);
    return comment_page(w->c, r, &w->form, web_page(w));
}

static Err bulk_one(Web *w, Str number, const char *transition, const Input *in, bool *done) {
    *done = false;
    Record *r, *saved;
    TRY(db_savepoint(w->c->db));
    Err e = record_find(&r, w->c, w->type, number);
    if (e == OK) e = record_move(&saved, w->c, r, transition, in);
    if (e == OK) {
        TRY(db_release(w->c->db));
        *done = true;
        return OK;
    }
    db_rollback_to(w->c->db);
    w->c->issues = (Issues){0};
    return e == ERR_INTERNAL || e == ERR_BUSY ? e : OK;
}

Err pages_bulk(Web *w) {
    Str name = input_getz(&w->form, "do");
    if (name.n == 0) name = input_getz(&w->form, "transition");
    const Transition *t = type_transition(w->type, name);
    if (!t) return ERR_MISSING;
    Input in = {0};
    if (input_has(&w->form, S("reason")))
        input_add(&in, w->arena, S("reason"), input_getz(&w->form, "reason"));
    size_t all = 0, done = 0;
    Str number;
    for (; all < 500 && input_nth(&number, &w->form, S("number"), all); all++) {
        bool one;
        TRY(bulk_one(w, number, t->name, &in, &one));
        done += one;
    }
    Str back = str_join(w->arena, S("/"), str_of(w->type->plural));
    return web_redirect(w, web_safe_path(input_getz(&w->form, "next"), back),
                        done == 0     ? "bulk_none"
                        : done == all ? "bulk_all"
                                      : "bulk_some");
}

Err pages_view_add(Web *w) {
    Str to = {0};
    TRY(saved_view_add(&to, w->c, &w->form));
    return web_redirect(w, web_safe_path(to, S("/")), "saved");
}

Err pages_view_delete(Web *w) {
    int64_t id;
    Str to = {0};
    if (!str_to_int(&id, w->number)) return ERR_MISSING;
    TRY(saved_view_delete(&to, w->c, id));
    return web_redirect(w, web_safe_path(to, S("/")), "deleted");
}

/* ---- modules' pages ---- */

Err pages_module(Web *w) {
    PageArgs args = {.query = &w->query, .rest = w->rest, .format = w->format};
    w->name = str_of(w->page_def->path);
    Page *page = web_page(w);
    TRY(w->page_def->build(w->c, &args, page));
    if (w->c->shown) web_note_read(w, w->c->shown);
    return w->format == FORMAT_HTML ? page_sections(w->c, w->page_def, page) : OK;
}

Err pages_module_prepare(Web *w) {
    const PageDef *p = w->page_def;
    return p->prepare ? p->prepare(&w->prepared_page, w->c, &w->form) : OK;
}

Err pages_module_post(Web *w) {
    const char *notice = "saved";
    PageArgs args = {.query = &w->query,
                     .rest = w->rest,
                     .format = w->format,
                     .prepared = w->prepared_page,
                     .notice = &notice};
    Str to = {0};
    TRY(w->page_def->post(w->c, &w->form, &args, &to));
    return web_redirect(w, web_safe_path(to, str_of(w->page_def->path)), notice);
}

Err pages_module_again(Web *w) {
    PageArgs args = {.query = &w->form, .rest = w->rest, .format = w->format};
    TRY(w->page_def->build(w->c, &args, web_page(w)));
    if (w->c->shown) web_note_read(w, w->c->shown);
    return OK;
}

/* ---- files ---- */

/* Parts go to an unlinked file in memory, so that a slow reader holds no snapshot and no worker. */
static Err spool(int *out_fd, Web *w, const StoredFile *f) {
    int fd = memfd_create("file", MFD_CLOEXEC);
    if (fd < 0) return ERR_BUSY;
    Arena *scratch = arena_new(0);
    Err e = OK;
    for (int64_t part = 0;; part++) {
        Str bytes;
        arena_reset(scratch);
        e = file_store_part(&bytes, w->c->db, scratch, f->id, part);
        if (e != OK || bytes.n == 0) break;
        for (size_t at = 0; e == OK && at < bytes.n;) {
            ssize_t n = write(fd, bytes.p + at, bytes.n - at);
            if (n <= 0)
                e = ERR_BUSY;
            else
                at += (size_t)n;
        }
        if (e != OK) break;
    }
    arena_free(scratch);
    if (e != OK)
        close(fd);
    else
        *out_fd = fd;
    return e;
}

/* RFC 6266: a plain ASCII name, and the full one in UTF-8. */
static Str disposition(Arena *a, Str name) {
    static const char hex[] = "0123456789ABCDEF";
    Text plain = text_new(a, 300), full = text_new(a, 1000);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char ch = (unsigned char)name.p[i];
        bool safe = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                    (ch >= 'A' && ch <= 'Z') || ch == '.' || ch == '-' || ch == '_';
        text_char(&plain, safe ? (char)ch : '_');
        if (safe) {
            text_char(&full, (char)ch);
        } else {
            text_char(&full, '%');
            text_char(&full, hex[ch >> 4]);
            text_char(&full, hex[ch & 15]);
        }
    }
    return str_fmt(a, "attachment; filename=\"%.*s\"; filename*=UTF-8''%.*s", FMT(text_str(&plain)),
                   FMT(text_str(&full)));
}

Err pages_file(Web *w) {
    int64_t id;
    if (!str_to_int(&id, w->number) || id < 1) return ERR_MISSING;
    StoredFile f;
    Record *owner;
    TRY(attachment_find(&f, &owner, w->c, id));
    web_note_read(w, owner);
    TRY(spool(&w->out->fd, w, &f));
    w->out->fd_size = f.size;
    w->out->content_type = f.content_type;
    http_add_header(w->out, S("Content-Disposition"), disposition(w->arena, f.name));
    http_add_header(w->out, S("Content-Security-Policy"), S("sandbox; default-src 'none'"));
    return OK;
}

/* ---- assets ---- */

Err pages_asset(Web *w) {
    const Asset *asset = asset_find(w->rest);
    if (!asset) return ERR_MISSING;
    w->body = asset->body;
    w->content_type = str_of(asset->content_type);
    w->out->body_gzip = asset->gzip;
    Input query = {0};
    if (decode_query(&query, w->arena, w->request->query) != OK) return ERR_MISSING;
    Str asked = input_getz(&query, "v"); /* pages name the beginning of the version */
    bool exact = asked.n >= 8 && str_starts(str_of(asset->version), asked);
    http_add_header(w->out, S("Cache-Control"),
                    exact ? S("public, max-age=31536000, immutable") : S("no-cache"));
    w->etag = str_of(asset->version);
    if (!exact && str_is(http_header(w->request, "if-none-match"),
                         str_z(w->arena, str_fmt(w->arena, "\"%s\"", asset->version)))) {
        w->status = 304;
        w->body = (Str){0};
        w->out->body_gzip = (Str){0};
    }
    return OK;
}
