/* remote.c: the socket PATH.sock beside a running SQLite server. A writing command finds the file
 * owned, sends its arguments, folder and standard input here, and gets output, errors and exit code
 * back. Only the same user may connect (mode 0600 and the peer's credentials). One command at a
 * time. Request: u32 lengths in the machine's order, then bytes: count, arguments, folder, input,
 * flags. Answer: frames of kind (1 output, 2 errors, 0 end), u32 length, bytes; at the end one byte
 * of exit code. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "commands/command.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 256, MAX_PART = 64 << 20, FLAG_JSON = 1, FLAG_TTY = 2 };

struct Remote {
    const Settings *settings;
    const Model *model;
    DbBase *base;
    int fd, stop[2];
    pthread_t thread;
    const char *path;
};

/* ---- bytes ---- */

static bool send_all(int fd, const void *p, size_t n) {
    const char *at = p;
    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, void *p, size_t n) {
    char *at = p;
    while (n) {
        ssize_t got = recv(fd, at, n, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool send_part(int fd, Str s) {
    uint32_t n = (uint32_t)s.n;
    return s.n <= MAX_PART && send_all(fd, &n, sizeof n) && send_all(fd, s.p, s.n);
}

static bool receive_part(int fd, Arena *a, Str *out) {
    uint32_t n;
    if (!receive_all(fd, &n, sizeof n) || n > MAX_PART) return false;
    char *p = arena_alloc(a, (size_t)n + 1);
    *out = (Str){p, n};
    return receive_all(fd, p, n);
}

static bool address_of(struct sockaddr_un *out, Str database_path) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    static const char suffix[] = ".sock";
    if (database_path.n + sizeof suffix > sizeof out->sun_path) return false;
    memcpy(out->sun_path, database_path.p, database_path.n);
    memcpy(out->sun_path + database_path.n, suffix, sizeof suffix);
    return true;
}

static bool same_user(int fd) {
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

/* ---- the server's side ---- */

static void send_frame(int fd, unsigned char kind, Str s) {
    if (s.n && send_all(fd, &kind, 1)) (void)send_part(fd, s);
}

typedef struct Peer {
    int fd;
    const Remote *remote;
} Peer;

static void flush_frames(Run *run) {
    int fd = ((Peer *)run->sink)->fd;
    send_frame(fd, 1, text_str(&run->out));
    send_frame(fd, 2, text_str(&run->err));
    run->out.n = run->err.n = 0;
}

/* The command's process ended, or was interrupted: nobody waits for the answer. */
static bool peer_is_gone(Run *run) {
    char byte;
    ssize_t n = recv(((Peer *)run->sink)->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static bool server_stops(Run *run) {
    struct pollfd p = {.fd = ((Peer *)run->sink)->remote->stop[0], .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static bool receive_run(int fd, Arena *a, Run *run, Str *name) {
    uint32_t count, flags;
    if (!receive_all(fd, &count, sizeof count) || count < 1 || count > MAX_ARGUMENTS) return false;
    run->argv = NEW_N(a, char *, count);
    for (uint32_t i = 0; i < count; i++) {
        Str s;
        if (!receive_part(fd, a, &s)) return false;
        if (i == 0)
            *name = s;
        else
            run->argv[run->argc++] = (char *)(uintptr_t)s.p;
    }
    if (!receive_part(fd, a, &run->cwd) || !receive_part(fd, a, &run->input)) return false;
    if (!receive_all(fd, &flags, sizeof flags)) return false;
    run->json = (flags & FLAG_JSON) != 0;
    run->is_tty = (flags & FLAG_TTY) != 0;
    return true;
}

static void answer(Remote *r, int fd) {
    struct timeval patience = {.tv_sec = 30};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    Arena *a = arena_new((size_t)4 << 30);
    Run run = {.arena = a,
               .settings = r->settings,
               .model = r->model,
               .url = db_base_url(r->base),
               .base = r->base,
               .has_input = true,
               .out = text_new(a, 256 << 20),
               .err = text_new(a, 16 << 20),
               .flush = flush_frames,
               .sink = &(Peer){fd, r},
               .is_gone = peer_is_gone,
               .stops = server_stops};
    Str name = {0};
    unsigned flags = 0;
    unsigned char code = 2, end = 0;
    if (!same_user(fd) || !receive_run(fd, a, &run, &name)) {
        log_line(LOG_WARN, "command_refused", "a peer of another user or a malformed command");
    } else if (!command_exists(r->model, name, &flags) || !(flags & COMMAND_WRITES)) {
        run_fail(&run, "this command does not run beside the server");
    } else if (db_session_new(&run.session, r->base) != OK) {
        run_fail(&run, "no connection to the database");
    } else {
        log_line(LOG_INFO, "command", "%.*s", FMT(name));
        code = (unsigned char)command_run(&run, name);
        db_session_free(run.session);
    }
    flush_frames(&run);
    if (send_all(fd, &end, 1)) (void)send_all(fd, &code, 1);
    close(fd);
    arena_free(a);
}

static void *remote_main(void *arg) {
    Remote *r = arg;
    for (;;) {
        struct pollfd wait[2] = {{.fd = r->fd, .events = POLLIN},
                                 {.fd = r->stop[0], .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR) return NULL;
        if (wait[1].revents) return NULL;
        if (!(wait[0].revents & POLLIN)) continue;
        int fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) answer(r, fd);
    }
}

Err remote_listen(Remote **out, Arena *process, Str database_path, const Settings *settings,
                  const Model *model, DbBase *base) {
    struct sockaddr_un address;
    if (!address_of(&address, database_path)) return ERR_INVALID;
    Remote *r = NEW(process, Remote);
    *r = (Remote){.settings = settings, .model = model, .base = base};
    r->path = str_z(process, str_of(address.sun_path));
    /* We own the database's lock, so whatever lies there is a leftover. */
    unlink(r->path);
    r->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->fd < 0) return ERR_INTERNAL;
    mode_t old = umask(0177);
    int bound = bind(r->fd, (struct sockaddr *)&address, sizeof address);
    umask(old);
    if (bound != 0 || listen(r->fd, 8) != 0 || pipe2(r->stop, O_CLOEXEC) != 0) {
        close(r->fd);
        return ERR_INTERNAL;
    }
    if (pthread_create(&r->thread, NULL, remote_main, r) != 0) {
        close(r->fd);
        close(r->stop[0]);
        close(r->stop[1]);
        return ERR_INTERNAL;
    }
    *out = r;
    return OK;
}

void remote_stop(Remote *r) {
    (void)!write(r->stop[1], "", 1);
    pthread_join(r->thread, NULL);
    unlink(r->path);
    close(r->fd);
    close(r->stop[0]);
    close(r->stop[1]);
}

/* ---- the command's side ---- */

static bool send_run(int fd, Run *run, Str name) {
    uint32_t count = (uint32_t)run->argc + 1;
    uint32_t flags = (run->json ? FLAG_JSON : 0u) | (run->is_tty ? FLAG_TTY : 0u);
    char cwd[4096];
    if (!getcwd(cwd, sizeof cwd) || count > MAX_ARGUMENTS) return false;
    if (!send_all(fd, &count, sizeof count) || !send_part(fd, name)) return false;
    for (int i = 0; i < run->argc; i++)
        if (!send_part(fd, str_of(run->argv[i]))) return false;
    return send_part(fd, str_of(cwd)) && send_part(fd, run->input) &&
           send_all(fd, &flags, sizeof flags);
}

static Err receive_answer(int *exit_code, int fd, Run *run) {
    for (;;) {
        unsigned char kind, code;
        if (!receive_all(fd, &kind, 1)) return ERR_INTERNAL;
        if (kind == 0) {
            if (!receive_all(fd, &code, 1)) return ERR_INTERNAL;
            *exit_code = code;
            return OK;
        }
        Str s;
        if (!receive_part(fd, run->arena, &s)) return ERR_INTERNAL;
        text_add(kind == 1 ? &run->out : &run->err, s);
        run->flush(run);
    }
}

Err remote_call(int *exit_code, Run *run, Str name, Str database_path) {
    struct sockaddr_un address;
    if (!address_of(&address, database_path)) return ERR_MISSING;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return ERR_INTERNAL;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return ERR_MISSING;
    }
    Err e = same_user(fd) && send_run(fd, run, name) ? receive_answer(exit_code, fd, run)
                                                     : ERR_INTERNAL;
    close(fd);
    if (e != OK) {
        *exit_code = run_fail(run, "the running server did not finish the command");
        return OK;
    }
    return e;
}
