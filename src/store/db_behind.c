/* db_behind.c: SQLite: a second thread writes rows while the caller makes the next ones. One of the
 * two uses the connection at a time: every other call on the Db first waits for what was handed
 * over (db_settle), so that it sees those rows, and is told when they could not be written.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <stdlib.h>

struct Behind {
    Conn *conn;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;
    Arena *arena; /* of what was handed over: its statements */
    const DbRowset *sets;
    const char **sql;
    size_t n;
    bool has_work, is_over;
    Err failed; /* from the first that failed on nothing is written */
};

static Err write_sets(Behind *b) {
    for (size_t i = 0; i < b->n; i++) {
        const DbRowset *s = &b->sets[i];
        TRY(b->conn->base->driver->many(b->conn, b->sql[i], s->values, s->n_columns, s->n_rows));
    }
    return OK;
}

static void *behind_main(void *arg) {
    Behind *b = arg;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (!b->has_work && !b->is_over) pthread_cond_wait(&b->news, &b->lock);
        if (!b->has_work) break;
        pthread_mutex_unlock(&b->lock);
        Err e = b->failed != OK ? b->failed : write_sets(b);
        pthread_mutex_lock(&b->lock);
        b->failed = e;
        b->has_work = false;
        pthread_cond_broadcast(&b->news);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static void behind_free(Behind *b) {
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->news);
    arena_free(b->arena);
    free(b);
}

void db_behind_begin(Db *db) {
    if (db_kind(db) != DB_SQLITE || db->is_read_only || db->behind) return;
    Behind *b = db_calloc(1, sizeof *b);
    b->conn = db->conn;
    b->arena = arena_new(0);
    CHECK(pthread_mutex_init(&b->lock, NULL) == 0, "mutex");
    CHECK(pthread_cond_init(&b->news, NULL) == 0, "condition");
    if (pthread_create(&b->thread, NULL, behind_main, b) == 0)
        db->behind = b;
    else
        behind_free(b); /* then each waits for its own rows */
}

/* A constraint that breaks here is no caller's to mend: it speaks of rows long gone by. */
Err db_settle(Db *db) {
    Behind *b = db->behind;
    if (!b) return OK;
    pthread_mutex_lock(&b->lock);
    while (b->has_work) pthread_cond_wait(&b->news, &b->lock);
    Err e = b->failed;
    pthread_mutex_unlock(&b->lock);
    if (e == OK || !*db->conn->constraint) return e;
    log_line(LOG_ERROR, "database", "written behind: %s", db->conn->error);
    db->conn->constraint = "";
    b->failed = ERR_INTERNAL;
    return ERR_INTERNAL;
}

void db_behind_over(Db *db) {
    Behind *b = db->behind;
    if (!b) return;
    pthread_mutex_lock(&b->lock);
    b->is_over = true;
    pthread_cond_broadcast(&b->news);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    db->behind = NULL;
    behind_free(b);
}

Err db_behind_wait(Db *db) {
    return db_settle(db);
}

static Err insert_all(Db *db, const DbRowset *sets, size_t n) {
    for (size_t i = 0; i < n; i++)
        TRY(db_insert_many(db, sets[i].table, sets[i].columns, sets[i].n_columns, sets[i].values,
                           sets[i].n_rows));
    return OK;
}

Err db_insert_behind(Db *db, const DbRowset *sets, size_t n) {
    Behind *b = db->behind;
    if (!b || db->savepoints) return insert_all(db, sets, n);
    TRY(db_settle(db));
    arena_reset(b->arena);
    b->sql = NEW_N(b->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        TRY(db_values_check(db, sets[i].values, sets[i].n_columns * sets[i].n_rows));
        b->sql[i] = db_insert_text(b->arena, sets[i].table, sets[i].columns, sets[i].n_columns);
    }
    pthread_mutex_lock(&b->lock);
    b->sets = sets;
    b->n = n;
    b->has_work = true;
    pthread_cond_broadcast(&b->news);
    pthread_mutex_unlock(&b->lock);
    return OK;
}
