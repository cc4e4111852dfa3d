/* chain.h: the arithmetic of the history, without a database: canonical forms, entry hashes, Merkle
 * roots, and one verifier that is fed either from the tables (audit.c) or from an exported file
 * (audit_file.c). Knows no Ctx and no SQL; used by history*.c, audit*.c and bulk.c only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_CHAIN_H
#define MODEL_CHAIN_H

#include "base/secret.h"
#include "model/history.h"

enum { CHAIN_HEX = 64, CHAIN_MAX_SEALED = 20000 };

/* One row of `entry`. `hash` covers everything but `id`, which the leaf of its checkpoint covers.
 */
typedef struct ChainEntry {
    int64_t id, record, at, actor, actor_for, version, import;
    Str type, number, action, reason, source, state, changes, record_hash, prev_hash, hash;
} ChainEntry;
typedef struct ChainCheckpoint {
    int64_t id, at, first_entry, n;
    Str root, prev, hash;
} ChainCheckpoint;
typedef struct ChainHash {
    char hex[CHAIN_HEX + 1];
} ChainHash;
static inline Str chain_str(const ChainHash *h) {
    return (Str){h->hex, strlen(h->hex)};
}

/* "name=value\n"; line feeds and backslashes of the value are escaped, so no value can imitate a
 * line. */
void chain_line(Text *t, Str name, Str value);
void chain_sha(ChainHash *out, Str s);
void chain_entry_hash(ChainHash *out, Arena *scratch, const ChainEntry *e);
void chain_checkpoint_hash(ChainHash *out, Arena *scratch, const ChainCheckpoint *k);
/* SHA-256(salt, value) of a sensitive value, empty for an empty value. */
Str chain_salted(Arena *a, Str salt, Str value);

/* Merkle tree as in RFC 6962 2.1 (leaf prefix 0, node prefix 1), built from the left in O(log n)
 * memory. */
typedef struct Merkle {
    unsigned char nodes[64][32];
    uint64_t n;
} Merkle;
void merkle_add(Merkle *m, int64_t entry, Str hash);
void merkle_root(ChainHash *out, const Merkle *m);

/* A change named "FIELD.sha256" of an entry holds the hashes of the files that it brought, and of
 * what they are called: "ID=HASH:ABOUT,ID=HASH:ABOUT"; of a secret text its hash. Proof, not
 * history: readers of the history are not shown it. */
#define HISTORY_CONTENTS ".sha256"
struct StoredFile;
Str history_file_about(Arena *a, const struct StoredFile *f);
/* A secret whose hash the history keeps: one that is stored once and not sealed. */
static inline bool history_is_hashed(const Field *f) {
    return (f->flags & F_SECRET) && !(f->flags & (F_SEALED | F_DERIVED)) && f->kind == KIND_TEXT;
}

/* What the entries of one record say of its versions, as far as kept rows are compared with them.
 */
typedef struct ChainVersion {
    int64_t version, entry, at, until; /* until: of the last row kept of it */
    ChainHash record_hash, hash;       /* record_hash empty: the record was taken away */
    bool is_kept;
} ChainVersion;
/* A stored row of a record: an earlier version, or the present one (until 0). */
typedef struct ChainRow {
    const char *type, *table;
    int64_t record, version, from, until;
    Str number, hash, canonical; /* canonical p NULL: it cannot be worked out any more */
    const char *odd;             /* column that is not as the program writes it, or NULL */
} ChainRow;

/* Order of calls: verify_start; per record in byte order of the type and by id: verify_entry by id,
 * verify_row for each earlier version by the end of its time and for the present one,
 * verify_rows_end (rows are of a database only), then verify_record or verify_no_record; then per
 * checkpoint verify_checkpoint, its leaves in order, verify_checkpoint_end; verify_end. */
typedef struct Verifier {
    AuditResult *out;
    Arena *keep, *scratch;
    int64_t first_bad;
    bool in_group, has_type;
    char type[128];
    size_t type_n;
    int64_t record, last_entry;
    ChainHash last_hash, last_record_hash;
    ChainCheckpoint checkpoint;
    ChainHash checkpoint_root, checkpoint_prev, checkpoint_hash, head;
    Merkle merkle;
    int64_t leaves, last_leaf;
    /* The lowest checkpoint whose list is wrong; it counts at its first entry unless one of its
     * entries can be named. */
    int64_t list_first, list_last;
    /* The versions of the record whose entries were just given, and the rows of them so far. */
    ChainVersion *versions;
    size_t n_versions, cap_versions;
    int64_t until;
    bool is_erased, is_row_seen;
    AuditFinding first; /* the lowest */
} Verifier;
void verify_start(Verifier *v, AuditResult *out, Arena *keep);
/* Remembers the lowest bad entry; entry 0: none can be named. */
void verify_bad(Verifier *v, int64_t entry, const char *format, ...) PRINTF_LIKE(3, 4);
void verify_entry(Verifier *v, const ChainEntry *e);
void verify_row(Verifier *v, const ChainRow *row);
void verify_rows_end(Verifier *v);
/* The stored record whose entries were just given. canonical p NULL: the record is gone. */
void verify_record(Verifier *v, Str type, int64_t record, Str number, Str canonical);
/* The entries just given are of a type that the model does not have: there is no record to compare.
 */
void verify_no_record(Verifier *v, Str type, int64_t record);
void verify_checkpoint(Verifier *v, const ChainCheckpoint *k);
/* sealed: hash kept when it was sealed; found: the entry's hash now, empty when the entry is gone.
 */
void verify_leaf(Verifier *v, int64_t entry, Str sealed, Str found);
void verify_checkpoint_end(Verifier *v);
void verify_end(Verifier *v);

/* Everything stored, in the order the verifier wants; the sink sees each row once. Bounded memory.
 */
typedef struct AuditSink {
    Err (*entry)(void *arg, const ChainEntry *e);
    /* Each stored row before its record, all its columns compared; NULL: nobody asks for rows. */
    Err (*row)(void *arg, const ChainRow *row);
    /* Some records of one type as they were read, for what stands beside them. With `row` only. */
    Err (*page)(void *arg, const Type *t, const Record *records, size_t n);
    Err (*record)(void *arg, Str type, int64_t record, Str number, Str canonical);
    Err (*no_record)(void *arg, Str type, int64_t record);
    Err (*checkpoint)(void *arg, const ChainCheckpoint *k);
    Err (*leaf)(void *arg, int64_t entry, Str sealed, Str found);
    Err (*checkpoint_end)(void *arg);
    void *arg;
} AuditSink;
Err audit_walk(Ctx *c, const AuditSink *sink) MUST;
/* Side tables (references, files, child rows) and who may find it in the search, against a page of
 * records; and what stands there for no record at all. */
Err audit_beside(Verifier *v, Ctx *c, const Type *t, const Record *records, size_t n) MUST;
Err audit_left(Verifier *v, Ctx *c) MUST;
/* The bytes of stored files, and whose they are. */
Err audit_files(Verifier *v, Ctx *c) MUST;
/* The first column in which a row is not what its entries say; NULL: it cannot be told. */
Err audit_which(const char **out, Ctx *c, const Type *t, int64_t record, int64_t version,
                bool is_past) MUST;

/* The canonical form of a record (history.h). */
Err history_canonical(Str *out, Ctx *c, Arena *a, const Record *r) MUST;

/* The row of an entry, and the entry of a record's creation made without writing it: its place in
 * `entry` is `id`. */
enum { HISTORY_ENTRY_COLUMNS = 17 };
extern const char *const history_entry_columns[HISTORY_ENTRY_COLUMNS];
void history_entry_values(DbValue *out, const ChainEntry *e);
Err history_entry_new(ChainEntry *out, Ctx *c, const Record *r, const char *action,
                      int64_t id) MUST;

#endif
