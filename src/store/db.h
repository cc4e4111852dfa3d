/* db.h: the one door to the database, SQLite or PostgreSQL behind the same calls. Knows no record
 * type. SQL is written once for both with $1..$n; every value is bound. Dialect differences live
 * here only. Order: db_open, then per thread db_session_new, then db_read/db_write ... db_commit or
 * db_rollback. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/str.h"

typedef enum DbKind { DB_SQLITE, DB_POSTGRES } DbKind;
typedef struct DbBase DbBase;       /* one database: shared by all threads of the process */
typedef struct DbSession DbSession; /* one thread's way to it */
typedef struct Db Db;               /* an open transaction on a connection */
typedef struct Rows Rows;

typedef struct DbOptions {
    bool read_only; /* open for reading only (commands beside a running server) */
    bool create;    /* make the SQLite file when absent */
    bool
        exclusive; /* SQLite: take the one-process lock beside the file (serve, writing commands) */
} DbOptions;

/* url: "sqlite:PATH" or "postgresql://...". ERR_BUSY when another process owns the SQLite file,
 * ERR_MISSING when it is not there; *why says it in words (may be NULL). SQLite: WAL,
 * synchronous=FULL, foreign_keys=ON, trusted_schema=OFF, defensive, mmap_size 0, one writing
 * connection behind a fair queue; only the writer checkpoints. */
Err db_open(DbBase **out, Str *why, Arena *process, Str url, DbOptions options) MUST;
void db_close(DbBase *base); /* all sessions must be gone */
DbKind db_base_kind(const DbBase *base);
Str db_base_url(const DbBase *base);  /* without a password */
Str db_base_path(const DbBase *base); /* SQLite file; empty for PostgreSQL */
/* True while writing is refused (ERR_BUSY) after a disk error: 5 s for a full disk, else until the
 * next start; on PostgreSQL for 5 s after a full disk or a commit that no standby confirmed. */
bool db_base_is_degraded(const DbBase *base);
/* What to tell who watches: that, or until a write has found that standbys confirm again. */
bool db_base_is_ailing(const DbBase *base);
/* For threads that look for work: waits until this process has committed something since *seen (0
 * at first, kept up to date), until db_nudge, or until most_us are over. On SQLite nobody else
 * writes; on PostgreSQL other nodes do, so look now and then. */
void db_wait(DbBase *base, uint64_t *seen, int64_t most_us);
void db_nudge(DbBase *base);
Err db_session_new(DbSession **out, DbBase *base) MUST;
void db_session_free(DbSession *s);

/* A snapshot that refuses writes (SQLite: query_only reader; PostgreSQL: REPEATABLE READ READ
 * ONLY). */
Err db_read(Db **out, DbSession *s) MUST;
/* A writing transaction: SQLite takes its turn in the queue and BEGIN IMMEDIATE; PostgreSQL READ
 * COMMITTED. ERR_BUSY after 10 s of waiting. */
Err db_write(Db **out, DbSession *s) MUST;
/* The same for what is written in a moment: on SQLite one commit may serve several that follow each
 * other; db_commit returns when it is durable. Each part is kept or undone by itself: one that
 * wrote and is undone may take the others with it, who get ERR_CONFLICT (db_queue.c). */
Err db_write_shared(Db **out, DbSession *s) MUST;
/* Both end the Db. After db_commit == OK the change is durable. ERR_CONFLICT: serialization failure
 * or deadlock, run the whole transaction again. */
Err db_commit(Db *db) MUST;
/* The same without waiting for the others of a shared transaction. *later: it ends with theirs, and
 * `done` is called then, once, on any thread, at any moment from now on, with what db_commit would
 * have answered; until then `done` must stay where it is. Not *later: as db_commit. is_followed: by
 * another write in a moment, and by db_commit_open in any case; the transaction may then stay open
 * meanwhile. */
typedef struct DbDone {
    void (*call)(struct DbDone *done, Err result);
    struct DbDone *next;
} DbDone;
Err db_commit_later(bool *later, Db *db, DbDone *done, bool is_followed) MUST;
void db_commit_open(DbBase *base); /* commits what stayed open, if it still does */
/* After ERR_BUSY of db_commit, until the session writes again: the connection was lost amid it and
 * nobody knows yet whether it took place. */
bool db_is_uncertain(const DbSession *s);
void db_rollback(Db *db);
Err db_savepoint(Db *db) MUST; /* nest to depth 8 */
Err db_release(Db *db) MUST;
void db_rollback_to(Db *db); /* undoes to the newest savepoint and drops it */

DbKind db_kind(const Db *db);
bool db_is_read_only(const Db *db);
/* What one layer above keeps for all that use the base, with a lock of its own: made by the first
 * who asks, ended by db_close. NULL on a base that is only read: it may be an older program's. */
void *db_memory(const Db *db, void *(*make)(void), void (*forget)(void *));
/* A number of the layer above for the length of this transaction; 0 at its begin. */
int64_t *db_mark(Db *db);
/* In words, of the last failure on this connection; for logs, not for users. */
const char *db_error(const Db *db);
/* Why the last call failed, when it was a constraint: "unique", "foreign_key", "not_null", "check"
 * or "". */
const char *db_constraint(const Db *db);

typedef enum DbType { DB_NULL, DB_INT, DB_TEXT, DB_BLOB } DbType;
typedef struct DbValue {
    DbType type;
    int64_t i;
    Str s;
} DbValue;
static inline DbValue db_int(int64_t i) {
    return (DbValue){DB_INT, i, {0}};
}
static inline DbValue db_text(Str s) {
    return (DbValue){DB_TEXT, 0, s};
}
static inline DbValue db_textz(const char *z) {
    return (DbValue){z ? DB_TEXT : DB_NULL, 0, {z, z ? strlen(z) : 0}};
}
static inline DbValue db_blob(Str s) {
    return (DbValue){DB_BLOB, 0, s};
}
static inline DbValue db_null(void) {
    return (DbValue){DB_NULL, 0, {0}};
}
/* No value of a known type: PostgreSQL then prepares a statement once, not again when the first
 * value comes. */
static inline DbValue db_null_of(DbType type) {
    return (DbValue){DB_NULL, (int64_t)type, {0}};
}
/* Empty text is NULL. */
static inline DbValue db_text_or_null(Str s) {
    return s.n ? (DbValue){DB_TEXT, 0, s} : db_null_of(DB_TEXT);
}
/* db_run(db, &n, "UPDATE ...", ARGS(db_int(1), db_text(s))) */
#define ARGS(...) (const DbValue[]){__VA_ARGS__}, LENGTH(((const DbValue[]){__VA_ARGS__}))
#define NO_ARGS NULL, 0

/* Runs one statement; *changed (may be NULL) is the number of rows. Statements are prepared once
 * per connection and kept by their text (LRU of 256). ERR_CONFLICT for a unique violation or
 * retryable failure, ERR_INVALID for other constraints, ERR_DENIED for a write on a reading Db,
 * ERR_BUSY, ERR_INTERNAL (logged). On PostgreSQL an error inside a transaction is healed by rolling
 * back to an implicit savepoint only where the caller took one. */
Err db_run(Db *db, int64_t *changed, const char *sql, const DbValue *args, size_t n) MUST;
/* One statement of which only a failure matters, and whose failure no caller mends: PostgreSQL gets
 * it together with what comes next, without a wait of its own. What it fails with is then answered
 * by a later call on this Db, db_savepoint, db_release and db_commit among them: ERR_CONFLICT (run
 * the whole transaction again) or ERR_BUSY; a constraint that it breaks is ERR_INTERNAL. */
Err db_post(Db *db, const char *sql, const DbValue *args, size_t n) MUST;
/* Opens a result; closed by rows_close, or by the end of `a` or of the transaction, whichever is
 * first. On PostgreSQL rows arrive in single-row mode only when the statement is read to its end; a
 * second statement may be opened meanwhile (results are then buffered). */
Err db_rows(Rows **out, Db *db, Arena *a, const char *sql, const DbValue *args, size_t n) MUST;
/* The same for what the caller keeps whole, or a few rows: PostgreSQL gives them at once, which
 * costs less. */
Err db_few(Rows **out, Db *db, Arena *a, const char *sql, const DbValue *args, size_t n) MUST;
/* This will be asked soon, by db_rows, db_few, db_get_int or db_get_text with the same text and
 * values, and by a failure of it nothing is lost: in a reading transaction on PostgreSQL it is on
 * its way with what comes next and waits for nothing. Elsewhere nothing happens. */
void db_announce(Db *db, const char *sql, const DbValue *args, size_t n);
/* A statement that begins so is planned by PostgreSQL for its values each time it is asked in a
 * reading transaction: for lists, where the values decide which index is right. Others are planned
 * once when that is as good by its estimate; a value in a subquery, (SELECT $1), is none that it
 * looks at. */
#define DB_PLAN_EACH "/* each */ "
Err rows_next(bool *out, Rows *r) MUST; /* false: no more; the result is closed then */
void rows_close(Rows *r);
size_t rows_count(const Rows *r); /* columns */
bool rows_is_null(const Rows *r, size_t column);
int64_t rows_int(const Rows *r, size_t column); /* 0 when NULL */
Str rows_text(const Rows *r, size_t column);    /* valid until the next rows_next */
Str rows_copy(const Rows *r, size_t column);    /* copied to the arena given to db_rows */
/* First column of the first row; *found false when there is none (or it is NULL). */
Err db_get_int(int64_t *out, bool *found, Db *db, const char *sql, const DbValue *args,
               size_t n) MUST;
Err db_get_text(Str *out, bool *found, Db *db, Arena *a, const char *sql, const DbValue *args,
                size_t n) MUST;

/* Schema, additive: creates what is missing (tables, columns, indexes), never drops or renames.
 * Each call reads what the base has: all tables in one call are best. */
typedef struct DbColumn {
    const char *name;
    DbType type;             /* DB_INT BIGINT, DB_TEXT (COLLATE "C"), DB_BLOB */
    bool not_null;           /* only for new tables; needs a default to be added later */
    const char *default_sql; /* constant, e.g. "0"; NULL: none */
    const char *references;  /* table whose id it names; NULL: none */
} DbColumn;
typedef struct DbIndex {
    const char *name;
    const char *columns; /* "unit, id" */
    bool unique;
    const char *where; /* NULL: whole table */
} DbIndex;
typedef struct DbTable {
    const char *name;
    const DbColumn *columns; /* the first is the integer primary key `id` unless `key` is given */
    size_t n_columns;
    const char *key; /* other primary key: "a, b"; NULL: id, made by the database */
    const DbIndex *indexes;
    size_t n_indexes;
} DbTable;
Err db_ensure(Db *db, const DbTable *tables, size_t n) MUST;
/* The first table or "TABLE.COLUMN" of `tables` that the base has not; empty: it has all of them.
 */
Err db_lacks(Str *out, Db *db, Arena *a, const DbTable *tables, size_t n) MUST;
/* Takes an index away, for writing very many rows: db_ensure makes it again, and so does the next
 * start when the work in between broke off. */
Err db_drop_index(Db *db, const char *name) MUST;
/* Round the writing of very many rows whose search texts are new. db_load_begin: on PostgreSQL the
 * search index goes, which db_load_end (or the next start) makes again from all texts at once; on
 * SQLite db_load_end joins its parts. */
Err db_load_begin(Db *db) MUST;
Err db_load_end(Db *db) MUST;
/* PostgreSQL: until the end of the transaction rows are not looked up that rows refer to, where
 * the role may say so (session_replication_role): for rows that the program itself made up. */
Err db_trust(Db *db) MUST;
Err db_table_exists(bool *out, Db *db, const char *table) MUST;
/* Table search_doc(id, type, record, unit, restricted, body) with one row a (type, record), and its
 * full text index, in which the records of a type stand together in the order of their ids: kept by
 * db_search_put and db_search_remove on SQLite (never change `body` or delete rows by other ways),
 * by an expression index on PostgreSQL, which searches the first 100,000 characters. Bases of older
 * programs get the index anew. */
Err db_ensure_search(Db *db) MUST;
extern const DbTable db_search_table; /* for who ensures all tables at once */
/* SQLite: each writing leaves a small index of its own; many of them make every search slower by
 * several times. Joins them, about `pages` of 4 KB at a time: is_first begins with all there are,
 * *more: to be called again. Nothing on PostgreSQL. */
Err db_search_tend(bool *more, Db *db, int pages, bool is_first) MUST;
/* SQLite: makes the full text index from search_doc again; nothing when there is none, nothing on
 * PostgreSQL. */
Err db_search_rebuild(Db *db) MUST;

/* Dialect. */
/* "unit IN (SELECT value FROM json_each($3))" or "unit = ANY($3::bigint[])". */
Str db_in_set(Arena *a, const Db *db, const char *column, int parameter);
DbValue db_int_set(Arena *a, const Db *db, const int64_t *ids, size_t n); /* the value for it */
/* " FOR UPDATE" on PostgreSQL, "" on SQLite. */
const char *db_for_update(const Db *db);
/* PostgreSQL: until the end of the transaction nobody else writes to the table, or locks rows of it
 * (alone), or nobody has it alone (else). SQLite: whoever writes is alone. */
Err db_lock_table(Db *db, const char *table, bool alone) MUST;
/* " FOR UPDATE SKIP LOCKED" on PostgreSQL: rows that somebody holds are passed over. */
const char *db_for_update_skip(const Db *db);
/* What the database takes for the time: its server's clock, or this process's on SQLite. */
Err db_clock_us(int64_t *out, Db *db) MUST;
/* Words to look for: every one as a prefix (from 3 letters) or whole word, all must occur. `folded`
 * holds letters, digits and blanks only. n 0: nothing can be searched. */
enum { DB_WORDS_MOST = 16 };
typedef struct DbWords {
    DbValue match; /* for the index: bind as db_words_set and db_words_hits want it */
    DbValue parts[DB_WORDS_MOST]; /* for one document: bind as db_words_in wants it */
    size_t n;
    const char *type; /* of records; see db_words_type */
    int64_t slot;
} DbWords;
Err db_words(DbWords *out, Db *db, Arena *a, Str folded) MUST;
/* Looks among the records of this type; the words stay those of any other. */
Err db_words_type(DbWords *w, Db *db, const char *type) MUST;
/* "SELECT ..." of the ids of all records that have them, found by the index. match is $parameter.
 */
Str db_words_set(Arena *a, const Db *db, const DbWords *w, int parameter);
/* A condition that looks into the text of the record whose id is `id`; parts[0] is $parameter, the
 * others follow. For walking records where the words are frequent. */
Str db_words_in(Arena *a, const Db *db, const DbWords *w, const char *id, int parameter);
/* The same of a row "s" of search_doc. */
Str db_words_has(Arena *a, const Db *db, const DbWords *w, int parameter);
/* SQLite only: " FROM search_text f" joined with the records "r", which it finds one by one in the
 * order of f.rowid, that of their ids: db_words_hit(w, id) is that of a record. */
Str db_words_hits(Arena *a, const DbWords *w, bool with_records);
Str db_words_where(Arena *a, const DbWords *w, int parameter); /* its condition, after WHERE */
int64_t db_words_hit(const DbWords *w, int64_t id);
/* The types with records that have them, and the newest of each, at most `most`: of `types` on
 * PostgreSQL, of all on SQLite. */
typedef struct DbHits {
    const char *type;
    int64_t *ids;
    size_t n;
    bool is_cut; /* there are more; PostgreSQL gives none of very many */
} DbHits;
Err db_words_newest(DbHits **out, size_t *n, Db *db, Arena *a, const DbWords *w, size_t most,
                    const char *const *types, size_t n_types) MUST;
/* Next human number of a type and year, gapless on SQLite, a sequence on PostgreSQL. */
Err db_next_number(int64_t *out, Db *db, const char *type, int year) MUST;
Err db_next_numbers(int64_t *out, size_t n, Db *db, const char *type, int year) MUST;
/* The last n of db_next_numbers were not needed: SQLite promises numbers without gaps. */
Err db_return_numbers(Db *db, const char *type, int year, size_t n) MUST;
/* The ids of rows that will be inserted with them in this transaction. */
Err db_new_ids(int64_t *out, size_t n, Db *db, const char *table) MUST;
/* Many rows of one table at once: a prepared INSERT on SQLite, binary COPY on PostgreSQL. values:
 * rows one after the other, n_columns each; of a column all are of one type or NULL. */
Err db_insert_many(Db *db, const char *table, const char *const *columns, size_t n_columns,
                   const DbValue *values, size_t n_rows) MUST;
/* The same for rows of which no failure is to be mended: a few are posted, see db_post. */
Err db_post_many(Db *db, const char *table, const char *const *columns, size_t n_columns,
                 const DbValue *values, size_t n_rows) MUST;
/* Rows of several tables, one table after the other. */
typedef struct DbRowset {
    const char *table;
    const char *const *columns;
    size_t n_columns;
    const DbValue *values; /* as db_insert_many takes them */
    size_t n_rows;
} DbRowset;
/* From here to the end of the transaction db_insert_behind leaves its rows to a second thread
 * (SQLite; elsewhere, and within a savepoint, they are written at once). `sets` and all that they
 * point to must live until db_behind_wait, or the next db_insert_behind, has returned. Every other
 * call on the Db waits for them. What they failed with is answered by whichever call comes next,
 * and by all after it: roll back. A constraint that they break is ERR_INTERNAL. */
void db_behind_begin(Db *db);
Err db_insert_behind(Db *db, const DbRowset *sets, size_t n) MUST;
Err db_behind_wait(Db *db) MUST;
Err db_analyze(Db *db) MUST;
/* SQLite, for a process that alone has the base open and writes very much: until db_alone_end what
 * is written is written once, without the log. Others cannot read meanwhile. The session is in no
 * transaction; when another one keeps a connection, nothing changes. Nothing on PostgreSQL. */
void db_alone_begin(DbSession *s);
void db_alone_end(DbSession *s);
/* SQLite: memory for pages of this connection, and a second thread to sort with, for work that
 * touches many (0: as usual). PostgreSQL: memory to make indexes with, in this transaction. */
Err db_page_cache(Db *db, int mib) MUST;

/* Test hook: the n-th db_run/db_rows/rows_next/db_commit from now on this session fails with
 * ERR_INTERNAL; 0: off. */
void db_fail_after(DbSession *s, int n);
int db_open_statements(const DbSession *s); /* for leak checks */

/* Online copy of a SQLite database into a file (sqlite3_backup), or every table of a PostgreSQL one
 * into a SQLite file, from one snapshot. ERR_CONFLICT when FILE exists. */
Err db_backup(DbBase *base, Str *why, Str file,
              void (*progress)(void *arg, int64_t done, int64_t total), void *arg) MUST;
/* Copies all rows of all tables from one base to another, freshly migrated and empty base, in one
 * transaction of the target; either kind. */
/* ERR_CONFLICT when a table of the target holds rows or lacks a table or column of the source.
 * Carries the counters of ids and human numbers. *why of both lives in the base (of db_backup, or
 * `to`) until its next backup or copy. */
Err db_copy(DbBase *to, DbBase *from, Str *why,
            void (*progress)(void *arg, int64_t done, int64_t total), void *arg) MUST;

/* Writes the search text of a record (folded words). On SQLite the full text table is written
 * beside it from code: with trusted_schema off a trigger may not touch a virtual table. */
Err db_search_put(Db *db, const char *type, int64_t record, int64_t unit, bool is_restricted,
                  Str body) MUST;
typedef struct DbSearchDoc {
    int64_t id;    /* of db_new_ids("search_doc") */
    int64_t place; /* of db_search_place */
    const char *type;
    int64_t record, unit;
    bool is_restricted;
    Str body;
} DbSearchDoc;
/* Where the index keeps the documents of a type; once a type and transaction. */
Err db_search_place(int64_t *out, Db *db, const char *type) MUST;
/* Of records that have no search text yet: what is to be inserted. out: room for
 * DB_SEARCH_ROWSETS. */
enum { DB_SEARCH_ROWSETS = 2 };
void db_search_rows(DbRowset *out, size_t *n_out, const Db *db, Arena *a, const DbSearchDoc *docs,
                    size_t n);
Err db_search_remove(Db *db, const char *type, int64_t record) MUST;

#endif
