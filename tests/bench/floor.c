/* floor.c: the least that answering can cost here: libmicrohttpd (epoll, two threads) and SQLite,
 * bare: no rights, no words in three languages, no history. It reads the same database as the
 * program and serves the same sort of answers; declarations go to a file of its own. For
 * tests/bench only. floor DATABASE OWN-FILE prints its port. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <microhttpd.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 1 << 18, STATEMENTS = 8, FRAME = 30000 };
static const char *database, *own_file;
static char frame[FRAME + 1];
static _Thread_local struct {
    sqlite3 *db, *own;
    sqlite3_stmt *statements[STATEMENTS];
    char *page;
    size_t n;
} t;

static void put(const char *format, ...) {
    va_list args;
    va_start(args, format);
    t.n += (size_t)vsnprintf(t.page + t.n, ROOM - t.n, format, args);
    va_end(args);
    if (t.n >= ROOM) abort();
}

static void put_escaped(const char *z) {
    for (; z && *z && t.n < ROOM - 8; z++)
        if (*z == '<')
            put("&lt;");
        else if (*z == '&')
            put("&amp;");
        else if (*z == '"')
            put("&quot;");
        else
            t.page[t.n++] = *z;
}

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "floor: %s: %s\n", sql, sqlite3_errmsg(db));
        abort();
    }
}

static void open_once(void) {
    if (t.db) return;
    t.page = malloc(ROOM);
    if (sqlite3_open_v2(database, &t.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_open_v2(own_file, &t.own, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
        abort();
    run(t.db, "PRAGMA cache_size=-16000");
    run(t.own, "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000");
}

static sqlite3_stmt *statement(int i, sqlite3 *db, const char *sql) {
    if (!t.statements[i] && sqlite3_prepare_v2(db, sql, -1, &t.statements[i], NULL) != SQLITE_OK) {
        fprintf(stderr, "floor: %s: %s\n", sql, sqlite3_errmsg(db));
        abort();
    }
    sqlite3_reset(t.statements[i]);
    return t.statements[i];
}

static void session(void) {
    sqlite3_stmt *s = statement(0, t.db, "SELECT id, name, home_unit FROM \"user\" WHERE id = ?1");
    sqlite3_bind_int(s, 1, 1);
    sqlite3_step(s);
}

static void record(const char *id, bool json) {
    sqlite3_stmt *s = statement(1, t.db, "SELECT * FROM incident WHERE id = ?1");
    sqlite3_bind_int64(s, 1, atoll(id));
    if (!json) session();
    if (!json) put("%s<dl>", frame);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    for (int i = 0; found && i < sqlite3_column_count(s); i++) {
        const char *value = (const char *)sqlite3_column_text(s, i);
        if (!value) continue;
        put(json ? "%s\"%s\":\"" : "%s<dt>%s<dd>", json && i ? "," : "", sqlite3_column_name(s, i));
        put_escaped(value);
        if (json) put("\"");
    }
    if (!json) put("</dl>");
}

static void list(void) {
    sqlite3_stmt *s = statement(
        2, t.db,
        "SELECT year, seq, title, state, discovered_on, gross, net, event_type, gross_currency FROM incident "
        "WHERE event_kind = 'loss' AND gross_group IS NOT NULL ORDER BY gross_group DESC, id DESC LIMIT 50");
    session();
    put("%s<table>", frame);
    while (sqlite3_step(s) == SQLITE_ROW) {
        put("<tr><td><a href=\"/incidents/INC-%d-%05d\">INC-%d-%05d</a>", sqlite3_column_int(s, 0),
            sqlite3_column_int(s, 1), sqlite3_column_int(s, 0), sqlite3_column_int(s, 1));
        for (int i = 2; i < 9; i++) {
            put("<td>");
            put_escaped((const char *)sqlite3_column_text(s, i));
        }
    }
    put("</table>");
}

static void matrix(void) {
    sqlite3_stmt *s = statement(
        3, t.db,
        "SELECT d0, d1, month, SUM(count), SUM(s0) FROM measure_cell WHERE measure = 'losses' "
        "AND grain = 2 GROUP BY d0, d1, month LIMIT 616");
    session();
    put("%s<table>", frame);
    while (sqlite3_step(s) == SQLITE_ROW)
        put("<tr><td>%lld<td>%lld<td>%lld", sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
            sqlite3_column_int64(s, 4));
    put("</table>");
}

static void search(void) {
    sqlite3_stmt *s = statement(
        4, t.db,
        "SELECT t.name, f.rowid & 1099511627775 FROM search_text f JOIN search_type t ON t.id = f.rowid >> 40 WHERE "
        "search_text MATCH '(\"virement\" OR \"virements\") AND \"double\"' ORDER BY f.rowid DESC LIMIT 50");
    session();
    put("%s<ol>", frame);
    while (sqlite3_step(s) == SQLITE_ROW)
        put("<li>%s %lld", (const char *)sqlite3_column_text(s, 0), sqlite3_column_int64(s, 1));
    put("</ol>");
}

static void declare(void) {
    sqlite3_stmt *
        a = statement(
           5, t.own,
           "INSERT INTO incident (title, day, unit, gross) VALUES ('Transfer sent twice', '2026-03-04', 7, 120000)"),
       *b = statement(
           6, t.own,
           "INSERT INTO entry (incident, kind, amount) VALUES (?1, 'direct_loss', 60000)");
    run(t.own, "BEGIN IMMEDIATE");
    sqlite3_step(a);
    long long id = sqlite3_last_insert_rowid(t.own);
    for (int i = 0; i < 2; i++) {
        sqlite3_reset(b);
        sqlite3_bind_int64(b, 1, id);
        sqlite3_step(b);
    }
    run(t.own, "COMMIT");
    put("{\"id\":%lld}", id);
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *body, size_t *n,
                              void **state) {
    (void)arg, (void)version, (void)body;
    if (!*state) { /* the first call has no body yet */
        *state = c;
        return MHD_YES;
    }
    if (*n) {
        *n = 0;
        return MHD_YES;
    }
    open_once();
    t.n = 0;
    if (strncmp(url, "/record/", 8) == 0)
        record(url + 8, false);
    else if (strncmp(url, "/json/", 6) == 0)
        record(url + 6, true);
    else if (strcmp(url, "/list") == 0)
        list();
    else if (strcmp(url, "/matrix") == 0)
        matrix();
    else if (strcmp(url, "/search") == 0)
        search();
    else if (strcmp(method, "POST") == 0)
        declare();
    else
        put("%.4000s", frame);
    for (size_t i = 0; i < STATEMENTS; i++)
        if (t.statements[i]) sqlite3_reset(t.statements[i]);
    struct MHD_Response *r = MHD_create_response_from_buffer(t.n, t.page, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
    enum MHD_Result done = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return done;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    database = argv[1];
    own_file = argv[2];
    memset(frame, 'x', FRAME);
    memcpy(frame, "<!doctype html><title>floor</title><!--", 39);
    memcpy(frame + FRAME - 3, "-->", 3);
    sqlite3 *db;
    if (sqlite3_open(own_file, &db) != SQLITE_OK) return 1;
    run(db,
        "PRAGMA journal_mode=WAL; CREATE TABLE incident (id INTEGER PRIMARY KEY, title TEXT, day TEXT, unit INT, gross INT);"
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, incident INT, kind TEXT, amount INT); CREATE INDEX entry_i ON entry (incident)");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer,
                                            NULL, MHD_OPTION_SOCK_ADDR, &address,
                                            MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_END);
    if (!d) return 1;
    printf("listening on http://127.0.0.1:%u\n",
           MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    pause();
    return 0;
}
