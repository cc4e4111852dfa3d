/* model.h: record types, roles, pages and measures as const tables, and the effective model
 * (built-in tables with the customer's overlay applied). Everything but model.c reads the effective
 * model only: Type, Field, State ... never the *Def tables. Knows no HTTP and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/zone.h"
#include "model/input.h"
#include "store/db.h"
#include "view/view.h"
#include "base/issues.h"

typedef struct Ctx Ctx;
typedef struct Type Type;
typedef struct Record Record;
typedef struct Model Model;
typedef struct Field Field;

/* ---- fields ---- */
typedef enum FieldKind {
    KIND_NONE = 0,
    KIND_TEXT, /* one line */
    KIND_LONG, /* Markdown */
    KIND_INT,
    KIND_MONEY,   /* two columns: NAME (minor units), NAME_currency */
    KIND_DECIMAL, /* int64 with `scale` */
    KIND_PERCENT, /* decimal, 100 = 100 % */
    KIND_DATE,    /* ISO text */
    KIND_INSTANT, /* microseconds UTC */
    KIND_BOOL,
    KIND_CHOICE,  /* key of `choices` */
    KIND_CHOICES, /* several, stored as ",a,b," */
    KIND_TAXON,   /* node of the taxonomy whose kind is `of` (id of a taxon record) */
    KIND_REF,     /* one record of type `of` (id) */
    KIND_REFS,    /* several records of type `of`: table TYPE_FIELD(record, pos, target) */
    KIND_USER,
    KIND_UNIT,
    KIND_FILES, /* attachments: table TYPE_FIELD(record, pos, target = file id) */
    KIND_ROWS   /* child rows: table TYPE_FIELD(record, pos, ...columns of `rows`) */
} FieldKind;

enum FieldFlag {
    F_REQUIRED = 1 << 0,  /* from creation on */
    F_LISTED = 1 << 1,    /* a column of the list by default */
    F_SEARCHED = 1 << 2,  /* its words are in the search index */
    F_SENSITIVE = 1 << 3, /* hashed with a salt in the history; reads of the record are logged */
    F_SORTED = 1 << 4,    /* lists may sort by it (indexes are made) */
    F_FILTER = 1 << 5,    /* offered in the filter panel; any field may be filtered by address */
    F_COMPUTED = 1 << 6,  /* set by `compute` at save; not writable */
    F_DERIVED = 1 << 7,   /* like computed, but outside version and hash (sums of children) */
    F_MORE = 1 << 8,      /* folded under "More" in forms */
    F_UNIQUE = 1 << 9,
    F_FIXED = 1 << 10,     /* writable at creation only */
    F_HEADLINE = 1 << 11,  /* shown in the line of key facts */
    F_HIDDEN = 1 << 12,    /* machine formats only */
    F_CARDS = 1 << 13,     /* choice drawn as cards */
    F_MATERIAL = 1 << 14,  /* a later change re-opens an approval */
    F_MULTILINE = 1 << 15, /* plain text of several lines */
    F_SECRET = 1 << 16,    /* never leaves the model (password hash, token hash) */
    F_ASSIGNED = 1 << 17,  /* KIND_USER, KIND_REFS of user: these persons have what SCOPE_ASSIGNED
                              gives the owner */
    F_LOOKUP = 1 << 18,    /* records are found by its value in code: an index is made; with
                              F_SORTED that by unit, which large loads keep, too */
    F_STEP = 1 << 19,      /* written by the steps that send it only, by no form and no change */
    F_SEALED = 1 << 20,    /* with F_SECRET: stored sealed under the site's key, see vault.h */
    F_MATCHED = 1 << 21    /* imports know a record without a key by it, though it may change */
};

typedef struct Choice {
    const char *key;
    const char *label; /* N_() */
    Tone tone;
} Choice;

typedef struct FieldDef {
    const char *name;  /* column, form name and API key */
    const char *label; /* N_() */
    FieldKind kind;
    unsigned flags;
    const char *of;            /* type name (KIND_REF, KIND_REFS) or taxonomy kind (KIND_TAXON) */
    const Choice *choices;     /* ends with {0} */
    const char *group;         /* name of a FieldGroup; NULL: the first */
    const char *help;          /* N_() sentence in the reader's words, with an example */
    const char *leave;         /* state that cannot be left upwards while the field is empty */
    const char *frozen;        /* state from which on (by rank) the field is read-only */
    int scale;                 /* KIND_DECIMAL, KIND_PERCENT (default 2) */
    int64_t min, max;          /* integers and decimals (scaled), money (minor); both 0: no bound */
    int max_length;            /* 0: 200 for KIND_TEXT, 20000 for KIND_LONG */
    const char *default_value; /* text form; "today", "me", "my_unit" and "lang", the
                                language of who writes, are understood */
    const struct FieldDef *rows; /* KIND_ROWS: fields of a row, ends with {0} */
    const char *only_if;   /* "field=value" or "field=value|other": shown and required only then */
    const char *yearly_if; /* "field=value": a KIND_DATE of every year then, read without one */
    const char *known_by;  /* KIND_MONEY: a zero is no value while that field is empty */
    const char *stand_in;  /* KIND_CHOICE field whose words people then read instead */
    const char *also;      /* "a|b": other names that columns of imported files have */
} FieldDef;

typedef struct FieldGroup {
    const char *name;
    const char *label, *text; /* N_() */
} FieldGroup;

/* An amount of a child type whose running sum stands on its parent's page. */
typedef struct LedgerDef {
    const char *field;
    const char *label; /* N_() what the sum is called */
} LedgerDef;

/* A column of amounts on the row of the parent, in imported sheets: which entry it becomes. */
typedef struct FlatDef {
    const char *kind;  /* choice of the type's first required choice field */
    const char *names; /* "a|b": what such columns are called */
} FlatDef;

/* ---- workflow ---- */
enum StateFlag {
    STATE_CLOSED = 1,
    STATE_VOID = 2, /* cancelled, rejected: outside figures */
    STATE_ASIDE = 4 /* beside the path: shown there only when it is or was taken */
};
typedef struct StateDef {
    const char *name, *label; /* N_() */
    Tone tone;
    int rank; /* order on the path; void states have the highest */
    unsigned flags;
    const char *waits_for; /* whose turn it is, roles or persons ("unit_head @owner"): fills My
                              work */
} StateDef;

enum TransitionFlag {
    TRANSITION_REASON = 1,       /* a reason must be given */
    TRANSITION_NOT_CREATOR = 2,  /* four eyes: not who created the record */
    TRANSITION_NOT_PREVIOUS = 4, /* four eyes: not who made the last transition */
    TRANSITION_NOT_EDITOR = 8,   /* four eyes: not who changed the record last */
    TRANSITION_PRIMARY = 16,     /* the next step */
    TRANSITION_DANGER = 32,
    TRANSITION_LIMIT = 64,      /* the actor's approval limits must cover the `limit` fields */
    TRANSITION_HIDDEN = 128,    /* made by code only (ctx is system) */
    TRANSITION_NOT_OWNER = 256, /* four eyes: not the record's owner */
    TRANSITION_AT_ONCE = 512    /* a new record may take it in the save that makes it: compute,
                                   validate and after_save then have no `before` */
};
typedef struct TransitionDef {
    const char *name, *label; /* N_() verb */
    const char *from;         /* state names separated by blanks */
    const char *to;           /* NULL: decided by `route` */
    const char *roles; /* role names separated by blanks; "@creator": who created it; "@owner";
                          "@FIELD": who stands in that field, KIND_USER or KIND_REFS of user */
    unsigned flags;
    const char *limit; /* money fields for TRANSITION_LIMIT, blank separated: limit_roles */
    /* Who may take it with this record, in place of `roles` and of the limit: words as there, and
     * "@#ID" for one person; none: as `roles` say. */
    Err (*actors)(Str *words, Ctx *c, const Record *r);
    /* Of who may: *why, a sentence (N_()) that refuses this actor. For whom they act is known:
     * access_is_actor. */
    Err (*refuse)(const char **why, Ctx *c, const Record *r);
    Err (*guard)(Ctx *c, const Record *r); /* adds issues; ERR_INVALID/ERR_CONFLICT to refuse */
    const char *actors_of; /* the field they follow from: not told to whom it is hidden; or NULL */
    const char *(*route)(Ctx *c, const Record *r); /* target state when `to` is NULL */
    const char *sends; /* fields (blank separated) that the transition's form also asks */
    /* text field: where it holds an address, the step's button leads there; one that ends with a
     * slash is followed by the record's number */
    const char *at;
    const char *done; /* N_() past tense for the timeline: "sent it for review" */
} TransitionDef;

/* ---- access ---- */
enum Op { OP_READ = 1, OP_CREATE = 2, OP_UPDATE = 4, OP_HISTORY = 8, OP_IMPORT = 16, OP_COUNT = 5 };
typedef enum ScopeKind {
    SCOPE_ALL /* everywhere, or where the assignment names a unit, there and below */,
    SCOPE_UNIT /* the assignment's unit and below */,
    SCOPE_OWN,
    SCOPE_ASSIGNED /* the owner, and persons in fields flagged F_ASSIGNED */
} ScopeKind;
typedef struct GrantDef {
    const char *role;
    unsigned ops;
    ScopeKind scope;
    bool restricted;  /* sees restricted (need-to-know) records too */
    const char *hide; /* field names separated by blanks, "*" hides all that are not in `show` */
    const char *show;
    const char *states; /* OP_UPDATE only in these states; NULL: all open ones */
} GrantDef;
typedef struct RoleDef {
    const char *name, *label, *text; /* N_() */
    bool is_everybody;               /* every active user holds it (the declarant) */
    int line;                        /* line of defence, 0 outside */
} RoleDef;

/* ---- conditions ---- */
/* What depends on today ("overdue"): never stored, worked out where it is asked. A record fulfils
 * it in one of the states while its date lies in [today + from, today + to]. Filter NAME=true or
 * false, member NAME in machine formats, mark of the record, sign beside the date. */
enum { CONDITION_OPEN = INT32_MIN }; /* no bound */
typedef struct ConditionDef {
    const char *name, *label; /* N_() */
    const char *date;         /* KIND_DATE field */
    const char *states;       /* blank separated; NULL: all that are neither closed nor void */
    int from, to;             /* days, inclusive, or CONDITION_OPEN */
    Tone tone;
} ConditionDef;

/* ---- hooks ---- */
typedef struct Saving {
    const Record *before; /* NULL at creation */
    Record *after;
    const struct Transition *transition; /* NULL: an edit */
} Saving;

typedef struct TypeDef {
    const char *name, *label,
        *plural_label; /* N_(); the address is name + "s" unless `plural` is given */
    const char *plural;
    const char *prefix;     /* of numbers: "INC" */
    const char *key;        /* field that is the number (a code); NULL: PREFIX-YEAR-SEQ */
    const char *title;      /* field; "name" with name_en, name_fr, name_ar is picked by language */
    const char *title_else; /* in place of an empty title: a text, or a choice whose words stand */
    const char *parent;     /* KIND_REF field of the parent: unit and confidentiality follow it */
    const char *within; /* "entries": by this name new ones may be sent with a new parent; NULL: no
                           (both types are TYPE_BULK) */
    unsigned flags;
    const char *icon;
    const FieldGroup *groups; /* ends with {0} */
    const FieldDef *fields;   /* ends with {0} */
    const StateDef
        *states; /* ends with {0}; the first is the initial one; NULL: one state "active" */
    const TransitionDef *transitions;
    const GrantDef *grants;
    const ConditionDef *conditions;           /* ends with {0} */
    Err (*validate)(Ctx *c, const Saving *s); /* adds issues */
    Err (*compute)(Ctx *c,
                   const Saving *s); /* fills computed fields of s->after; before validation */
    Err (*after_save)(Ctx *c, const Saving *s); /* same transaction; may save other records */
    /* Sets again those derived fields (F_DERIVED) that follow from other records alone, whatever
     * the day and the settings: they are outside the record's hash, so `audit verify` compares. */
    Err (*rederive)(Ctx *c, Record *r);
    /* A record that an import made is taken back (record_remove): called before its row goes and
     * after it has gone, to put right what after_save had changed elsewhere. With after_save but
     * without this, records of the type stay when their import is taken back. */
    Err (*remove)(Ctx *c, const Record *r, bool is_gone);
    const char
        *list_default; /* query of the list's address without parameters: "state.open=1&sort=-id" */
    const char
        *number_date; /* KIND_DATE field whose year goes into the number; NULL: year of creation */
    const char *text; /* N_() one sentence: what this is, for the empty list and docs */
    const LedgerDef *ledger; /* ends with {0}; settled children add up on the parent's page */
    const FlatDef *flat; /* ends with {0}; of a child type whose amounts sheets keep in columns */
    const char *create_label; /* N_() "Declare an incident"; NULL: "New: LABEL" */
    const char *create_page;  /* PageDef path that creates one; NULL: /PLURAL/new */
    const char *report_page;  /* PageDef path of a report that takes the list's filters, and what it
                                 is asked besides: "/reports/loss-matrix?period=rolling_120" */
    const char *nav_label;    /* N_() shorter plural for the navigation; NULL: plural_label */
    const char *place;        /* of the navigation (see PageDef.nav); NULL: that of its module */
} TypeDef;
enum TypeFlag {
    TYPE_CONFIDENTIAL = 1, /* has restricted and readers */
    TYPE_TWO_PERSONS = 2,  /* each change waits for a second person (change_request) */
    TYPE_TREE = 4,         /* has a field `parent` of its own type; .under filters work */
    TYPE_NO_PAGES = 8,     /* no pages, no API (internal) */
    TYPE_NO_UNIT = 16,     /* belongs to no unit: only SCOPE_ALL applies */
    TYPE_BULK = 32,  /* its rules see what a bulk holds back (bulk.h): imports write in bulk */
    TYPE_KEPT = 64,  /* changes seldom: what is read of it may be kept for all (ctx_kept) */
    TYPE_PLAIN = 128 /* without the fields that the engine gives every type with pages, no
                        parent and no second person: tags, watchers, files (where it has
                        none), written_in */
};

/* ---- pages, measures, navigation ---- */
typedef struct PageArgs {
    const Input *query;
    Str rest; /* path after the page's own path, without '/' */
    Format format;
    void *prepared; /* POST: what `prepare` made */
    /* POST: the notice on the next page, a code of web/frame_shell.c. It stands at "saved"; NULL:
     * none. */
    const char **notice;
} PageArgs;
typedef struct PageDef {
    const char *path;  /* "/reports/loss-matrix" */
    const char *label; /* N_() */
    const char
        *right; /* type name whose OP_READ is needed, "signed_in", "public", or "role:NAME ..." */
    Err (*build)(Ctx *c, const PageArgs *args, Page *out);
    const char *nav; /* place: work incidents risks indicators controls actions continuity
                        organisation capital reports administration; NULL: none */
    const char *icon;
    /* POST, before its transaction and without a database (c->db NULL): takes apart what was sent,
     * so that nobody waits for it. NULL: there is nothing to take apart. */
    Err (*prepare)(void **out, Ctx *c, const Input *form);
    /* A POST to the same path, run in a writing transaction. On OK *redirect is where to go. NULL:
     * 405. */
    Err (*post)(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
    bool creates;          /* post needs an idempotency key */
    size_t most_values;    /* that a post may carry; 0: 2000 */
    const char *nav_label; /* N_() shorter label for the navigation; NULL: label */
    /* Of pages in the place "reports", which has a page of its own with all of them: */
    const char *about;   /* N_() one sentence: the question that it answers */
    const char *subject; /* place whose heading it stands under */
    bool is_pinned; /* stands in the navigation, too; the others only while one looks at them */
} PageDef;

enum { FACT_DIMS = 3, FACT_SUMS = 6 };
/* One contribution of a record to a measure. Amounts are minor units of the group currency, or
 * whatever the measure says. */
typedef struct MeasureFact {
    int64_t unit;
    int64_t entity;
    bool is_restricted;
    int32_t month;           /* year * 12 + month - 1 */
    int64_t dims[FACT_DIMS]; /* record ids, 1 + the index of a choice, small numbers; 0: none */
    int64_t count;
    int64_t sums[FACT_SUMS];
} MeasureFact;
typedef struct MeasureFacts {
    MeasureFact *items;
    size_t n, cap;
} MeasureFacts;
typedef struct MeasureDef {
    const char *name, *label;            /* N_() */
    const char *type;                    /* record type whose saves feed it */
    const char *dims[FACT_DIMS];         /* dimension names: field names of the type */
    const char *dim_taxonomy[FACT_DIMS]; /* taxonomy kind, or type name with '@' before, or NULL */
    const char *sums[FACT_SUMS];         /* names of the amounts: "gross", "net" ... */
    const char *sum_labels[FACT_SUMS];
    const char *date_field; /* for opening the records: date field that `month` is of */
    const char *states;     /* for opening the records: those that count; NULL: all but void ones */
    const char *filled;     /* for opening them too: a field without which they do not count */
    const char *where;      /* "event_kind=loss": filters that leave exactly what counts, beside
                               these, of a measure whose dims and sums are fields; NULL: not said,
                               and it is narrowed by its dimensions alone */
    const char *many[2];    /* {"aggregate", "item_count"}: a record with the first stands for as
                               many as the second says; {0}: for one */
    Err (*facts)(Ctx *c, const Record *r,
                 MeasureFacts *out); /* pure but for reading children through c */
    const char *text;                /* N_() which date, which amounts, what is left out */
    int version;      /* raise it when `facts` counts otherwise: every base counts anew */
    bool is_internal; /* of the engine: kept and checked like the others, shown nowhere */
} MeasureDef;

typedef struct AttachDef { /* what a module adds to another module's type */
    const char *type;
    const char *transition; /* with guard: refuses this transition of the host */
    Err (*guard)(Ctx *c, const Record *r);
    void (*announce)(Ctx *c, const Record *r); /* what panel and section will ask: db_announce */
    Err (*panel)(Ctx *c, const Record *r,
                 Block **out); /* NULL block: nothing; shown in the side column */
    Err (*section)(Ctx *c, const Record *r, Block **out); /* shown in the main column */
    bool leads;    /* the section stands before the record's own groups */
    bool on_steps; /* and above the form of a step */
    /* After the host's own after_save, in the same transaction. type "*": of every type. */
    Err (*after_save)(Ctx *c, const Saving *s);
} AttachDef;

/* A column that a module adds to the lists of a type, on the screen and in exports, filled for many
 * rows at once from what is true today (a list as of another day has none); neither sorted nor
 * filtered, ignored by imports. `fill` counts only what the reader may see. */
typedef struct ColumnDef {
    const char *type, *name, *label; /* label: N_() */
    CellKind kind;
    /* out[i] belongs to the record ids[i]; left empty: nothing. */
    Err (*fill)(Ctx *c, const int64_t *ids, size_t n, Cell *out);
} ColumnDef;

/* What is read off a record when somebody looks, from references of it and from what other records
 * say of the day (c->as_of, or today); never stored. A list of nodes of a taxonomy: member NAME of
 * machine formats, column of lists and exports, filter (NAME=CODE, .in, .under). */
enum { READING_FIELDS = 4 };
typedef struct ReadingDef {
    const char *type, *name, *label; /* label: N_() */
    const char *fields;  /* references, blank separated: who may not see all sees nothing of it */
    const char *of;      /* kind of the taxonomy whose nodes it gives */
    const char *explain; /* N_() one sentence for the description of the API */
    Err (*read)(Ctx *c, const Record *r, Cell *out); /* CELL_LIST of CELL_REF, or CELL_EMPTY */
    /* The values of `field` from which one of these nodes is read, whatever the other fields. */
    Err (*found)(const int64_t **ids, size_t *n, Ctx *c, const Field *field, const int64_t *nodes,
                 size_t n_nodes);
} ReadingDef;

/* What a module adds to the end of another's page, which never names it: built after the page,
 * shown in the order of `order`, on paper and screen alone (the machine formats print the page's
 * main block). The page's body is a LAYOUT_STACK. Where the page is about days that are over
 * (Page.to), c->as_of is the last of them. */
typedef struct SectionDef {
    const char *page;  /* PageDef path; left out when there is no such page */
    const char *right; /* as in PageDef */
    int order;
    Err (*build)(Ctx *c, const Page *page, Block **out); /* NULL block: nothing */
} SectionDef;

/* Work that happens by itself, outside requests: one row of the outbox (outbox.h) under way. */
typedef struct Job {
    int64_t id, created_at;
    Str topic, key, payload;
    int attempts;        /* this one included */
    Str error;           /* out: why it failed, one English sentence for the administrator */
    bool is_unreachable; /* out: the other side does not answer; others to it wait meanwhile */
    void *state;         /* of `send`, for `done` */
} Job;
/* How the rows of a topic are worked off: at least once, by one node at a time. Give `run`, or
 * `send` with or without `done`. ERR_INVALID, ERR_DENIED and ERR_MISSING cannot be mended by
 * waiting: the row is set aside at once; after any other error it is tried again, later and
 * later. */
typedef struct JobDef {
    const char *topic, *label; /* N_() what it does, for the administrator */
    const char *every;         /* rule of rule.h, "daily 06:30": rows come by themselves */
    /* In one writing transaction as the system, committed together with the row: exactly once. */
    Err (*run)(Ctx *c, Job *job);
    /* Talks to the outside: c->db is NULL, it opens what it reads itself. The other side must know
     * the key, for it may be called again after a crash. Ends within `lease` seconds. */
    Err (*send)(Ctx *c, Job *job);
    /* Writes down how `send` ended, in the transaction that moves the row. */
    Err (*done)(Ctx *c, const Job *job, Err result);
    int lease;     /* seconds; 0: 20 */
    bool is_short; /* takes some milliseconds and saves no record: its commit may be one with those
                      of requests, and what it read serves the next ones */
    bool is_passing; /* its keys do not come again: a row that is done goes at once */
} JobDef;

typedef struct CommandDef { /* gardefou NAME ... */
    const char *name, *usage, *text;
    bool writes;
    Err (*run)(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code);
} CommandDef;

/* Who is told what of a record: in the program, by mail, by webhook; never those who may not read
 * it. That a record waits for somebody, was returned, closed or cancelled needs no row here: the
 * states say it. A person is told once an event, by the first row that names them. */
typedef struct NoticeDef {
    const char *name; /* "incident.declared": stays, it is stored */
    const char *type; /* NULL: of any type, told by code only */
    const char *on;   /* blank separated: "@create", names of transitions, "=STATE" for reaching it;
                         NULL: told by code (work_tell) */
    const char *to;   /* roles nearest to the record's unit, up the tree; "@creator", "@owner",
                         "@previous" (who took the step before), "@FIELD" (a person's field) */
    const char *text; /* N_() headline; {0} is what work_tell gives */
    bool (*when)(Ctx *c, const Record *r); /* NULL: always */
    Tone tone;
} NoticeDef;

/* How many records of each type a demo made. */
typedef struct DemoReport {
    struct DemoCount {
        const char *type;
        int64_t n;
    } counts[64];
    size_t n;
} DemoReport;

typedef struct SeriesDef SeriesDef; /* series.h */

/* A part of what a large demonstration has beyond the usual one: things from .. until - 1 of all.
 */
typedef struct DemoSlice {
    uint64_t seed;
    int64_t from, until, all;
} DemoSlice;

typedef struct Module {
    const char *name, *label;    /* N_() */
    const char *uses;            /* types of other modules it reads, blank separated */
    const TypeDef *const *types; /* ends with NULL */
    const RoleDef *roles;        /* ends with {0} */
    const PageDef *pages;
    const MeasureDef *measures;
    const AttachDef *attach;
    const SectionDef *sections;
    const ColumnDef *columns;   /* ends with {0} */
    const ReadingDef *readings; /* ends with {0} */
    const CommandDef *commands;
    Err (*demo)(Ctx *c, uint64_t seed, int64_t scale,
                DemoReport *report); /* order: by demo_order */
    int demo_order;
    /* For load tests: each slice is a transaction of its own. `all` is what is asked for less the
     * first count of demo's report. */
    Err (*demo_slice)(Ctx *c, const DemoSlice *slice, DemoReport *report);
    Err (*seed)(Ctx *c);      /* reference data at init, idempotent */
    const JobDef *jobs;       /* ends with {0} */
    const NoticeDef *notices; /* ends with {0} */
    /* Of its own, besides those of its types: arrays that end with {0}, themselves ended by NULL.
     */
    const DbTable *const *tables;
    const SeriesDef *const *series; /* ends with NULL */
} Module;
extern const Module *const all_modules[]; /* generated; ends with NULL */
extern const Module core_module;          /* core_types.c */

/* ---- the effective model ---- */
struct Field {
    const char *name, *label, *of, *group, *help, *only_if, *yearly_if, *default_value, *also;
    FieldKind kind;
    unsigned flags;
    const Choice *choices;
    size_t n_choices;
    int index; /* in Type.fields and Record.values */
    int scale, max_length;
    int64_t min, max;
    int leave_rank;     /* required when the state's rank is above; INT32_MAX: never */
    int frozen_rank;    /* read-only from this rank on; INT32_MAX: never */
    const Type *target; /* of KIND_REF, KIND_REFS, KIND_USER, KIND_UNIT, KIND_TAXON */
    const Field *known_by, *stand_in; /* see FieldDef; NULL: none */
    const Field *rows;                /* KIND_ROWS */
    size_t n_rows;
    const char *table;    /* TYPE_FIELD for refs, files and rows */
    const char *currency; /* NAME_currency of a money field, else NULL */
    const char *sort;     /* the column that lists sort by: NAME_sort (folded text) or NAME */
    bool is_public; /* hidden from no role: may be searched, sorted and filtered by everybody */
};
/* A bit a field index; a type has at most 128 fields. */
typedef struct FieldSet {
    uint64_t bits[2];
} FieldSet;
static inline bool fieldset_has(FieldSet s, int i) {
    return (s.bits[i / 64] >> (i % 64)) & 1u;
}
static inline void fieldset_add(FieldSet *s, int i) {
    s->bits[i / 64] |= UINT64_C(1) << (i % 64);
}
/* What SQL needs to know of a type's table, worked out once: see columns.h. */
typedef struct TypeColumns {
    const char *const *names; /* of the whole row: id first, then as fields are bound */
    const DbType *kinds;
    size_t n;
    const char *past;   /* TYPE_past */
    const char *row;    /* "x", "y": all of `names` */
    const char *read;   /* the same without sort columns: what columns_read reads */
    const char *insert; /* INSERT of a whole row */
    const char *keep;   /* copies row $1 to the past as it was until $2 */
} TypeColumns;
typedef struct State {
    const char *name, *label;
    Tone tone;
    int rank, index;
    unsigned flags;
    const char *waits_for;
} State;
typedef struct Transition {
    const TransitionDef *def;
    const char *name, *label;
    uint64_t from;   /* bit a state index */
    const State *to; /* NULL: def->route */
    int index;
} Transition;
typedef struct Condition {
    const ConditionDef *def;
    const char *name, *label;
    const Field *date;
    uint64_t states; /* bit a state index */
} Condition;
typedef struct Reading {
    const ReadingDef *def;
    const char *name, *label;
    const Field *fields[READING_FIELDS];
    size_t n_fields;
} Reading;
struct Type {
    const TypeDef *def;
    const char *name, *label, *plural_label, *plural, *prefix, *icon;
    const Module *module;
    unsigned flags;
    const Field *fields;
    size_t n_fields;
    const Field *key, *title, *parent; /* NULL when none; title NULL when picked by language */
    const Field *titles[LANG_COUNT];   /* by language; all the same when one field */
    const Field *title_else;           /* text, or choice whose words stand; NULL: none */
    const State *states;
    size_t n_states;
    const Transition *transitions;
    size_t n_transitions;
    const GrantDef *grants;
    size_t n_grants;
    const Condition *conditions;
    size_t n_conditions;
    const Reading *readings;
    size_t n_readings;
    const FieldSet *hides; /* one a grant */
    TypeColumns columns;
    const uint8_t *slots;      /* of type_field: field index + 1 by hash, 0: free */
    const Field *const *named; /* those that the history tells of, by name in byte order */
    size_t n_named;
    int index;
    bool is_public; /* everybody signed in may read every record, with its name: units, lists */
    /* By operation (its bit's place): the roles, a bit each by their place in the model, to which
     * grants give it when held everywhere, in a unit, or in person (on one's own). See access_may.
     */
    uint64_t everywhere[OP_COUNT], in_unit[OP_COUNT], in_person[OP_COUNT];
    const MeasureDef *counts; /* how many there are, see list_total.h; NULL: not kept */
    const Field *count_dims[FACT_DIMS - 1]; /* choices that it tells apart, besides the state */
    size_t n_count_dims;
};
/* What the operator sets for all that runs on a base. */
typedef struct Site {
    const Zone *zone; /* of the institution: its day is "today"; NULL: UTC */
    Str key;          /* seals stored secrets (vault.h); empty: there is none */
} Site;
struct Model {
    const Type *types;
    size_t n_types;
    const uint8_t *slots; /* of model_type: type index + 1 by hash, 0: free */
    const RoleDef *const *roles;
    size_t n_roles;
    const PageDef *const *pages;
    size_t n_pages;
    const MeasureDef *const *measures;
    size_t n_measures;
    const AttachDef *const *attach;
    size_t n_attach;
    const SectionDef *const *sections;
    size_t n_sections;
    const ColumnDef *const *columns;
    size_t n_columns;
    const JobDef *const *jobs;
    size_t n_jobs;
    const NoticeDef *const *notices;
    size_t n_notices;
    const DbTable *const *tables;
    size_t n_tables;
    const SeriesDef *const *series;
    size_t n_series;
    int64_t version;  /* of the overlay; 0: none */
    Str hash;         /* of names and kinds, in cursors and OpenAPI */
    const Site *site; /* NULL: nothing is set */
};

/* Builds the effective model from all_modules and core_module; checks it whole (unknown names
 * abort: a programmer's mistake). */
const Model *model_load(Arena *process);
/* The same model at a site. */
const Model *model_at(const Model *m, Arena *process, const Site *site);
/* The same over a given list of modules (core_module is added); for tests. Ends with NULL. */
const Model *model_build(Arena *a, const Module *const *modules);
const Type *model_type(const Model *m, Str name); /* by type name; NULL */
const Type *model_type_by_plural(const Model *m, Str plural);
const Type *model_need(const Model *m, const char *name); /* aborts when absent */
const Field *type_field(const Type *t, Str name);         /* NULL */
const Field *type_need(const Type *t, const char *name);  /* aborts */
const State *type_state(const Type *t, Str name);
const Transition *type_transition(const Type *t, Str name);
/* A step to an earlier state that is neither closed nor void: sent back, reopened, withdrawn. It is
 * never the next step. */
bool transition_goes_back(const Transition *t, const State *from);
const Condition *type_condition(const Type *t, Str name);
const Reading *type_reading(const Type *t, Str name);
const MeasureDef *model_measure(const Model *m, Str name);
const RoleDef *model_role(const Model *m, Str name);
bool word_in(const char *blank_separated, Str word); /* NULL list: false */
/* Creates or extends all tables of the model (types, children, engine's own). In a writing
 * transaction. */
/* Numbered migrations that are missing run after it; ERR_CONFLICT when the base was made by a newer
 * program. */
Err model_migrate(const Model *m, Db *db) MUST;
/* Whose is the base? BASE_BEHIND: of an earlier program, model_migrate has something to do. */
typedef enum BaseAge { BASE_FITS, BASE_EMPTY, BASE_BEHIND, BASE_AHEAD } BaseAge;
Err model_base_age(BaseAge *out, const Model *m, Db *db) MUST;
/* Before and after very many new rows of a type that this process alone writes: away with the
 * indexes that only lists use, and all of them made again at once. What broke off in between is
 * made by the next model_migrate, which every start runs. */
Err model_unindex(Db *db, const Type *t) MUST;
Err model_reindex(Db *db, const Type *t) MUST;

#endif
