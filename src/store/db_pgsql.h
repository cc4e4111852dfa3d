/* db_pgsql.h: what the files of the PostgreSQL engine share. Included by db_pgsql*.c only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_DB_PGSQL_H
#define STORE_DB_PGSQL_H

#include "store/db_impl.h"

#include <libpq-fe.h>

/* Takes the result (NULL: the connection's own words); only the primary text is kept. */
Err db_pgsql_error(Conn *c, PGresult *res, const char *sql) MUST;
/* Reads the result that is still arriving to its end; its rows are kept. */
void db_pgsql_drain(Conn *c);
Err db_pgsql_copy(Conn *c, const char *sql, const DbValue *values, size_t n_columns,
                  size_t n_rows) MUST;

#endif
