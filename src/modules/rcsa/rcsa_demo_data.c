/* rcsa_demo_data.c: the thirty risks of the demonstration bank with their gross and net ratings.
 * Invented; a practitioner's judgement, no statistics. Data only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_demo.h"

/* clang-format off */
const DemoRisk rcsa_demo_risks[] = {
    {"R01", 5, 2, 4, 1, "RES",     "branch",          "CP5 CP2",     "QF3",         "reduce"},
    {"R02", 4, 1, 3, 1, "RES",     "branch",          "CR2 CE2",     "QF3 QN6",     "accept"},
    {"R03", 5, 2, 4, 1, "RES",     "branch",          "CR7 CS6",     "QF3 QN2",     "reduce"},
    {"R04", 2, 4, 2, 3, "RES",     "branch",          "CE1",         "QF3 QN4",     "transfer"},
    {"R05", 5, 3, 4, 2, "OPS-CHQ", "branch",          "CE2 CR3",     "QF4 QN2",     "reduce"},
    {"R06", 4, 3, 3, 2, "OPS-CHQ", NULL,              "CR4",         "QF1 QF2",     "reduce"},
    {"R07", 4, 3, 3, 3, "JUR",     NULL,              "CR4 CR1",     "QF1",         "reduce"},
    {"R08", 5, 3, 4, 2, "OPS-VIR", "branch",          "CP1 CR5",     "QF5 QN2",     "reduce"},
    {"R09", 4, 4, 3, 4, "OPS-VIR", "business_centre", "CE1 CP2",     "QF4 QF5",     "reduce"},
    {"R10", 5, 3, 4, 2, "TDI",     NULL,              "CE3 CE1",     "QF4 QN3",     "reduce"},
    {"R11", 5, 3, 5, 2, "SI-MON",  NULL,              "CE1",         "QF4",         "reduce"},
    {"R12", 5, 3, 4, 2, "OPS-CRD", NULL,              "CE2",         "QF6",         "reduce"},
    {"R13", 3, 4, 2, 4, "RES",     "branch",          "CP6 CR5",     "QF4 QN3",     "reduce"},
    {"R14", 2, 5, 1, 5, "OPS-CRD", NULL,              "CP6 CR5",     "QF6 QN3",     "reduce"},
    {"R15", 2, 5, 1, 4, "MAR",     NULL,              "CP6 CS8",     "QF6 QN6",     "avoid"},
    {"R16", 4, 3, 3, 3, "OPS-MAR", NULL,              "CP1 CP4",     "QF5",         "reduce"},
    {"R17", 2, 3, 1, 3, "F-BTA",   NULL,              "CS6",         "QF4 QN6",     "reduce"},
    {"R18", 3, 4, 2, 3, "OPS-ETR", "business_centre", "CP1 CP3",     "QF5",         "reduce"},
    {"R19", 3, 4, 3, 3, "OPS-CRD", "business_centre", "CR6 CR4",     "QF5",         "reduce"},
    {"R20", 2, 4, 2, 3, "RCL",     NULL,              "CS2 CR8",     "QF4 QN2",     "reduce"},
    {"R21", 4, 3, 3, 2, "RES",     "branch",          "CP7 CP8",     "QF1 QN2",     "reduce"},
    {"R22", 3, 4, 2, 4, "ENT",     "business_centre", "CR1 CE8",     "QF1",         "reduce"},
    {"R23", 2, 5, 1, 4, "CO",      "subsidiary",      "CP4 CS6",     "QF2 QN3",     "reduce"},
    {"R24", 2, 3, 2, 2, "RSK-CR",  NULL,              "CR8 CS1",     "QF4",         "reduce"},
    {"R25", 4, 3, 4, 2, "RH",      "subsidiary",      "CP8 CR1",     "QF1 QN4",     "reduce"},
    {"R26", 3, 4, 3, 3, "LOG",     NULL,              "CE5",         "QF3 QN1",     "transfer"},
    {"R27", 4, 4, 3, 3, "SI-PRO",  "subsidiary",      "CS3 CS4",     "QN1 QN6",     "reduce"},
    {"R28", 4, 4, 3, 3, "SI-PRO",  NULL,              "CE4 CE7",     "QN1",         "reduce"},
    {"R29", 3, 5, 2, 5, "SSI",     "subsidiary",      "CE6 CS7",     "QN5 QN1 QN3", "reduce"},
    {"R30", 3, 3, 3, 2, "LOG",     "subsidiary",      "CE4 CR6",     "QF1 QN1",     "reduce"},
    {0}
};
/* clang-format on */
