/* preview.c: sample pages of every block kind as files, to be looked at in a browser while the style or a
 * template is being changed. Usage: preview FOLDER LANG THEME; see tests/preview/README.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "web/render.h"

#include <stdio.h>
#include <stdlib.h>

static Lang lang;
static Arena *a;
static const int64_t NOW = 1795428000000000; /* 23 November 2026 */

/* The words of the sample, as a bank would have typed them. */
static Str w(const char *en, const char *fr, const char *ar) {
    return str_of(lang == LANG_FR ? fr : lang == LANG_AR ? ar : en);
}

static Cell mad(int64_t minor) {
    Money m = {minor, "MAD"};
    return cell_money(m);
}

static Cell person(const char *key, const char *latin, const char *arabic) {
    return (Cell){.kind = CELL_PERSON, .key = str_of(key), .text = str_of(lang == LANG_AR ? arabic : latin)};
}

static Cell state(int i) {
    switch (i % 5) {
    case 0: return cell_state(S("draft"), w("Draft", "Brouillon", "مسودة"), TONE_MUTED);
    case 1: return cell_state(S("review"), w("In review", "En revue", "قيد المراجعة"), TONE_INFO);
    case 2: return cell_state(S("open"), w("Validated", "Validé", "مصادق عليه"), TONE_GOOD);
    case 3: return cell_state(S("late"), w("To complete", "À compléter", "يحتاج إلى استكمال"), TONE_WARN);
    default: return cell_state(S("rejected"), w("Rejected", "Rejeté", "مرفوض"), TONE_BAD);
    }
}

static Str title(int i) {
    switch (i % 6) {
    case 0: return w("Transfer sent twice to the same supplier", "Virement émis deux fois au même fournisseur", "تحويل مكرر لنفس المورد");
    case 1: return w("Cash difference at the Fès Médina desk", "Écart de caisse au guichet de Fès Médina", "فرق في صندوق وكالة فاس المدينة");
    case 2: return w("Card payments down for two hours", "Paiements par carte interrompus pendant deux heures", "توقف الأداء بالبطاقة لمدة ساعتين");
    case 3: return w("Forged cheque cashed at Rabat Agdal", "Chèque falsifié encaissé à Rabat Agdal", "صرف شيك مزور بوكالة الرباط أكدال");
    case 4: return w("Customer file lost during the move of the archive", "Dossier client égaré lors du déménagement des archives", "ضياع ملف زبون أثناء نقل الأرشيف");
    default: return w("Late report to the central bank", "Déclaration tardive à Bank Al-Maghrib", "تأخر التصريح لدى بنك المغرب");
    }
}

static Str unit(int i) {
    switch (i % 3) {
    case 0: return w("Fès Médina", "Fès Médina", "فاس المدينة");
    case 1: return w("Rabat Agdal", "Rabat Agdal", "الرباط أكدال");
    default: return w("Treasury", "Trésorerie", "الخزينة");
    }
}

static Block *list_block(bool is_plain, int n_rows) {
    static Column columns[7];
    Block *b = view_block(a, BLOCK_LIST);
    columns[0] = (Column){.name = "number", .label = w("Number", "Numéro", "الرقم"), .kind = CELL_CODE};
    columns[1] = (Column){.name = "title", .label = w("Title", "Intitulé", "العنوان"), .kind = CELL_TEXT, .is_main = true, .sort_href = S("?sort=title")};
    columns[2] = (Column){.name = "state", .label = w("State", "État", "الحالة"), .kind = CELL_STATE};
    columns[3] = (Column){.name = "unit", .label = w("Unit", "Entité", "الوحدة"), .kind = CELL_REF};
    columns[4] = (Column){.name = "discovered_on", .label = w("Discovered", "Découvert le", "تاريخ الاكتشاف"), .kind = CELL_DATE, .sorted = -1, .sort_href = S("?sort=discovered_on")};
    columns[5] = (Column){.name = "owner", .label = w("Owner", "Responsable", "المسؤول"), .kind = CELL_PERSON};
    columns[6] = (Column){.name = "gross", .label = w("Gross loss", "Perte brute", "الخسارة الإجمالية"), .kind = CELL_MONEY, .sort_href = S("?sort=gross")};
    Row *rows = NEW_N(a, Row, (size_t)n_rows + 1);
    for (int i = 0; i < n_rows; i++) {
        Cell *c = NEW_N(a, Cell, 7);
        Str number = str_fmt(a, "INC-2026-%05d", 1042 - i);
        c[0] = cell_code(number);
        c[1] = cell_text(title(i));
        c[2] = state(i + 1);
        c[3] = cell_ref(S(""), unit(i), S("/units/1"));
        c[4] = cell_date(date_text(a, date_to_days(2026, 11, 21) - i * 3));
        c[5] = i % 4 == 3 ? (Cell){0} : i % 2 ? person("y@b", "Youssef Idrissi", "يوسف الإدريسي") : person("s@b", "Salma Bennani", "سلمى بناني");
        c[6] = i % 5 == 4 ? (Cell){.kind = CELL_MONEY, .is_masked = true} : mad((int64_t)(i + 1) * (i + 3) * 1234567 * (i % 4 == 1 ? -1 : 1));
        rows[i] = (Row){.id = number, .href = str_fmt(a, "/incidents/%.*s", FMT(number)), .cells = c, .tone = i == 1 ? TONE_BAD : TONE_NONE};
    }
    b->list = (ListView){.columns = columns, .n_columns = 7, .rows = rows_of_array(a, rows, (size_t)n_rows), .total = is_plain ? n_rows : 10000, .is_plain = is_plain, .action = S("/incidents"),
                         .empty_title = w("No incident yet", "Aucun incident pour le moment", "لا توجد حوادث بعد"), .empty_text = w("What went wrong appears here once it is declared.", "Ce qui s’est mal passé apparaît ici dès la déclaration.", "ما يقع من حوادث يظهر هنا بعد التصريح به."),
                         .empty_button = {.label = w("Declare an incident", "Déclarer un incident", "التصريح بحادث"), .href = S("/declare"), .is_primary = true, .icon = "plus"}};
    if (is_plain) return b;
    static Filter filters[3];
    static FilterOption options[3], yes[1];
    options[0] = (FilterOption){S("a"), w("Network", "Réseau", "الشبكة"), 0, false};
    options[1] = (FilterOption){S("b"), w("Region North", "Région Nord", "الجهة الشمالية"), 1, false};
    options[2] = (FilterOption){S("c"), unit(0), 2, true};
    yes[0] = (FilterOption){S("1"), w("Open ones only", "Ouverts seulement", "المفتوحة فقط"), 0, true};
    filters[0] = (Filter){.name = S("unit"), .label = w("Unit", "Entité", "الوحدة"), .kind = FILTER_TREE, .is_tree = true, .options = options, .n_options = 3};
    filters[1] = (Filter){.name = S("discovered_on"), .label = w("Discovered", "Découvert", "تاريخ الاكتشاف"), .kind = FILTER_DATE, .is_range = true, .is_active = true, .value = S("2026-01-01"), .value_to = S("2026-12-31"), .sentence = w("Discovered between 01/01/2026 and 31/12/2026", "Découvert entre le 01/01/2026 et le 31/12/2026", "اكتشف بين 01/01/2026 و 31/12/2026"), .clear_href = S("?x=1")};
    filters[2] = (Filter){.name = S("state.open"), .label = w("Still open", "Encore ouvert", "ما زال مفتوحا"), .kind = FILTER_CHOICE, .is_active = true, .sentence = yes[0].label, .options = yes, .n_options = 1, .clear_href = S("?y=1")};
    static Tab tabs[3];
    tabs[0] = (Tab){w("All", "Tous", "الكل"), S("/incidents"), -1, true};
    tabs[1] = (Tab){w("To review", "À revoir", "للمراجعة"), S("?view=1"), 12, false};
    tabs[2] = (Tab){w("My unit", "Mon entité", "وحدتي"), S("?view=2"), 348, false};
    static Button bulk[2];
    bulk[0] = (Button){.label = w("Send for review", "Envoyer en revue", "إرسال للمراجعة"), .href = S("/incidents/bulk"), .is_post = true, .icon = "send", .name = S("move"), .value = S("submit")};
    bulk[1] = (Button){.label = w("Reject", "Rejeter", "رفض"), .href = S("/incidents/bulk"), .is_post = true, .is_danger = true, .name = S("move"), .value = S("reject")};
    b->list.filters = filters; b->list.n_filters = 3;
    b->list.tabs = tabs; b->list.n_tabs = 3;
    b->list.bulk = bulk; b->list.n_bulk = 2;
    b->list.sum = mad(4512345678); b->list.sum_label = w("Gross loss", "Perte brute", "الخسارة الإجمالية");
    b->list.next_href = S("?after=abc"); b->list.first_href = S("/incidents"); b->list.export_query = S("?state.open=1&sort=-discovered_on"); b->list.columns_href = S("/incidents/columns");
    return b;
}

static Page *page_new(Str page_title) {
    Page *p = NEW(a, Page);
    Crumb *trail = NEW_N(a, Crumb, 2);
    trail[0] = (Crumb){w("Incidents", "Incidents", "الحوادث"), S("/incidents")};
    trail[1] = (Crumb){page_title, S("")};
    p->title = page_title;
    p->trail = trail;
    p->n_trail = 2;
    return p;
}

static Page *list_page(int n) {
    Page *p = page_new(w("Incidents and losses", "Incidents et pertes", "الحوادث والخسائر"));
    p->body = p->main = list_block(false, n);
    static Button buttons[1];
    buttons[0] = (Button){.label = w("New incident", "Nouvel incident", "حادث جديد"), .href = S("/incidents/new"), .is_primary = true, .icon = "plus"};
    p->buttons = buttons;
    p->n_buttons = 1;
    return p;
}

static Block *headline(void) {
    Block *b = view_block(a, BLOCK_FACTS);
    Fact *f = NEW_N(a, Fact, 5);
    Cell gross = mad(123456789);
    gross.note = w("of which 40% provisioned", "dont 40 % provisionnés", "منها 40٪ مخصصة");
    f[0] = (Fact){.name = "gross", .label = w("Gross loss", "Perte brute", "الخسارة الإجمالية"), .cell = gross};
    f[1] = (Fact){.name = "recovered", .label = w("Recovered", "Récupéré", "المسترجع"), .cell = mad(-4500000)};
    f[2] = (Fact){.name = "net", .label = w("Net loss", "Perte nette", "الخسارة الصافية"), .cell = mad(118956789)};
    f[3] = (Fact){.name = "days", .label = w("Days to declare", "Délai de déclaration (jours)", "أجل التصريح (أيام)"), .cell = cell_int(3)};
    f[4] = (Fact){.name = "discovered_on", .label = w("Discovered", "Découvert le", "تاريخ الاكتشاف"), .cell = cell_date(S("2026-11-18"))};
    b->facts = (FactsView){f, 5, true};
    return b;
}

static Block *facts(void) {
    Block *b = view_block(a, BLOCK_FACTS);
    Fact *f = NEW_N(a, Fact, 8);
    Cell *more = NEW_N(a, Cell, 2);
    more[0] = cell_label(S("human"), w("Human error", "Erreur humaine", "خطأ بشري"));
    more[1] = cell_label(S("system"), w("System", "Système", "نظام معلوماتي"));
    f[0] = (Fact){.label = w("Event type", "Type d’événement", "نوع الحدث"), .cell = cell_ref(S("EL7.1"), w("Transaction capture, execution and maintenance", "Saisie, exécution et suivi des transactions", "إدخال المعاملات وتنفيذها وتتبعها"), S("/taxons/1"))};
    f[1] = (Fact){.label = w("Business line", "Ligne de métier", "خط العمل"), .cell = cell_label(S("pay"), w("Payment and settlement", "Paiement et règlement", "الأداء والتسوية"))};
    f[2] = (Fact){.label = w("Causes", "Causes", "الأسباب"), .cell = {.kind = CELL_LIST, .more = more, .n_more = 2}};
    f[3] = (Fact){.label = w("Restricted", "Confidentiel", "سري"), .cell = cell_bool(false)};
    f[4] = (Fact){.label = w("Probability of recovery", "Probabilité de récupération", "احتمال الاسترجاع"), .cell = cell_percent(625, 1)};
    f[5] = (Fact){.label = w("Insurer", "Assureur", "شركة التأمين"), .cell = {0}};
    f[6] = (Fact){.label = w("Customer", "Client", "الزبون"), .cell = {.kind = CELL_TEXT, .is_masked = true}};
    f[7] = (Fact){.label = w("What happened", "Ce qui s’est passé", "ما الذي وقع"), .cell = {.kind = CELL_MARKDOWN, .text = w("The batch of 14:00 was **sent twice** after a time-out.\n\n- 37 payments of 3,336.67 MAD\n- 33 came back the same day", "Le lot de 14 h a été **envoyé deux fois** après un délai dépassé.\n\n- 37 paiements de 3 336,67 MAD\n- 33 sont revenus le jour même", "أرسلت دفعة الساعة 14:00 **مرتين** بعد انقضاء المهلة.\n\n- 37 أداء بمبلغ 3.336,67 درهم\n- استرجع 33 منها في نفس اليوم")}};
    b->facts = (FactsView){f, 8, false};
    return b;
}

static Block *ledger(void) {
    Block *b = view_block(a, BLOCK_LEDGER);
    static Column columns[5];
    columns[0] = (Column){.name = "on", .label = w("Booked", "Comptabilisé", "تاريخ القيد"), .kind = CELL_DATE};
    columns[1] = (Column){.name = "kind", .label = w("Entry", "Écriture", "القيد"), .kind = CELL_LABEL, .is_main = true};
    columns[2] = (Column){.name = "state", .label = w("State", "État", "الحالة"), .kind = CELL_STATE};
    columns[3] = (Column){.name = "amount", .label = w("Amount", "Montant", "المبلغ"), .kind = CELL_MONEY};
    columns[4] = (Column){.name = "net", .label = w("Net so far", "Net cumulé", "الصافي التراكمي"), .kind = CELL_MONEY};
    Row *rows = NEW_N(a, Row, 3);
    static const int64_t amounts[] = {123456789, -4000000, -500000};
    int64_t net = 0;
    for (int i = 0; i < 3; i++) {
        Cell *c = NEW_N(a, Cell, 5);
        net += amounts[i];
        c[0] = cell_date(date_text(a, date_to_days(2026, 11, 18) + i * 2));
        c[1] = cell_label(S("x"), i == 0 ? w("Gross loss", "Perte brute", "خسارة إجمالية") : i == 1 ? w("Recovery: supplier", "Récupération : fournisseur", "استرجاع: المورد") : w("Recovery: insurance", "Récupération : assurance", "استرجاع: التأمين"));
        c[2] = state(i == 2 ? 1 : 2);
        c[3] = mad(amounts[i]);
        c[4] = mad(net);
        rows[i] = (Row){.id = S("1"), .href = S("/entries/1"), .cells = c};
    }
    Cell *totals = NEW_N(a, Cell, 5);
    totals[1] = cell_label(S(""), w("Net loss", "Perte nette", "الخسارة الصافية"));
    totals[4] = mad(net);
    b->ledger = (LedgerView){columns, 5, rows, 3, totals, S(""), NULL, 0};
    return b;
}

static Block *timeline(void) {
    Block *b = view_block(a, BLOCK_TIMELINE);
    TimelineItem *t = NEW_N(a, TimelineItem, 3);
    Change *c = NEW_N(a, Change, 2);
    c[0] = (Change){w("Gross loss", "Perte brute", "الخسارة الإجمالية"), "gross", mad(12000000), mad(123456789)};
    c[1] = (Change){w("Unit", "Entité", "الوحدة"), "unit", {0}, cell_text(unit(0))};
    Str salma = person("", "Salma Bennani", "سلمى بناني").text, youssef = person("", "Youssef Idrissi", "يوسف الإدريسي").text;
    t[0] = (TimelineItem){.at_us = NOW - 3600000000, .who = salma, .what = w("raised the estimate", "a relevé l’estimation", "رفعت التقدير"), .text = w("The supplier has confirmed that 33 payments were credited.", "Le fournisseur confirme que 33 paiements ont été crédités.", "أكد المورد استلام 33 أداء."), .changes = c, .n_changes = 2};
    t[1] = (TimelineItem){.at_us = NOW - 90000000000, .who = youssef, .what = w("sent it for review", "l’a envoyé en revue", "أرسله للمراجعة"), .tone = TONE_INFO};
    t[2] = (TimelineItem){.at_us = NOW - 190000000000, .who = youssef, .what = w("declared the incident", "a déclaré l’incident", "صرح بالحادث")};
    b->timeline = (TimelineView){t, 3, S(""), S("/incidents/x/history")};
    return b;
}

static Block *path(void) {
    Block *b = view_block(a, BLOCK_PATH);
    PathStep *s = NEW_N(a, PathStep, 4);
    s[0] = (PathStep){w("Declared", "Déclaré", "مصرح به"), true, false, NOW - 190000000000, person("", "Youssef Idrissi", "يوسف الإدريسي").text};
    s[1] = (PathStep){w("In review", "En revue", "قيد المراجعة"), false, true, NOW - 90000000000, S("")};
    s[2] = (PathStep){w("Validated", "Validé", "مصادق عليه"), false, false, 0, S("")};
    s[3] = (PathStep){w("Closed", "Clos", "مغلق"), false, false, 0, S("")};
    b->path = (PathView){s, 4};
    return b;
}

static Block *section(LayoutKind kind, Str label, Block *item) {
    Block *b = view_layout(a, kind, label);
    view_put(a, b, item);
    return b;
}

static Page *record_page(bool is_print) {
    Page *p = page_new(title(0));
    p->eyebrow = w("Incident INC-2026-01042", "Incident INC-2026-01042", "حادث INC-2026-01042");
    p->state = state(1);
    p->subtitle = w("Treasury, found by the evening check", "Trésorerie, découvert par le contrôle du soir", "الخزينة، اكتشف في مراقبة المساء");
    Button *x = NEW_N(a, Button, 5);
    x[0] = (Button){.label = w("Validate", "Valider", "مصادقة"), .href = S("/incidents/1/do/validate"), .is_primary = true, .asks = true, .icon = "check"};
    x[1] = (Button){.label = w("Edit", "Modifier", "تعديل"), .href = S("/incidents/1/edit"), .icon = "pencil"};
    x[2] = (Button){.label = w("Send back", "Renvoyer", "إرجاع"), .href = S("/incidents/1/do/return"), .asks = true, .icon = "arrow-back-up"};
    x[3] = (Button){.label = w("Close", "Clôturer", "إغلاق"), .href = S("#"), .disabled_why = w("Two actions are still open.", "Deux actions sont encore ouvertes.", "ما زال إجراءان مفتوحين.")};
    x[4] = (Button){.label = w("Reject", "Rejeter", "رفض"), .href = S("/incidents/1/do/reject"), .is_post = true, .is_danger = true, .icon = "trash"};
    p->buttons = x;
    p->n_buttons = 5;
    Block *body = view_layout(a, LAYOUT_STACK, S(""));
    view_put(a, body, view_text(a, TEXT_NOTICE, TONE_WARN, w("To be reported to the central bank.", "À déclarer à Bank Al-Maghrib.", "يجب التصريح به لبنك المغرب."), w("More than 1,000,000 MAD: within 5 working days, by 25 Nov 2026.", "Plus de 1 000 000 MAD : sous 5 jours ouvrés, avant le 25 nov. 2026.", "أكثر من 1.000.000 درهم: خلال 5 أيام عمل، قبل 25 نونبر 2026.")));
    view_put(a, body, headline());
    Block *split = view_layout(a, LAYOUT_SPLIT, S(""));
    Block *content = view_layout(a, LAYOUT_STACK, S(""));
    view_put(a, content, section(LAYOUT_SECTION, w("The event", "L’événement", "الحدث"), facts()));
    Block *money = section(LAYOUT_SECTION, w("Amounts", "Montants", "المبالغ"), ledger());
    Button *add = NEW(a, Button);
    *add = (Button){.label = w("Add an entry", "Ajouter une écriture", "إضافة قيد"), .href = S("/entries/new"), .icon = "plus", .asks = true};
    money->layout.buttons = add;
    money->layout.n_buttons = 1;
    view_put(a, content, money);
    view_put(a, content, section(LAYOUT_SECTION, w("History", "Historique", "السجل"), timeline()));
    view_put(a, split, content);
    Block *side = view_layout(a, LAYOUT_STACK, S(""));
    view_put(a, side, section(LAYOUT_SECTION, w("Steps", "Étapes", "المراحل"), path()));
    Block *people = view_block(a, BLOCK_FACTS);
    Fact *f = NEW_N(a, Fact, 3);
    f[0] = (Fact){.label = w("Owner", "Responsable", "المسؤول"), .cell = person("s", "Salma Bennani", "سلمى بناني")};
    f[1] = (Fact){.label = w("Declared by", "Déclaré par", "صرح به"), .cell = person("y", "Youssef Idrissi", "يوسف الإدريسي")};
    f[2] = (Fact){.label = w("File", "Pièce", "مرفق"), .cell = {.kind = CELL_FILE, .text = S("lot-1400.pdf"), .i = 482133, .href = S("/files/1")}};
    people->facts = (FactsView){f, 3, false};
    view_put(a, side, section(LAYOUT_SECTION, w("People and files", "Personnes et pièces", "الأشخاص والمرفقات"), people));
    view_put(a, split, side);
    view_put(a, body, split);
    p->body = body;
    p->is_print = is_print;
    p->confidentiality = is_print ? w("Confidential", "Confidentiel", "سري") : (Str){0};
    return p;
}

static FormField field(InputKind kind, const char *name, Str label) {
    return (FormField){.name = str_of(name), .label = label, .kind = kind};
}

static const Str *one(Str s) {
    Str *v = NEW(a, Str);
    *v = s;
    return v;
}

static Block *form(bool with_errors) {
    Block *b = view_block(a, BLOCK_FORM);
    FormField *f = NEW_N(a, FormField, 9);
    FilterOption *kinds = NEW_N(a, FilterOption, 3);
    kinds[0] = (FilterOption){S("loss"), w("Loss", "Perte", "خسارة"), 0, false};
    kinds[1] = (FilterOption){S("near"), w("Near miss", "Quasi-incident", "شبه حادث"), 0, false};
    kinds[2] = (FilterOption){S("gain"), w("Gain", "Gain", "ربح"), 0, false};
    f[0] = field(INPUT_TEXT, "title", w("What happened, in one line", "Ce qui s’est passé, en une ligne", "ما الذي وقع، في سطر واحد"));
    f[0].is_required = true; f[0].example = title(0); f[0].values = one(title(0)); f[0].n_values = 1;
    f[1] = field(INPUT_CHOICE, "kind", w("Kind", "Nature", "النوع"));
    f[1].as_cards = true; f[1].options = kinds; f[1].n_options = 3; f[1].is_required = true; f[1].values = one(S("loss")); f[1].n_values = 1;
    f[2] = field(INPUT_DATE, "discovered_on", w("Discovered on", "Découvert le", "تاريخ الاكتشاف"));
    f[2].is_required = true; f[2].values = one(S("2026-11-18")); f[2].n_values = 1;
    f[3] = field(INPUT_MONEY, "gross", w("Estimated gross loss", "Perte brute estimée", "الخسارة الإجمالية المقدرة"));
    f[3].currency = S("MAD"); f[3].values = one(S("1234,5x")); f[3].n_values = 1; f[3].help = w("Before any recovery. An order of magnitude is enough for now.", "Avant toute récupération. Un ordre de grandeur suffit pour l’instant.", "قبل أي استرجاع. يكفي تقدير تقريبي في الوقت الحالي.");
    if (with_errors) { f[3].errors = one(w("Please write an amount such as 1,234.50.", "Écrivez un montant comme 1 234,50.", "اكتب مبلغا مثل 1.234,50.")); f[3].n_errors = 1; }
    f[4] = field(INPUT_REF, "unit", w("Where", "Où", "أين"));
    f[4].lookup_href = S("/lookup/units"); f[4].values = one(S("U-112")); f[4].n_values = 1; f[4].value_label = unit(0);
    f[5] = field(INPUT_LONG, "story", w("What happened and what was done", "Les faits et ce qui a été fait", "الوقائع وما تم القيام به"));
    f[6] = field(INPUT_CHOICES, "causes", w("Causes", "Causes", "الأسباب"));
    f[6].options = kinds; f[6].n_options = 3; f[6].is_optional_part = true;
    f[7] = field(INPUT_FILE, "files", w("Documents", "Pièces", "الوثائق")); f[7].is_optional_part = true;
    f[8] = field(INPUT_BOOL, "restricted", w("Only named persons may see this", "Visible des seules personnes désignées", "يطلع عليه الأشخاص المعينون فقط"));
    FormField *child = NEW_N(a, FormField, 2), *row = NEW_N(a, FormField, 2), *holder = NEW(a, FormField);
    child[0] = field(INPUT_TEXT, "line", w("Business line", "Ligne de métier", "خط العمل"));
    child[1] = field(INPUT_DECIMAL, "share", w("Share, %", "Part, %", "الحصة، ٪"));
    memcpy(row, child, 2 * sizeof *child);
    row[0].values = one(w("Payment", "Paiement", "الأداء")); row[0].n_values = 1; row[1].values = one(S("100")); row[1].n_values = 1;
    const FormField **rows = NEW_N(a, const FormField *, 1);
    rows[0] = row;
    *holder = field(INPUT_ROWS, "allocations", w("Allocation", "Répartition", "التوزيع"));
    holder->children = child; holder->n_children = 2; holder->child_rows = rows; holder->n_child_rows = 1;
    FormGroup *g = NEW_N(a, FormGroup, 3);
    g[0] = (FormGroup){w("The event", "L’événement", "الحدث"), w("What a colleague needs to understand it.", "Ce qu’il faut à un collègue pour comprendre.", "ما يحتاجه الزميل لفهم الحدث."), f, 9, false};
    g[1] = (FormGroup){w("Allocation", "Répartition", "التوزيع"), S(""), holder, 1, false};
    g[2] = (FormGroup){w("For the central bank", "Pour Bank Al-Maghrib", "لبنك المغرب"), S(""), f + 5, 1, true};
    b->form = (FormView){.action = S("/incidents"), .groups = g, .n_groups = 3, .submit_label = w("Declare", "Déclarer", "تصريح"), .cancel = {.label = w("Cancel", "Annuler", "إلغاء"), .href = S("/incidents")}, .version = S("3"), .has_files = true, .autosave = true};
    return b;
}

static Page *form_page(void) {
    Page *p = page_new(w("Declare an incident", "Déclarer un incident", "التصريح بحادث"));
    p->body = p->main = form(true);
    return p;
}

static Page *login_page(void) {
    Page *p = NEW(a, Page);
    p->title = w("Sign in", "Connexion", "تسجيل الدخول");
    p->is_bare = true;
    Block *b = view_block(a, BLOCK_FORM);
    FormField *f = NEW_N(a, FormField, 2);
    f[0] = field(INPUT_TEXT, "email", w("E-mail", "Adresse e-mail", "البريد الإلكتروني"));
    f[1] = field(INPUT_PASSWORD, "password", w("Password", "Mot de passe", "كلمة المرور"));
    FormGroup *g = NEW(a, FormGroup);
    *g = (FormGroup){S(""), S(""), f, 2, false};
    b->form = (FormView){.action = S("/login"), .groups = g, .n_groups = 1, .submit_label = w("Sign in", "Se connecter", "دخول")};
    p->body = b;
    return p;
}

static Page *declare_page(void) {
    Page *p = NEW(a, Page);
    p->title = w("Tell us what went wrong", "Dites-nous ce qui s’est passé", "أخبرنا بما وقع");
    p->subtitle = w("Nobody will know who you are. You get a code to follow the case.", "Personne ne saura qui vous êtes. Un code vous permettra de suivre le dossier.", "لن يعرف أحد هويتك. ستحصل على رمز لتتبع الملف.");
    p->is_bare = true;
    p->body = form(false);
    p->body->form.n_groups = 1;
    p->body->form.cancel = (Button){0};
    return p;
}

static Block *matrix(void) {
    Block *b = view_block(a, BLOCK_MATRIX);
    Str *rows = NEW_N(a, Str, 4), *cols = NEW_N(a, Str, 5);
    rows[0] = w("Internal fraud", "Fraude interne", "الغش الداخلي"); rows[1] = w("External fraud", "Fraude externe", "الغش الخارجي");
    rows[2] = w("Business disruption and system failures", "Interruption d’activité et pannes", "انقطاع النشاط وأعطال الأنظمة"); rows[3] = w("Execution and delivery", "Exécution et livraison", "التنفيذ والتسليم");
    cols[0] = w("Retail banking", "Banque de détail", "بنك الأفراد"); cols[1] = w("Commercial banking", "Banque commerciale", "البنك التجاري"); cols[2] = w("Payment", "Paiement", "الأداء"); cols[3] = w("Trading", "Négociation", "التداول"); cols[4] = w("Asset management", "Gestion d’actifs", "تدبير الأصول");
    MatrixCell *c = NEW_N(a, MatrixCell, 20), *rt = NEW_N(a, MatrixCell, 4), *ct = NEW_N(a, MatrixCell, 5), *t = NEW(a, MatrixCell);
    for (int i = 0; i < 20; i++) {
        int level = (i * 7) % 6;
        c[i] = (MatrixCell){.count = level * 7, .main = level ? mad((int64_t)level * level * 98765432) : (Cell){0}, .level = level, .href = level ? S("/incidents?x=1") : S(""), .note = w("35 incidents, 24.7 M MAD", "35 incidents, 24,7 M MAD", "35 حادثا، 24,7 مليون درهم")};
    }
    for (int i = 0; i < 4; i++) rt[i] = (MatrixCell){.count = 60, .main = mad(7654321000)};
    for (int i = 0; i < 5; i++) ct[i] = (MatrixCell){.count = 48, .main = mad(3654321000)};
    *t = (MatrixCell){.count = 240, .main = mad(30654321000)};
    b->matrix = (MatrixView){.corner = w("Event type", "Type d’événement", "نوع الحدث"), .row_labels = rows, .col_labels = cols, .n_rows = 4, .n_cols = 5, .cells = c, .row_totals = rt, .col_totals = ct, .total = t, .main_name = "gross", .shown = 1};
    return b;
}

static Block *chart(ChartKind kind, bool money, size_t n_series) {
    Block *b = view_block(a, BLOCK_CHART);
    size_t n = kind == CHART_HBARS ? 5 : 12;
    Str *points = NEW_N(a, Str, n);
    static const int months[] = {12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    Locale *l;
    if (format_locale_new(&l, a, lang, "Africa/Casablanca") != OK) abort();
    for (size_t i = 0; i < n; i++) points[i] = kind == CHART_HBARS ? title((int)i) : format_month(a, l, i ? 2026 : 2025, months[i]);
    ChartSeries *s = NEW_N(a, ChartSeries, n_series);
    for (size_t k = 0; k < n_series; k++) {
        int64_t *v = NEW_N(a, int64_t, n);
        for (size_t i = 0; i < n; i++) v[i] = (int64_t)((i * 5 + k * 3) % 11 + 1) * (money ? 21500000 : 4);
        s[k] = (ChartSeries){.label = k == 0 ? w("Gross", "Brut", "إجمالي") : k == 1 ? w("Recovered", "Récupéré", "مسترجع") : w("Net", "Net", "صاف"), .values = v};
    }
    b->chart = (ChartView){.kind = kind, .caption = kind == CHART_LINE ? w("Losses by month", "Pertes par mois", "الخسائر حسب الشهر") : kind == CHART_HBARS ? w("Largest causes", "Principales causes", "أهم الأسباب") : w("Incidents by month", "Incidents par mois", "الحوادث حسب الشهر"), .points = points, .n_points = n, .series = s, .n_series = n_series, .unit = money ? CELL_MONEY : CELL_INT, .currency = "MAD"};
    return b;
}

static Block *tree(void) {
    Block *b = view_block(a, BLOCK_TREE);
    TreeNode *n = NEW_N(a, TreeNode, 4);
    n[0] = (TreeNode){w("Head office", "Siège", "المقر"), S("HO"), S("/units/1"), S(""), 0, false, cell_int(240)};
    n[1] = (TreeNode){w("Network", "Réseau", "الشبكة"), S("NET"), S("/units/2"), S(""), 1, false, cell_int(180)};
    n[2] = (TreeNode){unit(0), S("NET-112"), S("/units/3"), S(""), 2, false, cell_int(31)};
    n[3] = (TreeNode){unit(1), S("NET-114"), S("/units/4"), S(""), 2, true, cell_int(0)};
    b->tree = (TreeView){n, 4, S("")};
    return b;
}

static Page *dashboard_page(void) {
    Page *p = page_new(w("Losses of 2026", "Pertes de l’exercice 2026", "خسائر سنة 2026"));
    Block *body = view_layout(a, LAYOUT_STACK, S(""));
    view_put(a, body, headline());
    Block *grid = view_layout(a, LAYOUT_GRID, S(""));
    view_put(a, grid, section(LAYOUT_CARD, S(""), chart(CHART_STACKED, true, 3)));
    view_put(a, grid, section(LAYOUT_CARD, S(""), chart(CHART_LINE, true, 2)));
    view_put(a, grid, section(LAYOUT_CARD, S(""), chart(CHART_BARS, false, 1)));
    view_put(a, grid, section(LAYOUT_CARD, S(""), chart(CHART_HBARS, true, 1)));
    view_put(a, body, grid);
    view_put(a, body, section(LAYOUT_SECTION, w("Event types by business line", "Types d’événement par ligne de métier", "أنواع الأحداث حسب خطوط العمل"), matrix()));
    view_put(a, body, section(LAYOUT_SECTION, w("Units", "Entités", "الوحدات"), tree()));
    view_put(a, body, view_text(a, TEXT_CODE, TONE_NONE, S("API"), S("curl -H 'Authorization: Bearer …' https://bank/api/v1/incidents")));
    p->body = body;
    return p;
}

static Page *home_page(void) {
    Page *p = NEW(a, Page);
    p->title = w("My work", "Mon travail", "عملي");
    Block *body = view_layout(a, LAYOUT_STACK, S(""));
    view_put(a, body, section(LAYOUT_SECTION, w("To review", "À revoir", "للمراجعة"), list_block(true, 4)));
    view_put(a, body, view_text(a, TEXT_EMPTY, TONE_NONE, w("Nothing waits for you", "Rien ne vous attend", "لا شيء في انتظارك"), w("Declare what happened, or look at your unit’s incidents.", "Déclarez ce qui s’est passé ou consultez les incidents de votre entité.", "صرح بما وقع أو اطلع على حوادث وحدتك.")));
    p->body = body;
    return p;
}

static void save(const char *folder, const char *name, const char *theme, const Locale *l, const Page *p) {
    static NavItem nav[9];
    Str labels[] = {w("My work", "Mon travail", "عملي"), w("Declare an incident", "Déclarer un incident", "التصريح بحادث"), w("Incidents", "Incidents", "الحوادث"), w("Losses", "Pertes", "الخسائر"), w("Risks", "Risques", "المخاطر"), w("Indicators", "Indicateurs", "المؤشرات"), w("Actions", "Actions", "الإجراءات"), w("Units", "Entités", "الوحدات"), w("Users", "Utilisateurs", "المستخدمون")};
    static const char *const groups[] = {"work", "work", "incidents", "incidents", "risks", "indicators", "actions", "organisation", "administration"};
    static const char *const icons[] = {"inbox", "plus", "alert-triangle", "report-money", "shield", "gauge", "checklist", "hierarchy", "users"};
    for (size_t i = 0; i < 9; i++) nav[i] = (NavItem){labels[i], S("/incidents"), icons[i], groups[i], i == 2, i == 0 ? 7 : 0};
    Shell s = {.locale = l, .lang = lang, .theme = str_of(theme), .person = p->is_bare ? S("") : person("", "Salma Bennani", "سلمى بناني").text, .email = S("salma@bank.example"), .csrf = S("csrf"), .idempotency = S("key"), .path = S("/"), .nav = nav, .n_nav = 9, .organisation = w("Atlas Bank", "Banque Atlas", "بنك الأطلس"), .now_us = NOW, .is_demo = true,
               .create = {.label = w("Declare", "Déclarer", "تصريح"), .href = S("/declare"), .is_primary = true}};
    if (p->main && p->main->kind == BLOCK_LIST) { s.notice = w("Saved.", "Enregistré.", "تم الحفظ."); s.notice_tone = TONE_GOOD; }
    Text out = text_new(a, 0);
    render_html(&out, a, &s, p);
    Str file = str_fmt(a, "%s/%s.%s.%s.html", folder, name, lang_code(lang), theme);
    FILE *f = fopen(file.p, "w");
    if (!f || fwrite(out.p, 1, out.n, f) != out.n || fclose(f) != 0) {
        perror(file.p);
        exit(1);
    }
    printf("%s %zu bytes\n", file.p, out.n);
}

int main(int argc, char **argv) {
    if (argc < 4 || !lang_parse(&lang, str_of(argv[2]))) {
        fprintf(stderr, "usage: preview FOLDER en|fr|ar light|dark\n");
        return 2;
    }
    a = arena_new(0);
    Locale *l;
    if (format_locale_new(&l, a, lang, "Africa/Casablanca") != OK) return 1;
    save(argv[1], "home", argv[3], l, home_page());
    save(argv[1], "list", argv[3], l, list_page(18));
    save(argv[1], "empty", argv[3], l, list_page(0));
    save(argv[1], "record", argv[3], l, record_page(false));
    save(argv[1], "print", argv[3], l, record_page(true));
    save(argv[1], "form", argv[3], l, form_page());
    save(argv[1], "login", argv[3], l, login_page());
    save(argv[1], "declare", argv[3], l, declare_page());
    save(argv[1], "dashboard", argv[3], l, dashboard_page());
    arena_free(a);
    return 0;
}
