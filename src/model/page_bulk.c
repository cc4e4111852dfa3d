/* page_bulk.c: steps for several records of a list at once. What one may not do does not stop the
 * others. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_list.h"

enum { MOST_BULK = 200 };

bool page_bulk_offered(const Ctx *c, const Transition *t) {
    unsigned not_in_bulk = TRANSITION_REASON | TRANSITION_HIDDEN | TRANSITION_LIMIT;
    return !(t->def->flags & not_in_bulk) && !t->def->sends && page_kit_holds(c, t->def->roles);
}

bool page_bulk_any(const Ctx *c, const Type *t) {
    bool may = false;
    for (size_t i = 0; i < t->n_transitions; i++) may |= page_bulk_offered(c, &t->transitions[i]);
    return may;
}

void page_bulk_buttons(ListView *list, Ctx *c, const Type *t, uint64_t states) {
    Button *bulk = NEW_N(c->arena, Button, t->n_transitions ? t->n_transitions : 1);
    for (size_t i = 0; i < t->n_transitions; i++) {
        const Transition *step = &t->transitions[i];
        if (!(step->from & states) || !page_bulk_offered(c, step)) continue;
        bulk[list->n_bulk++] = (Button){.label = TRS(c, step->label),
                                        .href = str_fmt(c->arena, "/%s/bulk", t->plural),
                                        .is_post = true,
                                        .is_primary = (step->def->flags & TRANSITION_PRIMARY) != 0,
                                        .is_danger = (step->def->flags & TRANSITION_DANGER) != 0,
                                        .name = S("do"),
                                        .value = str_of(step->name)};
    }
    list->bulk = bulk;
}

static Err move_one(bool *moved, Ctx *c, const Type *t, Str number, const char *step) {
    *moved = false;
    Issues issues = c->issues;
    TRY(db_savepoint(c->db));
    Record *r = NULL, *after = NULL;
    Input nothing = {0};
    Err err = record_find(&r, c, t, number);
    if (err == OK) err = record_move(&after, c, r, step, &nothing);
    if (err == OK) {
        *moved = true;
        return db_release(c->db);
    }
    db_rollback_to(c->db);
    if (err == ERR_BUSY || err == ERR_INTERNAL) return err;
    c->issues = issues;
    return OK;
}

Err page_bulk(Ctx *c, const Type *t, const Input *form, int64_t *done, int64_t *refused) {
    *done = *refused = 0;
    const Transition *step = type_transition(t, input_getz(form, "do"));
    if (!step || !page_bulk_offered(c, step))
        return issue(c, "do", "unknown",
                     N_("This step cannot be made for several records at once."));
    Str number;
    for (size_t i = 0; input_nth(&number, form, S("number"), i); i++) {
        if (i == MOST_BULK)
            return issue(c, "number", "too_many", N_("At most 200 records can be chosen at once."));
        bool moved = false;
        TRY(move_one(&moved, c, t, number, step->name));
        *(moved ? done : refused) += 1;
    }
    if (!*done && !*refused)
        return issue(c, "number", "required", N_("Choose at least one record."));
    return OK;
}
