/* condition.h: conditions of a type: what depends on today and is never stored. The day is that of
 * the question: c->as_of, or today. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_CONDITION_H
#define MODEL_CONDITION_H

#include "model/record.h"
#include "model/sql.h"

bool condition_holds(const Ctx *c, const Record *r, const Condition *k);
/* The first that holds, is not hidden from the reader and stands on this date field (NULL: on any);
 * NULL: none. */
const Condition *condition_first(const Ctx *c, const Record *r, const Field *date, FieldSet hidden);
/* A condition over the type's table under alias r, to follow " AND ". */
void condition_sql(Sql *s, const Ctx *c, const Type *t, const Condition *k, bool wanted);

#endif
