/* calendar_seed.c: the calendars that come with the program: Morocco and France. They are written
 * once and belong to the customer from then on. Morocco: public holidays by the decrees on days off
 * (14 January since 2024, 31 October since 2026); the religious ones by the Islamic calendar, as
 * two days where two are given. France: Code du travail, article L3133-1. The demonstration has
 * the religious holidays of its last years as dates, which a user is to confirm.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/calendar.h"
#include "work/kit.h"

typedef struct Day {
    const char *calendar, *when, *day;
    int easter, lunar_month, lunar_day, days;
    const char *fr, *en, *ar;
    const char *source; /* NULL: that of the calendar */
} Day;

/* clang-format off */
static const struct { const char *code, *fr, *en, *ar, *source; bool is_default; } calendars[] = {
    {"MA", "Maroc", "Morocco", "المغرب", "Décret n° 2-04-426 du 29 décembre 2004 (jours fériés chômés et payés)", true},
    {"FR", "France", "France", "فرنسا", "Code du travail, article L3133-1", false},
};
static const Day days[] = {
    {"MA", "yearly", "2000-01-01", 0, 0, 0, 1, "Nouvel an", "New Year’s Day", "رأس السنة الميلادية", NULL},
    {"MA", "yearly", "2000-01-11", 0, 0, 0, 1, "Manifeste de l’Indépendance", "Independence Manifesto", "ذكرى تقديم وثيقة الاستقلال", NULL},
    {"MA", "yearly", "2024-01-14", 0, 0, 0, 1, "Nouvel an amazigh", "Amazigh New Year", "رأس السنة الأمازيغية", "Décision royale du 3 mai 2023"},
    {"MA", "yearly", "2000-05-01", 0, 0, 0, 1, "Fête du travail", "Labour Day", "عيد الشغل", NULL},
    {"MA", "yearly", "2000-07-30", 0, 0, 0, 1, "Fête du Trône", "Throne Day", "عيد العرش", NULL},
    {"MA", "yearly", "2000-08-14", 0, 0, 0, 1, "Récupération de Oued Ed-Dahab", "Oued Ed-Dahab Day", "ذكرى استرجاع وادي الذهب", NULL},
    {"MA", "yearly", "2000-08-20", 0, 0, 0, 1, "Révolution du Roi et du Peuple", "Revolution of the King and the People", "ذكرى ثورة الملك والشعب", NULL},
    {"MA", "yearly", "2000-08-21", 0, 0, 0, 1, "Fête de la Jeunesse", "Youth Day", "عيد الشباب", NULL},
    {"MA", "yearly", "2026-10-31", 0, 0, 0, 1, "Fête de l’Unité", "Unity Day", "عيد الوحدة", "Communiqué du Cabinet royal du 4 novembre 2025"},
    {"MA", "yearly", "2000-11-06", 0, 0, 0, 1, "Marche verte", "Green March", "ذكرى المسيرة الخضراء", NULL},
    {"MA", "yearly", "2000-11-18", 0, 0, 0, 1, "Fête de l’Indépendance", "Independence Day", "عيد الاستقلال", NULL},
    {"MA", "lunar", NULL, 0, 1, 1, 1, "1er Moharram", "Islamic New Year", "فاتح محرم", NULL},
    {"MA", "lunar", NULL, 0, 3, 12, 2, "Aïd Al Mawlid", "Birthday of the Prophet", "عيد المولد النبوي", NULL},
    {"MA", "lunar", NULL, 0, 10, 1, 2, "Aïd Al Fitr", "Eid al-Fitr", "عيد الفطر", NULL},
    {"MA", "lunar", NULL, 0, 12, 10, 2, "Aïd Al Adha", "Eid al-Adha", "عيد الأضحى", NULL},
    {"FR", "yearly", "2000-01-01", 0, 0, 0, 1, "Jour de l’an", "New Year’s Day", "رأس السنة الميلادية", NULL},
    {"FR", "easter", NULL, 1, 0, 0, 1, "Lundi de Pâques", "Easter Monday", "اثنين الفصح", NULL},
    {"FR", "yearly", "2000-05-01", 0, 0, 0, 1, "Fête du Travail", "Labour Day", "عيد الشغل", NULL},
    {"FR", "yearly", "2000-05-08", 0, 0, 0, 1, "Victoire 1945", "Victory Day 1945", "عيد النصر 1945", NULL},
    {"FR", "easter", NULL, 39, 0, 0, 1, "Ascension", "Ascension Day", "عيد الصعود", NULL},
    {"FR", "easter", NULL, 50, 0, 0, 1, "Lundi de Pentecôte", "Whit Monday", "اثنين العنصرة", NULL},
    {"FR", "yearly", "2000-07-14", 0, 0, 0, 1, "Fête nationale", "Bastille Day", "العيد الوطني", NULL},
    {"FR", "yearly", "2000-08-15", 0, 0, 0, 1, "Assomption", "Assumption Day", "عيد انتقال العذراء", NULL},
    {"FR", "yearly", "2000-11-01", 0, 0, 0, 1, "Toussaint", "All Saints’ Day", "عيد جميع القديسين", NULL},
    {"FR", "yearly", "2000-11-11", 0, 0, 0, 1, "Armistice 1918", "Armistice Day 1918", "ذكرى هدنة 1918", NULL},
    {"FR", "yearly", "2000-12-25", 0, 0, 0, 1, "Noël", "Christmas Day", "عيد الميلاد", NULL},
};
/* clang-format on */

static void set_text(Record *r, const char *field, const char *text) {
    if (text) record_set(r, field, value_text(str_of(text)));
}

static Err day_add(Ctx *c, const Day *d, int64_t calendar, const char *source) {
    Record *r = record_new(c, model_need(c->model, "holiday")), *out;
    record_set(r, "calendar", value_int(calendar));
    set_text(r, "name_fr", d->fr);
    set_text(r, "name_en", d->en);
    set_text(r, "name_ar", d->ar);
    set_text(r, "repeats", d->when);
    set_text(r, "day", d->day);
    set_text(r, "source", d->source ? d->source : source);
    record_set(r, "days", value_int(d->days));
    if (strcmp(d->when, "easter") == 0) record_set(r, "from_easter", value_int(d->easter));
    if (d->lunar_month) {
        record_set(r, "lunar_month", value_text(kit_text_int(c, d->lunar_month)));
        record_set(r, "lunar_day", value_int(d->lunar_day));
    }
    return record_save(&out, c, r, "create");
}

static Err calendar_add_one(Ctx *c, size_t i) {
    Value *weekend = NEW_N(c->arena, Value, 2);
    weekend[0] = value_text(S("6"));
    weekend[1] = value_text(S("7"));
    Record *r = record_new(c, model_need(c->model, "calendar")), *out;
    set_text(r, "code", calendars[i].code);
    set_text(r, "country", calendars[i].code);
    set_text(r, "name_fr", calendars[i].fr);
    set_text(r, "name_en", calendars[i].en);
    set_text(r, "name_ar", calendars[i].ar);
    record_set(r, "weekend", (Value){.kind = V_LIST, .list = weekend, .n = 2});
    record_set(r, "is_default", value_int(calendars[i].is_default));
    TRY(record_save(&out, c, r, "create"));
    for (size_t k = 0; k < LENGTH(days); k++)
        if (strcmp(days[k].calendar, calendars[i].code) == 0)
            TRY(day_add(c, &days[k], out->id, calendars[i].source));
    return OK;
}

Err calendar_seed(Ctx *c) {
    for (size_t i = 0; i < LENGTH(calendars); i++) {
        int64_t id;
        Err e = ref_find(&id, c, model_need(c->model, "calendar"), str_of(calendars[i].code));
        if (e == ERR_MISSING) e = calendar_add_one(c, i);
        TRY(e);
    }
    return OK;
}

/* ---- the demonstration ---- */

typedef struct Feast {
    const char *day;
    int lunar_month;
} Feast;
/* clang-format off */
static const Feast feasts[] = {
    {"2023-04-22", 10}, {"2023-06-29", 12}, {"2023-07-20", 1}, {"2023-09-28", 3},
    {"2024-04-10", 10}, {"2024-06-17", 12}, {"2024-07-08", 1}, {"2024-09-16", 3},
    {"2025-03-31", 10}, {"2025-06-07", 12}, {"2025-06-27", 1}, {"2025-09-05", 3},
    {"2026-03-20", 10}, {"2026-05-27", 12}, {"2026-06-17", 1}, {"2026-08-26", 3},
};
/* clang-format on */

static const Record *holiday_of(const Records *all, int lunar_month) {
    for (size_t i = 0; i < all->n; i++) {
        int64_t month;
        if (str_to_int(&month, record_text(all->items[i], "lunar_month")) && month == lunar_month)
            return all->items[i];
    }
    return NULL;
}

static Err feast_add(Ctx *c, const Feast *f, const Record *of) {
    static const char *const names[] = {"name_fr", "name_en", "name_ar"};
    Record *r = record_new(c, of->type), *out;
    Str year = str_sub(str_of(f->day), 0, 4);
    for (size_t i = 0; i < LENGTH(names); i++)
        record_set(
            r, names[i],
            value_text(str_fmt(c->arena, "%.*s %.*s", FMT(record_text(of, names[i])), FMT(year))));
    record_set(r, "calendar", record_get(of, "calendar"));
    record_set(r, "days", record_get(of, "days"));
    record_set(r, "confirms", value_int(of->id));
    set_text(r, "repeats", "once");
    set_text(r, "day", f->day);
    set_text(r, "certainty", "expected");
    set_text(r, "source",
             "Date relevée pour la démonstration, à confirmer par l’annonce officielle");
    return record_save(&out, c, r, "create");
}

Err calendar_demo(Ctx *c, size_t *made) {
    int64_t id;
    Records all;
    *made = 0;
    if (!model_type(c->model, S("calendar"))) return OK;
    TRY(ref_find(&id, c, model_need(c->model, "calendar"), S("MA")));
    TRY(record_where(&all, c, model_need(c->model, "holiday"), "calendar", value_int(id), 500));
    for (size_t i = 0; i < LENGTH(feasts); i++) {
        const Record *of = holiday_of(&all, feasts[i].lunar_month);
        if (!of) continue;
        TRY(feast_add(c, &feasts[i], of));
        ++*made;
    }
    return OK;
}
