/* db_pgsql_copy.c: rows to a PostgreSQL table by COPY ... FROM STDIN (FORMAT binary): a signature,
 * per row the number of columns, per column its length (-1: NULL) and bytes, all big-endian, then
 * -1 (PostgreSQL documentation, COPY, "Binary Format"). SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "store/db_pgsql.h"

#include <stdlib.h>

enum { COPY_CHUNK = 256 << 10 };

typedef struct CopyOut {
    PGconn *pg;
    char *bytes;
    size_t n, cap;
    bool failed;
} CopyOut;

static void put_bytes(CopyOut *out, const void *p, size_t n) {
    if (out->n + n > out->cap) {
        if (out->n && PQputCopyData(out->pg, out->bytes, (int)out->n) != 1) out->failed = true;
        out->n = 0;
    }
    if (n > out->cap) {
        if (PQputCopyData(out->pg, p, (int)n) != 1) out->failed = true;
        return;
    }
    if (n) memcpy(out->bytes + out->n, p, n);
    out->n += n;
}

static void put_big(CopyOut *out, int64_t value, int size) {
    char b[8];
    for (int i = 0; i < size; i++) b[i] = (char)((uint64_t)value >> (8 * (size - 1 - i)) & 0xFF);
    put_bytes(out, b, (size_t)size);
}

static void put_value(CopyOut *out, const DbValue *v) {
    switch (v->type) {
    case DB_NULL: put_big(out, -1, 4); break;
    case DB_INT:
        put_big(out, 8, 4);
        put_big(out, v->i, 8);
        break;
    case DB_TEXT:
    case DB_BLOB:
        CHECK(v->s.n < (size_t)1 << 30, "a value is too long");
        put_big(out, (int64_t)v->s.n, 4);
        put_bytes(out, v->s.p, v->s.n);
        break;
    }
}

static Err finish(Conn *c, CopyOut *out, const char *sql) {
    PGresult *res;
    Err err = OK;
    if (out->n && PQputCopyData(c->pg, out->bytes, (int)out->n) != 1) out->failed = true;
    if (PQputCopyEnd(c->pg, out->failed ? "cut off" : NULL) != 1) out->failed = true;
    while ((res = db_pgsql_result(c)) != NULL) {
        if (PQresultStatus(res) == PGRES_COMMAND_OK)
            PQclear(res);
        else
            err = db_pgsql_error(c, res, sql);
    }
    if (err == OK && out->failed) return db_pgsql_error(c, NULL, sql);
    return err;
}

Err db_pgsql_copy(Conn *c, const char *sql, const DbValue *values, size_t n_columns,
                  size_t n_rows) {
    static const char signature[] = "PGCOPY\n\377\r\n"; /* its NUL belongs to it */
    db_pgsql_drain(c);
    TRY(db_pgsql_settle(c));
    PGresult *res = db_pgsql_answer(c, PQsendQuery(c->pg, sql));
    if (PQresultStatus(res) != PGRES_COPY_IN) return db_pgsql_error(c, res, sql);
    PQclear(res);
    CopyOut out = {.pg = c->pg, .bytes = db_calloc(1, COPY_CHUNK), .cap = COPY_CHUNK};
    put_bytes(&out, signature, sizeof signature);
    put_big(&out, 0, 4); /* flags */
    put_big(&out, 0, 4); /* header extension */
    for (size_t i = 0; i < n_rows && !out.failed; i++) {
        put_big(&out, (int64_t)n_columns, 2);
        for (size_t k = 0; k < n_columns; k++) put_value(&out, &values[i * n_columns + k]);
    }
    put_big(&out, -1, 2);
    Err err = finish(c, &out, sql);
    free(out.bytes);
    return err;
}
