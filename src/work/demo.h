/* demo.h: the demonstration's share of work/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_DEMO_H
#define WORK_DEMO_H

#include "model/model.h"

Err work_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) MUST;

#endif
