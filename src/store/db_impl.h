/* db_impl.h: what the files behind db.h share: connections, the statement cache and the table of
 * functions of an engine. Included by src/store/db*.c only. One connection is used by one thread at
 * a time. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_DB_IMPL_H
#define STORE_DB_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"

struct sqlite3;
struct sqlite3_stmt;
struct pg_conn;
struct pg_result;

enum {
    CACHE_SIZE = 256,
    CACHE_BUCKETS = 512,
    MAX_SAVEPOINTS = 8,
    MAX_PARAMETERS = 2000,
    ERROR_TEXT = 512,
    LITE_CACHE_KIB = 12000, /* pages that the writer keeps */
    LITE_READER_KIB = 5000, /* and each reader: the system keeps the file for all of them */
};
#define QUEUE_WAIT_US (INT64_C(10) * 1000 * 1000)

typedef struct Conn Conn;
typedef struct Behind Behind;

typedef struct Statement {
    uint64_t hash;
    char *sql;
    size_t n_sql;
    struct sqlite3_stmt *lite;
    int *places;     /* SQLite: place of $k, 0 when it does not occur */
    unsigned number; /* PostgreSQL: prepared as "s<number>" */
    unsigned *types; /* PostgreSQL: type of $k, 0 while only NULL was seen */
    size_t n_args;
    bool is_prepared, is_busy, is_cached;
    struct Statement *newer, *older, *chain;
} Statement;

/* SQLite: of beginnings of words, the words that begin so, as long as nothing was written. */
typedef struct Endings {
    int64_t version; /* data_version of the connection */
    size_t next;
    struct {
        char *word, *match;
    } items[16];
} Endings;

typedef struct Cache {
    Statement *buckets[CACHE_BUCKETS];
    Statement *newest, *oldest;
    size_t n;
} Cache;

struct Rows {
    Conn *conn;           /* NULL: closed */
    Arena *arena;         /* NULL: on the stack, closed by hand */
    Rows *next;           /* open results of the transaction */
    Statement *statement; /* SQLite */
    struct pg_result *result;
    int row;
    bool is_streaming;
    bool has_first; /* a row was fetched by the opening call */
    bool is_few;    /* may be read at once */
    bool is_whole;  /* PostgreSQL: result holds all rows, `row` is the current one */
    size_t columns;
    Err failed; /* what reading ahead met */
    struct Buffered *head, *tail, *current;
    unsigned *types; /* PostgreSQL: of the columns */
    char **decoded;  /* PostgreSQL: bytea cells of this row, decoded on demand */
};

struct Db {
    Conn *conn;
    DbSession *session;
    Rows *rows;
    int savepoints; /* asked for; the database is told of the first `told` of them */
    int told;
    bool is_open, is_read_only;
    bool is_shared, is_joined; /* SQLite: db_queue.c */
    int64_t mark;              /* db_mark */
    Behind *behind;            /* db_behind.c */
};

struct Conn {
    DbBase *base;
    struct sqlite3 *lite;
    struct pg_conn *pg;
    Rows *streaming; /* PostgreSQL: the result still arriving */
    bool is_committing, is_closing;
    bool wait_cancelled; /* PostgreSQL: the server gave up waiting for a standby */
    bool is_uncertain;   /* PostgreSQL: nobody knows whether the last commit took place */
    bool is_silent;      /* PostgreSQL: given up because the server answers nobody */
    bool is_piped;       /* PostgreSQL: statements were sent without waiting; db_pgsql_post.c */
    size_t n_posted;     /* of them those whose outcome is not read yet */
    bool is_lost;        /* PostgreSQL: the server said that it ends the connection */
    bool is_alone;       /* of db_begin_alone */
    enum { PLANS_ONCE, PLANS_EACH, PLANS_UNKNOWN } plans; /* PostgreSQL: its plan_cache_mode */
    /* PostgreSQL, a session's reading transaction: it is open, something was sent, read; of the
     * last one the end was sent; what is on its way; what its first failure was, and its words. */
    bool is_reading, has_sent, has_read, is_ending;
    Err failed;
    char reason[ERROR_TEXT];
    struct Asked *asked, *asked_last;
    bool is_reader;   /* SQLite: query_only */
    bool has_written; /* SQLite: since this part of a shared transaction began */
    unsigned next_number;
    Cache cache;
    Endings endings; /* of a reader */
    Db db;
    const char *constraint;
    char error[ERROR_TEXT];
};

typedef struct Driver {
    Err (*connect)(Conn *c); /* fills the empty connection; c->error says why not */
    void (*disconnect)(Conn *c);
    Err (*begin)(Conn *c, bool read_only);
    Err (*commit)(Conn *c); /* the transaction is over whatever it answers */
    void (*rollback)(Conn *c);
    Err (*exec)(Conn *c, const char *sql);  /* no values, not kept */
    Err (*again)(Conn *c, const char *sql); /* no values, no rows; prepared once where that helps */
    Err (*run)(Conn *c, int64_t *changed, const char *sql, const DbValue *args, size_t n);
    Err (*post)(Conn *c, const char *sql, const DbValue *args, size_t n);      /* as db_post */
    void (*announce)(Conn *c, const char *sql, const DbValue *args, size_t n); /* may be NULL */
    Err (*open)(Rows *r, const char *sql, const DbValue *args, size_t n);
    Err (*next)(bool *out, Rows *r);
    void (*close)(Rows *r);
    void (*drop)(Conn *c, Statement *s); /* gives the engine's part of a statement back */
    bool (*is_null)(const Rows *r, size_t column);
    int64_t (*get_int)(const Rows *r, size_t column);
    Str (*get_text)(Rows *r, size_t column);
    /* sql is an INSERT with a place a column, or for PostgreSQL a COPY ... FROM STDIN (FORMAT
     * binary). */
    Err (*many)(Conn *c, const char *sql, const DbValue *values, size_t n_columns, size_t n_rows);
} Driver;

extern const Driver db_driver_sqlite, db_driver_pgsql;

typedef struct Waiter {
    pthread_cond_t turn;
    bool is_granted, is_shared, joins;
    struct Waiter *next;
} Waiter;
typedef struct Member Member;
typedef struct SequencePlace {
    char table[64];
    int64_t row; /* 0: not known */
} SequencePlace;

struct DbBase {
    DbKind kind;
    DbOptions options;
    const Driver *driver;
    char *full_url; /* may hold a password: never logged */
    char *url, *path;
    int lock_fd;
    Conn *writer;         /* SQLite: the only one that writes */
    pthread_mutex_t lock; /* of the queue */
    bool is_writing;
    bool is_alone; /* db_alone_begin: a writing transaction keeps readers out from its beginning */
    bool is_resting; /* nobody is, but a transaction is open, with members: db_commit_open */
    Waiter *first, *last;
    Member *members; /* of the open transaction, waiting for its commit */
    DbDone *told;    /* and those who do not wait, the latest first */
    size_t n_members;
    int64_t began_us;               /* monotonic, of the open transaction; the writer's */
    int64_t careful_until;          /* monotonic: parts get a savepoint; the writer's */
    bool has_savepoint;             /* the part that is being written has one; the writer's */
    _Atomic int64_t degraded_until; /* monotonic; 0 healthy, INT64_MAX until the next start */
    _Atomic bool awaits_standby;    /* PostgreSQL: commits wait for one that does not confirm */
    _Atomic int64_t told_until;     /* monotonic: that it cannot be reached is in the log */
    _Atomic int sessions;
    _Atomic uint64_t changes; /* commits and nudges; who waits for one does so under news_lock */
    pthread_mutex_t news_lock;
    pthread_cond_t news;
    SequencePlace places[128]; /* SQLite: of sqlite_sequence; the writer's */
    size_t n_places;
    void *memory; /* of a layer above, see db_memory; made under `lock` */
    void (*forget)(void *);
    char why[ERROR_TEXT];
};

struct DbSession {
    DbBase *base;
    Conn *conns[2]; /* SQLite: [0] reader; PostgreSQL: [1] only while [0] is in a transaction */
    int fail_after;
};

Statement *db_cache_find(Conn *c, const char *sql, size_t n_sql); /* NULL when absent or busy */
Statement *db_cache_add(Conn *c, const char *sql, size_t n_sql, bool is_cached);
void db_cache_remove(Conn *c, Statement *s);
void db_cache_clear(Conn *c);
/* Ends a use; a statement that was not kept goes. */
void db_statement_done(Conn *c, Statement *s);

/* SQLite's writer, with an open transaction, for one. joins: it was begun by others. */
Err db_group_enter(bool *joins, DbBase *base, bool is_shared) MUST;
typedef struct WriterPart {
    bool is_shared, is_joined, keep;
    bool is_followed; /* by db_commit_open: it may rest */
    DbDone *done;     /* told of the commit instead of waiting; may be NULL */
} WriterPart;
/* Gives the writer on; with `keep` it returns when the part is durable, or lost with the commit, or
 * *later. */
Err db_group_leave(bool *later, Conn *c, WriterPart part) MUST;

/* The writer outside of a transaction, for a change of its mode; false: somebody has it. */
bool db_queue_take(DbBase *base);
void db_queue_give(DbBase *base);

struct timespec db_deadline(int64_t us); /* that long from now, on the monotonic clock */
void db_tell_connect(Conn *c);           /* that it could not be made, c->error */
Conn *db_conn_new(DbBase *base);
void db_conn_free(Conn *c);
void db_conn_error(Conn *c, const char *format, ...) PRINTF_LIKE(2, 3);
void *db_calloc(size_t count, size_t size); /* aborts when there is no memory */
char *db_strdup(const char *z, size_t n);
bool db_is_word(const char *name); /* [a-z_][a-z0-9_]{0,62}: may stand in SQL */
enum { DEGRADE_DISK_S = 5, DEGRADE_STANDBY_S = 5, DEGRADE_FOR_EVER = 0 };
void db_degrade(DbBase *base, int seconds, const char *why);

/* One transaction on one connection outside any session, for copies. */
Err db_begin_alone(Db **out, DbBase *base, bool read_only) MUST;
void db_end_alone(Db *db, bool commit, Err *err);

Err db_exec(Db *db, const char *sql) MUST; /* text from the program */
/* Before what a savepoint may have to undo: the database learns of those that were asked for. */
Err db_tell_savepoints(Db *db) MUST;
/* Waits until nobody else uses the connection; what that failed with. */
Err db_settle(Db *db) MUST;
void db_behind_over(Db *db); /* before the end of the transaction */
const char *db_insert_text(Arena *a, const char *table, const char *const *columns, size_t n);
/* Refuses what the engines would take differently; the beginning of every call. */
Err db_values_check(Db *db, const DbValue *args, size_t n) MUST;
/* A document of the index of SQLite is slot of its type << bits | record. */
enum { SEARCH_SLOT_BITS = 40 };
/* What PostgreSQL indexes of a document (alias "s." or ""): its words, each behind its type and
 * "=", which no text holds: words that do not occur in a type cost nothing there, however frequent
 * they are in others. A word must be shorter than 2 KB and all of them together than 1 MB. */
#define DB_WORDS_PGSQL(alias)                                                                      \
    "array_to_tsvector(string_to_array(" alias "type || '=' || replace(left(" alias                \
    "body, 100000), ' ', ' ' || " alias "type || '='), ' '))"
enum { DB_WORD_MOST = 500 }; /* bytes of a word that PostgreSQL keeps */
void db_endings_forget(Conn *c);
/* Slot of a type in the index, 0: none yet. */
Err db_search_slot(int64_t *out, Db *db, const char *type) MUST;
/* Schema by introspection, for copies. */
Err db_list_tables(Str **out, size_t *n, Db *db, Arena *a) MUST;
Err db_list_columns(DbColumn **out, size_t *n, Db *db, Arena *a, const char *table) MUST;

#endif
