/* organisation_lists.c: the lists a bank starts with and makes its own: causes, consequences, risk
 * categories, thresholds with their sources, approval limits. Data only. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

/* clang-format off */
const TaxonRow taxa_cause[] = {
    {"CP", NULL, "Personnes", "People", "الأشخاص", 0},
    {"CP1", "CP", "Erreur de saisie", "Input or capture error", "خطأ في الإدخال", 0},
    {"CP2", "CP", "Procédure non appliquée", "Procedure not followed", "عدم تطبيق المسطرة", 0},
    {"CP3", "CP", "Manque de formation ou de compétence", "Lack of training or skill", "نقص التكوين أو الكفاءة", 0},
    {"CP4", "CP", "Sous-effectif ou surcharge", "Understaffing or overload", "نقص الموارد البشرية أو ضغط العمل", 0},
    {"CP5", "CP", "Tâche faite seul", "Single-handed task", "مهمة ينجزها شخص واحد", 0},
    {"CP6", "CP", "Intention frauduleuse d'un salarié", "Fraudulent intent of staff", "نية احتيالية لمستخدم", 0},
    {"CP7", "CP", "Vente inadaptée", "Improper selling", "بيع غير ملائم", 0},
    {"CP8", "CP", "Défaut de communication", "Poor communication", "ضعف التواصل", 0},
    {"CR", NULL, "Processus", "Process", "العمليات والمساطر", 0},
    {"CR1", "CR", "Procédure absente ou imprécise", "Missing or unclear procedure", "غياب المسطرة أو غموضها", 0},
    {"CR2", "CR", "Contrôle absent", "Missing control", "غياب الضابط الرقابي", 0},
    {"CR3", "CR", "Contrôle mal conçu", "Control badly designed", "ضابط رقابي سيئ التصميم", 0},
    {"CR4", "CR", "Délai dépassé", "Deadline missed", "تجاوز الأجل", 0},
    {"CR5", "CR", "Séparation des tâches", "Segregation of duties", "الفصل بين المهام", 0},
    {"CR6", "CR", "Dossier ou contrat incomplet", "Incomplete file or contract", "ملف أو عقد ناقص", 0},
    {"CR7", "CR", "Rapprochement tardif", "Late reconciliation", "تأخر المقاربة المحاسبية", 0},
    {"CR8", "CR", "Changement mal conduit", "Change badly managed", "سوء تدبير التغيير", 0},
    {"CS", NULL, "Systèmes", "Systems", "الأنظمة", 0},
    {"CS1", "CS", "Défaut logiciel", "Software defect", "عيب برمجي", 0},
    {"CS2", "CS", "Paramétrage erroné", "Wrong parameters", "ضبط خاطئ للمعايير", 0},
    {"CS3", "CS", "Mise en production", "Release into production", "الوضع قيد الإنتاج", 0},
    {"CS4", "CS", "Panne matérielle", "Hardware failure", "عطب في العتاد", 0},
    {"CS5", "CS", "Capacité insuffisante", "Insufficient capacity", "طاقة غير كافية", 0},
    {"CS6", "CS", "Qualité des données", "Poor data quality", "جودة البيانات", 0},
    {"CS7", "CS", "Correctif de sécurité absent", "Missing security patch", "غياب تحديث أمني", 0},
    {"CS8", "CS", "Droits d'accès", "Access rights", "صلاحيات الولوج", 0},
    {"CE", NULL, "Événements extérieurs", "External events", "أحداث خارجية", 0},
    {"CE1", "CE", "Criminalité de tiers", "Crime by third parties", "إجرام الغير", 0},
    {"CE2", "CE", "Faux documents", "Forged documents", "وثائق مزورة", 0},
    {"CE3", "CE", "Tromperie de clients", "Deception of clients", "التغرير بالزبناء", 0},
    {"CE4", "CE", "Défaillance d'un prestataire", "Failure of a provider", "إخلال مزود خدمة", 0},
    {"CE5", "CE", "Catastrophe naturelle", "Natural disaster", "كارثة طبيعية", 0},
    {"CE6", "CE", "Cyberattaque", "Cyber attack", "هجوم سيبراني", 0},
    {"CE7", "CE", "Coupure d'énergie ou de télécommunication", "Utility or telecommunication failure", "انقطاع الطاقة أو الاتصالات", 0},
    {"CE8", "CE", "Loi, tribunal ou autorité", "Law, court or authority", "قانون أو محكمة أو سلطة", 0},
    {0}
};

const TaxonRow taxa_consequence[] = {
    {"QF", NULL, "Financières", "Financial", "مالية", 0},
    {"QF1", "QF", "Responsabilité juridique", "Legal liability", "مسؤولية قانونية", 0},
    {"QF2", "QF", "Mesures des autorités et amendes", "Regulatory action and fines", "إجراءات السلطات والغرامات", 0},
    {"QF3", "QF", "Perte ou dommage aux actifs", "Loss of or damage to assets", "ضياع الأصول أو تضررها", 0},
    {"QF4", "QF", "Restitution aux clients", "Restitution to clients", "إرجاع الأموال إلى الزبناء", 0},
    {"QF5", "QF", "Perte de recours", "Loss of recourse", "فقدان حق الرجوع", 0},
    {"QF6", "QF", "Dépréciation directe", "Write-down", "تخفيض القيمة", 0},
    {"QN", NULL, "Non financières", "Non-financial", "غير مالية", 0},
    {"QN1", "QN", "Service aux clients interrompu", "Service to clients interrupted", "انقطاع الخدمة عن الزبناء", 0},
    {"QN2", "QN", "Réclamations de clients", "Complaints of clients", "شكايات الزبناء", 0},
    {"QN3", "QN", "Réputation", "Reputation", "السمعة", 0},
    {"QN4", "QN", "Santé et sécurité du personnel", "Health and safety of staff", "صحة المستخدمين وسلامتهم", 0},
    {"QN5", "QN", "Données personnelles exposées", "Personal data exposed", "كشف معطيات شخصية", 0},
    {"QN6", "QN", "Observation d'une autorité", "Remark of an authority", "ملاحظة من سلطة رقابية", 0},
    {0}
};

const TaxonRow taxa_risk_category[] = {
    {"RC1", NULL, "Fraude interne", "Internal fraud", "الاحتيال الداخلي", 0},
    {"RC2", NULL, "Fraude externe", "External fraud", "الاحتيال الخارجي", 0},
    {"RC3", NULL, "Personnel et lieu de travail", "Staff and workplace", "المستخدمون ومكان العمل", 0},
    {"RC4", NULL, "Conduite et conformité", "Conduct and compliance", "السلوك والامتثال", 0},
    {"RC4.1", "RC4", "Clients et produits", "Clients and products", "الزبناء والمنتجات", 0},
    {"RC4.2", "RC4", "Blanchiment et sanctions", "Money laundering and sanctions", "غسل الأموال والعقوبات", 0},
    {"RC4.3", "RC4", "Modèles", "Models", "النماذج", 0},
    {"RC4.4", "RC4", "Conseil et vente", "Advice and sales", "الاستشارة والبيع", 0},
    {"RC5", NULL, "Locaux et sinistres", "Buildings and disasters", "المباني والكوارث", 0},
    {"RC6", NULL, "Systèmes d'information", "Information systems", "أنظمة المعلومات", 0},
    {"RC6.1", "RC6", "Disponibilité", "Availability", "التوافر", 0},
    {"RC6.2", "RC6", "Cybersécurité", "Cyber security", "الأمن السيبراني", 0},
    {"RC7", NULL, "Exécution des opérations", "Execution of operations", "تنفيذ العمليات", 0},
    {"RC7.1", "RC7", "Paiements et caisse", "Payments and cash", "الأداءات والصندوق", 0},
    {"RC7.2", "RC7", "Crédits et sûretés", "Loans and collateral", "القروض والضمانات", 0},
    {"RC7.3", "RC7", "Marchés et titres", "Markets and securities", "الأسواق والسندات", 0},
    {"RC7.4", "RC7", "Dossiers clients et saisies", "Client files and seizures", "ملفات الزبناء والحجوز", 0},
    {"RC7.5", "RC7", "Comptabilité et déclarations", "Accounting and reporting", "المحاسبة والتصريحات", 0},
    {"RC8", NULL, "Tiers et prestataires", "Third parties", "الأطراف الخارجية والمزودون", 0},
    {"RC9", NULL, "Juridique", "Legal", "المخاطر القانونية", 0},
    {0}
};

#define BANK_DECIDES "Décision de la banque ; valeur proposée à l'installation"
const SettingRow seed_settings[] = {
    {"group_currency", "Monnaie du groupe", "Group currency", "عملة المجموعة", "MAD", 0, NULL, BANK_DECIDES},
    {"capital_threshold", "Seuil du périmètre de fonds propres", "Threshold of the capital loss data set", "عتبة بيانات الخسائر لرأس المال", NULL, 2000000, "EUR", "Bâle OPE25 ; règlement (UE) 2024/1623 (CRR3), art. 319 : perte nette de 20 000 EUR"},
    {"capital_threshold_national", "Seuil national du périmètre, s'il remplace celui en euros", "National threshold of the data set, if it replaces the one in euros", "العتبة الوطنية للبيانات، إن حلت محل العتبة باليورو", NULL, 0, NULL, BANK_DECIDES},
    {"threshold_rate_on", "Date du cours qui convertit le seuil (AAAA-MM-JJ) ; vide : cours du jour", "Day of the rate that converts the threshold (YYYY-MM-DD); empty: rate of the day", "تاريخ سعر الصرف الذي تحول به العتبة (YYYY-MM-DD)؛ فارغ: سعر اليوم", NULL, 0, NULL, BANK_DECIDES},
    {"loss_window_years", "Années de la fenêtre des pertes, par date de comptabilisation", "Years of the loss window, by date of accounting", "سنوات نافذة الخسائر، حسب تاريخ القيد المحاسبي", "10", 0, NULL, "Bâle OPE25 : dix ans ; cinq ans au moins à titre transitoire"},
    {"capital_measure", "Le seuil se mesure sur la perte (net ou gross)", "The threshold is measured on the loss (net or gross)", "تقاس العتبة على الخسارة (net أو gross)", "net", 0, NULL, "Règlement (UE) 2024/1623 (CRR3), art. 319"},
    {"collection_threshold", "Seuil de collecte", "Collection threshold", "عتبة التجميع", NULL, 100000, "MAD", BANK_DECIDES},
    {"internal_limit", "Montant à partir duquel une perte se déclare seule", "Amount from which a loss is declared singly", "المبلغ الذي يصرح انطلاقا منه بالخسارة منفردة", NULL, 2000000, "MAD", BANK_DECIDES},
    {"large_loss", "Perte importante", "Large loss", "خسارة كبيرة", NULL, 100000000, "MAD", BANK_DECIDES},
    {"stale_estimate_days", "Jours après lesquels une estimation est périmée", "Days after which an estimate is stale", "عدد الأيام التي يتقادم بعدها التقدير", "90", 0, NULL, BANK_DECIDES},
    {"late_declaration_days", "Jours après lesquels une déclaration est tardive", "Days after which a declaration is late", "عدد الأيام التي يعد بعدها التصريح متأخرا", "30", 0, NULL, BANK_DECIDES},
    {"late_discovery_days", "Jours après lesquels une détection est tardive", "Days after which a discovery is late", "عدد الأيام التي يعد بعدها الاكتشاف متأخرا", "30", 0, NULL, BANK_DECIDES},
    {"late_booking_days", "Jours après lesquels une première comptabilisation est tardive", "Days after which a first booking is late", "عدد الأيام التي يعد بعدها القيد المحاسبي الأول متأخرا", "60", 0, NULL, BANK_DECIDES},
    {"late_closure_days", "Jours après lesquels une clôture est tardive", "Days after which a closure is late", "عدد الأيام التي يعد بعدها الإقفال متأخرا", "180", 0, NULL, BANK_DECIDES},
    {"confirm_days", "Jours ouvrés pour confirmer une déclaration", "Working days to confirm a declaration", "أيام العمل لتأكيد التصريح", "1", 0, NULL, BANK_DECIDES},
    {"late_review_days", "Jours après lesquels une revue est en retard", "Days after which a review is late", "عدد الأيام التي تعد بعدها المراجعة متأخرة", "10", 0, NULL, BANK_DECIDES},
    {"no_entry_days", "Jours après lesquels un événement sans écriture est signalé", "Days after which an event without an entry is flagged", "عدد الأيام التي ينبه بعدها إلى حدث دون قيد", "30", 0, NULL, BANK_DECIDES},
    {"rapid_recovery_days", "Jours ouvrés d'une récupération rapide", "Working days of a rapid recovery", "أيام العمل للاسترداد السريع", "5", 0, NULL, "COREP, règlement d'exécution (UE) 2021/451, annexe II, partie 4 : pertes rapidement récupérées"},
    {"closed_until", "Dernier jour des périodes comptables closes (AAAA-MM-JJ)", "Last day of the closed accounting periods (YYYY-MM-DD)", "آخر يوم من الفترات المحاسبية المقفلة (YYYY-MM-DD)", NULL, 0, NULL, BANK_DECIDES},
    {"insurance_claim_days", "Jours pour déclarer un sinistre à l'assureur", "Days within which insurers are told of a loss", "أجل التصريح بالحادث لدى المؤمن، بالأيام", "5", 0, NULL, BANK_DECIDES},
    {"provider_claim_days", "Jours pour réclamer à un prestataire", "Days within which a provider is claimed from", "أجل مطالبة مقدم الخدمة، بالأيام", "30", 0, NULL, BANK_DECIDES},
    {"last_report_on", "Date du dernier état remis (AAAA-MM-JJ)", "Day of the last report handed in (YYYY-MM-DD)", "تاريخ آخر بيان مقدم (YYYY-MM-DD)", NULL, 0, NULL, BANK_DECIDES},
    {0}
};

const LimitRow seed_limits[] = {
    {"unit_head",  "gross",   5000000},
    {"analyst",    "gross",  50000000},
    {"head_orm",   "gross", 500000000},
    {"inspection", "gross", 500000000},
    {"committee",  "gross",         0},
    {0}
};
/* clang-format on */
