/* calendar_types.c: calendars and holidays as records that a customer keeps: of one day, of each
 * year, from Easter, or of the Islamic calendar, provisional until the day is announced.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "model/library.h"
#include "work/calendar.h"
#include "work/kit.h"

enum { MOST_DAYS = 30 };

static Err calendar_validate(Ctx *c, const Saving *s);
static Err holiday_validate(Ctx *c, const Saving *s);

/* clang-format off */
#define NAMES_MORE \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .flags = F_SEARCHED}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED}

static const Choice weekdays[] = {
    {"1", N_("Monday"), 0}, {"2", N_("Tuesday"), 0}, {"3", N_("Wednesday"), 0}, {"4", N_("Thursday"), 0},
    {"5", N_("Friday"), 0}, {"6", N_("Saturday"), 0}, {"7", N_("Sunday"), 0}, {0}
};
static const FieldDef calendar_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_FIXED, .max_length = 40, .help = N_("Short and lasting, for example MA.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED},
    NAMES_MORE,
    {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .max_length = 2, .flags = F_LISTED, .help = N_("Two letters, for example MA. Entities of this country that name no calendar use this one.")},
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
static const Choice certainties[] = {{"confirmed", N_("Confirmed"), TONE_GOOD}, {"expected", N_("Expected, to be confirmed"), TONE_WARN}, {0}};
static const FieldDef holiday_fields[] = {
    {.name = "calendar", .label = N_("Calendar"), .kind = KIND_REF, .of = "calendar", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED | F_MATCHED},
    NAMES_MORE,
    {.name = "repeats", .label = N_("When"), .kind = KIND_CHOICE, .choices = repeats, .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "once"},
    {.name = "day", .label = N_("Date"), .kind = KIND_DATE, .flags = F_LISTED | F_SORTED | F_MATCHED, .yearly_if = "repeats=yearly", .help = N_("For a holiday of every year: its first date.")},
    {.name = "from_easter", .label = N_("Days after Easter Sunday"), .kind = KIND_INT, .min = -60, .max = 60, .only_if = "repeats=easter"},
    {.name = "lunar_month", .label = N_("Islamic month"), .kind = KIND_CHOICE, .choices = lunar_months, .only_if = "repeats=lunar",
     .help = N_("The date is provisional until a holiday on the announced date replaces it.")},
    {.name = "lunar_day", .label = N_("Day of that month"), .kind = KIND_INT, .min = 1, .max = 30, .only_if = "repeats=lunar"},
    {.name = "days", .label = N_("How many days"), .kind = KIND_INT, .min = 1, .max = MOST_DAYS, .flags = F_REQUIRED | F_LISTED, .default_value = "1"},
    {.name = "certainty", .label = N_("Certainty"), .kind = KIND_CHOICE, .choices = certainties, .only_if = "repeats=once", .flags = F_LISTED | F_FILTER,
     .help = N_("An expected date counts as a day off until it is corrected or confirmed.")},
    {.name = "confirms", .label = N_("Announced date of"), .kind = KIND_REF, .of = "holiday", .only_if = "repeats=once", .flags = F_MORE,
     .help = N_("The holiday of the Islamic calendar whose expected date this one replaces, when it is at most five days away.")},
    {.name = "source", .label = N_("Source"), .kind = KIND_TEXT, .max_length = 300, .help = N_("The text it comes from: article and paragraph, or the announcement.")},
    {.name = "until", .label = N_("Last year"), .kind = KIND_INT, .min = 1900, .max = 2200, .flags = F_MORE},
    {0}
};
#define KEEPS (OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT)
static const GrantDef grants[] = {
    {"declarant",    OP_READ,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology",  KEEPS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"organisation", OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef calendar_type = {
    .name = "calendar", .label = N_("Business calendar"), .plural_label = N_("Business calendars"), .prefix = "CAL", .key = "code", .title = "name",
    .icon = "calendar", .place = "administration", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .fields = calendar_fields, .states = library_states, .transitions = library_steps_of_two, .grants = grants,
    .validate = calendar_validate, .text = N_("Which days are worked, by country. Due dates are counted in them.")};
const TypeDef holiday_type = {
    .name = "holiday", .label = N_("Holiday"), .plural_label = N_("Holidays"), .prefix = "HOL", .title = "name", .parent = "calendar",
    .icon = "calendar-event", .place = "administration", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .fields = holiday_fields, .states = library_states, .transitions = library_steps_of_two, .grants = grants,
    .validate = holiday_validate, .list_default = "sort=day", .text = N_("Days off of a calendar.")};
/* clang-format on */

static Err calendar_validate(Ctx *c, const Saving *s) {
    core_country(c, s->after, "country");
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
                   ? cell_state(S("provisional"), TRS(c, N_("To be confirmed")), TONE_WARN)
                   : cell_state(S("fixed"), TRS(c, N_("Confirmed")), TONE_GOOD);
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
    Holiday h;
    int64_t day;
    int year = 2000, month, of_month;
    if (date_parse(&day, c->today)) date_from_days(&year, &month, &of_month, day);
    int64_t last = date_to_days(year + 1, 12, 31);
    TRY(calendar_load(&k, c, r->id));
    Row *rows = NULL;
    size_t n = 0, cap = 0;
    for (day = date_to_days(year, 1, 1); day <= last; day++) {
        if (!calendar_holiday(&h, k, day)) continue;
        GROW(c->arena, rows, n, cap);
        TRY(holiday_row(&rows[n++], c, &h));
    }
    *out = kit_section(
        c, N_("Days off this year and next"),
        N_("A day that is added or moved counts for what is asked from then on: due dates that are set stay as they are."),
        kit_list(c, columns, LENGTH(columns), rows, n, N_("No days off yet")));
    return OK;
}
