/* organisation.h: what the files of the organisation module share: tables of reference data, rows
 * of the demonstration bank, pages. Nothing outside this folder includes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ORGANISATION_ORGANISATION_H
#define MODULES_ORGANISATION_ORGANISATION_H

#include "model/record.h"

extern const TypeDef process_type, objective_type;
extern const TypeDef product_type, site_type, system_type, gl_account_type;
extern const TypeDef taxonomy_map_type, taxonomy_map_line_type; /* organisation_map.c */
extern const PageDef organisation_pages[];

/* ---- reference data: the bank's own later, so it is data and not interface words ---- */
typedef struct TaxonRow {
    const char *code, *parent; /* parent NULL: level 1 */
    const char *fr, *en, *ar;
    int64_t beta; /* hundredths of a percent, standardised approach; 0: none */
} TaxonRow;
typedef struct TaxonTable {
    const char *kind;
    const TaxonRow *rows; /* parents before their children; ends with {0} */
} TaxonTable;
extern const TaxonRow taxa_event_type[], taxa_business_line[]; /* organisation_taxa.c */
extern const TaxonRow taxa_cause[], taxa_consequence[], taxa_risk_category[];

typedef struct SettingRow {
    const char *code, *fr, *en, *ar;
    const char *value;    /* NULL: none */
    int64_t amount;       /* minor units; with currency */
    const char *currency; /* NULL: no amount */
    const char *source;
} SettingRow;
typedef struct LimitRow {
    const char *role, *measure;
    int64_t up_to; /* minor units of MAD; 0: no limit */
} LimitRow;
extern const SettingRow seed_settings[];
extern const LimitRow seed_limits[];

/* Creates what is missing, changes nothing that is there. */
Err organisation_seed(Ctx *c);

/* ---- reading (organisation_query.c) ---- */
typedef struct OrgUnit {
    int64_t id, parent;
    Str code, name, kind, entity;
    int64_t head, correspondent, people;
    int depth;
    bool is_retired;
} OrgUnit;
typedef struct OrgUnits {
    OrgUnit *items;
    size_t n, cap;
} OrgUnits;
/* Units of a day, depth first, names in the reader's language: the tree that was valid on the day,
 * heads as they were recorded then. People are counted as of now. */
Err organisation_query_units(OrgUnits *out, Ctx *c, Str day) MUST;

/* ---- maps to external taxonomies (organisation_map_rules.c) ---- */
Err organisation_map_compute(Ctx *c, const Saving *s);
Err organisation_map_validate(Ctx *c, const Saving *s);
Err organisation_map_after_save(Ctx *c, const Saving *s);
Err organisation_map_remove(Ctx *c, const Record *r, bool is_gone);
Err organisation_map_guard_publish(Ctx *c, const Record *r);
Err organisation_map_line_validate(Ctx *c, const Saving *s);

typedef struct MapLine {
    int64_t id, source, target, share; /* share: hundredths of a per cent */
    Str source_code, source_kind, target_code;
    bool is_target_retired;
} MapLine;
typedef struct MapLines {
    MapLine *items;
    size_t n, cap;
} MapLines;
/* Lines in use of a version, those of one code together. */
Err organisation_query_map_lines(MapLines *out, Ctx *c, int64_t map) MUST;
/* The share that other lines of the version give to a code, and how many of them go to `target`. */
Err organisation_query_map_share(int64_t *share, int64_t *same, Ctx *c, int64_t map, int64_t source,
                                 int64_t target, int64_t but) MUST;
/* Another published version of the same taxonomy that begins on that day: its id, 0: none. */
Err organisation_query_map_beside(int64_t *out, Ctx *c, int64_t map, int64_t taxonomy,
                                  Str valid_from) MUST;

/* ---- demonstration bank ---- */
typedef struct EntityRow {
    const char *code, *fr, *en, *ar, *currency, *country, *regulator;
    int64_t held; /* hundredths of a percent; 0: the parent itself */
} EntityRow;
typedef struct UnitRow {
    const char *code, *parent, *entity, *kind, *fr, *en, *ar, *line;
    const char *head, *correspondent; /* e-mail before the @ */
} UnitRow;
typedef struct PersonRow {
    const char *email; /* before the @ */
    const char *name, *ar, *unit, *job, *lang;
    const char
        *roles; /* "role@UNIT role", blank separated; no @: everywhere; NULL: declarant only */
} PersonRow;
typedef struct ProcessRow {
    const char *code, *fr, *en, *ar, *unit, *owner, *line;
    bool is_critical;
    int64_t volume; /* operations a year */
    const char *channels, *systems, *third_parties;
} ProcessRow;
typedef struct ObjectiveRow {
    const char *code, *parent, *unit, *owner, *axis; /* owner: e-mail before the @ */
    const char *fr, *en, *ar, *measure;
    int64_t baseline, target; /* hundredths */
    const char *begins, *due; /* "0-01-01": a day of this year, "-1-..." of the year before */
} ObjectiveRow;
extern const ObjectiveRow demo_objectives[];
extern const EntityRow demo_entities[];
extern const UnitRow demo_units[];
extern const PersonRow demo_people[];
extern const ProcessRow demo_processes[];
#define DEMO_MAIL "@tinmel.example"
#define DEMO_PASSWORD "tinmel-demo-2026"

/* How the demonstration writes a record, at its own clock. */
typedef Err (*OrgSave)(int64_t *out, void *demo, Record *r, const char *action);
/* Products, sites, systems, accounts; and those that a process uses. */
Err organisation_demo_structure(Ctx *c, OrgSave save, void *demo) MUST;
void organisation_demo_links(Ctx *c, Record *process);
Err organisation_demo_lines(Ctx *c, Record *unit) MUST; /* over which one unit is split */
/* External taxonomies and their maps; year: that of the newest version. */
Err organisation_demo_maps(Ctx *c, OrgSave save, void *demo, int year) MUST;
Err organisation_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);

#endif
