/* incident_types.c: the incident as tables: fields, states, transitions, rights. Data only; the few
 * rules that no table can say are in incident_rules.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

/* clang-format off */

/* ---- choices ---- */
static const Choice ranges[] = {
    {"none",     N_("No money"), 0}, {"to_10k", N_("Less than 10,000"), 0}, {"to_100k", N_("10,000 to 100,000"), 0},
    {"to_1m",    N_("100,000 to 1 million"), 0}, {"over_1m", N_("More than 1 million"), 0}, {"unknown", N_("I do not know"), 0}, {0}
};
static const Choice clients_ranges[] = {
    {"none", N_("No client"), 0}, {"one", N_("One client"), 0}, {"few", N_("A few clients"), 0},
    {"many", N_("More than ten clients"), 0}, {"unknown", N_("I do not know"), 0}, {0}
};
static const Choice event_kinds[] = {
    {"loss", N_("Loss"), TONE_WARN}, {"gain", N_("Gain"), TONE_INFO}, {"near_miss", N_("Near miss"), TONE_ACCENT},
    {"non_financial", N_("Without financial effect"), TONE_MUTED}, {0}
};
static const Choice channels[] = {
    {"form", N_("Form"), 0}, {"portal", N_("Portal"), 0}, {"anonymous", N_("Anonymous"), 0}, {"email", N_("E-mail"), 0},
    {"import", N_("Import"), 0}, {"feed", N_("Status feed"), 0}, {"suspense", N_("Suspense account"), 0}, {"audit", N_("Audit"), 0}, {0}
};
static const Choice modes[] = {{"single", N_("Once"), 0}, {"continuous", N_("Continuous"), 0}, {"repeated", N_("Repeated"), 0}, {0}};
static const Choice perpetrators[] = {
    {"internal", N_("Internal person"), 0}, {"external", N_("External person"), 0}, {"both", N_("Both together"), 0},
    {"unknown", N_("Not known yet"), 0}, {0}
};
static const Choice esg_flags[] = {
    {"none", N_("None"), 0}, {"e", N_("Environment"), 0}, {"s", N_("Social"), 0}, {"g", N_("Governance"), 0},
    {"greenwashing", N_("Greenwashing"), 0}, {0}
};
static const Choice boundaries[] = {{"none", N_("Operational risk only"), 0}, {"credit", N_("Credit risk"), 0}, {"market", N_("Market risk"), 0}, {0}};
static const Choice financial_states[] = {
    {"estimated", N_("Estimated"), TONE_MUTED}, {"provisioned", N_("Provisioned"), TONE_WARN}, {"booked", N_("Booked"), TONE_INFO},
    {"settled", N_("Settled"), TONE_GOOD}, {0}
};
static const Choice levels[] = {
    {"0", N_("None"), TONE_MUTED}, {"1", N_("Low"), TONE_GOOD}, {"2", N_("Medium"), TONE_WARN}, {"3", N_("High"), TONE_BAD},
    {"4", N_("Critical"), TONE_CRITICAL}, {0}
};
static const Choice severities[] = {
    {"1", N_("Very low"), TONE_MUTED}, {"2", N_("Low"), TONE_GOOD}, {"3", N_("Medium"), TONE_WARN}, {"4", N_("High"), TONE_BAD},
    {"5", N_("Critical"), TONE_CRITICAL}, {0}
};
const Choice incident_approval_measures[] = {
    {"gross", N_("Gross loss"), 0}, {"net", N_("Net loss"), 0}, {"expected", N_("Expected loss (estimate)"), 0}, {"potential", N_("Largest possible loss"), 0}, {0}
};
static const Choice failures[] = {
    {"missing", N_("Missing"), 0}, {"design", N_("Badly designed"), 0}, {"operation", N_("Not applied"), 0},
    {"override", N_("Overridden"), 0}, {"none", N_("No control could have prevented it"), 0}, {0}
};
static const Choice segments[] = {
    {"retail", N_("Private clients"), 0}, {"mre", N_("Moroccans living abroad"), 0}, {"professional", N_("Professionals"), 0},
    {"sme", N_("Small and medium enterprises"), 0}, {"corporate", N_("Large companies"), 0}, {"bank", N_("Banks and institutions"), 0}, {0}
};

/* ---- rows ---- */
static const FieldDef cause_rows[] = {
    {.name = "cause", .label = N_("Cause"), .kind = KIND_TAXON, .of = "cause", .flags = F_REQUIRED},
    {.name = "is_primary", .label = N_("Primary cause"), .kind = KIND_BOOL},
    {.name = "weight", .label = N_("Weight"), .kind = KIND_PERCENT, .min = 0, .max = 10000},
    {0}
};
static const FieldDef consequence_rows[] = {
    {.name = "consequence", .label = N_("Consequence"), .kind = KIND_TAXON, .of = "consequence", .flags = F_REQUIRED},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT},
    {0}
};
static const FieldDef control_rows[] = {
    {.name = "control", .label = N_("Control"), .kind = KIND_TEXT},
    {.name = "how", .label = N_("How it failed"), .kind = KIND_CHOICE, .choices = failures, .flags = F_REQUIRED},
    {0}
};
static const FieldDef allocation_rows[] = {
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity"},
    {.name = "unit", .label = N_("Unit"), .kind = KIND_UNIT},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line"},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process"},
    {.name = "percent", .label = N_("Share"), .kind = KIND_PERCENT, .min = 1, .max = 10000, .flags = F_REQUIRED},
    {0}
};

static const FieldDef approval_rows[] = {
    {.name = "level", .label = N_("Level"), .kind = KIND_INT},
    {.name = "measure", .label = N_("Measured on"), .kind = KIND_CHOICE, .choices = incident_approval_measures},
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles"},
    {.name = "person", .label = N_("Person"), .kind = KIND_USER},
    {.name = "approved_by", .label = N_("Approved by"), .kind = KIND_USER},
    {.name = "approved_on", .label = N_("Approved on"), .kind = KIND_DATE},
    {.name = "approved_for", .label = N_("On behalf of"), .kind = KIND_USER},
    {0}
};

static const FieldGroup incident_groups[] = {
    {"what",       N_("What happened"), N_("In plain words. Everything else can come later.")},
    {"where",      N_("Where and when"), N_("Occurrence, discovery and booking are three different dates.")},
    {"money",      N_("Money"), N_("Sums come from the entries; before the first one, from the estimate.")},
    {"class",      N_("Classification"), N_("For figures and capital. The second line checks it.")},
    {"causes",     N_("Causes and consequences"), N_("Why it happened, what followed and which control failed.")},
    {"assessment", N_("Assessment"), N_("What it did to clients, reputation, staff and service.")},
    {"follow_up",  N_("Follow-up"), N_("What was done at once and what the bank learned.")},
    {0}
};

#define FLAG(id, words, explained) \
    {.name = id, .label = words, .kind = KIND_BOOL, .group = "class", .flags = F_FILTER | F_MORE, .help = explained}
#define SUM(id, words, more) \
    {.name = id, .label = words, .kind = KIND_MONEY, .group = "money", .flags = F_DERIVED | (more)}
#define DELAY(id, words) \
    {.name = id, .label = words, .kind = KIND_INT, .group = "where", .flags = F_DERIVED | F_FILTER}
#define IMPACT(id, words) \
    {.name = id, .label = words, .kind = KIND_CHOICE, .choices = levels, .group = "assessment", .flags = F_CARDS, .leave = "review"}

static const FieldDef incident_fields[] = {
    /* what happened */
    {.name = "pattern", .label = N_("What is it like?"), .kind = KIND_REF, .of = "pattern", .group = "what", .flags = F_FILTER,
     .help = N_("The nearest of the known patterns; it presets the classification.")},
    {.name = "title", .label = N_("Title"), .also = "libelle|intitule|objet|resume|libelle de l'incident|intitule de la perte|nature de l'incident|nature de la perte|description sommaire", .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_SORTED, .max_length = 200,
     .help = N_("One line, for example “Transfer sent twice to a supplier”.")},
    {.name = "description", .label = N_("What happened?"), .also = "description|faits|description de l'incident|description des faits|commentaire|commentaires|circonstances|details|observations", .kind = KIND_LONG, .group = "what", .flags = F_SEARCHED, .leave = "draft",
     .help = N_("Facts in the order they happened. Do not write names of clients or account numbers.")},
    {.name = "amount_range", .label = N_("Is there money involved?"), .kind = KIND_CHOICE, .choices = ranges, .group = "what", .flags = F_CARDS | F_FILTER, .leave = "draft",
     .help = N_("A range is enough, in the currency of your entity.")},
    {.name = "estimated_loss", .label = N_("Amount, if you know it"), .also = "montant estime|perte estimee|estimation", .kind = KIND_MONEY, .group = "what", .max = INT64_C(100000000000000), .flags = F_MATERIAL},
    {.name = "clients_range", .label = N_("Are clients affected?"), .kind = KIND_CHOICE, .choices = clients_ranges, .group = "what", .flags = F_CARDS},
    {.name = "manager_involved", .label = N_("My manager is involved"), .kind = KIND_BOOL, .group = "what",
     .help = N_("It then goes straight to the general inspection; your unit does not see it.")},
    {.name = "files", .label = N_("Photos and files"), .kind = KIND_FILES, .group = "what"},

    /* where and when */
    {.name = "discovered_on", .label = N_("Date of discovery"), .also = "date de constat|date constat|date de decouverte|date decouverte|date de detection|date detection|decouvert le|constate le|date de constatation|date", .kind = KIND_DATE, .group = "where", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_LOOKUP | F_FILTER | F_MATERIAL | F_HEADLINE, .default_value = "today",
     .help = N_("The day on which somebody of the bank noticed it.")},
    {.name = "occurred_on", .label = N_("Date of occurrence"), .also = "date de survenance|date survenance|survenu le|date de l'evenement|date evenement|date des faits|date de l'incident|date incident|date sinistre|date du sinistre", .kind = KIND_DATE, .group = "where", .flags = F_SORTED | F_FILTER | F_MATERIAL, .leave = "qualification",
     .help = N_("The day on which it happened or began.")},
    {.name = "occurred_until", .label = N_("End of occurrence"), .kind = KIND_DATE, .group = "where", .flags = F_MORE},
    {.name = "dates_estimated", .label = N_("These dates are estimates"), .kind = KIND_BOOL, .group = "where", .flags = F_MORE},
    {.name = "declared_on", .label = N_("Date of declaration"), .kind = KIND_DATE, .group = "where", .flags = F_COMPUTED | F_SORTED | F_FILTER},
    {.name = "first_booked_on", .label = N_("First booking"), .kind = KIND_DATE, .group = "where", .flags = F_DERIVED},
    {.name = "last_booked_on", .label = N_("Last booking"), .kind = KIND_DATE, .group = "where", .flags = F_DERIVED},
    {.name = "legal_provision_on", .label = N_("Legal provision on"), .kind = KIND_DATE, .group = "where", .flags = F_DERIVED},
    {.name = "settled_on", .label = N_("Settled on"), .kind = KIND_DATE, .group = "where", .flags = F_MORE},
    {.name = "notified_on", .label = N_("Authority informed on"), .kind = KIND_DATE, .group = "where", .flags = F_MORE, .only_if = "regulatory=true"},
    {.name = "due_on", .label = N_("Next step due on"), .kind = KIND_DATE, .group = "where", .flags = F_DERIVED | F_SORTED | F_FILTER},
    {.name = "due_calendar", .label = N_("Working days counted by"), .kind = KIND_REF, .of = "calendar", .group = "where", .flags = F_DERIVED},
    {.name = "closed_on", .label = N_("Date of closure"), .kind = KIND_DATE, .group = "where", .flags = F_COMPUTED | F_FILTER},
    DELAY("days_to_discover", N_("Days from occurrence to discovery")),
    DELAY("days_to_declare", N_("Days from discovery to declaration")),
    DELAY("days_to_book", N_("Days from discovery to first booking")),
    DELAY("days_to_close", N_("Days from declaration to closure")),
    {.name = "entity", .label = N_("Entity that bears the loss"), .kind = KIND_REF, .of = "entity", .group = "where", .flags = F_FILTER,
     .help = N_("Left empty, it is the entity of the unit.")},
    {.name = "discovery_unit", .label = N_("Unit of discovery"), .kind = KIND_UNIT, .group = "where", .flags = F_MORE},
    {.name = "process", .label = N_("Process"), .also = "processus", .kind = KIND_REF, .of = "process", .group = "where", .flags = F_FILTER, .leave = "qualification"},
    {.name = "product", .label = N_("Product"), .also = "produit", .kind = KIND_TEXT, .group = "where", .flags = F_MORE | F_FILTER | F_SEARCHED},
    {.name = "site", .label = N_("Site"), .kind = KIND_TEXT, .group = "where", .flags = F_MORE | F_SEARCHED},
    {.name = "system_name", .label = N_("System"), .kind = KIND_TEXT, .group = "where", .flags = F_MORE | F_FILTER | F_SEARCHED},
    {.name = "third_party", .label = N_("Third party"), .also = "tiers|prestataire|fournisseur", .kind = KIND_TEXT, .group = "where", .flags = F_MORE | F_FILTER | F_SEARCHED},
    {.name = "client_segment", .label = N_("Client segment"), .kind = KIND_CHOICE, .choices = segments, .group = "where", .flags = F_MORE | F_FILTER},
    {.name = "counterparty", .label = N_("Counterparty"), .kind = KIND_TEXT, .group = "where", .flags = F_MORE | F_SEARCHED,
     .help = N_("The client or institution on the other side, by its number rather than by its name.")},
    {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .group = "where", .flags = F_MORE, .max_length = 2, .help = N_("Two letters, for example MA.")},
    {.name = "occurrence_mode", .label = N_("How often"), .kind = KIND_CHOICE, .choices = modes, .group = "where", .flags = F_MORE, .default_value = "single"},
    {.name = "channel", .label = N_("Declared by way of"), .kind = KIND_CHOICE, .choices = channels, .group = "where", .flags = F_MORE | F_FILTER | F_FIXED, .default_value = "form"},

    /* money */
    {.name = "gross", .label = N_("Gross loss"), .kind = KIND_MONEY, .group = "money", .flags = F_DERIVED | F_LISTED | F_SORTED | F_HEADLINE | F_FILTER,
     .known_by = "financial_status", .stand_in = "amount_range"},
    {.name = "recoveries", .label = N_("Recoveries"), .kind = KIND_MONEY, .group = "money", .flags = F_DERIVED | F_HEADLINE, .known_by = "financial_status"},
    SUM("insurance", N_("Of which insurance"), 0),
    SUM("direct_recoveries", N_("Of which direct"), 0),
    SUM("other_recoveries", N_("Of which other recoveries"), 0),
    {.name = "net", .label = N_("Net loss"), .kind = KIND_MONEY, .group = "money", .flags = F_DERIVED | F_LISTED | F_SORTED | F_HEADLINE | F_FILTER,
     .known_by = "financial_status"},
    SUM("gross_booked", N_("Gross loss booked"), 0),
    SUM("net_booked", N_("Net loss booked"), 0),
    SUM("provision_outstanding", N_("Provision outstanding"), 0),
    SUM("pending", N_("Pending loss"), 0),
    SUM("rapid_recovery", N_("Rapidly recovered"), 0),
    SUM("gain", N_("Gain"), 0),
    SUM("memo", N_("Outside the loss (memo)"), 0),
    SUM("opportunity_cost", N_("Opportunity cost (memo)"), 0),
    SUM("internal_cost", N_("Internal cost (memo)"), 0),
    SUM("gross_group", N_("Gross loss, group currency"), F_SORTED | F_FILTER),
    SUM("recoveries_group", N_("Recoveries, group currency"), 0),
    SUM("insurance_group", N_("Insurance, group currency"), 0),
    SUM("net_group", N_("Net loss, group currency"), F_SORTED | F_FILTER),
    SUM("first_estimate", N_("First estimate"), F_FILTER),
    {.name = "approved_up_to", .label = N_("Approved up to"), .kind = KIND_MONEY, .group = "money", .flags = F_COMPUTED},
    {.name = "approvals", .label = N_("Approvals"), .kind = KIND_ROWS, .rows = approval_rows, .group = "money", .flags = F_COMPUTED,
     .help = N_("What the matrix of the response template asks: level after level, within a level in any order.")},
    {.name = "approvers", .label = N_("Approval by"), .kind = KIND_REFS, .of = "user", .group = "money", .flags = F_DERIVED | F_HIDDEN},
    {.name = "max_potential_loss", .label = N_("Largest possible loss"), .kind = KIND_MONEY, .group = "money", .only_if = "event_kind=near_miss", .max = INT64_C(100000000000000),
     .help = N_("For a near miss: what it could have cost.")},
    {.name = "claim_by", .label = N_("Claim from insurer or provider by"), .kind = KIND_DATE, .group = "money", .flags = F_MORE | F_FILTER,
     .help = N_("Preset for what is usually insured or caused by a provider: later the claim may be lost.")},
    {.name = "claimed_on", .label = N_("Claimed on"), .kind = KIND_DATE, .group = "money", .flags = F_MORE | F_FILTER},
    {.name = "financial_status", .label = N_("Financial status"), .kind = KIND_CHOICE, .choices = financial_states, .group = "money", .flags = F_DERIVED | F_FILTER},
    {.name = "large_loss", .label = N_("Large loss"), .kind = KIND_BOOL, .group = "money", .flags = F_DERIVED | F_FILTER},
    {.name = "used_in_capital", .label = N_("In the loss data set of capital"), .kind = KIND_BOOL, .group = "money", .flags = F_DERIVED | F_FILTER},
    {.name = "exclusion", .label = N_("Left out by request"), .kind = KIND_REF, .of = "loss_exclusion_request", .group = "money", .flags = F_DERIVED | F_FILTER},
    {.name = "entry_count", .label = N_("Number of entries"), .kind = KIND_INT, .group = "money", .flags = F_DERIVED | F_HIDDEN},
    {.name = "valued_on", .label = N_("Last valued on"), .kind = KIND_DATE, .group = "money", .flags = F_DERIVED},

    /* classification */
    {.name = "event_kind", .label = N_("Kind of event"), .kind = KIND_CHOICE, .choices = event_kinds, .group = "class", .flags = F_FILTER | F_LISTED | F_MATERIAL, .default_value = "loss", .leave = "qualification"},
    {.name = "event_type", .label = N_("Event type"), .also = "categorie bale|categorie baloise|categorie de bale|type d'evenement|type evenement|categorie d'evenement|nature bale|evenement bale|type bale|categorie|categorie de risque", .kind = KIND_TAXON, .of = "event_type", .group = "class", .flags = F_LISTED | F_FILTER | F_MATERIAL, .leave = "qualification",
     .help = N_("Second level of the Basel list, for example ET7.1.")},
    {.name = "business_line", .label = N_("Business line"), .also = "ligne de metier|ligne metier|metier|ligne d'activite|activite|branche d'activite", .kind = KIND_TAXON, .of = "business_line", .group = "class", .flags = F_FILTER | F_MATERIAL, .leave = "qualification",
     .help = N_("BL0 when it belongs to no line of business.")},
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "class", .flags = F_FILTER, .leave = "qualification"},
    {.name = "boundary", .label = N_("Boundary with"), .kind = KIND_CHOICE, .choices = boundaries, .group = "class", .flags = F_FILTER | F_MATERIAL, .default_value = "none"},
    {.name = "in_credit_rwa", .label = N_("Counted in credit risk-weighted assets"), .kind = KIND_BOOL, .group = "class", .only_if = "boundary=credit", .flags = F_MATERIAL,
     .help = N_("Then it is kept here but stays out of operational risk capital.")},
    {.name = "boundary_reference", .label = N_("Reference of the credit or market file"), .kind = KIND_TEXT, .group = "class", .only_if = "boundary=credit|market"},
    FLAG("fraud", N_("Fraud"), NULL),
    {.name = "perpetrator", .label = N_("Who did it"), .kind = KIND_CHOICE, .choices = perpetrators, .group = "class", .flags = F_FILTER, .only_if = "fraud=true"},
    FLAG("legal_case", N_("Legal case"), N_("Its date of accounting is that of the provision.")),
    {.name = "legal_reference", .label = N_("Number of the legal case"), .kind = KIND_TEXT, .group = "class", .only_if = "legal_case=true"},
    FLAG("ict", N_("Computer or cyber incident"), NULL),
    FLAG("model_related", N_("Model risk"), NULL),
    FLAG("third_party_caused", N_("Caused by a third party"), NULL),
    FLAG("misconduct", N_("Misconduct"), N_("Separates misconduct from other legal risk.")),
    FLAG("regulatory", N_("To be reported to an authority"), NULL),
    {.name = "esg", .label = N_("Environment, social, governance"), .kind = KIND_CHOICE, .choices = esg_flags, .group = "class", .flags = F_MORE | F_FILTER, .default_value = "none"},
    {.name = "out_of_models", .label = N_("Leave out of loss models"), .kind = KIND_BOOL, .group = "class", .flags = F_MORE},
    {.name = "grouped_root", .label = N_("Root event"), .kind = KIND_REF, .of = "incident", .group = "class", .flags = F_FILTER | F_MORE,
     .help = N_("Losses with one common cause count as one loss; name the first of them.")},
    {.name = "aggregate", .label = N_("Many small losses together"), .kind = KIND_BOOL, .group = "class", .flags = F_FILTER | F_MORE},
    {.name = "item_count", .label = N_("How many"), .kind = KIND_INT, .group = "class", .min = 1, .max = 100000000, .only_if = "aggregate=true"},
    {.name = "allocations", .label = N_("Allocation"), .kind = KIND_ROWS, .rows = allocation_rows, .group = "class", .flags = F_MORE,
     .help = N_("Leave it empty, or let the shares add up to 100 %.")},

    /* causes and consequences */
    {.name = "causes", .label = N_("Causes"), .kind = KIND_ROWS, .rows = cause_rows, .group = "causes", .leave = "qualification",
     .help = N_("Mark one as primary. Weights are optional; if given, they add up to 100 %.")},
    {.name = "primary_cause", .label = N_("Primary cause"), .kind = KIND_TAXON, .of = "cause", .group = "causes", .flags = F_COMPUTED | F_FILTER},
    {.name = "consequences", .label = N_("Consequences"), .kind = KIND_ROWS, .rows = consequence_rows, .group = "causes"},
    {.name = "controls_failed", .label = N_("Controls that failed"), .kind = KIND_ROWS, .rows = control_rows, .group = "causes", .leave = "review"},
    {.name = "controls", .label = N_("The same in the register of controls"), .kind = KIND_REFS, .of = "control", .group = "causes", .flags = F_MORE | F_FILTER},
    {.name = "indicators", .label = N_("Indicators concerned"), .kind = KIND_REFS, .of = "indicator", .group = "causes", .flags = F_MORE | F_FILTER,
     .help = N_("Those that announced it, or should have.")},

    /* assessment */
    IMPACT("impact_client", N_("Effect on clients")),
    IMPACT("impact_reputation", N_("Effect on reputation")),
    IMPACT("impact_regulatory", N_("Regulatory effect")),
    IMPACT("impact_legal", N_("Legal effect")),
    IMPACT("impact_staff", N_("Effect on staff and safety")),
    IMPACT("impact_data", N_("Effect on data")),
    IMPACT("impact_service", N_("Effect on service")),
    {.name = "impact_note", .label = N_("Why these levels"), .kind = KIND_LONG, .group = "assessment"},
    {.name = "severity", .label = N_("Severity"), .kind = KIND_CHOICE, .choices = severities, .group = "assessment", .flags = F_DERIVED | F_FILTER | F_HEADLINE},
    {.name = "clients", .label = N_("Clients affected"), .kind = KIND_INT, .group = "assessment", .min = 0, .max = 1000000000},
    {.name = "transactions", .label = N_("Transactions affected"), .kind = KIND_INT, .group = "assessment", .flags = F_MORE, .min = 0, .max = 1000000000000},
    {.name = "outage_from", .label = N_("Service interrupted since"), .kind = KIND_INSTANT, .group = "assessment", .flags = F_MORE},
    {.name = "outage_until", .label = N_("Service back since"), .kind = KIND_INSTANT, .group = "assessment", .flags = F_MORE,
     .help = N_("Left empty while it lasts; with both, the minutes are counted from them.")},
    {.name = "downtime_minutes", .label = N_("Downtime in minutes"), .kind = KIND_INT, .group = "assessment", .flags = F_MORE, .min = 0, .max = 10000000},
    {.name = "data_records", .label = N_("Data records affected"), .kind = KIND_INT, .group = "assessment", .flags = F_MORE, .min = 0, .max = 1000000000000},

    /* follow-up */
    {.name = "immediate_measures", .label = N_("Measures taken at once"), .kind = KIND_LONG, .group = "follow_up", .flags = F_SEARCHED},
    {.name = "lesson", .label = N_("Lesson learned"), .kind = KIND_LONG, .group = "follow_up", .flags = F_SEARCHED},
    {.name = "rca_required", .label = N_("Root cause analysis required"), .kind = KIND_BOOL, .group = "follow_up", .flags = F_DERIVED | F_FILTER},
    {.name = "duplicate_of", .label = N_("Same as"), .kind = KIND_REF, .of = "incident", .group = "follow_up", .flags = F_MORE},
    {.name = "external_key", .label = N_("Key in the source system"), .also = "reference|ref|n° sinistre|numero de sinistre|n° incident|numero incident|n° de l'incident|code incident|id|n°|num|n° dossier|identifiant|reference interne|ref incident|ref sinistre", .kind = KIND_TEXT, .group = "follow_up", .flags = F_UNIQUE | F_MORE, .max_length = 100,
     .help = N_("Makes an import safe to repeat.")},
    {.name = "follow_up_hash", .label = N_("Follow-up code"), .kind = KIND_TEXT, .group = "follow_up", .flags = F_SECRET | F_COMPUTED | F_HIDDEN | F_UNIQUE, .max_length = 64},
    {0}
};

/* ---- workflow ---- */
static const StateDef incident_states[] = {
    {"draft",         N_("Draft"),                    TONE_MUTED,  1, 0, "@creator"},
    {"declared",      N_("Declared"),                 TONE_WARN,   2, 0, "unit_head correspondent inspection"},
    {"qualification", N_("Qualification"),            TONE_WARN,   3, 0, "correspondent inspection"},
    {"review",        N_("Second-line review"),       TONE_INFO,   4, 0, "analyst inspection"},
    {"approval",      N_("Approval"),                 TONE_ACCENT, 5, 0, "head_orm committee @approvers"},
    {"open",          N_("Open, followed up"),        TONE_INFO,   6, 0, "correspondent inspection"},
    {"closure",       N_("Closure check"),            TONE_INFO,   7, 0, "analyst inspection"},
    {"closed",        N_("Closed"),                   TONE_GOOD,   8, STATE_CLOSED, NULL},
    {"cancelled",     N_("Cancelled"),                TONE_MUTED,  9, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};

static const TransitionDef incident_transitions[] = {
    {"submit", N_("Declare"), "draft", "declared", "@creator correspondent analyst inspection", TRANSITION_PRIMARY | TRANSITION_AT_ONCE, .done = N_("declared it")},
    {"start", N_("Open as a running incident"), "draft", "qualification", "correspondent analyst head_orm inspection", TRANSITION_AT_ONCE,
     .done = N_("opened it as a running incident")},
    {"discard", N_("Discard"), "draft", "cancelled", "@creator analyst inspection", TRANSITION_DANGER, .done = N_("discarded the draft")},
    {"confirm", N_("Confirm"), "declared", "qualification", "unit_head correspondent inspection", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR,
     .done = N_("confirmed it")},
    {"ask", N_("Ask the declarant"), "declared", "draft", "unit_head correspondent inspection", TRANSITION_REASON,
     .guard = incident_guard_ask, .done = N_("asked the declarant")},
    {"not_event", N_("Not an incident"), "declared", "cancelled", "unit_head correspondent inspection", TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_CREATOR,
     .done = N_("decided that it is no incident")},
    {"merge", N_("Merge with another"), "declared qualification review", "cancelled", "unit_head correspondent analyst inspection", TRANSITION_REASON | TRANSITION_DANGER,
     .guard = incident_guard_merge, .sends = "duplicate_of", .done = N_("merged it with another incident")},
    {"send", N_("Send for review"), "qualification", "review", "correspondent inspection", TRANSITION_PRIMARY, .done = N_("sent it for review")},
    {"cancel", N_("Cancel"), "qualification review open", "cancelled", "correspondent analyst head_orm inspection", TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_CREATOR,
     .done = N_("cancelled it")},
    {"return", N_("Return"), "review closure", "qualification", "analyst head_orm inspection", TRANSITION_REASON, .done = N_("returned it for completion")},
    {"validate", N_("Validate"), "review", NULL, "analyst head_orm inspection", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS | TRANSITION_NOT_CREATOR,
     .route = incident_route_validated, .done = N_("validated it")},
    {"approve", N_("Approve"), "approval", NULL, "unit_head head_orm committee inspection", TRANSITION_PRIMARY | TRANSITION_LIMIT | TRANSITION_NOT_PREVIOUS | TRANSITION_NOT_CREATOR, "gross net",
     .actors = incident_actors_approve, .refuse = incident_refuse_approve, .actors_of = "approvals", .route = incident_route_approved, .done = N_("approved it")},
    {"reject", N_("Reject"), "approval", "qualification", "unit_head head_orm committee inspection", TRANSITION_REASON | TRANSITION_DANGER, .actors = incident_actors_reject, .actors_of = "approvals", .done = N_("rejected it")},
    {"propose_closure", N_("Propose closure"), "open", "closure", "correspondent finance analyst inspection", TRANSITION_PRIMARY, .done = N_("proposed closure")},
    {"exceed", N_("Send for approval again"), "open closure", "approval", "", TRANSITION_HIDDEN, .done = N_("sent it for approval again, the amount is above what was approved")},
    {"keep_open", N_("Keep open"), "closure", "open", "analyst head_orm inspection", TRANSITION_REASON, .done = N_("kept it open")},
    {"close", N_("Close"), "closure", "closed", "analyst head_orm inspection", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS, .guard = incident_guard_close, .done = N_("closed it")},
    {"reopen", N_("Reopen"), "closed", "open", "analyst head_orm finance inspection", TRANSITION_REASON, .done = N_("reopened it")},
    {"late_booking", N_("Reopen for a late booking"), "closed", "open", "", TRANSITION_HIDDEN, .done = N_("reopened it for a late booking")},
    {"restore", N_("Restore"), "cancelled", "declared", "analyst head_orm inspection", TRANSITION_REASON, .done = N_("restored it")},
    {0}
};

/* ---- rights ---- */
#define NOT_FOR_DECLARANTS                                                                                                             \
    "event_type business_line risk_category boundary in_credit_rwa boundary_reference esg financial_status causes primary_cause "     \
    "used_in_capital large_loss out_of_models misconduct allocations approved_up_to gross recoveries insurance net gross_booked "      \
    "direct_recoveries other_recoveries opportunity_cost internal_cost approvals approvers exclusion due_on due_calendar controls indicators "        \
    "counterparty net_booked provision_outstanding pending rapid_recovery gain memo gross_group recoveries_group insurance_group net_group "        \
    "first_estimate max_potential_loss fraud perpetrator legal_case legal_reference model_related regulatory grouped_root severity "  \
    "controls_failed rca_required valued_on claim_by claimed_on "                                                                                  \
    "entry_count first_booked_on last_booked_on legal_provision_on days_to_book tags watchers readers"
#define READS (OP_READ | OP_HISTORY)
static const GrantDef incident_grants[] = {
    {"declarant",     OP_READ | OP_CREATE,             SCOPE_OWN,  false, NOT_FOR_DECLARANTS, NULL, NULL},
    {"declarant",     OP_UPDATE,                       SCOPE_OWN,  false, NOT_FOR_DECLARANTS, NULL, "draft"},
    {"unit_head",     READS | OP_CREATE | OP_UPDATE,   SCOPE_UNIT, false, NULL, NULL, "declared"},
    {"correspondent", READS | OP_CREATE | OP_UPDATE,   SCOPE_UNIT, false, NULL, NULL, "declared qualification open"},
    {"finance",       READS | OP_UPDATE,               SCOPE_ALL,  false, NULL, NULL, "qualification open"},
    {"legal",         READS | OP_UPDATE,               SCOPE_ALL,  false, NULL, NULL, "qualification open"},
    {"compliance",    READS,                           SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       READS | OP_CREATE | OP_UPDATE | OP_IMPORT, SCOPE_ALL, false, NULL, NULL, "qualification review open closure"},
    {"head_orm",      READS | OP_CREATE | OP_UPDATE | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, "qualification review approval open closure"},
    {"inspection",    READS | OP_CREATE | OP_UPDATE,   SCOPE_ALL,  true,  NULL, NULL, "declared qualification review open closure"},
    {"committee",     OP_READ,                         SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,                           SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};

static const ConditionDef incident_conditions[] = {
    {"overdue", N_("Overdue"), "due_on", "declared qualification review approval open closure", CONDITION_OPEN, -1, TONE_BAD}, {0}
};

const TypeDef incident_type = {
    .name = "incident", .label = N_("Incident"), .plural_label = N_("Incidents"), .prefix = "INC", .title = "title",
    .icon = "alert-triangle", .flags = TYPE_CONFIDENTIAL | TYPE_BULK, .groups = incident_groups, .fields = incident_fields, .states = incident_states,
    .transitions = incident_transitions, .grants = incident_grants, .validate = incident_validate, .compute = incident_compute,
    .after_save = incident_after_save, .remove = incident_remove, .rederive = incident_rederive, .list_default = "state.open=1&sort=-discovered_on", .report_page = "/reports/loss-matrix?period=rolling_120", .number_date = "declared_on",
    .create_label = N_("Declare an incident"), .create_page = "/declare",
    .conditions = incident_conditions, .text = N_("What went wrong or nearly did, from the declaration to the last dirham booked.")};

/* ---- financial entry ---- */
static const FieldGroup entry_groups[] = {
    {"entry",  N_("Entry"), N_("One amount, one booking date. The sign comes from the kind.")},
    {"amount", N_("Conversion"), N_("With the rate of the booking date.")},
    {"proof",  N_("Booking and proof"), NULL},
    {0}
};
static const Choice entry_kinds[] = {
    {"direct_loss", N_("Direct loss"), TONE_BAD}, {"provision", N_("Provision"), TONE_WARN},
    {"provision_used", N_("Provision reversal, used"), TONE_MUTED}, {"provision_unused", N_("Provision reversal, unused"), TONE_MUTED},
    {"write_down", N_("Write-down"), TONE_BAD}, {"external_cost", N_("External cost (lawyer, expert)"), TONE_BAD},
    {"indemnity", N_("Indemnity or settlement"), TONE_BAD}, {"fine", N_("Fine or penalty"), TONE_BAD},
    {"loss_of_assets", N_("Loss of assets"), TONE_BAD}, {"timing_loss", N_("Timing loss"), TONE_WARN},
    {"pending_loss", N_("Pending loss"), TONE_WARN}, {"direct_recovery", N_("Direct recovery"), TONE_GOOD},
    {"insurance_recovery", N_("Insurance recovery"), TONE_GOOD}, {"other_recovery", N_("Other recovery"), TONE_GOOD},
    {"rapid_recovery", N_("Rapid recovery"), TONE_GOOD}, {"gain", N_("Gain"), TONE_INFO},
    {"opportunity_cost", N_("Opportunity cost (memo)"), TONE_MUTED}, {"internal_cost", N_("Internal cost (memo)"), TONE_MUTED}, {0}
};
static const Choice booking_states[] = {{"estimated", N_("Estimated"), TONE_MUTED}, {"booked", N_("Booked"), TONE_INFO}, {0}};
static const FieldDef entry_fields[] = {
    {.name = "incident", .label = N_("Incident"), .kind = KIND_REF, .of = "incident", .group = "entry", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    {.name = "title", .label = N_("Label"), .kind = KIND_TEXT, .group = "entry", .flags = F_SEARCHED},
    {.name = "kind", .label = N_("Kind of entry"), .kind = KIND_CHOICE, .choices = entry_kinds, .group = "entry", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_MATERIAL, .frozen = "accepted"},
    {.name = "amount", .label = N_("Amount"), .kind = KIND_MONEY, .group = "entry", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_MATERIAL | F_HEADLINE, .frozen = "accepted", .min = 1, .max = INT64_C(100000000000000),
     .help = N_("Always positive; recoveries and reversals are subtracted by their kind.")},
    {.name = "status", .label = N_("Estimated or booked"), .kind = KIND_CHOICE, .choices = booking_states, .group = "entry", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "booked", .frozen = "accepted"},
    {.name = "booked_on", .label = N_("Date of accounting"), .also = "date de comptabilisation|date comptable|date compta|comptabilise le|date d'imputation|date ecriture|date de passation", .kind = KIND_DATE, .group = "entry", .flags = F_LISTED | F_SORTED | F_FILTER | F_HEADLINE, .default_value = "today", .frozen = "accepted",
     .help = N_("When it entered the accounts; for an estimate, the day of the estimate.")},
    {.name = "reversal_of", .label = N_("Reversal of"), .kind = KIND_REF, .of = "financial_entry", .group = "entry", .flags = F_MORE | F_FIXED,
     .help = N_("The entry that this one takes back; it must be of the same kind.")},
    {.name = "legal_timing", .label = N_("Timing loss with legal risk over several periods"), .kind = KIND_BOOL, .group = "entry", .only_if = "kind=timing_loss", .frozen = "accepted",
     .help = N_("Only then does a timing loss count in the gross loss.")},
    {.name = "rate", .label = N_("Exchange rate"), .kind = KIND_DECIMAL, .scale = 9, .group = "amount", .flags = F_COMPUTED},
    {.name = "rate_day", .label = N_("Date of the rate"), .kind = KIND_DATE, .group = "amount", .flags = F_COMPUTED},
    {.name = "rate_source", .label = N_("Source of the rate"), .kind = KIND_TEXT, .group = "amount", .flags = F_COMPUTED},
    {.name = "amount_entity", .label = N_("In the entity's currency"), .kind = KIND_MONEY, .group = "amount", .flags = F_COMPUTED | F_LISTED},
    {.name = "amount_group", .label = N_("In the group's currency"), .kind = KIND_MONEY, .group = "amount", .flags = F_COMPUTED | F_SORTED},
    {.name = "gross_group", .label = N_("Part of the gross loss"), .kind = KIND_MONEY, .group = "amount", .flags = F_COMPUTED, .help = N_("With its sign, in the group's currency.")},
    {.name = "recoveries_group", .label = N_("Part of the recoveries"), .kind = KIND_MONEY, .group = "amount", .flags = F_COMPUTED},
    {.name = "net_group", .label = N_("Part of the net loss"), .kind = KIND_MONEY, .group = "amount", .flags = F_COMPUTED},
    {.name = "in_gross", .label = N_("Counts in the gross loss"), .kind = KIND_BOOL, .group = "amount", .flags = F_COMPUTED},
    {.name = "period", .label = N_("Accounting period"), .kind = KIND_TEXT, .group = "proof", .flags = F_COMPUTED | F_FILTER, .max_length = 7, .help = N_("Year and month of the date of accounting.")},
    {.name = "allocations", .label = N_("Allocation"), .kind = KIND_ROWS, .rows = allocation_rows, .group = "proof", .flags = F_MORE, .frozen = "accepted",
     .help = N_("Only where it differs from that of the incident; the shares add up to 100 %.")},
    {.name = "value_on", .label = N_("Value date"), .kind = KIND_DATE, .group = "proof", .flags = F_MORE},
    {.name = "account", .label = N_("Account"), .also = "compte|n° de compte|compte comptable|compte gl", .kind = KIND_TEXT, .group = "proof", .flags = F_FILTER, .max_length = 40},
    {.name = "journal_ref", .label = N_("Journal reference"), .also = "piece|n° piece|piece comptable|reference comptable|journal", .kind = KIND_TEXT, .group = "proof", .flags = F_SEARCHED | F_FILTER | F_LOOKUP, .max_length = 60},
    {.name = "cost_centre", .label = N_("Cost centre"), .kind = KIND_TEXT, .group = "proof", .flags = F_MORE},
    {.name = "counterparty", .label = N_("Who pays or paid"), .kind = KIND_TEXT, .group = "proof", .flags = F_MORE | F_SENSITIVE},
    {.name = "policy", .label = N_("Insurance policy"), .kind = KIND_TEXT, .group = "proof", .only_if = "kind=insurance_recovery"},
    {.name = "evidence", .label = N_("Proof"), .kind = KIND_FILES, .group = "proof"},
    {.name = "external_key", .label = N_("Key in the source system"), .kind = KIND_TEXT, .group = "proof", .flags = F_UNIQUE | F_MORE, .max_length = 100},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .group = "proof", .flags = F_DERIVED | F_FILTER},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .group = "proof", .flags = F_DERIVED | F_FILTER},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "proof", .flags = F_DERIVED | F_FILTER},
    {.name = "is_loss", .label = N_("Belongs to a loss"), .kind = KIND_BOOL, .group = "proof", .flags = F_DERIVED | F_HIDDEN},
    {.name = "in_capital", .label = N_("In the loss data set of capital"), .kind = KIND_BOOL, .group = "proof", .flags = F_DERIVED | F_FILTER},
    {.name = "closed_period", .label = N_("Changes a closed period"), .kind = KIND_BOOL, .group = "proof", .flags = F_COMPUTED | F_FILTER},
    {0}
};
static const StateDef entry_states[] = {
    {"proposed", N_("Proposed"), TONE_WARN, 1, 0, "finance analyst inspection"},
    {"accepted", N_("Accepted"), TONE_GOOD, 2, STATE_CLOSED, NULL},
    {"reversed", N_("Reversed"), TONE_MUTED, 3, STATE_CLOSED, NULL},
    {"rejected", N_("Rejected"), TONE_MUTED, 4, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef entry_transitions[] = {
    {"accept", N_("Accept"), "proposed", "accepted", "finance analyst head_orm inspection", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_EDITOR,
     .guard = incident_entry_guard_accept, .done = N_("accepted the entry")},
    {"reject", N_("Reject"), "proposed", "rejected", "finance analyst head_orm inspection @creator", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("rejected the entry")},
    {"reverse", N_("Mark as reversed"), "accepted", "reversed", "", TRANSITION_HIDDEN, .done = N_("reversed it by another entry")},
    {0}
};
static const GrantDef entry_grants[] = {
    {"unit_head",     READS,                           SCOPE_UNIT, false, NULL, NULL, NULL},
    {"correspondent", READS | OP_CREATE | OP_UPDATE,   SCOPE_UNIT, false, NULL, NULL, NULL},
    {"finance",       READS | OP_CREATE | OP_UPDATE | OP_IMPORT, SCOPE_ALL, false, NULL, NULL, NULL},
    {"legal",         READS | OP_CREATE,               SCOPE_ALL,  false, NULL, NULL, NULL},
    {"compliance",    READS,                           SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       READS | OP_CREATE | OP_UPDATE | OP_IMPORT, SCOPE_ALL, false, NULL, NULL, NULL},
    {"head_orm",      READS | OP_CREATE | OP_UPDATE,   SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"inspection",    READS | OP_CREATE | OP_UPDATE,   SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"committee",     OP_READ,                         SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,                           SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
static const LedgerDef entry_ledger[] = {
    {"gross_group", N_("Gross loss")}, {"recoveries_group", N_("Recoveries")}, {"net_group", N_("Net loss")}, {0}
};
/* Sheets of losses keep these on the loss's own row. "of which insurance" is part of another column. */
static const FlatDef entry_columns[] = {
    {"direct_loss", "montant brut|perte brute|montant de la perte|montant perte|montant brut de la perte|montant|perte|montant du sinistre|cout brut|gross loss|gross amount|loss amount"},
    {"direct_recovery", "recuperation|recuperations|montant recupere|recuperations directes|recouvrement|recouvrements|montant recouvre|recovery|recoveries"},
    {"insurance_recovery", "assurance|indemnite d'assurance|indemnite assurance|indemnites d'assurance|remboursement assurance|recuperation assurance|insurance recovery"},
    {"provision", "provision|provisions|montant provisionne"},
    {"external_cost", "frais|frais externes|frais d'avocat|honoraires"},
    {0}
};
const TypeDef incident_entry_type = {
    .name = "financial_entry", .label = N_("Financial entry"), .plural_label = N_("Financial entries"), .plural = "financial_entries", .prefix = "FIN",
    .title = "title", .title_else = "kind", .parent = "incident", .within = "entries", .icon = "receipt", .flags = TYPE_BULK, .groups = entry_groups, .fields = entry_fields, .states = entry_states,
    .transitions = entry_transitions, .grants = entry_grants, .validate = incident_entry_validate, .compute = incident_entry_compute,
    .after_save = incident_entry_after_save, .remove = incident_entry_remove, .rederive = incident_entry_rederive, .list_default = "sort=-booked_on", .ledger = entry_ledger,
    .flat = entry_columns,
    .create_label = N_("Add an entry"),
    .text = N_("Losses, provisions, costs and recoveries of an incident; a second person accepts each.")};
/* clang-format on */
