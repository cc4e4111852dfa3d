/* incident_calc.h: the arithmetic of losses: pure functions over plain structs. Knows no record, no
 * database, no clock. Rules: Basel OPE25.17-25.23 (gross before any recovery, provisions in the
 * gross loss, timing and pending losses), COREP C 17.01 (rapidly recovered losses).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_CALC_H
#define MODULES_INCIDENT_INCIDENT_CALC_H

#include "base/money.h"

typedef enum EntryClass {
    ENTRY_LOSS,           /* +gross */
    ENTRY_PROVISION,      /* +gross, +provision */
    ENTRY_PROVISION_BACK, /* -gross, -provision: reversal, used or unused */
    ENTRY_TIMING,         /* +gross when material over periods with legal risk, otherwise outside */
    ENTRY_PENDING,        /* +gross, +pending */
    ENTRY_RECOVERY,       /* +recovery */
    ENTRY_OTHER_RECOVERY, /* +recovery, shown apart */
    ENTRY_INSURANCE,      /* +recovery, shown apart */
    ENTRY_RAPID,          /* +recovery, recovered rapidly by its very kind */
    ENTRY_GAIN,
    ENTRY_OPPORTUNITY, /* memo, shown apart */
    ENTRY_INTERNAL,    /* memo, shown apart */
    ENTRY_MEMO         /* outside all sums of losses */
} EntryClass;

typedef struct EntryKind {
    const char *key;
    EntryClass class;
} EntryKind;
/* The kinds of the choice field `kind` in its order; ends with {0}. */
extern const EntryKind incident_calc_kinds[];
/* ENTRY_MEMO for an unknown key. */
EntryClass incident_calc_class(Str kind);

typedef struct CalcEntry {
    EntryClass class;
    int64_t amount, group; /* minor units in entity and in group currency; never negative */
    int64_t day;           /* booking date in days; INT64_MIN: none */
    bool is_booked;        /* false: estimated */
    bool is_reversal;      /* takes back what another entry of this class booked */
    bool counts_timing;    /* timing loss that counts */
} CalcEntry;

typedef struct CalcSums {
    int64_t gross, recoveries, insurance, other, net; /* recoveries includes insurance and other */
    int64_t gross_booked, net_booked, provision, pending, rapid, gain;
    int64_t memo, opportunity, internal; /* memo includes both */
} CalcSums;

typedef struct CalcResult {
    CalcSums own, group;               /* in entity and in group currency */
    int64_t first_booked, last_booked; /* days; INT64_MIN: never */
    int64_t first_provision;
    size_t n;      /* entries taken */
    bool has_loss; /* any entry of a class that belongs to gross */
    bool overflow; /* amounts beyond 64 bits: sums are not to be used */
} CalcResult;

/* A recovery booked on or before rapid_until is rapid (INT64_MIN: none is by its date). Rapid
 * recoveries are never more than the gross loss. */
void incident_calc_sums(CalcResult *out, const CalcEntry *entries, size_t n, int64_t rapid_until);
/* Is this entry inside the gross loss, and with which sign (-1, 0, 1)? */
int incident_calc_gross_sign(const CalcEntry *e);
bool incident_calc_is_recovery(EntryClass class);
/* Largest amount that may still be reversed of the provision, or of what is booked of it; entries
 * as above. */
int64_t incident_calc_provision_left(const CalcEntry *entries, size_t n, bool booked);

typedef struct CalcCapital {
    bool is_excluded;                     /* by a request that the supervisor has granted */
    bool is_loss, in_credit_rwa, is_void; /* in_credit_rwa: credit boundary and counted there */
    int64_t gross_group, net_group;       /* of the group of events with one root */
    int64_t threshold;                    /* in group currency */
    bool on_net;                          /* which of the two is tested */
} CalcCapital;
/* Does the event belong to the loss data set of capital (OPE25.14 ff., CRR3 art. 318-319)? */
bool incident_calc_used_in_capital(const CalcCapital *in);

/* 1 (very low) .. 5 (critical): the worst of the non-financial levels (0..4 each, raised by one)
 * and of the net amount in group minor units: below 50,000 1, 500,000 2, 5 million 3, 50 million 4,
 * above 5 (unit: hundredths). */
int incident_calc_severity(int64_t net_group, const int *levels, size_t n);

#endif
