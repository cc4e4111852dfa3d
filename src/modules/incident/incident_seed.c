/* incident_seed.c: patterns and response templates that every installation starts from. What exists
 * by its code is left as it is. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

enum PatternFlag {
    RESTRICTED = 1,
    CREDIT = 2,
    LEGAL = 4,
    REGULATORY = 8,
    INSURED = 16,
    ICT = 32,
    FRAUD = 64,
    AGGREGATE = 128,
    THIRD_PARTY = 256
};
typedef struct PatternSeed {
    const char *code, *fr, *en, *ar, *family, *kind, *event_type, *business_line, *category,
        *process, *cause;
    unsigned flags;
    const char *hint_fr, *hint_en, *hint_ar;
} PatternSeed;

/* clang-format off */
static const PatternSeed patterns[] = {
    {"I01", "Manquant de caisse inexpliqué", "Unexplained cash shortage", "عجز غير مبرر في الصندوق", "cash", "loss", "ET7.1", "BL3", "RC7.1", "P01", "CP5", AGGREGATE,
     "Gardez la bande de caisse et faites recompter par une deuxième personne.", "Keep the till roll and have a second person count again.", "احتفظوا بشريط الصندوق واطلبوا إعادة العد من شخص ثان."},
    {"I02", "Excédent de caisse non identifié", "Unidentified cash surplus", "فائض مجهول المصدر في الصندوق", "cash", "gain", "ET7.1", "BL3", "RC7.1", "P01", "CP5", AGGREGATE,
     "Gardez la bande de caisse et faites recompter par une deuxième personne.", "Keep the till roll and have a second person count again.", "احتفظوا بشريط الصندوق واطلبوا إعادة العد من شخص ثان."},
    {"I03", "Billets contrefaits acceptés", "Counterfeit banknotes accepted", "قبول أوراق نقدية مزورة", "cash", "loss", "ET2.1", "BL3", "RC2", "P01", "CE1", FRAUD,
     "Gardez la bande de caisse et faites recompter par une deuxième personne.", "Keep the till roll and have a second person count again.", "احتفظوا بشريط الصندوق واطلبوا إعادة العد من شخص ثان."},
    {"I04", "Écart GAB, distribué non débité", "Cash machine difference, dispensed but not debited", "فرق في الشباك الأوتوماتيكي", "cash", "loss", "ET7.1", "BL3", "RC7.1", "P01", "CR7", 0,
     "Gardez la bande de caisse et faites recompter par une deuxième personne.", "Keep the till roll and have a second person count again.", "احتفظوا بشريط الصندوق واطلبوا إعادة العد من شخص ثان."},
    {"I05", "Attaque d'agence, GAB ou transport de fonds", "Attack on a branch, machine or cash transport", "سطو على وكالة أو شباك أو ناقلة أموال", "cash", "loss", "ET2.1", "BL3", "RC2", "P01", "CE1", INSURED | FRAUD,
     "Gardez la bande de caisse et faites recompter par une deuxième personne.", "Keep the till roll and have a second person count again.", "احتفظوا بشريط الصندوق واطلبوا إعادة العد من شخص ثان."},
    {"I06", "Chèque falsifié ou contrefait payé", "Forged or altered cheque paid", "أداء شيك مزور أو محرف", "cheque", "loss", "ET2.1", "BL3", "RC2", "P03", "CR2", FRAUD,
     "Gardez l'original ou l'image et bloquez le compte du bénéficiaire si possible.", "Keep the original or the image and block the payee's account if you can.", "احتفظوا بالأصل أو الصورة واحجزوا حساب المستفيد إن أمكن."},
    {"I07", "Incident de paiement non déclaré, injonction tardive", "Unreported payment incident, late injunction", "عدم التصريح بعارض أداء أو تأخر الإنذار", "cheque", "loss", "ET7.2", "BL3", "RC7.4", "P03", "CR4", LEGAL | REGULATORY,
     "Gardez l'original ou l'image et bloquez le compte du bénéficiaire si possible.", "Keep the original or the image and block the payee's account if you can.", "احتفظوا بالأصل أو الصورة واحجزوا حساب المستفيد إن أمكن."},
    {"I08", "Saisie-arrêt ou ATD mal exécuté, tiers saisi condamné", "Seizure badly executed, bank held liable", "سوء تنفيذ حجز لدى الغير", "cheque", "loss", "ET7.1", "BL3", "RC7.4", "P15", "CR4", LEGAL,
     "Gardez l'original ou l'image et bloquez le compte du bénéficiaire si possible.", "Keep the original or the image and block the payee's account if you can.", "احتفظوا بالأصل أو الصورة واحجزوا حساب المستفيد إن أمكن."},
    {"I09", "Virement en double ou mauvais RIB", "Transfer sent twice or to the wrong account", "تحويل مكرر أو إلى حساب خاطئ", "payment", "loss", "ET7.1", "BL4", "RC7.1", "P04", "CP1", 0,
     "Appelez tout de suite le service des virements : les premières heures comptent pour récupérer les fonds.", "Call the transfer desk at once: the first hours decide whether the money comes back.", "اتصلوا فورا بمصلحة التحويلات: الساعات الأولى حاسمة لاسترجاع الأموال."},
    {"I10", "Faux ordre de virement (fraude au président)", "Fake transfer order (CEO fraud)", "أمر تحويل مزور بانتحال صفة المدير", "payment", "loss", "ET2.1", "BL4", "RC2", "P04", "CE3", FRAUD,
     "Appelez tout de suite le service des virements : les premières heures comptent pour récupérer les fonds.", "Call the transfer desk at once: the first hours decide whether the money comes back.", "اتصلوا فورا بمصلحة التحويلات: الساعات الأولى حاسمة لاسترجاع الأموال."},
    {"I11", "Hameçonnage ou SIM swap, compte vidé", "Phishing or SIM swap, account emptied", "تصيد احتيالي والاستيلاء على حساب رقمي", "digital", "loss", "ET2.1", "BL3", "RC6.2", "P06", "CE3", ICT | FRAUD,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I12", "Fraude carte à distance, total du mois", "Remote card fraud, total of the month", "احتيال بالبطاقة عبر الإنترنت", "payment", "loss", "ET2.1", "BL3", "RC2", "P05", "CE1", ICT | FRAUD | AGGREGATE,
     "Appelez tout de suite le service des virements : les premières heures comptent pour récupérer les fonds.", "Call the transfer desk at once: the first hours decide whether the money comes back.", "اتصلوا فورا بمصلحة التحويلات: الساعات الأولى حاسمة لاسترجاع الأموال."},
    {"I13", "Litige ou défaillance d'un prestataire", "Dispute with or failure of a provider", "نزاع أو إخلال من مقدم خدمة", "place", "loss", "ET7.6", "BL3", "RC8", "P20", "CE4", THIRD_PARTY,
     "Mettez les personnes en sécurité d'abord, puis prenez des photos.", "People first; take photos afterwards.", "سلامة الأشخاص أولا، ثم التقطوا الصور."},
    {"I14", "Crédit conso sur faux bulletins de paie", "Consumer loan on forged payslips", "قرض استهلاكي بوثائق مزورة", "credit", "loss", "ET2.1", "BL3", "RC2", "P07", "CE2", CREDIT | FRAUD,
     "Joignez le dossier complet et ne débloquez plus de fonds.", "Attach the whole file and release no more money.", "أرفقوا الملف كاملا ولا تفرجوا عن أي مبلغ إضافي."},
    {"I15", "Détournement de dépôts (clients âgés, MRE)", "Embezzlement of deposits (elderly or foreign-resident clients)", "اختلاس ودائع الزبناء من طرف مستخدم", "people", "loss", "ET1.2", "BL3", "RC1", "P02", "CP6", RESTRICTED | LEGAL | INSURED | FRAUD,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I16", "Crédits fictifs ou de complaisance", "Fictitious or complacent loans", "قروض وهمية بتواطؤ داخلي", "people", "loss", "ET1.2", "BL3", "RC1", "P07", "CP6", RESTRICTED | CREDIT | LEGAL | FRAUD,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I17", "Dépassement de limite dissimulé en salle", "Limit breach hidden in the trading room", "تجاوز مخفي لحدود قاعة التداول", "market", "loss", "ET1.1", "BL2", "RC1", "P11", "CP6", RESTRICTED | REGULATORY | FRAUD,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I18", "Erreur de sens ou de montant, change ou bons du Trésor", "Wrong direction or amount, currency or treasury bonds", "خطأ في أمر صرف أو سندات", "market", "loss", "ET7.1", "BL2", "RC7.3", "P11", "CP1", 0,
     "Prévenez le post-marché et ne corrigez pas seul la position.", "Tell the back office and do not correct the position alone.", "أخبروا المكتب الخلفي ولا تصححوا المركز بمفردكم."},
    {"I19", "Litige avec un correspondant", "Dispute with a correspondent bank", "نزاع مع بنك مراسل", "market", "loss", "ET7.5", "BL2", "RC7.3", "P12", "CE8", THIRD_PARTY,
     "Prévenez le post-marché et ne corrigez pas seul la position.", "Tell the back office and do not correct the position alone.", "أخبروا المكتب الخلفي ولا تصححوا المركز بمفردكم."},
    {"I20", "Valeur liquidative erronée", "Wrong net asset value", "خطأ في القيمة التصفوية", "market", "loss", "ET7.1", "BL7", "RC7.3", "P13", "CS6", REGULATORY,
     "Prévenez le post-marché et ne corrigez pas seul la position.", "Tell the back office and do not correct the position alone.", "أخبروا المكتب الخلفي ولا تصححوا المركز بمفردكم."},
    {"I21", "Crédoc payé malgré réserves", "Letter of credit paid despite discrepancies", "أداء اعتماد مستندي رغم التحفظات", "payment", "loss", "ET7.1", "BL4", "RC7.2", "P10", "CP2", 0,
     "Appelez tout de suite le service des virements : les premières heures comptent pour récupérer les fonds.", "Call the transfer desk at once: the first hours decide whether the money comes back.", "اتصلوا فورا بمصلحة التحويلات: الساعات الأولى حاسمة لاسترجاع الأموال."},
    {"I22", "Sûreté non inscrite ou mainlevée à tort (ANCFCC)", "Collateral not registered or released by mistake", "ضمانة غير مقيدة أو رفع يد بالخطأ", "credit", "loss", "ET7.1", "BL4", "RC7.2", "P09", "CR2", CREDIT | LEGAL,
     "Joignez le dossier complet et ne débloquez plus de fonds.", "Attach the whole file and release no more money.", "أرفقوا الملف كاملا ولا تفرجوا عن أي مبلغ إضافي."},
    {"I23", "Dossier incomplet opposé par le juge", "Incomplete file rejected by the court", "ملف قانوني ناقص أمام المحكمة", "client", "loss", "ET7.3", "BL3", "RC7.4", "P02", "CR6", LEGAL,
     "Notez les dates et les échanges avec le client ; ne promettez rien.", "Note dates and exchanges with the client; promise nothing.", "دونوا التواريخ والمراسلات مع الزبون ولا تقدموا أي وعد."},
    {"I24", "Frais ou taux mal paramétrés, remboursement", "Fees or rates wrongly set, refunds", "عمولات مقتطعة بالخطأ", "client", "loss", "ET7.1", "BL3", "RC7.4", "P16", "CS2", 0,
     "Notez les dates et les échanges avec le client ; ne promettez rien.", "Note dates and exchanges with the client; promise nothing.", "دونوا التواريخ والمراسلات مع الزبون ولا تقدموا أي وعد."},
    {"I25", "Défaut d'information, assurance emprunteur", "Missing advice on borrower's insurance", "إخلال بواجب الإخبار في التأمين", "client", "loss", "ET4.1", "BL3", "RC4.1", "P14", "CP7", 0,
     "Notez les dates et les échanges avec le client ; ne promettez rien.", "Note dates and exchanges with the client; promise nothing.", "دونوا التواريخ والمراسلات مع الزبون ولا تقدموا أي وعد."},
    {"I26", "Rupture abusive de concours", "Abusive termination of credit lines", "قطع تعسفي لخط ائتمان", "credit", "loss", "ET4.1", "BL4", "RC4.1", "P08", "CR4", LEGAL,
     "Joignez le dossier complet et ne débloquez plus de fonds.", "Attach the whole file and release no more money.", "أرفقوا الملف كاملا ولا تفرجوا عن أي مبلغ إضافي."},
    {"I27", "Sanction LBC-FT", "Anti-money-laundering sanction", "عقوبة في مجال مكافحة غسل الأموال", "client", "loss", "ET4.2", "BL3", "RC4.2", "P17", "CR4", RESTRICTED | REGULATORY,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I28", "Erreur de modèle ou de simulateur", "Error of a model or simulator", "خطأ في نموذج أو محاكي القروض", "digital", "loss", "ET4.3", "BL3", "RC4.3", "P07", "CS1", ICT,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I29", "Limite par client dépassée, pénalité", "Client limit exceeded, penalty", "تجاوز حد المخاطر على زبون", "credit", "loss", "ET4.4", "BL4", "RC4.1", "P08", "CR2", REGULATORY,
     "Joignez le dossier complet et ne débloquez plus de fonds.", "Attach the whole file and release no more money.", "أرفقوا الملف كاملا ولا تفرجوا عن أي مبلغ إضافي."},
    {"I30", "Litige sur mandat de conseil", "Dispute on an advisory mandate", "نزاع حول مهمة استشارية", "client", "loss", "ET4.5", "BL1", "RC4.1", "P14", "CP8", LEGAL,
     "Notez les dates et les échanges avec le client ; ne promettez rien.", "Note dates and exchanges with the client; promise nothing.", "دونوا التواريخ والمراسلات مع الزبون ولا تقدموا أي وعد."},
    {"I31", "Prélèvement sans mandat, valeur cliente perdue", "Debit without mandate, client's papers lost", "اقتطاع بدون توكيل أو ضياع قيم زبون", "payment", "loss", "ET7.4", "BL3", "RC7.1", "P04", "CP2", 0,
     "Appelez tout de suite le service des virements : les premières heures comptent pour récupérer les fonds.", "Call the transfer desk at once: the first hours decide whether the money comes back.", "اتصلوا فورا بمصلحة التحويلات: الساعات الأولى حاسمة لاسترجاع الأموال."},
    {"I32", "Licenciement jugé abusif", "Dismissal found unfair", "فصل تعسفي: تعويضات", "people", "loss", "ET3.1", "BL0", "RC3", "P19", "CR1", LEGAL,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I33", "Accident du travail, agression d'agent", "Work accident, assault on staff", "حادثة شغل أو اعتداء على مستخدم", "people", "loss", "ET3.2", "BL0", "RC3", "P19", "CE1", INSURED,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I34", "Discrimination alléguée", "Alleged discrimination", "شكوى تمييز", "people", "loss", "ET3.3", "BL0", "RC3", "P19", "CP8", RESTRICTED | LEGAL,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"I35", "Inondation, séisme, incendie", "Flood, earthquake, fire", "فيضان أو زلزال أو حريق", "place", "loss", "ET5.1", "BL3", "RC5", "P23", "CE5", INSURED,
     "Mettez les personnes en sécurité d'abord, puis prenez des photos.", "People first; take photos afterwards.", "سلامة الأشخاص أولا، ثم التقطوا الصور."},
    {"I36", "Arrêt du core banking", "Core banking outage", "توقف النظام البنكي المركزي", "digital", "loss", "ET6.1", "BL3", "RC6.1", "P21", "CS3", REGULATORY | ICT,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I37", "Panne Microsoft 365/Azure", "Microsoft 365/Azure outage", "انقطاع خدمات Microsoft 365 / Azure", "digital", "loss", "ET6.1", "BL3", "RC6.1", "P21", "CE4", ICT | THIRD_PARTY,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I38", "Coupure télécom ou monétique", "Telecommunication or card network outage", "انقطاع الاتصالات أو شبكة البطاقات", "digital", "loss", "ET6.1", "BL3", "RC6.1", "P05", "CE7", ICT | THIRD_PARTY,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I39", "DDoS couche 7 sur la banque en ligne", "Application-layer DDoS on online banking", "هجوم حجب الخدمة على البنك الإلكتروني", "digital", "loss", "ET2.2", "BL3", "RC6.2", "P22", "CE6", REGULATORY | ICT,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I40", "Rançongiciel (filiale ou prestataire)", "Ransomware (subsidiary or provider)", "برنامج فدية عند فرع أو مزود", "digital", "loss", "ET2.2", "BL3", "RC6.2", "P22", "CS7", REGULATORY | INSURED | ICT,
     "Prévenez le support et la sécurité des SI avant toute autre manipulation.", "Tell the help desk and information security before you touch anything else.", "أخبروا الدعم وأمن الأنظمة قبل أي تدخل آخر."},
    {"I41", "Harcèlement ou pression sur un salarié", "Harassment or pressure on staff", "تحرش أو ضغط على مستخدم", "people", "non_financial", "ET3.2", "BL0", "RC3", "P19", "CP8", RESTRICTED,
     "Votre déclaration est confidentielle ; n'en parlez pas autour de vous.", "Your declaration is confidential; do not talk about it.", "تصريحكم سري؛ لا تتحدثوا عنه."},
    {"NM", "Presque un incident : erreur ou fraude arrêtée à temps", "Near miss: error or fraud stopped in time", "حادث وشيك: خطأ أو احتيال أوقف في الوقت المناسب", "other", "near_miss", NULL, NULL, NULL, NULL, NULL, 0,
     "Dites ce qui l'a arrêté : c'est ce qui nous apprend le plus.", "Say what stopped it: that is what we learn most from.", "اذكروا ما الذي أوقفه: ذلك أكثر ما يفيدنا."},
    {"OTH", "Autre chose", "Something else", "شيء آخر", "other", "loss", NULL, NULL, NULL, NULL, NULL, 0,
     "Racontez avec vos mots ; le correspondant risque fera le reste.", "Tell it in your words; the risk correspondent does the rest.", "احكوا بكلماتكم؛ ومراسل المخاطر يتكفل بالباقي."},
    {0}
};

typedef struct TemplateSeed {
    const char *event_type, *fr, *en, *ar, *must_fill; /* blank separated */
    int64_t rca_above; /* minor units of MAD; -1: never */
    const char *playbook_fr, *playbook_en, *playbook_ar;
} TemplateSeed;
static const TemplateSeed templates[] = {
    {"ET1", "Fraude interne", "Internal fraud", "الاحتيال الداخلي", "perpetrator immediate_measures lesson", 0,
     "- Conserver les preuves avant tout entretien\n- Suspendre les habilitations\n- Saisir l'Inspection générale et le juridique\n- Vérifier la police d'assurance et son délai de déclaration",
     "- Secure the evidence before any interview\n- Suspend access rights\n- Inform the general inspection and legal\n- Check the insurance policy and its notice deadline",
     "- الحفاظ على الأدلة قبل أي استماع\n- تعليق الصلاحيات\n- إخبار المفتشية العامة والقسم القانوني\n- مراجعة عقد التأمين وأجل التصريح"},
    {"ET2", "Fraude externe", "External fraud", "الاحتيال الخارجي", "immediate_measures", 50000000,
     "- Bloquer les comptes et demander le retour des fonds\n- Déposer plainte\n- Prévenir les clients concernés", "- Block the accounts and ask for the funds back\n- File a complaint with the police\n- Inform the clients concerned",
     "- حجز الحسابات وطلب استرجاع الأموال\n- تقديم شكاية\n- إخبار الزبناء المعنيين"},
    {"ET2.2", "Cyberattaque", "Cyber attack", "هجوم سيبراني", "system_name downtime_minutes immediate_measures lesson", 0,
     "- Isoler les systèmes touchés\n- Conserver les journaux\n- Informer le RSSI et la cellule de crise", "- Isolate the systems hit\n- Keep the logs\n- Inform the security officer and the crisis unit", "- عزل الأنظمة المصابة\n- حفظ السجلات\n- إخبار مسؤول أمن الأنظمة وخلية الأزمة"},
    {"ET3", "Personnel et sécurité", "Staff and safety", "المستخدمون والسلامة", "immediate_measures", 50000000, "- Porter secours, déclarer l'accident dans le délai légal", "- Give help, report the accident in the legal time", "- تقديم المساعدة والتصريح بالحادثة داخل الأجل القانوني"},
    {"ET4", "Clients et pratiques", "Clients and practices", "الزبناء والممارسات", "clients lesson", 100000000, "- Recenser les clients concernés\n- Faire valider la réponse par la conformité", "- List the clients concerned\n- Have compliance check the answer", "- حصر الزبناء المعنيين\n- مصادقة الامتثال على الجواب"},
    {"ET5", "Sinistre", "Disaster", "كارثة", "immediate_measures", 50000000, "- Mettre les personnes en sécurité\n- Déclarer à l'assureur\n- Activer le plan de continuité", "- Bring people to safety\n- Inform the insurer\n- Start the continuity plan", "- تأمين الأشخاص\n- التصريح لدى شركة التأمين\n- تفعيل خطة الاستمرارية"},
    {"ET6", "Panne", "Outage", "عطب", "system_name downtime_minutes lesson", 20000000, "- Noter le début et la fin\n- Informer les utilisateurs\n- Demander l'avoir prévu par la convention de service", "- Note start and end\n- Inform the users\n- Claim the service credit", "- تسجيل البداية والنهاية\n- إخبار المستعملين\n- المطالبة برصيد الخدمة"},
    {"ET7", "Exécution", "Execution", "التنفيذ", "immediate_measures", 100000000, "- Demander le retour des fonds\n- Corriger l'opération à deux\n- Prévenir le client", "- Ask for the funds back\n- Correct the transaction with a second person\n- Inform the client", "- طلب استرجاع الأموال\n- تصحيح العملية بشخصين\n- إخبار الزبون"},
    {0}
};
/* clang-format on */

static Value text(const char *z) {
    return value_text(str_of(z));
}

static Err taxon(Value *out, Ctx *c, const char *code) {
    int64_t id = 0;
    *out = (Value){0};
    if (!code) return OK;
    TRY(incident_taxon(&id, c, code));
    if (id) *out = value_int(id);
    return OK;
}

static void put_flags(Record *r, unsigned flags) {
    static const struct {
        const char *field;
        unsigned flag;
    } names[] = {{"is_restricted", RESTRICTED},
                 {"is_credit", CREDIT},
                 {"is_legal", LEGAL},
                 {"is_regulatory", REGULATORY},
                 {"is_insured", INSURED},
                 {"is_ict", ICT},
                 {"is_fraud", FRAUD},
                 {"is_aggregate", AGGREGATE},
                 {"is_third_party", THIRD_PARTY}};
    for (size_t i = 0; i < LENGTH(names); i++)
        record_set(r, names[i].field, value_int((flags & names[i].flag) != 0));
}

static Err put_pattern(Ctx *c, const Type *t, const PatternSeed *p, int position) {
    Record *r = record_new(c, t), *saved;
    Value event_type, line, category, cause;
    int64_t process = 0;
    Err e = ref_find(&process, c, t, str_of(p->code));
    if (e != ERR_MISSING) return e;
    TRY(taxon(&event_type, c, p->event_type));
    TRY(taxon(&line, c, p->business_line));
    TRY(taxon(&category, c, p->category));
    TRY(taxon(&cause, c, p->cause));
    record_set(r, "code", text(p->code));
    record_set(r, "name_fr", text(p->fr));
    record_set(r, "name_en", text(p->en));
    record_set(r, "name_ar", text(p->ar));
    record_set(r, "family", text(p->family));
    record_set(r, "position", value_int(position));
    record_set(r, "event_kind", text(p->kind));
    record_set(r, "event_type", event_type);
    record_set(r, "business_line", line);
    record_set(r, "risk_category", category);
    record_set(r, "cause", cause);
    put_flags(r, p->flags);
    record_set(r, "hint_fr", text(p->hint_fr));
    record_set(r, "hint_en", text(p->hint_en));
    record_set(r, "hint_ar", text(p->hint_ar));
    return record_save(&saved, c, r, "seed");
}

/* The bank's processes come later than the shipped patterns: links those that are found by code. */
Err incident_seed_processes(Ctx *c) {
    const Type *t = model_need(c->model, "pattern"), *process = model_type(c->model, S("process"));
    for (const PatternSeed *p = patterns; process && p->code; p++) {
        Record *r, *saved;
        int64_t id, at;
        if (!p->process) continue;
        Err e = ref_find(&at, c, process, str_of(p->process));
        if (e == ERR_MISSING) continue;
        TRY(e);
        TRY(ref_find(&id, c, t, str_of(p->code)));
        TRY(record_load_raw(&r, c, t, id));
        if (record_int(r, "process")) continue;
        r = record_clone(c, r);
        record_set(r, "process", value_int(at));
        TRY(record_save(&saved, c, r, "seed"));
    }
    return OK;
}

static Value words(Ctx *c, const char *blank_separated) {
    Value *items = NEW_N(c->arena, Value, 16);
    size_t n = 0;
    Str rest = str_of(blank_separated), word;
    while (n < 16 && str_cut(&word, &rest, ' '))
        if (word.n) items[n++] = value_text(word);
    return n ? (Value){.kind = V_LIST, .list = items, .n = n} : (Value){0};
}

static Err put_template(Ctx *c, const Type *t, const TemplateSeed *s) {
    Record *r = record_new(c, t), *saved;
    Str code = str_fmt(c->arena, "RT-%s", s->event_type);
    Value event_type;
    int64_t id;
    Err e = ref_find(&id, c, t, code);
    if (e != ERR_MISSING) return e;
    TRY(taxon(&event_type, c, s->event_type));
    record_set(r, "code", value_text(code));
    record_set(r, "name_fr", text(s->fr));
    record_set(r, "name_en", text(s->en));
    record_set(r, "name_ar", text(s->ar));
    record_set(r, "event_type", event_type);
    record_set(r, "must_fill", words(c, s->must_fill));
    if (s->rca_above >= 0) record_set(r, "rca_above", value_money(s->rca_above, S("MAD")));
    record_set(r, "playbook_fr", text(s->playbook_fr));
    record_set(r, "playbook_en", text(s->playbook_en));
    record_set(r, "playbook_ar", text(s->playbook_ar));
    return record_save(&saved, c, r, "seed");
}

/* Patterns point to taxonomies of modules that come before this one; seeds may be run in any order
 * and again. */
static Err seeds_before(Ctx *c) {
    int64_t id;
    TRY(incident_taxon(&id, c, "ET1.1"));
    for (size_t i = 0; !id && all_modules[i]; i++)
        if (all_modules[i]->seed && all_modules[i]->demo_order > 0 &&
            all_modules[i]->demo_order < INCIDENT_ORDER)
            TRY(all_modules[i]->seed(c));
    return OK;
}

Err incident_seed(Ctx *c) {
    int position = 1;
    TRY(seeds_before(c));
    for (const PatternSeed *p = patterns; p->code; p++)
        TRY(put_pattern(c, model_need(c->model, "pattern"), p, position++));
    for (const TemplateSeed *s = templates; s->event_type; s++)
        TRY(put_template(c, model_need(c->model, "response_template"), s));
    return incident_seed_processes(c);
}
