/* format.c: numbers, money, dates and instants as ICU writes them. How a language groups digits and
 * names months is learnt from ICU once and then put together here, which is ten times as quick;
 * what is rare goes through ICU itself. Its date formats and result buffers are not immutable: a
 * Locale belongs to one worker thread. Direction marks that ICU adds are removed, the renderer
 * isolates every figure itself.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/format.h"
#include "base/clock.h"
#include "base/log.h"

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#define SCALES 10 /* decimals 0..9 */
#define MINUS "\xE2\x88\x92"
#define NARROW_BLANK "\xE2\x80\xAF"

enum { OFFSETS = 64, QUARTER_SECONDS = 900, FIRST_YEAR = 1600, LAST_YEAR = 9999 };

/* No clock changes but at a quarter of an hour: what is known of one is known of all of it. */
typedef struct Offset {
    int64_t quarter, seconds;
} Offset;

struct Locale {
    Lang lang;
    Str minus, group, point; /* of figures */
    Str months[12];          /* " nov. ": what stands between day and year; empty: ask ICU */
    Offset *offsets;         /* OFFSETS of them, by quarter */
    UNumberFormatter *compact;
    UFormattedNumber *result;
    UDateFormat *date, *instant, *month, *month_name;
    UCalendar *calendar;
};

static void locale_close(void *arg) {
    Locale *l = arg;
    unumf_close(l->compact);
    unumf_closeResult(l->result);
    udat_close(l->date);
    udat_close(l->instant);
    udat_close(l->month);
    udat_close(l->month_name);
    ucal_close(l->calendar);
}

static UNumberFormatter *number_open(const char *skeleton, const char *name, UErrorCode *e) {
    UChar text[32];
    int32_t n = 0;
    u_strFromUTF8(text, LENGTH(text), &n, skeleton, -1, e);
    return unumf_openForSkeletonAndLocale(text, n, name, e);
}

static UDateFormat *date_open(const char *pattern, const char *name, const char *zone,
                              UErrorCode *e) {
    UChar text[32], zone_text[64];
    int32_t n = 0, zone_n = 0;
    u_strFromUTF8(text, LENGTH(text), &n, pattern, -1, e);
    u_strFromUTF8(zone_text, LENGTH(zone_text), &zone_n, zone, -1, e);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, name, zone_text, zone_n, text, n, e);
}

static Str number_text(Arena *a, const Locale *l, const UNumberFormatter *f, Str decimal);
static Str time_text(Arena *a, UDateFormat *f, double ms);

/* "-1234567.89" and "3 November 2001" as ICU writes them, taken apart. */
static void learn(Locale *l, Arena *process, const UNumberFormatter *numbers) {
    Str figure = number_text(process, l, numbers, S("-1234567.89"));
    ptrdiff_t one = str_find(figure, S("1")), two = str_find(figure, S("234")),
              five = str_find(figure, S("567")), eight = str_find(figure, S("89"));
    CHECK(one >= 0 && two > one && five > two && eight > five, "figures are written otherwise");
    l->minus = str_sub(figure, 0, (size_t)one);
    l->group = str_sub(figure, (size_t)one + 1, (size_t)(two - one) - 1);
    l->point = str_sub(figure, (size_t)five + 3, (size_t)(eight - five) - 3);
    for (int i = 0; i < 12; i++) {
        Str day = time_text(process, l->date, (double)date_to_days(2001, i + 1, 3) * 86400000.0);
        if (str_starts(day, S("3 ")) && str_ends(day, S(" 2001")))
            l->months[i] = str_sub(day, 1, day.n - 5);
    }
    l->offsets = NEW_N(process, Offset, OFFSETS);
    for (int i = 0; i < OFFSETS; i++) l->offsets[i].quarter = INT64_MIN;
}

Err format_locale_new(Locale **out, Arena *process, Lang lang, const char *zone) {
    static const char *const names[LANG_COUNT] = {"en_GB", "fr_FR", "ar_MA@numbers=latn"};
    Locale *l = NEW(process, Locale);
    UErrorCode e = U_ZERO_ERROR;
    l->lang = lang;
    UNumberFormatter *numbers = number_open(".00", names[lang], &e);
    l->compact = number_open("compact-short @##", names[lang], &e);
    l->result = unumf_openResult(&e);
    l->date = date_open("d MMM y", names[lang], "UTC", &e);
    l->month = date_open("MMM y", names[lang], "UTC", &e);
    l->month_name = date_open("LLL", names[lang], "UTC", &e);
    l->instant = date_open("d MMM y, HH:mm", names[lang], zone, &e);
    UChar zone_text[64];
    int32_t zone_n = 0;
    u_strFromUTF8(zone_text, LENGTH(zone_text), &zone_n, zone, -1, &e);
    l->calendar = ucal_open(zone_text, zone_n, names[lang], UCAL_GREGORIAN, &e);
    arena_defer(process, locale_close, l);
    if (U_FAILURE(e)) {
        unumf_close(numbers);
        log_line(LOG_ERROR, "locale_failed", "%s: %s", names[lang], u_errorName(e));
        return ERR_INTERNAL;
    }
    learn(l, process, numbers);
    unumf_close(numbers);
    *out = l;
    return OK;
}

Lang format_lang(const Locale *l) {
    return l->lang;
}

/* UTF-16 to UTF-8 with a true minus; direction marks stay only where Arabic words follow the
 * figure. */
static Str text_of(Arena *a, const UChar *text, int32_t n, bool keep_marks) {
    Text out = text_new(a, 0);
    for (int32_t i = 0; i < n; i++) {
        UChar c = text[i];
        if (!keep_marks && (c == 0x200E || c == 0x200F || c == 0x061C)) continue;
        if (c == '-') {
            text_addz(&out, MINUS);
            continue;
        }
        char bytes[8];
        int32_t used = 0, units = U16_IS_LEAD(c) && i + 1 < n ? 2 : 1;
        UErrorCode e = U_ZERO_ERROR;
        u_strToUTF8(bytes, sizeof bytes, &used, text + i, units, &e);
        if (U_SUCCESS(e)) text_add(&out, (Str){bytes, (size_t)used});
        i += units - 1;
    }
    return text_str(&out);
}

static Str number_text(Arena *a, const Locale *l, const UNumberFormatter *f, Str decimal) {
    UErrorCode e = U_ZERO_ERROR;
    UChar text[128];
    unumf_formatDecimal(f, decimal.p, (int32_t)decimal.n, l->result, &e);
    int32_t n = unumf_resultToString(l->result, text, LENGTH(text), &e);
    return U_FAILURE(e) ? str_copy(a, decimal) : text_of(a, text, n, f == l->compact);
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int scale_within(int scale) {
    return scale < 0 ? 0 : scale >= SCALES ? SCALES - 1 : scale;
}

Str format_decimal(Arena *a, const Locale *l, int64_t i, int scale) {
    int s = scale_within(scale);
    /* Fine scales are room for precision, not digits that somebody meant. */
    for (bool is_fine = s > 4; is_fine && s > 0 && i % 10 == 0; s--) i /= 10;
    uint64_t size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    char digits[24];
    size_t n = 0, least = (size_t)s + 1;
    for (; size || n < least; size /= 10) digits[n++] = (char)('0' + size % 10);
    Text out = text_new(a, 0);
    if (i < 0) text_add(&out, l->minus);
    for (size_t k = n; k-- > 0;) {
        size_t before = k - (size_t)s; /* digits still to come before the point */
        text_char(&out, digits[k]);
        if (k > (size_t)s && before % 3 == 0) text_add(&out, l->group);
        if (k == (size_t)s && s) text_add(&out, l->point);
    }
    return text_str(&out);
}

Str format_int(Arena *a, const Locale *l, int64_t i) {
    return format_decimal(a, l, i, 0);
}

Str format_percent(Arena *a, const Locale *l, int64_t i, int scale) {
    Str number = format_decimal(a, l, i, scale);
    return str_join(a, number, l->lang == LANG_FR ? S(NARROW_BLANK "%") : S("%"));
}

static int digits_of(Str currency) {
    int digits = currency_digits(currency);
    return digits < 0 ? 2 : digits;
}

Str format_amount(Arena *a, const Locale *l, int64_t minor, Str currency) {
    return format_decimal(a, l, minor, digits_of(currency));
}

Str format_money(Arena *a, const Locale *l, int64_t minor, Str currency) {
    Str amount = format_amount(a, l, minor, currency);
    if (!currency.n) return amount;
    return str_fmt(a, "%.*s\xC2\xA0%.*s", FMT(amount), FMT(currency));
}

Str format_compact(Arena *a, const Locale *l, int64_t minor, Str currency) {
    int digits = currency.n ? digits_of(currency) : 0;
    return number_text(a, l, l->compact, decimal_text(a, minor, digits));
}

static Str time_text(Arena *a, UDateFormat *f, double ms) {
    UErrorCode e = U_ZERO_ERROR;
    UChar text[96];
    int32_t n = udat_format(f, ms, text, LENGTH(text), NULL, &e);
    return U_FAILURE(e) ? S("?") : text_of(a, text, n, false);
}

/* False: ICU is to be asked. */
static bool put_date(Text *out, const Locale *l, int64_t days) {
    int year, month, day;
    date_from_days(&year, &month, &day, days);
    if (year < FIRST_YEAR || year > LAST_YEAR || !l->months[month - 1].n) return false;
    text_int(out, day);
    text_add(out, l->months[month - 1]);
    text_int(out, year);
    return true;
}

Str format_date(Arena *a, const Locale *l, Str iso) {
    int64_t days;
    if (!date_parse(&days, iso)) return str_copy(a, iso);
    Text out = text_new(a, 0);
    if (put_date(&out, l, days)) return text_str(&out);
    return time_text(a, l->date, (double)days * 86400000.0);
}

Str format_date_yearly(Arena *a, const Locale *l, Str iso) {
    int64_t days;
    int year, month, day;
    if (!date_parse(&days, iso)) return str_copy(a, iso);
    date_from_days(&year, &month, &day, days);
    if (!l->months[month - 1].n) return format_date(a, l, iso);
    Text out = text_new(a, 0);
    text_int(&out, day);
    text_add(&out, l->months[month - 1]);
    return str_trim(text_str(&out));
}

static void put_two(Text *out, int64_t n) {
    text_char(out, (char)('0' + n / 10));
    text_char(out, (char)('0' + n % 10));
}

Str format_instant(Arena *a, const Locale *l, int64_t us) {
    int64_t seconds = floor_div(us, 1000000) + format_offset(l, us);
    int64_t day = floor_div(seconds, 86400), minute = (seconds - day * 86400) / 60;
    Text out = text_new(a, 0);
    if (!put_date(&out, l, day)) return time_text(a, l->instant, (double)us / 1000.0);
    text_add(&out, l->lang == LANG_AR ? S("، ") : S(", "));
    put_two(&out, minute / 60);
    text_char(&out, ':');
    put_two(&out, minute % 60);
    return text_str(&out);
}

Str format_month(Arena *a, const Locale *l, int year, int month) {
    return time_text(a, l->month, (double)date_to_days(year, month, 1) * 86400000.0);
}

Str format_month_name(Arena *a, const Locale *l, int month) {
    return time_text(a, l->month_name, (double)date_to_days(2000, month, 1) * 86400000.0);
}

int64_t format_offset(const Locale *l, int64_t us) {
    int64_t quarter = floor_div(us, QUARTER_SECONDS * INT64_C(1000000));
    Offset *known = &l->offsets[(uint64_t)quarter % OFFSETS];
    if (known->quarter == quarter) return known->seconds;
    UErrorCode e = U_ZERO_ERROR;
    ucal_setMillis(l->calendar, (double)us / 1000.0, &e);
    int32_t zone = ucal_get(l->calendar, UCAL_ZONE_OFFSET, &e);
    int32_t summer = ucal_get(l->calendar, UCAL_DST_OFFSET, &e);
    int64_t seconds = U_FAILURE(e) ? 0 : (zone + summer) / 1000;
    *known = (Offset){quarter, seconds};
    return seconds;
}

Str format_bytes(Arena *a, const Locale *l, int64_t n) {
    static const char *const units[2][4] = {{"B", "kB", "MB", "GB"}, {"o", "Ko", "Mo", "Go"}};
    int64_t tenths = n < 0 ? 0 : n > INT64_MAX / 10 ? INT64_MAX : n * 10;
    int u = 0;
    for (; tenths >= 10240 && u < 3; u++) tenths /= 1024;
    bool whole = u == 0 || tenths >= 1000;
    Str number = whole ? format_int(a, l, tenths / 10) : format_decimal(a, l, tenths, 1);
    return str_fmt(a, "%.*s\xC2\xA0%s", FMT(number), units[l->lang == LANG_FR][u]);
}

static void list_text(Text *out, Arena *a, const Locale *l, const Cell *c) {
    for (size_t i = 0; i < c->n_more; i++) {
        const Cell *item = &c->more[i];
        if (i) text_addz(out, c->kind == CELL_ROWS ? "; " : ", ");
        /* Two levels at most: rows hold lists of plain cells. */
        for (size_t k = 0; item->kind == CELL_LIST && k < item->n_more; k++) {
            if (k) text_addz(out, " ");
            if (item->more[k].kind != CELL_LIST && item->more[k].kind != CELL_ROWS)
                text_add(out, format_cell(a, l, &item->more[k]));
        }
        if (item->kind != CELL_LIST && item->kind != CELL_ROWS)
            text_add(out, format_cell(a, l, item));
    }
}

static Str ref_text(Arena *a, const Cell *c) {
    if (!c->key.n || str_eq(c->key, c->text) || (c->is_named && c->text.n)) return c->text;
    return c->text.n ? str_fmt(a, "%.*s %.*s", FMT(c->key), FMT(c->text)) : c->key;
}

Str format_cell(Arena *a, const Locale *l, const Cell *c) {
    if (c->is_masked) return trs(l->lang, N_("Hidden"));
    Text out = text_new(a, 0);
    switch (c->kind) {
    case CELL_EMPTY: return S("");
    case CELL_TEXT:
    case CELL_LABEL:
    case CELL_CODE:
    case CELL_STATE:
    case CELL_PERSON:
    case CELL_MARKDOWN:
    case CELL_FILE: return c->text.n ? c->text : c->key;
    case CELL_INT: return format_int(a, l, c->i);
    case CELL_DECIMAL: return format_decimal(a, l, c->i, c->scale);
    case CELL_PERCENT: return format_percent(a, l, c->i, c->scale);
    case CELL_MONEY: return format_money(a, l, c->i, str_of(c->currency));
    case CELL_DATE:
        return c->is_yearly ? format_date_yearly(a, l, c->text) : format_date(a, l, c->text);
    case CELL_INSTANT: return format_instant(a, l, c->i);
    case CELL_BOOL: return trs(l->lang, c->i ? N_("Yes") : N_("No"));
    case CELL_REF: return ref_text(a, c);
    case CELL_LIST:
    case CELL_ROWS: list_text(&out, a, l, c); return text_str(&out);
    }
    return S("");
}
