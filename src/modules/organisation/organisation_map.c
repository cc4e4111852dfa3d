/* organisation_map.c: maps from the bank's own codes to a taxonomy of others (its regulator's, a
 * consortium's): a version with its period, and lines that say which share of a code goes to which
 * entry. Data only; the rules are in organisation_map_rules.c. A published version is not changed:
 * the next one begins where it ends. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/library.h"
#include "modules/organisation/organisation.h"

/* clang-format off */
static const Choice sources[] = {{"event_type", N_("Event type"), 0}, {"risk_category", N_("Risk category"), 0}, {0}};
static const FieldGroup map_groups[] = {
    {"map",    N_("Version"), N_("From which of the bank's lists to which taxonomy, and in which period.")},
    {"notice", N_("Publication"), NULL},
    {0}
};
static const FieldDef map_fields[] = {
    {.name = "code", .label = N_("Version code"), .kind = KIND_TEXT, .group = "map", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40,
     .help = N_("Short and lasting, for example SUP-2026.1; reports name it.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "map", .flags = F_REQUIRED | F_SEARCHED | F_LISTED, .frozen = "published"},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "map", .flags = F_SEARCHED, .frozen = "published"},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "map", .flags = F_SEARCHED, .frozen = "published"},
    {.name = "taxonomy", .label = N_("External taxonomy"), .kind = KIND_TAXON, .of = "external", .group = "map", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED,
     .help = N_("Its top entry in the list of external taxonomies.")},
    {.name = "source_list", .label = N_("Mapped from"), .kind = KIND_CHOICE, .choices = sources, .group = "map", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED, .default_value = "event_type"},
    {.name = "valid_from", .label = N_("Valid from"), .kind = KIND_DATE, .group = "map", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_HEADLINE, .frozen = "published"},
    {.name = "valid_until", .label = N_("Valid until"), .kind = KIND_DATE, .group = "map", .flags = F_LISTED | F_HEADLINE, .frozen = "published",
     .help = N_("The last day. Left empty, it holds until a later version begins.")},
    {.name = "copy_of", .label = N_("Begin with the lines of"), .kind = KIND_REF, .of = "taxonomy_map", .group = "map", .flags = F_FIXED | F_MORE,
     .help = N_("An earlier version; its lines are copied and can then be changed.")},
    {.name = "note", .label = N_("What changes in this version"), .kind = KIND_LONG, .group = "map", .frozen = "published"},
    {.name = "published_on", .label = N_("Published on"), .kind = KIND_DATE, .group = "notice", .flags = F_COMPUTED | F_LISTED},
    {.name = "published_by", .label = N_("Published by"), .kind = KIND_USER, .group = "notice", .flags = F_COMPUTED},
    {0}
};
static const StateDef map_states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED, 1, 0, "methodology"},
    {"published", N_("Published"), TONE_GOOD,  2, STATE_CLOSED, NULL},
    {"withdrawn", N_("Withdrawn"), TONE_MUTED, 3, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef map_transitions[] = {
    {"publish",  N_("Publish"),  "draft", "published", "methodology", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_EDITOR, .guard = organisation_map_guard_publish, .done = N_("published it")},
    {"withdraw", N_("Withdraw"), "draft published", "withdrawn", "methodology", TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_PREVIOUS, .done = N_("withdrew it")},
    {0}
};
#define READS (OP_READ | OP_HISTORY)
#define READERS                                                   \
    {"unit_head",     OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"correspondent", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"finance",       OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"legal",         OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"compliance",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"inspection",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"committee",     OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"analyst",       READS,   SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"head_orm",      READS,   SCOPE_ALL, true, NULL, NULL, NULL}, \
    {"auditor",       READS,   SCOPE_ALL, true, NULL, NULL, NULL}
#define KEEPS (READS | OP_CREATE | OP_UPDATE | OP_IMPORT)
static const GrantDef map_grants[] = {READERS, {"methodology", KEEPS, SCOPE_ALL, true, NULL, NULL, "draft"}, {0}};
const TypeDef taxonomy_map_type = {
    .name = "taxonomy_map", .label = N_("Taxonomy map"), .plural_label = N_("Taxonomy maps"), .prefix = "MAP", .key = "code", .title = "name", .icon = "arrows-exchange",
    .flags = TYPE_NO_UNIT | TYPE_KEPT, .groups = map_groups, .fields = map_fields, .states = map_states, .transitions = map_transitions, .grants = map_grants,
    .validate = organisation_map_validate, .compute = organisation_map_compute, .after_save = organisation_map_after_save, .remove = organisation_map_remove,
    .list_default = "state.in=draft,published&sort=-valid_from", .place = "administration",
    .text = N_("Code once, report in every taxonomy: which code of the bank is which entry of another list, version by version.")};

static const FieldDef line_fields[] = {
    {.name = "map", .label = N_("Taxonomy map"), .kind = KIND_REF, .of = "taxonomy_map", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    {.name = "source", .label = N_("Code of the bank"), .kind = KIND_REF, .of = "taxon", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER,
     .help = N_("What stands below it goes the same way, unless it has lines of its own.")},
    {.name = "target", .label = N_("External entry"), .kind = KIND_TAXON, .of = "external", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    {.name = "share", .label = N_("Share"), .kind = KIND_PERCENT, .min = 1, .max = 10000, .default_value = "100", .flags = F_REQUIRED | F_LISTED,
     .help = N_("The shares of one code add up to 100 %.")},
    {0}
};
static const TransitionDef line_transitions[] = {
    {"retire",  N_("Take out"), "active",  "retired", "methodology", TRANSITION_DANGER, .done = N_("took it out")},
    {"restore", N_("Put back"), "retired", "active",  "methodology", 0, .done = N_("put it back")},
    {0}
};
static const GrantDef line_grants[] = {READERS, {"methodology", KEEPS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
const TypeDef taxonomy_map_line_type = {
    .name = "taxonomy_map_line", .label = N_("Line of a taxonomy map"), .plural_label = N_("Lines of taxonomy maps"), .prefix = "MPL", .parent = "map", .icon = "arrows-exchange",
    .flags = TYPE_NO_UNIT | TYPE_KEPT, .fields = line_fields, .states = library_states, .transitions = line_transitions, .grants = line_grants,
    .validate = organisation_map_line_validate, .list_default = "state.open=1&sort=-id", .place = "administration",
    .create_label = N_("Add a line"),
    .text = N_("One code of the bank, one entry of the external taxonomy, and the share that goes there.")};
/* clang-format on */
