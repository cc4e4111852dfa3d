/* directory_query.c: which accounts the directory keeps. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "work/directory.h"

Err directory_kept(KeptAccounts *out, Ctx *c) {
    Rows *r;
    bool more;
    *out = (KeptAccounts){0};
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT id, directory_key, state FROM \"user\" WHERE directory_key IS NOT NULL "
                "AND directory_key <> '' ORDER BY directory_key, id",
                NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (KeptAccount){.id = rows_int(r, 0),
                                             .key = rows_copy(r, 1),
                                             .is_active = str_is(rows_copy(r, 2), "active")};
    }
}

Err directory_account_of(int64_t *out, Ctx *c, Str key) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db,
                      "SELECT id FROM \"user\" WHERE directory_key = $1 ORDER BY id LIMIT 1",
                      ARGS(db_text(key)));
}
