/* page_kit.h: parts shared by the page_*.c files: addresses, columns, cells of a record, options,
 * timelines. Private to them; everybody else reads pages.h. Knows no HTTP and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_PAGE_KIT_H
#define MODEL_PAGE_KIT_H

#include "model/history.h"
#include "model/list.h"
#include "model/pages.h"

/* Fills {0}, {1} ... of an already translated pattern with Str arguments. */
#define FILL(c, pattern, ...)                                                                      \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))

/* ---- addresses ---- */
/* "a=b&c=d" with per-cent escapes; at most 100 parameters are read. */
void page_kit_parse(Input *out, Arena *a, Str query);
Str page_kit_query(Arena *a, const Input *params);
Str page_kit_url(Arena *a, Str path, const Input *params); /* path?query, or path alone */
Str page_kit_escape(Arena *a, Str text);                   /* one address part */
Str page_kit_list_path(Arena *a, const Type *t);           /* "/incidents" */
/* "/incidents/INC-2026-00042/do/submit" for tail "do/submit"; the number is escaped. */
Str page_kit_path(Arena *a, const Record *r, const char *tail);

/* ---- words ---- */
Str page_kit_day(Arena *a, Str iso); /* "31/03/2026"; anything else unchanged */
/* The next of blank separated words; false at the end. */
bool page_kit_word(Str *out, Str *rest);
bool page_kit_holds(const Ctx *c,
                    const char *roles); /* any of the blank separated roles; '@...': true */
/* Label of the first of those roles that the actor holds; empty when none. */
Str page_kit_role_label(const Ctx *c, const char *roles);
bool page_kit_may_create(Ctx *c, const Type *t, Err *err);
Button page_kit_create(const Ctx *c, const Type *t); /* primary; rights are the caller's matter */

/* ---- columns and cells ---- */
/* False when there is no such column, or it is hidden from the reader under every grant. */
bool page_kit_column(PageColumn *out, Ctx *c, const Type *t, Str name, FieldSet hidden);
/* The same for a condition, and for a field whose name is not that of a column of every record. */
bool page_kit_condition_column(PageColumn *out, Ctx *c, const Condition *k, FieldSet hidden);
bool page_kit_reading_column(PageColumn *out, Ctx *c, const Reading *k, FieldSet hidden);
bool page_kit_field_column(PageColumn *out, Ctx *c, const Type *t, const Field *f, FieldSet hidden);
bool page_kit_is_system(const char *name);
Err page_kit_cell(Cell *out, Ctx *c, const Record *r, const PageColumn *column,
                  FieldSet hidden) MUST;
/* A field's value as people read it: a date carries the sign of the condition that holds on it, a
 * zero that stands for "not known yet" is said in words. */
Cell page_kit_value(Ctx *c, const Record *r, const Field *f, FieldSet hidden);
/* The conditions that hold, as labels with their tone. */
const Cell *page_kit_marks(size_t *n, Ctx *c, const Record *r, FieldSet hidden);
Err page_kit_row(Row *out, Ctx *c, Arena *a, const Record *r, const PageColumn *columns,
                 size_t n) MUST;
/* All fields that such rows are drawn from and that their reader's rights look at. */
const FieldSet *page_kit_drawn(Ctx *c, const ListQuery *q, const PageColumn *columns, size_t n);
Err page_kit_person(Cell *out, Ctx *c, int64_t user) MUST;
Err page_kit_unit(Cell *out, Ctx *c, int64_t unit) MUST;
Cell page_kit_state(const Ctx *c, const State *s);
CellKind page_kit_cell_kind(const Field *f);
const Field *page_kit_title(const Ctx *c,
                            const Type *t); /* of the reader's language; may be NULL */
bool page_kit_reader_field(const Field *f); /* may ever be shown: not secret */

/* ---- options ---- */
/* At most 50 records of a type in the reader's scope; *many: there are more, look them up instead.
 */
Err page_kit_options(const FilterOption **out, size_t *n, bool *many, Ctx *c, const Type *t,
                     Str chosen) MUST;
/* All nodes of a tree type or of one taxonomy kind, "code title", indented by depth. */
Err page_kit_tree(const FilterOption **out, size_t *n, Ctx *c, const Type *t, Str kind,
                  Str chosen) MUST;
const FilterOption *page_kit_choices(size_t *n, Ctx *c, const Field *f, const Str *chosen,
                                     size_t n_chosen);

/* ---- workflow and history ---- */
/* The button of a step that may be taken. */
Button page_kit_step(Ctx *c, const Record *r, const Transition *t);
/* A transition as a button; false when it is not offered to this actor at all. */
Err page_kit_transition(Button *out, bool *offered, Ctx *c, const Record *r,
                        const Transition *t) MUST;
Err page_kit_timeline(TimelineView *out, Ctx *c, const Record *r,
                      const HistoryEntries *entries) MUST;
/* What happened to the rows of a child table, row by row. */
const RowChange *page_kit_row_changes(size_t *n, Ctx *c, const Field *f, Value was, Value becomes);
/* A value of what the engine keeps of every record (unit, owner, state), written in the history. */
Err page_kit_system_change(Cell *out, Ctx *c, const Type *t, Str name, Str text) MUST;
void page_kit_trail(Page *out, Arena *a, Str label, Str href); /* adds a crumb */

/* ---- what belongs to a record ---- */
/* One child type as a section of its parent's page; NULL: nothing to see and nothing to add. */
Err page_children(Block **out, Ctx *c, const Record *r, const Type *child, bool may_add) MUST;

/* ---- forms ---- */
/* One field as the form shows it: what was typed, else what `values` holds. NULL typed: none. */
Err page_kit_form_field(FormField *out, Ctx *c, const Field *f, const Record *values,
                        const Input *typed) MUST;
/* Issues whose field is `name` (or begins with name. or name[) as sentences. */
const Str *page_kit_errors(size_t *n, Ctx *c, Str name);

/* ---- filters of a list ---- */
typedef struct PageQuery {
    const Type *type;
    Str path;     /* "/incidents" */
    Input params; /* in force: no empty values, no cursor; the type's default when none was given */
    Input columns; /* columns=... as chosen, kept in addresses */
    bool is_default;
    bool is_report; /* of a report: without parameters it is not narrowed */
} PageQuery;
/* The address with the parameters `drop1` and `drop2` left out (empty: none) and name=value added.
 */
Str page_kit_href(Ctx *c, const PageQuery *q, Str drop1, Str drop2, const char *name, Str value);
/* all: every filter with its choices, for the panel; else those in force, as sentences. */
Err page_kit_filters(const Filter **out, size_t *n, Ctx *c, const PageQuery *q, bool all) MUST;
/* Every filter with its choices: loaded when somebody opens the panel, a page of its own without
 * script. */
Err page_kit_filter_panel(Block **out, Ctx *c, const PageQuery *q) MUST;

#endif
