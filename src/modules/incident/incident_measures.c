/* incident_measures.c: figures of the module as facts of one record each. Amounts in the group's
 * currency. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

static int32_t month_of(Str day) {
    int64_t year, month;
    if (day.n != 10 || !str_to_int(&year, str_sub(day, 0, 4)) ||
        !str_to_int(&month, str_sub(day, 5, 2)))
        return 0;
    return (int32_t)(year * 12 + month - 1);
}

static bool outside(const Record *r) {
    return (r->state->flags & STATE_VOID) || strcmp(r->state->name, "draft") == 0;
}

static void put(Ctx *c, MeasureFacts *out, MeasureFact f) {
    if (!f.month) return;
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = f;
}

static MeasureFact fact_of(const Record *r, const char *date) {
    MeasureFact f = {
        .unit = r->unit, .entity = record_int(r, "entity"), .is_restricted = r->is_restricted};
    f.month = month_of(record_text(r, date));
    f.dims[0] = record_int(r, "business_line");
    f.dims[1] = record_int(r, "event_type");
    return f;
}

static Err loss_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (outside(r) || !str_is(record_text(r, "event_kind"), "loss")) return OK;
    MeasureFact f = fact_of(r, "discovered_on");
    f.dims[2] = record_int(r, "primary_cause");
    f.count = record_bool(r, "aggregate") && record_int(r, "item_count") > 0
                  ? record_int(r, "item_count")
                  : 1;
    f.sums[0] = record_int(r, "gross_group");
    f.sums[1] = record_int(r, "recoveries_group");
    f.sums[2] = record_int(r, "net_group");
    put(c, out, f);
    return OK;
}

static Err booked_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    bool counts =
        strcmp(r->state->name, "accepted") == 0 || strcmp(r->state->name, "reversed") == 0;
    if (!counts || !record_bool(r, "is_loss") || !str_is(record_text(r, "status"), "booked"))
        return OK;
    MeasureFact f = fact_of(r, "booked_on");
    f.count = 1;
    f.sums[0] = record_int(r, "gross_group");
    f.sums[1] = record_int(r, "recoveries_group");
    f.sums[2] = record_int(r, "net_group");
    put(c, out, f);
    return OK;
}

static Err near_miss_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (outside(r) || !str_is(record_text(r, "event_kind"), "near_miss")) return OK;
    MeasureFact f = fact_of(r, "discovered_on");
    f.dims[2] = record_int(r, "primary_cause");
    f.count = 1;
    put(c, out, f);
    return OK;
}

/* clang-format off */
const MeasureDef incident_measures[] = {
    {.name = "losses", .label = N_("Losses by date of discovery"), .type = "incident", .dims = {"business_line", "event_type", "primary_cause"},
     .dim_taxonomy = {"business_line", "event_type", "cause"}, .sums = {"gross_group", "recoveries_group", "net_group"},
     .sum_labels = {N_("Gross loss"), N_("Recoveries"), N_("Net loss")}, .date_field = "discovered_on",
     .states = "declared qualification review approval open closure closed", .where = "event_kind=loss", .many = {"aggregate", "item_count"}, .facts = loss_facts,
     .text = N_("Losses by date of discovery, in the group's currency. Gross before all recoveries, insurance included in the recoveries. Near misses, gains, drafts and cancelled incidents are left out; many small losses declared together count as many.")},
    {.name = "booked_losses", .label = N_("Losses by date of accounting"), .type = "financial_entry", .dims = {"business_line", "event_type"},
     .dim_taxonomy = {"business_line", "event_type"}, .sums = {"gross_group", "recoveries_group", "net_group"},
     .sum_labels = {N_("Gross loss"), N_("Recoveries"), N_("Net loss")}, .date_field = "booked_on",
     .states = "accepted reversed", .where = "is_loss=true&status=booked", .facts = booked_facts,
     .text = N_("Accepted entries by date of accounting, in the group's currency at the rate of that date. Provisions count when booked, their reversals are subtracted; estimates are left out.")},
    {.name = "near_misses", .label = N_("Near misses"), .type = "incident", .dims = {"business_line", "event_type", "primary_cause"},
     .dim_taxonomy = {"business_line", "event_type", "cause"}, .date_field = "discovered_on",
     .states = "declared qualification review approval open closure closed", .where = "event_kind=near_miss", .facts = near_miss_facts,
     .text = N_("Events without a loss, by luck or by a control, by date of discovery. They are no losses of zero.")},
    {0}
};
/* clang-format on */
