/* indicator_auto.h: the lists behind automatic values. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_AUTO_H
#define MODULES_INDICATOR_INDICATOR_AUTO_H

#include "model/list.h"
#include "modules/indicator/indicator.h"

/* Address of the list whose records are counted; empty when there is none. */
Err indicator_auto_filter(Str *out, Ctx *c, const Indicator *i, int64_t period) MUST;
/* What a new day brings: acceptances end. As the system. */
Err indicator_daily(Ctx *c) MUST;

#endif
