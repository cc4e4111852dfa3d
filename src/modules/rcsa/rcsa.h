/* rcsa.h: what the files of the risk module share: the tables of its types, the rules they call,
 * its pages, seed and demo data. Nothing outside this folder includes it. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_H
#define MODULES_RCSA_RCSA_H

#include "model/record.h"

enum { RCSA_ORDER = 5 }; /* among the modules, for demo data */

/* Fills {0}, {1} ... of an already translated pattern with Str arguments. */
#define RCSA_FILL(c, pattern, ...)                                                                 \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))

/* ---- tables ---- */
extern const TypeDef rcsa_risk_type, rcsa_definition_type, rcsa_appetite_type, rcsa_incident_type;
extern const TypeDef rcsa_control_type, rcsa_control_definition_type;
extern const TypeDef rcsa_method_type, rcsa_campaign_type, rcsa_assessment_type;
extern const MeasureDef rcsa_measures[];
extern const PageDef rcsa_pages[];
extern const AttachDef rcsa_attach[];
extern const SectionDef rcsa_page_sections[];
extern const ColumnDef rcsa_columns[];

/* Choices that several types share. */
extern const Choice rcsa_classes[]; /* "1".."5": class of a rating, its colour */
extern const Choice
    rcsa_effectiveness[];             /* of a control or a set: effective .. ineffective, none */
extern const Choice rcsa_ratings[];   /* of design and operation, with not_testable */
extern const Choice rcsa_acts_on[];   /* both, likelihood, impact */
extern const Choice rcsa_responses[]; /* accept, reduce, transfer, avoid */
extern const Choice rcsa_positions[]; /* against the appetite: within .. above_capacity, none */

/* ---- rules ---- */
Err rcsa_definition_validate(Ctx *c, const Saving *s);
Err rcsa_risk_compute(Ctx *c, const Saving *s);
Err rcsa_risk_validate(Ctx *c, const Saving *s);
Err rcsa_control_compute(Ctx *c, const Saving *s);
Err rcsa_control_validate(Ctx *c, const Saving *s);
Err rcsa_appetite_compute(Ctx *c, const Saving *s);
Err rcsa_appetite_validate(Ctx *c, const Saving *s);
Err rcsa_incident_compute(Ctx *c, const Saving *s);
Err rcsa_incident_validate(Ctx *c, const Saving *s);

/* Links incidents discovered since that day, and linked to no risk so far, to the nearest risk at
 * or above their unit whose definition knows their pattern. */
Err rcsa_link_by_pattern(int64_t *linked, Ctx *c, Str since) MUST;
/* Attached to incidents: the link by pattern on the way to review; no validation without a risk
 * where the register has some at or above the unit. */
Err rcsa_incident_saved(Ctx *c, const Saving *s);
Err rcsa_incident_guard(Ctx *c, const Record *incident);

/* ---- data ---- */
Err rcsa_seed(Ctx *c);
Err rcsa_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);

/* ---- shared small things (rcsa_kit.c) ---- */
/* Columns of the rows of risk.controls and of assessment.controls. */
enum { RISK_CONTROL, RISK_CONTROL_KEY, RISK_CONTROL_ACTS, RISK_CONTROL_WEIGHT };

bool rcsa_state_is(const Record *r, const char *name); /* r NULL: false */
bool rcsa_is_empty(const Record *r, const char *field);
Value rcsa_text_value(const char *z);
/* Id of a record by code or number, 0 when there is none or no such type. */
Err rcsa_find(int64_t *out, Ctx *c, const char *type, const char *code) MUST;
/* Work on many records in one request: each in memory of its own that is given back after it.
 * Issues outlive it. Begin, next before each record, end whatever happened. */
typedef struct RcsaScratch {
    Ctx *c;
    Arena *own, *scratch;
    void *cache;
    size_t n_kept;
} RcsaScratch;
RcsaScratch rcsa_scratch_begin(Ctx *c);
void rcsa_scratch_next(RcsaScratch *s);
void rcsa_scratch_end(RcsaScratch *s);
/* As it is now, whatever day the reader asks for: methods, campaigns and limits say themselves from
 * when they hold. Without rights. */
Err rcsa_load_now(Record **out, Ctx *c, const char *type, int64_t id) MUST;
/* The words of a field with _fr, _en, _ar in the reader's language, else in any that is there. */
Str rcsa_words(const Ctx *c, const Record *r, const char *stem);
/* Cause, event and effect of a risk: its own words, else those of its definition (may be NULL). */
typedef struct RcsaStatement {
    Str cause, event, effect;
} RcsaStatement;
Err rcsa_statement(RcsaStatement *out, Ctx *c, const Record *risk) MUST;
Str rcsa_statement_text(Ctx *c, const RcsaStatement *s); /* one sentence */
/* Currency of the group's figures: the setting, else MAD. */
Err rcsa_currency(Str *out, Ctx *c) MUST;
/* "310 000 MAD": whole units for a sentence; the exact amount stands in a field beside it. */
Str rcsa_money_words(Ctx *c, int64_t minor, Str currency);
/* Runs as the system for a while; restores the person, the reason and the rights cache. */
typedef struct RcsaActor {
    Actor *actor;
    Str reason;
} RcsaActor;
RcsaActor rcsa_as_system(Ctx *c);
void rcsa_as_before(Ctx *c, const RcsaActor *kept);

#endif
