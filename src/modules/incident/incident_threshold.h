/* incident_threshold.h: from which loss on an event belongs to the loss data set of capital: an
 * amount of the rules with a dated rate, or a national amount; both are settings and stand on the
 * statement. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_THRESHOLD_H
#define MODULES_INCIDENT_INCIDENT_THRESHOLD_H

#include "model/record.h"

typedef struct Threshold {
    int64_t minor; /* in group currency; 0: none is set, or no rate is known */
    Money set;     /* as it is set */
    bool is_national, on_net;
    int64_t rate9; /* of set into the group's currency */
    Str rate_day, rate_source, currency;
} Threshold;
/* capital_threshold_national when it is set; otherwise capital_threshold at the rate of the setting
 * threshold_rate_on, or of today when that is empty. */
Err incident_threshold(Threshold *out, Ctx *c) MUST;
/* The same with rate, its day and source, as it stands on statements. */
Block *incident_threshold_facts(Ctx *c, const Threshold *t);

/* After a setting of the thresholds was saved all events are judged anew, stretch by stretch. */
Err incident_setting_after_save(Ctx *c, const Saving *s);
Err incident_threshold_job(Ctx *c, Job *job);

#endif
