/* rcsa_assess.h: campaigns and assessments: what their tables call, and what their files share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_ASSESS_H
#define MODULES_RCSA_RCSA_ASSESS_H

#include "modules/rcsa/rcsa_method.h"

/* Columns of assessment.controls after those of risk.controls, of impacts and contradictions. */
enum { ASSESS_DESIGN = 4, ASSESS_OPERATION, ASSESS_NOTE, ASSESS_COUNTS_AS, ASSESS_BECAUSE };
enum { ASSESS_DIMENSION, ASSESS_LEVEL };
enum { ASSESS_RULE, ASSESS_COUNT, ASSESS_AMOUNT, ASSESS_ANSWER };

/* ---- assessment (rcsa_assess.c, rcsa_assess_steps.c) ---- */
Err rcsa_assess_compute(Ctx *c, const Saving *s);
Err rcsa_assess_validate(Ctx *c, const Saving *s);
Err rcsa_assess_after_save(Ctx *c, const Saving *s);
Err rcsa_assess_guard_start(Ctx *c, const Record *r);
Err rcsa_assess_guard_challenge(Ctx *c, const Record *r);
Err rcsa_assess_guard_agree(Ctx *c, const Record *r);
Err rcsa_assess_guard_approve(Ctx *c, const Record *r);
Err rcsa_assess_guard_decide(Ctx *c, const Record *r);
const char *rcsa_assess_route_approved(Ctx *c, const Record *r);

extern const Choice rcsa_reasons[]; /* in the order of CalcReason */

/* The controls of an assessment as the calculation takes them: live with the tests of today, else
 * as they stood when it was submitted. */
Err rcsa_assess_controls(CalcControl *out, size_t *n, Ctx *c, const Record *r, bool live) MUST;
/* The rating by the method of the assessment; *rated false while an answer is missing. */
Err rcsa_assess_rate(CalcResult *out, bool *rated, Ctx *c, const RcsaMethod *m, const Record *r,
                     bool live) MUST;
bool rcsa_assess_is_live(const Record *r); /* still with the assessor */
/* "Residual low, but 4 losses, 310,000 MAD, in twelve months", in the reader's language. */
Str rcsa_contradiction_text(Ctx *c, const Value *row);
/* Position of a residual class of a risk against the appetite in force. */
Err rcsa_appetite_position(CalcPosition *out, Ctx *c, const Record *risk, int level) MUST;

/* ---- evidence (rcsa_evidence.c) ---- */
typedef struct RcsaEvidence {
    CalcFacts facts;
    int64_t open_actions;
    Str since; /* date of the last assessment, empty: none */
} RcsaEvidence;
/* What happened to a risk up to today: restricted cases are left out, whoever asks. */
Err rcsa_evidence(RcsaEvidence *out, Ctx *c, int64_t risk, Str since) MUST;

/* ---- who is asked (rcsa_ask.c) ---- */
/* The person who should answer for the risk: the correspondent of its unit or of the nearest above
 * that has one, else who holds that role nearest to it, else the owner. 0: nobody. */
Err rcsa_ask_assessor(int64_t *out, Ctx *c, const Record *risk) MUST;
/* The assessment joins what its assessor is asked in this unit and campaign, or has left it. */
Err rcsa_ask_open(Ctx *c, Record *assessment) MUST;
Err rcsa_ask_close(Ctx *c, const Record *assessment) MUST;
/* The campaign gives another day: its assessments and assignments follow. As the system. */
Err rcsa_ask_move_due(Ctx *c, const Record *campaign) MUST;
/* Attached to assignments: no answer before the last assessment; who takes over is the assessor. */
Err rcsa_ask_guard(Ctx *c, const Record *assignment);
Err rcsa_ask_after_save(Ctx *c, const Saving *s);

/* ---- the committee (rcsa_decide.c) ---- */
/* An acceptance or an action comes of the decision; taken back with the campaign. */
Err rcsa_decide_carry_out(Ctx *c, Record *assessment) MUST;
Err rcsa_decide_take_back(Ctx *c, const Record *assessment) MUST;

/* ---- campaign (rcsa_campaign.c) ---- */
Err rcsa_campaign_compute(Ctx *c, const Saving *s);
Err rcsa_campaign_validate(Ctx *c, const Saving *s);
Err rcsa_campaign_after_save(Ctx *c, const Saving *s);
Err rcsa_campaign_guard_scope(Ctx *c, const Record *r);
Err rcsa_campaign_guard_open(Ctx *c, const Record *r);
Err rcsa_campaign_guard_publish(Ctx *c, const Record *r);
/* Has something happened to the risk since its last assessment that asks for a new one? */
Err rcsa_campaign_triggered(bool *out, Ctx *c, const Record *risk, RcsaEvidence *e) MUST;

#endif
