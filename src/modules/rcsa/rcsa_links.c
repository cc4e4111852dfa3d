/* rcsa_links.c: links incidents to the risks that their pattern belongs to. A link that a person
 * removed is not made again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_query.h"

static Err link_all(int64_t *linked, Ctx *c, Str since, int64_t incident) {
    RcsaPairs pairs;
    const Type *t = model_type(c->model, S("incident_risk"));
    *linked = 0;
    if (!t) return OK;
    TRY(rcsa_query_unlinked(&pairs, c, since, incident));
    if (!pairs.n) return OK;
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

Err rcsa_link_by_pattern(int64_t *linked, Ctx *c, Str since) {
    return link_all(linked, c, since, 0);
}

/* On its way to the second line an incident is linked to the risk of its pattern. */
Err rcsa_incident_saved(Ctx *c, const Saving *s) {
    int64_t linked;
    bool arrives =
        rcsa_state_is(s->after, "review") && (!s->before || !rcsa_state_is(s->before, "review"));
    return arrives && !c->is_quiet ? link_all(&linked, c, (Str){0}, s->after->id) : OK;
}

/* Once there is a register, the second line says which of its risks has come true. */
Err rcsa_incident_guard(Ctx *c, const Record *incident) {
    bool lacks;
    if (!model_type(c->model, S("incident_risk")) || c->actor->is_system) return OK;
    TRY(rcsa_query_lacks_risk(&lacks, c, incident));
    if (!lacks) return OK;
    return issue(c, "", "risk_missing",
                 N_("Link the risk of the register that has come true first."));
}
