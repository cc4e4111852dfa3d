/* feed_query.c: contents of feeds (feed.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/utf8.h"
#include "work/feed.h"
#include "work/kit.h"

enum { MOST_ITEMS = 1000 };

/* ---- iCalendar ---- */

/* A content line, folded so that no line holds more than 75 octets, never inside a letter. */
static void content(Text *out, Arena *a, const char *name, Str value) {
    Text line = text_new(a, 0);
    text_fmt(&line, "%s:", name);
    for (size_t i = 0; i < value.n; i++) {
        char ch = value.p[i];
        if (ch == '\\' || ch == ';' || ch == ',') text_char(&line, '\\');
        if (ch == '\n')
            text_addz(&line, "\\n");
        else if ((unsigned char)ch >= 0x20)
            text_char(&line, ch);
    }
    Str s = text_str(&line);
    for (size_t at = 0; at < s.n;) {
        size_t end = at, room = at ? 74 : 75;
        while (end < s.n) {
            size_t next = end;
            (void)utf8_next(s, &next);
            if (next - at > room) break;
            end = next;
        }
        if (at) text_addz(out, "\r\n ");
        text_add(out, str_sub(s, at, end - at));
        at = end;
    }
    text_addz(out, "\r\n");
}

static void plain(Text *out, const char *name, Str value) {
    text_fmt(out, "%s:%.*s\r\n", name, FMT(value));
}

static Str stamp(Arena *a, int64_t us) {
    int64_t seconds = us / 1000000, of_day = seconds % 86400;
    int y, m, d;
    date_from_days(&y, &m, &d, seconds / 86400);
    return str_fmt(a, "%04d%02d%02dT%02d%02d%02dZ", y, m, d, (int)(of_day / 3600),
                   (int)(of_day / 60 % 60), (int)(of_day % 60));
}

static Str compact_day(Arena *a, int64_t day) {
    int y, m, d;
    date_from_days(&y, &m, &d, day);
    return str_fmt(a, "%04d%02d%02d", y, m, d);
}

void feed_event(Text *out, Arena *a, const FeedItem *item) {
    int64_t day;
    if (!date_parse(&day, item->day)) return;
    text_addz(out, "BEGIN:VEVENT\r\n");
    content(out, a, "UID", item->uid);
    plain(out, "DTSTAMP", stamp(a, item->changed_us));
    plain(out, "DTSTART;VALUE=DATE", compact_day(a, day));
    plain(out, "DTEND;VALUE=DATE", compact_day(a, day + 1));
    content(out, a, "SUMMARY", item->summary);
    if (item->text.n) content(out, a, "DESCRIPTION", item->text);
    if (item->url.n) plain(out, "URL", item->url);
    text_addz(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

/* ---- what is due ---- */

static const char *due_field(const Type *t) {
    return t->n_conditions && t->conditions[0].def ? t->conditions[0].def->date : NULL;
}

static Err owned(int64_t **out, size_t *n, Ctx *c, const Type *t, const char *date) {
    Rows *r;
    bool more;
    size_t cap = 0;
    Sql s = sql_new(c->arena, c->db);
    *out = NULL;
    *n = 0;
    sql_add(&s, "SELECT r.id FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE r.owner = ");
    sql_bind(&s, db_int(c->actor->user));
    sql_add(&s, " AND ");
    sql_name(&s, "r", date);
    sql_add(&s, " IS NOT NULL");
    for (size_t i = 0; i < t->n_states; i++) {
        if (!(t->states[i].flags & (STATE_CLOSED | STATE_VOID))) continue;
        sql_add(&s, " AND r.state <> ");
        sql_bind(&s, db_textz(t->states[i].name));
    }
    sql_add(&s, " ORDER BY r.id DESC LIMIT ");
    sql_bind(&s, db_int(MOST_ITEMS));
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = rows_int(r, 0);
    }
}

static Err add_record(Text *out, Ctx *c, const Type *t, int64_t id, const char *date) {
    Record *r;
    FieldSet hidden;
    Err e = record_load(&r, c, t, id);
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    TRY(e);
    TRY(access_hidden(&hidden, c, t, r));
    Str number = record_number(c->arena, r), title = record_title(c, r);
    bool bare =
        r->is_restricted || (t->titles[c->lang] && fieldset_has(hidden, t->titles[c->lang]->index));
    Str url = c->work ? c->work->public_url : (Str){0};
    FeedItem item = {
        .uid = str_fmt(c->arena, "%s-%lld@gardefou", t->name, (long long)id),
        .summary = bare ? str_fmt(c->arena, "%.*s · %.*s", FMT(TRS(c, t->label)), FMT(number))
                        : str_fmt(c->arena, "%.*s (%.*s)", FMT(title), FMT(number)),
        .text = TRS(c, r->state->label),
        .url = url.n ? str_fmt(c->arena, "%.*s%.*s", FMT(url), FMT(record_path(c->arena, r))) : url,
        .day = record_text(r, date),
        .changed_us = r->updated_at};
    feed_event(out, c->arena, &item);
    return OK;
}

Err feed_text(Str *out, Ctx *c) {
    Text t = text_new(c->arena, (size_t)4 << 20);
    text_addz(&t, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Gardefou//Due days//EN\r\n"
                  "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n");
    content(&t, c->arena, "X-WR-CALNAME", TRS(c, N_("Gardefou: what is due")));
    plain(&t, "REFRESH-INTERVAL;VALUE=DURATION", S("PT1H"));
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *type = &c->model->types[i];
        const char *date = due_field(type);
        int64_t *ids;
        size_t n;
        if (!date || type->flags & TYPE_NO_PAGES) continue;
        TRY(owned(&ids, &n, c, type, date));
        for (size_t k = 0; k < n; k++) TRY(add_record(&t, c, type, ids[k], date));
    }
    text_addz(&t, "END:VCALENDAR\r\n");
    *out = text_str(&t);
    return t.full ? ERR_INTERNAL : OK;
}
