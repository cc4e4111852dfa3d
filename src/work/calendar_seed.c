/* calendar_seed.c: the calendars that come with the program: Morocco and France. They are written
 * once and belong to the customer from then on. Morocco: public holidays by the decrees on days off
 * (14 January since 2024, 31 October since 2025); the religious ones by the Islamic calendar, as
 * two days where two are given. France: Code du travail, article L3133-1.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/calendar.h"
#include "work/kit.h"

typedef struct Day {
    const char *calendar, *when, *day;
    int easter, lunar_month, lunar_day, days;
    const char *fr, *en, *ar;
} Day;

/* clang-format off */
static const struct { const char *code, *fr, *en, *ar; bool is_default; } calendars[] = {
    {"MA", "Maroc", "Morocco", "المغرب", true},
    {"FR", "France", "France", "فرنسا", false},
};
static const Day days[] = {
    {"MA", "yearly", "2000-01-01", 0, 0, 0, 1, "Nouvel an", "New Year’s Day", "رأس السنة الميلادية"},
    {"MA", "yearly", "2000-01-11", 0, 0, 0, 1, "Manifeste de l’Indépendance", "Independence Manifesto", "ذكرى تقديم وثيقة الاستقلال"},
    {"MA", "yearly", "2024-01-14", 0, 0, 0, 1, "Nouvel an amazigh", "Amazigh New Year", "رأس السنة الأمازيغية"},
    {"MA", "yearly", "2000-05-01", 0, 0, 0, 1, "Fête du travail", "Labour Day", "عيد الشغل"},
    {"MA", "yearly", "2000-07-30", 0, 0, 0, 1, "Fête du Trône", "Throne Day", "عيد العرش"},
    {"MA", "yearly", "2000-08-14", 0, 0, 0, 1, "Récupération de Oued Ed-Dahab", "Oued Ed-Dahab Day", "ذكرى استرجاع وادي الذهب"},
    {"MA", "yearly", "2000-08-20", 0, 0, 0, 1, "Révolution du Roi et du Peuple", "Revolution of the King and the People", "ذكرى ثورة الملك والشعب"},
    {"MA", "yearly", "2000-08-21", 0, 0, 0, 1, "Fête de la Jeunesse", "Youth Day", "عيد الشباب"},
    {"MA", "yearly", "2025-10-31", 0, 0, 0, 1, "Fête de l’Unité", "Unity Day", "عيد الوحدة"},
    {"MA", "yearly", "2000-11-06", 0, 0, 0, 1, "Marche verte", "Green March", "ذكرى المسيرة الخضراء"},
    {"MA", "yearly", "2000-11-18", 0, 0, 0, 1, "Fête de l’Indépendance", "Independence Day", "عيد الاستقلال"},
    {"MA", "lunar", NULL, 0, 1, 1, 1, "1er Moharram", "Islamic New Year", "فاتح محرم"},
    {"MA", "lunar", NULL, 0, 3, 12, 2, "Aïd Al Mawlid", "Birthday of the Prophet", "عيد المولد النبوي"},
    {"MA", "lunar", NULL, 0, 10, 1, 2, "Aïd Al Fitr", "Eid al-Fitr", "عيد الفطر"},
    {"MA", "lunar", NULL, 0, 12, 10, 2, "Aïd Al Adha", "Eid al-Adha", "عيد الأضحى"},
    {"FR", "yearly", "2000-01-01", 0, 0, 0, 1, "Jour de l’an", "New Year’s Day", "رأس السنة الميلادية"},
    {"FR", "easter", NULL, 1, 0, 0, 1, "Lundi de Pâques", "Easter Monday", "اثنين الفصح"},
    {"FR", "yearly", "2000-05-01", 0, 0, 0, 1, "Fête du Travail", "Labour Day", "عيد الشغل"},
    {"FR", "yearly", "2000-05-08", 0, 0, 0, 1, "Victoire 1945", "Victory Day 1945", "عيد النصر 1945"},
    {"FR", "easter", NULL, 39, 0, 0, 1, "Ascension", "Ascension Day", "عيد الصعود"},
    {"FR", "easter", NULL, 50, 0, 0, 1, "Lundi de Pentecôte", "Whit Monday", "اثنين العنصرة"},
    {"FR", "yearly", "2000-07-14", 0, 0, 0, 1, "Fête nationale", "Bastille Day", "العيد الوطني"},
    {"FR", "yearly", "2000-08-15", 0, 0, 0, 1, "Assomption", "Assumption Day", "عيد انتقال العذراء"},
    {"FR", "yearly", "2000-11-01", 0, 0, 0, 1, "Toussaint", "All Saints’ Day", "عيد جميع القديسين"},
    {"FR", "yearly", "2000-11-11", 0, 0, 0, 1, "Armistice 1918", "Armistice Day 1918", "ذكرى هدنة 1918"},
    {"FR", "yearly", "2000-12-25", 0, 0, 0, 1, "Noël", "Christmas Day", "عيد الميلاد"},
};
/* clang-format on */

static void set_text(Record *r, const char *field, const char *text) {
    if (text) record_set(r, field, value_text(str_of(text)));
}

static Err day_add(Ctx *c, const Day *d, int64_t calendar) {
    Record *r = record_new(c, model_need(c->model, "holiday")), *out;
    record_set(r, "calendar", value_int(calendar));
    set_text(r, "name_fr", d->fr);
    set_text(r, "name_en", d->en);
    set_text(r, "name_ar", d->ar);
    set_text(r, "repeats", d->when);
    set_text(r, "day", d->day);
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
        if (strcmp(days[k].calendar, calendars[i].code) == 0) TRY(day_add(c, &days[k], out->id));
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
