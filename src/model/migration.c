/* migration.c: the numbered changes and their count in the base (table schema_version).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/migration.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/measure.h"

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "name", .type = DB_TEXT, .not_null = true},
    {.name = "at", .type = DB_INT, .not_null = true},
};
static const DbTable tables[] = {{"schema_version", columns, LENGTH(columns), NULL, NULL, 0}};

/* A change that is here stays here: bases of any age run through all that they have not seen. */
const Migration model_migrations[] = {
    {1, "the count begins", NULL},
    {2, "figures of all units together, and by year and unit", measure_add_grains},
    {0}};
/* clang-format on */

static Err reached(int64_t *out, Db *db) {
    bool found;
    *out = 0;
    TRY(db_table_exists(&found, db, "schema_version"));
    if (!found) return OK;
    return db_get_int(out, &found, db, "SELECT max(id) FROM schema_version", NO_ARGS);
}

static int newest(const Migration *list) {
    int n = 0;
    for (; list->number; list++)
        if (list->number > n) n = list->number;
    return n;
}

Err migration_check(bool *is_new, Db *db, const Migration *list) {
    int64_t number;
    bool has_entries;
    TRY(reached(&number, db));
    TRY(db_table_exists(&has_entries, db, "entry"));
    *is_new = !has_entries;
    if (number <= newest(list)) return OK;
    log_line(LOG_ERROR, "database_newer",
             "the database counts %lld changes and this program knows %d: start the newer program",
             (long long)number, newest(list));
    return ERR_CONFLICT;
}

Err migration_age(BaseAge *out, Db *db, const Migration *list) {
    int64_t number;
    bool has_entries;
    TRY(reached(&number, db));
    TRY(db_table_exists(&has_entries, db, "entry"));
    *out = !has_entries            ? BASE_EMPTY
           : number > newest(list) ? BASE_AHEAD
           : number < newest(list) ? BASE_BEHIND
                                   : BASE_FITS;
    return OK;
}

Err migration_run(Db *db, const Migration *list, bool is_new) {
    int64_t number;
    bool found;
    TRY(db_table_exists(&found, db, "schema_version"));
    if (!found) TRY(db_ensure(db, tables, LENGTH(tables)));
    TRY(reached(&number, db));
    for (; list->number; list++) {
        if (list->number <= number) continue;
        if (!is_new && list->run) TRY(list->run(db));
        TRY(db_run(db, NULL, "INSERT INTO schema_version (id, name, at) VALUES ($1, $2, $3)",
                   ARGS(db_int(list->number), db_textz(list->name), db_int(clock_now_us()))));
    }
    return OK;
}
