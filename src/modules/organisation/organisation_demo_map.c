/* organisation_demo_map.c: two external taxonomies of the demonstration bank, written for it (they
 * are no authority's and no consortium's text), and the versions of their maps: shares, a code with
 * lines of its own below a code that has some, codes that no version maps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

/* clang-format off */
static const TaxonRow nodes[] = {
    {"SUP", NULL, "Référentiel du superviseur (démonstration)", "Supervisor's taxonomy (demonstration)", "تصنيف الجهة الرقابية (نموذج للعرض)", 0},
    {"SUP-1", "SUP", "Fraude et actes malveillants", "Fraud and malicious acts", "الاحتيال والأفعال الكيدية", 0},
    {"SUP-1.1", "SUP-1", "Fraude commise par le personnel", "Fraud by staff", "احتيال من المستخدمين", 0},
    {"SUP-1.2", "SUP-1", "Fraude aux moyens de paiement", "Payment fraud", "الاحتيال على وسائل الأداء", 0},
    {"SUP-1.3", "SUP-1", "Vol et agression", "Theft and assault", "السرقة والاعتداء", 0},
    {"SUP-2", "SUP", "Technologie et données", "Technology and data", "التكنولوجيا والمعطيات", 0},
    {"SUP-2.1", "SUP-2", "Attaque informatique", "Cyber attack", "الهجمات السيبرانية", 0},
    {"SUP-2.2", "SUP-2", "Panne et indisponibilité", "Failure and unavailability", "الأعطاب وعدم التوافر", 0},
    {"SUP-3", "SUP", "Conduite", "Conduct", "السلوك المهني", 0},
    {"SUP-3.1", "SUP-3", "Information et conseil au client", "Information and advice to clients", "إعلام الزبون وإرشاده", 0},
    {"SUP-3.2", "SUP-3", "Intégrité des marchés, blanchiment, sanctions", "Market integrity, money laundering, sanctions", "نزاهة الأسواق وغسل الأموال والعقوبات", 0},
    {"SUP-4", "SUP", "Personnel", "Staff", "المستخدمون", 0},
    {"SUP-5", "SUP", "Exécution des opérations", "Execution of operations", "تنفيذ العمليات", 0},
    {"SUP-5.1", "SUP-5", "Saisie et règlement", "Capture and settlement", "إدخال العمليات وتسويتها", 0},
    {"SUP-5.2", "SUP-5", "Comptabilité et déclarations", "Accounting and reporting", "المحاسبة والتصريحات", 0},
    {"SUP-5.3", "SUP-5", "Dossiers clients et sûretés", "Client files and collateral", "ملفات الزبناء والضمانات", 0},
    {"SUP-5.4", "SUP-5", "Tiers et prestataires", "Third parties", "الأطراف الخارجية والمزودون", 0},
    {"SUP-6", "SUP", "Locaux et catastrophes", "Premises and disasters", "المقرات والكوارث", 0},
    {"GRP", NULL, "Référentiel du groupe (démonstration)", "Group taxonomy (demonstration)", "تصنيف المجموعة (نموذج للعرض)", 0},
    {"GRP-A", "GRP", "Fraude et conduite", "Fraud and conduct", "الاحتيال والسلوك", 0},
    {"GRP-B", "GRP", "Opérations et tiers", "Operations and third parties", "العمليات والأطراف الخارجية", 0},
    {"GRP-C", "GRP", "Technologie", "Technology", "التكنولوجيا", 0},
    {"GRP-D", "GRP", "Personnes, locaux, juridique", "People, premises, legal", "الأشخاص والمقرات والشؤون القانونية", 0},
    {0}
};
#define OURS "Arborescence écrite pour la démonstration : elle n'est le texte d'aucune autorité ni d'aucun consortium."

typedef struct Line {
    const char *source, *target;
    int share; /* per cent */
} Line;
#define BOTH_VERSIONS \
    {"ET1.1", "SUP-1.1", 100}, {"ET1.2", "SUP-1.1", 100}, {"ET2.1", "SUP-1.2", 60}, {"ET2.1", "SUP-1.3", 40}, {"ET2.1.1", "SUP-1.3", 100}, \
    {"ET2.2", "SUP-2.1", 100}, {"ET3.1", "SUP-4", 100}, {"ET3.2", "SUP-4", 100}, {"ET4.1", "SUP-3.1", 100}, {"ET4.2", "SUP-3.2", 100}, \
    {"ET4.3", "SUP-3.1", 100}, {"ET4.4", "SUP-3.1", 100}, {"ET4.5", "SUP-3.1", 100}, {"ET5.1", "SUP-6", 100}, {"ET6.1", "SUP-2.2", 100}, \
    {"ET7.2", "SUP-5.2", 100}, {"ET7.3", "SUP-5.3", 100}, {"ET7.4", "SUP-5.3", 100}, {"ET7.5", "SUP-5.4", 100}
static const Line first[] = {BOTH_VERSIONS, {"ET7.1", "SUP-5.1", 100}, {0}};
static const Line second[] = {BOTH_VERSIONS, {"ET7.1", "SUP-5.1", 85}, {"ET7.1", "SUP-5.3", 15}, {0}};
static const Line group[] = {
    {"RC1", "GRP-A", 100}, {"RC2", "GRP-A", 100}, {"RC3", "GRP-D", 100}, {"RC4", "GRP-A", 100}, {"RC5", "GRP-D", 100}, {"RC6", "GRP-C", 100},
    {"RC7", "GRP-B", 100}, {"RC8", "GRP-B", 70}, {"RC8", "GRP-C", 30}, {"RC9", "GRP-D", 100}, {0}
};
/* clang-format on */

typedef struct DemoMap {
    const char *taxonomy, *source_list, *fr, *en, *ar;
    Str code, valid_from;
} DemoMap;

static Err id_of(int64_t *out, Ctx *c, const char *code) {
    *out = 0;
    return code ? ref_find(out, c, model_need(c->model, "taxon"), str_of(code)) : OK;
}

static void set_names(Record *r, const char *fr, const char *en, const char *ar) {
    record_set(r, "name_fr", value_text(str_of(fr)));
    record_set(r, "name_en", value_text(str_of(en)));
    record_set(r, "name_ar", value_text(str_of(ar)));
}

static Err make_nodes(Ctx *c, OrgSave save, void *state) {
    for (int64_t i = 0; nodes[i].code; i++) {
        const TaxonRow *row = &nodes[i];
        int64_t id, parent;
        Record *r = record_new(c, model_need(c->model, "taxon"));
        TRY(id_of(&parent, c, row->parent));
        record_set(r, "kind", value_text(S("external")));
        record_set(r, "code", value_text(str_of(row->code)));
        set_names(r, row->fr, row->en, row->ar);
        record_set(r, "position", value_int((i + 1) * 10));
        if (parent)
            record_set(r, "parent", value_int(parent));
        else
            record_set(r, "definition", value_text(S(OURS)));
        TRY(save(&id, state, r, "create"));
    }
    return OK;
}

static Err make_version(Ctx *c, OrgSave save, void *state, const DemoMap *map, const Line *lines) {
    int64_t id, taxonomy, line;
    Record *draft, *r = record_new(c, model_need(c->model, "taxonomy_map"));
    TRY(id_of(&taxonomy, c, map->taxonomy));
    record_set(r, "code", value_text(map->code));
    set_names(r, map->fr, map->en, map->ar);
    record_set(r, "taxonomy", value_int(taxonomy));
    record_set(r, "source_list", value_text(str_of(map->source_list)));
    record_set(r, "valid_from", value_text(map->valid_from));
    TRY(save(&id, state, r, "create"));
    for (size_t i = 0; lines[i].source; i++) {
        int64_t source, target;
        Record *x = record_new(c, model_need(c->model, "taxonomy_map_line"));
        TRY(id_of(&source, c, lines[i].source));
        TRY(id_of(&target, c, lines[i].target));
        record_set(x, "map", value_int(id));
        record_set(x, "source", value_int(source));
        record_set(x, "target", value_int(target));
        record_set(x, "share", value_int(lines[i].share * 100));
        TRY(save(&line, state, x, "create"));
    }
    TRY(record_load_raw(&draft, c, r->type, id));
    r = record_clone(c, draft);
    r->state = type_state(r->type, S("published"));
    return save(&id, state, r, "publish");
}

Err organisation_demo_maps(Ctx *c, OrgSave save, void *state, int year) {
    DemoMap map = {.taxonomy = "SUP",
                   .source_list = "event_type",
                   .code = S("SUP-2016.1"),
                   .fr = "Types d'événement vers le référentiel du superviseur (démonstration)",
                   .en = "Event types to the supervisor's taxonomy (demonstration)",
                   .ar = "من أنواع الأحداث إلى تصنيف الجهة الرقابية (نموذج للعرض)",
                   .valid_from = S("2016-01-01")};
    TRY(make_nodes(c, save, state));
    TRY(make_version(c, save, state, &map, first));
    map.code = str_fmt(c->arena, "SUP-%d.1", year);
    map.valid_from = str_fmt(c->arena, "%d-01-01", year);
    TRY(make_version(c, save, state, &map, second));
    map = (DemoMap){.taxonomy = "GRP",
                    .source_list = "risk_category",
                    .code = S("GRP-2016.1"),
                    .fr = "Catégories de risque vers le référentiel du groupe (démonstration)",
                    .en = "Risk categories to the group taxonomy (demonstration)",
                    .ar = "من فئات المخاطر إلى تصنيف المجموعة (نموذج للعرض)",
                    .valid_from = S("2016-01-01")};
    return make_version(c, save, state, &map, group);
}
