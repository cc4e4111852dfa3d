/* indicator_seed.c: the catalogue that every installation starts from, with thresholds and their
 * rationale in three languages. What exists by its code is left as it is, but for translations of
 * its shipped texts that it does not have yet. The thresholds are a practitioner's judgement, to be
 * confirmed by the institution. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator.h"

typedef struct Seed {
    const char *code, *fr, *en, *ar, *kind, *category, *unit, *direction, *collection, *counter,
        *frequency;
    const char *numerator, *numerator_en, *numerator_ar, *denominator, *denominator_en,
        *denominator_ar;
    int factor;
    const char *amber, *red;
    const char *rationale, *rationale_en, *rationale_ar;
} Seed;

/* clang-format off */
#define NO_PARTS NULL, NULL, NULL, NULL, NULL, NULL /* a plain value, no ratio */
static const Seed seeds[] = {
    {"K01", "Écarts de caisse pour 10 000 opérations", "Cash differences per 10,000 operations", "فروق الصندوق لكل 10000 عملية", "kri", "RC7.1", "ratio", "up", "manual", NULL, "monthly", "Écarts de caisse", "Cash differences", "فروق الصندوق", "Opérations de caisse", "Cash operations", "عمليات الصندوق", 10000, "2", "4", "Deux écarts pour dix mille opérations est le niveau habituel d'une caisse comptée à deux ; quatre révèle un arrêté fait par une seule personne.", "Two differences per ten thousand operations is usual where two people count the cash; four points to a closing done by one person alone.", "فرقان لكل عشرة آلاف عملية هو المستوى المعتاد لصندوق يعده شخصان؛ وأربعة فروق تكشف إقفالا يقوم به شخص واحد."},
    {"K02", "Suspens GAB de plus de 5 jours", "Cash machine items open for more than 5 days", "معلقات الشبابيك لأكثر من 5 أيام", "kri", "RC7.1", "number", "up", "file", NULL, "weekly", NO_PARTS, 1, "10", "25", "Au-delà de dix suspens le rapprochement quotidien ne suit plus ; à vingt-cinq les délais de réclamation des clients sont dépassés.", "Beyond ten open items the daily reconciliation no longer keeps up; at twenty-five the time limits for clients' claims have passed.", "بعد عشرة معلقات لا تعود المقاربة اليومية تواكب؛ وعند خمسة وعشرين تكون آجال شكايات الزبناء قد انقضت."},
    {"K03", "Suspens nostri de plus de 30 jours, millions MAD", "Nostro items open for more than 30 days, MAD millions", "معلقات الحسابات المراسلة لأكثر من 30 يوما بملايين الدراهم", "kri", "RC7.3", "money", "up", "push", NULL, "monthly", NO_PARTS, 1, "1", "5", "Un million reste récupérable auprès des correspondants ; cinq millions appellent une provision.", "One million can still be recovered from the correspondents; five million call for a provision.", "مليون واحد يبقى قابلا للاسترداد لدى المراسلين؛ وخمسة ملايين تستدعي تكوين مؤونة."},
    {"K04", "Certificats de refus tardifs, %", "Late certificates of refusal, %", "شهادات الرفض المتأخرة %", "kci", "RC7.4", "percent", "up", "manual", NULL, "monthly", "Certificats remis hors délai", "Certificates handed over late", "شهادات سلمت خارج الأجل", "Certificats à remettre", "Certificates to be handed over", "شهادات واجبة التسليم", 100, "0.5", "2", "Chaque certificat tardif expose la banque au paiement du chèque ; deux pour cent est un défaut du contrôle.", "Each late certificate exposes the bank to paying the cheque; two per cent is a failure of the control.", "كل شهادة متأخرة تعرض البنك لأداء الشيك؛ واثنان في المائة إخفاق في المراقبة."},
    {"K05", "Saisies traitées hors délai, %", "Seizures handled late, %", "حجوزات عولجت خارج الأجل %", "kci", "RC7.4", "percent", "up", "manual", NULL, "monthly", "Saisies hors délai", "Seizures handled late", "حجوزات خارج الأجل", "Saisies reçues", "Seizures received", "حجوزات متوصل بها", 100, "1", "3", "Le tiers saisi négligent répond de la dette ; trois pour cent engage la banque de façon répétée.", "A garnishee who is negligent answers for the debt; three per cent makes the bank liable again and again.", "المحجوز لديه المهمل يسأل عن الدين؛ وثلاثة في المائة تلزم مسؤولية البنك بشكل متكرر."},
    {"K06", "Fraude carte, points de base du volume", "Card fraud, basis points of volume", "احتيال البطاقات بنقاط الأساس من الحجم", "kri", "RC2", "ratio", "up", "push", NULL, "monthly", "Fraude", "Fraud", "مبلغ الاحتيال", "Volume", "Volume", "حجم العمليات", 10000, "3", "6", "Trois points de base est la moyenne de la place ; six déclenche les programmes de surveillance des réseaux.", "Three basis points is the market's average; six sets off the monitoring programmes of the card schemes.", "ثلاث نقاط أساس هي متوسط الساحة؛ وست نقاط تطلق برامج المراقبة لدى شبكات البطاقات."},
    {"K07", "Hameçonnages réussis pour 100 000 clients", "Successful phishing per 100,000 clients", "عمليات تصيد ناجحة لكل 100000 زبون", "kri", "RC6.2", "ratio", "up", "manual", NULL, "monthly", "Hameçonnages réussis", "Successful phishing", "عمليات تصيد ناجحة", "Clients digitaux", "Digital clients", "زبناء القنوات الرقمية", 100000, "1", "3", "Au-delà d'un cas la sensibilisation ne suffit plus ; trois signale une campagne en cours.", "Beyond one case awareness is no longer enough; three signal a campaign under way.", "بعد حالة واحدة لا يعود التحسيس كافيا؛ وثلاث حالات تدل على حملة جارية."},
    {"K08", "Virements corrigés pour 10 000", "Transfers corrected per 10,000", "تحويلات مصححة لكل 10000", "kci", "RC7.1", "ratio", "up", "push", NULL, "monthly", "Virements corrigés", "Transfers corrected", "تحويلات مصححة", "Virements émis", "Transfers sent", "تحويلات صادرة", 10000, "1", "2", "La double validation doit tenir sous un virement corrigé pour dix mille.", "Double validation must keep corrected transfers below one in ten thousand.", "على المصادقة المزدوجة أن تبقي التحويلات المصححة دون واحد لكل عشرة آلاف."},
    {"K09", "Dossiers KYC incomplets, %", "Incomplete client files, %", "ملفات معرفة الزبون غير المكتملة %", "kci", "RC4.2", "percent", "up", "file", NULL, "monthly", "Dossiers incomplets", "Incomplete files", "ملفات غير مكتملة", "Dossiers", "Files", "ملفات", 100, "3", "8", "Trois pour cent est l'objectif du plan de remédiation ; huit est le constat de la dernière mission.", "Three per cent is the target of the remediation plan; eight is what the last audit found.", "ثلاثة في المائة هي هدف خطة المعالجة؛ وثمانية هي ما عاينته آخر مهمة تدقيق."},
    {"K10", "Sûretés non inscrites à 60 jours, %", "Collateral not registered after 60 days, %", "ضمانات غير مقيدة بعد 60 يوما %", "kci", "RC7.2", "percent", "up", "manual", NULL, "monthly", "Sûretés non inscrites", "Collateral not registered", "ضمانات غير مقيدة", "Sûretés à inscrire", "Collateral to be registered", "ضمانات واجبة التقييد", 100, "1", "4", "Une sûreté non inscrite ne couvre rien en cas de défaut.", "Collateral that is not registered covers nothing on default.", "الضمانة غير المقيدة لا تغطي شيئا عند التخلف عن الأداء."},
    {"K11", "Alertes LBC traitées en plus de 5 jours, %", "Anti-money-laundering alerts handled in more than 5 days, %", "تنبيهات غسل الأموال المعالجة بعد 5 أيام %", "kci", "RC4.2", "percent", "up", "push", NULL, "monthly", "Alertes tardives", "Late alerts", "تنبيهات متأخرة", "Alertes", "Alerts", "تنبيهات", 100, "2", "5", "Une alerte tardive retarde la déclaration de soupçon.", "A late alert delays the suspicious transaction report.", "التنبيه المتأخر يؤخر التصريح بالاشتباه."},
    {"K12", "Réclamations pour 1 000 clients", "Complaints per 1,000 clients", "شكايات لكل 1000 زبون", "kri", "RC7.4", "ratio", "up", "file", NULL, "monthly", "Réclamations", "Complaints", "شكايات", "Clients", "Clients", "زبناء", 1000, "1.5", "3", "Le double du niveau habituel signale un défaut de tarification ou de service.", "Twice the usual level signals a failure of pricing or of service.", "ضعف المستوى المعتاد يدل على خلل في التسعير أو في الخدمة."},
    {"K13", "Disponibilité du core banking, %", "Core banking availability, %", "توفر النظام البنكي المركزي %", "kpi", "RC6.1", "percent", "down", "push", NULL, "monthly", NO_PARTS, 1, "99.8", "99.5", "Sous 99,8 % une demi-journée d'agence est perdue par trimestre ; sous 99,5 % l'engagement de service est rompu.", "Below 99.8% half a day of branch work is lost each quarter; below 99.5% the service commitment is broken.", "دون 99,8% يضيع نصف يوم من عمل الوكالة كل ربع سنة؛ ودون 99,5% يخل بالتزام الخدمة."},
    {"K14", "Disponibilité des GAB, %", "Cash machine availability, %", "توفر الشبابيك الأوتوماتيكية %", "kpi", "RC6.1", "percent", "down", "push", NULL, "monthly", NO_PARTS, 1, "97", "94", "Sous 97 % les files d'attente passent aux guichets ; sous 94 % les clients changent de banque.", "Below 97% the queues move to the counters; below 94% clients change banks.", "دون 97% تنتقل الطوابير إلى شبابيك الوكالات؛ ودون 94% يغير الزبناء بنكهم."},
    {"K15", "Correctifs critiques de plus de 30 jours, %", "Critical patches older than 30 days, %", "تصحيحات حرجة لأكثر من 30 يوما %", "kci", "RC6.2", "percent", "up", "push", NULL, "monthly", "Correctifs en retard", "Overdue patches", "تصحيحات متأخرة", "Correctifs critiques", "Critical patches", "تصحيحات حرجة", 100, "2", "8", "La plupart des intrusions utilisent une faille connue depuis plus d'un mois.", "Most intrusions use a flaw that has been known for more than a month.", "معظم الاختراقات تستغل ثغرة معروفة منذ أكثر من شهر."},
    {"K16", "Jours depuis la dernière restauration réussie", "Days since the last successful restore", "أيام منذ آخر استعادة ناجحة", "kci", "RC6.1", "days", "up", "manual", NULL, "monthly", NO_PARTS, 1, "92", "183", "Une restauration par trimestre est la règle ; deux manquées ne prouvent plus rien.", "One restore a quarter is the rule; when two are missed, the backups prove nothing any more.", "استعادة واحدة كل ربع سنة هي القاعدة؛ وتفويت اثنتين لا يعود يثبت شيئا."},
    {"K17", "Rotation des postes clés sur 12 mois, %", "Turnover of key posts over 12 months, %", "دوران المناصب الأساسية خلال 12 شهرا %", "kri", "RC3", "percent", "up", "manual", NULL, "monthly", "Départs", "Departures", "مغادرات", "Postes clés", "Key posts", "مناصب أساسية", 100, "8", "15", "Au-delà de huit pour cent les contrôles perdent leurs habitués.", "Beyond eight per cent the controls lose the people who know them.", "بعد ثمانية في المائة تفقد المراقبات من اعتادوا القيام بها."},
    {"K18", "Congés bloqués non pris, %", "Mandatory leave not taken, %", "عطل إجبارية غير مأخوذة %", "kci", "RC1", "percent", "up", "manual", NULL, "quarterly", "Congés non pris", "Leave not taken", "عطل غير مأخوذة", "Congés dus", "Leave due", "عطل مستحقة", 100, "2", "5", "Le congé bloqué est le contrôle qui révèle les détournements.", "Mandatory leave is the control that brings embezzlement to light.", "العطلة الإجبارية هي المراقبة التي تكشف الاختلاسات."},
    {"K19", "Délai médian de déclaration, jours", "Median delay of declaration, days", "الأجل الوسيط للتصريح بالأيام", "kpi", "RC7.4", "days", "up", "manual", NULL, "monthly", NO_PARTS, 1, "3", "10", "Trois jours ouvrés est la règle interne ; dix ôte tout sens aux chiffres du mois.", "Three working days is the internal rule; at ten the month's figures lose all meaning.", "ثلاثة أيام عمل هي القاعدة الداخلية؛ وعشرة أيام تفقد أرقام الشهر كل معنى."},
    {"K20", "Processus critiques sur le premier fournisseur cloud, %", "Critical processes on the first cloud provider, %", "عمليات حرجة لدى أول مزود سحابي %", "kri", "RC8", "percent", "up", "manual", NULL, "quarterly", "Processus chez le premier fournisseur", "Processes on the first provider", "عمليات لدى المزود الأول", "Processus critiques", "Critical processes", "عمليات حرجة", 100, "40", "60", "À soixante pour cent une panne du fournisseur arrête la banque.", "At sixty per cent an outage of the provider stops the bank.", "عند ستين في المائة يوقف عطل المزود نشاط البنك."},
    {"A01", "Pertes du mois, nombre", "Losses of the month, number", "عدد خسائر الشهر", "kri", "RC7.1", "number", "up", "automatic", "losses", "monthly", NO_PARTS, 1, "40", "60", "Le double de la moyenne de trois ans appelle une analyse par cause.", "Twice the average of three years calls for an analysis by cause.", "ضعف متوسط ثلاث سنوات يستدعي تحليلا حسب الأسباب."},
    {"A02", "Perte nette du mois, millions", "Net loss of the month, millions", "الخسارة الصافية للشهر بالملايين", "kri", "RC7.1", "money", "up", "automatic", "net_loss", "monthly", NO_PARTS, 1, "10", "25", "Dix millions est un douzième de l'appétence annuelle, vingt-cinq la tolérance.", "Ten million is one twelfth of the yearly appetite, twenty-five the tolerance.", "عشرة ملايين هي جزء من اثني عشر من الشهية السنوية للمخاطر، وخمسة وعشرون هي حد التحمل."},
    {"A03", "Déclarations tardives, %", "Late declarations, %", "تصاريح متأخرة %", "kci", "RC7.4", "percent", "up", "automatic", "late_declarations", "monthly", "Déclarations tardives", "Late declarations", "تصاريح متأخرة", "Déclarations", "Declarations", "تصاريح", 100, "10", "25", "Un quart de déclarations tardives fausse tous les autres indicateurs.", "One late declaration in four distorts all other indicators.", "ربع التصاريح متأخرا يشوه جميع المؤشرات الأخرى."},
    {"A04", "Part des quasi-incidents, %", "Share of near misses, %", "نسبة الأحداث الوشيكة %", "kpi", "RC7.4", "percent", "down", "automatic", "near_miss_share", "monthly", "Quasi-incidents", "Near misses", "أحداث وشيكة", "Pertes et quasi-incidents", "Losses and near misses", "خسائر وأحداث وشيكة", 100, "5", "1", "Une banque qui ne déclare aucun quasi-incident ne les voit pas.", "A bank that declares no near miss does not see them.", "البنك الذي لا يصرح بأي حدث وشيك لا يراه."},
    {"A05", "Estimations non revues", "Stale estimates", "تقديرات لم تراجع", "kci", "RC7.4", "number", "up", "automatic", "stale_estimates", "monthly", NO_PARTS, 1, "10", "25", "Une estimation de plus d'un mois sans écriture fausse le provisionnement.", "An estimate more than a month old without an entry distorts the provisions.", "تقدير مضى عليه أكثر من شهر دون قيد محاسبي يشوه تكوين المؤونات."},
    {"A06", "Incidents ouverts depuis plus de 12 mois", "Incidents open for more than 12 months", "أحداث مفتوحة منذ أكثر من 12 شهرا", "kci", "RC7.4", "number", "up", "automatic", "open_12_months", "monthly", NO_PARTS, 1, "20", "50", "Au-delà d'un an un incident ouvert n'est plus suivi.", "After a year an open incident is no longer followed up.", "بعد سنة لا يعود الحدث المفتوح موضوع تتبع."},
    {"A07", "Pertes sans écriture", "Losses without an entry", "خسائر دون قيد محاسبي", "kci", "RC7.4", "number", "up", "automatic", "without_entry", "monthly", NO_PARTS, 1, "10", "30", "Une perte sans écriture après un mois n'est pas dans les comptes.", "A loss without an entry after a month is not in the accounts.", "الخسارة التي تبقى دون قيد بعد شهر ليست في الحسابات."},
    {"A08", "Actions en retard", "Overdue actions", "إجراءات متأخرة", "kci", "RC7.4", "number", "up", "automatic", "overdue_actions", "monthly", NO_PARTS, 1, "5", "15", "Cinq retards se rattrapent en un mois ; quinze mettent en cause le plan.", "Five overdue actions can be caught up in a month; fifteen call the plan into question.", "خمسة تأخيرات تستدرك في شهر؛ وخمسة عشر تضع الخطة موضع تساؤل."},
    {"A09", "Acceptations proches de l'échéance", "Acceptances about to expire", "قبولات تقترب من نهايتها", "kpi", "RC7.4", "number", "up", "automatic", "expiring_acceptances", "monthly", NO_PARTS, 1, "5", "10", "Une acceptation échue laisse un risque sans décision.", "An acceptance that has lapsed leaves a risk without a decision.", "القبول المنقضي يترك خطرا دون قرار."},
    {"A10", "Valeurs d'indicateurs manquantes", "Missing indicator values", "قيم مؤشرات ناقصة", "kci", "RC7.4", "number", "up", "automatic", "missing_values", "monthly", NO_PARTS, 1, "3", "10", "Ce qui manque n'est jamais vert.", "What is missing is never green.", "ما ينقص ليس أخضر أبدا."},
    {"S01", "Impayés, % du chiffre d'affaires", "Unpaid invoices, % of turnover", "غير المؤدى % من رقم المعاملات", "kri", "RC7.2", "percent", "up", "manual", NULL, "monthly", "Impayés", "Unpaid invoices", "فواتير غير مؤداة", "Chiffre d'affaires", "Turnover", "رقم المعاملات", 100, "1", "3", "Petite entreprise : trois pour cent d'impayés mangent la marge.", "Small firm: three per cent of unpaid invoices eats up the margin.", "مقاولة صغيرة: ثلاثة في المائة من الفواتير غير المؤداة تلتهم هامش الربح."},
    {"S02", "Démarque, %", "Shrinkage, %", "النقص المجهول %", "kri", "RC7.1", "percent", "up", "manual", NULL, "monthly", "Démarque", "Shrinkage", "النقص المجهول", "Stock", "Stock", "المخزون", 100, "0.8", "1.5", "Petite entreprise : au-delà d'un et demi pour cent le vol ou la casse est régulier.", "Small firm: beyond one and a half per cent, theft or breakage has become regular.", "مقاولة صغيرة: بعد واحد ونصف في المائة تصبح السرقة أو الإتلاف أمرا منتظما."},
    {"S03", "Délai de paiement des clients, jours", "Days of sales outstanding", "أجل أداء الزبناء بالأيام", "kri", "RC7.2", "days", "up", "manual", NULL, "monthly", NO_PARTS, 1, "60", "90", "Petite entreprise : soixante jours est la règle, quatre-vingt-dix le plafond légal des conventions.", "Small firm: sixty days is the rule, ninety the legal maximum that may be agreed.", "مقاولة صغيرة: ستون يوما هي القاعدة، وتسعون هي السقف القانوني للاتفاقات."},
    {"S04", "Températures hors plage, par semaine", "Temperatures out of range, per week", "درجات حرارة خارج المجال أسبوعيا", "kci", "RC7.1", "number", "up", "manual", NULL, "weekly", NO_PARTS, 1, "1", "3", "Petite entreprise : trois écarts par semaine annoncent une panne du froid.", "Small firm: three deviations a week announce a failure of the cold chain equipment.", "مقاولة صغيرة: ثلاثة انحرافات في الأسبوع تنذر بعطل في معدات التبريد."},
    {"S05", "Taux de service livré, %", "Delivered in full and on time, %", "نسبة الخدمة المسلمة %", "kpi", "RC7.1", "percent", "down", "manual", NULL, "monthly", "Lignes livrées", "Lines delivered", "أسطر مسلمة", "Lignes commandées", "Lines ordered", "أسطر مطلوبة", 100, "97", "93", "Petite entreprise : sous 93 % les clients commandent ailleurs.", "Small firm: below 93% clients order elsewhere.", "مقاولة صغيرة: دون 93% يطلب الزبناء من غيرها."},
    {"S06", "Absences, %", "Absence, %", "الغيابات %", "kri", "RC3", "percent", "up", "manual", NULL, "monthly", "Jours d'absence", "Days of absence", "أيام الغياب", "Jours ouvrés", "Working days", "أيام العمل", 100, "4", "8", "Petite entreprise : à huit pour cent une tournée sur douze n'est pas faite.", "Small firm: at eight per cent one delivery round in twelve is not made.", "مقاولة صغيرة: عند ثمانية في المائة لا تنجز جولة توزيع واحدة من كل اثنتي عشرة."},
    {"S07", "Trésorerie, jours de dépenses", "Cash, days of spending", "الخزينة بأيام المصاريف", "kri", "RC7.2", "days", "down", "manual", NULL, "monthly", NO_PARTS, 1, "30", "15", "Petite entreprise : quinze jours couvrent à peine une paie.", "Small firm: fifteen days barely cover one payroll.", "مقاولة صغيرة: خمسة عشر يوما تكاد لا تغطي أجور شهر واحد."},
    {"S08", "Part du premier client, %", "Share of the first client, %", "حصة أول زبون %", "kri", "RC7.2", "percent", "up", "manual", NULL, "monthly", "Ventes au premier client", "Sales to the first client", "مبيعات لأول زبون", "Ventes", "Sales", "مبيعات", 100, "25", "35", "Petite entreprise : perdre un tiers des ventes d'un coup ne se rattrape pas.", "Small firm: a third of sales lost at one stroke cannot be made up.", "مقاولة صغيرة: فقدان ثلث المبيعات دفعة واحدة لا يستدرك."},
};
/* clang-format on */

static Err is_there(int64_t *out, Ctx *c, const char *type, const char *code) {
    Err e = ref_find(out, c, model_need(c->model, type), str_of(code));
    if (e == ERR_MISSING) *out = 0;
    return e == ERR_MISSING ? OK : e;
}

static void put_text(Record *r, const char *field, const char *text) {
    record_set(r, field, value_text(str_of(text)));
}

static Err definition_put(int64_t *id, Ctx *c, const Seed *s) {
    int64_t category;
    Record *r = record_new(c, model_need(c->model, "indicator_definition")), *saved;
    put_text(r, "code", s->code);
    put_text(r, "name_fr", s->fr);
    put_text(r, "name_en", s->en);
    put_text(r, "name_ar", s->ar);
    put_text(r, "kind", s->kind);
    put_text(r, "measure_unit", s->unit);
    put_text(r, "direction", s->direction);
    put_text(r, "collection", s->collection);
    put_text(r, "counter", s->counter);
    put_text(r, "frequency", s->frequency);
    put_text(r, "numerator", s->numerator);
    put_text(r, "numerator_en", s->numerator_en);
    put_text(r, "numerator_ar", s->numerator_ar);
    put_text(r, "denominator", s->denominator);
    put_text(r, "denominator_en", s->denominator_en);
    put_text(r, "denominator_ar", s->denominator_ar);
    record_set(r, "factor", value_int(s->factor));
    put_text(r, "aggregation", s->numerator ? "ratio" : "none");
    TRY(is_there(&category, c, "taxon", s->category));
    if (category) record_set(r, "category", value_int(category));
    TRY(record_save(&saved, c, r, "create"));
    *id = saved->id;
    return OK;
}

static Err threshold_put(Ctx *c, const Seed *s, int64_t definition) {
    Record *r = record_new(c, model_need(c->model, "indicator_threshold")), *saved;
    record_set(r, "definition", value_int(definition));
    put_text(r, "valid_from", "2015-01-01");
    int64_t amber, red;
    CHECK(decimal_parse(&amber, str_of(s->amber), JUDGE_DIGITS) &&
              decimal_parse(&red, str_of(s->red), JUDGE_DIGITS),
          "a bound of the catalogue is no number");
    record_set(r, "amber", value_int(amber));
    record_set(r, "red", value_int(red));
    put_text(r, "reason", "expert");
    put_text(r, "rationale", s->rationale);
    put_text(r, "rationale_en", s->rationale_en);
    put_text(r, "rationale_ar", s->rationale_ar);
    r->state = type_state(r->type, S("approved"));
    return record_save(&saved, c, r, "create");
}

/* ---- bases that were filled before the translations came ---- */

typedef struct Shipped { /* a text with its translations, as fields and as they are shipped */
    const char *field, *field_en, *field_ar, *text, *en, *ar;
} Shipped;

/* Where the text still is the shipped one and nobody has translated it. */
static bool put_translation(Record *r, const Shipped *s) {
    bool is_shipped = s->text && str_is(record_text(r, s->field), s->text);
    if (!is_shipped || record_text(r, s->field_en).n || record_text(r, s->field_ar).n) return false;
    put_text(r, s->field_en, s->en);
    put_text(r, s->field_ar, s->ar);
    return true;
}

static Err translate(Ctx *c, const Record *r, const Shipped *texts, size_t n) {
    Record *after = record_clone(c, r), *saved;
    bool changed = false;
    for (size_t i = 0; i < n; i++) changed |= put_translation(after, &texts[i]);
    return changed ? record_save(&saved, c, after, "update") : OK;
}

static Err translations_put(Ctx *c, const Seed *s, int64_t definition) {
    const Shipped parts[] = {{"numerator", "numerator_en", "numerator_ar", s->numerator,
                              s->numerator_en, s->numerator_ar},
                             {"denominator", "denominator_en", "denominator_ar", s->denominator,
                              s->denominator_en, s->denominator_ar}};
    const Shipped why = {"rationale",  "rationale_en",  "rationale_ar",
                         s->rationale, s->rationale_en, s->rationale_ar};
    Record *r;
    Records thresholds;
    TRY(record_load_raw(&r, c, model_need(c->model, "indicator_definition"), definition));
    TRY(translate(c, r, parts, LENGTH(parts)));
    TRY(record_where(&thresholds, c, model_need(c->model, "indicator_threshold"), "definition",
                     value_int(definition), 100));
    for (size_t i = 0; i < thresholds.n; i++) TRY(translate(c, thresholds.items[i], &why, 1));
    return OK;
}

Err indicator_seed(Ctx *c) {
    for (size_t i = 0; i < LENGTH(seeds); i++) {
        int64_t id;
        TRY(is_there(&id, c, "indicator_definition", seeds[i].code));
        if (id) {
            TRY(translations_put(c, &seeds[i], id));
            continue;
        }
        TRY(definition_put(&id, c, &seeds[i]));
        TRY(threshold_put(c, &seeds[i], id));
    }
    return OK;
}
