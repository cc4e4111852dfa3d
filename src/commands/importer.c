/* importer.c: the two threads of a server that work on imports: one checks what was sent, the other
 * saves and takes back, so that a long import keeps nobody from seeing what their file would do.
 * All state is in the database: what a stopped or killed server left, the next one goes on with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/serve.h"

#include "base/log.h"
#include "base/secret.h"
#include "model/import_work.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { PAUSE_MS = 150, AFTER_ERROR = 20 /* pauses */, IDLE_US = 5000000, IDLE_US_OTHERS = 1000000 };

typedef struct Part {
    Importer *importer;
    ImportHost host;
    ImportTask task;
    pthread_t thread;
    bool is_started;
} Part;

struct Importer {
    DbBase *base;
    atomic_bool stop;
    Part parts[2];
};

static bool asked_to_stop(void *arg) {
    return atomic_load(&((Importer *)arg)->stop);
}

static void pause_for(Importer *m, int pauses) {
    for (int i = 0; i < pauses && !atomic_load(&m->stop); i++)
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
}

static void *part_main(void *arg) {
    Part *p = arg;
    DbBase *base = p->importer->base;
    uint64_t seen = 0;
    bool is_shared = db_base_kind(base) == DB_POSTGRES; /* other nodes may be sent files, too */
    while (!atomic_load(&p->importer->stop)) {
        int64_t id;
        Err e = import_next(&id, &p->host, p->task);
        if (e == OK && id) e = import_continue(&p->host, id);
        if (e == OK && !id) db_wait(base, &seen, is_shared ? IDLE_US_OTHERS : IDLE_US);
        pause_for(p->importer, e != OK ? AFTER_ERROR : id ? 0 : 1);
    }
    return NULL;
}

static Err part_start(Part *p, Importer *m, Arena *process, const Model *model, DbBase *base,
                      const struct WorkConfig *work, ImportTask task) {
    p->importer = m;
    p->task = task;
    p->host = (ImportHost){.model = model,
                           .owner = random_token(process, 12),
                           .work = work,
                           .stop = asked_to_stop,
                           .arg = m};
    TRY(db_session_new(&p->host.session, base));
    TRY(db_session_new(&p->host.side, base));
    if (task == IMPORT_SAVES) TRY(import_free_leases(&p->host));
    if (pthread_create(&p->thread, NULL, part_main, p) != 0) return ERR_INTERNAL;
    p->is_started = true;
    return OK;
}

Err importer_start(Importer **out, Arena *process, const Model *model, DbBase *base,
                   const struct WorkConfig *work) {
    Importer *m = NEW(process, Importer);
    *out = m;
    m->base = base;
    TRY(part_start(&m->parts[0], m, process, model, base, work, IMPORT_SAVES));
    return part_start(&m->parts[1], m, process, model, base, work, IMPORT_CHECKS);
}

void importer_stop(Importer *m) {
    atomic_store(&m->stop, true);
    db_nudge(m->base);
    for (size_t i = 0; i < LENGTH(m->parts); i++) {
        if (m->parts[i].is_started) pthread_join(m->parts[i].thread, NULL);
        if (m->parts[i].host.session) db_session_free(m->parts[i].host.session);
        if (m->parts[i].host.side) db_session_free(m->parts[i].host.side);
    }
}
