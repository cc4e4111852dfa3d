/* rcsa_links.c: links incidents to the risks that their pattern belongs to. A link that a person
 * removed is not made again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_query.h"

Err rcsa_link_by_pattern(int64_t *linked, Ctx *c, Str since) {
    RcsaPairs pairs;
    const Type *t = model_type(c->model, S("incident_risk"));
    *linked = 0;
    if (!t) return OK;
    TRY(rcsa_query_unlinked(&pairs, c, since));
    RcsaActor kept = rcsa_as_system(c);
    RcsaScratch scratch = rcsa_scratch_begin(c);
    Err e = OK;
    for (size_t i = 0; i < pairs.n && e == OK; i++) {
        rcsa_scratch_next(&scratch);
        Record *r = record_new(c, t), *saved;
        record_set(r, "incident", value_int(pairs.items[i].first));
        record_set(r, "risk", value_int(pairs.items[i].second));
        record_set(r, "origin", rcsa_text_value("pattern"));
        e = record_save(&saved, c, r, "link");
        if (e == OK) (*linked)++;
    }
    rcsa_scratch_end(&scratch);
    rcsa_as_before(c, &kept);
    return e;
}
