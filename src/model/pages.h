/* pages.h: the pages that every record type gets, as views: list, record, form, transition form,
 * history, My work, search. Rights are inside; ERR_MISSING and ERR_DENIED as access.h says.
 * Addresses that the pages write and the frame routes: GET /TYPES, /TYPES/new, /TYPES/NUMBER,
 * .../edit, .../history, .../print,
 * .../do/NAME, /lookup/TYPES?q=; POST /TYPES (new), /TYPES/NUMBER (edit), /TYPES/NUMBER/do/NAME,
 * /TYPES/bulk (a step with _next=PATH leads there afterwards), /views, /views/ID/delete (the last
 * two: saved_view.h). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_PAGES_H
#define MODEL_PAGES_H

#include "model/list.h"

/* What a change request does, field by field: was, becomes. NULL: nothing that may be seen. */
Err page_change_section(Ctx *c, const Record *request, Block **out) MUST;
Err page_list(Ctx *c, const Type *t, const Input *query, Format format, Page *out) MUST;
/* What modules add to the end of a page of another (SectionDef), as far as the reader may see it.
 */
Err page_sections(Ctx *c, const PageDef *def, Page *page) MUST;
void page_record_announce(Ctx *c, const Record *r); /* what it will ask: db_announce */
Err page_record(Ctx *c, const Record *r, const Input *query, Format format, Page *out) MUST;
/* The same for paper: no buttons, nothing folded, is_print. */
Err page_record_print(Ctx *c, const Record *r, const Input *query, Page *out) MUST;
/* New (r NULL) or edit form. typed: what was sent (after ERR_INVALID) or presets from the address;
 * c->issues are shown beside the fields. */
Err page_form(Ctx *c, const Type *t, const Record *r, const Input *typed, Page *out) MUST;
Err page_transition(Ctx *c, const Record *r, const Transition *t, const Input *typed,
                    Page *out) MUST;
/* Where the button of a step leads. */
Str page_step_href(Ctx *c, const Record *r, const Transition *t);
Err page_history(Ctx *c, const Record *r, const Input *query, Page *out) MUST;
Err page_home(Ctx *c, const Input *query, Page *out) MUST; /* My work */
Err page_search(Ctx *c, const Input *query, Page *out) MUST;
/* {"items":[{"key","text"}]} for INPUT_REF type-ahead: records of a type whose title or number
 * matches q, in scope. */
Err page_lookup(Ctx *c, const Type *t, Str q, Page *out) MUST;
/* What a reader may see of a record beside or as one of its fields. */
enum { BELOW_NOTHING, BELOW_UNIT, BELOW_NUMBER };
typedef struct PageColumn {
    const char *name;
    Str label;
    CellKind kind;
    const Field *field; /* NULL: number, title, state, unit, owner, created_by, created_at ... */
    const Condition *condition; /* then its answer, true or false */
    const ColumnDef *added;     /* a module's, filled for all rows at once */
    const Reading *reading;
    int below; /* what stands under a title, BELOW_... */
} PageColumn;
/* All of them but those of `hidden`, in the order of the record's machine form. */
void page_record_columns(const PageColumn **out, size_t *n, Ctx *c, const Type *t, FieldSet hidden);
/* The record as facts, all fields (JSON form of the API). */
Err page_record_facts(Ctx *c, const Record *r, Block **out) MUST;
/* The columns of a list's rows for code-built lists of records (panels). */
Err page_records_list(Ctx *c, const Type *t, const Records *records, const char *const *columns,
                      size_t n, Block **out) MUST;
/* The records of a type as cards in the columns of their states (void ones left out). */
typedef struct BoardQuery {
    const Input *filters;      /* as in the address of the list; may be NULL */
    const char *const *fields; /* of a card; the first is its title */
    size_t n_fields;
    const char *sort; /* of open cards: a sorted field, or "id" */
    Str back;         /* address of the board: where a step leads back to */
} BoardQuery;
Err page_board(Ctx *c, const Type *t, const BoardQuery *query, Block **out) MUST;
/* One step for several records: form holds do=TRANSITION and number=... repeated (at most 200).
 * Each record is its own savepoint: what one may not do does not stop the others. ERR_INVALID when
 * the step asks for a reason or fields. */
Err page_bulk(Ctx *c, const Type *t, const Input *form, int64_t *done, int64_t *refused) MUST;

/* Lines of new children under the name by which they come with a new record of `parent`
 * (record_create_with), one FormField for a form of a module: what is needed of them and what is
 * their headline. *may false: there are none, or the actor may not add them. */
Err page_lines(FormField *out, bool *may, Ctx *c, const Type *parent, const char *name,
               const Input *typed) MUST;

#endif
