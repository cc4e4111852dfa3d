/* pulse.c: figures for metrics, demo banner and the keeper thread (pulse.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pulse.h"

Err pulse_read(Pulse *out, Db *db) {
    int64_t id;
    bool found;
    *out = (Pulse){0};
    TRY(db_get_int(&out->unsealed, &found, db, "SELECT COUNT(*) FROM unsealed", NO_ARGS));
    TRY(db_get_int(&out->sessions, &found, db, "SELECT COUNT(*) FROM session", NO_ARGS));
    TRY(db_get_int(&out->jobs_waiting, &found, db,
                   "SELECT COUNT(*) FROM outbox WHERE state = 'ready'", NO_ARGS));
    TRY(db_get_int(&out->jobs_dead, &found, db, "SELECT COUNT(*) FROM outbox WHERE state = 'dead'",
                   NO_ARGS));
    return db_get_int(&id, &out->has_demo, db, "SELECT id FROM \"user\" WHERE is_demo = 1 LIMIT 1",
                      NO_ARGS);
}

Err pulse_work(bool *unsealed, bool *unfolded, Db *db) {
    int64_t one;
    TRY(db_get_int(&one, unsealed, db, "SELECT 1 FROM unsealed LIMIT 1", NO_ARGS));
    return db_get_int(&one, unfolded, db, "SELECT 1 FROM measure_delta WHERE folded = 0 LIMIT 1",
                      NO_ARGS);
}

Err pulse_institution(Str *out, Arena *a, Db *db) {
    Rows *rows;
    bool found;
    *out = (Str){0};
    TRY(db_rows(&rows, db, a, "SELECT name_fr FROM entity WHERE parent IS NULL ORDER BY id LIMIT 1",
                NO_ARGS));
    TRY(rows_next(&found, rows));
    if (!found) return OK;
    *out = rows_copy(rows, 0);
    rows_close(rows);
    return OK;
}
