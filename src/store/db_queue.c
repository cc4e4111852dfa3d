/* db_queue.c: SQLite's one writer: a fair queue, and one commit for several savings that follow
 * each other. Who ends a shared transaction while another shared one waits leaves it open: the
 * other goes on in it, behind a savepoint of its own, and the last commits for all; each is
 * answered after that commit. Nobody who writes for long shares. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "store/db_impl.h"

#include <errno.h>
#include <time.h>

enum { GROUP_MOST = 64, GROUP_US = 20000 };

/* ---- the queue ---- */

static bool waiter_remove(DbBase *base, Waiter *me) {
    Waiter *before = NULL;
    for (Waiter *w = base->first; w; before = w, w = w->next) {
        if (w != me) continue;
        if (before)
            before->next = w->next;
        else
            base->first = w->next;
        if (base->last == w) base->last = before;
        return true;
    }
    return false;
}

struct timespec db_deadline(int64_t us) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(us / 1000000);
    at.tv_nsec += (long)(us % 1000000) * 1000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

static Err queue_wait(bool *joins, DbBase *base, bool is_shared) {
    Waiter me = {.is_shared = is_shared};
    pthread_condattr_t attr;
    CHECK(pthread_condattr_init(&attr) == 0, "condition");
    CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0, "condition");
    CHECK(pthread_cond_init(&me.turn, &attr) == 0, "condition");
    pthread_condattr_destroy(&attr);
    if (base->last)
        base->last->next = &me;
    else
        base->first = &me;
    base->last = &me;
    struct timespec until = db_deadline(QUEUE_WAIT_US);
    int rc = 0;
    while (!me.is_granted && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&me.turn, &base->lock, &until);
    if (!me.is_granted) (void)waiter_remove(base, &me);
    *joins = me.joins;
    pthread_cond_destroy(&me.turn);
    return me.is_granted ? OK : ERR_BUSY;
}

/* Under the lock: the first in the queue, or nobody, has the writer now. */
static void grant(DbBase *base, bool joins) {
    Waiter *w = base->first;
    base->is_writing = w != NULL;
    if (!w) return;
    base->first = w->next;
    if (!base->first) base->last = NULL;
    w->is_granted = true;
    w->joins = joins;
    pthread_cond_signal(&w->turn);
}

static Err queue_enter(bool *joins, DbBase *base, bool is_shared) {
    Err err = OK;
    *joins = false;
    pthread_mutex_lock(&base->lock);
    if (!base->is_writing && !base->first)
        base->is_writing = true;
    else
        err = queue_wait(joins, base, is_shared);
    pthread_mutex_unlock(&base->lock);
    return err;
}

bool db_queue_take(DbBase *base) {
    pthread_mutex_lock(&base->lock);
    bool is_free = !base->is_writing && !base->first;
    if (is_free) base->is_writing = true;
    pthread_mutex_unlock(&base->lock);
    return is_free;
}

void db_queue_give(DbBase *base) {
    pthread_mutex_lock(&base->lock);
    grant(base, false);
    pthread_mutex_unlock(&base->lock);
}

/* ---- the group ---- */

/* Somebody whose part is written and who waits for the commit. */
struct Member {
    pthread_cond_t done;
    bool is_done;
    Err result;
    Member *next;
};

/* The transaction is over: all whose parts were in it learn how it ended. */
static void group_over(DbBase *base, Err result) {
    pthread_mutex_lock(&base->lock);
    for (Member *m = base->members; m; m = m->next) {
        m->result = result;
        m->is_done = true;
        pthread_cond_signal(&m->done);
    }
    base->members = NULL;
    base->n_members = 0;
    grant(base, false);
    pthread_mutex_unlock(&base->lock);
}

static bool passes_on(const DbBase *base, bool is_shared) {
    return is_shared && base->first && base->first->is_shared && base->n_members < GROUP_MOST &&
           clock_mono_us() - base->began_us < GROUP_US;
}

static Err wait_for_commit(DbBase *base) {
    Member me = {.next = base->members};
    CHECK(pthread_cond_init(&me.done, NULL) == 0, "condition");
    base->members = &me;
    base->n_members++;
    grant(base, true);
    while (!me.is_done) pthread_cond_wait(&me.done, &base->lock);
    pthread_cond_destroy(&me.done);
    return me.result;
}

static Err exec(Conn *c, const char *sql) {
    return c->base->driver->exec(c, sql);
}

Err db_group_enter(bool *joins, DbBase *base, bool is_shared) {
    Conn *c = base->writer;
    TRY(queue_enter(joins, base, is_shared));
    if (*joins) {
        if (exec(c, "SAVEPOINT member") == OK) return OK;
        base->driver->rollback(c);
        group_over(base, ERR_BUSY);
        return ERR_BUSY;
    }
    Err err = db_base_is_degraded(base) ? ERR_BUSY : base->driver->begin(c, false);
    if (err != OK) {
        group_over(base, err);
        return err;
    }
    base->began_us = clock_mono_us();
    atomic_store(&base->degraded_until, 0);
    return OK;
}

/* Takes a part back; the others stay. */
static void part_undo(Conn *c, WriterPart part) {
    DbBase *base = c->base;
    if (!part.is_joined) {
        base->driver->rollback(c);
        group_over(base, OK);
        return;
    }
    /* A full disk ends the whole transaction by itself: then there is no savepoint any more. */
    if (exec(c, "ROLLBACK TO SAVEPOINT member") != OK ||
        exec(c, "RELEASE SAVEPOINT member") != OK) {
        base->driver->rollback(c);
        group_over(base, ERR_BUSY);
        return;
    }
    pthread_mutex_lock(&base->lock);
    bool passed = passes_on(base, part.is_shared);
    if (passed) grant(base, true);
    pthread_mutex_unlock(&base->lock);
    if (!passed) group_over(base, base->driver->commit(c));
}

Err db_group_leave(Conn *c, WriterPart part) {
    DbBase *base = c->base;
    if (!part.keep) {
        part_undo(c, part);
        return OK;
    }
    Err err = part.is_joined ? exec(c, "RELEASE SAVEPOINT member") : OK;
    if (err != OK) {
        part_undo(c, part);
        return err;
    }
    pthread_mutex_lock(&base->lock);
    bool passed = passes_on(base, part.is_shared);
    if (passed) err = wait_for_commit(base);
    pthread_mutex_unlock(&base->lock);
    if (passed) return err;
    err = base->driver->commit(c);
    group_over(base, err);
    return err;
}
