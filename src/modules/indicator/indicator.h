/* indicator.h: what the files of the indicator module share. Nothing outside this folder includes
 * it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_H
#define MODULES_INDICATOR_INDICATOR_H

#include "calc/judge.h"
#include "calc/period.h"
#include "model/record.h"
#include "model/series.h"
#include "work/calendar.h"

enum { INDICATOR_ORDER = 6, INDICATOR_LOOK_BACK = 64, INDICATOR_GRID = 13 };

#define INDICATOR_FILL(c, pattern, ...)                                                            \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))

/* ---- tables ---- */
extern const TypeDef indicator_type, indicator_definition_type, indicator_threshold_type,
    indicator_batch_type, indicator_breach_type;
extern const PageDef indicator_pages[];
extern const CommandDef indicator_commands[];
extern const NoticeDef indicator_notices[];
extern const SeriesDef indicator_values;
/* Columns of indicator_values, in its order. colour and raw are Colour; threshold is an id; late 0
 * or 1. */
enum {
    VALUE_VALUE,
    VALUE_NUMERATOR,
    VALUE_DENOMINATOR,
    VALUE_COLOUR,
    VALUE_RAW,
    VALUE_THRESHOLD,
    VALUE_LATE,
    VALUE_COMMENT
};

/* ---- rules ---- */
Err indicator_compute(Ctx *c, const Saving *s);
Err indicator_validate(Ctx *c, const Saving *s);
Err indicator_definition_validate(Ctx *c, const Saving *s);
/* What its indicators repeat of it. */
Err indicator_definition_after_save(Ctx *c, const Saving *s);
Err indicator_threshold_validate(Ctx *c, const Saving *s);
Err indicator_threshold_compute(Ctx *c, const Saving *s);
Err indicator_threshold_after_save(Ctx *c, const Saving *s);
Err indicator_threshold_remove(Ctx *c, const Record *r, bool is_gone);
/* A new one waits for its first value; one that changes hands or is given up takes what is asked
 * of people with it. */
Err indicator_after_save(Ctx *c, const Saving *s);
Err indicator_remove(Ctx *c, const Record *r, bool is_gone);
Err indicator_breach_after_save(Ctx *c, const Saving *s);
/* Attached to issues of another module: one that names a breach handles it. */
Err indicator_issue_saved(Ctx *c, const Saving *s);
Err indicator_breach_compute(Ctx *c, const Saving *s);
Err indicator_breach_validate(Ctx *c, const Saving *s);

/* ---- an indicator as the judgement needs it ---- */
typedef struct Indicator {
    Record *record;
    const Record *definition;
    const Calendar *calendar; /* of the country of its unit */
    Frequency frequency;
    Direction direction;
    int due_offset, grace; /* working days */
} Indicator;
/* The definition that a formula calls by this name; 0 when there is none. */
Err indicator_definition_named(int64_t *out, Ctx *c, Str name) MUST;
/* The definitions that a calculated or composite one names, each once; not those behind them. */
Err indicator_worked_from(int64_t **ids, size_t *n, Ctx *c, const Record *definition) MUST;
Err indicator_open(Indicator *out, Ctx *c, Record *r) MUST;
/* The approved threshold in force on a day: the indicator's own before the definition's. *id 0:
 * none. */
Err indicator_bounds(Bounds *out, int64_t *id, Ctx *c, const Indicator *i, int64_t day) MUST;
/* The same over the thresholds of the definition, already read. */
void indicator_pick_bounds(Bounds *out, int64_t *id, const Records *thresholds, const Indicator *i,
                           int64_t day);
/* Last working day on which the value of a period is in time (without the grace). */
int64_t indicator_due(const Indicator *i, int64_t period);
/* The same with the grace: from the day after it is late or missing. */
int64_t indicator_last_day(const Indicator *i, int64_t period);
/* The newest period that has ended on c->today. */
int64_t indicator_last_period(Ctx *c, const Indicator *i);
/* Nobody enters it: counted, calculated or composed. */
bool indicator_is_worked_out(const Indicator *i);
Str indicator_title(Ctx *c, const Record *r);

/* ---- collecting ---- */
typedef struct Given {     /* one value as it arrives */
    Record *indicator;     /* the actor may provide it */
    int64_t period, value; /* scaled */
    bool has_parts;
    int64_t numerator, denominator;
    Str comment;
} Given;
typedef struct Collected {
    int64_t created, changed, unchanged;
    Record *batch; /* NULL: nothing changed */
} Collected;
/* Judges and writes values in one batch, opens and ends breaches, refreshes the derived fields.
 * method: a key of indicator_methods. Issues name "values[i].FIELD". reason: why values are
 * corrected (restatement). */
Err indicator_collect(Collected *out, Ctx *c, Given *given, size_t n, const char *method,
                      Str reason) MUST;
/* Works the automatic, calculated and composite indicators out for the periods that ended, as the
 * system. */
Err indicator_automatic(Ctx *c, int64_t *values) MUST;
/* May the actor give values of it? Its provider, reviewer, or a role that keeps indicators in its
 * scope. */
bool indicator_may_provide(Ctx *c, const Record *r);
/* Judges all values of one indicator again from a day on (a threshold was approved). */
Err indicator_rejudge(Ctx *c, Record *r, int64_t from) MUST;

/* The derived fields from the newest value: colour, next due day. */
Err indicator_refresh(Ctx *c, Record *r) MUST;
Err indicator_rederive(Ctx *c, Record *r) MUST;

/* ---- asking people: assignments ---- */
/* Asks for the newest two periods that have ended and have no value, once each. */
Err indicator_ask(int64_t *asked, Ctx *c) MUST;
Err indicator_ask_definition(int64_t *asked, Ctx *c, int64_t definition) MUST;
Err indicator_ask_job(Ctx *c, Job *job) MUST;
/* Values of periods have arrived: what was asked for them is answered. */
typedef struct Answer {
    const Indicator *indicator;
    int64_t period;
} Answer;
Err indicator_answered(Ctx *c, const Answer *answers, size_t n) MUST;
Err indicator_handed_over(Ctx *c, const Saving *s) MUST;
/* On assignments that ask for a value: the answer is the value. */
Err indicator_assignment_guard(Ctx *c, const Record *asked);
Err indicator_assignment_section(Ctx *c, const Record *asked, Block **out);

/* ---- text ---- */
/* A text field of a definition or threshold in the reader's language, where it has it translated
 * ("numerator" with "numerator_en" and "numerator_ar"); otherwise as it was written. */
Str indicator_words(const Ctx *c, const Record *r, const char *field);
/* "1234.5" or "1234,5"; false when it is no number or too large. */
bool indicator_parse_value(int64_t *out, Str text);
Cell indicator_value_cell(const Record *definition, int64_t value);
/* The same inside a sentence, with the reader's decimal sign. */
Str indicator_cell_words(Ctx *c, Cell value);
/* To two decimals, or as it is when that would be nothing. */
int64_t indicator_rounded(int64_t value);
const char *indicator_colour_word(Colour colour);
Tone indicator_tone(Colour colour);

/* ---- data ---- */
Err indicator_seed(Ctx *c);
Err indicator_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);

#endif
