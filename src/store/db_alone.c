/* db_alone.c: SQLite for who has the base alone and writes very much. With the log all pages are
 * written twice, and looked for in the log whenever they are read again; with a rollback journal
 * new pages are written once, to where they stay, and only old pages are kept beside until the
 * commit. What was cut off is undone by the next opening. Any other writing opening sets the log
 * again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

static void close_idle_reader(DbSession *s) {
    if (!s->conns[0] || s->conns[0]->db.is_open) return;
    db_conn_free(s->conns[0]);
    s->conns[0] = NULL;
}

/* A connection that somebody else keeps refuses the change: the log stays then. Sorting spills to
 * files, in memory each row would be a piece of its own. */
static void change(DbSession *s, const char *sql, bool is_alone) {
    DbBase *base = s->base;
    if (base->kind != DB_SQLITE || !base->writer || !db_queue_take(base)) return;
    Conn *c = base->writer;
    db_cache_clear(c);
    (void)c->base->driver->exec(c, sql);
    base->is_alone = is_alone;
    db_queue_give(base);
}

/* Without the log a commit waits for whoever reads: so a transaction keeps readers out from its
 * beginning, where nothing is lost yet, and waits there longer than a reader usually takes. */
void db_alone_begin(DbSession *s) {
    if (s->base->kind == DB_SQLITE) close_idle_reader(s);
    change(s, "PRAGMA temp_store=FILE; PRAGMA journal_mode=DELETE; PRAGMA busy_timeout=60000",
           true);
}

void db_alone_end(DbSession *s) {
    if (s->base->kind == DB_SQLITE) close_idle_reader(s);
    change(s, "PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL", false);
}
