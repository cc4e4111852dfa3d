/* db_queue.c: SQLite's one writer: a fair queue, and one commit for several savings that follow
 * each other. Who ends a shared transaction while another shared one waits leaves it open: the
 * other goes on in it, and the last commits for all; each is answered after that commit. Who knows
 * that another is about to come may leave it resting, open and nobody's, and sees to it that it is
 * committed soon. Nobody who writes for long shares. A savepoint for each part would copy every
 * page that it touches, and nearly none is undone after it wrote: so parts have none, and when one
 * is undone all of the transaction are and run again, for CAREFUL_US each behind a savepoint.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <errno.h>
#include <time.h>

enum { GROUP_MOST = 64, GROUP_US = 20000, CAREFUL_US = 2000000 };

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

/* is_resting: the writer holds what others left open. */
static Err queue_enter(bool *joins, bool *is_resting, DbBase *base, bool is_shared) {
    Err err = OK;
    *joins = *is_resting = false;
    pthread_mutex_lock(&base->lock);
    if (!base->is_writing && !base->first) {
        base->is_writing = true;
        *is_resting = base->is_resting;
        base->is_resting = false;
    } else {
        err = queue_wait(joins, base, is_shared);
    }
    pthread_mutex_unlock(&base->lock);
    return err;
}

bool db_queue_take(DbBase *base) {
    pthread_mutex_lock(&base->lock);
    bool is_free = !base->is_writing && !base->first && !base->is_resting;
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

/* The transaction is over: all whose parts were in it learn how it ended. The next may write then,
 * but where the writer is kept. */
static void group_end(DbBase *base, Err result, bool is_kept) {
    pthread_mutex_lock(&base->lock);
    for (Member *m = base->members; m; m = m->next) {
        m->result = result;
        m->is_done = true;
        pthread_cond_signal(&m->done);
    }
    DbDone *told = base->told;
    base->members = NULL;
    base->told = NULL;
    base->n_members = 0;
    if (!is_kept) grant(base, false);
    pthread_mutex_unlock(&base->lock);
    if (told && result == OK) db_nudge(base);
    while (told) {
        DbDone *done = told;
        told = done->next; /* it may be gone after its call */
        done->call(done, result);
    }
}

static void group_over(DbBase *base, Err result) {
    group_end(base, result, false);
}

static bool has_room(const DbBase *base) {
    return base->n_members < GROUP_MOST && clock_mono_us() - base->began_us < GROUP_US;
}

static bool passes_on(const DbBase *base, bool is_shared) {
    return is_shared && base->first && base->first->is_shared && has_room(base);
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

/* Under the lock: to the next in the queue, or to whoever comes. */
static bool leave_open(DbBase *base, WriterPart part, bool passed) {
    bool rests = !passed && part.done && part.is_followed && !base->first && has_room(base);
    if (!part.done || (!passed && !rests)) return false;
    part.done->next = base->told;
    base->told = part.done;
    base->n_members++;
    base->is_resting = rests;
    grant(base, passed);
    return true;
}

static Err again(Conn *c, const char *sql) {
    return c->base->driver->again(c, sql);
}

static Err part_begin(DbBase *base) {
    Conn *c = base->writer;
    base->has_savepoint = clock_mono_us() < base->careful_until;
    Err err = base->has_savepoint ? again(c, "SAVEPOINT member") : OK;
    c->has_written = false;
    if (err == OK) return OK;
    base->driver->rollback(c);
    group_over(base, ERR_BUSY);
    return ERR_BUSY;
}

Err db_group_enter(bool *joins, DbBase *base, bool is_shared) {
    bool is_resting;
    TRY(queue_enter(joins, &is_resting, base, is_shared));
    if (is_resting && is_shared && has_room(base))
        *joins = true;
    else if (is_resting)
        group_end(base, base->driver->commit(base->writer), true);
    if (*joins) return part_begin(base);
    base->has_savepoint = false;
    Err err = db_base_is_degraded(base) ? ERR_BUSY : base->driver->begin(base->writer, false);
    if (err != OK) {
        group_over(base, err);
        return err;
    }
    base->began_us = clock_mono_us();
    atomic_store(&base->degraded_until, 0);
    return OK;
}

/* Takes a joined part back alone; false: the transaction is lost, with *why for the others. */
static bool part_back(Err *why, Conn *c) {
    DbBase *base = c->base;
    *why = ERR_BUSY;
    /* A full disk ends the whole transaction by itself: then there is no savepoint any more. */
    if (base->has_savepoint)
        return again(c, "ROLLBACK TO SAVEPOINT member") == OK &&
               again(c, "RELEASE SAVEPOINT member") == OK;
    if (!c->has_written) return true;
    base->careful_until = clock_mono_us() + CAREFUL_US;
    *why = ERR_CONFLICT;
    return false;
}

static void part_undo(Conn *c, WriterPart part) {
    DbBase *base = c->base;
    Err err = OK;
    if (!part.is_joined || !part_back(&err, c)) {
        base->driver->rollback(c);
        group_over(base, err);
        return;
    }
    pthread_mutex_lock(&base->lock);
    bool passed = passes_on(base, part.is_shared);
    if (passed) grant(base, true);
    pthread_mutex_unlock(&base->lock);
    if (!passed) group_over(base, base->driver->commit(c));
}

Err db_group_leave(bool *later, Conn *c, WriterPart part) {
    DbBase *base = c->base;
    *later = false;
    if (!part.keep) {
        part_undo(c, part);
        return OK;
    }
    Err err = part.is_joined && base->has_savepoint ? again(c, "RELEASE SAVEPOINT member") : OK;
    if (err != OK) {
        part_undo(c, part);
        return err;
    }
    pthread_mutex_lock(&base->lock);
    bool passed = passes_on(base, part.is_shared);
    *later = leave_open(base, part, passed);
    if (passed && !*later) err = wait_for_commit(base);
    pthread_mutex_unlock(&base->lock);
    if (passed || *later) return err;
    err = base->driver->commit(c);
    group_over(base, err);
    return err;
}

void db_commit_open(DbBase *base) {
    pthread_mutex_lock(&base->lock);
    bool mine = base->is_resting;
    if (mine) {
        base->is_writing = true;
        base->is_resting = false;
    }
    pthread_mutex_unlock(&base->lock);
    if (mine) group_over(base, base->driver->commit(base->writer));
}
