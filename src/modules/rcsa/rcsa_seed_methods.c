/* rcsa_seed_methods.c: the methods that are shipped: five by five and four by four for a bank, five
 * by five for a small firm; all with the same dimensions. Data, and the code that writes them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_method.h"
#include "modules/rcsa/rcsa_seed.h"

typedef struct LevelRow {
    const char *fr, *en, *ar, *anchor_fr, *anchor_en, *anchor_ar;
    int64_t from; /* thousandths of events a year, or minor units of MAD */
} LevelRow;
typedef struct MethodRow {
    const char *code, *fr, *en, *ar, *residual_rule;
    int n, n_classes;
    const LevelRow *likelihood, *impact;
    const char *matrix; /* a row a likelihood, from the lowest: "11123 11234 ..." */
} MethodRow;

/* clang-format off */
static const LevelRow likelihood5[] = {
    {"Rare", "Rare", "نادرة", "Moins d'une fois en dix ans", "Less than once in ten years", "أقل من مرة في عشر سنوات", 0},
    {"Peu probable", "Unlikely", "ضعيفة", "Une fois en trois à dix ans", "Once in three to ten years", "مرة كل ثلاث إلى عشر سنوات", 100},
    {"Possible", "Possible", "ممكنة", "Une fois en un à trois ans", "Once in one to three years", "مرة كل سنة إلى ثلاث سنوات", 333},
    {"Probable", "Likely", "محتملة", "Une à dix fois par an", "One to ten times a year", "من مرة إلى عشر مرات في السنة", 1000},
    {"Quasi certain", "Almost certain", "شبه مؤكدة", "Plus de dix fois par an", "More than ten times a year", "أكثر من عشر مرات في السنة", 10000}};
static const LevelRow likelihood4[] = {
    {"Rare", "Rare", "نادرة", "Moins d'une fois en cinq ans", "Less than once in five years", "أقل من مرة في خمس سنوات", 0},
    {"Possible", "Possible", "ممكنة", "Une fois en un à cinq ans", "Once in one to five years", "مرة كل سنة إلى خمس سنوات", 200},
    {"Probable", "Likely", "محتملة", "Une à dix fois par an", "One to ten times a year", "من مرة إلى عشر مرات في السنة", 1000},
    {"Fréquente", "Frequent", "متكررة", "Plus de dix fois par an", "More than ten times a year", "أكثر من عشر مرات في السنة", 10000}};
static const LevelRow impact_bank5[] = {
    {"Mineur", "Minor", "طفيف", "Moins de 50 000 MAD", "Less than 50,000 MAD", "أقل من 50.000 درهم", 0},
    {"Modéré", "Moderate", "متوسط", "50 000 à 500 000 MAD", "50,000 to 500,000 MAD", "من 50.000 إلى 500.000 درهم", 5000000},
    {"Significatif", "Significant", "هام", "500 000 à 5 millions MAD", "500,000 to 5 million MAD", "من 500.000 إلى 5 ملايين درهم", 50000000},
    {"Majeur", "Major", "كبير", "5 à 50 millions MAD", "5 to 50 million MAD", "من 5 إلى 50 مليون درهم", 500000000},
    {"Critique", "Critical", "حرج", "Plus de 50 millions MAD", "More than 50 million MAD", "أكثر من 50 مليون درهم", INT64_C(5000000000)}};
static const LevelRow impact_bank4[] = {
    {"Mineur", "Minor", "طفيف", "Moins de 50 000 MAD", "Less than 50,000 MAD", "أقل من 50.000 درهم", 0},
    {"Modéré", "Moderate", "متوسط", "50 000 à 500 000 MAD", "50,000 to 500,000 MAD", "من 50.000 إلى 500.000 درهم", 5000000},
    {"Majeur", "Major", "كبير", "500 000 à 5 millions MAD", "500,000 to 5 million MAD", "من 500.000 إلى 5 ملايين درهم", 50000000},
    {"Critique", "Critical", "حرج", "Plus de 5 millions MAD", "More than 5 million MAD", "أكثر من 5 ملايين درهم", 500000000}};
static const LevelRow impact_small5[] = {
    {"Mineur", "Minor", "طفيف", "Moins de 2 000 MAD", "Less than 2,000 MAD", "أقل من 2.000 درهم", 0},
    {"Modéré", "Moderate", "متوسط", "2 000 à 10 000 MAD", "2,000 to 10,000 MAD", "من 2.000 إلى 10.000 درهم", 200000},
    {"Significatif", "Significant", "هام", "10 000 à 50 000 MAD", "10,000 to 50,000 MAD", "من 10.000 إلى 50.000 درهم", 1000000},
    {"Majeur", "Major", "كبير", "50 000 à 250 000 MAD", "50,000 to 250,000 MAD", "من 50.000 إلى 250.000 درهم", 5000000},
    {"Critique", "Critical", "حرج", "Plus de 250 000 MAD", "More than 250,000 MAD", "أكثر من 250.000 درهم", 25000000}};
static const MethodRow methods[] = {
    {"BANK5", "Banque, échelles à cinq niveaux", "Bank, scales of five levels", "البنك، سلالم من خمسة مستويات", "steps", 5, 4, likelihood5, impact_bank5, "11123 11234 12234 12344 22344"},
    {"BANK4", "Banque, échelles à quatre niveaux", "Bank, scales of four levels", "البنك، سلالم من أربعة مستويات", "matrix", 4, 4, likelihood4, impact_bank4, "1112 1223 1234 2344"},
    {"TPME5", "Petite entreprise, échelles à cinq niveaux", "Small firm, scales of five levels", "المقاولة الصغيرة، سلالم من خمسة مستويات", "steps", 5, 4, likelihood5, impact_small5, "11123 11234 12234 12344 22344"}};

static const char *const class_names[4][3] = {
    {"Faible", "Low", "منخفض"}, {"Moyen", "Medium", "متوسط"}, {"Élevé", "High", "مرتفع"}, {"Critique", "Critical", "حرج"}};
static const struct { const char *code, *fr, *en, *ar; const char *anchors[5][3]; } dimensions[] = {
    {"money", "Financier", "Financial", "مالي", {{0}}},
    {"client", "Clients", "Clients", "الزبناء",
     {{"Un client mécontent", "One unhappy client", "زبون غير راض"}, {"Quelques clients gênés", "A few clients hindered", "تضايق بعض الزبناء"},
      {"Des clients lésés, réclamations écrites", "Clients harmed, written complaints", "تضرر زبناء وشكايات مكتوبة"}, {"Plus de mille clients touchés", "More than a thousand clients hit", "إصابة أكثر من ألف زبون"},
      {"Des clients partent en nombre", "Clients leave in numbers", "مغادرة الزبناء بأعداد"}}},
    {"regulator", "Réglementaire et juridique", "Regulatory and legal", "تنظيمي وقانوني",
     {{"Une remarque interne", "An internal remark", "ملاحظة داخلية"}, {"Une question de l'autorité", "A question of the authority", "استفسار من السلطة"},
      {"Une observation écrite", "A written observation", "ملاحظة مكتوبة"}, {"Une injonction ou une sanction", "An order or a sanction", "أمر أو عقوبة"},
      {"L'agrément est en cause", "The licence is at stake", "الترخيص في خطر"}}},
    {"reputation", "Réputation", "Reputation", "السمعة",
     {{"Rien n'en sort", "Nothing gets out", "لا شيء يتسرب"}, {"On en parle localement", "Talk in the neighbourhood", "حديث محلي"},
      {"La presse locale en parle", "Local press reports", "تناول الصحافة المحلية"}, {"La presse nationale en parle", "National press reports", "تناول الصحافة الوطنية"},
      {"Une campagne durable", "A lasting campaign", "حملة دائمة"}}},
    {"continuity", "Continuité", "Continuity", "الاستمرارية",
     {{"Moins d'une heure", "Less than an hour", "أقل من ساعة"}, {"Une demi-journée", "Half a day", "نصف يوم"},
      {"Un jour", "A day", "يوم"}, {"Plusieurs jours", "Several days", "عدة أيام"}, {"Plus d'une semaine", "More than a week", "أكثر من أسبوع"}}},
    {"people", "Personnes", "People", "الأشخاص",
     {{"Aucun effet", "No effect", "بلا أثر"}, {"Un malaise passager", "A passing upset", "وعكة عابرة"},
      {"Un arrêt de travail", "Somebody off work", "توقف عن العمل"}, {"Un blessé grave", "Somebody badly hurt", "إصابة خطيرة"}, {"Un décès", "A death", "وفاة"}}}};

static const struct { const char *rule; int64_t count, amount; } rules[] = {
    {"low_but_losses", 3, 20000000}, {"likelihood_below", 2, 0}, {"impact_below", 0, 0}, {"effective_failed", 0, 0}, {"effective_untested", 0, 0},
    {"low_but_actions", 1, 0}, {"low_but_red", 1, 0}, {"lower_despite", 1, 0}, {"gone_but_losses", 1, 0}, {"near_misses", 2, 0}};
static const char *const effects[4] = {"effective", "largely", "partly", "ineffective"};
static const int steps[4] = {2, 1, 0, 0}, reductions[4] = {9000, 6000, 3000, 0}, percents[4] = {100, 90, 45, 0};
static const int residuals[4][4] = {{1, 1, 1, 1}, {1, 1, 2, 2}, {1, 2, 2, 3}, {2, 3, 3, 4}};
/* clang-format on */

typedef struct RowsBuilder {
    Ctx *c;
    Value rows[64];
    size_t n;
} RowsBuilder;

static Value *add_row(RowsBuilder *b, size_t columns) {
    Value *cells = NEW_N(b->c->arena, Value, columns);
    CHECK(b->n < LENGTH(b->rows), "too many rows in a shipped method");
    b->rows[b->n++] = (Value){.kind = V_LIST, .list = cells, .n = columns};
    return cells;
}

static void put_rows(Record *r, const char *field, RowsBuilder *b) {
    Value *kept = NEW_N(b->c->arena, Value, b->n);
    memcpy(kept, b->rows, b->n * sizeof *kept);
    record_set(r, field, (Value){.kind = V_ROWS, .list = kept, .n = b->n});
    b->n = 0;
}

static void put_words(Value *cells, size_t first, const char *fr, const char *en, const char *ar) {
    cells[first] = rcsa_text_value(fr);
    cells[first + 1] = rcsa_text_value(en);
    cells[first + 2] = rcsa_text_value(ar);
}

static void put_levels(Record *r, RowsBuilder *b, const char *field, const LevelRow *rows, int n,
                       bool is_money) {
    for (int i = 0; i < n; i++) {
        Value *cells = add_row(b, METHOD_FROM + 1);
        cells[METHOD_LEVEL] = value_int(i + 1);
        put_words(cells, METHOD_NAME_FR, rows[i].fr, rows[i].en, rows[i].ar);
        put_words(cells, METHOD_ANCHOR_FR, rows[i].anchor_fr, rows[i].anchor_en, rows[i].anchor_ar);
        cells[METHOD_FROM] =
            is_money ? value_money(rows[i].from, S("MAD")) : value_int(rows[i].from);
    }
    put_rows(r, field, b);
}

static void put_dimensions(Record *r, RowsBuilder *b, const MethodRow *m) {
    for (size_t i = 0; i < LENGTH(dimensions); i++) {
        Value *cells = add_row(b, METHOD_WEIGHT + 1);
        cells[METHOD_CODE] = rcsa_text_value(dimensions[i].code);
        put_words(cells, METHOD_NAME_FR, dimensions[i].fr, dimensions[i].en, dimensions[i].ar);
        cells[METHOD_WEIGHT] = value_int(1);
    }
    put_rows(r, "dimensions", b);
    for (size_t i = 0; i < LENGTH(dimensions); i++)
        for (int k = 0; k < m->n; k++) {
            const char *const *words = dimensions[i].anchors[k];
            Value *cells = add_row(b, METHOD_AT_ANCHOR + 3);
            cells[METHOD_OF] = rcsa_text_value(dimensions[i].code);
            cells[METHOD_AT] = value_int(k + 1);
            if (words[0])
                put_words(cells, METHOD_AT_ANCHOR, words[0], words[1], words[2]);
            else
                put_words(cells, METHOD_AT_ANCHOR, m->impact[k].anchor_fr, m->impact[k].anchor_en,
                          m->impact[k].anchor_ar);
        }
    put_rows(r, "dimension_anchors", b);
}

static void put_matrices(Record *r, RowsBuilder *b, const MethodRow *m) {
    for (int i = 0; i < m->n_classes; i++) {
        Value *cells = add_row(b, METHOD_COLOUR + 1);
        cells[METHOD_LEVEL] = value_int(i + 1);
        put_words(cells, METHOD_NAME_FR, class_names[i][0], class_names[i][1], class_names[i][2]);
        cells[METHOD_COLOUR] = value_int(i + 1);
    }
    put_rows(r, "classes", b);
    for (int l = 0; l < m->n; l++) {
        Value *cells = add_row(b, CALC_LEVELS + 1);
        cells[0] = value_int(l + 1);
        for (int i = 0; i < m->n; i++)
            cells[i + 1] = value_int(m->matrix[l * (m->n + 1) + i] - '0');
    }
    put_rows(r, "matrix", b);
    for (int d = 0; d < 4; d++) {
        Value *cells = add_row(b, 5);
        cells[0] = rcsa_text_value(effects[d]);
        for (int o = 0; o < 4; o++) cells[o + 1] = rcsa_text_value(effects[d > o ? d : o]);
    }
    put_rows(r, "control_matrix", b);
    for (int k = 0; k < m->n_classes; k++) {
        Value *cells = add_row(b, 5);
        cells[0] = value_int(k + 1);
        for (int e = 0; e < 4; e++) cells[e + 1] = value_int(residuals[k][e]);
    }
    put_rows(r, "residual_matrix", b);
}

static void put_effects(Record *r, RowsBuilder *b) {
    for (int e = 0; e < 4; e++) {
        Value *cells = add_row(b, METHOD_PERCENT + 1);
        cells[0] = rcsa_text_value(effects[e]);
        cells[METHOD_STEPS_LIKELIHOOD] = cells[METHOD_STEPS_IMPACT] = value_int(steps[e]);
        cells[METHOD_REDUCTION] = value_int(reductions[e]);
        cells[METHOD_PERCENT] = value_int(percents[e]);
    }
    put_rows(r, "effects", b);
    for (size_t k = 0; k < LENGTH(rules); k++) {
        Value *cells = add_row(b, METHOD_RULE_AMOUNT + 1);
        cells[METHOD_RULE] = rcsa_text_value(rules[k].rule);
        cells[METHOD_RULE_ON] = value_int(1);
        if (rules[k].count) cells[METHOD_RULE_COUNT] = value_int(rules[k].count);
        if (rules[k].amount) cells[METHOD_RULE_AMOUNT] = value_money(rules[k].amount, S("MAD"));
    }
    put_rows(r, "rules", b);
}

static Err seed_method(Ctx *c, const MethodRow *m) {
    RowsBuilder *b = NEW(c->arena, RowsBuilder);
    Record *r = record_new(c, model_need(c->model, "rcsa_method")), *moved;
    Input in = {0};
    b->c = c;
    record_set(r, "code", rcsa_text_value(m->code));
    record_set(r, "name_fr", rcsa_text_value(m->fr));
    record_set(r, "name_en", rcsa_text_value(m->en));
    record_set(r, "name_ar", rcsa_text_value(m->ar));
    record_set(r, "residual_rule", rcsa_text_value(m->residual_rule));
    put_levels(r, b, "likelihood_levels", m->likelihood, m->n, false);
    put_levels(r, b, "impact_levels", m->impact, m->n, true);
    put_dimensions(r, b, m);
    put_matrices(r, b, m);
    put_effects(r, b);
    TRY(record_save(&r, c, r, "seed"));
    TRY(record_move(&moved, c, r, "try", &in));
    return record_move(&r, c, moved, "publish", &in);
}

Err rcsa_seed_methods(Ctx *c) {
    Records found;
    const Type *t = model_need(c->model, "rcsa_method");
    for (size_t i = 0; i < LENGTH(methods); i++) {
        TRY(record_where(&found, c, t, "code", rcsa_text_value(methods[i].code), 1));
        if (!found.n) TRY(seed_method(c, &methods[i]));
    }
    return OK;
}

/* ---- settings ---- */

typedef struct SettingRow {
    const char *code, *fr, *en, *ar, *value;
    int64_t amount; /* minor units of MAD; 0: none */
} SettingRow;
/* clang-format off */
static const SettingRow settings[] = {
    {"rcsa_method", "Méthode de cotation par défaut", "Default method of rating", "منهجية التقييم الافتراضية", "BANK5", 0},
    {"rcsa_trigger_loss", "Perte qui déclenche une nouvelle évaluation", "Loss that triggers a new assessment", "خسارة تستدعي تقييما جديدا", NULL, 50000000},
    {"rcsa_trigger_near_misses", "Quasi-incidents en douze mois qui la déclenchent", "Near misses of twelve months that trigger it", "حوادث وشيكة خلال اثني عشر شهرا تستدعيه", "2", 0},
    {"rcsa_max_age_days", "Jours après lesquels une évaluation est trop ancienne", "Days after which an assessment is too old", "عدد الأيام التي يتقادم بعدها التقييم", "730", 0},
    {"rcsa_acceptance_days", "Durée maximale d'une acceptation de risque, en jours", "Longest acceptance of a risk, in days", "أقصى مدة لقبول خطر، بالأيام", "365", 0},
    {0}
};
/* clang-format on */

Err rcsa_seed_settings(Ctx *c) {
    const Type *t = model_need(c->model, "setting");
    for (const SettingRow *row = settings; row->code; row++) {
        Record *r = record_new(c, t), *saved;
        int64_t id;
        TRY(rcsa_find(&id, c, "setting", row->code));
        if (id) continue;
        record_set(r, "code", rcsa_text_value(row->code));
        record_set(r, "name_fr", rcsa_text_value(row->fr));
        record_set(r, "name_en", rcsa_text_value(row->en));
        record_set(r, "name_ar", rcsa_text_value(row->ar));
        if (row->value) record_set(r, "value", rcsa_text_value(row->value));
        if (row->amount) record_set(r, "amount", value_money(row->amount, S("MAD")));
        record_set(r, "source",
                   rcsa_text_value("Décision de la banque ; valeur proposée à l'installation"));
        TRY(record_save(&saved, c, r, "create"));
    }
    return OK;
}
