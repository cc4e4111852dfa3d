/* history.h: every change is an entry chained per record and sealed by checkpoints (architecture.md
 * 3). entry(id, type, record, number, at, actor, actor_for, action, reason, source, state, version,
 * changes JSON, record_hash, prev_hash, hash, import); unsealed(entry); checkpoint(id, at,
 * first_entry, n, root, prev, hash), checkpoint_entry(checkpoint, pos, entry, hash);
 * entry_sensitive(entry, field, before, after) holds the clear texts of sensitive changes
 * (`changes` has only salted hashes), entry_salt(type, record, salt). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "model/record.h"

extern const DbTable history_tables[];
extern const size_t history_n_tables;

/* SHA-256 (hex) of the record's canonical form: type, number, version, state, unit and restricted
 * (not of a child: they are its parent's), owner, who made, changed and moved it when, and every
 * field but derived and secret ones by name in byte order, empty ones left out, one "name=value\n"
 * a field, sensitive values as SHA-256(salt, value) with the salt of entry_salt(type, record). */
Err history_record_hash(Str *out, Ctx *c, const Record *r) MUST;
/* Line feeds and backslashes of values are written "\\n" and "\\\\"; references are ids, so that
 * renaming a code changes no hash. */
/* Appends the entry for a save and sets after->hash. The caller holds the record's row lock, or
 * creates the record (before NULL) with the id that it has. */
Err history_add(Ctx *c, const Record *before, Record *after, const char *action) MUST;
/* The last entry of a record that goes: every value with nothing after it, and no hash of the
 * record; an auditor knows by that that it was taken away and not lost. */
Err history_remove(Ctx *c, const Record *r, const char *action) MUST;
/* Was the record made by the import that runs now (c->source)? */
Err history_made_by_import(bool *out, Ctx *c, const Record *r) MUST;
/* An entry that changes nothing: comment, sign-in, reading of a restricted record, export. text
 * becomes its reason. r NULL (an export): the entry stands in the chain of the actor's own account,
 * or of the system. Writing transaction only. */
Err history_note(Ctx *c, const Record *r, const char *action, Str text) MUST;

/* Machine texts. field NULL: "state", "unit", "owner", "restricted", or a field that the model no
 * longer has. is_erased: a sensitive value whose clear text was erased; its hash stays in the
 * chain. */
typedef struct HistoryChange {
    const Field *field;
    Str name;
    Str before, after;
    bool is_erased;
    bool hides_before, hides_after; /* something in it that this actor may not see was left out */
} HistoryChange;
typedef struct HistoryEntry {
    int64_t id, at, actor, actor_for, version;
    Str action, reason, source, state, hash;
    const HistoryChange *changes;
    size_t n_changes;
} HistoryEntry;
typedef struct HistoryEntries {
    HistoryEntry *items;
    size_t n, cap;
} HistoryEntries;
/* Newest first; fields hidden from the actor are left out. before_id 0: from the newest. The caller
 * has checked OP_HISTORY. */
Err history_list(HistoryEntries *out, Ctx *c, const Record *r, int64_t before_id,
                 size_t limit) MUST;
/* The same of all, for who took which step when; what was changed is read of the first `detailed`
 * alone, and not of the entry that made the record. */
Err history_steps(HistoryEntries *out, Ctx *c, const Record *r, size_t detailed, size_t limit) MUST;
void history_steps_announce(Ctx *c, const Record *r); /* see db_announce */
/* Erases the clear texts of sensitive values that the history of r keeps; the chain stays valid.
 * When r's own sensitive fields are empty too, its salt goes, so that nothing can be guessed any
 * more. Writes a note "erase". */
Err history_erase(Ctx *c, const Record *r) MUST;
/* Seals everything unsealed; *sealed entries. Own transaction of the caller; one sealer at a time.
 */
Err history_seal(int64_t *sealed, Ctx *c) MUST;

enum { AUDIT_SHOWN = 100 };
/* Entry 0: none can be named. type, table, record and version: of a row that is wrong, or NULL. */
typedef struct AuditFinding {
    int64_t entry, record, version;
    const char *type, *table;
    Str why;
} AuditFinding;
/* first_bad: id of the lowest bad entry, 0 when none can be named (a record without entries). head:
 * hash of the last checkpoint. bad: how many places are wrong, the first AUDIT_SHOWN that were met
 * are shown. */
typedef struct AuditResult {
    bool ok;
    int64_t entries, unsealed, records, first_bad, bad;
    Str why, head;
    AuditFinding shown[AUDIT_SHOWN];
    size_t n_shown;
} AuditResult;
/* Verifies entries (chain per record, hashes), checkpoints, that each stored row (records and their
 * earlier versions, byte by byte) is what an entry made, what stands beside them (side tables, the
 * tree of units, values of series, the bytes of files) and what is derived. Needs the system actor
 * (ERR_DENIED). A bad history is OK with out->ok false. */
Err audit_verify(AuditResult *out, Ctx *c) MUST;
/* JSON lines: {"kind":"entry"...}, {"kind":"checkpoint"...}, {"kind":"record"...}; verified without
 * a database. The file ends with {"kind":"end"...}: one that is cut off is refused. Values of
 * sensitive fields are in it as salted hashes only. */
Err audit_export(Ctx *c, int fd) MUST;
Err audit_verify_file(AuditResult *out, Arena *a, int fd) MUST;

#endif
