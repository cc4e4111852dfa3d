/* mail.c: a mail as text and as bytes (mail.h). Headers in other letters than ASCII are encoded
 * words (RFC 2047), bodies are base64. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/mail.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/utf8.h"

/* ---- text ---- */

static void line(Text *t, Str s) {
    text_add(t, s);
    text_addz(t, "\n");
}

/* "State: open": the sign between them is the language's own. */
static void pair(Text *t, Lang lang, const char *before, Str label, Str value) {
    const Str both[] = {label, value};
    text_addz(t, before);
    line(t, tr_fill(t->arena, tr(lang, N_("{0}: {1}")), both, LENGTH(both)));
}

static void item_text(Text *t, const MailView *v, const MailItem *i) {
    if (i->headline.n) line(t, i->headline);
    line(t, i->title);
    if (i->number.n) line(t, i->number);
    text_addz(t, "\n");
    for (size_t k = 0; k < i->n_facts; k++)
        pair(t, v->lang, "  ", i->facts[k].label, i->facts[k].value);
    if (i->n_facts) text_addz(t, "\n");
    if (i->step_label.n) pair(t, v->lang, "", i->step_label, i->step_href);
    if (i->number.n) pair(t, v->lang, "", v->open_label, i->href);
    text_addz(t, "\n");
}

void mail_text(Text *out, const MailView *v) {
    line(out, v->greeting);
    text_addz(out, "\n");
    if (v->intro.n) text_fmt(out, "%.*s\n\n", FMT(v->intro));
    for (size_t i = 0; i < v->n_items; i++) item_text(out, v, &v->items[i]);
    if (v->more_label.n) {
        pair(out, v->lang, "", v->more_label, v->more_href);
        text_addz(out, "\n");
    }
    text_addz(out, "-- \n");
    line(out, v->footer);
    if (v->settings_label.n) pair(out, v->lang, "", v->settings_label, v->settings_href);
}

/* ---- bytes ---- */

static void base64(Text *t, Str s, size_t width) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        const unsigned char *p = (const unsigned char *)s.p + i;
        uint32_t bits = (uint32_t)p[0] << 16 | (left > 1 ? (uint32_t)p[1] << 8 : 0) |
                        (left > 2 ? (uint32_t)p[2] : 0);
        text_char(t, letters[bits >> 18]);
        text_char(t, letters[bits >> 12 & 63]);
        text_char(t, left > 1 ? letters[bits >> 6 & 63] : '=');
        text_char(t, left > 2 ? letters[bits & 63] : '=');
        column += 4;
        if (width && column >= width) {
            text_addz(t, "\r\n");
            column = 0;
        }
    }
    if (width && column) text_addz(t, "\r\n");
}

/* What has a meaning of its own beside an address (RFC 5322): a name that holds some of it would
 * show another sender or receiver. */
static bool is_special(char c) {
    return c && strchr("()<>[]:;@\\,.\"", c);
}

/* Values reach a header only through here: no control character, folded into encoded words. */
static void header(Text *t, const char *name, Str value, bool is_person) {
    enum { WORD_BYTES = 42 }; /* an encoded word has at most 75 characters */
    bool plain = true;
    Text clean = text_new(t->arena, 0);
    for (size_t i = 0; i < value.n; i++)
        text_char(&clean, (unsigned char)value.p[i] < 0x20 ? ' ' : value.p[i]);
    value = text_str(&clean);
    for (size_t i = 0; i < value.n; i++)
        plain = plain && (unsigned char)value.p[i] >= 0x20 && (unsigned char)value.p[i] < 0x7f &&
                !(is_person && is_special(value.p[i])) &&
                !(value.p[i] == '=' && i + 1 < value.n && value.p[i + 1] == '?');
    text_fmt(t, "%s: ", name);
    if (plain && value.n <= 900) {
        text_add(t, value);
        text_addz(t, "\r\n");
        return;
    }
    for (size_t at = 0; at < value.n;) {
        size_t end = at;
        while (end < value.n) {
            size_t next = end;
            (void)utf8_next(value, &next);
            if (next - at > WORD_BYTES) break;
            end = next;
        }
        if (at) text_addz(t, "\r\n ");
        text_addz(t, "=?UTF-8?B?");
        base64(t, str_sub(value, at, end - at), 0);
        text_addz(t, "?=");
        at = end;
    }
    text_addz(t, "\r\n");
}

Str mail_address(Str from) {
    ptrdiff_t open = str_find_char(from, '<'), close = str_find_char(from, '>');
    if (open < 0 || close < open) return str_trim(from);
    return str_trim(str_sub(from, (size_t)open + 1, (size_t)(close - open) - 1));
}

bool mail_address_ok(Str address) {
    ptrdiff_t at = str_find_char(address, '@');
    if (at < 1 || (size_t)at + 1 >= address.n || address.n > 254) return false;
    for (size_t i = 0; i < address.n; i++) {
        unsigned char ch = (unsigned char)address.p[i];
        if (ch <= 0x20 || ch >= 0x7f || ch == '<' || ch == '>' || ch == '"' || ch == ',')
            return false;
    }
    return true;
}

static void mailbox(Text *t, Arena *a, const char *name, Str person, Str address) {
    Text value = text_new(a, 0);
    header(&value, name, person, true);
    Str s = text_str(&value);
    text_add(t, str_sub(s, 0, s.n - 2)); /* its end of line */
    text_fmt(t, "%s<%.*s>\r\n", person.n ? " " : "", FMT(address));
}

static void date(Text *t, int64_t us) {
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = us / 1000000, day = seconds / 86400, of_day = seconds % 86400;
    int y, m, d;
    date_from_days(&y, &m, &d, day);
    text_fmt(t, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[date_weekday(day) - 1], d,
             months[m - 1], y, (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
}

static void part(Text *t, Str boundary, const char *type, Str body) {
    text_fmt(t,
             "--%.*s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: "
             "base64\r\n\r\n",
             FMT(boundary), type);
    base64(t, body, 76);
}

Str mail_message(Arena *a, const MailMessage *m) {
    Text t = text_new(a, (size_t)4 << 20);
    Str from = mail_address(m->from);
    ptrdiff_t open = str_find_char(m->from, '<');
    Str name = open > 0 ? str_trim(str_sub(m->from, 0, (size_t)open)) : (Str){0};
    ptrdiff_t at = str_find_char(from, '@');
    Str host = at < 0 ? S("localhost") : str_sub(from, (size_t)at + 1, from.n);
    Str boundary = str_sub(sha256_hex(a, m->id), 0, 32);
    mailbox(&t, a, "From", name, from);
    mailbox(&t, a, "To", m->to_name, m->to);
    header(&t, "Subject", m->subject, false);
    date(&t, m->at_us);
    /* The same for each attempt: a receiver can tell that it is the same mail. */
    text_fmt(&t, "Message-ID: <%.*s@%.*s>\r\n", FMT(m->id), FMT(host));
    text_addz(&t, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    text_fmt(&t, "Content-Type: multipart/alternative; boundary=\"%.*s\"\r\n\r\n", FMT(boundary));
    part(&t, boundary, "text/plain", m->text);
    if (m->html.n) part(&t, boundary, "text/html", m->html);
    text_fmt(&t, "--%.*s--\r\n", FMT(boundary));
    return text_str(&t);
}
