/* rcsa_assign.c: the one place where the module asks somebody for an assessment and takes the
 * question back. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_assess.h"

Err rcsa_assign_assessor(int64_t *out, Ctx *c, const Record *risk) {
    const Type *t = model_need(c->model, "unit");
    int64_t unit = risk->unit;
    *out = 0;
    for (int guard = 0; unit && !*out && guard < 20; guard++) {
        Record *u;
        TRY(record_load_raw(&u, c, t, unit));
        *out = record_int(u, "correspondent");
        unit = record_int(u, "parent");
    }
    if (!*out) *out = risk->owner;
    return OK;
}

/* My work shows it by its state and to its assessor by name: nothing more to do. */
Err rcsa_assign_open(Ctx *c, const Record *assessment) {
    (void)c;
    (void)assessment;
    return OK;
}

Err rcsa_assign_close(Ctx *c, const Record *assessment) {
    (void)c;
    (void)assessment;
    return OK;
}
