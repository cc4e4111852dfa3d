/* organisation_seed.c: what `init` puts into an empty database: taxonomies, thresholds with their sources, approval limits. What
 * exists by its code is left as it is, so it may run at every start. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

typedef struct SettingSeed {
    const char *code, *en, *fr, *ar, *value;
    int64_t amount;       /* minor units; 0 with currency NULL: none */
    const char *currency, *source;
} SettingSeed;

/* clang-format off */
static const SettingSeed settings[] = {
    {"group_currency", "Currency of the group's figures", "Monnaie des chiffres du groupe", "عملة أرقام المجموعة", "MAD", 0, NULL, "Décision interne"},
    {"capital_threshold", "Threshold of the loss data set of capital", "Seuil des pertes retenues pour les fonds propres", "عتبة الخسائر المعتمدة لحساب رأس المال", NULL, 2000000, "EUR", "Bâle OPE25.20 ; CRR3 art. 318-319"},
    {"capital_measure", "The threshold is tested on the net or the gross loss", "Seuil testé sur la perte nette ou brute", "تطبق العتبة على الخسارة الصافية أو الإجمالية", "net", 0, NULL, "Bâle OPE25.20 (perte nette) ; CRR3 art. 319"},
    {"collection_threshold", "Internal collection threshold", "Seuil de collecte interne", "عتبة التجميع الداخلية", NULL, 100000, "MAD", "Décision interne"},
    {"large_loss", "Large loss from", "Perte importante à partir de", "خسارة كبيرة ابتداء من", NULL, 100000000, "MAD", "Décision interne"},
    {"stale_estimate_days", "An estimate is stale after days", "Estimation ancienne après (jours)", "يعتبر التقدير قديما بعد (أيام)", "90", 0, NULL, "Décision interne"},
    {"late_declaration_days", "A declaration is late after days", "Déclaration tardive après (jours)", "يعتبر التصريح متأخرا بعد (أيام)", "30", 0, NULL, "Décision interne"},
    {"no_entry_days", "A loss without an entry is reported after days", "Perte sans écriture signalée après (jours)", "يشار إلى خسارة بدون قيد بعد (أيام)", "30", 0, NULL, "Décision interne"},
    {"rapid_recovery_days", "Working days of a rapid recovery", "Jours ouvrés d'une récupération rapide", "أيام العمل للاسترداد السريع", "5", 0, NULL, "COREP C 17.01, règlement (UE) 2021/451"},
    {"loss_window_years", "Years of the loss window", "Profondeur d'historique des pertes (années)", "عدد سنوات سجل الخسائر", "10", 0, NULL, "Bâle OPE25.14"},
    {"closed_until", "Accounts are closed until", "Comptes arrêtés jusqu'au", "الحسابات مقفلة إلى غاية", NULL, 0, NULL, "Décision de la direction financière"},
    {0}
};
typedef struct LimitSeed {
    const char *role, *measure;
    int64_t up_to;        /* minor units of MAD; -1: no limit */
} LimitSeed;
static const LimitSeed limits[] = {
    {"unit_head",  "gross",   5000000},
    {"analyst",    "gross",  20000000},
    {"inspection", "gross", 500000000},
    {"head_orm",   "gross", 500000000},
    {"committee",  "gross",        -1},
    {0}
};
/* clang-format on */

static Value text(const char *z) {
    return value_text(str_of(z));
}

static Err put_taxon(Ctx *c, const Type *t, const char *kind, const TaxonSeed *seed, int position) {
    int64_t id;
    Record *r = record_new(c, t), *saved;
    Err e = ref_find(&id, c, t, str_of(seed->code));
    if (e != ERR_MISSING) return e;
    record_set(r, "kind", text(kind));
    record_set(r, "code", text(seed->code));
    record_set(r, "name_en", text(seed->en));
    record_set(r, "name_fr", text(seed->fr));
    record_set(r, "name_ar", text(seed->ar));
    record_set(r, "position", value_int(position));
    if (seed->beta) record_set(r, "beta", value_int(seed->beta * 100));
    if (seed->parent) {
        TRY(ref_find(&id, c, t, str_of(seed->parent)));
        record_set(r, "parent", value_int(id));
    }
    return record_save(&saved, c, r, "seed");
}

static Err put_taxonomies(Ctx *c) {
    const Type *t = model_need(c->model, "taxon");
    for (const TaxonList *list = organisation_taxonomies; list->kind; list++)
        for (int i = 0; list->nodes[i].code; i++) TRY(put_taxon(c, t, list->kind, &list->nodes[i], i + 1));
    return OK;
}

static Err put_settings(Ctx *c) {
    const Type *t = model_need(c->model, "setting");
    for (const SettingSeed *s = settings; s->code; s++) {
        int64_t id;
        Record *r, *saved;
        Err e = ref_find(&id, c, t, str_of(s->code));
        if (e == OK) continue;
        if (e != ERR_MISSING) return e;
        r = record_new(c, t);
        record_set(r, "code", text(s->code));
        record_set(r, "name_en", text(s->en));
        record_set(r, "name_fr", text(s->fr));
        record_set(r, "name_ar", text(s->ar));
        if (s->value) record_set(r, "value", text(s->value));
        if (s->currency) record_set(r, "amount", value_money(s->amount, str_of(s->currency)));
        record_set(r, "source", text(s->source));
        TRY(record_save(&saved, c, r, "seed"));
    }
    return OK;
}

static Err put_limits(Ctx *c) {
    const Type *t = model_need(c->model, "approval_limit");
    for (const LimitSeed *l = limits; l->role; l++) {
        Records have;
        Record *r, *saved;
        TRY(record_where(&have, c, t, "role", text(l->role), 1));
        if (have.n) continue;
        r = record_new(c, t);
        record_set(r, "role", text(l->role));
        record_set(r, "measure", text(l->measure));
        if (l->up_to >= 0) record_set(r, "up_to", value_money(l->up_to, S("MAD")));
        TRY(record_save(&saved, c, r, "seed"));
    }
    return OK;
}

Err organisation_seed(Ctx *c) {
    TRY(put_taxonomies(c));
    TRY(put_settings(c));
    return put_limits(c);
}
