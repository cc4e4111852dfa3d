/* frame_answer.c: what goes back: rendered page, ready body, redirect, error page or problem
 * document, with cookies and headers. Statuses for Err are decided here and nowhere else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/frame_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

static void add_header(Web *w, const char *name, Str value) {
    http_add_header(w->out, str_of(name), value);
}

/* ---- addresses ---- */

Str frame_escape(Arena *a, Str text) {
    static const char hex[] = "0123456789ABCDEF";
    Text t = text_new(a, 0);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '_' || c == '.' || c == '~' || c == '/';
        if (plain) {
            text_char(&t, (char)c);
        } else {
            text_char(&t, '%');
            text_char(&t, hex[c >> 4]);
            text_char(&t, hex[c & 15]);
        }
    }
    return text_str(&t);
}

Str frame_own_address(const Web *w) {
    Str path = frame_escape(w->arena, w->request->path);
    if (w->request->query.n == 0 || w->request->method != HTTP_GET) return path;
    return str_fmt(w->arena, "%.*s?%.*s", FMT(path), FMT(w->request->query));
}

/* ---- cookies ---- */

static void set_cookie(Web *w, const char *name, Str value, int64_t seconds, bool readable) {
    bool tls = w->request->is_tls;
    Text t = text_new(w->arena, 4000);
    text_fmt(&t, "%s=%.*s; Path=/; SameSite=Strict", name, FMT(value));
    if (!readable) text_addz(&t, "; HttpOnly");
    if (tls) text_addz(&t, "; Secure");
    if (seconds >= 0) text_fmt(&t, "; Max-Age=%lld", (long long)seconds);
    add_header(w, "Set-Cookie", text_str(&t));
}

enum { YEAR_SECONDS = 365 * 24 * 3600 };

static void add_cookies(Web *w) {
    const char *session = w->request->is_tls ? "__Host-session" : "session";
    if (w->new_session.n) set_cookie(w, session, w->new_session, -1, false);
    if (w->end_session) set_cookie(w, session, S(""), 0, false);
    if (w->new_device.n) set_cookie(w, "browser", w->new_device, YEAR_SECONDS, false);
    if (w->set_lang.n) set_cookie(w, "lang", w->set_lang, YEAR_SECONDS, false);
    if (w->set_theme.n) set_cookie(w, "theme", w->set_theme, YEAR_SECONDS, false);
    if (w->flash) set_cookie(w, "notice", str_of(w->flash), 60, false);
    if (w->end_session) add_header(w, "Clear-Site-Data", S("\"cache\""));
}

/* ---- formats ---- */

static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

static Str file_name(Web *w, const char *ending) {
    Str base = w->type ? str_of(w->type->plural) : w->name;
    Text t = text_new(w->arena, 200);
    for (size_t i = 0; i < base.n && i < 60; i++) {
        char c = base.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        text_char(&t, plain ? c : '-');
    }
    if (t.n == 0) text_addz(&t, "gardefou");
    return str_fmt(w->arena, "attachment; filename=\"%.*s-%.*s.%s\"", FMT(text_str(&t)),
                   FMT(w->c->today), ending);
}

enum { USUAL_PAGE = 60 << 10 };

static Err render_html_page(Web *w) {
    Shell shell = {0};
    frame_shell(&shell, w, w->page);
    Text t = text_new(w->arena, (size_t)32 << 20);
    (void)text_room(&t, USUAL_PAGE); /* so that it need not be moved while it grows */
    render_html(&t, w->arena, &shell, w->page);
    if (t.full) {
        log_line(LOG_ERROR, "page_too_large", "%.*s", FMT(w->request->id));
        return ERR_INTERNAL;
    }
    w->out->body = text_str(&t);
    w->out->content_type = S("text/html; charset=utf-8");
    add_header(w, "Vary", S("Cookie, Accept, Accept-Language"));
    if (w->new_visit.n && w->session.id == 0 && !w->is_bearer)
        set_cookie(w, "visit", w->new_visit, -1, false);
    if (shell.notice.n) set_cookie(w, "notice", S(""), 0, false);
    return OK;
}

Err web_json(Web *w, const Page *page) {
    Text t = text_new(w->arena, (size_t)32 << 20);
    TRY(render_json(&t, w->arena, page));
    if (t.full) return ERR_INTERNAL;
    w->body = text_str(&t);
    w->content_type = S("application/json");
    if (page->etag.n) w->etag = page->etag;
    return OK;
}

static Err render_page(Web *w) {
    Page *page = w->page;
    if (page->file) {
        w->out->fd = page->file->fd;
        w->out->fd_size = page->file->size;
        w->out->content_type = page->file->content_type;
        add_header(w, "Content-Disposition",
                   str_fmt(w->arena, "attachment; filename=\"%.*s\"", FMT(page->file->name)));
        return OK;
    }
    if (w->format != FORMAT_HTML && !page->main) {
        frame_problem(w, 406, N_("This page has no such format."));
        return OK;
    }
    w->out->status = w->status ? w->status : page->status;
    if (page->etag.n) w->etag = page->etag;
    if (w->format == FORMAT_HTML) return render_html_page(w);
    if (w->format == FORMAT_JSON) {
        TRY(web_json(w, page));
        w->out->body = w->body;
        w->out->content_type = w->content_type;
        add_header(w, "Vary", S("Cookie, Accept"));
        return OK;
    }
    bool csv = w->format == FORMAT_CSV;
    if (csv) {
        TRY(render_csv_file(&w->out->fd, &w->out->fd_size, w->arena, page));
    } else {
        TRY(render_xlsx_file(&w->out->fd, &w->out->fd_size, w->arena, page, frame_locale(w)));
    }
    w->out->content_type = csv ? S("text/csv; charset=utf-8") : str_of(xlsx_type);
    add_header(w, "Content-Disposition", file_name(w, csv ? "csv" : "xlsx"));
    return OK;
}

static void add_etag(Web *w) {
    if (w->etag.n == 0) return;
    bool quoted = w->etag.p[0] == '"';
    add_header(w, "ETag", quoted ? w->etag : str_fmt(w->arena, "\"%.*s\"", FMT(w->etag)));
}

Err frame_render(Web *w) {
    if (!w->page) {
        if (w->body.n == 0 && w->location.n == 0 && w->out->fd < 0) return ERR_INTERNAL;
        return frame_answer(w);
    }
    TRY(render_page(w));
    add_etag(w);
    add_cookies(w);
    return OK;
}

Err frame_answer(Web *w) {
    if (w->out->fd >= 0) {
        add_cookies(w);
        return OK;
    }
    w->out->status = w->status ? w->status : w->location.n ? 303 : 200;
    if (w->location.n) add_header(w, "Location", w->location);
    w->out->body = w->body;
    w->out->content_type = w->body.n ? w->content_type : S("text/plain; charset=utf-8");
    if (w->is_repeat) add_header(w, "Idempotency-Replayed", S("true"));
    add_etag(w);
    add_cookies(w);
    return OK;
}

void frame_plain(Web *w) {
    w->out->status = w->status ? w->status : 200;
    w->out->body = w->body;
    w->out->content_type = w->content_type;
    if (w->etag.n) add_etag(w);
}

void frame_bounce(Web *w) {
    w->out->status = 200;
    w->out->content_type = S("text/html; charset=utf-8");
    w->out->body = S("<!doctype html><title>Gardefou</title>");
    Str own = frame_own_address(w);
    add_header(w, "Refresh", str_fmt(w->arena, "0; url=%.*s", FMT(own)));
}

/* ---- errors ---- */

static const struct {
    Err err;
    int status;
    const char *title, *text;
} mapping[] = {
    {ERR_INVALID, 422, N_("Please check what you entered"),
     N_("Some of it cannot be saved as it is.")},
    {ERR_DENIED, 403, N_("You may not do this"),
     N_("Your roles do not allow it. Ask your administrator if you need it.")},
    {ERR_MISSING, 404, N_("Nothing here"),
     N_("The page or record does not exist, or you may not see it.")},
    {ERR_CONFLICT, 409, N_("Somebody was faster"),
     N_("The record has changed meanwhile, or its state does not allow this. Load it again.")},
    {ERR_BUSY, 503, N_("Too busy just now"),
     N_("Please try again in a moment. Nothing was saved.")},
    {ERR_INTERNAL, 500, N_("Something went wrong"),
     N_("Nothing was saved. Give the number below to your administrator.")},
};

static void problem_issues(Json *j, Web *w, const Issues *issues) {
    json_keyz(j, "issues");
    json_array(j);
    for (size_t i = 0; i < issues->n; i++) {
        const Issue *x = &issues->items[i];
        json_object(j);
        json_keyz(j, "field");
        json_str(j, x->field);
        json_keyz(j, "code");
        json_strz(j, x->code);
        json_keyz(j, "text");
        json_str(j, issue_text(w->c, x));
        if (x->code && strcmp(x->code, "conflict") == 0) {
            json_keyz(j, "stored");
            json_str(j, x->args[0]);
            json_keyz(j, "sent");
            json_str(j, x->args[1]);
        }
        if (x->is_warning) {
            json_keyz(j, "warning");
            json_bool(j, true);
        }
        json_end_object(j);
    }
    json_end_array(j);
}

static Str problem(Web *w, int status, const char *title, const char *detail,
                   const Issues *issues) {
    Text t = text_new(w->arena, 1 << 20);
    Json j = json_new(&t);
    json_object(&j);
    json_keyz(&j, "type");
    json_strz(&j, "about:blank");
    json_keyz(&j, "title");
    json_strz(&j, tr(w->lang, title));
    json_keyz(&j, "status");
    json_int(&j, status);
    json_keyz(&j, "detail");
    json_strz(&j, tr(w->lang, detail));
    json_keyz(&j, "instance");
    json_str(&j, str_fmt(w->arena, "urn:request:%.*s", FMT(w->request->id)));
    problem_issues(&j, w, issues ? issues : &(Issues){0});
    json_end_object(&j);
    return text_str(&t);
}

Str web_problem(Web *w, int status, const char *title, Ctx *c) {
    return problem(w, status, title, title, c ? &c->issues : NULL);
}

static Block *error_body(Web *w, const char *title, const char *text, const Issues *issues,
                         bool with_number) {
    Arena *a = w->arena;
    Block *body = view_layout(a, LAYOUT_STACK, (Str){0});
    bool says_more = strcmp(title, text) != 0; /* the title stands above already */
    Block *words =
        view_text(a, TEXT_EMPTY, TONE_WARN, (Str){0}, says_more ? trs(w->lang, text) : (Str){0});
    /* Of an address that is none, nobody asked yet who comes. */
    bool in = w->session.id != 0 || (!w->route && w->secret.n);
    words->text.button = (Button){.label = trs(w->lang, in ? N_("My work") : N_("Sign in")),
                                  .href = in ? S("/") : S("/login")};
    view_put(a, body, words);
    for (size_t i = 0; issues && i < issues->n && i < 20; i++)
        view_put(
            a, body,
            view_text(a, TEXT_NOTICE, TONE_WARN, (Str){0}, issue_text(w->c, &issues->items[i])));
    if (with_number)
        view_put(
            a, body,
            view_text(a, TEXT_CODE, TONE_NONE, trs(w->lang, N_("Request number")), w->request->id));
    return body;
}

static void error_page(Web *w, int status, const char *title, const char *text,
                       const Issues *issues) {
    HttpResponse *out = w->out;
    out->status = status;
    if (w->is_machine || w->is_bearer) {
        out->body = problem(w, status, title, text, issues);
        out->content_type = S("application/problem+json");
        return;
    }
    Page *page = web_page(w);
    page->title = trs(w->lang, title);
    page->status = status;
    page->body = error_body(w, title, text, issues, status >= 500);
    page->is_bare = !(w->session.id && w->c && w->c->db);
    Shell shell = {0};
    frame_shell(&shell, w, page);
    Text t = text_new(w->arena, 1 << 20);
    render_html(&t, w->arena, &shell, page);
    out->body = text_str(&t);
    out->content_type = S("text/html; charset=utf-8");
}

/* An error page of a signed-in person keeps the navigation; that needs a reading transaction. */
static void with_navigation(Web *w, int status) {
    if (w->is_machine || !w->session.id || !w->c || w->c->db || status >= 500) return;
    Db *db;
    if (db_read(&db, w->worker->db) == OK) w->c->db = db;
}

static void reset_answer(Web *w) {
    w->out->n_headers = 0;
    w->flash = NULL;
    w->location = (Str){0};
}

void frame_error(Web *w, Err e) {
    size_t i = 0;
    while (i + 1 < LENGTH(mapping) && mapping[i].err != e) i++;
    reset_answer(w);
    if (mapping[i].status == 503) add_header(w, "Retry-After", S("2"));
    if (mapping[i].status >= 500 && w->c && w->c->db) {
        db_rollback(w->c->db);
        w->c->db = NULL;
    }
    with_navigation(w, mapping[i].status);
    const Issues *issues = w->c && e != ERR_INTERNAL ? &w->c->issues : NULL;
    bool is_counting =
        e == ERR_BUSY && issues && issues->n && strcmp(issues->items[0].code, "counting") == 0;
    const char *title = mapping[i].title, *text = mapping[i].text;
    if (is_counting) {
        title = N_("The figures are being counted");
        text = N_("Please try again in a moment.");
    } else if (e == ERR_BUSY && w->is_uncertain) {
        title = N_("It is not certain that this was saved");
        text =
            N_("The connection to the database broke at that moment. Look whether it is there, or "
               "send the same form again: it is not saved twice.");
    }
    error_page(w, mapping[i].status, title, text, issues);
}

void frame_problem(Web *w, int status, const char *text) {
    reset_answer(w);
    with_navigation(w, status);
    error_page(w, status, text, text, NULL);
}
