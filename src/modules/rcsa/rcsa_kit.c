/* rcsa_kit.c: small things that the files of the module share. Knows no page and no SQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "modules/rcsa/rcsa.h"

bool rcsa_state_is(const Record *r, const char *name) {
    return r && strcmp(r->state->name, name) == 0;
}

bool rcsa_is_empty(const Record *r, const char *field) {
    return value_is_null(record_get(r, field));
}

Value rcsa_text_value(const char *z) {
    return value_text(str_of(z));
}

Err rcsa_find(int64_t *out, Ctx *c, const char *type, const char *code) {
    const Type *t = model_type(c->model, str_of(type));
    *out = 0;
    if (!t || !code) return OK;
    Err e = ref_find(out, c, t, str_of(code));
    if (e == ERR_MISSING) *out = 0;
    return e == ERR_MISSING ? OK : e;
}

Str rcsa_words(const Ctx *c, const Record *r, const char *stem) {
    static const Lang order[] = {LANG_FR, LANG_EN, LANG_AR};
    Str own = record_text(r, str_fmt(c->arena, "%s_%s", stem, lang_code(c->lang)).p);
    for (size_t i = 0; !own.n && i < LENGTH(order); i++)
        own = record_text(r, str_fmt(c->arena, "%s_%s", stem, lang_code(order[i])).p);
    return own;
}

Err rcsa_statement(RcsaStatement *out, Ctx *c, const Record *risk) {
    int64_t id = record_int(risk, "definition");
    const Record *definition;
    *out = (RcsaStatement){.cause = record_text(risk, "cause"),
                           .event = record_text(risk, "event"),
                           .effect = record_text(risk, "effect")};
    if (!id || (out->cause.n && out->event.n && out->effect.n)) return OK;
    TRY(record_shared(&definition, c, model_need(c->model, "risk_definition"), id));
    if (!out->cause.n) out->cause = rcsa_words(c, definition, "cause");
    if (!out->event.n) out->event = rcsa_words(c, definition, "event");
    if (!out->effect.n) out->effect = rcsa_words(c, definition, "effect");
    return OK;
}

Str rcsa_statement_text(Ctx *c, const RcsaStatement *s) {
    return RCSA_FILL(c, TR(c, N_("Because {0}, it could happen that {1}, leading to {2}.")),
                     s->cause, s->event, s->effect);
}

Err rcsa_currency(Str *out, Ctx *c) {
    bool found;
    TRY(setting_text(out, &found, c, "group_currency"));
    if (!found || currency_digits(*out) < 0) *out = S("MAD");
    return OK;
}

RcsaActor rcsa_as_system(Ctx *c) {
    RcsaActor kept = {.actor = c->actor, .reason = c->reason};
    c->actor = NEW(c->arena, Actor);
    actor_system(c);
    return kept;
}

void rcsa_as_before(Ctx *c, const RcsaActor *kept) {
    c->actor = kept->actor;
    c->reason = kept->reason;
}

Str rcsa_money_words(Ctx *c, int64_t minor, Str currency) {
    int64_t unit = 1;
    for (int k = currency_digits(currency); k > 0; k--) unit *= 10;
    int64_t whole = (minor + (minor < 0 ? -unit : unit) / 2) / unit;
    Str digits = str_fmt(c->arena, "%lld", (long long)(whole < 0 ? -whole : whole));
    Text t = text_new(c->arena, 80);
    if (whole < 0) text_char(&t, '-');
    for (size_t i = 0; i < digits.n; i++) {
        if (i && (digits.n - i) % 3 == 0) text_add(&t, S("\u202f"));
        text_char(&t, digits.p[i]);
    }
    text_fmt(&t, "\u00a0%.*s", FMT(currency));
    return text_str(&t);
}

Err rcsa_load_now(Record **out, Ctx *c, const char *type, int64_t id) {
    Str day = c->as_of;
    c->as_of = (Str){0};
    Err e = record_load_raw(out, c, model_need(c->model, type), id);
    c->as_of = day;
    return e;
}

/* ---- many records ---- */

enum { ISSUES_ROOM = 256 }; /* more than a Ctx keeps: the array does not move while we work */

RcsaScratch rcsa_scratch_begin(Ctx *c) {
    Issue *room = NEW_N(c->arena, Issue, ISSUES_ROOM);
    if (c->issues.n) memcpy(room, c->issues.items, c->issues.n * sizeof *room);
    c->issues.items = room;
    c->issues.cap = ISSUES_ROOM;
    return (RcsaScratch){
        .c = c, .own = c->arena, .scratch = arena_new(0), .cache = c->cache, .n_kept = c->issues.n};
}

static void keep_issues(RcsaScratch *s) {
    Issues *all = &s->c->issues;
    if (s->n_kept > all->n) s->n_kept = all->n;
    for (; s->n_kept < all->n; s->n_kept++) {
        Issue *i = &all->items[s->n_kept];
        i->field = str_copy(s->own, i->field);
        for (size_t k = 0; k < LENGTH(i->args); k++) i->args[k] = str_copy(s->own, i->args[k]);
    }
}

void rcsa_scratch_next(RcsaScratch *s) {
    keep_issues(s);
    arena_reset(s->scratch);
    s->c->arena = s->scratch;
    s->c->cache = NULL;
}

void rcsa_scratch_end(RcsaScratch *s) {
    keep_issues(s);
    s->c->arena = s->own;
    s->c->cache = s->cache;
    arena_free(s->scratch);
}
