/* organisation_demo_structure.c: products, sites, systems and accounts of the demonstration bank,
 * and which processes they belong to. Data, and how it is put in. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

/* Products, sites, systems and accounts: a row of the usual columns. */
typedef struct StructureRow {
    const char *type, *code, *fr, *en, *ar, *kind, *unit;
    const char *about; /* product: business line; site: city; system: provider; account: use */
} StructureRow;
typedef struct ProcessLink {
    const char *process, *field, *codes; /* codes: separated by commas */
} ProcessLink;

/* clang-format off */
static const StructureRow demo_structure[] = {
    {"product", "CPT-CHQ", "Compte chèque", "Current account", "الحساب الجاري", NULL, "RES", "BL3"},
    {"product", "CPT-EPA", "Compte sur carnet", "Savings account", "حساب على الدفتر", NULL, "RES", "BL3"},
    {"product", "CPT-MRE", "Compte des Marocains résidant à l'étranger", "Account of Moroccans abroad", "حساب مغاربة العالم", NULL, "TDI", "BL3"},
    {"product", "CRD-CONSO", "Crédit à la consommation", "Consumer loan", "قرض استهلاكي", NULL, "RES", "BL3"},
    {"product", "CRD-IMMO", "Crédit immobilier", "Mortgage loan", "قرض سكني", NULL, "RES", "BL3"},
    {"product", "MOURABAHA", "Mourabaha", "Murabaha", "المرابحة", NULL, "ATT", "BL3"},
    {"product", "ESCOMPTE", "Escompte commercial", "Discounting of bills", "الخصم التجاري", NULL, "ENT", "BL4"},
    {"product", "CREDOC", "Crédit documentaire", "Documentary credit", "الاعتماد المستندي", NULL, "OPS-ETR", "BL4"},
    {"product", "LEASING", "Crédit-bail", "Leasing", "الائتمان الإيجاري", NULL, "F-BTL", "BL4"},
    {"product", "OPCVM", "OPCVM", "Investment funds", "هيئات التوظيف الجماعي للقيم المنقولة", NULL, "F-BTA", "BL7"},
    {"product", "ASS-EMP", "Assurance emprunteur", "Borrower's insurance", "تأمين المقترض", NULL, "RES", "BL3"},
    {"product", "CARTE", "Carte bancaire", "Bank card", "البطاقة البنكية", NULL, "SI-MON", "BL3"},
    {"product", "M-WALLET", "Portefeuille mobile", "Mobile wallet", "المحفظة الإلكترونية", NULL, "F-BTP", "BL5"},
    {"site", "CAS-SIEGE", "Siège, Casablanca", "Head office, Casablanca", "المقر الرئيسي، الدار البيضاء", "head_office", "LOG", "Casablanca"},
    {"site", "CAS-DC", "Centre de données, Nouaceur", "Data centre, Nouaceur", "مركز البيانات، النواصر", "data_centre", "SI-PRO", "Nouaceur"},
    {"site", "RBT-REPLI", "Site de repli, Rabat", "Back-up site, Rabat", "موقع الطوارئ، الرباط", "backup", "LOG", "Rabat"},
    {"site", "BRC-ARCH", "Archives, Berrechid", "Archive, Berrechid", "الأرشيف، برشيد", "archive", "LOG", "Berrechid"},
    {"system", "CBS", "Core banking", "Core banking", "النظام البنكي المركزي", "application", "SI-PRO", NULL},
    {"system", "MONETIQUE", "Plateforme monétique", "Card platform", "منصة الأداء الإلكتروني", "application", "SI-MON", "Monétix"},
    {"system", "TINMEL-NET", "Tinmel en ligne", "Tinmel Online", "تينمل على الإنترنت", "application", "TDI", NULL},
    {"system", "TINMEL-MOB", "Tinmel Mobile", "Tinmel Mobile", "تينمل موبايل", "application", "TDI", NULL},
    {"system", "SWIFT", "SWIFT", "SWIFT", "سويفت", "service", "OPS-VIR", "SWIFT"},
    {"system", "SRBM", "Règlement brut du Maroc (SRBM)", "Gross settlement of Morocco (SRBM)", "نظام التسوية الإجمالية بالمغرب", "service", "OPS-VIR", "Bank Al-Maghrib"},
    {"system", "SIMT", "Télécompensation (SIMT)", "Interbank clearing (SIMT)", "نظام المقاصة الإلكترونية", "service", "OPS-CHQ", "GSIMT"},
    {"system", "CREDIT", "Chaîne de crédit", "Loan processing", "سلسلة القروض", "application", "OPS-CRD", NULL},
    {"system", "M365", "Microsoft 365", "Microsoft 365", "مايكروسوفت 365", "service", "SI-PRO", "Microsoft"},
    {"gl_account", "6711", "Pertes opérationnelles", "Operational losses", "خسائر تشغيلية", "expense", NULL, "loss"},
    {"gl_account", "6761", "Dotations aux provisions pour risques", "Charges to provisions for risks", "مخصصات المخاطر", "expense", NULL, "provision"},
    {"gl_account", "7711", "Récupérations sur pertes", "Recoveries on losses", "استردادات على الخسائر", "income", NULL, "recovery"},
    {"gl_account", "3491", "Débiteurs divers en attente", "Suspense debtors", "مدينون مختلفون في الانتظار", "asset", NULL, "suspense"},
    {0}
};

static const ProcessLink demo_process_links[] = {
    {"P01", "used_systems", "CBS"}, {"P02", "used_systems", "CBS"}, {"P02", "products", "CPT-CHQ,CPT-EPA,CPT-MRE"},
    {"P03", "used_systems", "CBS,SIMT"}, {"P03", "products", "CPT-CHQ"}, {"P04", "used_systems", "CBS,SRBM,SWIFT"},
    {"P04", "products", "CPT-CHQ,CPT-MRE"}, {"P05", "used_systems", "MONETIQUE"}, {"P05", "products", "CARTE"},
    {"P06", "used_systems", "TINMEL-NET,TINMEL-MOB"}, {"P06", "products", "M-WALLET,CPT-MRE"}, {"P07", "used_systems", "CREDIT"},
    {"P07", "products", "CRD-CONSO,CRD-IMMO,MOURABAHA"}, {"P08", "used_systems", "CREDIT"}, {"P08", "products", "ESCOMPTE"},
    {"P10", "used_systems", "SWIFT"}, {"P10", "products", "CREDOC"}, {"P12", "used_systems", "SWIFT"}, {"P13", "products", "OPCVM"},
    {"P14", "products", "ASS-EMP"}, {"P21", "used_systems", "CBS,M365"},
    {0}
};
/* clang-format on */

/* The field of each type that a row's last column fills. */
static const char *about_field(const char *type) {
    if (strcmp(type, "product") == 0) return "business_line";
    if (strcmp(type, "site") == 0) return "city";
    return strcmp(type, "system") == 0 ? "provider" : "used_for";
}

static void set_text(Ctx *c, Record *r, const char *field, const char *text) {
    bool ok;
    if (!text) return;
    Value v = field_from_text(c, type_need(r->type, field), str_of(text), &ok);
    CHECK(ok, "a demonstration row names what is not there");
    record_set(r, field, v);
}

Err organisation_demo_structure(Ctx *c, OrgSave save, void *demo) {
    for (size_t i = 0; demo_structure[i].code; i++) {
        const StructureRow *row = &demo_structure[i];
        int64_t id;
        Record *r = record_new(c, model_need(c->model, row->type));
        set_text(c, r, "code", row->code);
        set_text(c, r, "name_fr", row->fr);
        set_text(c, r, "name_en", row->en);
        set_text(c, r, "name_ar", row->ar);
        set_text(c, r, "kind", row->kind);
        set_text(c, r, "in_unit", row->unit);
        set_text(c, r, about_field(row->type), row->about);
        if (strcmp(row->type, "site") == 0) set_text(c, r, "country", "MA");
        TRY(save(&id, demo, r, "create"));
    }
    return OK;
}

void organisation_demo_links(Ctx *c, Record *process) {
    for (const ProcessLink *l = demo_process_links; l->process; l++)
        if (str_is(record_text(process, "code"), l->process))
            set_text(c, process, l->field, l->codes);
}

/* The branch in Paris serves private clients and companies alike. */
Err organisation_demo_lines(Ctx *c, Record *unit) {
    static const struct {
        const char *line;
        int64_t share;
    } parts[] = {{"BL3", 6500}, {"BL4", 3500}};
    if (!str_is(record_text(unit, "code"), "F-BTE")) return OK;
    Value *rows = NEW_N(c->arena, Value, LENGTH(parts));
    for (size_t i = 0; i < LENGTH(parts); i++) {
        int64_t line;
        Value *cells = NEW_N(c->arena, Value, 2);
        TRY(ref_find(&line, c, model_need(c->model, "taxon"), str_of(parts[i].line)));
        cells[0] = value_int(line);
        cells[1] = value_int(parts[i].share);
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = 2};
    }
    record_set(unit, "business_lines", (Value){.kind = V_ROWS, .list = rows, .n = LENGTH(parts)});
    return OK;
}
