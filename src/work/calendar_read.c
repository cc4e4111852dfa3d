/* calendar_read.c: the calendar of a unit from the records calendar and holiday (calendar.h),
 * remembered by the context. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "work/calendar.h"
#include "work/kit.h"

#include <stdlib.h>

enum { MOST_HOLIDAYS = 5000, MOST_DAYS = 30, MOST_ABOVE = 8 };

typedef struct Days {
    Ctx *c;
    const Records *all;
    Holiday *dated;
    size_t n, cap;
    Yearly *yearly;
    size_t n_yearly, cap_yearly;
} Days;

static int length_of(const Record *r) {
    int64_t length = record_int(r, "days");
    return length < 1 ? 1 : length > MOST_DAYS ? MOST_DAYS : (int)length;
}

static void put_dated(Days *d, const Record *r, int64_t day) {
    bool expected = str_is(record_text(r, "certainty"), "expected");
    for (int i = 0; i < length_of(r); i++) {
        GROW(d->c->arena, d->dated, d->n, d->cap);
        d->dated[d->n++] = (Holiday){day + i, r->id, expected};
    }
}

/* The dates of the records that announce this holiday. */
static void announced_into(Yearly *h, Days *d) {
    size_t cap = 0;
    int64_t *dates = NULL;
    for (size_t i = 0; i < d->all->n; i++) {
        int64_t day;
        const Record *x = d->all->items[i];
        if (record_int(x, "confirms") != h->record || !kit_state(x, "active") ||
            !date_parse(&day, record_text(x, "day")))
            continue;
        GROW(d->c->arena, dates, h->n_announced, cap);
        dates[h->n_announced++] = day;
    }
    h->announced = dates;
}

static void put(Days *d, const Record *r) {
    int64_t day = 0, month = 0;
    Str when = record_text(r, "repeats");
    bool dated = date_parse(&day, record_text(r, "day"));
    Yearly h = {.last = (int)record_int(r, "until"), .length = length_of(r), .record = r->id};
    if (str_is(when, "once")) {
        if (dated) put_dated(d, r, day);
        return;
    }
    if (str_is(when, "yearly")) {
        if (!dated) return;
        date_from_days(&h.first, &h.month, &h.day, day);
    } else if (str_is(when, "easter")) {
        h.kind = YEARLY_EASTER;
        h.day = (int)record_int(r, "from_easter");
    } else {
        if (!str_to_int(&month, record_text(r, "lunar_month"))) return;
        h.kind = YEARLY_LUNAR;
        h.month = (int)month;
        h.day = (int)record_int(r, "lunar_day");
        announced_into(&h, d);
    }
    GROW(d->c->arena, d->yearly, d->n_yearly, d->cap_yearly);
    d->yearly[d->n_yearly++] = h;
}

static int by_day(const void *a, const void *b) {
    const Holiday *x = a, *y = b;
    if (x->day != y->day) return x->day > y->day ? 1 : -1;
    return (x->record > y->record) - (x->record < y->record);
}

static Err first_active(int64_t *out, Ctx *c, const char *field, Value value) {
    Records list;
    *out = 0;
    TRY(record_where(&list, c, model_need(c->model, "calendar"), field, value, 10));
    for (size_t i = 0; i < list.n && !*out; i++)
        if (kit_state(list.items[i], "active")) *out = list.items[i]->id;
    return OK;
}

Err calendar_load(const Calendar **out, Ctx *c, int64_t id) {
    Calendar *k = NEW(c->arena, Calendar);
    *out = k;
    k->weekend = 1u << 6 | 1u << 7;
    if (!model_type(c->model, S("calendar"))) return OK;
    if (!id) TRY(first_active(&id, c, "is_default", value_int(1)));
    if (!id) return OK;
    Record *r;
    Records list;
    Days days = {.c = c, .all = &list};
    TRY(record_load_raw(&r, c, model_need(c->model, "calendar"), id));
    TRY(record_where(&list, c, model_need(c->model, "holiday"), "calendar", value_int(id),
                     MOST_HOLIDAYS));
    Value weekend = record_get(r, "weekend");
    k->id = id;
    k->weekend = 0;
    for (size_t i = 0; i < weekend.n; i++) k->weekend |= 1u << (weekend.list[i].s.p[0] - '0');
    for (size_t i = 0; i < list.n; i++)
        if (kit_state(list.items[i], "active")) put(&days, list.items[i]);
    if (days.n) qsort(days.dated, days.n, sizeof *days.dated, by_day);
    k->holidays = days.dated;
    k->n = days.n;
    k->yearly = days.yearly;
    k->n_yearly = days.n_yearly;
    return OK;
}

Err calendar_of_entity(int64_t *out, Ctx *c, int64_t entity) {
    const Record *e, *own;
    *out = 0;
    if (!model_type(c->model, S("calendar"))) return OK;
    for (int i = 0; entity && i < MOST_ABOVE; i++, entity = record_int(e, "parent")) {
        TRY(record_shared(&e, c, model_need(c->model, "entity"), entity));
        int64_t id = record_int(e, "calendar");
        if (id) {
            TRY(record_shared(&own, c, model_need(c->model, "calendar"), id));
            if (kit_state(own, "active")) {
                *out = id;
                return OK;
            }
        }
        Str country = record_text(e, "country");
        if (country.n) TRY(first_active(out, c, "country", value_text(country)));
        if (*out) return OK;
    }
    return OK;
}

Err calendar_of_unit(int64_t *out, Ctx *c, int64_t unit) {
    const Record *u;
    *out = 0;
    if (!unit) return OK;
    TRY(record_shared(&u, c, model_need(c->model, "unit"), unit));
    return calendar_of_entity(out, c, record_int(u, "entity"));
}

/* Remembered by unit and by calendar: lists ask it for hundreds of records of a few units. */
Err calendar_for_unit(const Calendar **out, Ctx *c, int64_t unit) {
    static const char units[] = "unit", calendars[] = "calendar";
    static const char types[] = "calendar holiday unit entity";
    bool is_new;
    Arena *arena, *own = c->arena;
    int64_t *id = ctx_memo(&is_new, &arena, c, units, unit, types, sizeof *id);
    if (is_new) TRY(calendar_of_unit(id, c, unit));
    const Calendar **k = ctx_memo(&is_new, &arena, c, calendars, *id, types, sizeof *k);
    if (is_new) {
        c->arena = arena;
        Err e = calendar_load(k, c, *id);
        c->arena = own;
        TRY(e);
    }
    *out = *k;
    return OK;
}

Err calendar_name(Str *out, Ctx *c, int64_t id) {
    const Record *r;
    *out = (Str){0};
    if (!id) return OK;
    TRY(record_shared(&r, c, model_need(c->model, "calendar"), id));
    *out = record_title(c, r);
    return OK;
}
