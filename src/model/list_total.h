/* list_total.h: how many records of a type there are, kept as a measure of the engine's own: by
 * unit, confidentiality, state and up to two choices that lists show. What a list without other
 * filters holds is read from it, exactly, at a cost that does not grow with the records. Internal
 * to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_LIST_TOTAL_H
#define MODEL_LIST_TOTAL_H

#include "model/list.h"

/* Makes the measure of a type worth counting (Type.counts), while the model is built. */
void list_total_define(Type *t, Arena *a);
/* *known false: the query has filters that the counts do not know, or the reader too many records
 * of his own. Rights are those of the list. */
Err list_total(int64_t *out, bool *known, Ctx *c, const ListQuery *q) MUST;
void list_total_announce(Ctx *c, const ListQuery *q); /* see db_announce */

/* How many records the reader may see by unit, with at most `limit` of his own; *known false: the
 * type is not counted. */
Err list_total_rights(int64_t *out, bool *known, Ctx *c, const ListQuery *q, int64_t limit) MUST;
/* How many there are of one filter, whoever reads; *known false: the counts do not tell. */
Err list_total_filter(int64_t *out, bool *known, Ctx *c, const Type *t, const ListFilter *f) MUST;

/* How a page of a list is read. Marks filters of the query that must not choose the index. */
typedef enum WordsBy {
    WORDS_NONE,    /* no words */
    WORDS_NOTHING, /* none that can be searched: nothing is found */
    WORDS_SET,     /* all records that have them, by the index: few, or in no page */
    WORDS_HITS,    /* SQLite: along the index, newest first or last */
    WORDS_TEXT     /* other rows are walked, each text is looked into */
} WordsBy;
typedef struct ListPlan {
    WordsBy by;
    DbWords words;
    const char *index;    /* SQL behind the table's alias */
    bool is_walk;         /* along the sort order */
    bool is_sorted_apart; /* few rows: their ids are sorted before the rows are read */
} ListPlan;
Err list_plan(ListPlan *out, Ctx *c, const ListQuery *q) MUST;
/* The words of q, of no type yet; n 0: nothing to search. */
Err list_words(DbWords *out, Ctx *c, Str q) MUST;

/* Of list.c: the rules of a reader that may answer the query, and its filters as SQL over "r". */
Err list_access(const Access **out, Ctx *c, const ListQuery *q) MUST;
Err list_filters_sql(Sql *s, Ctx *c, const ListQuery *q) MUST;
/* " FROM ... r WHERE ..." of all records that the list finds, without words; from rules that show
 * the reader these fields too. */
Err list_source_sql(Sql *s, Ctx *c, const ListQuery *q, const Field *const *fields, size_t n) MUST;

#endif
