/* incident_similar.c: see incident_similar.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_similar.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "model/page_kit.h"
#include "model/report.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_query.h"

#include <inttypes.h>
#include <stdlib.h>

enum { WORD_LEAST = 3, WORDS_MOST = 80, DAYS_ALIKE = 15 };

static uint64_t hash_of(Str word) {
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < word.n; i++)
        h = (h ^ (unsigned char)word.p[i]) * UINT64_C(1099511628211);
    return h;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

WordSet similar_words(Arena *a, Str title, Str text) {
    WordSet out = {.items = NEW_N(a, uint64_t, WORDS_MOST)};
    Str rest = utf8_fold(a, str_fmt(a, "%.*s %.*s", FMT(title), FMT(text))), word;
    while (out.n < WORDS_MOST && str_cut(&word, &rest, ' '))
        if (word.n >= WORD_LEAST) out.items[out.n++] = hash_of(word);
    qsort(out.items, out.n, sizeof *out.items, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < out.n; i++)
        if (!kept || out.items[kept - 1] != out.items[i]) out.items[kept++] = out.items[i];
    out.n = kept;
    return out;
}

/* Of the words of both sets, the hundredths that stand in both. */
static int common(const WordSet *a, const WordSet *b) {
    size_t i = 0, k = 0, shared = 0;
    while (i < a->n && k < b->n) {
        if (a->items[i] == b->items[k]) {
            shared++;
            i++;
            k++;
        } else if (a->items[i] < b->items[k]) {
            i++;
        } else {
            k++;
        }
    }
    size_t all = a->n + b->n - shared;
    return all ? (int)(100 * shared / all) : 0;
}

static int64_t days_apart(const EventTraits *a, const EventTraits *b) {
    return a->day > b->day ? a->day - b->day : b->day - a->day;
}

static bool same_amount(const EventTraits *a, const EventTraits *b) {
    if (a->amount <= 0 || b->amount <= 0) return false;
    int64_t more = a->amount > b->amount ? a->amount : b->amount;
    int64_t less = a->amount > b->amount ? b->amount : a->amount;
    return more - less <= more / 50;
}

int similar_score(const EventTraits *a, const EventTraits *b) {
    int score = 0;
    int64_t apart = days_apart(a, b);
    if (a->pattern && a->pattern == b->pattern) {
        score += 30;
    } else {
        if (a->process && a->process == b->process) score += 15;
        if (a->event_type && a->event_type == b->event_type) score += 10;
    }
    if (a->unit && a->unit == b->unit) score += 20;
    if (apart < DAYS_ALIKE) score += (int)(20 * (DAYS_ALIKE - apart) / DAYS_ALIKE);
    score += 25 * common(&a->words, &b->words) / 100;
    if (same_amount(a, b)) score += 15;
    if (a->third_party.n && str_eq(a->third_party, b->third_party)) score += 10;
    return score > 100 ? 100 : score;
}

/* ---- page ---- */

static EventTraits traits_of(Ctx *c, const Record *r) {
    EventTraits t = {.pattern = record_int(r, "pattern"),
                     .process = record_int(r, "process"),
                     .event_type = record_int(r, "event_type"),
                     .unit = r->unit,
                     .amount = record_int(r, "estimated_loss"),
                     .third_party = record_text(r, "third_party")};
    if (!date_parse(&t.day, record_text(r, "discovered_on"))) t.day = INT32_MIN;
    t.words = similar_words(c->arena, record_text(r, "title"), record_text(r, "description"));
    return t;
}

/* The nearest first; `score` runs beside. */
static size_t best_of(const NearEvent **best, int *score, const EventTraits *own,
                      const NearEvents *near) {
    size_t n = 0;
    for (size_t i = 0; i < near->n; i++) {
        int s = similar_score(own, &near->items[i].traits);
        if (s < SIMILAR_LEAST || (n == SIMILAR_SHOWN && s <= score[n - 1])) continue;
        size_t k = n < SIMILAR_SHOWN ? n++ : n - 1;
        for (; k && score[k - 1] < s; k--) {
            score[k] = score[k - 1];
            best[k] = best[k - 1];
        }
        score[k] = s;
        best[k] = &near->items[i];
    }
    return n;
}

static void add_reason(Text *t, Str words) {
    if (t->n) text_addz(t, " · ");
    text_add(t, words);
}

static Str reasons(Ctx *c, const EventTraits *a, const EventTraits *b) {
    Text t = text_new(c->arena, 200);
    int64_t apart = days_apart(a, b);
    Str days = INCIDENT_FILL(c, tr_n(c->lang, "{0} day", "{0} days", apart),
                             str_fmt(c->arena, "%" PRId64, apart));
    add_reason(&t, apart ? INCIDENT_FILL(c, TR(c, N_("{0} apart")), days) : TRS(c, N_("same day")));
    if (a->pattern && a->pattern == b->pattern)
        add_reason(&t, TRS(c, N_("same kind of fact")));
    else if (a->process && a->process == b->process)
        add_reason(&t, TRS(c, N_("same process")));
    if (a->unit && a->unit == b->unit) add_reason(&t, TRS(c, N_("same unit")));
    if (same_amount(a, b)) add_reason(&t, TRS(c, N_("same amount")));
    if (a->third_party.n && str_eq(a->third_party, b->third_party))
        add_reason(&t, TRS(c, N_("same third party")));
    return text_str(&t);
}

/* `r` may be merged by this reader now. */
static Err may_merge(bool *out, Ctx *c, const Record *r) {
    Button step = {0};
    *out = false;
    if (c->as_of.n || c->actor->is_read_only) return OK;
    TRY(page_kit_transition(&step, out, c, r, type_transition(r->type, S("merge"))));
    *out = *out && !step.disabled_why.n;
    return OK;
}

Err similar_panel(Ctx *c, const Record *r, Block **out) {
    const NearEvent *best[SIMILAR_SHOWN] = {0};
    int score[SIMILAR_SHOWN] = {0};
    NearEvents near;
    bool merges;
    Str likest = {0};
    const char *state = r->state->name;
    if (strcmp(state, "declared") != 0 && strcmp(state, "qualification") != 0 &&
        strcmp(state, "review") != 0)
        return OK;
    EventTraits own = traits_of(c, r);
    TRY(incident_query_near(&near, c, r));
    size_t n = best_of(best, score, &own, &near);
    if (!n) return OK;
    TRY(may_merge(&merges, c, r));
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Perhaps the same event")));
    (*out)->id = "similar";
    static const Column columns[] = {{.name = "event", .kind = CELL_REF, .is_main = true}};
    ReportList l = report_list(c, columns, 1);
    for (size_t i = 0; i < n; i++) {
        Record *other;
        TRY(record_load(&other, c, r->type, best[i]->id));
        Str number = record_number(c->arena, other);
        if (!i) likest = number;
        Cell *x = report_row(&l, number, record_path(c->arena, other));
        x[0] = report_ref(c, other);
        x[0].note = INCIDENT_FILL(c, "{0} · {1}", number, reasons(c, &own, &best[i]->traits));
    }
    view_put(c->arena, *out, report_block(&l, NULL, NULL, ""));
    if (!merges) return OK;
    Block *merge = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0}, (Str){0});
    merge->text.button = (Button){.label = INCIDENT_FILL(c, TR(c, N_("Merge with {0}")), likest),
                                  .href = str_fmt(c->arena, "%.*s/do/merge?duplicate_of=%.*s",
                                                  FMT(record_path(c->arena, r)), FMT(likest)),
                                  .asks = true};
    view_put(c->arena, *out, merge);
    return OK;
}
