/* chain.c: hashes, Merkle roots and the verifier of the history. No database, no clock, no user.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include <stdarg.h>
#include <stdio.h>

void chain_line(Text *t, Str name, Str value) {
    text_add(t, name);
    text_char(t, '=');
    size_t from = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != '\n' && value.p[i] != '\\') continue;
        text_add(t, str_sub(value, from, i - from));
        text_addz(t, value.p[i] == '\n' ? "\\n" : "\\\\");
        from = i + 1;
    }
    text_add(t, str_sub(value, from, value.n - from));
    text_char(t, '\n');
}

static void line_int(Text *t, const char *name, int64_t i) {
    if (i == 0) return;
    text_addz(t, name);
    text_char(t, '=');
    text_int(t, i);
    text_char(t, '\n');
}

static void line_str(Text *t, Str name, Str value) {
    if (value.n) chain_line(t, name, value);
}

static void to_hex(ChainHash *out, const unsigned char bytes[32]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        out->hex[2 * i] = digits[bytes[i] >> 4];
        out->hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    out->hex[CHAIN_HEX] = 0;
}

void chain_sha(ChainHash *out, Str s) {
    unsigned char bytes[32];
    sha256(bytes, s);
    to_hex(out, bytes);
}

void chain_entry_hash(ChainHash *out, Arena *scratch, const ChainEntry *e) {
    Text t = text_new(scratch, 0);
    text_addz(&t, "gardefou-entry-1\n");
    line_str(&t, S("type"), e->type);
    line_int(&t, "record", e->record);
    line_str(&t, S("number"), e->number);
    line_int(&t, "at", e->at);
    line_int(&t, "actor", e->actor);
    line_int(&t, "actor_for", e->actor_for);
    line_str(&t, S("action"), e->action);
    line_str(&t, S("reason"), e->reason);
    line_str(&t, S("source"), e->source);
    line_str(&t, S("state"), e->state);
    line_int(&t, "version", e->version);
    line_str(&t, S("changes"), e->changes);
    line_str(&t, S("record_hash"), e->record_hash);
    line_str(&t, S("prev_hash"), e->prev_hash);
    line_int(&t, "import", e->import);
    chain_sha(out, text_str(&t));
}

void chain_checkpoint_hash(ChainHash *out, Arena *scratch, const ChainCheckpoint *k) {
    Text t = text_new(scratch, 0);
    text_addz(&t, "gardefou-checkpoint-1\n");
    line_str(&t, S("prev"), k->prev);
    line_str(&t, S("root"), k->root);
    line_int(&t, "n", k->n);
    line_int(&t, "first_entry", k->first_entry);
    line_int(&t, "at", k->at);
    chain_sha(out, text_str(&t));
}

Str chain_salted(Arena *a, Str salt, Str value) {
    if (value.n == 0) return (Str){0};
    Text t = text_new(a, 0);
    text_add(&t, salt);
    text_char(&t, '\n');
    text_add(&t, value);
    return sha256_hex(a, text_str(&t));
}

static void node_hash(unsigned char out[32], const unsigned char left[32],
                      const unsigned char right[32]) {
    char both[65];
    both[0] = 1;
    memcpy(both + 1, left, 32);
    memcpy(both + 33, right, 32);
    sha256(out, (Str){both, sizeof both});
}

void merkle_add(Merkle *m, int64_t entry, Str hash) {
    char leaf[128];
    leaf[0] = 0;
    int n = snprintf(leaf + 1, sizeof leaf - 1, "%lld:%.*s", (long long)entry,
                     (int)(hash.n > CHAIN_HEX ? CHAIN_HEX : hash.n), hash.n ? hash.p : "");
    unsigned char node[32];
    sha256(node, (Str){leaf, (size_t)n + 1});
    /* A binary counter: level k holds the root of 2^k leaves when bit k of n is set. */
    size_t level = 0;
    for (uint64_t bits = m->n; bits & 1; bits >>= 1) {
        unsigned char joined[32];
        node_hash(joined, m->nodes[level], node);
        memcpy(node, joined, sizeof node);
        level++;
    }
    memcpy(m->nodes[level], node, sizeof node);
    m->n++;
}

void merkle_root(ChainHash *out, const Merkle *m) {
    if (m->n == 0) {
        chain_sha(out, (Str){"", 0});
        return;
    }
    unsigned char root[32];
    bool has = false;
    for (size_t level = 0; level < 64; level++) {
        if (!((m->n >> level) & 1)) continue;
        if (!has) {
            memcpy(root, m->nodes[level], sizeof root);
            has = true;
            continue;
        }
        unsigned char joined[32];
        node_hash(joined, m->nodes[level], root);
        memcpy(root, joined, sizeof root);
    }
    to_hex(out, root);
}

/* ---- the verifier ---- */

static void keep_hash(ChainHash *out, Str s) {
    size_t n = s.n > CHAIN_HEX ? CHAIN_HEX : s.n;
    if (n) memcpy(out->hex, s.p, n);
    out->hex[n] = 0;
}

void verify_start(Verifier *v, AuditResult *out, Arena *keep) {
    memset(v, 0, sizeof *v);
    memset(out, 0, sizeof *out);
    out->ok = true;
    v->out = out;
    v->keep = keep;
    v->scratch = arena_new(0);
    v->first_bad = INT64_MAX;
}

static void find(Verifier *v, const AuditFinding *f) {
    AuditResult *out = v->out;
    int64_t rank = f->entry == 0 ? INT64_MAX : f->entry;
    bool is_first = out->ok || rank < v->first_bad;
    out->ok = false;
    out->bad++;
    if (!is_first && out->n_shown == AUDIT_SHOWN) return;
    AuditFinding kept = *f;
    kept.why = str_copy(v->keep, f->why);
    if (out->n_shown < AUDIT_SHOWN) out->shown[out->n_shown++] = kept;
    if (!is_first) return;
    v->first = kept;
    v->first_bad = rank;
    out->first_bad = f->entry;
    out->why = kept.why;
}

void verify_bad(Verifier *v, int64_t entry, const char *format, ...) {
    char why[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    find(v, &(AuditFinding){.entry = entry, .why = str_of(why)});
}

static int group_cmp(const Verifier *v, Str type, int64_t record) {
    int by_type = str_cmp((Str){v->type, v->type_n}, type);
    if (by_type) return by_type;
    return v->record < record ? -1 : v->record > record;
}

/* Entries that no record follows: a file from which its line was taken. */
static void group_end(Verifier *v) {
    if (v->in_group)
        verify_bad(v, v->last_entry, "The record of entry %lld (%.*s %lld) is missing.",
                   (long long)v->last_entry, (int)v->type_n, v->type, (long long)v->record);
    v->in_group = false;
}

static void group_start(Verifier *v, Str type, int64_t record, int64_t entry) {
    group_end(v);
    if (v->has_type && group_cmp(v, type, record) > 0)
        verify_bad(v, entry, "The entries of %.*s %lld are not where they belong.", FMT(type),
                   (long long)record);
    v->in_group = v->has_type = true;
    v->type_n = type.n > sizeof v->type ? sizeof v->type : type.n;
    if (v->type_n) memcpy(v->type, type.p, v->type_n);
    v->record = record;
    v->last_entry = 0;
    v->last_hash.hex[0] = v->last_record_hash.hex[0] = 0;
    v->n_versions = 0;
    v->until = 0;
    v->is_erased = false;
}

/* The first entry with a number made that version; others are notes about it. */
static void version_put(Verifier *v, const ChainEntry *e) {
    if (str_is(e->action, "erase")) v->is_erased = true;
    if (v->n_versions && v->versions[v->n_versions - 1].version == e->version) return;
    GROW(v->keep, v->versions, v->n_versions, v->cap_versions);
    ChainVersion *one = &v->versions[v->n_versions++];
    *one = (ChainVersion){.version = e->version, .entry = e->id, .at = e->at};
    keep_hash(&one->record_hash, e->record_hash);
    keep_hash(&one->hash, e->hash);
}

void verify_entry(Verifier *v, const ChainEntry *e) {
    v->out->entries++;
    if (v->out->entries % 256 == 0) arena_reset(v->scratch);
    if (!v->in_group || group_cmp(v, e->type, e->record) != 0)
        group_start(v, e->type, e->record, e->id);
    ChainHash hash;
    chain_entry_hash(&hash, v->scratch, e);
    if (!str_eq(chain_str(&hash), e->hash))
        verify_bad(v, e->id, "Entry %lld (%.*s) was changed: its hash does not fit its content.",
                   (long long)e->id, FMT(e->number));
    if (e->id <= v->last_entry)
        verify_bad(v, e->id, "Entry %lld is out of order.", (long long)e->id);
    if (!str_eq(chain_str(&v->last_hash), e->prev_hash)) {
        if (v->last_entry == 0)
            verify_bad(
                v, e->id,
                "Entry %lld (%.*s) does not begin its chain: the entry before it is missing.",
                (long long)e->id, FMT(e->number));
        else
            verify_bad(v, e->id,
                       "Entry %lld (%.*s) does not follow entry %lld: one of them was changed, "
                       "swapped or removed.",
                       (long long)e->id, FMT(e->number), (long long)v->last_entry);
    }
    version_put(v, e);
    v->last_entry = e->id;
    keep_hash(&v->last_hash, e->hash);
    keep_hash(&v->last_record_hash, e->record_hash);
}

/* ---- rows ---- */

static ChainVersion *version_of(Verifier *v, int64_t version) {
    for (size_t i = v->n_versions; i-- > 0;)
        if (v->versions[i].version == version) return &v->versions[i];
    return NULL;
}

/* column "": it is found afterwards, from what the entries say. */
static void row_bad(Verifier *v, const ChainRow *row, int64_t entry, const char *what,
                    const char *column) {
    char why[512];
    snprintf(why, sizeof why,
             "The record %.*s%s%s %lld was changed outside the program: %s%s (table %s, version "
             "%lld).",
             FMT(row->number), row->number.n ? ", " : "", row->type, (long long)row->record, what,
             column, row->table, (long long)row->version);
    AuditFinding f = {.entry = entry, .why = str_of(why)};
    if (!column[0]) {
        f.type = row->type;
        f.table = row->table;
        f.record = row->record;
        f.version = row->version;
    }
    find(v, &f);
}

void verify_row(Verifier *v, const ChainRow *row) {
    bool has_entries = v->in_group && group_cmp(v, str_of(row->type), row->record) == 0;
    ChainVersion *made = has_entries ? version_of(v, row->version) : NULL;
    int64_t since = v->until ? v->until : has_entries ? v->versions[0].at : 0;
    bool can_tell = row->canonical.p || !v->is_erased;
    int64_t entry = made && row->until ? made->entry : has_entries ? v->last_entry : 0;
    ChainHash hash = {{0}};
    if (row->canonical.p) chain_sha(&hash, row->canonical);
    if (!made)
        row_bad(v, row, entry, has_entries ? "no entry made it" : "it has no entry", "");
    else if (!row->until && made != &v->versions[v->n_versions - 1])
        row_bad(v, row, entry, "an older version stands in its place", "");
    else if (row->odd)
        row_bad(v, row, entry, "column ", row->odd);
    else if (can_tell && strcmp(hash.hex, made->record_hash.hex) != 0)
        row_bad(v, row, entry, "it differs from its entry", "");
    else if (!str_eq(row->hash, chain_str(&made->hash)))
        row_bad(v, row, entry, "column ", "hash");
    else if (row->from > since)
        row_bad(v, row, entry, "column ", "recorded_from");
    else if (row->from <
             since) /* versions before the end of November 2026 wrote what the clock said */
        row_bad(v, row, entry, "or a clock was set back under an older program: column ",
                "recorded_from");
    if (made) made->is_kept = true;
    v->is_row_seen = !row->until;
    if (made) made->until = row->until;
    v->until = row->until;
}

/* A version that lasted for some time is kept. */
void verify_rows_end(Verifier *v) {
    int64_t latest = INT64_MIN;
    for (size_t i = 0; v->in_group && i + 1 < v->n_versions; i++) {
        const ChainVersion *one = &v->versions[i], *next = &v->versions[i + 1];
        if (one->at > latest) latest = one->at;
        if (one->until > latest) latest = one->until;
        if (one->is_kept || latest >= next->at) continue;
        verify_bad(v, one->entry,
                   "Version %lld of %.*s %lld, which entry %lld made, is no longer kept.",
                   (long long)one->version, (int)v->type_n, v->type, (long long)v->record,
                   (long long)one->entry);
    }
}

void verify_record(Verifier *v, Str type, int64_t record, Str number, Str canonical) {
    bool has_entries = v->in_group && group_cmp(v, type, record) == 0;
    if (has_entries) v->in_group = false;
    group_end(v);
    if (canonical.p) v->out->records++;
    if (!has_entries) {
        verify_bad(v, 0, "The record %.*s%s%.*s %lld has no entry.", FMT(number),
                   number.n ? ", " : "", FMT(type), (long long)record);
        return;
    }
    if (!canonical.p && !v->last_record_hash.hex[0]) return; /* taken away by its last entry */
    if (!canonical.p) {
        verify_bad(v, v->last_entry, "The record of entry %lld (%.*s %lld) was removed.",
                   (long long)v->last_entry, FMT(type), (long long)record);
        return;
    }
    ChainHash hash;
    bool is_seen = v->is_row_seen; /* as a row, column by column */
    v->is_row_seen = false;
    if (is_seen) return;
    chain_sha(&hash, canonical);
    if (strcmp(hash.hex, v->last_record_hash.hex) != 0)
        verify_bad(v, v->last_entry,
                   "The record %.*s%s%.*s %lld was changed outside the program: it differs from "
                   "its last entry %lld.",
                   FMT(number), number.n ? ", " : "", FMT(type), (long long)record,
                   (long long)v->last_entry);
}

void verify_no_record(Verifier *v, Str type, int64_t record) {
    if (v->in_group && group_cmp(v, type, record) == 0)
        v->in_group = false;
    else
        verify_bad(v, 0, "There are no entries of %.*s %lld.", FMT(type), (long long)record);
}

void verify_checkpoint(Verifier *v, const ChainCheckpoint *k) {
    group_end(v);
    v->checkpoint = *k;
    keep_hash(&v->checkpoint_root, k->root);
    keep_hash(&v->checkpoint_prev, k->prev);
    keep_hash(&v->checkpoint_hash, k->hash);
    v->checkpoint.root = v->checkpoint.prev = v->checkpoint.hash = (Str){0};
    memset(&v->merkle, 0, sizeof v->merkle);
    v->leaves = 0;
    arena_reset(v->scratch);
    ChainHash hash;
    chain_checkpoint_hash(&hash, v->scratch, k);
    if (!str_eq(chain_str(&hash), k->hash))
        verify_bad(v, k->first_entry, "The checkpoint that begins with entry %lld was changed.",
                   (long long)k->first_entry);
    if (!str_eq(chain_str(&v->head), k->prev))
        verify_bad(v, k->first_entry,
                   "The checkpoint before the one of entry %lld was changed or removed.",
                   (long long)k->first_entry);
}

void verify_leaf(Verifier *v, int64_t entry, Str sealed, Str found) {
    merkle_add(&v->merkle, entry, sealed);
    v->leaves++;
    if (v->leaves == 1 || entry > v->last_leaf) v->last_leaf = entry;
    if (!found.n)
        verify_bad(v, entry, "Entry %lld was sealed and is no longer there.", (long long)entry);
    else if (!str_eq(sealed, found))
        verify_bad(v, entry, "Entry %lld is not the one that was sealed.", (long long)entry);
}

void verify_checkpoint_end(Verifier *v) {
    ChainHash root;
    merkle_root(&root, &v->merkle);
    bool fits = v->leaves == v->checkpoint.n && strcmp(root.hex, v->checkpoint_root.hex) == 0;
    if (!fits && v->list_first == 0) {
        v->list_first = v->checkpoint.first_entry;
        v->list_last = v->leaves < v->checkpoint.n ? INT64_MAX : v->last_leaf;
    }
    v->head = v->checkpoint_hash;
}

void verify_end(Verifier *v) {
    group_end(v);
    bool is_named = !v->out->ok && v->first_bad >= v->list_first && v->first_bad <= v->list_last &&
                    v->out->first_bad != 0;
    if (v->list_first && !is_named)
        verify_bad(v, v->list_first,
                   "The list of entries of the checkpoint that begins with entry %lld was changed.",
                   (long long)v->list_first);
    v->out->head = str_copy(v->keep, chain_str(&v->head));
    arena_free(v->scratch);
    v->scratch = NULL;
}
