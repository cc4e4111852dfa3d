/* calendar_types.c: calendars and holidays as records that a customer keeps: of one day, of each
 * year, from Easter, or of the Islamic calendar, provisional until the day is announced.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "work/calendar.h"
#include "work/kit.h"

#include <stdlib.h>

enum {
    YEARS_BACK = 2,
    YEARS_AHEAD = 12,
    MOST_HOLIDAYS = 2000,
    MOST_DAYS = 30,
    CONFIRMS_WITHIN = 5
};

static Err calendar_validate(Ctx *c, const Saving *s);
static Err holiday_validate(Ctx *c, const Saving *s);

/* clang-format off */
#define NAMES \
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED}, \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .flags = F_SEARCHED}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED}

static const Choice weekdays[] = {
    {"1", N_("Monday"), 0}, {"2", N_("Tuesday"), 0}, {"3", N_("Wednesday"), 0}, {"4", N_("Thursday"), 0},
    {"5", N_("Friday"), 0}, {"6", N_("Saturday"), 0}, {"7", N_("Sunday"), 0}, {0}
};
static const FieldDef calendar_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_FIXED, .max_length = 40, .help = N_("Short and lasting, for example MA.")},
    NAMES,
    {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .max_length = 2, .flags = F_LISTED, .help = N_("Two letters, for example MA. Units of its entities use this calendar.")},
    {.name = "weekend", .label = N_("Weekend"), .kind = KIND_CHOICES, .choices = weekdays, .flags = F_LISTED},
    {.name = "is_default", .label = N_("For everything that has no other"), .kind = KIND_BOOL, .flags = F_LISTED},
    {0}
};
static const Choice repeats[] = {
    {"once", N_("Once, on a date"), 0}, {"yearly", N_("Every year on this date"), 0}, {"easter", N_("Days from Easter Sunday"), 0},
    {"lunar", N_("By the Islamic calendar"), 0}, {0}
};
static const Choice lunar_months[] = {
    {"1", N_("Muharram"), 0}, {"2", N_("Safar"), 0}, {"3", N_("Rabi al-Awwal"), 0}, {"4", N_("Rabi al-Thani"), 0},
    {"5", N_("Jumada al-Ula"), 0}, {"6", N_("Jumada al-Akhira"), 0}, {"7", N_("Rajab"), 0}, {"8", N_("Shaban"), 0},
    {"9", N_("Ramadan"), 0}, {"10", N_("Shawwal"), 0}, {"11", N_("Dhu al-Qida"), 0}, {"12", N_("Dhu al-Hijja"), 0}, {0}
};
static const FieldDef holiday_fields[] = {
    {.name = "calendar", .label = N_("Calendar"), .kind = KIND_REF, .of = "calendar", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    NAMES,
    {.name = "repeats", .label = N_("When"), .kind = KIND_CHOICE, .choices = repeats, .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "once"},
    {.name = "day", .label = N_("Date"), .kind = KIND_DATE, .flags = F_LISTED | F_SORTED, .yearly_if = "repeats=yearly", .help = N_("For a holiday of every year: its first date.")},
    {.name = "from_easter", .label = N_("Days after Easter Sunday"), .kind = KIND_INT, .min = -60, .max = 60, .only_if = "repeats=easter"},
    {.name = "lunar_month", .label = N_("Islamic month"), .kind = KIND_CHOICE, .choices = lunar_months, .only_if = "repeats=lunar",
     .help = N_("The date is provisional until a holiday on the announced date replaces it.")},
    {.name = "lunar_day", .label = N_("Day of that month"), .kind = KIND_INT, .min = 1, .max = 30, .only_if = "repeats=lunar"},
    {.name = "days", .label = N_("How many days"), .kind = KIND_INT, .min = 1, .max = MOST_DAYS, .flags = F_REQUIRED | F_LISTED, .default_value = "1"},
    {.name = "confirms", .label = N_("Announced date of"), .kind = KIND_REF, .of = "holiday", .only_if = "repeats=once", .flags = F_MORE,
     .help = N_("The holiday of the Islamic calendar whose expected date this one replaces, when it is at most five days away.")},
    {.name = "until", .label = N_("Last year"), .kind = KIND_INT, .min = 1900, .max = 2200, .flags = F_MORE},
    {0}
};
static const StateDef states[] = {
    {"active",  N_("Active"),  TONE_GOOD,  1, 0, NULL},
    {"retired", N_("Retired"), TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef transitions[] = {
    {"retire",  N_("Retire"),    "active",  "retired", "organisation methodology admin", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore", N_("Use again"), "retired", "active",  "organisation methodology admin", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
#define KEEPS (OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT)
static const GrantDef grants[] = {
    {"declarant",    OP_READ,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"organisation", KEEPS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology",  KEEPS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"admin",        KEEPS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef calendar_type = {
    .name = "calendar", .label = N_("Business calendar"), .plural_label = N_("Business calendars"), .prefix = "CAL", .key = "code", .title = "name",
    .icon = "calendar", .place = "administration", .flags = TYPE_NO_UNIT, .fields = calendar_fields, .states = states, .transitions = transitions, .grants = grants,
    .validate = calendar_validate, .text = N_("Which days are worked, by country. Due dates are counted in them.")};
const TypeDef holiday_type = {
    .name = "holiday", .label = N_("Holiday"), .plural_label = N_("Holidays"), .prefix = "HOL", .title = "name", .parent = "calendar",
    .icon = "calendar-event", .place = "administration", .flags = TYPE_NO_UNIT, .fields = holiday_fields, .states = states, .transitions = transitions, .grants = grants,
    .validate = holiday_validate, .list_default = "sort=day", .text = N_("Days off of a calendar.")};
/* clang-format on */

static Err calendar_validate(Ctx *c, const Saving *s) {
    if (record_get(s->after, "weekend").n > 6)
        return issue(c, "weekend", "all", N_("At least one day of the week is worked."));
    return OK;
}

static Err holiday_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str when = record_text(r, "repeats");
    bool dated = str_is(when, "once") || str_is(when, "yearly");
    if (dated && !record_text(r, "day").n)
        issue(c, "day", "required", N_("Give the date of the holiday."));
    if (str_is(when, "easter") && value_is_null(record_get(r, "from_easter")))
        issue(c, "from_easter", "required", N_("Say how many days after Easter Sunday it is."));
    if (str_is(when, "lunar") && !record_text(r, "lunar_month").n)
        issue(c, "lunar_month", "required", N_("Choose the Islamic month."));
    if (str_is(when, "lunar") && !record_int(r, "lunar_day"))
        issue(c, "lunar_day", "required", N_("Give the day of the Islamic month."));
    return OK;
}

/* ---- from records to days ---- */

typedef struct Days {
    Ctx *c;
    Holiday *items;
    size_t n, cap;
} Days;

static void put(Days *d, int64_t day, const Record *r, bool is_provisional) {
    int64_t length = record_int(r, "days");
    for (int64_t i = 0; i < length && i < MOST_DAYS; i++) {
        GROW(d->c->arena, d->items, d->n, d->cap);
        d->items[d->n++] = (Holiday){day + i, r->id, is_provisional};
    }
}

/* An announced date of the same holiday takes the place of the expected one. */
static bool is_announced(const Records *all, const Record *r, int64_t expected) {
    for (size_t i = 0; i < all->n; i++) {
        int64_t day;
        const Record *x = all->items[i];
        if (record_int(x, "confirms") == r->id && kit_state(x, "active") &&
            date_parse(&day, record_text(x, "day")) && day >= expected - CONFIRMS_WITHIN &&
            day <= expected + CONFIRMS_WITHIN)
            return true;
    }
    return false;
}

static void expand_lunar(Days *d, const Records *all, const Record *r, int year) {
    int64_t month = 0, first = date_to_days(year, 1, 1), last = date_to_days(year, 12, 31);
    if (!str_to_int(&month, record_text(r, "lunar_month"))) return;
    /* The Islamic year is shorter: a holiday may come twice in one of ours. */
    for (int y = hijri_year_of(first); y <= hijri_year_of(last); y++) {
        int64_t day = hijri_to_days(y, (int)month, (int)record_int(r, "lunar_day"));
        if (day >= first && day <= last && !is_announced(all, r, day)) put(d, day, r, true);
    }
}

static void expand(Days *d, const Records *all, const Record *r, int year) {
    int64_t day = 0;
    int y = 0, month = 0, of_month = 0;
    Str when = record_text(r, "repeats");
    bool dated = date_parse(&day, record_text(r, "day"));
    if (dated) date_from_days(&y, &month, &of_month, day);
    if (record_int(r, "until") && year > record_int(r, "until")) return;
    if (str_is(when, "once") && dated && y == year) put(d, day, r, false);
    if (str_is(when, "yearly") && dated && y <= year && of_month <= days_in_month(year, month))
        put(d, date_to_days(year, month, of_month), r, false);
    if (str_is(when, "easter"))
        put(d, easter_sunday(year) + record_int(r, "from_easter"), r, false);
    if (str_is(when, "lunar")) expand_lunar(d, all, r, year);
}

static int by_day(const void *a, const void *b) {
    const Holiday *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static int year_now(const Ctx *c) {
    int64_t day;
    int year = 2000, month, of_month;
    if (date_parse(&day, c->today)) date_from_days(&year, &month, &of_month, day);
    return year;
}

static Err find_default(int64_t *out, Ctx *c) {
    Records list;
    *out = 0;
    TRY(record_where(&list, c, model_need(c->model, "calendar"), "is_default", value_int(1), 10));
    for (size_t i = 0; i < list.n && !*out; i++)
        if (kit_state(list.items[i], "active")) *out = list.items[i]->id;
    return OK;
}

Err calendar_load(const Calendar **out, Ctx *c, int64_t id) {
    Calendar *k = NEW(c->arena, Calendar);
    *out = k;
    k->weekend = 1u << 6 | 1u << 7;
    if (!model_type(c->model, S("calendar"))) return OK;
    if (!id) TRY(find_default(&id, c));
    if (!id) return OK;
    Record *r;
    Records list;
    Days days = {.c = c};
    TRY(record_load_raw(&r, c, model_need(c->model, "calendar"), id));
    TRY(record_where(&list, c, model_need(c->model, "holiday"), "calendar", value_int(id),
                     MOST_HOLIDAYS));
    Value weekend = record_get(r, "weekend");
    k->weekend = 0;
    for (size_t i = 0; i < weekend.n; i++) k->weekend |= 1u << (weekend.list[i].s.p[0] - '0');
    int year = year_now(c);
    for (size_t i = 0; i < list.n; i++)
        for (int y = year - YEARS_BACK; y <= year + YEARS_AHEAD; y++)
            if (kit_state(list.items[i], "active")) expand(&days, &list, list.items[i], y);
    if (days.n) qsort(days.items, days.n, sizeof *days.items, by_day);
    k->holidays = days.items;
    k->n = days.n;
    return OK;
}

Err calendar_of_unit(int64_t *out, Ctx *c, int64_t unit) {
    Record *u, *entity;
    Records list;
    *out = 0;
    if (!unit) return OK;
    TRY(record_load_raw(&u, c, model_need(c->model, "unit"), unit));
    if (!record_int(u, "entity")) return OK;
    TRY(record_load_raw(&entity, c, model_need(c->model, "entity"), record_int(u, "entity")));
    Str country = record_text(entity, "country");
    if (!country.n) return OK;
    TRY(record_where(&list, c, model_need(c->model, "calendar"), "country", value_text(country),
                     10));
    for (size_t i = 0; i < list.n && !*out; i++)
        if (kit_state(list.items[i], "active")) *out = list.items[i]->id;
    return OK;
}

/* Remembered by unit and by calendar: lists ask it for hundreds of records of a few units. */
Err calendar_for_unit(const Calendar **out, Ctx *c, int64_t unit) {
    static const char units[] = "unit", calendars[] = "calendar";
    static const char types[] = "calendar holiday unit entity";
    bool is_new;
    Arena *arena, *own = c->arena;
    int64_t *id = ctx_memo(&is_new, &arena, c, units, unit, types, sizeof *id);
    if (is_new) TRY(calendar_of_unit(id, c, unit));
    /* The holidays that are unfolded depend on the year. */
    const Calendar **k =
        ctx_memo(&is_new, &arena, c, calendars, *id * 10000 + year_now(c), types, sizeof *k);
    if (is_new) {
        c->arena = arena;
        Err e = calendar_load(k, c, *id);
        c->arena = own;
        TRY(e);
    }
    *out = *k;
    return OK;
}

/* ---- on the page of a calendar ---- */

static Err holiday_row(Row *out, Ctx *c, const Holiday *h) {
    Record *r;
    Cell *cells = NEW_N(c->arena, Cell, 4);
    TRY(record_load_raw(&r, c, model_need(c->model, "holiday"), h->record));
    cells[0] = cell_date(date_text(c->arena, h->day));
    cells[1] = cell_label(kit_text_int(c, date_weekday(h->day)),
                          TRS(c, weekdays[date_weekday(h->day) - 1].label));
    cells[2] = cell_text(record_title(c, r));
    cells[3] = h->is_provisional
                   ? cell_state(S("provisional"), TRS(c, N_("Provisional")), TONE_WARN)
                   : cell_state(S("fixed"), TRS(c, N_("Fixed")), TONE_GOOD);
    *out = (Row){.href = record_path(c->arena, r), .cells = cells};
    return OK;
}

Err calendar_section(Ctx *c, const Record *r, Block **out) {
    /* clang-format off */
    static const KitColumn columns[] = {
        {"day", N_("Date"), CELL_DATE, false, false}, {"weekday", N_("Day"), CELL_LABEL, false, false},
        {"name", N_("Holiday"), CELL_TEXT, true, false}, {"state", N_("State"), CELL_STATE, false, false}};
    /* clang-format on */
    const Calendar *k;
    int year = year_now(c);
    int64_t first = date_to_days(year, 1, 1), last = date_to_days(year + 1, 12, 31);
    TRY(calendar_load(&k, c, r->id));
    Row *rows = NEW_N(c->arena, Row, k->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++)
        if (k->holidays[i].day >= first && k->holidays[i].day <= last)
            TRY(holiday_row(&rows[n++], c, &k->holidays[i]));
    *out = kit_section(c, N_("Days off this year and next"), NULL,
                       kit_list(c, columns, LENGTH(columns), rows, n, N_("No days off yet")));
    return OK;
}
