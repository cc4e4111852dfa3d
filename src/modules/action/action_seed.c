/* action_seed.c: the settings of the module, put in once; what the bank changed stays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action.h"

typedef struct SettingRow {
    const char *code, *fr, *en, *ar, *value;
    int64_t amount; /* minor units of MAD; 0: none */
    const char *source;
} SettingRow;

/* clang-format off */
static const SettingRow settings[] = {
    {"issue_matrix", "Matrice de cotation des constats", "Matrix that rates issues", "مصفوفة تقييم الملاحظات", "1112311223122331233422344", 0,
     "Méthodologie interne : 5 lignes de probabilité croissante, 5 impacts croissants ; 1 faible à 4 critique"},
    {"acceptance_months", "Durée maximale d'une acceptation, en mois", "Longest acceptance, in months", "المدة القصوى لقبول المخاطر بالأشهر", "12", 0, "Politique interne d'acceptation des risques"},
    {"acceptance_head", "Acceptation : montant à partir duquel décide le responsable du risque opérationnel", "Acceptance: amount from which the head of operational risk decides",
     "قبول المخاطر: المبلغ الذي يقرر ابتداء منه مسؤول المخاطر التشغيلية", NULL, 50000000, "Politique interne d'acceptation des risques"},
    {"acceptance_committee", "Acceptation : montant à partir duquel décide le comité", "Acceptance: amount from which the committee decides", "قبول المخاطر: المبلغ الذي تقرر ابتداء منه اللجنة", NULL, 500000000,
     "Politique interne d'acceptation des risques"},
    {0}
};
/* clang-format on */

static Value text(const char *z) {
    return value_text(str_of(z));
}

Err action_seed(Ctx *c) {
    const Type *t = model_need(c->model, "setting");
    for (const SettingRow *s = settings; s->code; s++) {
        Record *r, *saved;
        int64_t id;
        Err e = ref_find(&id, c, t, str_of(s->code));
        if (!e) continue;
        if (e != ERR_MISSING) return e;
        r = record_new(c, t);
        record_set(r, "code", text(s->code));
        record_set(r, "name_fr", text(s->fr));
        record_set(r, "name_en", text(s->en));
        record_set(r, "name_ar", text(s->ar));
        record_set(r, "value", text(s->value));
        if (s->amount) record_set(r, "amount", value_money(s->amount, S("MAD")));
        record_set(r, "source", text(s->source));
        TRY(record_save(&saved, c, r, "seed"));
    }
    return OK;
}
