/* fuzz_map.c: maps of imports: the text of a map, a line "---", and a table. Parsed, bound to the
 * table's columns and evaluated over its rows: every map ends, within its bounds, with a text or a
 * reason. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/import_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void eval(MapRow *r, const MapProgram *p) {
    Str out = {0};
    Err e = map_eval(&out, r, p);
    CHECK(e == OK || (e == ERR_INVALID && r->why), "a text or a reason");
    if (e == OK) CHECK(utf8_is_valid(out), "a map makes bad text");
}

static void eval_part(MapRow *r, const MapPart *part) {
    eval(r, &part->when);
    eval(r, &part->key);
    for (size_t i = 0; i < part->n_fields; i++) eval(r, &part->fields[i].program);
    for (size_t i = 0; i < part->n_defaults; i++) eval(r, &part->defaults[i].program);
}

static void run(ImportMap *m, const Table *t) {
    static const Table empty = {0};
    Str missing = {0};
    Arena *scratch = arena_new(MAP_MAX_MEMORY);
    if (map_bind(m, &missing, t->headers, t->n_headers, false) != OK) {
        CHECK(missing.n, "a missing column has a name");
        t = &empty;
        CHECK(map_bind(m, &missing, NULL, 0, true) == OK, "a loose map takes what is absent");
    }
    static const TableRow none = {0};
    for (size_t i = 0; i < t->n_rows + 1 && i < 20; i++) {
        TableRow row = i < t->n_rows ? table_row(t, i, scratch) : none;
        MapRow r = map_row(m, &row, scratch, i % 2);
        eval_part(&r, &m->main);
        for (size_t k = 0; k < m->n_children; k++) eval_part(&r, &m->children[k]);
        for (size_t k = 0; k < m->n_rejects; k++) eval(&r, &m->rejects[k].when);
        arena_reset(scratch);
    }
    arena_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 32768) return 0;
    Str text = {(const char *)data, size}, table = S("a;b;Montant;Date\n1;x;1 234,50;31/12/2020\n");
    ptrdiff_t cut = str_find(text, S("\n---\n"));
    if (!utf8_is_valid(text)) return 0; /* maps come through forms, which let nothing else in */
    if (cut >= 0) {
        table = str_sub(text, (size_t)cut + 5, text.n);
        text = str_sub(text, 0, (size_t)cut + 1);
    }
    Arena *a = arena_new(256 << 20);
    ImportMap *map;
    TableFile file;
    Str why = {0};
    const char *unread;
    Err e = map_parse(&map, &why, a, text);
    CHECK(e == OK || (e == ERR_INVALID && why.n), "parsed, or refused in words");
    if (e == OK && table_read(&file, &unread, a, table, NULL) == OK)
        for (ImportMap *m = map; m; m = m->also) run(m, &file.items[0]);
    arena_free(a);
    return 0;
}
